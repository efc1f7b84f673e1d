"""What each request of a life costs in CPU and statements: led in one process, without HTTP and without a worker.

`python -m benchmarks.inside case` (or `request`) makes an installation on each database, leads some lives of both kinds
and prints a line a request; what the worker would do stands as one of its own. PROFILE=name also writes what cProfile
says of it, by CPU time, to name.<database>.<kind>. The figures of `case_life` and `request_life` come through HTTP.
"""

import cProfile
import io
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import Message
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from benchmarks import report
from benchmarks.browser import Browser
from benchmarks.installation import Installation, databases
from benchmarks.processes import backends, seconds

WARM, LIVES = 5, 20
#: lives of each kind that the people made can lead
MOST = 2 * (WARM + LIVES)
KINDS = ("verbs", "pages")
#: a part of an address that names one thing: digits, or the key of a draft
VALUE = re.compile(r"\d|^\w{16}$")
Life = Callable[[], None]


def main(which: str) -> None:
    """Make the installations and have each told from inside."""
    for database in databases():
        with Installation("inside", database, site_api_per_minute=1_000_000) as house:
            house.run("setup", "--no-assets")
            print(f"\n{database}\n{house.inside('benchmarks.inside', which, 'here')}")


# --- inside -----------------------------------------------------------------------------------------------------------
class Count:
    """What was spent by request: how often, CPU milliseconds, statements."""

    def __init__(self) -> None:
        self.spent: dict[str, list[float]] = {}
        self.statements = 0

    def __call__(self, execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        """Django calls this for each statement."""
        self.statements += 1
        return execute(sql, params, many, context)

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Count what is done inside under this name."""
        before, began = self.statements, time.process_time()
        yield
        took = (1000 * (time.process_time() - began), self.statements - before)
        held = self.spent.setdefault(name, [0, 0, 0])
        self.spent[name] = [held[0] + 1, held[1] + took[0], held[2] + took[1]]

    def table(self, lives: int) -> None:
        """Print it, and the sum, for one life."""
        rows: list[list[Any]] = [[name, *(one / lives for one in found)] for name, found in self.spent.items()]
        rows.append(["a life", *(sum(row[place] for row in rows) for place in (1, 2, 3))])
        report.table(("", "times", "CPU ms", "statements"), rows)


class Visitor(Browser):
    """A browser whose requests are answered in this process."""

    def __init__(self, application: Any, counted: Count, session: str = ""):
        super().__init__("http://127.0.0.1:1", session)
        self._application, self._counted = application, counted

    def _exchange(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, Message, bytes]:
        address = urlsplit(path)
        asked = {
            "REQUEST_METHOD": method, "PATH_INFO": address.path, "QUERY_STRING": address.query, "SCRIPT_NAME": "",
            "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "127.0.0.1",
            "REMOTE_ADDR": "127.0.0.1", "CONTENT_LENGTH": str(len(body or b"")), "wsgi.input": io.BytesIO(body or b""),
            "wsgi.url_scheme": "http", "wsgi.errors": sys.stderr, "wsgi.version": (1, 0),
            **{("" if name == "Content-Type" else "HTTP_") + name.upper().replace("-", "_"): value
               for name, value in headers.items()},
        }  # fmt: skip
        given: list[Any] = []
        with self._counted.of(f"{method} {_shape(path)}"):
            answer = self._application(asked, lambda status, found: given.extend((status, found)))
            content = b"".join(answer)
            getattr(answer, "close", bool)()
        found = Message()
        for name, value in given[1]:
            found[name] = value
        return int(given[0].split()[0]), found, content


def _shape(path: str) -> str:
    """The address without its query and the numbers in it."""
    parts = path.partition("?")[0].split("/")
    return "/".join("…" if VALUE.search(part) and part != "v1" else part for part in parts)


def here(which: str, kinds: tuple[str, ...] = KINDS) -> None:
    """Lead the lives in this installation and print what each request took."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hexi.site.settings")
    django.setup()
    from django.db import connection

    from hexi.site.wsgi import application

    name = str(connection.settings_dict["NAME"]) if connection.vendor == "postgresql" else ""
    counted = Count()
    made = (_case if which == "case" else _request)(application, counted)
    with connection.execute_wrapper(counted):
        for kind in kinds:
            for _ in range(WARM):
                made[kind]()
            counted.spent.clear()
            profile = cProfile.Profile(time.process_time) if os.environ.get("PROFILE") else None
            before = {pid: seconds(pid) for pid in backends(name)} if name else {}
            for _ in range(LIVES):
                if profile:
                    profile.runcall(made[kind])
                else:
                    made[kind]()
            print(f"\n{kind}, {LIVES} lives")
            counted.table(LIVES)
            if name:
                used = sum(seconds(pid) - before.get(pid, 0.0) for pid in backends(name))
                print(f"PostgreSQL's processes: {1000 * used / LIVES:.0f} ms a life")
            if profile:
                profile.dump_stats(f"{os.environ['PROFILE']}.{connection.vendor}.{kind}")


def _worked(counted: Count) -> None:
    """Do what the worker would."""
    from hexi.kernel.jobs import drain

    with counted.of("the worker's jobs"):
        drain()


def _case(application: Any, counted: Count) -> dict[str, Life]:
    from benchmarks import life, people, verbs

    made = people.made(MOST)
    citizens, system = iter(made["citizens"]), Visitor(application, counted)
    office = life.Office(
        *(Visitor(application, counted, made["officials"][role]) for role in ("clerk", "examiner", "head"))
    )

    def by_verbs() -> None:
        number = verbs.submit(system, made["key"], made["item"], next(citizens)["number"])
        verbs.decide(office, number)
        _worked(counted)
        assert verbs.ended(system, made["key"], number)
        verbs.read(system, made["key"], number)

    def by_pages() -> None:
        who = next(citizens)
        browser = Visitor(application, counted, who["session"])
        number = life.apply(browser, made["item"], who["number"])
        life.decide(office, number)
        _worked(counted)
        life.read(browser, number)

    return {"verbs": by_verbs, "pages": by_pages}


def _request(application: Any, counted: Count) -> dict[str, Life]:
    from benchmarks import request_life, verbs

    made = request_life.people()
    desk = verbs.Desk(
        *(Visitor(application, counted, made["sessions"][role]) for role in request_life.ROLES), made["office"]
    )
    phones = count(1)

    def one(do: Callable[[verbs.Desk, str], None]) -> Life:
        def whole() -> None:
            do(desk, f"1000{next(phones):07}")
            _worked(counted)

        return whole

    return {"verbs": one(verbs.order), "pages": one(request_life.lead)}


if __name__ == "__main__":
    if sys.argv[2:3] == ["here"]:
        here(sys.argv[1], tuple(sys.argv[3:]) or KINDS)
    else:
        main(sys.argv[1])
