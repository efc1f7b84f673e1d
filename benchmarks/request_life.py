"""An order's whole life through HTTP: taken in with its place, dispatched, noted, finished, called back, read.

Twice: as these six verbs, one request each (`verbs`; this is the value), and as operator, dispatcher and office lead it
in browsers, opening every page on the way. The reference is as many requests to a bare Django beside it (`bare`).
Signalen, the Dutch system for the same work, was published with 0.35 CPU-seconds for five requests; it was not run.
"""

import json
import os
import sys
from collections.abc import Callable
from typing import Any

from benchmarks import hall, life, report, verbs
from benchmarks.browser import Browser
from benchmarks.case_life import GRANIAN, HEAD, PAGES, VERBS, Spent, spent
from benchmarks.installation import Installation, databases
from benchmarks.verbs import CLASS, TOMORROW, Desk

CLIENTS = (1, 8)
#: lives of each client; lives led before, so that every process has made its pages once
EACH, WARM = ({1: 100, 8: 50}, 10) if report.FULL else ({1: 15, 8: 10}, 4)
#: the same in browsers
PAGED = 50 if report.FULL else 3
#: of the verbs' requests, those that send a form
FORMS = 5
#: seconds of CPU a life may cost
AIM = 0.07
REGION, OFFICE = "620981000000", "yumen-housing"
ROLES = {"operator": "hotline_operator", "dispatcher": "hotline_dispatcher", "office": "order_handler"}
Lead = Callable[[Desk, str], None]


def measure() -> report.Result:
    """The verbs at 1 and 8 clients, the browser life at 8, on both databases; beside them a bare Django."""
    rows: list[list[Any]] = []
    many = CLIENTS[-1]
    runs: list[tuple[Lead, str, int, int]] = [
        *((verbs.order, VERBS, n, EACH[n]) for n in CLIENTS), (lead, PAGES, many, PAGED)
    ]  # fmt: skip
    for database in databases():
        with Installation("requests", database) as house:
            house.run("setup", "--no-assets")
            made = house.ask("benchmarks.request_life")
            house.start()
            for do in (verbs.order, lead):
                _lives(house, made, do, 1, WARM)
            house.rest()
            found = []
            for do, name, n, each in runs:
                work = lambda do=do, n=n, each=each: _lives(house, made, do, n, each)  # noqa: E731
                found.append(spent(house, n * each, work))
                rows.append(found[-1].row(f"{database}, {n} clients, {name}"))
            value = found[1]
            bare = _bare(house, made, round(value.requests))
            rows.append(bare.row(f"{database}, {many} clients, bare Django, as many requests as the verbs"))
    report.table(HEAD, rows)
    print(f"aim {AIM} CPU-s/life: {'met' if value.total <= AIM else 'missed'}; Signalen, published: 0.35")
    return report.Result("request_life", value.total, "cpu_s/life", bare.total, "the same requests to a bare Django")


def _lives(house: Installation, made: dict[str, Any], do: Lead, clients: int, many: int) -> int:
    """Each client leads so many lives; the number of requests."""
    return sum(hall.each(lambda client: _client(house, made, do, client, many), list(range(clients))))


def _client(house: Installation, made: dict[str, Any], do: Lead, client: int, many: int) -> int:
    desk = Desk(*(Browser(house.url, made["sessions"][role]) for role in ROLES), made["office"])
    for n in range(many):
        do(desk, f"1000{client:03}{n:04}")
    return desk.sent


def lead(desk: Desk, phone: str) -> None:
    """One life in browsers; its last page must say that it is over."""
    form = desk.operator.get("/work/requests/intake/")
    where = desk.operator.post("/work/requests/intake/", verbs.said(phone, form.hidden("key")))
    number = verbs.numbered(where)
    desk.operator.get(where)
    _act(desk.dispatcher, number, "dispatch", office=desk.key, subject=CLASS)
    _act(desk.office, number, "note", opinion="已派路灯维修队。", promised=TOMORROW)
    _act(desk.office, number, "reply", opinion="两盏灯已更换，当晚恢复照明。")
    _act(desk.operator, number, "call", reached="yes", solved="yes", satisfied="5")
    verbs.over(desk.operator, number)


def _act(official: Browser, number: str, action: str, **said: str) -> None:
    """Open the order, take an action, see where it has led."""
    page = official.get(f"/work/requests/{number}/")
    fields = {"revision": page.hidden("revision"), **{f"{action}__{name}": text for name, text in said.items()}}
    official.get(official.post(f"/work/requests/{number}/{action}/", fields))


def _bare(house: Installation, made: dict[str, Any], requests: int) -> Spent:
    """The same number of requests and forms, to the least that Django can be."""
    house.stop()
    house.start(*GRANIAN, "--port", str(house.port))
    clients = CLIENTS[-1]

    def client(_n: int) -> int:
        browser = Browser(house.url, made["sessions"]["operator"])
        for _ in range(EACH[clients]):
            for _page in range(requests - FORMS):
                browser.get("/bare/")
            for _form in range(FORMS):
                browser.post("/bare/", life.WHO)
        return browser.sent

    hall.each(client, [1, 2])
    return spent(house, clients * EACH[clients], lambda: sum(hall.each(client, list(range(clients)))))


# --- inside the installation ------------------------------------------------------------------------------------------
def people() -> dict[str, Any]:
    """An operator, a dispatcher, somebody of an office; their sessions."""
    from benchmarks.people import session
    from hexi.blocks.people.tests import make
    from hexi.blocks.regions.models import Department
    from hexi.domains.livelihood.requests.models import Hotline

    hotline, office = Hotline.objects.get(region_code=REGION), Department.objects.get(key=OFFICE)
    where = {"operator": hotline.department, "dispatcher": hotline.department, "office": office}
    accounts = {
        name: make.make_official(
            role, department=where[name], region_code=where[name].region_code, username=f"b-{name}"
        )
        for name, role in ROLES.items()
    }
    return {"sessions": {name: session(one) for name, one in accounts.items()}, "office": str(office.pk)}


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hexi.site.settings")
    django.setup()
    print(json.dumps(people()))
    sys.exit(0)
