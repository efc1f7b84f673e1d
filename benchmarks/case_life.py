"""A whole case life through HTTP: 10 fields, 2 files, accept, examine, decide, certify, read.

Twice: as the issue's verbs, one request each (`verbs`; this is the value), and as people walk through it in browsers,
opening every page on the way (`life`).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks import hall, life, report, verbs
from benchmarks.browser import Browser, Unexpected
from benchmarks.hall import Citizen, Hall
from benchmarks.installation import databases

CLIENTS = (1, 8)
#: lives of each client; lives led before, so that every process has made its pages once
EACH, WARM = ({1: 60, 8: 25}, 8) if report.FULL else ({1: 10, 8: 6}, 4)
#: the same in browsers
PAGED = 25 if report.FULL else 3
#: of the verbs' requests, those that send a form; one of them sends two photographs
FORMS = 4
VERBS, PAGES = "the verbs", "in browsers"
GRANIAN = ("granian", "benchmarks.bare:application", "--interface", "wsgi", "--workers", "2", "--blocking-threads", "1")


@dataclass(frozen=True)
class Spent:
    """What lives took: how many a second, CPU seconds and requests of one."""

    per_second: float
    servers: float
    database: float
    requests: float

    @property
    def total(self) -> float:
        """CPU seconds of servers and database."""
        return self.servers + self.database

    def row(self, name: str) -> list[Any]:
        """A line of the table."""
        return [name, self.per_second, self.total, self.servers, self.database, self.requests]


#: the columns of `Spent.row`
HEAD = ("", "lives/s", "CPU-s/life", "servers", "database", "requests")
Lead = Callable[[Hall, list[Citizen]], int]


def measure() -> report.Result:
    """The verbs at 1 and 8 clients, the browser life at 8, on both databases; beside them a bare Django."""
    rows: list[list[Any]] = []
    many = CLIENTS[-1]
    runs: list[tuple[Lead, str, int, int]] = [
        *((_verbs, VERBS, n, EACH[n]) for n in CLIENTS), (_pages, PAGES, many, PAGED)
    ]  # fmt: skip
    for database in databases():
        needed = 2 * WARM + sum(clients * each for _lead, _name, clients, each in runs)
        with hall.opened("life", database, needed, site_api_per_minute=1_000_000) as here:
            citizens = iter(here.citizens)
            for lead in (_verbs, _pages):
                lead(here, [next(citizens) for _ in range(WARM)])
            here.house.rest()
            found = []
            for lead, name, clients, each in runs:
                shares = [[next(citizens) for _ in range(each)] for _ in range(clients)]
                work = lambda lead=lead, shares=shares: sum(hall.each(lambda share: lead(here, share), shares))  # noqa: E731
                found.append(spent(here.house, clients * each, work))
                rows.append(found[-1].row(f"{database}, {clients} clients, {name}"))
            bare = _bare(here, round(found[-2].requests))
            rows.append(bare.row(f"{database}, {many} clients, bare Django, as many requests as the verbs"))
    report.table(HEAD, rows)
    return report.Result("case_life", found[-2].total, "cpu_s/case", bare.total, "the same requests to a bare Django")


def spent(house: Any, lives: int, work: Callable[[], int]) -> Spent:
    """What `work` takes, which leads so many lives and tells how many requests it sent."""
    with house.meter() as meter:
        sent = work()
    return Spent(lives / meter.wall, meter.servers / lives, meter.database / lives, sent / lives)


def _verbs(here: Hall, citizens: list[Citizen]) -> int:
    """One client's lives, each verb one request; while the worker certifies the last one, the next is begun."""
    office, system, waiting = here.office(), here.browser(""), []
    for citizen in citizens:
        number = verbs.submit(system, here.key, here.item, citizen.number)
        verbs.decide(office, number)
        waiting.append(number)
        if len(waiting) == 2:
            _read_file(here, system, waiting.pop(0))
    _read_file(here, system, waiting.pop())
    return system.sent + sum(one.sent for one in office.browsers)


def _read_file(here: Hall, system: Browser, number: str) -> None:
    _until(lambda: verbs.ended(system, here.key, number), number)
    verbs.read(system, here.key, number)


def _pages(here: Hall, citizens: list[Citizen]) -> int:
    """The same in browsers."""
    office, waiting, sent = here.office(), [], 0
    for citizen in citizens:
        browser = here.browser(citizen.session)
        number = life.apply(browser, here.item, citizen.number)
        life.decide(office, number)
        waiting.append((browser, number))
        if len(waiting) == 2:
            sent += _read(*waiting.pop(0))
    sent += _read(*waiting.pop())
    return sent + sum(one.sent for one in office.browsers)


def _read(browser: Browser, number: str) -> int:
    """Read what came of it, as soon as the worker has certified; the requests this citizen sent."""
    _until(lambda: life.ended(browser, number), number)
    life.read(browser, number)
    browser.close()
    return browser.sent


def _until(ended: Callable[[], bool], number: str) -> None:
    """Ask until it has ended. Raises `Unexpected` after a minute."""
    end = time.monotonic() + 60
    while not ended():
        if time.monotonic() > end:
            raise Unexpected(f"{number} has no certificate after a minute")
        time.sleep(0.5)


def _bare(here: Hall, requests: int) -> Spent:
    """The same number of requests, forms and photographs, to the least that Django can be."""
    here.house.stop()
    here.house.start(*GRANIAN, "--port", str(here.house.port))
    clients = CLIENTS[-1]

    def client(citizen: Citizen) -> int:
        browser = here.browser(citizen.session)
        for _ in range(EACH[clients]):
            for n in range(requests - FORMS):
                browser.get("/bare/")
            for n in range(FORMS):
                photographs = {slot: (f"{slot}.jpg", life.photograph()) for slot in life.SLOTS}
                browser.post("/bare/", life.WHO, photographs if n == 0 else None)
        return browser.sent

    hall.each(client, here.citizens[:2])
    return spent(here.house, clients * EACH[clients], lambda: sum(hall.each(client, here.citizens[:clients])))
