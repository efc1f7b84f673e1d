"""Putting, removing, rebuilding, counting questions."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from hexi.blocks.people.actors import Nobody
from hexi.blocks.search import operations, queries
from hexi.blocks.search.models import Asked, Entry
from hexi.blocks.search.tests.make import KINDS, OWNED, make_entry, make_found
from hexi.kernel import clock

pytestmark = pytest.mark.django_db


def refs(question: str) -> list[str]:
    return sorted(queries.matches(question, actor=Nobody()).values_list("ref", flat=True))


def test_putting_again_changes_the_one_entry():
    make_entry("林木采伐许可", ref="k", body="旧文")
    make_entry("草原征占用审核", ref="k", body="新文", weight=7, region_code="620981000000")
    entry = Entry.objects.get()
    assert (entry.title, entry.body, entry.weight, entry.region_code) == ("草原征占用审核", "新文", 7, "620981000000")
    assert refs("草原") == ["k"]
    assert refs("采伐") == refs("旧文") == refs("caifa") == []


def test_the_same_key_in_two_kinds_is_two_things():
    make_entry("采伐", ref="k")
    make_entry("采伐", ref="k", kind="article")
    assert Entry.objects.count() == 2


def test_removed_things_are_not_found():
    make_entry("采伐甲", ref="a")
    make_entry("采伐乙", ref="b")
    operations.remove("item", "a")
    operations.remove("item", "never there")
    assert refs("采伐") == ["b"]


def test_what_is_rolled_back_is_not_found():
    with transaction.atomic():
        make_entry("采伐甲")
        transaction.set_rollback(True)
    assert refs("采伐") == []


def test_a_batch_with_one_thing_twice_keeps_the_last():
    operations.put_all([make_found("采伐旧", ref="k"), make_found("采伐新", ref="k")])
    assert Entry.objects.get().title == "采伐新"


def test_long_names_and_texts_are_cut():
    make_entry("采" * 500, ref="k", url="/k/", title_en="a" * 500, body="伐" * 50_000)
    entry = Entry.objects.get()
    assert (len(entry.title), len(entry.title_en), len(entry.body)) == (300, 300, operations.BODY)
    assert refs("伐伐") == ["k"]


def test_spaces_and_line_ends_of_a_text_are_folded():
    assert make_entry(body=" 甲\n\n 乙\t丙\x00丁 ").body == "甲 乙 丙 丁"


# --- rebuild ----------------------------------------------------------------------------------------------------------


def rebuilt():
    return list(operations.rebuild(KINDS[0]))[-1]


def test_a_rebuild_writes_what_is_missing_and_removes_what_is_gone():
    make_entry("采伐旧", ref="gone")
    make_entry("采伐政策", ref="other kind", kind="article")
    OWNED["item"] += [make_found("采伐甲", ref="a"), make_found("采伐乙", ref="b")]
    done = rebuilt()
    assert (done.written, done.removed) == (2, 1)
    assert refs("采伐") == ["a", "b", "other kind"]


def test_a_rebuild_goes_in_batches(monkeypatch):
    monkeypatch.setattr(operations, "BATCH", 2)
    OWNED["item"] += [make_found(f"采伐{n}", ref=str(n)) for n in range(5)]
    assert rebuilt().written == 5
    assert len(refs("采伐")) == 5


def test_a_rebuild_leaves_what_its_owner_wrote_meanwhile(monkeypatch):
    make_entry("采伐旧", ref="a")
    OWNED["item"].append(make_found("采伐旧", ref="a"))
    original = operations._not_newer

    def meanwhile(*arguments):
        make_entry("采伐新", ref="a")
        make_entry("采伐又新", ref="b")
        return original(*arguments)

    monkeypatch.setattr(operations, "_not_newer", meanwhile)
    done = rebuilt()
    assert (done.written, done.removed) == (0, 0)
    assert sorted(Entry.objects.values_list("title", flat=True)) == ["采伐又新", "采伐新"]


# --- counting questions -----------------------------------------------------------------------------------------------


def test_questions_are_counted_by_day():
    for question in ("采伐", " 采伐！", "采伐"):
        operations.count(question, public=1)
    assert list(Asked.objects.values_list("day", "text", "times")) == [(clock.today(), "采伐", 3)]


@pytest.mark.parametrize(
    ("question", "public"),
    [
        ("张三丰", 0),  # answered by nothing public: may be a name
        ("10000000001", 1), ("1000 0000", 1), ("采伐2026", 1),  # may be a number of a person or case
        ("采", 1), ("", 1), ("！", 1),
        ("采" * 21, 1),
    ],
)  # fmt: skip
def test_what_may_be_personal_or_is_no_word_is_not_kept(question, public):
    operations.count(question, public=public)
    assert not Asked.objects.exists()


# --- twice at once ----------------------------------------------------------------------------------------------------


def at_once(job, arguments) -> None:
    """Run the job with each argument in a thread of its own."""

    def run(argument):
        try:
            job(argument)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(arguments)) as pool:
        for done in [pool.submit(run, argument) for argument in arguments]:
            done.result()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_many_put_one_thing_at_once():
    at_once(lambda n: [operations.put(make_found(f"采伐{n}", ref="k")) for _ in range(10)], list(range(8)))
    entry = Entry.objects.get()
    found = [n for n in range(8) if refs(f"采伐 {n}")]
    assert [f"采伐{n}" for n in found] == [entry.title]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_many_ask_one_question_at_once():
    at_once(lambda n: [operations.count("采伐", public=1) for _ in range(10)], list(range(8)))
    assert Asked.objects.get().times == 80
