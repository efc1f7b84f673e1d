"""Letters (文书): their wording as a pack, their number, their PDF. Beside operations, which write them."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from pydantic import Field

from hexi.blocks.calendars.wording import with_warning
from hexi.blocks.cases import numbers
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.hooks import letter_written
from hexi.blocks.cases.models import Case, Clock, Letter, ThirdParty, clocks_of
from hexi.blocks.cases.parts import LETTER_FACTS, LetterText
from hexi.blocks.documents import operations as documents
from hexi.blocks.documents import pdf
from hexi.kernel import clock, packs
from hexi.kernel.actors import Actor
from hexi.kernel.fixed import insert, update
from hexi.kernel.packs import PackModel, Words
from hexi.ui.words import day, on_paper

#: letters by which an office decides
DECIDING = ("granted", "partly", "refused")


class Text(PackModel):
    """Title and paragraphs of a letter."""

    title: Words
    body: list[str] = Field(min_length=1)


class Wording(Text):
    """One kind of letter; `otherwise` is its text for matters that are no permits (行政许可法 does not rule them)."""

    kind: str
    word: str
    otherwise: Text | None = None


class Wordings(PackModel):
    """A file `packs/letters/*.yaml`."""

    letters: list[Wording]


@cache
def wordings() -> dict[str, Wording]:
    """Every kind of letter; a later file (a region's) replaces the house's own."""
    return {one.kind: one for path in packs.files("letters") for one in packs.read(path, Wordings).letters}


def load(path: Path, content: Wordings) -> None:
    """Wordings are read from the files; loading makes the next reading fresh."""
    wordings.cache_clear()


def check(path: Path, content: Wordings) -> list[packs.Fault]:
    """Facts that no letter has."""
    return [
        packs.Fault(path, 1, f"「{one.kind}」没有这些事实：{'、'.join(sorted(strange))} / no such facts")
        for one in content.letters
        if (
            strange := {
                name for text in (*one.body, *(one.otherwise.body if one.otherwise else ())) for name in _names(text)
            }
            - LETTER_FACTS
        )
    ]


def write(
    case: Case, kind: str, *, by: Actor, points: dict[str, str] | None = None, to: ThirdParty | None = None,
    **facts: Any,
) -> Letter:  # fmt: skip
    """Number a letter, make its sealed PDF and keep both with the case; in the caller's transaction.

    `points` maps keys of fields and materials to what is asked; `facts` fill the wording. What the item has to say
    with this kind of letter is its last paragraph. `to` is somebody else than the applicant.
    """
    wording, at = wordings()[kind], clock.now()
    national = definition(case.version).national
    text = _text(case, kind)
    number = numbers.letter_number(case.department_id, case.department.name, wording.word, clock.local_day(at))
    with translation.override("zh-hans"), on_paper():
        added = [words.zh] if (words := national.notices.get(kind)) else []
        facts = {name: str(value) if isinstance(value, (Words, Promise)) else value for name, value in facts.items()}
        known = _facts(case, points or {}) | {name: str(value) for name, value in facts.items()}
        page = pdf.official(
            title=text.title.zh, number=number, to=to.name if to else case.applicant_name,
            body=paragraphs([*text.body, *added], known),
            office=case.department.name, day=clock.local_day(at), qr_url=f"/progress/?number={case.number}",
            demo=settings.DEMO,
        )  # fmt: skip
    letter = Letter(
        case=case, kind=kind, number=number, issued_at=at, facts={"points": points or {}, **facts}, third_party=to
    )
    insert(letter)
    letter.document = documents.keep(
        page, name=f"{text.title.zh}.pdf", title=text.title.zh, source=case.department.name, by=by,
        owner=to.person if to else case.applicant, thing=case, slot=f"letter:{kind}",
    )  # fmt: skip
    update(letter, "document")
    if to is None:
        letter_written.ring(letter=letter, by=by)
    return letter


def paper(
    case: Case, kind: str, *, by: Actor, thing: tuple[str, str], to: str, link: str, body: Iterable[str] = (),
    **facts: str,
) -> Letter:  # fmt: skip
    """A numbered letter of another kind of case: its wording filled with `facts`, then the paragraphs of `body`.

    The PDF belongs to `thing`, whose `Reader` says who reads it beside the applicant; its QR code leads to `link`. The
    row keeps no fact.
    """
    wording, at = wordings()[kind], clock.now()
    number = numbers.letter_number(case.department_id, case.department.name, wording.word, clock.local_day(at))
    with translation.override("zh-hans"), on_paper():
        dues = {"office": case.department.name, "number": case.number, "day": day(clock.local_day(at))}
        page = pdf.official(
            title=wording.title.zh, number=number, to=to, body=[*paragraphs(wording.body, dues | facts), *body],
            office=case.department.name, day=clock.local_day(at), qr_url=link,
            demo=settings.DEMO,
        )  # fmt: skip
    letter = Letter(case=case, kind=kind, number=number, issued_at=at)
    insert(letter)
    letter.document = documents.keep(
        page, name=f"{wording.title.zh}.pdf", title=wording.title.zh, source=case.department.name, by=by,
        owner=case.applicant, thing=thing, slot=f"letter:{letter.pk}",
    )  # fmt: skip
    update(letter, "document")
    return letter


def on_paper_day(moment: datetime | None, uncertain: bool = False) -> str:
    """A day as letters say it: in the law's language, whoever presses the button."""
    with translation.override("zh-hans"), on_paper():
        return with_warning(day(moment), uncertain)


def paragraphs(body: Iterable[str], facts: dict[str, str]) -> list[str]:
    """The body with its facts; a paragraph that names an empty fact is left out."""
    return [
        line
        for text in body
        if all(facts.get(name) for name in _names(text))
        for line in text.format_map(facts).splitlines()
    ]


def title_of(letter: Letter) -> Words:
    """What a letter is called."""
    return _text(letter.case, letter.kind).title


def _text(case: Case, kind: str) -> Text | LetterText:
    """How this kind of letter is worded for the case: by the item itself, else as for permits or for other matters."""
    national, wording = definition(case.version).national, wordings()[kind]
    if kind in national.letters:
        return national.letters[kind]  # type: ignore[index]
    return wording if national.is_permit or wording.otherwise is None else wording.otherwise


def _facts(case: Case, points: dict[str, str]) -> dict[str, str]:
    rules = definition(case.version)
    names = rules.points
    dues = {one.kind: with_warning(day(one.due), one.uncertain) for one in clocks_of(case)}
    return {
        "number": case.number,
        "title": case.title,
        "applicant": case.applicant_name,
        "office": case.department.name,
        "day": day(clock.today()),
        "received": day(case.received_at),
        "due": dues.get(Clock.Kind.DELIVERY) or dues.get(Clock.Kind.LEGAL, ""),
        "promised": dues.get(Clock.Kind.PROMISED, ""),
        "remedy": rules.remedy,
        "points": "\n".join(f"{n}．{names[key]}：{text}" for n, (key, text) in enumerate(points.items(), 1)),
    }


def _names(text: str) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(text) if name]
