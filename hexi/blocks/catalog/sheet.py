"""The catalogue as a table, both ways: one line an item, what is said of the entry on its first line. Beside queries.

Heads and words are read in Chinese and in English, as the table was downloaded; an empty cell says nothing, so that an
entry that is there keeps what its cell leaves out (a single "-" empties it).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hexi.blocks.catalog import content
from hexi.blocks.catalog.definitions import formats, licences, ways
from hexi.blocks.catalog.models import Entry
from hexi.ui import sheets

#: bytes, lines and columns of a file
LIMITS = sheets.Limits(bytes=10_000_000, lines=20_000, columns=120)
EMPTY = "-"
LANGUAGES = ("zh-hans", "en")
ENTRY_HEADS: dict[str, Any] = {
    "code": gettext_lazy("信息资源代码"), "classification": gettext_lazy("分类码"),
    "provider": gettext_lazy("提供方代码"), "provider_name": gettext_lazy("提供方"),
    **{name: content.LABELS[name] for name in (*content.FIELDS, "related")},
}  # fmt: skip
ITEM_HEADS: dict[str, Any] = content.ITEM_LABELS
EXTRA = "extra."


@dataclass
class Line:
    """One entry as the file says it, from its first line on; `wrong`: what could not be read."""

    line: int
    said: dict[str, Any] = field(default_factory=dict)
    items: list[dict[str, Any]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


# --- written ----------------------------------------------------------------------------------------------------------
def heads(extra: Iterable[str] = ()) -> list[str]:
    """The heads in the language of the page, extra fields last."""
    return [*map(str, ENTRY_HEADS.values()), *map(str, ITEM_HEADS.values()), *(f"{EXTRA}{name}" for name in extra)]


def lines_of(entries: Iterable[Entry], extra: Iterable[str] = ()) -> Iterator[list[Any]]:
    """The lines of entries fetched with providers and items; what is published, or the draft of one never published."""
    extra = list(extra)
    for entry in entries:
        said = content.held((entry.current or entry.latest).content)  # type: ignore[union-attr]
        first = [
            entry.code, entry.classification, entry.provider.uscc, entry.provider.title,
            *(_written(name, said[name]) for name in (*content.FIELDS, "related")),
        ]  # fmt: skip
        last = [_written("", said["extra"].get(name)) for name in extra]
        rest = [""] * len(first)
        for place, item in enumerate(said["items"] or [{}]):
            own = [_written(name, item.get(name, "")) for name in ITEM_HEADS]
            yield [*(rest if place else first), *own, *([""] * len(last) if place else last)]


def _written(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return "\n".join(value)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else content.shown(name, value)


# --- read -------------------------------------------------------------------------------------------------------------
def read(name: str, octets: bytes) -> list[Line]:
    """The entries of a file. Raises `ValidationError` under "file" for one that cannot be read at all."""
    rows = sheets.lines(name, octets, LIMITS)
    columns = _columns(next(rows, []))
    found: list[Line] = []
    for number, row in enumerate(rows, 2):
        cells = {key: row[place].strip() for place, key in columns.items() if place < len(row) and row[place].strip()}
        if not cells:
            continue
        if any(kind == "entry" for kind, _name in cells) or not found:
            found.append(Line(number))
            _read_entry(found[-1], cells)
        if any(kind == "item" for kind, _name in cells):
            _read_item(found[-1], number, cells)
    if not found:
        raise sheets.bad(_("没有条目。第一行写列名，从第二行起一行一个信息项。"))
    return found


Key = tuple[str, str]


def _columns(row: list[str]) -> dict[int, Key]:
    """Which column says what. Raises for a head nobody knows, or one that stands twice."""
    known = _known_heads()
    columns: dict[int, Key] = {}
    for place, cell in enumerate(row):
        head = cell.strip()
        if not head:
            continue
        key = ("extra", head.removeprefix(EXTRA)) if head.startswith(EXTRA) else known.get(head)
        if key is None:
            raise sheets.bad(
                _("不认识第 %(n)s 列“%(head)s”。请用下载的表格里的列名。") % {"n": place + 1, "head": head[:40]}
            )
        if key in columns.values():
            raise sheets.bad(_("列“%(head)s”写了两次，请删去一列。") % {"head": head})
        columns[place] = key
    if ("entry", "title") not in columns.values() and ("entry", "code") not in columns.values():
        raise sheets.bad(_("第一行要有列名，至少有“名称”或“信息资源代码”。"))
    return columns


@cache
def _known_heads() -> dict[str, Key]:
    found: dict[str, Key] = {}
    for language in LANGUAGES:
        with translation.override(language):
            found |= {str(head): ("item", name) for name, head in ITEM_HEADS.items()}
            found |= {str(head): ("entry", name) for name, head in ENTRY_HEADS.items()}
    return found


def _read_entry(line: Line, cells: Mapping[Key, str]) -> None:
    for (kind, name), text in cells.items():
        if kind == "extra":
            line.said.setdefault("extra", {})[name] = "" if text == EMPTY else text
        elif kind == "entry":
            _read_cell(line, line.said, name, text, ENTRY_HEADS[name])


def _read_item(line: Line, number: int, cells: Mapping[Key, str]) -> None:
    item: dict[str, Any] = {}
    for (kind, name), text in cells.items():
        if kind == "item":
            _read_cell(line, item, name, text, ITEM_HEADS[name], number)
    line.items.append(item)


def _read_cell(line: Line, into: dict[str, Any], name: str, text: str, head: Any, number: int = 0) -> None:
    try:
        into[name] = _value(name, "" if text == EMPTY else text)
    except ValueError as error:
        line.wrong.append(_("第 %(line)s 行“%(head)s”：%(what)s") % {
            "line": number or line.line, "head": head, "what": error})  # fmt: skip


def _value(name: str, text: str) -> Any:
    if name in content.FLAGS:
        return _flag(text)
    if name == "length":
        return _length(text)
    if name == "related":
        return [part for part in text.replace("；", "\n").replace(";", "\n").split("\n") if part.strip()]
    known = _words_of(name)
    if not known or not text:
        return text
    if text not in known:
        raise ValueError(_("没有“%(text)s”，可写 %(words)s。") % {"text": text[:40], "words": _offered(name)})
    return known[text]


def _flag(text: str) -> bool:
    told = {"": False, "是": True, "否": False, "yes": True, "no": False, "1": True, "0": False}
    if text.lower() not in told:
        raise ValueError(_("写“是”或“否”。"))
    return told[text.lower()]


def _length(text: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdecimal():
        raise ValueError(_("写整数，不限就留空。"))
    return int(text)


@cache
def _words_of(name: str) -> dict[str, str]:
    """What a cell of choices may say: the stored word, or its label in either language."""
    found: dict[str, str] = {}
    choices = content.CHOICES.get(name) or content.ITEM_CHOICES.get(name)
    for language in LANGUAGES:
        with translation.override(language):
            if choices is not None:
                found |= {str(label): value for value, label in choices.choices}
            listed = {"format": formats, "sharing_way": ways, "license": licences}.get(name)
            found |= {str(one.title): key for key, one in listed().items()} if listed else {}
    return found | {value: value for value in list(found.values())}


def _offered(name: str) -> str:
    """The words a cell may say, in the language of the page."""
    return "、".join(dict.fromkeys(content.shown(name, value) for value in _words_of(name).values()))


def refused(error: ValidationError) -> list[str]:
    """The sentences of a refusal, each with the head it is about."""
    if not hasattr(error, "error_dict"):
        return list(error.messages)
    said = []
    for name, told in error.message_dict.items():
        head = str(ENTRY_HEADS.get(name, "")) if name != "items" else ""
        said += [f"{head}：{one}" if head else one for one in told]
    return said
