"""What a number says and whether it can be right: one sentence with the remedy if it cannot.

Stands beside `models`: reads a row of `IdentifierType`, writes nothing.
"""

import re
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.people.models import IdentifierType, Person
from hexi.kernel.clock import today
from hexi.ui.words import mask_id
from hexi.wire import checksums


@dataclass(frozen=True)
class Number:
    """A number in its one normal form; born and gender are known only of identity numbers (GB 11643)."""

    type: str
    text: str
    born: date | None = None
    gender: str = Person.Gender.UNKNOWN

    @property
    def masked(self) -> str:
        """As pages show it."""
        return mask_id(self.text)


def read(type: IdentifierType, text: str, *, field: str = "number") -> Number:
    """A number of the type, checked. Raises `ValidationError` for `field`, saying what to mend."""
    try:
        return READERS[type.rule](type, text)
    except checksums.Wrong as wrong:
        raise ValidationError({field: sentence(type, wrong, text)}) from wrong


def sentence(type: IdentifierType, wrong: checksums.Wrong, text: str) -> str:
    """What is wrong with a number, in words."""
    facts = {"type": str(type), "length": len(checksums.tidy(text))}
    return {
        "length": _("%(type)s应为 18 位，现在是 %(length)s 位，请补全或删去多余的字符。"),
        "characters": _("%(type)s里有不该出现的字符，请对照证件逐位核对。"),
        "birth": _("%(type)s第 7 至 14 位不是真实的出生日期，请核对。"),
        "check": _("%(type)s第 18 位校验码不对，请逐位核对。"),
        "organisation": _("%(type)s第 9 至 17 位（主体标识码）的校验码不对，请逐位核对。"),
        "pattern": _("%(type)s的格式不对，请对照证件核对。"),
    }[wrong.reason] % facts


def _resident(type: IdentifierType, text: str) -> Number:
    found = checksums.read_resident_id(text)
    if found.birth > today():
        raise checksums.Wrong("birth")
    gender = Person.Gender.MALE if found.male else Person.Gender.FEMALE
    return Number(type.code, found.number, found.birth, gender)


def _credit(type: IdentifierType, text: str) -> Number:
    return Number(type.code, checksums.read_credit_code(text).code)


def _pattern(type: IdentifierType, text: str) -> Number:
    tidy = checksums.tidy(text)
    if not re.fullmatch(type.pattern or r"[0-9A-Z()]{4,30}", tidy):
        raise checksums.Wrong("pattern")
    return Number(type.code, tidy)


READERS = {
    IdentifierType.Rule.RESIDENT: _resident,
    IdentifierType.Rule.CREDIT: _credit,
    IdentifierType.Rule.PATTERN: _pattern,
}
