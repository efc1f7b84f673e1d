"""docs/pains.md: every pain has its test, and every test it names is there."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.HEXI_PACKS).parent
TEXT = (ROOT / "docs" / "pains.md").read_text("utf-8")
TABLE, NOT_YET = TEXT.split("## Not yet")
ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+) \|$", re.MULTILINE)
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")
ROWS = [(int(number), pain, tests) for number, pain, tests in ROW.findall(TABLE)]


def functions(path):
    """The tests a file defines."""
    return {one.name for one in ast.parse(path.read_text("utf-8")).body if isinstance(one, ast.FunctionDef)}


def test_they_are_numbered_in_their_order():
    lines = [line for line in TABLE.splitlines() if line.startswith("|")][2:]
    assert [number for number, _pain, _tests in ROWS] == list(range(1, len(lines) + 1))
    assert len({pain for _number, pain, _tests in ROWS}) == len(ROWS)


@pytest.mark.parametrize(("number", "pain", "tests"), ROWS, ids=lambda one: str(one) if isinstance(one, int) else "")
def test_every_pain_has_tests_that_are_there(number, pain, tests):
    named = NAMED.findall(tests)
    lost = [f"{file}::{test}" for file, test in named if test not in functions(ROOT / file)]
    assert (lost, NAMED.sub("", tests).strip(), bool(named)) == ([], "", True)


def test_what_is_not_there_yet_says_why():
    rows = [line.strip("|").split(" | ") for line in NOT_YET.splitlines() if line.startswith("| ")][1:]
    assert [row for row in rows if len(row) != 2 or not all(cell.strip() for cell in row)] == []
    assert "::" not in NOT_YET
