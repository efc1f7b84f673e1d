"""To an office and back: dispatch by hand, 首接负责, return once in a day, merge, refuse naming who is in charge."""

from collections.abc import Iterable
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from hexi.blocks.cases import deadlines
from hexi.blocks.cases.models import Case
from hexi.blocks.cases.operations.opening import ask_beside, close_beside, give
from hexi.blocks.regions.codes import prefix
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.requests import facts, hooks, options, ports, queries
from hexi.domains.livelihood.requests.models import Dispatch, Request, Subject
from hexi.domains.livelihood.requests.operations import parts
from hexi.domains.livelihood.requests.states import HANDLE, Refusal, State, Type
from hexi.kernel.actors import Actor
from hexi.kernel.fixed import Fixed, Given

_RETURNED = Fixed(
    lambda: Dispatch.objects.filter(request_id=Given("request"), returned_at__isnull=False).values_list("pk", flat=True)
)
_SUBJECT = Fixed(lambda: Subject.objects.filter(code=Given("code")).values_list("pk", flat=True))


def dispatch(
    request: Request, *, office: Department, subject: str = "", designate: bool = False,
    helpers: Iterable[Department] = (), opinion: str = "", by: Actor, revision: int | None = None,
) -> Request:  # fmt: skip
    """Hand it to an office (主办) and perhaps helpers (协办). An order that came back is handed on for good.

    Whoever is given it first leads it (首接负责): it can be given back once, within a day, with a reason. What the
    proposers said is kept beside the choice. Raises `Denied`, `Stale`, `ValidationError`.
    """
    with parts.official(request, "dispatch", by=by, revision=revision, opinion=opinion) as (one, row):
        fits(office, row)
        # before the choice is written: what is kept is what was proposed without knowing it
        proposed = [offer.kept() for offer in ports.proposals(queries.matter(row))]
        classify(row, subject or row.case.subject)
        returned = _RETURNED.any(request=row.pk)
        why = Dispatch.Why.DESIGNATED if designate else Dispatch.Why.AGAIN if returned else Dispatch.Why.FIRST
        row.designated = designate or returned
        one.office = row.hotline.name
        parts.hand_to(one, row, office, why, proposed=proposed)
        for helper in helpers:
            fits(helper, row, "helper")
            ask_beside(one, helper, HANDLE)
    return row


def dispatch_alone(request: Request, *, by: Actor) -> bool:
    """Send an order out without a person, if `requests.dispatch_alone` is on and the first proposal is sure enough.

    Never an emergency, a secret caller, a report of wrongdoing or what came back; those a person reads.
    """
    came_back = request.dispatches.exists()
    if not options.ALONE.value or request.urgent or request.secret or request.type == Type.REPORT or came_back:
        return False
    first = next(iter(ports.proposals(queries.matter(request))), None)
    if first is None or not first.proposal.subject or first.proposal.confidence < options.CONFIDENT.value:
        return False
    office = Department.objects.filter(key=first.proposal.office, active=True).first()
    if office is None or request.case.state != State.NEW:
        return False
    dispatch(request, office=office, subject=first.proposal.subject, by=by, revision=request.case.revision)
    return True


def classify(request: Request, subject: str) -> None:
    """Give the order its class, within a step; what was counted of it goes along."""
    if not _SUBJECT.any(code=subject):
        raise ValidationError({"subject": _("请选择诉求分类，统计和时限都按它。")})
    if subject != request.case.subject:
        facts.move(request, subject)
        request.case.subject = subject


def give_back(request: Request, *, opinion: str, by: Actor, revision: int | None = None) -> Request:
    """Not this office's business: back to the hotline, which then decides for good (退单).

    Once for an order, within `requests.return_hours`, and not by an office that was designated.
    """
    with parts.official(request, "give_back", by=by, revision=revision, opinion=opinion) as (one, row):
        sent = row.dispatches.order_by("-pk").first()
        if row.designated:
            raise ValidationError(_("热线中心已指定由您单位承办，不能再退。有困难请向热线中心说明。"))
        if sent is None or sent.why not in (Dispatch.Why.FIRST, Dispatch.Why.AGAIN):
            raise ValidationError(_("这件诉求您单位已经答复过，要继续办，不能退单。"))
        hours = options.RETURN_HOURS.value
        if one.at > sent.at + timedelta(hours=hours):
            raise ValidationError(
                _("退单要在派单后 %(n)s 小时内提出，现在已过时限，由您单位负责到底（首接负责）。") % {"n": hours}
            )
        sent.returned_at, sent.return_reason = one.at, one.opinion
        sent.save(update_fields=["returned_at", "return_reason"])
        office = one.case.department
        facts.add(one.case, one.at, office_id=office.pk, region=office.region_code, returned=1)
        one.office, one.public = office.name, False
        close_beside(one.case, by=by, at=one.at)
        give(one, row.hotline)
        one.case.state = State.NEW
        hooks.request_returned.ring(request=row, by=by)
    return row


