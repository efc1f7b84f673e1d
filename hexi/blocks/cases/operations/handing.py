"""Certificate and delivery: what was granted is proved and handed over within ten days (行政许可法 art. 39, 44)."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.cases import deadlines, fees, results
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import Case, Clock
from hexi.blocks.cases.states import State
from hexi.blocks.cases.steps import Step, finish, locked, step
from hexi.blocks.parcels import operations as parcels
from hexi.blocks.parcels.models import Parcel
from hexi.blocks.parcels.queries import live
from hexi.kernel.actors import Actor
from hexi.kernel.packs import Words


def certify(case: Case, *, by: Actor, revision: int | None = None) -> Case:
    """Issue what the item ends in. Delivered at once if the applicant takes it online, else a parcel is made of it."""
    with step(case, "certify", by=by, revision=revision) as one:
        fees.require_paid(one.case)
        if definition(one.case.version).certificate:
            one.case.certificate_ref = results.issue(one.case, by=by)
            one.note.facts["certificate"] = one.case.certificate_ref
        if one.case.delivery == "online":
            deadlines.stop(one.case, Clock.Kind.DELIVERY, at=one.at)
            one.case.state = State.CLOSED
        else:
            one.case.state = State.DELIVERING
            _send_off(one)
    return one.case


def deliver(case: Case, *, by: Actor, opinion: str = "", tracking: str = "", revision: int | None = None) -> Case:
    """Note that it was handed over, where no parcel does so; the tenth-day clock ends here."""
    if live(case) is not None:
        raise ValidationError(_("这件正在送达：窗口领取的凭码交付，快递的等签收，办件会自己办结。"))
    if case.delivery == "courier" and not tracking.strip():
        raise ValidationError({"tracking": _("请填写快递单号，申请人可以查询。")})
    with step(case, "deliver", by=by, revision=revision, opinion=opinion) as one:
        if tracking.strip():
            one.opinion = f"{one.opinion} {_('快递单号')} {tracking.strip()}".strip()
            one.note.facts["tracking"] = tracking.strip()
        deadlines.stop(one.case, Clock.Kind.DELIVERY, at=one.at)
        one.case.state = State.CLOSED
    return one.case


def handed(parcel: Parcel, by: Actor) -> None:
    """Listener: it is in the applicant's hands. Clock and case end at the moment of the proof, however late it came."""
    if parcel.of_kind != Case._meta.label_lower:
        return
    with change(by, "cases.deliver", f"{parcel.of_kind}", parcel=parcel.number) as note:
        case = note.thing = locked(Case(pk=int(parcel.of_ref)))
        if case.state != State.DELIVERING:
            note.facts["nothing"] = True
            return
        assert parcel.delivered_at is not None
        one = Step(case, by, "deliver", note, at=parcel.delivered_at, opinion=f"签收：{parcel.signed_by}")
        deadlines.stop(case, Clock.Kind.DELIVERY, at=one.at)
        case.state = State.CLOSED
        finish(one)


def _send_off(one: Step) -> None:
    """The parcel of what was granted; none for a case that came in before couriers asked for an address."""
    case, place = one.case, definition(one.case.version).local.places[0]
    if case.delivery == "courier" and not case.delivery_to:
        return
    parts = (place.title, place.address, place.window)
    parcels.make(
        case, title=Words(zh=case.title, en=case.item.title_en), way=case.delivery, receiver=case.applicant,
        sender=case.department, to=case.delivery_to, place="，".join(part.zh for part in parts if part), by=one.by,
    )  # fmt: skip
