"""Rows about persons in loaded data: the number is granted masked, or not at all, and still everybody finds who looked."""

import uuid
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db.models import TextField
from django.db.models.functions import Cast

from hexi.blocks.audit.models import Entry as Logged
from hexi.blocks.catalog.models import Access, MessageLog
from hexi.blocks.catalog.operations import fetching
from hexi.blocks.catalog.queries.exchange import earlier_accesses
from hexi.blocks.catalog.store.grammar import Fault as Wrong
from hexi.blocks.catalog.tests.make import make_entry
from hexi.blocks.catalog.tests.make_exchange import BY, make_grant
from hexi.blocks.catalog.tests.make_rows import fresh_folder, make_rows
from hexi.blocks.people import rekeying
from hexi.blocks.people.models import Account, Identifier
from hexi.blocks.people.queries import RESIDENT, looks_at
from hexi.blocks.people.tests.make import make_citizen, new_keys
from hexi.blocks.people.vault import ring
from hexi.blocks.regions.tests.make import YUMEN
from hexi.wire.checksums import make_resident_id

pytestmark = pytest.mark.django_db
OTHER = "620902199001011233"
NUMBERS = [make_resident_id("629999", date(1980, 1, 1), serial) for serial in range(1, 13)]
ITEMS = [
    {"name": "id_number", "title": "公民身份号码", "title_en": "Number", "type": "C", "length": 18, "key": True,
     "required": True, "personal": True, "mask": "part", "sensitivity": "sensitive"},
    {"name": "paid", "title": "补贴", "title_en": "Paid", "type": "C", "personal": True, "sensitivity": "internal"},
]  # fmt: skip


def number_of(person):
    held = Identifier.objects.get(person=person, type=RESIDENT)
    return ring().open(held.number, held.type_id)


@pytest.fixture
def paid():
    """A loaded list of who was paid: one registered person, and one who is not registered here."""
    fresh_folder()
    entry = make_entry(
        title=f"补贴 {uuid.uuid4().hex[:6]}", items=ITEMS, open=False, license="", grading="sensitive",
        sharing="conditional", sharing_condition="办件需要",
    )  # fmt: skip
    person = make_citizen(name="石建国").person
    make_rows(entry, f"id_number,paid\n{number_of(person)},一百\n{OTHER},二百\n")
    entry.refresh_from_db()
    return entry, person


def ask(given, question):
    return fetching.fetch(given, question, by=BY, purpose="核对", case="c")


def hashed(number):
    return ring().lookup(number, RESIDENT)


def test_a_masked_number_is_shown_masked_and_written_down_whole(paid):
    entry, person = paid
    page = ask(make_grant(entry, fields={"id_number": "part", "paid": "none"}, basis="c"), {})
    assert (len(page.rows), page.total, page.aside) == (2, 2, ())
    assert all("*" in row[0] for row in page.rows)
    told = set(Access.objects.values_list("person_hash", "told"))
    assert told == {(hashed(number_of(person)), True), (hashed(OTHER), False)}
    assert len(looks_at(person)) == 1


def test_a_number_that_was_not_granted_cannot_be_searched_by(paid):
    entry, person = paid
    given = make_grant(entry, fields={"paid": "none"}, basis="c")
    assert ask(given, {"q": number_of(person)}).rows == []
    assert ask(given, {"q": "一百"}).rows == [("一百",)]
    assert len(looks_at(person)) == 1
    with pytest.raises(Wrong):
        ask(given, {"where": {"field": "id_number", "op": "=", "value": OTHER}})


def test_who_registers_later_finds_who_was_given_his_rows_before(paid, client):
    entry, person = paid
    ask(make_grant(entry, fields={"paid": "none"}, basis="c"), {})
    client.force_login(Account.objects.get(person=person))
    assert "登记以前" not in client.get("/my/looks/").content.decode(), "he was registered, and stands in his log"
    late = make_citizen("late", name="王兰")
    client.force_login(late)
    assert "登记以前" not in client.get("/my/looks/").content.decode()
    Identifier.objects.filter(person=late.person).update(lookup=hashed(OTHER))
    assert "登记以前，您的数据给出过 1 次。" in client.get("/my/looks/").content.decode()
    shown = client.get("/my/looks/earlier/").content.decode()
    for word in (Access.objects.get(told=False).office, entry.title, "核对"):
        assert word in shown


