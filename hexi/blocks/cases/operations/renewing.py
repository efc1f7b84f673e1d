"""Certificates that a case was about to renew or change (延续, 变更); renewal by law; letters when one ends."""

from datetime import datetime, time

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import override

from hexi.blocks.audit.operations import change
from hexi.blocks.cases import deadlines, letters, quotas, renewals, waiting
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.hooks import case_decided
from hexi.blocks.cases.models import Case, Clock, Concern
from hexi.blocks.cases.operations.accepting import accept_deemed
from hexi.blocks.cases.states import UNDER_EXAMINATION, Outcome, State
from hexi.blocks.cases.steps import Step, finish, locked
from hexi.blocks.certificates.models import Certificate
from hexi.blocks.certificates.models import State as Standing
from hexi.kernel import clock
from hexi.kernel.actors import Actor
from hexi.ui.words import day, on_paper

#: the letter that goes with what became of a certificate
ENDINGS = {Standing.REVOKED: "revocation", Standing.CANCELLED: "cancellation", Standing.FORFEITED: "forfeiture"}
#: steps that hand the application to the office, and those that hand it back to the applicant
TO_OFFICE, TO_APPLICANT = ("submit", "mend", "supplement"), ("give_back", "ask_correction")


def concern(case: Case, certificate: Certificate, kind: str, *, by: Actor) -> Concern:
    """Say which certificate a case is to renew or change; one open case of a kind for each. For the intake."""
    with change(by, "cases.concern", case, certificate=certificate.identifier, kind=kind):
        held = Certificate.objects.select_for_update().get(pk=certificate.pk)
        if kind not in renewals.possible(held):
            raise ValidationError(_("这张证照现在不能办理%(what)s。") % {"what": Concern.Kind(kind).label})
        return Concern.objects.create(
            case=case, certificate=held, kind=kind, expires=held.valid_to, in_time=renewals.in_time(held)
        )


def renew_deemed(case: Case, *, by: Actor) -> bool:
    """视为准予延续: asked for in time and not decided when the old term ended (行政许可法 art. 50).

    Done by a job that may run late and twice at once; it counts from the end of the old term, never from the run.
    Returns False if there was nothing (left) to do.
    """
    if case.state == State.SUBMITTED:
        accept_deemed(case, by=by)  # nothing was told for five days: accepted first
    with change(by, "cases.renew_deemed", case) as note:
        case = locked(case)
        about = Concern.objects.select_related("certificate").filter(case=case, kind=Concern.Kind.RENEW).first()
        if about is None or not _due(case, about):
            note.facts["nothing"] = True
            return False
        end = _end(about)
        _put_in_order(case, end)
        Concern.objects.filter(pk=about.pk).update(deemed=True)
        one = Step(case, by, "renew_deemed", note, at=end)
        cut = quotas.keep_to_share(case)  # a renewal keeps its place and takes no new one
        _granted_by_law(one)
        with override("zh-hans"), on_paper():
            one.opinion = "有效期届满前没有作出是否准予延续的决定，依照行政许可法第五十条，视为准予延续。"
            if cut:
                one.opinion += "数量按原许可延续；申请增加的部分不在视为准予之列，需要的请另行申请变更。"
                note.facts["cut"] = True
            one.letter = letters.write(case, "renewed", by=by, day_of=day(about.expires))
        finish(one)
    return True


def _due(case: Case, about: Concern) -> bool:
    over = about.in_time and about.expires is not None and about.expires < clock.today()
    if not over or case.state not in UNDER_EXAMINATION or waiting.outstanding(case).exists():
        return False
    # noted as expired, or held: it did not go on, and what did not go on is renewed by a decision alone
    held = about.certificate
    return held.state == Standing.VALID and not held.superseded and _with_office(case, _end(about))


def _end(about: Concern) -> datetime:
    assert about.expires is not None
    return datetime.combine(about.expires, time.max, clock.CHINA)


def _with_office(case: Case, at: datetime) -> bool:
    """True unless the application lay with the applicant then (补正, 退回): his delay is not the office's silence."""
    turn = case.events.filter(action__in=(*TO_OFFICE, *TO_APPLICANT), at__lte=at).order_by("pk").last()
    return turn is not None and turn.action in TO_OFFICE


def _put_in_order(case: Case, end: datetime) -> None:
    """Nothing begins after the end it is given: acceptance by hand, clocks and pauses that a late run finds."""
    if case.accepted_at is None or case.accepted_at > end:
        case.accepted_at = min(case.received_at, end)
        case.clocks.filter(stopped_at=None, start__gt=end).update(start=case.accepted_at)
    deadlines.end_pauses(case, at=end)
    deadlines.recount(case, "renewed by law")


def _granted_by_law(one: Step) -> None:
    case = one.case
    case.decided_at, case.outcome, case.state = one.at, Outcome.GRANTED, State.CERTIFYING
    deadlines.stop(case, Clock.Kind.LEGAL, Clock.Kind.PROMISED, at=one.at)
    late = case.clocks.filter(kind__in=(Clock.Kind.LEGAL, Clock.Kind.PROMISED), met=False).exists()
    one.count(granted=1, late=int(late), in_time=int(not late), days_used=deadlines.days_used(case, one.at))
    deadlines.start(case, Clock.Kind.DELIVERY, at=one.at, limit=definition(case.version).delivery)
    one.rings(case_decided)


def tell_change(certificate: Certificate, before: str, by: Actor) -> None:
    """Listener: a certificate was revoked, cancelled or forfeited; a letter with reason and remedies goes with it."""
    kind = ENDINGS.get(Standing(certificate.state))
    case = renewals.origin(certificate)
    if kind and case:
        last = certificate.changes.last()
        reason = last.reason if last else ""
        letters.write(case, kind, by=by, reason=reason, remedy=definition(case.version).remedy)


def tell_replaced(certificate: Certificate, reason: str, by: Actor) -> None:
    """Listener: a certificate was corrected; renewed and changed ones have their decision already."""
    case = renewals.origin(certificate)
    if case and not certificate.case_ref:
        letters.write(case, "amended", by=by, reason=reason)
