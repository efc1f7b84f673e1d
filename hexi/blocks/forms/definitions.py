"""What a form is made of: the schema that packs are checked against. Stands above `conditions` alone."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, StringConstraints
from pydantic import Field as Given

from hexi.blocks.forms import conditions
from hexi.kernel.packs import PackModel, Words

Kind = Literal[
    "text", "long_text", "number", "money", "date", "period", "choice", "choices", "yes_no", "region", "address",
    "identity_number", "credit_code", "phone", "email", "note", "repeating",
]  # fmt: skip
Prefill = Literal[
    "person.name", "person.identity", "person.phone", "person.address", "person.region",
    "enterprise.name", "enterprise.credit_code", "enterprise.representative",
]  # fmt: skip
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
    `level` is how far down a region is to be chosen: 1 province, 2 prefecture, 3 county, 4 township, 5 village.
    `messages` replace the usual sentences. `fields` are those of one row of a repeating group.
    """

    key: Key
    kind: Kind
    label: Words
    hint: Words | None = None
    example: str = ""
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


class Section(PackModel):
    """One topic, shown on one screen."""

    key: Key
    title: Words
    about: Words | None = None
    when: Condition = True
    fields: Annotated[tuple[Field, ...], AfterValidator(_some)]


class Form(PackModel):
    """All questions of one matter, section after section."""

    sections: Annotated[tuple[Section, ...], AfterValidator(_some)]

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
    """A place for files, made by a service item from one of its materials (kept in `documents`, not in answers)."""

    key: Key
    title: Words
    required: Condition = True
    when: Condition = True
    hint: Words | None = None
    max_files: int = Given(default=1, ge=1)
