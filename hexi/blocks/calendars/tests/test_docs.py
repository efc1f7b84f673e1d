"""The examples of docs/clocks.md, run as they stand there."""

import doctest
from pathlib import Path

import pytest

from hexi.blocks.calendars import queries
from hexi.blocks.calendars.tests.make import at, make_nation

PAGE = Path(__file__).parents[4] / "docs" / "clocks.md"


@pytest.mark.django_db
def test_the_examples_of_the_page():
    make_nation()
    text = PAGE.read_text("utf-8").replace("\n```", "\n\n")  # a fence ends an answer
    examples = doctest.DocTestParser().get_doctest(text, {"queries": queries, "at": at}, "clocks.md", str(PAGE), 0)
    assert len(examples.examples) > 15
    said = []
    result = doctest.DocTestRunner().run(examples, out=said.append)
    assert (result.failed, "".join(said)) == (0, "")
