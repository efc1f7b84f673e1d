"""What never leaves with an open data set: identifiers, and the four fields a public notice must not show. Pure.

秦安县's rule for notices (public.md of the law on personal information: 个人信息保护法 arts 28, 51): identity numbers,
mobile numbers, bank accounts and the state of health are left out, whatever the provider ticked, unless he has written
down why a column that is called so is of a body (the account of an office); and where such a number stands in the
midst of a text all the same, stars stand in its place, and nothing where it is a cell of figures.
"""

import re
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from itertools import groupby
from typing import Any

from hexi.wire import checksums

#: persons a line must stand for, where a data set tells of persons
LEAST = 5
#: lines of the counts that a data set of persons is opened as, at most
MOST = 50_000
#: the four, by what columns that hold them are called; and identifiers of persons besides
_FORBIDDEN = re.compile(
    r"身份证|证件号|公民身份号|残疾证|护照号|驾驶证号|军官证|通行证号|社会?保障?号"
    r"|id[ _]?card|(?<![a-z])id[ _]?(no|num|number)\b|identity|resident[ _]?number|passport"
    r"|手机|移动电话|联系电话|联系方式|电话号|mobile|cell[ _]?phone|phone[ _]?(no|num|number)\b"
    r"|contact[ _]?(way|info|phone|no\b|num)"
    r"|银行.{0,2}(账|帐|卡)|(账|帐|卡)号|开户|bank[ _]?(account|card)|account[ _]?(no|number)\b|iban"
    r"|健康|疾病|病史|患病|病种|诊断|残疾(类|等|程)|health|disease|illness|diagnos|disabilit",
    re.IGNORECASE,
)
_NUMBERS = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|\d{15,19}|(?:86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4})(?!\d)")
#: the same in the words of both databases, signs before and after included; wider rather than narrower
_D = "[0-9０-９]"
LIKE_A_NUMBER = f"(^|[^0-9])({_D}{{15,19}}|{_D}{{17}}[Xx]|(86[ -]?)?1[3-9]{_D}[ -]?{_D}{{4}}[ -]?{_D}{{4}})([^0-9]|$)"
#: the shortest of them
SHORTEST = 11
#: the same as figures, from (with) to (without): mobile numbers, with 86 before them, cards and identity numbers
BANDS = ((13 * 10**9, 20 * 10**9), (8_613 * 10**9, 8_620 * 10**9), (10**15, 2**63 - 1))


def forbidden(*names: str) -> bool:
    """True for a column that is called (name, title, English title) like one that must not leave."""
    return bool(_FORBIDDEN.search(" ".join(names)))


def scrub(value: Any) -> Any:
    """A text with stars instead of identity, mobile and bank card numbers; a figure that is one is None.

    Any other value as it is. Stars would not fit a column of figures.
    """
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return None if _one_of_them(value) else value
    if not isinstance(value, str) or len(value) < SHORTEST:
        return value
    return _NUMBERS.sub(lambda found: "*" * 8 if secret(found[0]) else found[0], value)


def _one_of_them(value: int | float | Decimal) -> bool:
    return any(low <= value < high for low, high in BANDS) and value == int(value) and secret(str(int(value)))


def secret(text: str) -> bool:
    """True for the number of a person: identity (GB 11643), mobile, bank card (Luhn, ISO/IEC 7812-1)."""
    digits = re.sub(r"[ -]", "", text)
    if re.fullmatch(r"(86)?1[3-9]\d{9}", digits):
        return True
    if len(digits) == 18:
        try:
            checksums.read_resident_id(digits)
        except checksums.Wrong:
            return digits.isdigit() and _luhn(digits)
        return True
    return digits.isdigit() and 16 <= len(digits) <= 19 and _luhn(digits)


def _luhn(digits: str) -> bool:
    doubled = (int(digit) * 2 for digit in digits[-2::-2])
    return (sum(int(digit) for digit in digits[::-2]) + sum(each // 10 + each % 10 for each in doubled)) % 10 == 0


def counted(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]] | None:
    """Persons counted by all that is told of them, groups under LEAST left out; None if there are over MOST groups.

    Last in each row stands whose it is, and the rows of one person stand together: he counts once in a group, however
    many rows he has there. Rows that say nobody's are not counted.
    Every figure anybody is told is a sum of these lines, so that no difference of two leads to a smaller group: of
    one count. Between two counts (a load, or the days of an own table) a group may grow by one, and that is seen.
    """
    found: Counter[tuple[Any, ...]] = Counter()
    for whose, of_one in groupby(rows, key=lambda row: row[-1]):
        if whose is None:
            continue
        found.update({row[:-1] for row in of_one})
        if len(found) > MOST:
            return None
    return sorted(((*row, n) for row, n in found.items() if n >= LEAST), key=lambda line: tuple(map(_order, line)))


def _order(value: Any) -> tuple[bool, Any]:
    return value is None, "" if value is None else (str(value) if isinstance(value, str | bool) else value)
