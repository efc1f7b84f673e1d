"""Conditions of forms: a strict subset of JsonLogic, in plain Python. Stands below everything in this block.

The browser runs the same rules (`ui/static/ui/src/js/conditions.js`); both are held to `tests/conditions.json`.
Unlike JavaScript's JsonLogic nothing is converted: 1 is not "1", 1 is not true, and what cannot be ordered is not less.
An operator for formulas (issue 3) is one more line in `OPERATORS` here and in the browser's table.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

Condition = Any  # a JSON value; bool and {"operator": [...]} are what a pack may write
Look = Callable[[str], Any]


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


def visible(whens: Mapping[str, Iterable[Condition]], answers: Mapping[str, Any]) -> set[str]:
    """The keys whose conditions all hold, where the answer to a hidden field counts as not given.

    A name that is no key of `whens` is a fact from outside and always counts. A circle of conditions (lint refuses
    it) hides its members instead of running for ever.
    """
    known: dict[str, bool] = {}

    def look(name: str) -> Any:
        return answers.get(name) if name not in whens or shows(name) else None

    def shows(key: str) -> bool:
        if key not in known:
            known[key] = False
            known[key] = all(holds(when, look) for when in whens[key])
        return known[key]

    return {key for key in whens if shows(key)}


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
}
