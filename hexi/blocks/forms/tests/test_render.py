"""Where the lines of an error summary lead."""

import pytest
from django.utils import translation

from hexi.blocks.forms import render
from hexi.blocks.forms.tests.make import make_field, make_words


@pytest.mark.parametrize(
    ("path", "control"),
    [
        ("name", "#id_name"), ("home", "#id_home.region"), ("home.detail", "#id_home.detail"), ("felling", "#id_felling.from"),
        ("spot", "#id_spot.lon"), ("consent", "#id_consent.strokes"), ("members", "#row-members"),
        ("members.r1.name", "#id_members.r1.name"), ("members.r1.home", "#id_members.r1.home.region"),
    ],
)  # fmt: skip
def test_a_line_of_the_error_summary_leads_to_a_control(path, control):
    rows = [make_field("text", "name"), make_field("address", "home")]
    fields = [
        make_field("text", "name"), make_field("address", "home"), make_field("period", "felling"), make_field("map_point", "spot"),
        make_field("signature", "consent"), make_field("repeating", "members", fields=rows),
    ]  # fmt: skip
    assert render.anchors({path: "请填写。"}, fields) == [(control, "请填写。")]


@pytest.mark.parametrize(
    ("language", "example", "hint"),
    [
        ("zh-hans", make_words("杨树", "Poplar"), "例如：杨树"), ("en", make_words("杨树", "Poplar"), "Poplar"),
        ("en", "36", "36"),
    ],
)  # fmt: skip
def test_an_example_is_shown_in_the_readers_language(language, example, hint):
    with translation.override(language):
        assert hint in render.Question(make_field(example=example), "it", None, True, True, {}).hint
