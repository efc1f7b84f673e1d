"""Orders of a hotline by the million, through HTTP: lists at the workbench, public list, home, search round a point.

`make bench B=orders_million`; SIZE=full for the issue's 1,000,000, on PostgreSQL or, where there is none, SQLite. Some
thousand orders of a year are made as rows and then multiplied inside the database. The reference is the first page's
rows of the public list by bare SQL, without counts or page.
"""

import json
import os
import sys
import time
from statistics import median
from typing import Any

from benchmarks import copies, report
from benchmarks.case_lists import looked, queries
from benchmarks.installation import Installation, databases
from benchmarks.worklist_million import settle

ORDERS, LOOKS = (1_000_000, 40) if report.FULL else (20_000, 10)
#: orders made one by one; the others are their copies
SEED = 20_000 if report.FULL else 4_000
#: share of the orders that are still open: a week or two of a year
OPEN = 0.04
#: pages above so many milliseconds are named
AIM = 100
REGION = "620981000000"
#: (who looks, what at); the first is the one that is compared
PAGES = (
    ("", "/requests/open/"),
    ("", "/requests/open/?view=closed"),
    ("", "/requests/open/?class=01"),
    ("", "/requests/open/?place=620981106000"),
    ("", "/requests/open/?view=closed&page=500"),
    ("", "/requests/open/?view=closed&sort=-submitted_at"),
    ("", "/requests/"),
    ("", "/requests/answers/"),
    ("", "/requests/league/"),
    ("", "/open311/v2/requests.json"),
    ("", "/open311/v2/requests.json?lat=40.3&long=97.03&radius=500"),
    ("dispatcher", "/work/requests/"),
    ("dispatcher", "/work/requests/desk/"),
    ("dispatcher", "/work/requests/?view=all"),
    ("dispatcher", "/work/requests/?view=all&page=500"),
    ("dispatcher", "/work/requests/?view=over"),
    ("dispatcher", "/work/requests/?view=rate"),
    ("dispatcher", "/work/requests/?view=bad"),
    ("dispatcher", "/work/requests/?view=all&class=01"),
    ("dispatcher", "/work/requests/?view=all&q=HM0000000123"),
    ("dispatcher", "/work/requests/?view=all&q=%E8%B7%AF%E7%81%AF"),
    ("dispatcher", "/work/requests/?view=all&q=10000000007"),
    ("dispatcher", "/work/requests/callbacks/"),
    ("dispatcher", "/work/requests/calls/"),
    ("office", "/work/requests/"),
    ("office", "/work/requests/?view=all"),
)


def measure() -> report.Result:
    """Each page: queries, p50, p95, CPU; beside it the bare rows."""
    database = databases()[-1]
    with Installation("orders", database, requests_open311_per_minute=100_000) as house:
        house.run("setup", "--no-assets")
        made = house.ask("benchmarks.orders_million", "fill", str(ORDERS), str(SEED))
        print(f"{database}: {made['note']}", flush=True)
        house.start()
        rows = []
        for (who, path), asked in zip(PAGES, made["queries"], strict=True):
            times, cpu = looked(house, made["sessions"].get(who, ""), path, LOOKS)
            rows.append([who or "visitor", path, asked, median(times), report.p95(times), cpu])
        bare = house.ask("benchmarks.orders_million", "bare", str(LOOKS))
    report.table(("who", "page", "queries", "p50 ms", "p95 ms", "CPU ms"), rows)
    slow = [row[1] for row in rows if row[4] > AIM]
    print(f"p95 above {AIM} ms: {', '.join(slow) or 'none'}; the public rows by bare SQL: p50 {median(bare):.2f} ms")
    return report.Result("orders_million", rows[0][4], "p95 ms", report.p95(bare), "the rows by bare SQL")


