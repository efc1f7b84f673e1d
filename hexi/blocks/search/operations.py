"""Writing the index: owners put and remove their things in their own transactions; a rebuild mends what drifted."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from django.db import transaction

from hexi.blocks.search import terms
from hexi.blocks.search.found import Found, Searchable
from hexi.blocks.search.models import Asked, Entry
from hexi.kernel import clock
from hexi.kernel.fixed import upsert

#: characters of a body that are kept and indexed
BODY = 20_000
BATCH = 500
_KEY = ("kind", "ref")
_CHANGED = (
    "title", "title_en", "aliases", "body", "body_en", "names", "terms", "url",
    "region_code", "department", "person", "verb", "weight", "updated", "written",
)  # fmt: skip


def put(found: Found) -> None:
    """Make the thing findable as it now is. One statement: putting it twice at once leaves one entry."""
    put_all([found])


def put_all(things: Iterable[Found]) -> None:
    """As `put`, many at once (an import)."""
    for batch in batches(things):
        rows = {(one.kind, one.ref): _entry(one) for one in batch}
        upsert(*rows.values(), on=_KEY, change=_CHANGED)


def remove(kind: str, ref: str) -> None:
    """Let the thing no longer be found; nothing happens if it was not."""
    Entry.objects.filter(kind=kind, ref=ref).delete()


def count(question: str, *, public: int, times: int = 1) -> None:
    """Count a question for the hot words. Nothing is kept of one that might name a person:

    it must have found something public, be short, and hold no figure of four digits or more.
    """
    text = " ".join(terms.words(question))
    if public and 1 < len(text) <= Asked._meta.get_field("text").max_length and not _long_figure(text):
        Asked.objects.more(clock.today(), text, times)


@dataclass
class Rebuilt:
    """What a rebuild of one kind did."""

    kind: str
    written: int = 0
    removed: int = 0


def rebuild(searchable: Searchable) -> Iterator[Rebuilt]:
    """Write every thing of the kind anew and remove what is no more; yields after each batch for progress.

    Entries that their owner wrote since the start are newer than what is read here, and are left alone.
    """
    started = clock.now()
    before = set(Entry.objects.filter(kind=searchable.kind).values_list("ref", flat=True))
    done = Rebuilt(searchable.kind)
    for batch in batches(searchable.all()):
        before -= {one.ref for one in batch}
        with transaction.atomic():
            older = _not_newer(searchable.kind, batch, started)
            put_all(older)
        done.written += len(older)
        yield done
    for refs in batches(sorted(before)):
        gone = Entry.objects.filter(kind=searchable.kind, ref__in=refs, written__lt=started)
        done.removed += gone.delete()[0]
    yield done


def batches(things: Iterable) -> Iterator[list]:
    """The things in lists of at most BATCH."""
    rest = iter(things)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _not_newer(kind: str, batch: list[Found], started) -> list[Found]:
    rows = Entry.objects.select_for_update().filter(kind=kind, ref__in=[one.ref for one in batch])
    newer = {entry.ref for entry in rows.only("ref", "written") if entry.written >= started}
    return [one for one in batch if one.ref not in newer]


def _entry(found: Found) -> Entry:
    now = clock.now()
    called = [name for name in (found.title, found.title_en, *found.aliases) if name]
    body, body_en = _plain(found.body), _plain(found.body_en)
    return Entry(
        kind=found.kind, ref=found.ref, title=found.title[:300], title_en=found.title_en[:300],
        aliases=list(found.aliases), body=body, body_en=body_en, names=_names(called),
        terms=_terms(found, called, f"{body} {body_en}"), url=found.url,
        region_code=found.region_code, department_id=found.department_id, person_id=found.person_id, verb=found.verb,
        weight=found.weight, updated=found.updated or now, written=now,
    )  # fmt: skip


def _plain(body: str) -> str:
    return " ".join(body.replace("\x00", " ").split())[:BODY]  # PostgreSQL stores no NUL


def _names(called: list[str]) -> str:
    """Names, then their pinyin, each on a line that ends: what the ranking compares with."""
    lines = [terms.plain(name) for name in called]
    lines += [spelling for name in called for spelling in terms.spellings(name)]
    return "".join(f"{line}\n" for line in dict.fromkeys(lines))


def _terms(found: Found, called: list[str], body: str) -> str:
    named = [term for name in called for term in terms.name_terms(name)]
    return terms.joined([*_seen_by(found), *named, *terms.index_terms(body)])


def _seen_by(found: Found) -> Iterator[str]:
    if found.public:
        yield terms.PUBLIC.text
    if found.person_id is not None:
        yield terms.of_person(found.person_id).text
    if found.verb:
        yield terms.of_verb(found.verb, found.region_code).text


def _long_figure(text: str) -> bool:
    return sum(character.isdigit() for character in text) >= 4
