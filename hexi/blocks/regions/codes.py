"""Arithmetic of 12-digit division codes (统计用区划代码): level, prefix, parent. Pure; every module here may use it."""

import re

#: digits that tell a division from its neighbours: nation, province, prefecture, county, township, village
DIGITS = (0, 2, 4, 6, 9, 12)
PROVINCE, PREFECTURE, COUNTY, TOWNSHIP, VILLAGE = range(1, 6)
NATION = "0" * 12


def is_code(text: str) -> bool:
    """True for twelve digits that are not all zero."""
    return re.fullmatch(r"[0-9]{12}", text) is not None and text != NATION


def level_of(code: str) -> int:
    """1 province to 5 village, by where the zeros at the end begin; 0 for the nation or an empty code.

    Found by groups, not by single zeros: 621000000000 is a prefecture (6210), not a province with four digits.
    """
    return next(level for level, digits in enumerate(DIGITS) if not code[digits:].strip("0"))


def prefix(code: str) -> str:
    """The digits that the codes of the division and of everything inside it begin with."""
    return code[: DIGITS[level_of(code)]]


def ancestors(code: str) -> tuple[str, ...]:
    """The codes of everything above a division, province first, the division itself last.

    Levels that are not there are left out: a city without counties has its townships as direct children.
    """
    codes = [code[:digits].ljust(12, "0") for digits in DIGITS[1 : level_of(code) + 1]]
    return tuple(dict.fromkeys(codes))


def parent(code: str) -> str:
    """The code one level up, "" above a province."""
    return next(iter(ancestors(code)[-2:-1]), "")


def above(start: str) -> tuple[str, ...]:
    """The codes of everything above a subtree, by the digits its codes begin with (`Scope.region`); itself is not."""
    return ancestors(start.ljust(12, "0"))[:-1] if start else ()


def span(code: str) -> tuple[str, str]:
    """(lowest code, first code beyond) of the subtree, for a range any database answers from its index."""
    start = prefix(code)
    if not start.strip("9"):
        return start.ljust(12, "0"), "a"  # after every digit
    return start.ljust(12, "0"), str(int(start) + 1).zfill(len(start)).ljust(12, "0")
