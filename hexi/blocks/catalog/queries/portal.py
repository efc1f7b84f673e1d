"""Open data sets as the portal and programs look for them: what is open, searched, narrowed, ordered, counted."""

import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time
from typing import Any

from django.db.models import DateTimeField, Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual

from hexi.blocks.catalog import definitions
from hexi.blocks.catalog.models import Cycle, Entry, Grading, HarvestObject, Item, Rows, Sharing, State, Version
from hexi.blocks.catalog.store import files
from hexi.blocks.regions.models import Department
from hexi.wire.ckan import lucene
from hexi.wire.ckan.answers import Fault
from hexi.wire.dcat.reading import moment

#: what everybody may see
OPEN = Q(state=State.PUBLISHED, open=True, grading=Grading.PUBLIC) & ~Q(sharing=Sharing.NONE)
#: when a data set last changed: what is said of it, or its rows
CHANGED = Coalesce(Greatest("updated", "refreshed"), "updated", output_field=DateTimeField())
#: formats of the files we make of rows; the last where its library is installed
FORMATS = ("CSV", "XLSX", "JSON", "PARQUET")
NOTHING, EVERYTHING = Q(pk__in=()), Q(pk__isnull=False)
#: what facets are asked for by: name → how a row of `_FACTS` answers
_FACTS = ("pk", "provider__key", "classification", "keywords", "license", "kind", "cycle")


def open_entries() -> QuerySet[Entry]:
    """Every open data set, the one changed last first."""
    return Entry.objects.filter(OPEN).select_related("provider").order_by(CHANGED.desc(), "-pk")


def whole(rows: QuerySet[Entry]) -> QuerySet[Entry]:
    """With all that is told of them, in a fixed number of queries."""
    return rows.select_related("current").prefetch_related(
        "items",
        Prefetch("versions", Version.objects.filter(current=True), to_attr="in_use"),
        Prefetch("related", Entry.objects.filter(OPEN).order_by("code"), to_attr="open_related"),
        Prefetch("harvested", HarvestObject.objects.select_related("source"), to_attr="met"),
    )


def open_rows(entry: Entry) -> bool:
    """True if everybody may have its rows as they are: it is open, and not of persons."""
    return open_entries().filter(pk=entry.pk).exclude(items__personal=True).exists()


def open_entry(name: str) -> Entry:
    """One by its slug, its id or its code. Raises `DoesNotExist`."""
    rows = whole(open_entries())
    try:
        return rows.get(once=uuid.UUID(name))
    except (ValueError, Entry.DoesNotExist):
        return rows.get(Q(slug=name) | Q(code=name))


def tags_of(entry: Entry) -> tuple[str, ...]:
    """Its keywords."""
    return tuple(line for line in entry.keywords.splitlines() if line.strip())


def group_of(classification: str) -> str:
    """The name of the group (类 and 项) a data set belongs to: the first three digits."""
    return classification[:3]


def group_title(name: str) -> str:
    """What a group is called."""
    return definitions.group_words(name)


# --- one question as conditions ---------------------------------------------------------------------------------------
def narrowed(query: lucene.Query) -> Q:
    """The condition of a query. Raises `Fault` for a field there is not."""
    if isinstance(query, lucene.All):
        found = EVERYTHING
        for one in query.inner:
            found &= narrowed(one)
        return found
    if isinstance(query, lucene.Any):
        found = NOTHING
        for one in query.inner:
            found |= narrowed(one)
        return found
    if isinstance(query, lucene.Not):
        return ~narrowed(query.inner)
    if isinstance(query, lucene.Range):
        return _range(query)
    known = _FIELDS.get(query.field)
    if known is None:
        raise _undefined(query.field)
    return EVERYTHING if query.value == "*" else known(query.value)


def _undefined(name: str) -> Fault:
    return Fault("Search Query Error", f"Search Query is invalid: undefined field {name[:60]}")


#: words of a question that are looked for: each is sought in eight texts of every entry
MOST_WORDS = 20


def words(text: str) -> Q:
    """Each of the first MOST_WORDS words stands somewhere: in names, summaries, keywords, the provider, the columns."""
    found = EVERYTHING
    for word in text.replace("*", " ").split()[:MOST_WORDS]:
        columns = Item.objects.filter(entry=OuterRef("pk"), open=True).filter(
            Q(title__icontains=word) | Q(title_en__icontains=word) | Q(name__icontains=word)
        )
        found &= (
            Q(title__icontains=word) | Q(title_en__icontains=word) | Q(summary__icontains=word)
            | Q(summary_en__icontains=word) | Q(keywords__icontains=word) | Q(provider__name__icontains=word)
            | Q(code=word) | Exists(columns)
        )  # fmt: skip
    return found


def _either(*names: str) -> Callable[[str], Q]:
    def said(value: str) -> Q:
        found = EVERYTHING
        for word in value.replace("*", " ").split()[:MOST_WORDS]:
            part = NOTHING
            for name in names:
                part |= Q(**{f"{name}__icontains": word})
            found &= part
        return found

    return said


def _named(value: str) -> Q:
    return Q(slug__startswith=value[:-1]) if value.endswith("*") else Q(slug=value)


def _id(value: str) -> Q:
    try:
        return Q(once=uuid.UUID(value))
    except ValueError:
        return NOTHING


def tagged(value: str) -> Q:
    """One of its keywords is this, letter for letter."""
    start, end = Q(keywords__startswith=f"{value}\n"), Q(keywords__endswith=f"\n{value}")
    return Q(keywords=value) | start | end | Q(keywords__contains=f"\n{value}\n")


