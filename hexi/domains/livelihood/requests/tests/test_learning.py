"""The classifier by itself; and on real messages, where they are at hand, with the figures printed."""

import csv
from pathlib import Path

import pytest

from hexi.domains.livelihood.requests import commands, learning

DATA = Path("/work/shared/data/complaints-12345")
#: the same messages, cut into words with stop words left out, and as people wrote them
MESSAGES, RAW = DATA / "labelled-segmented-train.csv", DATA / "labelled-fulltext-train.csv"
LAMP, BUS, WAGE = ("01", "0102"), ("02", "0201"), ("03", "0301")


def make_examples() -> list[learning.Example]:
    """Sentences of three classes, each six times with other surroundings."""
    words = {LAMP: "路灯不亮", BUS: "公交车不停站", WAGE: "工资拖欠不发", ("01", "0103"): "自来水停水"}
    starts = ("村口", "学校门口", "镇上", "老城区", "小区", "广场边")
    return [(f"{start}{word}，请处理", path) for start in starts for path, word in words.items()]


def test_a_class_is_named_level_by_level_with_a_confidence():
    model = learning.learn(make_examples(), least=2)
    found = model.classify("北门的路灯不亮了")
    assert [path for path, _sure in found][0] == LAMP
    assert found[0][1] > 0.6
    assert sum(sure for _path, sure in found) <= 1.000001
    assert model.classify("工资一直拖欠")[0][0] == WAGE


def test_the_same_examples_give_the_same_model():
    examples = make_examples()
    assert learning.learn(examples).packed() == learning.learn(examples).packed()
    assert learning.digest(examples) == learning.digest(examples[::-1])
    assert learning.digest(examples) != learning.digest(examples[1:])


def test_what_is_kept_answers_as_what_was_learnt():
    model = learning.learn(make_examples(), least=2)
    again = learning.unpack(model.packed())
    for text in ("公交车不停", "停水两天", "完全不同的话", ""):
        assert [path for path, _sure in again.classify(text)] == [path for path, _sure in model.classify(text)]


def test_one_class_alone_is_sure_of_what_it_knows_and_of_nothing_else():
    model = learning.learn([("路灯不亮", ("01",)), ("路灯坏了", ("01",))], least=1)
    assert model.classify("路灯不亮") == [(("01",), 1.0)]
    assert model.classify("随便什么") == [(("01",), 0.0)]


def test_accuracy_macro_f1_and_confusion():
    class Fixed(learning.Model):
        def classify(self, text, most=3):
            return [((text[0],), 1.0)]

    examples = [("a1", ("a",)), ("a2", ("a",)), ("b1", ("b",)), ("a3", ("b",))]
    found = learning.measure(Fixed({}, [], {}), examples)
    assert found.table == {"a": {"a": 2}, "b": {"b": 1, "a": 1}}
    assert found.accuracy == 0.75
    assert found.macro_f1 == pytest.approx((4 / 5 + 2 / 3) / 2)


def test_texts_that_begin_alike_fall_on_the_same_side():
    start = "这是一段很长的开头用来看两条几乎一样的诉求会不会分到两边"
    learnt, kept_out = learning.split([(f"{start}{n}", ("a",)) for n in range(20)])
    assert sorted((len(learnt), len(kept_out))) == [0, 20]


def test_a_table_is_read_once_each(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text("text,class\n路灯不亮,a\n路灯不亮,a\n停水,b\n,b\n", "utf-8")
    assert commands.read(file) == [("路灯不亮", ("a",)), ("停水", ("b",))]


def show(capsys, how, text):
    with capsys.disabled():
        print(f"\n{how}: {text}")


@pytest.mark.long
@pytest.mark.skipif(not MESSAGES.exists(), reason=f"real messages are not at hand: {MESSAGES}")
@pytest.mark.timeout(900)
@pytest.mark.parametrize("spaces", [True, False])
def test_real_messages(capsys, spaces):
    """Seven first-level classes; a fifth kept out, copies of a message on one side. Cut into words, and run together."""
    examples = commands.read(MESSAGES)
    if not spaces:
        examples = [("".join(text.split()), path) for text, path in examples]
    text, found = commands.report(examples, "hexi")
    show(capsys, "cut into words" if spaces else "run together", text)
    assert len(found.table) == 7
    assert found.tested > 1500
    assert found.accuracy >= 0.92
    assert found.macro_f1 >= 0.91


@pytest.mark.long
@pytest.mark.skipif(not RAW.exists(), reason=f"real messages are not at hand: {RAW}")
@pytest.mark.timeout(900)
def test_real_messages_as_people_wrote_them(capsys):
    """The few that are published whole, subject and stop words and all; learnt from the others, run together.

    Far below what is said of texts that were cut and cleaned: this figure is nearer to what a hotline will see.
    """
    with RAW.open(encoding="utf-8-sig", newline="") as lines:
        rows = [
            (f"{row['留言主题']} {row['留言详情']}".strip(), (row["一级标签"].strip(),))
            for row in csv.DictReader(lines)
        ]
    texts = [text for text, _path in rows]
    others = [("".join(text.split()), path) for text, path in commands.read(MESSAGES) if not _is_one_of(text, texts)]
    found = learning.measure(learning.learn(others), rows)
    show(capsys, "as written", f"learnt from {len(others)}, tested on {found.tested}: "
         f"accuracy {found.accuracy:.4f}, macro-F1 {found.macro_f1:.4f}")  # fmt: skip
    assert (len(found.table), found.tested, len(others) > 7000) == (7, 457, True)
    assert found.accuracy >= 0.82
    assert found.macro_f1 >= 0.83


def _is_one_of(cut, texts):
    """True if one of the texts has every one of the first words: the same message, cut."""
    words = [word for word in cut.split() if len(word) > 1][:8]
    return any(all(word in text for word in words) for text in texts)
