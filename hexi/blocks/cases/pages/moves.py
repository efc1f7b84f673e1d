"""How due dates moved, under the clocks of a case: from which day to which, when, and why."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from hexi.blocks.cases.beside import has
from hexi.blocks.cases.kinds import kind_of
from hexi.blocks.cases.models import Case, DueChange
from hexi.blocks.cases.queries import due_changes
from hexi.blocks.cases.states import moved_because
from hexi.ui.words import day


def rows(case: Case) -> list[dict[str, Any]]:
    """Every move, the newest first; none if no date of the case ever moved."""
    if not has(case, DueChange):
        return []
    titles = kind_of(case).clocks
    return [
        {
            "clock": titles[one.clock.kind], "old": _day(one.old), "new": _day(one.new), "at": one.at,
            "why": moved_because(one.why),
        }
        for one in due_changes(case)
    ]  # fmt: skip


def _day(due: datetime | None) -> str:
    return day(due) if due else _("计时暂停")
