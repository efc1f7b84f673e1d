"""Questions as pages show them: controls, hints and errors of a section, rows of the check page, the mirror.

Stands above `queries`, below `pages`.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as made
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from markupsafe import Markup

from hexi.blocks.documents.models import Document
from hexi.blocks.forms import answers, conditions, drafts, figures, queries, saying
from hexi.blocks.forms.definitions import Field, Section
from hexi.blocks.forms.queries import Standing
from hexi.blocks.regions import queries as regions
from hexi.ui import words

#: more choices than this are a drop-down list
RADIOS = 7
AUTOCOMPLETE = {"person.name": "name", "person.address": "street-address"}
TYPES = {"phone": "tel", "email": "email"}
INPUTMODES = {"number": "decimal", "money": "decimal", "phone": "tel", "email": "email"}


@dataclass
class Question:
    """One field with what stands in it: everything a macro of `forms/fields.html` needs.

    `name` is the name of its control and, as "row-<name>" and "id_<name>", what errors link to.
    """

    field: Field
    name: str
    value: Any
    shown: bool
    required: bool
    errors: Mapping[str, str]
    source: str = ""
    rows: "list[Row]" = made(default_factory=list)
    files: Sequence[Document] = ()

    @property
    def label(self) -> str:
        """The words of the question."""
        return str(self.field.label)

    @property
    def error(self) -> str:
        """What is wrong with the answer as a whole."""
        return self.errors.get(self.name, "")

    @property
    def hint(self) -> str:
        """Help, example, unit of a bound and where a prefilled answer came from, in one line under the question."""
        parts = [str(self.field.hint or "")]
        if self.field.example:
            parts.append(_("例如：%(example)s") % {"example": self.field.example})
        if self.field.kind == "period":
            parts.append(_("填开始和结束两天，都算在内。"))
        if self.field.kind == "computed":
            parts.append(_("根据您的回答自动算出，不用填。"))
        if self.source:
            parts.append(_source(self.source))
        return " ".join(part for part in parts if part)

    @property
    def options(self) -> list[tuple[str, Any]]:
        """The choices: (key, words)."""
        if self.field.kind == "yes_no":
            return [("yes", words.yes_no(True)), ("no", words.yes_no(False))]
        return [(choice.key, _worded(choice.label, choice.hint)) for choice in self.field.choices]

    @property
    def listed(self) -> bool:
        """True if the choices are too many to show them all."""
        return self.field.kind == "choice" and len(self.field.choices) > RADIOS

    @property
    def type(self) -> str:
        """Type of the input. A day that is no day stays visible as text instead of being emptied by the browser."""
        if self.field.kind == "date":
            return day_type(self.value)
        return TYPES.get(self.field.kind, "text")

    @property
    def inputmode(self) -> str:
        """Which keys a phone shows."""
        return INPUTMODES.get(self.field.kind, "")

    @property
    def autocomplete(self) -> str:
        """What the browser may fill in of what it knows about its owner."""
        return AUTOCOMPLETE.get(self.field.prefill or "", TYPES.get(self.field.kind, "off"))

    @property
    def unit(self) -> str:
        """What stands behind the number."""
        return _("元") if self.field.kind == "money" else str(self.field.unit or "")

    @property
    def width(self) -> str:
        """How wide the input is: short for numbers and days."""
        return {"number": "short", "money": "short", "date": "short", "phone": "medium"}.get(self.field.kind, "")

    @property
    def said(self) -> str:
        """A computed value in words."""
        return saying.say(self.field, self.value) if self.value not in (None, "") else _("（还算不出来）")

    @property
    def most_files(self) -> int:
        """How many files a file question takes."""
        return int(self.field.max or 1) if isinstance(self.field.max, int | float | None) else 1

    @property
    def room(self) -> int:
        """How many more files it takes."""
        return max(self.most_files - len(self.files), 0)

    @property
    def drawn(self) -> str:
        """A signature that was drawn, as the path of an SVG of 600 × 200; "" if none was."""
        strokes = self.value.get("strokes") if isinstance(self.value, dict) else None
        return saying.path_of(strokes) if isinstance(strokes, list) else ""

    @property
    def may_change(self) -> bool:
        """True if other answers decide whether it must be answered, so that the page follows them (questions.js)."""
        return isinstance(self.field.required, dict)

    def part_type(self, part: str) -> str:
        """Type of the input for one end of a period."""
        return day_type(self.value.get(part))

    def levels(self, code: Any) -> list[regions.Level]:
        """The selects of the region picker, down to the level wanted."""
        return regions.levels(code if isinstance(code, str) else "")


@dataclass
class Row:
    """One row of a repeating group."""

    key: str
    number: int
    questions: list[Question]


def questions(section: Section, standing: Standing, errors: Mapping[str, str]) -> list[Question]:
    """The questions of a section, with the draft's answers, right or wrong, in them; hidden ones too."""
    kept, sources = standing.draft.answers, standing.draft.sources
    return [
        _question(field, field.key, kept.get(field.key), standing, errors, sources.get(field.key, ""))
        for field in section.fields
    ]


def _question(
    field: Field, name: str, value: Any, standing: Standing, errors: Mapping[str, str], source: str = "", row: str = ""
) -> Question:
    """`row` is the path of the row it stands in: conditions there look at the row first, then at the form round it."""
    cleaned = standing.cleaned
    if field.kind == "computed":
        value = cleaned.at(name)
    question = Question(
        field=field, name=name, value=entered(field, value), shown=name in cleaned.shown,
        required=conditions.holds(field.required, _look(cleaned, row)), errors=errors, source=source,
        files=standing.files.get(answers.FILES + name, ()) if field.kind in answers.FILED else (),
    )  # fmt: skip
    if field.kind == "repeating":
        rows = value if isinstance(value, list) else []
        if not rows and question.required:
            rows = [{"id": secrets.token_hex(4)}]  # the first row is there to be filled in; kept once it is posted
        question.rows = [_row(field, name, number, row, standing, errors) for number, row in enumerate(rows, 1)]
    return question


