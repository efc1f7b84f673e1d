"""A hall ready for work: an installation set up and started, its citizens and officials signed in."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks.browser import Browser
from benchmarks.installation import Installation
from benchmarks.life import Office


@dataclass(frozen=True)
class Citizen:
    """Somebody who applies: a session and the identity number that the form asks for."""

    session: str
    number: str


@dataclass(frozen=True)
class Hall:
    """Who is there, by session. Each browser is a connection of its own."""

    house: Installation
    item: int
    citizens: list[Citizen]
    officials: dict[str, str]
    #: by which a system of the office speaks through the API
    key: str

    def browser(self, session: str) -> Browser:
        """A browser in which somebody has signed in."""
        return Browser(self.house.url, session)

    def office(self) -> Office:
        """Clerk, examiner and head, each at a browser."""
        return Office(*(self.browser(self.officials[role]) for role in ("clerk", "examiner", "head")))


@contextmanager
def opened(name: str, database: str, citizens: int, **options: Any) -> Iterator[Hall]:
    """Set up, people it, start it; everything is gone at the end."""
    with Installation(name, database, **options) as house:
        house.run("setup", "--no-assets")
        yield people(house.start(), citizens)


def people(house: Installation, citizens: int) -> Hall:
    """Make the officials of an office and so many citizens."""
    made = house.ask("benchmarks.people", str(citizens))
    return Hall(house, made["item"], [Citizen(**one) for one in made["citizens"]], made["officials"], made["key"])


def each(work: Callable[[Any], Any], of: list[Any]) -> list[Any]:
    """Do the work for all at once, a thread each; what each gave."""
    with ThreadPoolExecutor(len(of)) as pool:
        return list(pool.map(work, of))
