"""Cases sought in a list by part of a name or title, or by number. On PostgreSQL by index (migration 0016).

Lists search what stands in their rows, exactly, in the list's own order and among what the reader may see; the search
page (block search) asks for words, spellings and pinyin. SQLite looks through the rows, which 100,000 cases bear.
"""

import re
from typing import Any

from django.db.models import BooleanField, CharField, F, Func, Q
from django.db.models.lookups import StartsWith

#: where the day and the serial begin in a number; the item's code before them is the same for all its cases
TAIL = 32
#: parts of a text that the index is asked for; the whole text is compared in the rows found
MOST = 12
_NUMBER = re.compile(r"(?=.*\d)[\w-]+", re.ASCII)


class Tail(Func):
    """The end of a number, as lists show it: day and serial. Written as in the index on it."""

    function = "SUBSTR"
    template = f"%(function)s(%(expressions)s, {TAIL})"
    arity = 1
    output_field = CharField()


class Holds(Func):
    """True if one of the columns (name and title) holds the text, capitals or not.

    On PostgreSQL the index is asked for the pieces of the text; the text itself is compared in the rows found. That is
    written by position and not by LIKE: the planner would take both for independent and expect far too few rows.
    """

    output_field = BooleanField()

    def __init__(self, *columns: Any, text: str):
        super().__init__(*columns)
        self.text = text.lower()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> tuple[str, list[Any]]:
        """Each row is looked at."""
        return self._inside(compiler, "INSTR")

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> tuple[str, list[Any]]:
        """The index first; last in each row, as it is the dearest."""
        inside, given = self._inside(compiler, "STRPOS")
        columns = [compiler.compile(one) for one in self.get_source_expressions()]
        indexed = f"cases_pieces({', '.join(sql for sql, _ in columns)}) @> %s::text[]"
        return f"({inside} AND {indexed})", [*given, *(one for _, part in columns for one in part), pieces(self.text)]

    def _inside(self, compiler: Any, function: str) -> tuple[str, list[Any]]:
        columns = [compiler.compile(one) for one in self.get_source_expressions()]
        asked = " OR ".join(f"{function}(LOWER({sql}), %s) > 0" for sql, _ in columns)
        return f"({asked})", [one for _, given in columns for one in (*given, self.text)]


def pieces(text: str) -> list[str]:
    """What the index keeps of a text: its pairs of neighbouring characters; of a single character itself."""
    return list(dict.fromkeys(text[place : place + 2] for place in range(len(text) - 1)))[:MOST] or [text]


def having(text: str) -> Q:
    """Cases that have this text in name or title, or whose number, or the day and serial in it, begins so."""
    found = Q(Holds(F("applicant_name"), F("title"), text=text))
    if _NUMBER.fullmatch(text):
        found |= Q(number__startswith=text) | Q(StartsWith(Tail(F("number")), text.replace("-", "")))
    return found
