"""Finding: what an actor may see, matched, counted by kind and ranked, with the places of the words marked."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from math import ceil, log
from typing import Any

from django.db import connection
from django.db.models import Case, Count, F, Func, IntegerField, Q, QuerySet, Sum, Value, When

from hexi.blocks.people.queries import persons_of
from hexi.blocks.regions.codes import above, ancestors, prefix
from hexi.blocks.regions.models import Site
from hexi.blocks.search import terms
from hexi.blocks.search.found import searchables
from hexi.blocks.search.models import Asked, Entry
from hexi.blocks.search.terms import Term
from hexi.kernel import clock
from hexi.kernel.actors import Actor, within
from hexi.ui.words import english

#: entries that only resemble, and lines of the type-ahead
NEAR, SUGGESTED = 10, 8
#: of a sentence: characters read, terms asked for, entries compared more closely
LIKE, LIKE_TERMS, CANDIDATES = 300, 60, 40
#: characters of the body shown, and how many of them before the first word found
SNIPPET, BEFORE = 110, 30
#: ranks: the name, its beginning, an alias or spelling, inside a name, elsewhere
ELSEWHERE = 4
#: what nobody needs a right for
PUBLIC = Q(person=None, verb="")
Entries = QuerySet[Entry]
Piece = tuple[str, bool]


@dataclass(frozen=True)
class Hit:
    """One result; `title` and `snippet` in pieces, those True are the words asked for (mark them)."""

    entry: Entry
    title: list[Piece]
    snippet: list[Piece]


@dataclass(frozen=True)
class Results:
    """What was found. `entries` are ranked and of the chosen kind, to be cut into pages; `counts` by kind are of all.

    `near`: nothing had all the words; the entries only resemble the question, and are not counted.
    """

    question: str
    entries: Entries
    counts: dict[str, int]
    total: int
    public: int = 0
    near: bool = False


@dataclass(frozen=True)
class Suggestion:
    """One line of the type-ahead."""

    title: str
    kind: str
    url: str


def find(question: str, *, actor: Actor, kind: str = "", region: str = "", site: Site | None = None) -> Results:
    """What the actor may see and answers the question, best first; one query here, one when the entries are read.

    `region` (12 digits) keeps of the public things those that apply there: of the region, of those above it and of
    those inside it; `site` those it shows. One's own things are found wherever they are.
    """
    entries = matches(question, actor=actor, region=region, site=site)
    free = Count("pk", filter=PUBLIC)
    rows = list(entries.order_by().values("kind").annotate(n=Count("pk"), free=free))
    if not rows:
        return Results(question, _near(question, actor, region, site), {}, 0, near=True)
    counts = {row["kind"]: row["n"] for row in rows}
    ranked = _ranked(question, entries.filter(kind=kind) if kind else entries)
    total = counts.get(kind, 0) if kind else sum(counts.values())
    return Results(question, ranked, counts, total, public=sum(row["free"] for row in rows))


def suggest(question: str, actor: Actor, region: str = "", site: Site | None = None) -> list[Suggestion]:
    """Names that go on from what is being typed: characters, pinyin or initials; each name once."""
    entries = matches(question, actor=actor, region=region, site=site)
    rows = _ranked(question, entries).filter(rank__lt=ELSEWHERE)
    found: dict[str, Suggestion] = {}
    for entry in rows[: SUGGESTED * 3]:
        title = shown(entry)
        found.setdefault(title, Suggestion(title, entry.kind, entry.url))
    return list(found.values())[:SUGGESTED]


def matches(question: str, *, actor: Actor, region: str = "", site: Site | None = None) -> Entries:
    """Every entry the actor may see that has all the terms of the question; none if nothing was asked."""
    return _having([[term] for term in terms.question_terms(question)], actor, region, site)


def _having(groups: list[list[Term]], actor: Actor, region: str, site: Site | None = None) -> Entries:
    """What the actor may see and has a term of each group.

    The right is part of the query, so that counts and pages tell nothing more. It is asked for twice: by terms, since
    the index then passes over what cannot be seen, and by columns, which decide.
    """
    if not groups:
        return Entry.objects.none()
    kinds = searchables()
    mine = persons_of(actor)
    seen, reach = [terms.PUBLIC], PUBLIC & _applies_in(region) & _shown_at(site)
    if mine:
        seen += map(terms.of_person, mine)
        reach |= Q(person_id__in=mine)
    for verb in sorted({verb for one in kinds for verb in one.verbs}):
        if scopes := actor.scopes(verb):
            seen += [terms.anywhere(verb), *(terms.of_verb(verb, scope.region) for scope in scopes)]
            reach |= Q(verb=verb) & (within(scopes) | Q(region_code="", department=None))
            down = [one.kind for one in kinds if one.down and verb in one.verbs]
            over = sorted({code for scope in scopes for code in above(scope.region)}) if down else []
            seen += [terms.of_verb(verb, code) for code in over]
            reach |= Q(verb=verb, kind__in=down, region_code__in=over)
    return Entry.objects.filter(reach, terms__match=[*groups, seen], kind__in=[one.kind for one in kinds])


def hot_words(days: int = 30, least: int = 3, many: int = 8) -> list[str]:
    """What people asked most in the last days, if at least `least` times: real questions only.

    On an English page those asked without a Chinese character, on a Chinese one the others.
    """
    since = clock.today() - timedelta(days=days)
    rows = Asked.objects.filter(day__gt=since).values("text").annotate(sum=Sum("times"))
    asked = rows.filter(sum__gte=least).order_by("-sum", "text").values_list("text", flat=True)
    return list(islice((text for text in asked.iterator() if terms.chinese(text) != english()), many))


def shown(entry: Entry) -> str:
    """The title in the reader's language."""
    return entry.title_en if entry.title_en and english() else entry.title


