"""Certificate and delivery: what was granted is proved and handed over within ten days (行政许可法 art. 39, 44)."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.cases import deadlines, results
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import Case, Clock
from hexi.blocks.cases.states import State
from hexi.blocks.cases.steps import step
from hexi.kernel.actors import Actor


def certify(case: Case, *, by: Actor, revision: int | None = None) -> Case:
    """Issue what the item ends in. Delivered at once if the applicant takes it online."""
    with step(case, "certify", by=by, revision=revision) as one:
        if definition(one.case.version).certificate:
            one.case.certificate_ref = results.issue(one.case, by=by)
            one.note.facts["certificate"] = one.case.certificate_ref
        if one.case.delivery == "online":
            deadlines.stop(one.case, Clock.Kind.DELIVERY, at=one.at)
            one.case.state = State.CLOSED
        else:
            one.case.state = State.DELIVERING
    return one.case


def deliver(case: Case, *, by: Actor, opinion: str = "", tracking: str = "", revision: int | None = None) -> Case:
    """Hand over at the window, or to the courier with its tracking number; the tenth-day clock ends here."""
    if case.delivery == "courier" and not tracking.strip():
        raise ValidationError({"tracking": _("请填写快递单号，申请人可以查询。")})
    with step(case, "deliver", by=by, revision=revision, opinion=opinion) as one:
        if tracking.strip():
            one.opinion = f"{one.opinion} {_('快递单号')} {tracking.strip()}".strip()
            one.note.facts["tracking"] = tracking.strip()
        deadlines.stop(one.case, Clock.Kind.DELIVERY, at=one.at)
        one.case.state = State.CLOSED
    return one.case