def in_format(value: str) -> Q:
    """There are files of this format: of every data set with rows."""
    return ~Q(kind=Rows.NONE) if value.upper() in _made() else NOTHING


def _made() -> list[str]:
    return list(FORMATS if files.available() else FORMATS[:-1])


def _fixed(*values: str) -> Callable[[str], Q]:
    return lambda value: EVERYTHING if value.lower() in values else NOTHING


_FIELDS: dict[str, Callable[[str], Q]] = {
    "": words, "text": words, "title": _either("title", "title_en"), "notes": _either("summary", "summary_en"),
    "name": _named, "id": _id, "tags": tagged, "groups": lambda value: Q(classification__startswith=value),
    "organization": lambda value: Q(provider__key=value), "owner_org": lambda value: Q(provider__key=value),
    "license_id": lambda value: Q(license=value), "res_format": in_format, "cycle": lambda value: Q(cycle=value),
    "state": _fixed("active"), "dataset_type": _fixed("dataset"), "type": _fixed("dataset"),
    "private": _fixed("false"), "capacity": _fixed("public"), "identifier": lambda value: Q(code=value),
}  # fmt: skip
_RANGES = {"metadata_modified": CHANGED, "metadata_created": F("created")}


def _range(asked: lucene.Range) -> Q:
    if asked.field not in _RANGES:
        raise _undefined(asked.field)
    found = EVERYTHING
    for bound, test in ((asked.low, GreaterThanOrEqual), (asked.high, LessThanOrEqual)):
        if bound is not None:
            found &= Q(test(_RANGES[asked.field], _at(bound)))
    return found


def _at(text: str) -> datetime:
    found = moment(text.rstrip("Z") if text.endswith("ZZ") else text)
    if found is None:
        raise Fault("Search Query Error", f"Search Query is invalid: {text[:40]!r} is no date")
    if not isinstance(found, datetime):
        return datetime.combine(found, time(), UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


_SORTS = {
    "name": F("slug"), "title": F("title"), "title_string": F("title"), "id": F("once"), "metadata_modified": CHANGED,
    "metadata_created": F("created"), "score": None, "views_recent": None, "organization": F("provider__key"),
}  # fmt: skip


def ordered(rows: QuerySet[Entry], sort: Iterable[tuple[str, bool]]) -> QuerySet[Entry]:
    """In the order asked for; the one changed last first where nothing is. Raises `Fault` for an unknown field."""
    names = []
    for name, down in sort:
        if name not in _SORTS:
            raise _undefined(name)
        if (column := _SORTS[name]) is not None:
            names.append(column.desc() if down else column.asc())
    return rows.order_by(*names, "-pk") if names else rows


# --- counting ---------------------------------------------------------------------------------------------------------
Items = tuple[tuple[str, str, int], ...]


def facets(rows: QuerySet[Entry], names: Iterable[str], *, limit: int = 50, least: int = 1) -> dict[str, Items]:
    """How many of the rows have which value: (value, word, number) by name, the commonest first; one query for all."""
    wanted = [name for name in names if name in _VALUES]
    facts = list(rows.order_by().values(*_FACTS)) if wanted else []
    offices = {one.key: one.title for one in Department.objects.filter(key__in={row["provider__key"] for row in facts})}
    found = {}
    for name in wanted:
        counts = Counter(value for row in facts for value in _VALUES[name](row))
        kept = [(value, n) for value, n in sorted(counts.items(), key=lambda one: (-one[1], one[0])) if n >= least]
        kept = kept if limit < 0 else kept[:limit]
        found[name] = tuple((value, _word(name, value, offices), n) for value, n in kept)
    return found


_VALUES: dict[str, Callable[[dict[str, Any]], list[str]]] = {
    "organization": lambda row: [row["provider__key"]],
    "groups": lambda row: [group_of(row["classification"])],
    "tags": lambda row: [line for line in row["keywords"].splitlines() if line.strip()],
    "license_id": lambda row: [row["license"]] if row["license"] else [],
    "res_format": lambda row: [] if row["kind"] == Rows.NONE else _made(),
    "cycle": lambda row: [row["cycle"]],
}


def one_of(name: str, value: str) -> Q:
    """The rows that have this value of a facet."""
    return _FIELDS[name](value)


def value_word(name: str, value: str) -> str:
    """What a value of a facet is called."""
    offices = {one.key: one.title for one in Department.objects.filter(key=value)} if name == "organization" else {}
    if name == "cycle" and value not in Cycle.values:
        return value
    return _word(name, value, offices)


def _word(name: str, value: str, offices: dict[str, str]) -> str:
    if name == "organization":
        return offices.get(value, value)
    if name == "groups":
        return group_title(value)
    if name == "license_id":
        known = definitions.licences().get(value)
        return str(known.title) if known else value
    return str(Cycle(value).label) if name == "cycle" else value


def offices() -> list[tuple[Department, int]]:
    """Departments with open data sets and how many each has."""
    counts = Counter(Entry.objects.filter(OPEN).values_list("provider_id", flat=True))
    return [(one, counts[one.pk]) for one in Department.objects.filter(pk__in=counts)]


def groups() -> list[tuple[str, int]]:
    """Groups with open data sets and how many each has."""
    counts = Counter(map(group_of, Entry.objects.filter(OPEN).values_list("classification", flat=True)))
    return sorted(counts.items())


def tags() -> list[str]:
    """Every keyword of open data sets, each once."""
    found = Entry.objects.filter(OPEN).exclude(keywords="").values_list("keywords", flat=True)
    return sorted({line for text in found for line in text.splitlines() if line.strip()})
