"""Is every public thing found by its name, aliases, pinyin and initials? Stands beside jobs, above queries.

国办函〔2017〕115号 found the search of 22 % of 201 government sites unusable; this is run every night against it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from hexi.blocks.people.actors import Nobody
from hexi.blocks.search import queries, terms
from hexi.blocks.search.found import Found, searchables


@dataclass(frozen=True)
class Tried:
    """One thing that was looked for; `missed` are the words that did not find it."""

    found: Found
    missed: tuple[str, ...]


def run() -> Iterator[Tried]:
    """Look for every public thing of every kind, as a visitor would."""
    for searchable in searchables():
        for found in searchable.all():
            if found.public:
                yield Tried(found, tuple(word for word in words_for(found) if not _finds(word, found)))


def words_for(found: Found) -> list[str]:
    """Everything the thing is called, then how it is spelt."""
    called = [name for name in (found.title, found.title_en, *found.aliases) if name]
    return list(dict.fromkeys([*called, *(spelling for name in called for spelling in terms.spellings(name))]))


def _finds(word: str, found: Found) -> bool:
    return queries.matches(word, actor=Nobody()).filter(kind=found.kind, ref=found.ref).exists()