def _row(field: Field, name: str, number: int, row: answers.Raw, standing: Standing, errors: Mapping[str, str]) -> Row:
    prefix = f"{name}.{row['id']}"
    inner = [
        _question(one, f"{prefix}.{one.key}", row.get(one.key), standing, errors, row=prefix) for one in field.fields
    ]
    return Row(row["id"], number, inner)


def _look(cleaned: answers.Cleaned, row: str) -> conditions.Look:
    """What a condition asks: in a row the row's own answers before those of the form."""

    def look(name: str) -> Any:
        inside = cleaned.at(f"{row}.{name}")
        return cleaned.look(name) if inside is None else inside

    return look if row else cleaned.look


def _source(key: str) -> str:
    if key in ("person", "enterprise"):
        return _("来自企业登记信息，请核对。") if key == "enterprise" else _("来自您的账户，请核对。")
    other = drafts.known_of(key)
    return _("来自%(source)s，请核对。") % {"source": other.title} if other else ""


def _worded(label: Any, hint: Any) -> Any:
    return Markup('{}<span class="hint">{}</span>').format(label, hint) if hint else str(label)


def day_type(value: Any) -> str:
    """ "date" for nothing or a day, else "text"."""
    try:
        return "date" if not value or date.fromisoformat(value) else "text"
    except (TypeError, ValueError):
        return "text"


def entered(field: Field, value: Any) -> Any:
    """What stands in the control for an answer that is kept, right or wrong."""
    if field.kind in answers.PARTS:
        return value if isinstance(value, dict) else {}
    if field.kind == "choices":
        return value if isinstance(value, list) else []
    if field.kind == "computed":
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if field.kind == "money" and isinstance(value, int):
        return f"{Decimal(value) / 100:.2f}"
    return "" if value is None or isinstance(value, dict | list) else value


# --- for the browser --------------------------------------------------------------------------------------------------


def mirror(section: Section, cleaned: answers.Cleaned) -> dict[str, Any] | None:
    """What `questions.js` needs to show, hide, require and compute while somebody types; None without such rules.

    Of other sections only the answers that these conditions look at go to the browser.
    """
    groups = [field for field in section.fields if field.kind == "repeating"]
    every = [*section.fields, *(one for group in groups for one in group.fields)]
    if all(field.when is True and isinstance(field.required, bool) and field.kind != "computed" for field in every):
        return None
    here = {field.key for field in section.fields}
    asked = (conditions.names([field.when, field.required, field.formula]) for field in every)
    looked_at = {name for names in asked for name in names} - here
    elsewhere = {name: cleaned.look(name) for name in sorted(looked_at)}
    return {
        "fields": [_mirrored(field) for field in section.fields],
        "rows": {group.key: [_mirrored(field) for field in group.fields] for group in groups},
        "answers": {name: value for name, value in elsewhere.items() if value is not None},
    }


def _mirrored(field: Field) -> dict[str, Any]:
    least, most = (_plain(figures.bound(bound)) for bound in (field.min, field.max))
    return {
        "key": field.key, "kind": field.kind, "decimals": field.decimals, "min": least, "max": most,
        "whens": [field.when], "required": field.required, "formula": field.rule().formula, "result": field.result,
    }  # fmt: skip


def _plain(bound: Any) -> Any:
    return bound.isoformat() if isinstance(bound, date) else bound


def summary(standing: Standing) -> list[tuple[Section, list[tuple[str, str, str, str]]]]:
    """For the check page, by section: (question, answer, address to change it, word of the link)."""
    found = []
    for section in standing.sections:
        page, rows = queries.address(standing.draft, f"form.{section.key}"), []
        for field in section.fields:
            if field.key in standing.cleaned.shown and field.kind != "note":
                value = standing.cleaned.values.get(field.key)
                answer = saying.say(field, value) if value is not None else _("（未填）")
                rows.append((str(field.label), answer, page + anchors({field.key: ""}, [field])[0][0], _("修改")))
        found.append((section, rows))
    return found


def anchors(errors: Mapping[str, str], fields: Iterable[Field], page: str = "") -> list[tuple[str, str]]:
    """The lines of an error summary: (address of the control, sentence)."""
    kinds = dict(_kinds(fields))
    return [(f"{page}#{_anchor(path, kinds)}", sentence) for path, sentence in errors.items()]


#: kinds of several controls: the first of them
_FIRST = {"address": ".region", "period": ".from", "map_point": ".lon", "signature": ".strokes"}


def _kinds(fields: Iterable[Field], before: str = "") -> Iterator[tuple[str, str]]:
    """(path without the key of a row, kind) of every field."""
    for field in fields:
        yield before + field.key, field.kind
        yield from _kinds(field.fields, f"{before}{field.key}.")


def _anchor(path: str, kinds: Mapping[str, str]) -> str:
    """The id of the control a fault is about; of a whole group of rows its frame."""
    group, _dot, inner = path.partition(".")
    inside = inner.partition(".")[2] if kinds.get(group) == "repeating" else ""
    kind = kinds.get(f"{group}.{inside}" if inside else path, "")
    return f"row-{path}" if kind == "repeating" else f"id_{path}{_FIRST.get(kind, '')}"
