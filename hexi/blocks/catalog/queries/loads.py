"""Reading sources, loads and versions; and the rows of an entry as the store reads them."""

import hashlib
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from django.db.models import Q, QuerySet

from hexi.blocks.catalog import own
from hexi.blocks.catalog.models import UNDER_WAY, Asked, Entry, Grant, Load, Source, Version
from hexi.blocks.catalog.queries import entries
from hexi.blocks.catalog.sampling import Sample
from hexi.blocks.catalog.store import engine, files, options
from hexi.blocks.catalog.store.checking import Field
from hexi.blocks.catalog.store.engine import Stored, View
from hexi.blocks.catalog.store.grammar import Column, Fault, Query, parse
from hexi.kernel import clock
from hexi.kernel.actors import Actor, within

WRITE, KEEP = entries.WRITE, entries.KEEP
ENDS = ("entry__provider_id", "entry__region_code")
#: how long it counts what was asked of an own table
REMEMBERED = timedelta(days=31)


def rows_of(entry: Entry, version: Version | None = None) -> Stored | View | None:
    """The rows of an entry for `store.engine`: of an own table, of the current version, or of another one.

    None where there are no rows (yet). Columns stand as the rows have them; who shows them narrows by its items.
    """
    found = own.of(entry)
    if found is not None:
        columns = tuple(Column(one.name, one.type, str(one.title.zh)) for one in found.said.columns)
        return View(found.queryset(), columns, found.paths, entry.code)
    version = version or entry.versions.filter(current=True).first()
    return None if version is None else stored(version, entry)


def stored(version: Version, entry: Entry | None = None) -> Stored:
    """A version as the engine reads it."""
    entry = entry or version.entry
    columns = tuple(one.column for one in fields_of(version.fields))
    return Stored(files.place(entry.code, version.number), columns, version.rows, entry.code)


def read_rows(entry: Entry, most: int) -> Sample | None:
    """The last rows of the version in use, for measuring; None while nothing was loaded."""
    version = entry.versions.filter(current=True).first()
    if version is None or not files.available():
        return None
    query = Query(limit=most, offset=max(version.rows - most, 0))
    return Sample(version.rows, list(engine.rows(stored(version, entry), query, count=False).dicts()))


def fields_of(said: Iterable[dict]) -> tuple[Field, ...]:
    """What is kept as JSON, as fields."""
    return tuple(Field(**one) for one in said)


def sources(actor: Actor) -> QuerySet[Source]:
    """The sources of the entries an official writes for or keeps."""
    scopes = within(actor.scopes(WRITE), *ENDS) | within(actor.scopes(KEEP), *ENDS)
    return Source.objects.filter(scopes).select_related("entry", "entry__provider")


def loads(actor: Actor) -> QuerySet[Load]:
    """Their loads, newest first."""
    scopes = [f"source__{name}" for name in ENDS]
    reach = within(actor.scopes(WRITE), *scopes) | within(actor.scopes(KEEP), *scopes)
    return Load.objects.filter(reach).select_related("source__entry", "version").order_by("-pk")


def under_way(source: Source) -> Load | None:
    """The load that goes on, or waits for somebody to confirm its columns."""
    return source.loads.filter(state__in=UNDER_WAY).first()


def incoming() -> Path:
    """Where files wait to be loaded."""
    return files.folder() / "incoming"


def drop_folder() -> Path:
    """Where files are dropped, each below the slug of its entry."""
    return Path(options.FOLDER.value) if options.FOLDER.value else files.folder() / "drop"


def asker(name: str) -> str:
    """What an outsider is remembered by: nobody's account or address stands in the table."""
    return hashlib.sha256(f"catalog:{name}".encode()).hexdigest()


def consumer(grant: Grant) -> str:
    """Who asks through a grant: the office, whatever grants and systems it has; a body elsewhere by its membership."""
    office, member = _consumer(grant)
    return asker(f"office:{office}" if office else f"member:{member}")


def _consumer(grant: Grant) -> tuple[int | None, int | None]:
    """Primary keys of the office, if it is one of this house, and of the member."""
    member = grant.subsystem.member if grant.subsystem else None
    return (grant.department_id or (member.department_id if member else None)), (member.pk if member else None)


def grants_of(grant: Grant) -> QuerySet[Grant]:
    """All grants of the data set by which the same consumer asks, in one order: to be locked."""
    office, member = _consumer(grant)
    whose = Q(department=office) | Q(subsystem__member__department=office) if office else Q(subsystem__member=member)
    return Grant.objects.filter(whose, entry=grant.entry_id).order_by("pk")


def told_before(entry: Entry, version: Version | None, who: str) -> list[dict]:
    """Every question whose figures the same asker was told of the same rows, the first one first.

    An own table has no versions and changes all day: there those of the last `REMEMBERED` days count.
    """
    found = Asked.objects.filter(entry=entry, version=version, asker=who).order_by("pk")
    if version is None:
        found = found.filter(at__gte=clock.now() - REMEMBERED)
    return [*found.values_list("question", flat=True)]


def asked_again(questions: Iterable[dict], columns: tuple[Column, ...]) -> tuple[Query, ...]:
    """Questions as they were asked; those of columns that are no more are left out."""
    found = []
    for question in questions:
        try:
            found.append(parse(question, columns))
        except Fault:  # of columns that are no more
            continue
    return tuple(found)
