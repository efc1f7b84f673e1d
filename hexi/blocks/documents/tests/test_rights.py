"""Who may read, hand in and change what: deny unless said; each look at another's document is logged once."""

import io
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.audit.models import Entry
from hexi.blocks.documents import operations, queries
from hexi.blocks.documents.tests import make
from hexi.blocks.people.actors import Nobody
from hexi.blocks.people.tests.make import acting, make_account, make_citizen, make_enterprise, make_official
from hexi.kernel import clock
from hexi.kernel.actors import Denied

pytestmark = pytest.mark.django_db
THING = ("tests.thing", "7")


@pytest.fixture
def people():
    """An owner, a stranger, an official, by name."""
    accounts = {"owner": make_citizen(), "stranger": make_citizen(), "official": make_official("examiner")}
    return {name: acting(account) for name, account in accounts.items()}


def readable(document, people) -> dict[str, bool]:
    return {name: queries.may_read(actor, document) for name, actor in {**people, "nobody": Nobody()}.items()}


def test_nobody_but_the_owner_reads_unless_a_manifest_says_so(people):
    document = make.make_document(people["owner"].account.person, thing=THING, slot="id")
    only_owner = {"owner": True, "stranger": False, "official": False, "nobody": False}
    assert readable(document, people) == only_owner
    with make.reader("tests.other", lambda actor, found: True):
        assert readable(document, people) == only_owner
    with make.reader("tests.thing", lambda actor, found: getattr(actor, "official", False) and found.of_ref == "7"):
        assert readable(document, people) == only_owner | {"official": True}
    assert readable(document, people) == only_owner


def test_who_represents_a_body_reads_its_documents(people):
    body = make_enterprise(representative=people["owner"].account.person)
    document = make.make_document(body)
    assert readable(document, people) == {"owner": True, "stranger": False, "official": False, "nobody": False}


def test_before_real_name_binding_an_account_reads_what_it_uploaded():
    first, second = acting(make_account()), acting(make_account())
    document = make.make_document(None, by=first)
    assert [queries.may_read(one, document) for one in (first, second, Nobody())] == [True, False, False]
    assert (list(queries.own(first)), list(queries.own(second))) == ([document], [])


def test_a_clerk_who_scanned_a_paper_is_no_reader_for_that_alone():
    citizen, clerk = make_citizen(), acting(make_official("clerk"))
    make.make_document(citizen.person)
    document = make.make_document(citizen.person, by=clerk)
    assert queries.may_read(clerk, document) is False


def test_a_document_of_nobody_and_by_a_job_is_read_by_nobody(people):
    document = make.make_document(None)
    assert set(readable(document, people).values()) == {False}


@pytest.mark.parametrize(("who", "allowed"), [("owner", True), ("stranger", False), ("official", False)])
def test_only_the_person_or_who_stands_for_it_hands_in(people, who, allowed):
    owner = people["owner"].account.person
    if allowed:
        assert make.make_document(owner, by=people[who]).owner == owner
        return
    with pytest.raises(Denied, match="不能替这位当事人"):
        make.make_document(owner, by=people[who])


def test_a_visitor_hands_in_nothing():
    with pytest.raises(Denied):
        make.make_document(None, by=Nobody())


def test_strangers_change_nothing(people):
    document = make.make_document(people["owner"].account.person, thing=THING)
    for act in (operations.remove, operations.restore):
        with pytest.raises(Denied, match="不是您提交的"):
            act(document, by=people["stranger"])
    with pytest.raises(Denied):
        operations.replace(document, io.BytesIO(make.make_pdf()), name="a.pdf", by=people["official"])
    document.refresh_from_db()
    assert document.removed_at is None


def test_nothing_is_added_to_or_taken_from_a_thing_that_is_closed(people):
    owner = people["owner"]
    document = make.make_document(owner.account.person, thing=THING, slot="id", by=owner)
    with make.reader("tests.thing", changeable=lambda ref, slot: (ref, slot) != ("7", "id")):
        acts = (
            lambda: make.make_document(owner.account.person, thing=THING, slot="id", by=owner, content=make.make_pdf()),
            lambda: operations.remove(document, by=owner),
            lambda: operations.replace(document, io.BytesIO(make.make_pdf()), name="a.pdf", by=owner),
            lambda: operations.attach(document, thing=THING, slot="id", by=owner),
        )
        for act in acts:
            with pytest.raises(ValidationError, match="材料已经提交"):
                act()
        make.make_document(owner.account.person, thing=THING, slot="other", by=owner)
        operations.keep(make.make_pdf(), name="通知书.pdf", by=owner, thing=THING, slot="id")
    assert {slot: len(found) for slot, found in queries.by_slot(*THING).items()} == {"id": 2, "other": 1}


def looks():
    return list(Entry.objects.filter(verb="look").order_by("id").values_list("actor_key", "about_person", "facts"))


def test_each_look_at_anothers_document_is_logged_once_in_ten_minutes(people, monkeypatch):
    person, official = people["owner"].account.person, people["official"]
    document = make.make_document(person, thing=THING, title="身份证")
    operations.look(document, by=people["owner"])
    assert looks() == []
    with make.reader("tests.thing", purpose=lambda found: f"办理第 {found.of_ref} 件"):
        for _ in range(3):
            operations.look(document, by=official)
    said = {"purpose": "办理第 7 件：身份证"}
    assert looks() == [(official.key, person.pk, said)]
    operations.look(document, by=people["stranger"])
    later = clock.now() + timedelta(minutes=11)
    monkeypatch.setattr(clock, "now", lambda: later)
    operations.look(document, by=official)
    assert [(key, about) for key, about, _facts in looks()] == [
        (official.key, person.pk), (people["stranger"].key, person.pk), (official.key, person.pk)
    ]  # fmt: skip