def test_rows_that_say_nobodys_number_are_counted_where_the_reading_is_logged():
    """Nobody can find them in his own log; the office that is answerable for the rows can."""
    fresh_folder()
    items = [ITEMS[0] | {"required": False}, ITEMS[1]]
    entry = make_entry(title="补贴", items=items, open=False, license="", grading="sensitive")
    make_rows(entry, f"id_number,paid\n{OTHER},一百\n,二百\n  ,三百\n")
    given = make_grant(entry, fields={"paid": "none"}, basis="c")
    assert len(ask(given, {}).rows) == 3
    assert [one.person_hash for one in Access.objects.all()] == [hashed(OTHER)]
    ask(given, {"where": {"field": "paid", "op": "=", "value": "二百"}})
    told = Logged.objects.filter(verb="catalog.read").order_by("pk").values_list("facts", flat=True)
    assert [(one["persons"], one["rows_without_person"]) for one in told] == [(1, 2), (0, 1)]


def test_new_keys_take_nobody_the_sight_of_who_looked(paid):
    """Registered or not: also who registers after the keys were changed finds who was given his rows before."""
    entry, person = paid
    ask(make_grant(entry, fields={"paid": "none"}, basis="c"), {})
    number = number_of(person)
    assert set(Access.objects.values_list("told", "number")) == {(True, None), (False, OTHER)}
    sealed = Access.objects.annotate(raw=Cast("number", TextField())).get(told=False).raw
    assert OTHER not in sealed
    with new_keys():
        for _again in range(2):
            told = set(Access.objects.values_list("person_hash", "told"))
            assert told == {(hashed(number), True), (hashed(OTHER), False)}
            rekeying.reindex()
        late = make_citizen(name="王兰").person
        assert list(earlier_accesses(late)) == []
        Identifier.objects.filter(person=late).update(lookup=hashed(OTHER))
        assert [one.entry for one in earlier_accesses(late)] == [entry]


def test_counts_tell_nothing_of_persons_who_are_not_told(paid):
    entry, person = paid
    given = make_grant(entry, fields={"id_number": "none", "paid": "none"}, basis="c")
    named = {"field": "id_number", "op": "=", "value": number_of(person)}
    for limit in (0, fetching.MOST_PERSONS + 1):
        with pytest.raises(Wrong):
            ask(given, {"limit": limit, "where": named})
    assert ask(given, {"limit": 1}).total is None
    Access.objects.all().delete()
    assert ask(given, {"where": named, "offset": 5}).total is None
    assert [one.person_hash for one in Access.objects.all()] == [hashed(number_of(person))]


def test_who_is_asked_about_and_not_found_finds_it_too(paid):
    entry, _person = paid
    absent = make_citizen("absent", name="王兰").person
    given = make_grant(entry, fields={"id_number": "none"}, basis="c")
    for question in (
        {"where": {"field": "id_number", "op": "=", "value": number_of(absent)}},
        {"where": {"and": [{"field": "id_number", "op": "in", "value": [number_of(absent)]}]}},
    ):
        assert ask(given, question).rows == []
    assert len(looks_at(absent)) == 2


# --- the file has other columns than the catalogue --------------------------------------------------------------------
def test_rows_that_do_not_say_whose_they_are_any_more_are_not_given(paid):
    entry, person = paid
    given = make_grant(entry, fields={"paid": "none"}, basis="c")
    make_rows(entry, "paid,village\n一百,下西号\n二百,下西号\n")
    for only in (None, person.pk):
        with pytest.raises(ValidationError, match="每行是谁的"):
            fetching.fetch(given, {}, by=BY, purpose="核对", case="c", person=only)
    assert (Access.objects.count(), MessageLog.objects.count()) == (0, 0)
    with pytest.raises(ValidationError, match="每行没有写明是谁的"):
        make_grant(entry, fields={"paid": "none"}, basis="other")