def refuse(
    request: Request, *, refusal: str, next_owner: str, opinion: str, by: Actor, revision: int | None = None
) -> Request:
    """Not accepted: with the reason, and who is in charge instead, named with how to reach him."""
    if refusal not in Refusal.values:
        raise ValidationError({"refusal": _("请选择不予受理的情形。")})
    owner = parts.require_text(
        next_owner, "next_owner", _("请写明这件事该找谁、怎么找（单位、电话或渠道）。只说“不归我们管”不行。"), 200
    )
    with parts.official(request, "refuse", by=by, revision=revision, opinion=opinion) as (one, row):
        row.refusal, row.next_owner = refusal, owner
        if row.first_at is None:
            deadlines.stop(one.case, parts.FIRST, at=one.at)
        one.opinion = _("%(why)s。%(text)s 请找：%(owner)s") % {
            "why": Refusal(refusal).label, "text": one.opinion, "owner": owner,
        }  # fmt: skip
        parts.end(one, row, State.REFUSED)
        hooks.request_refused.ring(request=row, by=by)
    return row


def merge(request: Request, *, number: str, by: Actor, revision: int | None = None, opinion: str = "") -> Request:
    """The same matter as another open order: from here on it follows that one, and its own followers come along."""
    lead_case = Case.objects.filter(number=number.strip(), kind="request").first()
    if lead_case is None or lead_case.pk == request.case_id:
        raise ValidationError(
            {"number": _("没有编号为 %(number)s 的另一件诉求。请核对编号。") % {"number": number.strip()[:60]}}
        )
    with transaction.atomic():
        # all of them in one order, so that two who merge them into each other do not wait for each other; also the one
        # that the lead follows itself: merged elsewhere at this moment it would leave this one behind
        end = Request.objects.filter(case=lead_case).values_list("lead", "lead__case").get()
        held = {request.case_id, lead_case.pk, end[1]} - {None}
        list(Case.objects.select_for_update().filter(pk__in=held).order_by("pk"))
        lead = Request.objects.select_related("case", "lead__case").get(case=lead_case)
        if lead.lead_id != end[0]:
            raise ValidationError({"number": _("那一件刚刚并入了别的诉求。请再试一次。")})
        lead = lead.lead or lead
        if lead.pk == request.pk or lead.case.state not in (State.NEW, State.HANDLING):
            raise ValidationError({"number": _("那一件已不在办理，或者已经并入这一件，不能再并。")})
        if lead.hotline_id != request.hotline_id:
            raise ValidationError({"number": _("那一件由别的热线受理，不能合并。")})
        with parts.official(request, "merge", by=by, revision=revision, opinion=opinion) as (one, row):
            row.lead = lead
            one.opinion = _("与 %(number)s 是同一件事，一并办理，结果会同样告诉您。") % {"number": lead.case.number}
            one.office = row.hotline.name
            one.case.state = State.MERGED
            close_beside(one.case, by=by, at=one.at)
            # what he is told now is the first word; from here on the clocks of the lead count
            deadlines.stop(one.case, parts.FIRST, parts.HANDLE, at=one.at)
            row.first_at = row.first_at or one.at
            Request.objects.filter(lead=row).update(lead=lead)
            hooks.request_merged.ring(request=row, by=by)
    return row


def fits(office: Department, request: Request, field: str = "office") -> None:
    """The office is in use and within the region the hotline serves. Raises `ValidationError` at the field."""
    if not office.active or not office.region_code.startswith(prefix(request.hotline_region)):
        raise ValidationError({field: _("请选择本地区在用的承办单位。")})
