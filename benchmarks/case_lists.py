"""Lists at 100,000 cases: what the applicant, the office, the supervisor and everybody open, through HTTP."""

import json
import sys
import time
from statistics import median
from typing import Any

from benchmarks import report
from benchmarks.browser import Browser
from benchmarks.installation import Installation, databases

CASES, LOOKS = (100_000, 40) if report.FULL else (5_000, 20)
#: inhabitants who share the cases, and how often the citizen who looks is drawn as one of them is
PEOPLE, SHARE = 500, 5
#: (who looks, what at): "" is a visitor, the others are roles; the first is the page without a list
PAGES = (
    ("", "/progress/"),
    ("citizen", "/my/cases/"),
    ("examiner", "/work/inbox/"),
    ("examiner", "/work/cases/"),
    ("examiner", "/work/cases/?q=%E6%B5%B7"),
    ("supervisor", "/work/"),
    ("supervisor", "/work/cases/"),
    ("supervisor", "/work/cases/?view=near"),
    ("supervisor", "/work/cases/?page=50"),
    ("supervisor", "/work/items/"),
    ("", "/statistics/"),
    ("", "/decisions/"),
)


def measure() -> report.Result:
    """Each page on both databases; the worst p95 of the last one, beside a page without a list."""
    rows: list[list[Any]] = [[who or "visitor", path] for who, path in PAGES]
    for database in databases():
        with Installation("lists", database) as house:
            house.run("setup", "--no-assets")
            made = house.ask("benchmarks.case_lists", str(CASES))
            print(f"{database}: {made['note']}", flush=True)
            house.start()
            found = [looked(house, made["sessions"].get(who, ""), path, LOOKS) for who, path in PAGES]
        for row, queries, (times, cpu) in zip(rows, made["queries"], found, strict=True):
            row += [queries, median(times), report.p95(times), cpu]
    head = [f"{database} {word}" for database in databases() for word in ("queries", "median ms", "p95 ms", "CPU ms")]
    report.table(("who", "page", *head), rows)
    worst = max(row[-2] for row in rows[1:])
    return report.Result("case_lists", worst, "p95 ms", rows[0][-2], "a page without a list")


def looked(house: Installation, session: str, path: str, looks: int) -> tuple[list[float], float]:
    """Milliseconds of each look, after both servers have made the page once; CPU milliseconds of one."""
    browser = Browser(house.url, session)
    for _ in range(6):
        browser.get(path)
    with house.meter() as meter:
        times = [_milliseconds(browser, path) for _ in range(looks)]
    browser.close()
    return times, meter.total * 1000 / looks


def _milliseconds(browser: Browser, path: str) -> float:
    began = time.perf_counter()
    browser.get(path)
    return (time.perf_counter() - began) * 1000


def fill(cases: int) -> dict[str, Any]:
    """Runs inside the installation: the cases of a year, who looks at them, and the queries each page makes."""
    from benchmarks.people import session
    from hexi.blocks.cases import synthetic
    from hexi.blocks.cases.models import Case, Item, Task
    from hexi.blocks.people.synthetic import inhabitants
    from hexi.blocks.people.tests import make as people

    items = list(Item.objects.select_related("version__item__department", "department").order_by("pk"))
    citizen = people.make_citizen("looker")
    persons = inhabitants(PEOPLE, regions=sorted({one.region_code for one in items}), by=people.BY)
    began = time.monotonic()
    synthetic.make(cases, by=people.BY, items=items, persons=[*persons, *[citizen.person] * SHARE])
    synthetic.analyse()
    seconds = time.monotonic() - began
    place = {"department": items[0].department, "region_code": items[0].region_code}
    accounts = {"citizen": citizen} | {role: people.make_official(role, **place) for role in ("examiner", "supervisor")}
    sessions = {role: session(account) for role, account in accounts.items()}
    office = Task.objects.filter(department=items[0].department, done_at=None).count()
    mine = Case.objects.filter(applicant=citizen.person).count()
    note = f"{Case.objects.count():,} cases made in {seconds:.0f} s; {mine} of one citizen, {office} open at the office"
    return {"sessions": sessions, "note": note, "queries": [queries(sessions.get(who), path) for who, path in PAGES]}


def queries(session: str | None, path: str) -> int:
    """How many queries a page makes, once everything that is kept in memory has been read."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(SERVER_NAME="localhost")
    if session:
        client.cookies["sessionid"] = session
    client.get(path)
    with CaptureQueriesContext(connection) as made:
        assert client.get(path).status_code == 200, path
    return len(made)


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hexi.site.settings")
    django.setup()
    print(json.dumps(fill(int(sys.argv[1]))))
