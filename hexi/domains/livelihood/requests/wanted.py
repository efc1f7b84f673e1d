"""Whether a job would find anything to do: asked in the transaction of the step, before it is made. Beside jobs."""

from hexi.blocks.notices.channels import MAIL_HOST
from hexi.domains.livelihood.requests import options, queries
from hexi.domains.livelihood.requests.channels import back
from hexi.domains.livelihood.requests.models import MailFollow, Mention, Request
from hexi.kernel.actors import Actor
from hexi.kernel.fixed import Fixed, Given

_MENTION = Fixed(lambda: Mention.objects.filter(request_id=Given("request")).values_list("pk", flat=True)[:1])
_MAILBOX = Fixed(
    lambda: MailFollow.objects.filter(
        request_id=Given("request"), confirmed_at__isnull=False, stopped_at=None
    ).values_list("pk", flat=True)[:1]
)


def sends_alone(request: Request, by: Actor) -> bool:
    """Orders may go out without a person."""
    return options.ALONE.value


def leads(request: Request, by: Actor) -> bool:
    """Others follow it. Nobody comes to follow it meanwhile: whoever merges holds this case's lock as well."""
    return queries.following(request) > 0


def goes_back(request: Request, by: Actor) -> bool:
    """Who has no account here can be told by the way he came."""
    return back.reaches(request)


def under_a_post(request: Request, by: Actor) -> bool:
    """It came from a post at one of the accounts, under which the answer goes."""
    return _MENTION.first(request=request.pk) is not None


def by_mail(request: Request, by: Actor) -> bool:
    """Somebody follows it by e-mail."""
    return bool(MAIL_HOST.value) and _MAILBOX.first(request=request.pk) is not None
