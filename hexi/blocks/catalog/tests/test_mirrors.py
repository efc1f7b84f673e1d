"""Data sets that mirror one elsewhere: whose pieces they take, and what they do while nobody answers."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.catalog.models import LoadState, Received, State
from hexi.blocks.catalog.operations import entries, loads, mirroring, placing
from hexi.blocks.catalog.queries import mirrored
from hexi.blocks.catalog.tests.make import BY, make_draft, make_entry, make_steward
from hexi.blocks.catalog.tests.make_exchange import ASKS, make_subsystem
from hexi.blocks.catalog.tests.make_rows import fresh_folder
from hexi.blocks.notices.models import Notice
from hexi.kernel import clock

pytestmark = pytest.mark.django_db

THEIRS, CODE = "CN/GOV/OFFERS/REGISTER/WIND", "207001/1"


@pytest.fixture(autouse=True)
def folder():
    fresh_folder()


@pytest.fixture
def ours():
    return make_subsystem()


def make_mirror(ours, title="同步", make=make_entry, **said):
    """A data set of ours that follows one of somebody who is not there."""
    entry = make(ours.member.department, title=title, kind="http")
    given = {"service": THEIRS, "code": CODE, "client": ASKS} | said
    return placing.set_source(entry, way="exchange", settings=given, by=BY)


def test_of_one_set_elsewhere_there_is_one_mirror(ours):
    first = make_mirror(ours)
    with pytest.raises(ValidationError) as refused:
        make_mirror(ours, "同步二", service="CN/GOV/OFFERS/OTHER/WIND")
    assert list(refused.value.error_dict) == ["code"]
    placing.set_source(first.entry, way="exchange", settings=first.settings, by=BY)  # itself it does not hinder
    make_mirror(ours, "别的", code="207001/2")


def test_a_mirror_whose_entry_is_withdrawn_takes_nothing_from_the_next(ours):
    first = make_mirror(ours)
    entries.withdraw(first.entry, reason="另建", by=BY)
    second = make_mirror(ours, "同步二")
    assert list(mirrored.mirrors()) == [second]


def make_piece(ours, number, what="rows_refreshed"):
    """Something pushed to us by the one who is not there any more."""
    return Received.objects.create(
        sender=THEIRS.rsplit("/", 1)[0], feed="f", number=number, body=b"{}", digest="0" * 64, what=what, entry=CODE,
        subsystem=ours,
    )  # fmt: skip


def tried(source, after=timedelta()):
    """How many times the mirror has asked in vain, once it has looked at its pieces this much later."""
    with clock.told_at(clock.now() + after):
        assert mirroring.take_up(source, by=BY) == 0
    return source.loads.filter(state=LoadState.FAILED).count()


def test_who_does_not_answer_is_asked_less_and_less_often(ours):
    source = make_mirror(ours)
    make_piece(ours, 1)
    minutes = (0, 29, 31, 60, 90, 100, 250)  # after half an hour, then an hour, then two
    assert [tried(source, timedelta(minutes=n)) for n in minutes] == [1, 1, 2, 2, 2, 3, 4]


def test_a_withdrawal_does_not_wait_behind_a_fetch_that_failed(ours):
    source = make_mirror(ours)
    make_piece(ours, 1)
    assert tried(source) == 1
    make_piece(ours, 2, "entry_withdrawn")
    assert mirroring.take_up(source, by=BY) == 2
    source.entry.refresh_from_db()
    assert (source.entry.state, Received.objects.filter(used="withdrawn").count()) == (State.WITHDRAWN, 2)


def told(key):
    return [(one.account_id, one.body, one.link) for one in Notice.objects.filter(key=key).order_by("pk")]


def test_a_withdrawal_of_what_is_no_more_than_a_draft_here_says_so(ours):
    steward = make_steward(ours.member.department)
    source = make_mirror(ours, make=lambda provider, **said: make_draft(provider, by=BY, **said))
    make_piece(ours, 1, "entry_withdrawn")
    assert mirroring.take_up(source, by=BY) == 1
    source.refresh_from_db()
    assert (source.active, source.entry.state) == (False, State.DRAFT)
    [(account, body, _link)] = told("catalog.mirror")
    assert account == steward.account_id
    assert "本地的条目没有发布" in body


def test_a_mirror_waits_only_while_nobody_is_at_its_first_piece(ours):
    source = make_mirror(ours)
    assert not mirroring.waits(source)
    make_piece(ours, 1)
    assert mirroring.waits(source)
    tried(source)
    make_piece(ours, 2)
    assert not mirroring.waits(source)  # the first is left alone for a while, and the second comes after it
    with clock.told_at(clock.now() + timedelta(minutes=31)):
        assert mirroring.waits(source)
    make_piece(ours, 3, "entry_withdrawn")
    assert mirroring.waits(source)


def test_the_provider_is_told_of_a_series_of_failures_once(ours):
    steward = make_steward(ours.member.department)
    source = make_mirror(ours)
    for times in range(5):
        loads.ask(source, by=BY)
        assert len(told("catalog.failing")) == (times >= 2)
    [(account, body, link)] = told("catalog.failing")
    assert (account, link) == (steward.account_id, f"/work/catalog/{source.entry.pk}/rows/")
    assert body.endswith(source.loads.order_by("-pk").first().told)
    source.loads.create(state=LoadState.SAME, by_key=BY.key)
    for _times in range(3):  # a new series
        loads.ask(source, by=BY)
    assert len(told("catalog.failing")) == 2
