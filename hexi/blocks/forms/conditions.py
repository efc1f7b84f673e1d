"""Conditions and formulas of forms: a strict subset of JsonLogic, in plain Python. Stands below all of this block.

The browser runs the same rules (`ui/static/ui/src/js/conditions.js`); both are held to `tests/conditions.json`.
Unlike JavaScript's JsonLogic nothing is converted: 1 is not "1", 1 is not true, and what cannot be ordered is not less.
A formula that misses a number, divides by nought or leaves what a browser counts exactly has no value (null).
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce
from itertools import pairwise
from typing import Any

Condition = Any  # a JSON value; bool and {"operator": [...]} are what a pack may write
Look = Callable[[str], Any]
LARGEST = 2**53 - 1  # beyond it a browser no longer counts exactly
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def evaluate(condition: Condition, look: Look) -> Any:
    """The value of a condition; `look(name)` gives the answer to a field, None if it has none."""
    if isinstance(condition, list):
        return [evaluate(part, look) for part in condition]
    if not isinstance(condition, dict):
        return condition
    ((operator, operands),) = condition.items()
    if operator == "var":
        return look(_one(operands))
    values = [evaluate(part, look) for part in _many(operands)]
    return OPERATORS[operator][2](*values)


def holds(condition: Condition, look: Look) -> bool:
    """True if the condition's value counts as true (null, false, 0, "" and what is empty do not)."""
    return bool(evaluate(condition, look))


@dataclass(frozen=True)
class Rule:
    """What decides about one field: it is shown if all `whens` hold; with a `formula` it is computed, not asked."""

    whens: tuple[Condition, ...] = ()
    formula: Condition = None


def nothing(name: str) -> Any:
    """Looks at nothing."""


class Sheet:
    """Answers under their rules: what is shown, what is computed. A hidden field counts as not given.

    A name without a rule is a fact: from `answers`, else from `outer` (a row looks at the form round it). Rules that
    look at each other in a circle (lint refuses them) hide or empty their fields instead of running for ever.
    """

    def __init__(self, rules: Mapping[str, Rule], answers: Mapping[str, Any], outer: Look = nothing):
        self.rules, self._answers, self._outer = rules, answers, outer
        self._shown: dict[str, bool] = {}
        self._computed: dict[str, Any] = {}

    def shows(self, key: str) -> bool:
        """True if the field of this key is asked or computed."""
        if key not in self._shown:
            self._shown[key] = False
            self._shown[key] = all(holds(when, self.look) for when in self.rules[key].whens)
        return self._shown[key]

    @property
    def shown(self) -> set[str]:
        """The keys of all fields that are."""
        return {key for key in self.rules if self.shows(key)}

    def look(self, name: str) -> Any:
        """The answer, the computed value or the fact of this name; None if there is none."""
        rule = self.rules.get(name)
        if rule is None:
            fact = self._answers.get(name)
            return self._outer(name) if fact is None else fact
        if not self.shows(name):
            return None
        if rule.formula is None:
            return self._answers.get(name)
        if name not in self._computed:
            self._computed[name] = None
            self._computed[name] = evaluate(rule.formula, self.look)
        return self._computed[name]


def names(condition: Condition) -> Iterator[str]:
    """The fields a condition looks at."""
    if isinstance(condition, list):
        for part in condition:
            yield from names(part)
    elif isinstance(condition, dict):
        for operator, operands in condition.items():
            if operator == "var":
                yield _one(operands)
            else:
                yield from names(operands)


def comparisons(condition: Condition) -> Iterator[tuple[str, Any]]:
    """Each (field, value) that `==`, `!=` or `in` sets beside each other: lint looks whether the value can occur."""
    if isinstance(condition, list):
        for part in condition:
            yield from comparisons(part)
    elif isinstance(condition, dict):
        ((operator, operands),) = condition.items()
        if operator in ("==", "!=", "in"):
            yield from _pairs(*_many(operands))
        if operator != "var":
            yield from comparisons(operands)


def fault(condition: Condition) -> str | None:
    """What is wrong with the shape of a condition, as a sentence; None if it can be evaluated."""
    if isinstance(condition, list):
        return next((found for found in map(fault, condition) if found), None)
    if not isinstance(condition, dict):
        return None
    if len(condition) != 1:
        return f"条件要写成一个运算符 / a condition is one operator with its operands, not {len(condition)}"
    ((operator, operands),) = condition.items()
    if operator == "var":
        return None if isinstance(_one(operands), str) else "var 后面写一个字段名 / var takes the name of a field"
    if operator not in OPERATORS:
        return f"没有运算符「{operator}」，可用：{'、'.join(('var', *OPERATORS))} / unknown operator"
    least, most, _ = OPERATORS[operator]
    if not least <= len(_many(operands)) <= most:
        return f"「{operator}」要有 {least} 到 {most} 个值 / takes {least} to {most} operands"
    return fault(operands)


