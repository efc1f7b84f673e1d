"""What a limit is, what comes out of counting it, and its light; pure, named again by `clocks` beside it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from math import floor


class Unit(StrEnum):
    """What a limit is counted in."""

    WORKING_DAYS = "working_days"
    WORKING_HOURS = "working_hours"
    HOURS = "hours"
    MINUTES = "minutes"
    CALENDAR_DAYS = "calendar_days"

    @property
    def in_days(self) -> bool:
        """True for the two units that end with a day."""
        return self in (Unit.WORKING_DAYS, Unit.CALENDAR_DAYS)


@dataclass(frozen=True)
class Limit:
    """A length of time as law or promise states it: `Limit(20)` is 20 working days.

    0 days is "the same day" (即办): the day of the event, or the next working day if that is a rest day.
    """

    amount: int
    unit: Unit = Unit.WORKING_DAYS

    def __post_init__(self) -> None:
        object.__setattr__(self, "unit", Unit(self.unit))
        if self.amount < 0:
            raise ValueError("a limit cannot be negative")


@dataclass(frozen=True)
class Near:
    """When a clock turns to "near": the last `share` of the limit, or the last `days` if it is in days."""

    share: float = 0.2
    days: int = 1

    def part(self, limit: Limit) -> float:
        """How much of the limit, at its end, is near; whole days in units of days."""
        if limit.unit.in_days:
            return max(self.days, floor(limit.amount * self.share + 1e-9))
        return limit.amount * self.share


class Light(StrEnum):
    """The state of a clock."""

    NORMAL = "normal"
    NEAR = "near"
    OVERDUE = "overdue"
    PAUSED = "paused"


@dataclass(frozen=True)
class Due:
    """When a limit runs out.

    `moment` is the last instant in time, aware (23:59:59.999999 of `day` when it ends at 24:00: so its local day is
    `day`); later than that is overdue. `near` is the first moment of "near". With an open pause both are None, `paused`
    is True, and `left` says how much of the limit (in its unit) will still be there when the pause closes.
    `years` are those, reached by the count, whose holidays were not announced yet: the day may still move.
    """

    limit: Limit
    moment: datetime | None
    day: date | None
    near: datetime | None
    paused: bool = False
    left: float = 0
    years: tuple[int, ...] = ()

    @property
    def uncertain(self) -> bool:
        """True if the day may move when a year's holidays are announced."""
        return bool(self.years)

    def light(self, now: datetime) -> Light:
        """The state at `now`."""
        return Light.PAUSED if self.paused else light(self.moment, self.near, now)


def light(moment: datetime | None, near: datetime | None, now: datetime) -> Light:
    """The state of a clock from its stored `Due.moment` and `Due.near`; no moment: paused."""
    if moment is None:
        return Light.PAUSED
    if now > moment:
        return Light.OVERDUE
    return Light.NEAR if near is not None and now >= near else Light.NORMAL