def test_figures_too_need_to_say_whose_rows_they_count(paid):
    """Six rows may be one person's."""
    entry, _person = paid
    given = make_grant(entry, fields={"paid": "none"}, basis="c")
    make_rows(entry, "paid\n" + "一百\n" * 6)
    with pytest.raises(ValidationError, match="每行是谁的"):
        ask(given, {"group": ["paid"], "aggregates": [{"do": "count", "as": "n"}]})


@pytest.fixture
def relief():
    """A register of relief: who gets it is marked personal, how much and since when is not."""
    fresh_folder()
    items = [ITEMS[0], {"name": "level", "title": "档次", "type": "C", "sensitivity": "internal"},
             {"name": "amount", "title": "金额", "type": "I", "sensitivity": "internal"}]  # fmt: skip
    entry = make_entry(
        title=f"低保 {uuid.uuid4().hex[:6]}", items=items, open=False, license="", grading="sensitive",
        sharing="conditional", sharing_condition="办件需要",
    )  # fmt: skip
    person = make_citizen(name="石建国").person
    make_rows(entry, f"id_number,level,amount\n{number_of(person)},一档,500\n{OTHER},二档,400\n")
    entry.refresh_from_db()
    return entry, person


def test_rows_that_say_whose_they_are_are_of_persons_whatever_is_marked(relief):
    entry, person = relief
    with pytest.raises(ValidationError, match="办件编号"):
        make_grant(entry, fields={"level": "none", "amount": "none"})
    given = make_grant(entry, fields={"level": "none", "amount": "none"}, basis="c")
    with pytest.raises(ValidationError, match="用途和办件编号"):
        fetching.fetch(given, {}, by=BY, person=person.pk)
    page = fetching.fetch(given, {}, by=BY, purpose="核对", case="办-1", person=person.pk)
    assert page.rows == [("一档", 500)]
    assert [(one.case, one.told) for one in Access.objects.all()] == [("办-1", True)]
    assert len(looks_at(person)) == 1
    assert ask(given, {"aggregates": [{"do": "sum", "field": "amount", "as": "x"}]}).rows == []
    with pytest.raises(Wrong):
        ask(given, {"limit": fetching.MOST_PERSONS + 1})


def test_a_grant_given_before_its_items_were_marked_is_held_to_it(relief):
    entry, person = relief
    given = make_grant(entry, fields={"level": "none"}, basis="c")
    type(given).objects.filter(pk=given.pk).update(personal=False)
    with pytest.raises(ValidationError, match="用途和办件编号"):
        fetching.fetch(given, {}, by=BY)


def test_five_rows_of_one_person_are_one_person(relief):
    entry, person = relief
    rows = [f"{number_of(person).lower()} ,一档,{n}" for n in range(5)]
    rows += [f"{number},一档,{n}" for n, number in enumerate(NUMBERS[:3])]
    rows += [f"{number},二档,{n}" for n, number in enumerate(NUMBERS)]
    make_rows(entry, "\n".join(["id_number,level,amount", *rows, ""]))
    given = make_grant(entry, fields={"level": "none", "amount": "none"}, basis="c")
    count = [{"do": "count", "as": "n"}]
    assert ask(given, {"group": ["level"], "aggregates": count}).rows == [], "eight rows of four persons, and the next"
    second = {"aggregates": count, "where": {"field": "level", "op": "=", "value": "二档"}}
    assert ask(given, second).rows == [(len(NUMBERS),)]


def test_a_region_cannot_be_cut_out_of_rows_without_its_column():
    fresh_folder()
    entry = make_entry(title=f"风电 {uuid.uuid4().hex[:6]}")
    given = make_grant(entry, fields=["day"], rows=YUMEN, region_field="station")
    make_rows(entry, "place,day\n620981,2026-01-31\n")
    with pytest.raises(ValidationError, match="没有区划列“station”"):
        fetching.fetch(given, {}, by=BY)


def test_rows_without_any_granted_column_are_refused_in_words():
    fresh_folder()
    entry = make_entry(title=f"风电 {uuid.uuid4().hex[:6]}")
    given = make_grant(entry, fields=["day"])
    make_rows(entry, "place,wind\n620981,3\n")
    with pytest.raises(ValidationError, match="没有授权的信息项"):
        fetching.fetch(given, {}, by=BY)