def same(one: Any, other: Any) -> bool:
    """Equal without conversion, part by part; a truth value equals only itself."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return bool(one == other)


def _less(*values: Any) -> bool:
    return all(_ordered(one, other, strict=True) for one, other in pairwise(values))


def _at_most(*values: Any) -> bool:
    return all(_ordered(one, other, strict=False) for one, other in pairwise(values))


def _ordered(one: Any, other: Any, *, strict: bool) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        # browsers order text by UTF-16 units, so that is what counts here too
        one, other = one.encode("utf-16-be", "surrogatepass"), other.encode("utf-16-be", "surrogatepass")
    elif not (_is_number(one) and _is_number(other)):
        return False
    return bool(one < other or (not strict and one == other))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _within(needle: Any, hay: Any) -> bool:
    if isinstance(hay, list):
        return any(same(needle, part) for part in hay)
    return isinstance(hay, str) and isinstance(needle, str) and needle in hay


# --- formulas ---------------------------------------------------------------------------------------------------------


def _exact(value: float) -> int | float | None:
    """A result as both sides count it; whole numbers as integers."""
    if not math.isfinite(value) or abs(value) > LARGEST:
        return None
    return int(value) if value == int(value) else value


def _counting(step: Callable[[Any, Any], Any]) -> Callable[..., int | float | None]:
    """An operator from left to right over numbers; null as soon as one is missing."""

    def count(*values: Any) -> int | float | None:
        def one(left: Any, right: Any) -> Any:
            return None if left is None or not _is_number(right) else _exact(step(left, right))

        first = _exact(values[0]) if _is_number(values[0]) else None
        return reduce(one, values[1:], first)

    return count


def _minus(*values: Any) -> int | float | None:
    return _counting(lambda left, right: left - right)(*((0, *values) if len(values) == 1 else values))


def _round(value: Any, places: Any = 0) -> int | float | None:
    """Half away from nought, as schools and cashiers round."""
    if not _is_number(value) or not isinstance(places, int) or not 0 <= places <= 6:
        return None
    factor = 10**places
    return _exact(math.copysign(math.floor(abs(value) * factor + 0.5) / factor, value))


def _choose(*values: Any) -> Any:
    """if, then, else if, then, … else."""
    for condition, value in zip(values[::2], values[1::2], strict=False):
        if condition:
            return value
    return values[-1] if len(values) % 2 else None


def _sum(things: Any, key: Any = None) -> int | float | None:
    """The sum of a list of numbers, or of one column of rows; what is empty counts nothing, no rows are 0."""
    column = [one.get(key) if isinstance(one, dict) else one for one in things or ()] if _is_list(things) else [things]
    return _counting(lambda left, right: left + right)(0, *(one for one in column if one is not None))


def _count(things: Any) -> int:
    return len(things) if isinstance(things, list) else int(things not in (None, "", {}))


def _is_list(value: Any) -> bool:
    return value is None or isinstance(value, list)


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) and _DAY.fullmatch(value) else None
    except ValueError:
        return None


def _days(start: Any, end: Any = None) -> int | None:
    """Days from one day to another; of a period, both its ends counted."""
    both = 0
    if isinstance(start, dict) and end is None:
        start, end, both = start.get("from"), start.get("to"), 1
    first, last = _day(start), _day(end)
    return (last - first).days + both if first and last else None


def _years(start: Any, end: Any) -> int | None:
    """Whole years from one day to another: an age."""
    first, last = _day(start), _day(end)
    if not (first and last):
        return None
    return last.year - first.year - ((last.month, last.day) < (first.month, first.day))


def _part(value: Any, name: Any) -> Any:
    """One end of a period, the region or detail of an address."""
    return value.get(name) if isinstance(value, dict) and isinstance(name, str) else None


def _begins(value: Any, start: Any) -> bool:
    return isinstance(value, str) and isinstance(start, str) and value.startswith(start)


# --- shapes -----------------------------------------------------------------------------------------------------------


def _pairs(one: Any, other: Any) -> Iterator[tuple[str, Any]]:
    for field, value in ((one, other), (other, one)):
        if isinstance(field, dict) and "var" in field:
            yield from ((_one(field["var"]), part) for part in _many(value) if not isinstance(part, dict))


def _many(operands: Any) -> list[Any]:
    return operands if isinstance(operands, list) else [operands]


def _one(operands: Any) -> Any:
    return operands[0] if isinstance(operands, list) and len(operands) == 1 else operands


#: operator: fewest operands, most operands, meaning
OPERATORS: dict[str, tuple[int, int, Callable[..., Any]]] = {
    "==": (2, 2, same),
    "!=": (2, 2, lambda one, other: not same(one, other)),
    "<": (2, 3, _less),
    "<=": (2, 3, _at_most),
    ">": (2, 2, lambda one, other: _less(other, one)),
    ">=": (2, 2, lambda one, other: _at_most(other, one)),
    "and": (1, 99, lambda *values: all(values)),
    "or": (1, 99, lambda *values: any(values)),
    "!": (1, 1, lambda value: not value),
    "in": (2, 2, _within),
    "empty": (1, 1, lambda value: value is None or value in ("", [], {})),
    "begins": (2, 2, _begins),
    "part": (2, 2, _part),
    "if": (2, 99, _choose),
    "+": (1, 99, _counting(lambda left, right: left + right)),
    "-": (1, 2, _minus),
    "*": (2, 99, _counting(lambda left, right: left * right)),
    "/": (2, 2, _counting(lambda left, right: left / right if right else math.nan)),
    "min": (1, 99, _counting(min)),
    "max": (1, 99, _counting(max)),
    "round": (1, 2, _round),
    "sum": (1, 2, _sum),
    "count": (1, 1, _count),
    "days": (1, 2, _days),
    "years": (2, 2, _years),
}
