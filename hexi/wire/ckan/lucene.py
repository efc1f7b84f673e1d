"""The part of Lucene's query language that clients of CKAN really use in `q` and `fq`, parsed to a tree.

    organization:yumen-gov -tags:水 +(res_format:CSV OR res_format:XLSX) metadata_modified:[2026-01-01T00:00:00Z TO *]

Words beside each other must all hold; OR binds those beside it closer than that, which is what harvesters mean.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from hexi.wire.ckan.answers import Fault

#: words of one query (each is looked for in every text of an entry), brackets inside brackets, signs
MOST, DEEPEST, LONGEST = 40, 8, 4000


@dataclass(frozen=True)
class Term:
    """A word or phrase of a field; `field` "" is the text as a whole, `value` "*" anything."""

    field: str
    value: str
    phrase: bool = False


@dataclass(frozen=True)
class Range:
    """From `low` to `high`, both included; None: open."""

    field: str
    low: str | None
    high: str | None


@dataclass(frozen=True)
class Not:
    """The contrary."""

    inner: "Query"


@dataclass(frozen=True)
class All:
    """All of them hold; none: everything is meant."""

    inner: tuple["Query", ...]


@dataclass(frozen=True)
class Any:
    """One of them holds."""

    inner: tuple["Query", ...]


Query = Term | Range | Not | All | Any
_TOKENS = re.compile(
    r"""\s+ | (?P<quoted>"(?:\\.|[^"\\])*") | (?P<range>[\[{](?:\\.|[^\]}\\])*[\]}]) | (?P<open>\() | (?P<close>\))
    | (?P<field>(?:\\.|[\w.*])(?:\\.|[\w.*\-])*):(?=\S) | (?P<sign>[+!]|-(?=\S)|&&|\|\|)
    | (?P<word>(?:\\.|[^\s()\[\]{}"])+)""",
    re.VERBOSE,
)


def parse(text: str) -> Query:
    """The tree of a query; everything for "" and "*:*". Raises `Fault` (Search Query Error) for what is none."""
    if len(text) > LONGEST:
        raise _fault(f"more than {LONGEST} signs")
    found = _Parser(list(_tokens(text))).expression("", 0)
    if _terms(found) > MOST:
        raise _fault(f"more than {MOST} words")
    return found


def _fault(why: str) -> Fault:
    return Fault("Search Query Error", f"Search Query is invalid: {why}")


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    place = 0
    while place < len(text):
        found = _TOKENS.match(text, place)
        if found is None:
            raise _fault(f"cannot parse at {text[place : place + 20]!r}")
        if found.lastgroup:
            yield found.lastgroup, found[found.lastgroup]
        place = found.end()


def _terms(query: Query) -> int:
    if isinstance(query, All | Any):
        return sum(map(_terms, query.inner))
    if isinstance(query, Not):
        return _terms(query.inner)
    return max(1, len(query.value.split())) if isinstance(query, Term) else 1


class _Parser:
    """Reads tokens from the left; each method takes what is its own and leaves the rest."""

    def __init__(self, tokens: list[tuple[str, str]]):
        self.tokens, self.place = tokens, 0

    def next(self) -> tuple[str, str]:
        """The token that stands next; ("", "") at the end."""
        return self.tokens[self.place] if self.place < len(self.tokens) else ("", "")

    def take(self, *words: str) -> bool:
        """True if the next token is one of the words, which is then passed over."""
        kind, text = self.next()
        if kind in ("word", "sign") and text in words:
            self.place += 1
            return True
        return False

    def expression(self, field: str, depth: int) -> Query:
        """Up to the end or a bracket that closes: parts that all hold."""
        if depth > DEEPEST:
            raise _fault(f"more than {DEEPEST} brackets inside each other")
        parts: list[Query] = []
        while self.next()[0] not in ("", "close"):
            if self.take("AND", "&&"):
                continue
            choices = [self.unary(field, depth)]
            while self.take("OR", "||"):
                choices.append(self.unary(field, depth))
            parts.append(choices[0] if len(choices) == 1 else Any(tuple(choices)))
        if depth == 0 and self.next()[0]:
            raise _fault("a bracket closes that was not opened")
        parts = [one for one in parts if one != Term("*", "*")]
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def unary(self, field: str, depth: int) -> Query:
        """One part with its sign."""
        signs = 0
        while True:
            if self.take("-", "!", "NOT"):
                signs += 1
            elif not self.take("+"):
                break
        found = self.primary(field, depth)
        return Not(found) if signs % 2 else found

    def primary(self, field: str, depth: int) -> Query:
        """A word, a phrase, a range, brackets, or one of these behind the name of a field."""
        kind, text = self.next()
        self.place += 1
        if kind == "field":
            return self.primary(_plain(text), depth)
        if kind == "open":
            found = self.expression(field, depth + 1)
            if self.next()[0] != "close":
                raise _fault("a bracket is not closed")
            self.place += 1
            return found
        if kind == "range":
            return _range(field, text)
        if kind == "quoted":
            return Term(field, _plain(text[1:-1]), phrase=True)
        if kind == "word":
            return Term(field, _plain(text))
        raise _fault("something is missing at the end" if not kind else f"{text!r} stands where a word should")


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _range(field: str, text: str) -> Range:
    parts = re.split(r"\s+TO\s+", text[1:-1].strip())
    if len(parts) != 2 or not field:
        raise _fault(f"a range is written field:[from TO to], not {text!r}")
    low, high = (None if one == "*" else _plain(one.strip('"')) for one in parts)
    return Range(field, low, high)
