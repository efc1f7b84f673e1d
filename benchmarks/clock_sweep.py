"""Seconds to recompute the clocks of 100,000 open cases after a day of rest was put into the calendar (P4)."""

import json
import sys
import time
from typing import Any

from benchmarks import report
from benchmarks.installation import Installation, databases

CASES = 100_000 if report.FULL else 5_000


def measure() -> report.Result:
    """The sweep on both databases; beside it the same clocks read and written without asking the calendar."""
    rows: list[list[Any]] = []
    for database in databases():
        with Installation("sweep", database) as house:
            house.run("setup", "--no-assets")
            found = house.ask("benchmarks.clock_sweep", str(CASES))
        rows.append([database, *found.values()])
    report.table(("", "open cases", "moved", "dues in the log", "seconds", "bare seconds", "wrong"), rows)
    last = rows[-1]
    return report.Result("clock_sweep", last[4], "seconds", last[5], "read and write without a calendar", last[6])


def sweep(cases: int) -> dict[str, Any]:
    """Runs inside the installation: open cases, a day of rest within all their limits, the sweep, and the proof."""
    from datetime import timedelta

    from hexi.blocks.calendars import operations as calendars
    from hexi.blocks.calendars.models import Calendar
    from hexi.blocks.calendars.queries import calendar_for
    from hexi.blocks.cases import operations
    from hexi.blocks.cases.models import Case, Clock, DueChange
    from hexi.blocks.people.tests import make as people
    from hexi.kernel import clock

    _open_cases(cases)
    calendar = Calendar.objects.order_by("pk").first()
    today = clock.today()
    day = calendar_for("").next_working_day(today + timedelta(1))
    assert calendar is not None
    calendars.set_day(calendar, day=day, kind="rest", name="bench", by=people.BY)
    began = time.perf_counter()
    moved = operations.recount_open("", today, why="bench", by=people.BY)
    seconds = time.perf_counter() - began
    started = time.perf_counter()
    _bare()
    bare = time.perf_counter() - started
    wrong = sum(
        calendar_for(one.case.region_code).due(one.start, one.length).moment != one.due
        for one in Clock.objects.filter(stopped_at=None).select_related("case").iterator(2000)
    )
    return {
        "cases": Case.objects.open().count(), "moved": moved, "log": DueChange.objects.count(),
        "seconds": seconds, "bare": bare, "wrong": wrong,
    }  # fmt: skip


def _open_cases(many: int) -> None:
    """Cases under examination, accepted on the days before today, each with its legal and its promised clock."""
    from hexi.blocks.calendars.queries import calendar_for
    from hexi.blocks.cases import synthetic
    from hexi.blocks.cases.definitions import definition
    from hexi.blocks.cases.models import Case, Clock, DueChange, Item, ItemVersion
    from hexi.blocks.cases.states import State
    from hexi.blocks.people.synthetic import inhabitants
    from hexi.blocks.people.tests import make as people
    from hexi.kernel import clock

    items = list(Item.objects.select_related("version__item__department", "department").order_by("pk"))
    persons = inhabitants(200, regions=sorted({one.region_code for one in items}), by=people.BY)
    synthetic.make(many, by=people.BY, items=items, persons=persons)
    Clock.objects.all().delete()
    DueChange.objects.all().delete()
    accepted, made = clock.now(), []
    Case.objects.update(state=State.EXAMINING, accepted_at=accepted, decided_at=None, ended_at=None, outcome="")
    rules = {one.pk: definition(one) for one in ItemVersion.objects.filter(cases__isnull=False).distinct()}
    for case, version, region in Case.objects.values_list("pk", "version", "region_code").iterator(2000):
        calendar = calendar_for(region)
        for kind, limit in ((Clock.Kind.LEGAL, rules[version].legal), (Clock.Kind.PROMISED, rules[version].promised)):
            due = calendar.due(accepted, limit)
            made.append(Clock(
                case_id=case, kind=kind, start=accepted, amount=limit.amount, unit=limit.unit, due=due.moment,
                near=due.near, uncertain=due.uncertain,
            ))  # fmt: skip
    Clock.objects.bulk_create(made, batch_size=1000)


def _bare() -> None:
    """The reference: every running clock read and written back as it is, a thousand in a transaction."""
    from django.db import connection, transaction

    from hexi.blocks.cases.models import Clock

    columns = ("due", "near", "uncertain", "pk")
    written = f"UPDATE {Clock._meta.db_table} SET due = %s, near = %s, uncertain = %s WHERE id = %s"
    last = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            running = Clock.objects.select_for_update().filter(stopped_at=None, pk__gt=last).order_by("pk")
            rows = list(running.values_list(*columns)[:1000])
            if not rows:
                return
            cursor.executemany(written, rows)
            last = rows[-1][-1]


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hexi.site.settings")
    django.setup()
    print(json.dumps(sweep(int(sys.argv[1]))))
