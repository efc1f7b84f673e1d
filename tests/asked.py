"""Which statements each test asks the database; by that CI chooses what PostgreSQL answers again (a root plugin).

`--note-asked` writes it down, on SQLite, where every test runs. `--only-database` then keeps the fewest, quickest tests
that together ask every statement there is with every outcome there was, and all races, which meet in threads or other
processes. A test of which nothing was noted stays (docs/decisions/tests.md).
"""

import heapq
import json
import re
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from django.db.backends.utils import CursorWrapper

NOTES = Path(__file__).parent.parent / ".pytest_cache" / "asked"
#: what differs between two runs of one statement: how many values, which numbers
VALUES = re.compile(r"%s(?:, %s)+")
ROWS = re.compile(r"(\([^()]*\))(?:, \1)+")
CASES = re.compile(r"(WHEN [^()]*?THEN \S+ )\1+")
NUMBERS = re.compile(r"\d+")
OF_TRANSACTIONS = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT", "PRAGMA")
#: new statements a second that a test must bring; what takes longer for less runs on SQLite alone
WORTH = 0.5
#: test -> (seconds, the statements it asked)
Asked = dict[str, tuple[float, set[int]]]


def shape(statement: str, outcome: str = "") -> int:
    """One statement, however many values it is given, with what became of it: an error's name."""
    for pattern, less in ((VALUES, "%s"), (ROWS, r"\1"), (CASES, r"\1"), (NUMBERS, "0")):
        statement = pattern.sub(less, statement)
    return crc32(f"{outcome} {statement}".encode())


class Notes:
    """What the tests of this process ask."""

    def __init__(self) -> None:
        self.raw: set[tuple[str, str]] = set()
        self.asked: dict[str, tuple[float, list[int]]] = {}
        self.known: dict[tuple[str, str], int] = {}
        self.skipped: set[str] = set()

    def watch(self) -> None:
        """Note every statement of Django's cursors, whoever asks."""
        for name in ("_execute", "_executemany"):
            setattr(CursorWrapper, name, self._watched(getattr(CursorWrapper, name)))

    def _watched(self, plain: Any) -> Any:
        def execute(cursor: Any, sql: Any, *args: Any) -> Any:
            try:
                answer = plain(cursor, sql, *args)
            except Exception as fault:
                self.raw.add((str(sql), type(fault).__name__))
                raise
            self.raw.add((str(sql), ""))
            return answer

        return execute

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        self.raw.clear()
        begun = time.perf_counter()
        done = yield
        for one in self.raw - self.known.keys():
            self.known[one] = shape(*one)
        found = {self.known[one] for one in self.raw if not one[0].startswith(OF_TRANSACTIONS)}
        if item.nodeid not in self.skipped:  # of what waits for the other database nothing is known
            self.asked[item.nodeid] = (round(time.perf_counter() - begun, 3), sorted(found))
        return done

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember what was skipped."""
        if report.skipped:
            self.skipped.add(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        worker = getattr(session.config, "workerinput", {}).get("workerid", "alone")
        if self.asked:
            (NOTES / f"{worker}.json").write_text(json.dumps(self.asked), "utf-8")


def pytest_addoption(parser: pytest.Parser) -> None:
    """What CI does on SQLite, and after that on PostgreSQL."""
    parser.addoption("--note-asked", action="store_true", help="note which statements each test asks the database")
    parser.addoption("--only-database", action="store_true", help="leave out browsers, and what asks no new statement")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what `--only-database` does not want."""
    if config.getoption("--only-database"):
        there = {one.nodeid: one for one in items if _asks_a_database(one)}
        races = {test for test, one in there.items() if one.get_closest_marker("race")}
        kept = races | fewest(noted(), there.keys() - races)
        items[:] = [one for one in items if one.nodeid in kept]


def _asks_a_database(item: pytest.Item) -> bool:
    """True if the other database could answer otherwise."""
    if item.get_closest_marker("walk"):
        return False
    own = {"db", "transactional_db", "django_db_setup"} & {*getattr(item, "fixturenames", ())}
    return bool(own or item.get_closest_marker("django_db") or item.get_closest_marker("race"))


def pytest_configure(config: pytest.Config) -> None:
    """Begin to note, in the workers or in the one process there is."""
    if not config.getoption("--note-asked"):
        return
    NOTES.mkdir(parents=True, exist_ok=True)
    if not hasattr(config, "workerinput"):
        for old in NOTES.glob("*.json"):
            old.unlink()
    notes = Notes()
    notes.watch()
    config.pluginmanager.register(notes)


def noted() -> Asked:
    """What was noted; empty if nothing was."""
    return {
        test: (seconds, set(statements))
        for path in sorted(NOTES.glob("*.json"))
        for test, (seconds, statements) in json.loads(path.read_text("utf-8")).items()
    }


def fewest(asked: Asked, tests: Iterable[str]) -> set[str]:
    """Of the tests, those that together ask all that all of them ask; the most new statements a second come first.

    One that takes more than two seconds for each is left out. A test of which nothing is known is kept.
    """
    there = set(tests)
    kept = there - asked.keys()
    queue = [(-float("inf"), test) for test in sorted(there - kept)]
    covered: set[int] = set()
    while queue and queue[0][0] < -WORTH:
        _, test = heapq.heappop(queue)
        seconds, statements = asked[test]
        gain = -len(statements - covered) / max(seconds, 0.001)
        if queue and gain > queue[0][0]:  # others cover part of it by now: it waits its turn again
            if gain:
                heapq.heappush(queue, (gain, test))
        elif gain < -WORTH:
            kept.add(test)
            covered |= statements
    return kept
