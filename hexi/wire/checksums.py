"""Check characters of Chinese identifiers: GB 11643, GB 32100, GB 11714 and ISO/IEC 7064 MOD 37,36 (GB/T 36904)."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

ALPHABET36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#: GB 32100: no I, O, S, V, Z, which look like digits
ALPHABET31 = "0123456789ABCDEFGHJKLMNPQRTUWXY"
RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
#: the root object identifier of electronic licences, which is not part of what MOD 37,36 is counted over
LICENCE_ROOT = "1.2.156.3005.2."


class Wrong(ValueError):
    """An identifier cannot be right. `reason`: "length", "characters", "birth", "organisation" or "check"."""

    def __init__(self, reason: str, expected: str = "") -> None:
        super().__init__(f"{reason}: {expected} expected" if expected else reason)
        self.reason = reason


@dataclass(frozen=True)
class ResidentId:
    """A citizen identity number in its 18-character form, and what it says."""

    number: str
    area: str
    birth: date
    male: bool


@dataclass(frozen=True)
class CreditCode:
    """A unified social credit code, and its parts: who registered it (2 characters), area, organisation code."""

    code: str
    kind: str
    area: str
    organisation: str


def tidy(text: str) -> str:
    """Capital letters, half width, without the spaces and hyphens people type between groups."""
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", text)).upper()


def resident_check(first17: str) -> str:
    """The 18th character of an identity number (GB 11643-1999, ISO 7064 MOD 11-2)."""
    total = sum(weight * int(digit) for weight, digit in zip(RESIDENT_WEIGHTS, first17, strict=True))
    return "10X98765432"[total % 11]


def read_resident_id(text: str) -> ResidentId:
    """An identity number of 18 characters, or of 15 digits (before 1999), checked. Raises `Wrong`.

    Unknown area codes are accepted: areas are dissolved, but the numbers issued there stay valid.
    """
    number = tidy(text)
    if len(number) not in (15, 18):
        raise Wrong("length", "18")
    if not re.fullmatch(r"[0-9]{15}|[0-9]{17}[0-9X]", number):
        raise Wrong("characters")
    if len(number) == 15:
        number = f"{number[:6]}19{number[6:]}"
        number += resident_check(number)
    birth = _birth(number[6:14])
    if number[17] != resident_check(number[:17]):
        raise Wrong("check")
    return ResidentId(number, number[:6], birth, int(number[16]) % 2 == 1)


def _birth(digits: str) -> date:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError as error:
        raise Wrong("birth") from error


def make_resident_id(area: str, birth: date, serial: int) -> str:
    """The number of the `serial`-th person (1 to 999, odd: male) born that day in a 6-digit area."""
    first17 = f"{area}{birth:%Y%m%d}{serial:03d}"
    return first17 + resident_check(first17)


def organisation_check(first8: str) -> str:
    """The 9th character of an organisation code (GB 11714-1997), digits and capital letters before it."""
    total = sum(
        weight * ALPHABET36.index(character) for weight, character in zip(ORGANISATION_WEIGHTS, first8, strict=True)
    )
    return "0123456789X0"[11 - total % 11]


def is_organisation_code(text: str) -> bool:
    """True for nine characters, with or without the hyphen before the last, whose check character is right."""
    code = tidy(text)
    return re.fullmatch(r"[0-9A-Z]{8}[0-9X]", code) is not None and organisation_check(code[:8]) == code[8]


def credit_check(first17: str) -> str:
    """The 18th character of a unified social credit code (GB 32100-2015)."""
    total = sum(weight * ALPHABET31.index(character) for weight, character in zip(CREDIT_WEIGHTS, first17, strict=True))
    return ALPHABET31[-total % 31]


def read_credit_code(text: str) -> CreditCode:
    """A unified social credit code with its area, organisation code and both check characters right. Raises `Wrong`.

    The first two characters may be any of the alphabet: letters stand for younger registering authorities.
    """
    code = tidy(text)
    if len(code) != 18:
        raise Wrong("length", "18")
    if not re.fullmatch(rf"[{ALPHABET31}]{{2}}[0-9]{{6}}[{ALPHABET31}]{{10}}", code):
        raise Wrong("characters")
    if code[17] != credit_check(code[:17]):
        raise Wrong("check")
    if not is_organisation_code(code[8:17]):
        raise Wrong("organisation")
    return CreditCode(code, code[:2], code[2:8], code[8:17])


def make_credit_code(kind: str, area: str, organisation: str) -> str:
    """The credit code of registering authority and kind (2), area (6) and an organisation code's first 8."""
    first17 = kind + area + organisation + organisation_check(organisation)
    return first17 + credit_check(first17)


def mod37_36(text: str) -> str:
    """The check character of digits and capital letters by ISO/IEC 7064 MOD 37,36. Raises ValueError for others."""
    product = 36
    for character in text:
        product = (product + ALPHABET36.index(character)) % 36 or 36
        product = product * 2 % 37
    return ALPHABET36[(1 - product) % 36]


def licence_check(identifier: str) -> str:
    """The last character of an electronic licence identifier (GB/T 36904-2018), given all before it.

    Counted over what follows the root object identifier, dots left out.
    """
    return mod37_36(identifier.removeprefix(LICENCE_ROOT).replace(".", ""))


def is_licence_identifier(identifier: str) -> bool:
    """True if an identifier has the root, the five parts of GB/T 36904-2018 and the right check character."""
    form = rf"{re.escape(LICENCE_ROOT)}[0-9A-Z]{{21}}\.[0-9A-Z]{{18}}\.[0-9A-Z]+\.[0-9A-Z]{{3}}\.[0-9A-Z]"
    return re.fullmatch(form, identifier) is not None and licence_check(identifier[:-2]) == identifier[-1]
