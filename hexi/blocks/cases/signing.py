"""What an applicant may sign on the check page: that papers follow (容缺), that he meets the conditions (告知承诺).

Beside intake, which asks for it and keeps it.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.cases import operations
from hexi.blocks.cases.items import ServiceItem
from hexi.blocks.cases.models import Case, Deferred, Promise
from hexi.blocks.cases.operations import pledging
from hexi.blocks.cases.parts import Material, Pledge
from hexi.blocks.forms.models import Draft
from hexi.blocks.forms.queries import standing_of
from hexi.blocks.forms.saying import listed
from hexi.blocks.people.models import Person
from hexi.kernel.actors import Actor
from hexi.kernel.fixed import Fixed, Given


@dataclass(frozen=True)
class Open:
    """What a draft leaves open: the pledge on offer (None: none, or not to this applicant), and missing materials."""

    pledge: Pledge | None
    barred: bool
    spared: list[Material]
    missing: list[Material]


def standing(draft: Draft, national: ServiceItem, *, first: bool) -> Open:
    """What may be signed for this draft; a pledge only with the `first` submission."""
    empty = [national.material(one.slot.key) for one in standing_of(draft).materials if not one.files]
    return left_open(national, empty, draft.person, first=first)


def left_open(national: ServiceItem, empty: Collection[Material], person: Person | None, *, first: bool = True) -> Open:
    """What this person may sign while these materials are missing."""
    replaces = national.pledge.replaces if national.pledge else ()
    good = first and person is not None and pledging.offered(person)
    return Open(
        pledge=national.pledge if good else None,
        barred=national.pledge is not None and first and not good,
        spared=[one for one in empty if one.key in replaces and one.need != "optional" and not one.deferrable],
        missing=[one for one in empty if one.deferrable and one.need != "optional"],
    )


def require_signed(left: Open, signed: Collection[str]) -> None:
    """Nothing is left out without the applicant's written promise."""
    by_pledge = Promise.Kind.PLEDGE in signed
    if by_pledge and left.pledge is None:
        raise ValidationError(_("不能用告知承诺的方式办理，请按一般程序申请。"))
    if left.spared and not by_pledge:
        named = listed(str(one.title) for one in left.spared)
        raise ValidationError(_("按一般程序办理的，请先上传：%(names)s。") % {"names": named})
    if _to_follow(left, signed) and Promise.Kind.DEFERRAL not in signed:
        raise ValidationError(_("有材料还没有交。请先上传，或读完并勾选“容缺承诺”，受理后在期限内补交。"))


_PROMISED = Fixed(lambda: Deferred.objects.filter(case_id=Given("case")).values_list("pk", flat=True))


def keep(case: Case, left: Open, signed: Collection[str], *, by: Actor) -> None:
    """Keep what was signed, in the transaction of the submission; a pledge is decided on in it."""
    if Promise.Kind.PLEDGE in signed:
        operations.pledge(case, by=by)
    elif left.missing or _PROMISED.any(case=case.pk):
        operations.sign_deferral(case, left.missing, by=by)


def _to_follow(left: Open, signed: Collection[str]) -> list[Material]:
    """A pledge is decided on at once: what it replaces does not follow, all else must be there."""
    if Promise.Kind.PLEDGE not in signed or left.pledge is None:
        return left.missing
    rest = [one for one in left.missing if one.key not in left.pledge.replaces]
    if rest:
        named = listed(str(one.title) for one in rest)
        raise ValidationError(_("按告知承诺办理的，请先上传：%(names)s。") % {"names": named})
    return []
