"""Sample data: the real calendar without a database, a seeded nation, a region with its own days."""

from datetime import date, datetime, time
from functools import cache
from typing import Any

from hexi.blocks.calendars import operations, published
from hexi.blocks.calendars.clocks import ZONE, Kind, OfficeTime, WorkCalendar
from hexi.blocks.calendars.models import Calendar, Day, Year
from hexi.blocks.regions import queries as regions
from hexi.blocks.regions.codes import NATION
from hexi.blocks.regions.tests.make import make_division
from hexi.kernel import clock
from hexi.kernel.actors import Scope, Scoped, System
from hexi.kernel.tests.kept import kept

SYSTEM = System("tests")
LINXIA = "622900000000"
YUMEN = "620981000000"
TOWN = "620981106000"
#: how long the morning and the afternoon are differs, so that a mix-up shows
HALVES = ((time(8, 30), time(12)), (time(14, 30), time(18)))


class Clerk(Scoped):
    """An actor who holds the given verbs within one region."""

    key, name = "account:1", "测试员"

    def __init__(self, *verbs: str, region: str = ""):
        self._verbs, self._region = verbs, region

    def scopes(self, verb: str) -> tuple[Scope, ...]:
        return (Scope(None, self._region),) if verb in self._verbs else ()


def make_week(*halves: tuple[time, time], **valid: date) -> list[OfficeTime]:
    """The same stretches from Monday to Friday."""
    return [OfficeTime(day, start, end, **valid) for day in range(5) for start, end in halves or HALVES]


@cache
def _published() -> tuple[dict[date, Kind], list[int]]:
    rows = {day.date: day.kind for year in published.years(2027) for day in published.days(year)}
    return rows, [year for year in published.years(2027) if published.announced(year)]


def make_work_calendar(**more: Any) -> WorkCalendar:
    """What is published for 2004–2026, without a database; 2027 is not announced."""
    return WorkCalendar(*_published(), **more)


def make_nation() -> Calendar:
    """The nation's calendar, as `operations.seed` leaves it."""
    if not Calendar.objects.exists():
        kept(_seed, Calendar, Day, Year, of=clock.today().year)
    elif not Calendar.objects.filter(region_code=NATION).exists():
        _seed()
    return Calendar.objects.get(region_code=NATION)


def _seed() -> None:
    operations.seed(by=SYSTEM)


def make_calendar(region_code: str = LINXIA, name: str = "临夏回族自治州") -> Calendar:
    """A region's own calendar, without rows; the division too if it is not there."""
    if regions.find(region_code) is None:
        make_division(region_code, name)
    return operations.open_calendar(region_code, by=SYSTEM)


def at(text: str) -> datetime:
    """A moment in China: at("2026-02-13 16:00"), at("2026-02-13") for noon."""
    day, _space, clock = text.partition(" ")
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(clock or "12:00"), ZONE)


class Acting:
    """Middleware in place of the site's own: everybody is `Acting.actor`, so pages are tested without accounts."""

    actor: Scoped = Clerk()

    def __init__(self, respond: Any):
        self._respond = respond

    def __call__(self, request: Any) -> Any:
        request.actor = self.actor
        return self._respond(request)
