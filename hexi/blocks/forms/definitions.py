"""What a form is made of: the schema that packs are checked against. Stands above `conditions` alone."""

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, StringConstraints
from pydantic import Field as Given

from hexi.blocks.documents.reading import Wanted
from hexi.blocks.forms import conditions
from hexi.kernel.packs import PackModel, Words

Kind = Literal[
    "text", "long_text", "number", "money", "date", "period", "choice", "choices", "yes_no", "region", "address",
    "map_point", "identity_number", "credit_code", "phone", "email", "file", "photo", "signature", "computed", "note",
    "repeating",
]  # fmt: skip
#: source and what to take from it: "person.name", "certificate.tree-felling.species"
Prefill = Annotated[str, StringConstraints(pattern=r"^[a-z_]+(\.[A-Za-z0-9_\-]+)+$")]
#: what a computed field gives; number and money are rounded to its decimals and to whole fen
Result = Literal["number", "money", "text", "date", "yes_no"]
#: what can be wrong with an answer: keys of a field's own `messages`
Code = Literal["required", "invalid", "too_long", "too_small", "too_large", "too_few", "too_many"]


def _sound(condition: Any) -> Any:
    if sentence := conditions.fault(condition):
        raise ValueError(sentence)
    return condition


def _some(things: tuple[Any, ...]) -> tuple[Any, ...]:
    # not min_length: pydantic counts only the good ones, and would call a broken list an empty one
    if not things:
        raise ValueError("至少要有 1 项 / needs at least 1")
    return things


Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
ChoiceKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.\-]{1,40}$")]
Condition = Annotated[bool | dict[str, Any], AfterValidator(_sound)]
#: as a condition; its value is the field's
Formula = Annotated[Any, AfterValidator(_sound)]
#: a number in the field's unit (money: fen), or for a day "2026-11-24" or "today"
Bound = int | float | str


class Choice(PackModel):
    """One of the answers to choose from."""

    key: ChoiceKey
    label: Words
    hint: Words | None = None


class Field(PackModel):
    """One question. `required` and `when` are true, false or a condition on other answers.

    `min` and `max` bound numbers, fen, days, and the count of choices or rows. `unit` stands behind a number.
    `example` is a good answer: in both languages if it is words, once if it is a number or a code.
    `level` is how far down a region is to be chosen: 1 province, 2 prefecture, 3 county, 4 township, 5 village.
    `messages` replace the usual sentences. `fields` are those of one row of a repeating group. `formula` gives the
    value of a computed field, of the kind `result`. `max` is also the number of files of a file or photo field.
    """

    key: Key
    kind: Kind
    label: Words
    hint: Words | None = None
    example: str | Words = ""
    required: Condition = True
    when: Condition = True
    choices: tuple[Choice, ...] = ()
    min: Bound | None = None
    max: Bound | None = None
    decimals: int = Given(default=0, ge=0, le=6)
    unit: Words | None = None
    max_length: int | None = Given(default=None, ge=1, le=20_000)
    pattern: str = ""
    level: int | None = Given(default=None, ge=1, le=5)
    prefill: Prefill | None = None
    messages: dict[Code, Words] = {}
    fields: "tuple[Field, ...]" = ()
    formula: Formula = None
    result: Result = "number"

    def rule(self, *around: conditions.Condition) -> conditions.Rule:
        """What decides about it; `around` are conditions of what it stands in."""
        formula = self.formula
        if self.kind == "computed" and self.result in ("number", "money"):
            formula = {"round": [formula, self.decimals if self.result == "number" else 0]}
        return conditions.Rule((*around, self.when), formula)


class Section(PackModel):
    """One topic, shown on one screen."""

    key: Key
    title: Words
    about: Words | None = None
    when: Condition = True
    fields: Annotated[tuple[Field, ...], AfterValidator(_some)]


class Stop(PackModel):
    """An end before the end: when `when` holds, the applicant is told why this is not his way, and where it leads."""

    key: Key
    when: Condition
    title: Words
    text: Words
    link: str = ""


class Form(PackModel):
    """All questions of one matter, section after section; `stops` end it early (the first that holds)."""

    sections: Annotated[tuple[Section, ...], AfterValidator(_some)]
    stops: tuple[Stop, ...] = ()

    @cached_property
    def rules(self) -> dict[str, conditions.Rule]:
        """What decides about each question."""
        return {field.key: field.rule(section.when) for section, field in self.fields()}

    @cached_property
    def takes_files(self) -> bool:
        """True if a question asks for files."""
        every = [one for _section, field in self.fields() for one in (field, *field.fields)]
        return any(one.kind in ("file", "photo") for one in every)

    def section(self, key: str) -> Section:
        """The section of this key; `KeyError` if there is none."""
        for section in self.sections:
            if section.key == key:
                return section
        raise KeyError(key)

    def fields(self) -> Iterator[tuple[Section, Field]]:
        """Every question with its section, rows' own questions left out."""
        for section in self.sections:
            for field in section.fields:
                yield section, field


class Slot(PackModel):
    """A place for files, made by a service item from one of its materials (kept in `documents`, not in answers).

    `by_original`: an upload is still to be compared with its original. `self_made`: it may be the applicant's own
    making (trust level D).
    """

    key: Key
    title: Words
    required: Condition = True
    when: Condition = True
    hint: Words | None = None
    max_files: int = Given(default=1, ge=1)
    wanted_words: tuple[str, ...] = ()
    wanted_types: tuple[str, ...] = ()
    by_original: bool = False
    self_made: bool = True

    @property
    def wanted(self) -> Wanted:
        """What an uploaded paper is held against, for a hint."""
        return Wanted(self.wanted_words, self.wanted_types)
