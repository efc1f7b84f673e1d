"""A pack's error names file, line and sentence."""

from pathlib import Path
from typing import Literal

import pytest

from hexi.kernel import packs
from hexi.kernel.packs import PackModel, Words

HERE = Path("x.yaml")


class Step(PackModel):
    name: Words
    days: int


class Thing(PackModel):
    key: str
    kind: Literal["instant", "promise"]
    steps: list[Step]


GOOD = """key: felling
kind: promise
steps:
  - name: {zh: 受理, en: Acceptance}
    days: 1
"""


def faults(text):
    with pytest.raises(packs.PackError) as caught:
        packs.parse(text, Thing, HERE)
    return [(fault.line, fault.sentence) for fault in caught.value.faults]


def test_good_pack():
    thing = packs.parse(GOOD, Thing, HERE)
    assert (thing.key, thing.steps[0].days) == ("felling", 1)


def test_words_follow_the_language(settings):
    from django.utils import translation

    words = packs.parse(GOOD, Thing, HERE).steps[0].name
    with translation.override("en"):
        assert str(words) == "Acceptance"
    with translation.override("zh-hans"):
        assert str(words) == "受理"


def test_missing_field_names_the_line_of_its_parent():
    line, sentence = faults(GOOD.replace("    days: 1\n", ""))[0]
    assert line == 4
    assert "steps.0.days" in sentence
    assert "必填" in sentence


def test_unknown_field_names_its_own_line():
    assert faults(GOOD + "colour: red\n")[0][0] == 6


def test_every_fault_is_told_at_once():
    text = GOOD.replace("promise", "later").replace("days: 1", "days: soon")
    assert [line for line, _ in faults(text)] == [2, 5]


def test_broken_yaml_names_the_line():
    line, sentence = faults("key: [felling\nkind: promise\n")[0]
    assert line == 2
    assert "YAML" in sentence


@pytest.mark.parametrize(
    ("raw", "line", "word"),
    [
        (GOOD.encode() + b"key: other\n", 6, "「key」写了两次"),
        (GOOD.replace("    days: 1", "    days: 1\n    days: 2").encode(), 6, "「days」写了两次"),
        (b"key: a\nkind: \xff\n", 2, "UTF-8"),
        (b"key: a\nkind: \x01\n", 2, "控制字符"),
        (b"key: a\nkind: 2026-13-01\n", 2, "没有「2026-13-01」这一天"),
        (b"key: a\n---\nkind: b\n", 2, "YAML"),
        (b"key: a\nkind: !!python/object:os.system x\n", 2, "YAML"),
        (b"", 1, "键值对"),
        (b"key: &a [*a]\n", 1, "展开后太大"),
    ],
)
def test_whatever_a_file_holds_the_answer_is_a_line_and_a_sentence(tmp_path, raw, line, word):
    path = tmp_path / "x.yaml"
    path.write_bytes(raw)
    with pytest.raises(packs.PackError) as caught:
        packs.read(path, Thing)
    first = caught.value.faults[0]
    assert (first.path, first.line) == (path, line)
    assert word in first.sentence


def test_a_key_taken_over_from_an_anchor_may_be_replaced():
    text = GOOD + "  - &one {name: {zh: 甲, en: A}, days: 1}\n  - {<<: *one, days: 3}\n"
    assert [step.days for step in packs.parse(text, Thing, HERE).steps] == [1, 1, 3]


def test_aliases_that_stand_for_millions_are_refused_at_once():
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True):
        bomb += f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    line, sentence = faults(bomb)[0]
    assert (line, "展开后太大" in sentence) == (6, True)


@pytest.mark.parametrize("text", ["[" * 3_000, "a: {" * 3_000], ids=["lists", "mappings"])
def test_what_is_too_deep_is_refused(text):
    line, sentence = faults(text)[0]
    assert (line, "层次太深" in sentence) == (1, True)


def test_digest_ignores_order_but_not_content():
    assert packs.digest({"a": 1, "b": [1, 2]}) == packs.digest({"b": [1, 2], "a": 1})
    assert packs.digest({"a": 1}) != packs.digest({"a": 2})
