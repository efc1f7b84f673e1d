"""The classifier by itself; and on real messages, where they are at hand, with the figures printed."""

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


@pytest.mark.long
@pytest.mark.skipif(not MESSAGES.exists(), reason=f"real messages are not at hand: {MESSAGES}")
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("how", "accuracy", "macro_f1"),
    [("segmented", 0.92, 0.91), ("without spaces", 0.91, 0.90), ("as written", 0.9, 0.89)],
)
def test_real_messages(capsys, how, accuracy, macro_f1):
    """Seven first-level classes; a fifth kept out, copies of a message on one side.

    The region's own orders come as people write them: that figure counts. Words cut apart and without stop words are
    easier, and are what others report.
    """
    examples = commands.read(RAW, "留言详情", "一级标签") if how == "as written" else commands.read(MESSAGES)
    if how == "without spaces":
        examples = [("".join(text.split()), path) for text, path in examples]
    text, found = commands.report(examples, "hexi")
    with capsys.disabled():
        print(f"\n{how}: {text}")
    assert len(found.table) == 7
    assert found.tested > 1500
    assert found.accuracy >= accuracy
    assert found.macro_f1 >= macro_f1
