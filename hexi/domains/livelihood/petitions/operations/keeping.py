"""Who is kept out of a petition and let in again, and terms a region sets for itself."""

from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hexi.blocks.audit.operations import change
from hexi.blocks.calendars.clocks import Unit
from hexi.blocks.cases.operations.opening import own_step
from hexi.blocks.people.models import Account
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.petitions import rules
from hexi.domains.livelihood.petitions.access import may_read
from hexi.domains.livelihood.petitions.models import Office, Petition, Recusal, Term
from hexi.domains.livelihood.petitions.operations import parts
from hexi.domains.livelihood.petitions.operations.recusing import end_barred
from hexi.domains.livelihood.petitions.states import DECIDE, TERMS, State
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, require

#: how a term is counted, in the words of the form
UNIT_WORDS = {Unit.CALENDAR_DAYS.value: gettext_lazy("天"), Unit.WORKING_DAYS.value: gettext_lazy("工作日")}


def recuse(
    petition: Petition, *, why: str, by: Actor, account: Account | None = None, unit: Department | None = None
) -> Recusal:
    """Keep somebody, or a unit, out (arts 28, 30). Whoever was named and is kept out now is named no more."""
    _require(petition, by)
    if (account is None) == (unit is None):
        raise ValidationError({"account": _("请选择一个人，或者一个单位。")})
    if why not in Recusal.Why.values:
        raise ValidationError({"why": _("请选择原因。")})
    with own_step(petition.case, "recuse", by=by, states=tuple(State)) as one:
        if unit is not None and unit.pk in (one.case.department_id, one.case.department.parent_id):
            raise ValidationError({"unit": _("这件信访事项正在这个单位。请先交还或者改送，再登记回避。")})
        one.public = False
        row = parts.of(one.case)
        found, _new = Recusal.objects.get_or_create(
            petition=row, account=account, unit=unit, defaults={"why": why, "by": by.key, "at": one.at}
        )
        end_barred(row)
    return found


def clear(recusal: Recusal, *, by: Actor, why: str) -> None:
    """It was a mistake (somebody else of the same name): he may know of it again. Not for who is complained of."""
    _require(recusal.petition, by)
    if recusal.why == Recusal.Why.COMPLAINED:
        raise ValidationError(_("被反映的人和单位不能解除回避。"))
    why = parts.required(why, "why", _("请写明为什么可以解除。"))
    with own_step(recusal.petition.case, "clear", by=by, states=tuple(State)) as one:
        one.public, one.opinion = False, why
        recusal.delete()


def set_term(
    office: Office, *, step: str, amount: int, unit: str, law: str, clause: str, valid_from: date, by: Actor
) -> Term:
    """A term of the region's own, from a day on; running clocks keep theirs. None that is worse than the law's."""
    require(by, TERMS, office.department_id, office.region_code)
    if valid_from <= clock.today():
        raise ValidationError({"valid_from": _("启用日期从明天起选，已经开始的期限不改。")})
    law_says = rules.national(step, valid_from)
    if law_says is not None and rules.worse(step, amount, unit, law_says):
        told = {"law": f"{law_says.law}{law_says.clause}", "n": law_says.amount, "unit": UNIT_WORDS[law_says.unit]}
        words = (
            _("%(law)s规定 %(n)s %(unit)s，本地只能更长，不能更短。")
            if step in rules.PETITIONERS
            else _("%(law)s规定 %(n)s %(unit)s，本地只能更短，不能更长。")
        )
        raise ValidationError({"amount": words % told})
    with change(by, "petitions.set_term") as note:
        row = Term(step=step, region_code=office.region_code, amount=amount, unit=unit, law=law, clause=clause,
                   verified=False, valid_from=valid_from)  # fmt: skip
        row.full_clean()
        row.save()
        note.thing = row
    return row


def _require(petition: Petition, by: Actor) -> None:
    """The petition office that reads it."""
    require(by, DECIDE, petition.office_id, petition.office_region)
    if not may_read(petition, by):
        raise Denied(_("这件信访事项只由被指定的承办人办理。请联系本单位负责人指定。"))
