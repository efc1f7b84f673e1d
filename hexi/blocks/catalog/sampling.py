"""Rows looked at to measure a data set: some of the newest, each a mapping by column. Stands beside queries.

Where rows are kept is said by a `Sampled` of the manifest: own registers here, loaded versions by the loads.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from hexi.blocks.catalog import own
from hexi.blocks.catalog.models import Entry
from hexi.kernel.manifest import added


@dataclass(frozen=True)
class Sample:
    """`rows` of `total`; as they are stored, unmasked: they are measured and forgotten."""

    total: int
    rows: list[Mapping[str, Any]]


@dataclass(frozen=True)
class Sampled:
    """How the rows of some kinds of data set are read: `read(entry, most)`, None if it has none."""

    kinds: tuple[str, ...]
    read: Callable[[Entry, int], Sample | None]


@dataclass(frozen=True)
class Reads:
    """Somebody who counts reads: `count(since)` gives how often each entry (its pk) was read since a moment."""

    key: str
    count: Callable[[Any], Mapping[int, int]]


def sample(entry: Entry, most: int) -> Sample | None:
    """At most so many rows; None where the catalogue holds none."""
    reader = next((one for one in added(Sampled) if entry.kind in one.kinds), None)
    return reader.read(entry, most) if reader else None


def read_own(entry: Entry, most: int) -> Sample | None:
    """Of an own register the rows made last."""
    found = own.of(entry)
    if found is None:
        return None
    rows: Iterable[Mapping[str, Any]] = found.rows().order_by("-pk")[:most].iterator(chunk_size=2000)
    plain = [{name.removeprefix("c_"): value for name, value in row.items()} for row in islice(rows, most)]
    return Sample(found.queryset().count(), plain)