def titles(kind: str, urls: Iterable[str]) -> dict[str, str]:
    """What public things of a kind are called, by their address: for whoever links to them without knowing them."""
    rows = Entry.objects.filter(PUBLIC, kind=kind, url__in=list(urls)).only("title", "title_en", "url")
    return {one.url: shown(one) for one in rows}


def _applies_in(region: str) -> Q:
    if not region:
        return Q()
    return Q(region_code__in=("", *ancestors(region))) | Q(region_code__startswith=prefix(region))


def _shown_at(site: Site | None) -> Q:
    """What a site of one office or of chosen items shows."""
    shown = Q()
    if site is not None and (site.department_id or site.item_keys):
        for one in searchables():
            if one.chosen is not None:
                shown &= ~Q(kind=one.kind) | Q(ref__in=one.chosen(site))
    return shown


def _ranked(question: str, entries: Entries) -> Entries:
    key = terms.plain(question)
    inside = Q()
    for word in terms.words(question) or [""]:
        inside &= Q(names__contains=word)
    rank = Case(
        When(names__startswith=f"{key}\n", then=Value(0)),
        When(names__startswith=key, then=Value(1)),
        When(names__contains=f"\n{key}\n", then=Value(2)),
        When(inside, then=Value(3)),
        default=Value(ELSEWHERE),
        output_field=IntegerField(),
    )
    return entries.annotate(rank=rank).defer("names", "terms").order_by("rank", "-weight", "-updated", "pk")


def _near(question: str, actor: Actor, region: str, site: Site | None) -> Entries:
    """The names that share most with the question, at least a third of its terms."""
    wanted = terms.question_terms(question)
    shared: Any = Value(0)
    for term in wanted:
        shared = shared + Case(When(names__contains=term.text, then=Value(1)), default=Value(0))
    entries = _having([wanted] if wanted else [], actor, region, site)
    rows = entries.annotate(shared=shared).filter(shared__gte=max(1, ceil(len(wanted) / 3)))
    return rows.defer("names", "terms").order_by("-shared", "-weight", "-updated", "pk")[:NEAR]


