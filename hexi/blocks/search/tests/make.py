"""Sample things to find and people who look for them."""

from dataclasses import dataclass, field
from typing import Any

from hexi.blocks.search import operations
from hexi.blocks.search.found import Found, Searchable
from hexi.blocks.search.models import Entry
from hexi.kernel.actors import Scope, Scoped

#: what the owners "have", for rebuild and selftest
OWNED: dict[str, list[Found]] = {"item": [], "case": [], "article": []}
KINDS = (
    Searchable("item", "事项", lambda: OWNED["item"], icon="file-text", order=10),
    Searchable("article", "政策", lambda: OWNED["article"], icon="news", order=20),
    Searchable("case", "办件", lambda: OWNED["case"], icon="folder", order=30, verbs=("cases.view",)),
)


@dataclass
class Asker(Scoped):
    """Somebody who looks for something: a person's id and the scopes of his rights."""

    person_id: int | None = None
    account_id: int | None = None
    rights: dict[str, tuple[Scope, ...]] = field(default_factory=dict)
    key: str = "account:1"
    name: str = "某人"

    def scopes(self, verb: str) -> tuple[Scope, ...]:
        """As given."""
        return self.rights.get(verb, ())


def make_found(title: str = "林木采伐许可", **changes: Any) -> Found:
    """A public service item unless said otherwise; its key is the title."""
    facts: dict[str, Any] = {"kind": "item", "ref": title, "title": title, "url": f"/items/{title}/"}
    return Found(**(facts | changes))


def make_entry(title: str = "林木采伐许可", **changes: Any) -> Entry:
    """As `make_found`, put into the index."""
    found = make_found(title, **changes)
    operations.put(found)
    return Entry.objects.get(kind=found.kind, ref=found.ref)
