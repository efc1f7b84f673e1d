"""When missed appointments make booking pause. Pure."""

from collections.abc import Iterable
from datetime import date, timedelta


def paused_until(missed: Iterable[date], *, misses: int, within: int, pause: int) -> date | None:
    """The first day one may book again, by the days on which somebody did not come; None if there was no pause.

    A pause begins on the day of the miss that makes `misses` of them within `within` days, and lasts `pause` days.
    """
    days, until = sorted(missed), None
    for last in range(misses - 1, len(days)):
        if days[last] - days[last - misses + 1] < timedelta(days=within):
            until = days[last] + timedelta(days=pause)
    return until
