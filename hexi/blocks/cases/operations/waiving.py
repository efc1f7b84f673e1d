"""免收费用: the fee of a granted case was never owed, or a law lets the office not charge it; an officer says why."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.cases import fees
from hexi.blocks.cases.hooks import fee_waived
from hexi.blocks.cases.models import Case, FeeWaiver
from hexi.blocks.cases.parties import require_stranger
from hexi.blocks.cases.steps import Step, finish, locked
from hexi.blocks.money import operations as money
from hexi.blocks.money.models import Charge
from hexi.kernel.actors import Actor, require

VERB = "money.waive"


def waive_fee(case: Case, *, reason: str, by: Actor) -> FeeWaiver:
    """What the item was charged for this case is not owed: it is not charged anew, and the certificate waits no longer.

    Still open it is cancelled; what was given back stays given back. With the reason in the log and on the timeline,
    where the applicant reads it. Needs `money.waive` at the office; nobody waives his own. A second one is told so.
    """
    if not reason.strip():
        raise ValidationError({"reason": _("请写明免收的理由和依据，申请人会看到。")})
    with change(by, "cases.waive_fee", case, reason=reason.strip()) as note:
        case = locked(case)
        require(by, VERB, case.department_id, case.region_code)
        require_stranger(by, case)
        charge = fees.waivable(case)
        if charge is None:
            raise ValidationError(_("这件办件没有可以免收的费用：还没有决定，已经缴清，或者已经免收。请刷新后再看。"))
        if charge.state == Charge.State.OPEN:
            money.cancel(charge, reason=reason.strip(), by=by)
        made = FeeWaiver.objects.create(
            case=case, charge=charge.number, fen=charge.fen, reason=reason.strip(), by_key=by.key, by_name=by.name
        )
        note.facts |= {"charge": charge.number, "fen": charge.fen}
        one = Step(case, by, "waive_fee", note, opinion=reason.strip())
        one.rings(fee_waived)
        finish(one)
    return made
