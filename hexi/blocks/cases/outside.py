"""What other systems are told of a case: events for their webhooks, in the step's transaction. Beside operations."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from hexi.blocks.cases import hooks
from hexi.blocks.cases.models import Case, Letter
from hexi.blocks.certificates.hooks import certificate_issued
from hexi.blocks.certificates.models import Certificate
from hexi.blocks.notices.webhooks import EventType, announce
from hexi.kernel.actors import Actor
from hexi.kernel.fixed import Fixed, Given
from hexi.kernel.hooks import Listen

VERB = "cases.view"


def _tell(name: str, case: Case, **more: Any) -> None:
    """Number, item and state: what happened, nothing of what was written in the form."""
    data = {"number": case.number, "item": case.item_id, "title": case.title, "state": str(case.state)}
    data |= {"outcome": str(case.outcome), "revision": case.revision, **more}
    announce(f"cases.{name}", case.number, data, department=case.department_id, region=case.region_code)


def submitted(case: Case, by: Actor) -> None:
    """Listener."""
    _tell("submitted", case)


def accepted(case: Case, by: Actor) -> None:
    """Listener."""
    _tell("accepted", case, deemed=case.deemed)


def corrected(case: Case, by: Actor) -> None:
    """Listener."""
    _tell("corrected", case)


def decided(case: Case, by: Actor) -> None:
    """Listener."""
    _tell("decided", case)


def ended(case: Case, by: Actor) -> None:
    """Listener."""
    _tell("ended", case)


def asked(letter: Letter, by: Actor) -> None:
    """Listener: a letter that asks the applicant for something."""
    if letter.kind in ("correction", "give_back"):
        _tell("asked", letter.case, letter=letter.number, points=letter.facts.get("points", {}))


_CASE = Fixed(lambda: Case.objects.filter(pk=Given("case")))


def certified(certificate: Certificate, by: Actor) -> None:
    """Listener: a case ended in a certificate."""
    if certificate.case_kind == Case._meta.label_lower:
        case = _CASE.get(case=int(certificate.case_ref))
        _tell("certified", case, certificate=certificate.identifier)


ADDS = (
    EventType("cases.submitted", _("收到申请"), VERB),
    EventType("cases.asked", _("要求补正或更正"), VERB),
    EventType("cases.corrected", _("补正已交"), VERB),
    EventType("cases.accepted", _("受理"), VERB),
    EventType("cases.decided", _("作出决定"), VERB),
    EventType("cases.certified", _("制证"), VERB),
    EventType("cases.ended", _("办结"), VERB),
    Listen(hooks.case_submitted, submitted),
    Listen(hooks.case_accepted, accepted),
    Listen(hooks.case_corrected, corrected),
    Listen(hooks.case_decided, decided),
    Listen(hooks.case_ended, ended),
    Listen(hooks.letter_written, asked),
    Listen(certificate_issued, certified),
)
