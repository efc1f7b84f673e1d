"""Verification on site (行政许可法 arts 34(3), 55(2)): two distinct officers, photos and place, both vouch for it."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.cases import joint, procedures
from hexi.blocks.cases.models import Case, SiteVisit
from hexi.blocks.cases.operations.proceeding import at_work
from hexi.blocks.cases.parties import acts
from hexi.blocks.documents import queries as papers
from hexi.blocks.people import queries as people
from hexi.blocks.people.models import Account
from hexi.kernel.actors import Actor, Denied

KIND, PHOTOS = "cases.sitevisit", "photos"


def plan_visit(case: Case, by: Actor) -> None:
    """Listener: accepted; where every case is visited, the five days to name the officers begin."""
    if procedures.visits_always(case):
        assert case.accepted_at is not None
        SiteVisit.objects.create(case=case, assign_until=procedures.due(case, case.accepted_at, procedures.ASSIGN))


def assign_visit(case: Case, *, first: Account, second: Account, by: Actor) -> SiteVisit:
    """Send two officers of the examining office; again until they have been there."""
    if first.pk == second.pk:
        raise ValidationError({"second": _("现场核查要由两名以上工作人员进行，请另选一人。")})
    with at_work(case, "visit_assigned", by=by) as one:
        for field, account in (("first", first), ("second", second)):
            _require_officer(one.case, field, account)
        visit = SiteVisit.objects.filter(case=one.case, confirmed_at=None).first()
        if visit is None:
            assert one.case.accepted_at is not None
            until = procedures.due(one.case, one.case.accepted_at, procedures.ASSIGN)
            visit = SiteVisit(case=one.case, assign_until=until)
        if visit.found_by_id:
            raise ValidationError(_("核查情况已经填写，等另一人确认，不能再换人。"))
        visit.first, visit.second, visit.assigned_at = first, second, one.at
        visit.save()
        one.public, one.opinion = False, f"{first}、{second}"
    return visit


def record_visit(
    visit: SiteVisit, *, place: str, findings: str, passed: bool, by: Actor, at: datetime | None = None,
    latitude: object = None, longitude: object = None,
) -> SiteVisit:  # fmt: skip
    """One of the two writes what they found; photographs must be there already."""
    faults = {}
    if not place.strip():
        faults["place"] = _("请写明核查地点。")
    if not findings.strip():
        faults["findings"] = _("请写明核查情况。")
    if (latitude is None) != (longitude is None):
        faults["latitude"] = _("经纬度要一起填写。")
    if not papers.of_thing(KIND, str(visit.pk), PHOTOS).exists():
        faults["photos"] = _("请上传现场照片。")
    if faults:
        raise ValidationError(faults)
    with at_work(visit.case, "visit_found", by=by, opinion=findings) as one:
        visit = SiteVisit.objects.get(pk=visit.pk)
        _require_sent(visit, by)
        if visit.found_by_id:
            raise ValidationError(_("核查情况已经填写，请另一人确认。"))
        visit.visited_at, visit.place, visit.findings, visit.passed = at or one.at, place.strip(), one.opinion, passed
        visit.latitude, visit.longitude = latitude, longitude
        visit.found_by_id = by.account_id  # type: ignore[attr-defined]
        visit.save()
        one.public = False
    return visit


def confirm_visit(visit: SiteVisit, *, by: Actor) -> SiteVisit:
    """The other of the two vouches for it."""
    with at_work(visit.case, "visit_confirmed", by=by) as one:
        visit = SiteVisit.objects.get(pk=visit.pk)
        _require_sent(visit, by)
        if visit.found_by_id is None or visit.confirmed_at is not None:
            raise ValidationError(_("没有等待确认的核查情况。"))
        if visit.found_by_id == by.account_id:  # type: ignore[attr-defined]
            raise Denied(_("要由另一名核查人员确认。"))
        visit.confirmed_at = one.at
        visit.save()
        one.public = False
    return visit


def _require_officer(case: Case, field: str, account: Account) -> None:
    officer = people.actor_for(account)
    if acts(officer, case):
        raise ValidationError({field: _("%(name)s与申请人有关，应当回避。") % {"name": account}})
    if not officer.may(joint.VERB, case.department_id, case.region_code):
        raise ValidationError({field: _("%(name)s不是本机关的审查人员。") % {"name": account}})


def _require_sent(visit: SiteVisit, by: Actor) -> None:
    if getattr(by, "account_id", None) not in (visit.first_id, visit.second_id) or visit.assigned_at is None:
        raise Denied(_("只有被指派的核查人员可以填写和确认。"))
