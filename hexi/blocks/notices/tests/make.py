"""Sample notices, and a channel that only notes what it was given."""

from dataclasses import dataclass, field
from operator import attrgetter

from hexi.blocks.notices import operations
from hexi.blocks.notices.channels import Channel, Message, Outcome
from hexi.blocks.notices.contacts import Recipient
from hexi.blocks.notices.models import Delivery, Notice
from hexi.kernel import clock
from hexi.kernel.actors import System

BY = System("make")


@dataclass
class Postbox:
    """What was sent by the sample channel, and what it shall answer: an outcome or an error each, then success."""

    taken: list[Message] = field(default_factory=list)
    answers: list[Outcome | BaseException] = field(default_factory=list)

    def send(self, message: Message) -> Outcome:
        """Note the message and answer."""
        self.taken.append(message)
        answer = self.answers.pop(0) if self.answers else Outcome(sent=True, answer="250 ok")
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def channel(self, key: str = "sms") -> Channel:
        """A channel that ends here; it needs a phone number, as SMS does."""
        return Channel(key, "短信", self.send, attrgetter("phone"), lambda: True, lambda address: address[-2:])


def make_notice(recipient: Recipient, key: str = "notices.test") -> Notice:
    """One notice in the inbox of an account or person."""
    return operations.tell(recipient, key, facts={"at": clock.now()}, by=BY)[0]


def make_failure(recipient: Recipient) -> Delivery:
    """A delivery that was given up."""
    given_up = {"state": Delivery.State.FAILED, "tries": 7, "answer": "400 no"}
    notice, now = make_notice(recipient), clock.now()
    delivery, _new = Delivery.objects.get_or_create(notice=notice, channel="sms", defaults={"due": now, "made_at": now})
    Delivery.objects.filter(pk=delivery.pk).update(**given_up)
    delivery.refresh_from_db()
    return delivery
