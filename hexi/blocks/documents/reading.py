"""What a PDF's own text says against it: its day is over, or it is another paper than asked for. Only hints.

Only a text layer is read, no picture: a photographed or scanned paper gets no such hint (docs/certificates.md). Papers
the house issued itself are judged by who issued them (`Examiner`). Above `kinds`; knows no table.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _
from pypdf import PdfReader

from hexi.blocks.documents.kinds import PDF
from hexi.kernel import clock
from hexi.kernel.manifest import added
from hexi.ui.words import english

#: a doubt as it is kept with the document: its key and the words that fill its sentence, "title" and "title_en"
Doubt = dict[str, str]
SENTENCES = {
    "expired": _("这份材料上写的有效期到 %(day)s，已经过了。请换一份有效的。"),
    "wrong": _("文字里没有找到“%(wanted)s”，可能传错了材料。请再看一眼。"),
    "other": _("这是“%(title)s”，这里要的是“%(wanted)s”。请再看一眼。"),
    "void": _("这张“%(title)s”现在不作数：%(state)s。"),
    "altered": _("这份电子证照的签名不对，可能被改过。请从“我的证照”重新下载。"),
}
PAGES, SIGNS, BYTES, CONTENT = 3, 20_000, 10_000_000, 2_000_000
_DAY = r"(\d{4})\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})"
#: what stands before the last day: 有效期至, 有效期限 … 至 …, valid until
_UNTIL = re.compile(
    rf"(?:有效期[限至到止：:]*|valid until|expiry date)[^。；\n]{{0,24}}?(?:{_DAY}[^。；\d\n]{{0,6}})?{_DAY}",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Wanted:
    """What a place for files asks for: words of which its text holds one, or types of certificates. Empty: anything."""

    words: tuple[str, ...] = ()
    types: tuple[str, ...] = ()


@dataclass(frozen=True)
class Examiner:
    """Manifest kind: judges papers the house issued itself. None: it is not one of them, or not told apart."""

    examine: Callable[[Path, Wanted], list[Doubt] | None]


def doubts(path: Path, media_type: str, wanted: Wanted | None = None) -> list[Doubt]:
    """What speaks against a file; none for what is no PDF."""
    if media_type != PDF or path.stat().st_size > BYTES:
        return []
    wanted = wanted or Wanted()
    for one in added(Examiner):
        found = one.examine(path, wanted)
        if found is not None:
            return found
    return list(of_text(text_of(path), wanted, clock.today()))


def of_text(text: str, wanted: Wanted, today: date) -> Iterator[Doubt]:
    """The doubts a text gives; none if there is no text."""
    if not text.strip():
        return
    ends = [found for match in _UNTIL.finditer(text) if (found := _day(match.groups()[3:]))]
    if ends and max(ends) < today:
        yield {"key": "expired", "day": max(ends).isoformat()}
    plain = re.sub(r"\s+", "", text).lower()
    if wanted.words and not any(re.sub(r"\s+", "", word).lower() in plain for word in wanted.words):
        yield {"key": "wrong", "wanted": wanted.words[0]}


def text_of(path: Path) -> str:
    """The text layer of the first pages; "" if there is none or it cannot be read with little work."""
    try:
        found = ""
        for page in PdfReader(path).pages[:PAGES]:
            content = page.get_contents()
            if content is None or len(content.get_data()) > CONTENT:
                continue
            found += page.extract_text() + "\n"
        return found[:SIGNS]
    except Exception:  # pypdf raises nearly anything on a file made to hurt it; a hint is not worth a refusal
        return ""


def sentence(doubt: dict[str, Any]) -> str:
    """A doubt in the language of the page: so are the words in it that have an English form."""
    facts = {name: (doubt.get(f"{name}_en") or said) if english() else said for name, said in doubt.items()}
    return str(SENTENCES[doubt["key"]]) % facts


def _day(parts: tuple[str, ...]) -> date | None:
    try:
        return date(*(int(part) for part in parts))
    except ValueError:
        return None