# --- inside the installation ------------------------------------------------------------------------------------------
def fill(orders: int, seed: int) -> dict[str, Any]:
    """A year of orders, multiplied; who looks, and how many queries each page makes."""
    from benchmarks.people import session
    from hexi.blocks.people.tests import make as people
    from hexi.domains.livelihood.requests.models import Hotline, Request

    hotline = Hotline.objects.select_related("department").get(region_code=REGION)
    began = time.monotonic()
    offices = seeded(hotline, min(orders, seed), orders)
    multiply(max(0, orders // seed - 1))
    settle()
    place = {"region_code": REGION}
    accounts = {
        "dispatcher": people.make_official("hotline_dispatcher", department=hotline.department, **place),
        "office": people.make_official("order_handler", department=offices[0], **place),
    }
    sessions = {role: session(account) for role, account in accounts.items()}
    found = Request.objects.count()
    opened = Request.objects.filter(case__ended_at=None).count()
    note = f"{found:,} orders, {opened:,} open, made in {time.monotonic() - began:.0f} s"
    return {"sessions": sessions, "note": note, "queries": [queries(sessions.get(who), path) for who, path in PAGES]}


def seeded(hotline: Any, many: int, whole: int) -> list[Any]:
    """So many orders as rows, evenly over a year; the offices that have them. The same every time."""
    import random
    from datetime import timedelta

    from hexi.blocks.cases.models import Case, Task
    from hexi.blocks.regions.models import Department
    from hexi.domains.livelihood.requests import callers
    from hexi.domains.livelihood.requests.models import Request, Subject
    from hexi.kernel import clock

    chance, now = random.Random(12345), clock.now()
    offices = list(Department.objects.filter(region_code=REGION).order_by("pk"))
    classes = list(Subject.objects.filter(level=3).values_list("code", flat=True))
    places = [f"62098110{town}{village:03}" for town in range(10) for village in range(200, 212)]
    signs = [callers.lookup(f"1000{n:07}") for n in range(500)]
    things = ("路灯不亮", "暖气不热", "垃圾没人收", "井盖丢失", "夜里施工吵人", "公交不停", "工资拖欠", "停水两天")
    opened = round(many * OPEN)
    cases, requests = [], []
    for number in range(many):
        at = now - timedelta(days=365) * (many - number) / many
        over = number < many - opened
        state = "closed" if over else chance.choice(("new", "handling", "handling", "handling", "answered"))
        office = hotline.department if state == "new" else chance.choice(offices)
        text = f"{chance.choice(places)[6:]}片{chance.choice(things)}，请派人来看。"
        cases.append(Case(
            number=f"HM{number:07}000", kind="request", title=f"求助：{text}", state=state,
            submission=f"bench:{number}:000", subject=chance.choice(classes), department=office,
            region_code=office.region_code, submitted_at=at,
            received_at=at, applicant_name="石建国", channel="phone", ended_at=at + timedelta(days=4) if over else None,
            next_due=None if over else at + timedelta(days=5),
        ))  # fmt: skip
        requests.append(Request(
            text=text, hotline=hotline.department, hotline_region=REGION, place_code=chance.choice(places),
            lat=round(40.2 + chance.random() / 5, 6), lon=round(96.9 + chance.random() / 4, 6),
            caller_lookup=chance.choice(signs), first_at=at, solved=True if over else None,
            satisfied=chance.choice((2, 4, 5, 5, 5)) if over else None, urgent=chance.random() < 0.002,
            public=over and chance.random() < 0.02, public_text=text, public_answer="已办。", published_at=at,
        ))  # fmt: skip
    made = Case.objects.bulk_create(cases, batch_size=1000)
    for case, request in zip(made, requests, strict=True):
        request.case = case
    Request.objects.bulk_create(requests, batch_size=1000)
    stages = {
        "new": ("dispatch", "requests.dispatch"),
        "handling": ("handle", "requests.handle"),
        "answered": ("callback", "requests.callback"),
    }
    Task.objects.bulk_create(
        [Task(case=one, stage=stages[one.state][0], verb=stages[one.state][1], department_id=one.department_id,
              region_code=one.region_code, opened_at=one.submitted_at, due=one.next_due)
         for one in made if one.state in stages], batch_size=1000,
    )  # fmt: skip
    return offices


def multiply(times: int) -> None:
    """Copies of every order with its case and task: keys and numbers differ, the point is moved a little."""
    from hexi.blocks.cases.models import Case, Task
    from hexi.domains.livelihood.requests.models import Request

    def changed(model: Any, copy: int) -> dict[str, str]:
        if model is Case:
            return {"number": f"substr(\"number\", 1, 9) || '{copy:03}'", "submission": f"\"submission\" || ':{copy}'"}
        return {"lat": f'"lat" + {copy} * 0.00001'} if model is Request else {}

    copies.multiply((Case, Request, Task), times, changed)


def bare(looks: int) -> list[float]:
    """Milliseconds of the public list's first rows: open orders of the region, newest first."""
    return copies.asked(
        "SELECT c.number, c.subject, c.state, d.name, c.submitted_at, r.place_code FROM requests_request r "
        "JOIN cases_case c ON c.id = r.case_id JOIN regions_department d ON d.id = c.department_id "
        "WHERE NOT r.secret AND c.ended_at IS NULL AND r.place_code LIKE '620981%' ORDER BY r.id DESC LIMIT 20",
        looks,
    )


def main(words: list[str]) -> int:
    """What the benchmark starts inside the installation."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hexi.site.settings")
    django.setup()
    given = map(int, words[1:])
    print(json.dumps(fill(*given) if words[0] == "fill" else bare(*given)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
