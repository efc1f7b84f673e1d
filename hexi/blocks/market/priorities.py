"""Who is served first: rules as data (pack `priorities`), dated. Stands beside models."""

from datetime import date
from functools import cache
from typing import Annotated

from pydantic import Field

from hexi.blocks.people.models import Person
from hexi.kernel import packs
from hexi.kernel.packs import PackModel, Words


class Priority(PackModel):
    """One rule. By age (known from the identity number), or by one's own word, which the window checks."""

    key: Annotated[str, Field(pattern=r"^[a-z_]+$", max_length=40)]
    title: Words
    from_age: int | None = None
    on_word: bool = True
    valid_from: date
    valid_to: date | None = None
    basis: str
    verified: bool

    def holds(self, day: date) -> bool:
        """True if the rule is in force on the day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class Priorities(PackModel):
    """`priorities/*.yaml`: who is served first."""

    priorities: tuple[Priority, ...]


@cache
def rules() -> tuple[Priority, ...]:
    """Every rule, as the files say."""
    return tuple(one for path in packs.files("priorities") for one in packs.read(path, Priorities).priorities)


def in_force(day: date) -> list[Priority]:
    """The rules of a day, in the order they are asked."""
    return [one for one in rules() if one.holds(day)]


def first_for(person: Person | None, claims: tuple[str, ...], day: date) -> str:
    """The key of the rule that puts somebody first on a day; "" if none does."""
    age = _age(person.born, day) if person is not None and person.born else None
    for rule in in_force(day):
        if rule.from_age is not None and age is not None and age >= rule.from_age:
            return rule.key
        if rule.on_word and rule.key in claims:
            return rule.key
    return ""


def title_of(key: str) -> Words | None:
    """The name of a rule."""
    return next((one.title for one in rules() if one.key == key), None)


def _age(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
