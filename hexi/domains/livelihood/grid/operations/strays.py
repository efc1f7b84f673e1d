"""Homes whose cell was ended: seen by who looks after people there, and given to a cell that is in use."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.domains.livelihood.grid.models import Cell, Home, Resident
from hexi.domains.livelihood.grid.queries import may_see_homes, stray_homes
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied


def open_strays(*, by: Actor) -> list[Home]:
    """The homes without a cell in use that one may see, each with how many live there; the look is logged."""
    with change(by, "grid.open_stray_homes") as note:
        found = list(stray_homes(by))
        note.rows = [str(one.pk) for one in found]
        return found


def give_homes(homes: Iterable[int], cell: Cell, *, by: Actor) -> int:
    """Give homes of ended cells to a cell in use, with who lives there; how many. Those given already are left.

    One with an address the cell has becomes that home: who lives in both lives there once.
    """
    if not may_see_homes(cell, by):
        raise Denied(_("只有负责这个网格的人员可以登记住户。"))
    with change(by, "grid.give_homes", cell) as note:
        # locked: two that give to it at once make no address twice, and it is not ended meanwhile
        if Cell.objects.current().select_for_update().filter(pk=cell.pk).first() is None:
            raise ValidationError({"cell": _("这个网格也已停用。请另选一个。")})
        chosen = stray_homes(by).filter(pk__in=list(homes)).values_list("pk", flat=True)
        still = Home.objects.filter(pk__in=list(chosen), cell__ended_on__isnull=False)  # no other gave it meanwhile
        found = list(still.select_for_update(of=("self",)).order_by("pk"))
        there = {one.address: one for one in Home.objects.filter(cell=cell, address__in=[one.address for one in found])}
        for home in found:
            if home.address in there:
                _join(home, there[home.address])
            else:
                home.cell = there.setdefault(home.address, home).cell = cell
                home.save(update_fields=["cell"])
        note.rows = [str(one.pk) for one in found]
    return len(found)


def _join(home: Home, into: Home) -> None:
    """Two records of one home become one."""
    both = into.residents.filter(until=None).values("person")
    home.residents.filter(until=None, person__in=both).update(until=clock.today())
    Resident.objects.filter(home=home).update(home=into)
    home.delete()