def like(text: str, *, actor: Actor, kind: str, region: str = "", most: int = 5) -> list[Entry]:
    """Entries of a kind whose names share most with a whole sentence, rare terms counting more; best first.

    Where `find` wants every word, this is for what people write as they speak: most of its terms stand nowhere. An
    entry must share one rare term or several common ones, and half of what the best one shares. Two queries.
    """
    wanted = list(dict.fromkeys(term for term in terms.index_terms(text[:LIKE]) if len(term) > 1))[:LIKE_TERMS]
    if not wanted:
        return []
    entries = _having([[Term(term) for term in wanted]], actor, region).filter(kind=kind)
    shared = Standing(F("names"), words=tuple(wanted))
    rows = list(entries.annotate(shared=shared).filter(shared__gte=1).order_by("-shared", "-weight", "pk")[:CANDIDATES])
    if not rows:
        return []
    # how many entries have a term in their names: what nearly all have tells nothing
    whole, *having = _counted(kind, wanted)
    rare = {term: log((1 + whole) / max(1, many)) for term, many in zip(wanted, having, strict=True)}
    scores = {row.pk: sum(rare[term] for term in wanted if term in row.names) for row in rows}
    # a term is rare if no more entries have it than the root of their number
    least = max(log(1 + whole) / 2, max(scores.values()) / 2)
    kept = [row for row in rows if scores[row.pk] >= least > 0]
    return sorted(kept, key=lambda row: (-scores[row.pk], -row.weight, row.pk))[:most]


class Standing(Func):
    """How many of some words stand in a text: one expression. A sum of forty takes Django 20 ms to put together."""

    def __init__(self, text: Any, *, words: tuple[str, ...]):
        super().__init__(text, output_field=IntegerField())
        self.words = words

    def as_sql(self, compiler: Any, connection: Any, **more: Any) -> tuple[str, list[Any]]:
        """One condition a word."""
        text, given = compiler.compile(self.source_expressions[0])
        found = " + ".join([f"CASE WHEN {text} {_LIKE} THEN 1 ELSE 0 END"] * len(self.words))
        return f"({found})", [value for word in self.words for value in (*given, _within(word))]


_LIKE = "LIKE %s ESCAPE '\\'"


def _within(word: str) -> str:
    return f"%{connection.ops.prep_for_like_query(word)}%"


def _counted(kind: str, words: list[str]) -> list[int]:
    """How many entries of a kind there are, and how many have each word in their names."""
    each = "".join([f", SUM(CASE WHEN names {_LIKE} THEN 1 ELSE 0 END)"] * len(words))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT COUNT(*){each} FROM search_entry WHERE kind = %s",  # noqa: S608 - as many places as words
            [*map(_within, words), kind],
        )
        return [number or 0 for number in cursor.fetchone()]


def hits(question: str, entries: Iterable[Entry]) -> list[Hit]:
    """The entries of one page as they are shown."""
    asked = _pattern(question)
    return [Hit(entry, pieces(shown(entry), asked), pieces(_cut(_body(entry), asked), asked)) for entry in entries]


def _pattern(question: str) -> re.Pattern[str] | None:
    """The words of the question, longest first; then their pairs of characters."""
    texts = {*terms.words(question), *(term.text for term in terms.question_terms(question))}
    longest = sorted(texts, key=lambda text: (-len(text), text))
    return re.compile("|".join(map(re.escape, longest)), re.IGNORECASE) if longest else None


def pieces(text: str, asked: re.Pattern[str] | None) -> list[Piece]:
    """The text in pieces, True for those the pattern finds. Nothing is escaped here: the template does it."""
    if asked is None:
        return [(text, False)] if text else []
    found, end = [], 0
    for hit in asked.finditer(text):
        found += [(text[end : hit.start()], False), (hit.group(), True)]
        end = hit.end()
    return [piece for piece in [*found, (text[end:], False)] if piece[0]]


def _body(entry: Entry) -> str:
    """The text in the reader's language."""
    return entry.body_en if entry.body_en and english() else entry.body


def _cut(body: str, asked: re.Pattern[str] | None) -> str:
    hit = asked.search(body) if asked else None
    start = max(0, hit.start() - BEFORE) if hit else 0
    if hit and start and (space := body.find(" ", start - 1, hit.start())) >= 0:
        start = space + 1  # at a word, not within one
    cut = body[start : start + SNIPPET]
    return ("…" if start else "") + cut + ("…" if start + SNIPPET < len(body) else "")
