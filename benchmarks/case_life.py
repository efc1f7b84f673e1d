"""A whole case life through HTTP: 10 fields, 2 files, accept, examine, decide, certify, read."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks import hall, life, report
from benchmarks.browser import Browser, Unexpected
from benchmarks.hall import Citizen, Hall
from benchmarks.installation import databases

CLIENTS = (1, 8)
#: lives of each client; lives led before, so that every process has made its pages once
EACH, WARM = ({1: 60, 8: 25}, 8) if report.FULL else ({1: 10, 8: 4}, 4)
#: of a life's requests, those that send a form; one of them sends two photographs
FORMS = 7
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


def measure() -> report.Result:
    """Lives at 1 and 8 clients on both databases; beside them as many requests to a bare Django."""
    rows: list[list[Any]] = []
    for database in databases():
        with hall.opened("life", database, WARM + sum(many * EACH[many] for many in CLIENTS)) as here:
            citizens = iter(here.citizens)
            _lives(here, [[next(citizens) for _ in range(WARM)]])
            for clients in CLIENTS:
                shares = [[next(citizens) for _ in range(EACH[clients])] for _ in range(clients)]
                whole = _spent(here, clients * EACH[clients], lambda shares=shares: _lives(here, shares))
                rows.append([f"{database}, {clients} clients", whole])
            bare = _bare(here, round(whole.requests))
            rows.append([f"{database}, {CLIENTS[-1]} clients, bare Django", bare])
    report.table(
        ("", "lives/s", "CPU-s/life", "servers", "database", "requests"),
        ([name, one.per_second, one.total, one.servers, one.database, one.requests] for name, one in rows),
    )
    return report.Result("case_life", whole.total, "cpu_s/case", bare.total, "the same requests to a bare Django")


def _spent(here: Hall, lives: int, work: Callable[[], int]) -> Spent:
    """What `work` takes, which leads so many lives and tells how many requests it sent."""
    with here.house.meter() as meter:
        sent = work()
    return Spent(lives / meter.wall, meter.servers / lives, meter.database / lives, sent / lives)


def _lives(here: Hall, shares: list[list[Citizen]]) -> int:
    """Each client leads the lives of its citizens; the number of requests."""
    return sum(hall.each(lambda share: _client(here, share), shares))


def _client(here: Hall, citizens: list[Citizen]) -> int:
    """One life after the other; while the worker certifies the last one, the next is begun."""
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
    end = time.monotonic() + 60
    while not life.ended(browser, number):
        if time.monotonic() > end:
            raise Unexpected(f"{number} has no certificate after a minute")
        time.sleep(0.5)
    life.read(browser, number)
    browser.close()
    return browser.sent


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
    return _spent(here, clients * EACH[clients], lambda: sum(hall.each(client, here.citizens[:clients])))
