"""What a list is made of: columns, filters, saved views, bulk actions and the words for an empty list.

Stands below `export`, `paging` and `pages`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

Pairs = Iterable[tuple[Any, Any]]
KINDS = ("text", "code", "day", "moment", "money", "number", "size", "tag")


@dataclass(frozen=True)
class Column:
    """A column: `value` is `callable(row)` or a path of attributes ("person.name"), by default the key.

    `kind` says how it is written (one of KINDS; "tag" wants a pair (state, word), "money" fen,
    "code" is a number or key that is not broken over lines).
    `link(row)` gives an address or ""; `sort` the database field the head sorts by.
    """

    key: str
    title: Any
    value: Callable[[Any], Any] | str | None = None
    link: Callable[[Any], str] | None = None
    kind: str = "text"
    sort: str = ""

    def raw(self, row: Any) -> Any:
        """The value in this row, None when something on the path is missing."""
        if callable(self.value):
            return self.value(row)
        return reduce(_step, (self.value or self.key).split("."), row)

    def href(self, row: Any) -> str:
        """Where the cell leads; "" nowhere."""
        return self.link(row) if self.link else ""


def _step(thing: Any, name: str) -> Any:
    found = getattr(thing, name, None)
    return found() if callable(found) else found


@dataclass(frozen=True)
class Filter:
    """A control above the list whose value stands in the address under `key`.

    `of`: pairs (value, word), a callable giving pairs (`with_request`: for a request), "text" or "date".
    `apply`: `callable(queryset, value)` or a lookup ("due_on__gte"); by default the key.
    """

    key: str
    title: Any
    of: Pairs | Callable[..., Pairs] | str
    apply: Callable[[QuerySet, Any], QuerySet] | str = ""
    with_request: bool = False

    @property
    def kind(self) -> str:
        """ "text", "date" or "choices"."""
        return self.of if isinstance(self.of, str) else "choices"

    def options(self, request: HttpRequest | None = None) -> list[tuple[str, Any]]:
        """The pairs to choose from, values as they stand in the address."""
        if isinstance(self.of, str):
            return []
        pairs = self.of if not callable(self.of) else self.of(request) if self.with_request else self.of()
        return [(str(value), word) for value, word in pairs]

    def given(self, request: HttpRequest) -> Any:
        """The value in the address; None if there is none or it makes no sense."""
        text = request.GET.get(self.key, "").strip()
        if self.kind == "date":
            return _day(text)
        if text and self.kind == "choices" and text not in dict(self.options(request)):
            return None
        return text or None

    def narrow(self, queryset: QuerySet, value: Any) -> QuerySet:
        """The rows that pass."""
        if callable(self.apply):
            return self.apply(queryset, value)
        return queryset.filter(**{self.apply or self.key: value})


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@dataclass(frozen=True)
class SavedView:
    """A tab: `apply(queryset)` or, with `with_request`, `apply(queryset, request)`; None shows everything.

    `of(request)`: the tab has rows of its own, instead of some of the list's.
    """

    key: str
    title: Any
    apply: Callable[..., QuerySet] | None = None
    with_request: bool = False
    of: Callable[[HttpRequest], QuerySet] | None = None

    def narrow(self, queryset: QuerySet, request: HttpRequest) -> QuerySet:
        """The rows of this tab."""
        if self.apply is None:
            return queryset
        return self.apply(queryset, request) if self.with_request else self.apply(queryset)


@dataclass(frozen=True)
class Action:
    """Something done to the ticked rows: `run(request, rows)` gives a sentence for the person, or a response.

    `verb`: offered only to those who hold it somewhere (the operation still checks each row).
    `confirm`: a question asked first, where there is JavaScript.
    """

    key: str
    title: Any
    icon: str
    run: Callable[[HttpRequest, QuerySet], Any]
    verb: str = ""
    kind: str = "secondary"
    confirm: Any = ""

    def open_to(self, request: HttpRequest) -> bool:
        """True if the actor may do it somewhere."""
        return not self.verb or bool(request.actor.scopes(self.verb))  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Empty:
    """What a list without rows says: what will be here, and how to start it."""

    sentence: Any
    title: Any = ""
    action: Any = ""
    url: str = ""
    icon: str = "inbox"
