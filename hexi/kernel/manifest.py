"""Manifests: what each block, door and domain adds to the house, and the one question `added(kind)`."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings

Kind = TypeVar("Kind")


@dataclass(frozen=True)
class Domain:
    """All that one part of the house adds.

    `key` is the folder's name, `title` its Chinese name, `home` its folder, and `adds` one tuple of small
    frozen dataclasses, each owned by the block or storey that understands it.
    """

    key: str
    title: Any
    about: str | None
    home: Path
    adds: tuple[Any, ...] = ()


class Block(Domain):
    """A building block of every domain (`block.py`)."""


class Door(Domain):
    """A front that collects what the domains declare (`door.py`)."""


@dataclass(frozen=True)
class Command:
    """A command of `hexi`: `run(arguments)` gets a parsed `argparse.Namespace` and returns an exit code or None.

    `arguments` adds its parameters: called with the `argparse` sub-parser. `name` may hold a space ("audit verify").
    """

    name: str
    run: Any
    about: str
    arguments: Any = None


@dataclass(frozen=True)
class Prepare:
    """Something that must be ready before the first start; `hexi setup` runs all, lowest rank first, each time.

    `run()` is idempotent. Ranks: 10 keys (before the database is there), 50 data that ships with the house.
    """

    title: str
    run: Any
    rank: int = 50


@dataclass(frozen=True)
class Listener:
    """A server beside the web server, for a protocol of its own: `run(address, port)` answers until the process ends.

    `port` is an option; 0: not started. `hexi listen` runs those that are on, each in a process.
    """

    name: str
    run: Any
    port: Any
    about: str


@dataclass(frozen=True)
class Tell:
    """What a part of the house adds to the demo: `run()` tells it once, through its own operations, and says how much.

    `hexi demo` runs all after its own stories, in a demo installation alone.
    """

    title: str
    run: Any


def places() -> tuple[str, ...]:
    """Dotted modules that hold a manifest, lowest storey first (found by `site.places`)."""
    return tuple(settings.HEXI_PLACES)


@cache
def manifests() -> tuple[Domain, ...]:
    """Every manifest of the installed house, lowest storey first."""
    found = []
    for place in places():
        module = import_module(place)
        own = [value for value in vars(module).values() if isinstance(value, Domain) and value.home == _home(module)]
        if len(own) != 1:
            raise LookupError(f"{place}: one manifest expected, {len(own)} found")
        found.append(own[0])
    return tuple(found)


def _home(module: Any) -> Path:
    return Path(module.__file__).parent


@cache
def added(kind: type[Kind]) -> tuple[Kind, ...]:
    """Everything of one kind that the manifests add, lowest storey first."""
    return tuple(thing for _, thing in added_by(kind))


def added_by(kind: type[Kind]) -> Iterator[tuple[Domain, Kind]]:
    """As `added`, each with the manifest that adds it."""
    for manifest in manifests():
        for thing in manifest.adds:
            if isinstance(thing, kind):
                yield manifest, thing
