"""Rows kept up to date: alarms, followers, quality measured and shown, what cannot be measured."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.catalog import cycles, jobs, own, sampling
from hexi.blocks.catalog.models import Entry, Item, Quality
from hexi.blocks.catalog.operations import entries, following, measuring
from hexi.blocks.catalog.operations import own as own_operations
from hexi.blocks.catalog.queries import entries as queries
from hexi.blocks.catalog.tests.make import (
    BY,
    ITEMS,
    fresh,
    make_draft,
    make_entry,
    make_head,
    make_provider,
    make_steward,
)
from hexi.blocks.notices.models import Notice
from hexi.kernel import clock

pytestmark = pytest.mark.django_db


def later(**span):
    return clock.told_at(clock.now() + timedelta(**span))


@pytest.mark.parametrize(
    ("cycle", "day"),
    [
        ("realtime", date(2027, 2, 1)), ("daily", date(2027, 2, 1)), ("weekly", date(2027, 2, 7)), ("monthly", date(2027, 2, 28)),
        ("quarterly", date(2027, 4, 30)), ("yearly", date(2028, 1, 31)), ("other", None),
    ],
)  # fmt: skip
def test_until_when_rows_should_be_up_to_date(cycle, day):
    refreshed = datetime(2027, 1, 31, 2, tzinfo=UTC)
    assert cycles.due(Entry(cycle=cycle, kind="file", refreshed=refreshed)) == day
    own = None if cycle == "realtime" else day  # read as it is: that nothing happens is no delay
    assert cycles.due(Entry(cycle=cycle, kind="view", refreshed=refreshed)) == own
    assert cycles.due(Entry(cycle=cycle, kind="view", published=date(2027, 1, 31))) is None


def test_overdue_from_publication_and_again_from_the_last_rows():
    entry = make_entry(cycle="weekly")
    assert entry.due_on == clock.today() + timedelta(days=7)
    with later(days=8):
        assert fresh(entry).tag == ("overdue", "更新逾期")
        assert list(queries.overdue(Entry.objects.all())) == [entry]
        following.refreshed(entry, by=BY)
        assert not fresh(entry).overdue
        assert fresh(entry).due_on == clock.today() + timedelta(days=7)


def test_rows_told_late_do_not_make_newer_ones_old():
    entry = make_entry()
    following.refreshed(entry, by=BY)
    at = fresh(entry).refreshed
    following.refreshed(entry, at=at - timedelta(days=3), by=BY)
    assert fresh(entry).refreshed == at
    with pytest.raises(ValidationError):
        following.refreshed(entry, at=clock.now() + timedelta(hours=1), by=BY)


def test_a_provider_is_told_once_of_all_that_is_overdue():
    provider = make_provider()
    steward = make_steward(provider)
    for title in ("甲", "乙"):
        make_entry(provider, title=title, cycle="daily")
    make_entry(make_provider("yumen-water", name="水务"), title="丙", cycle="yearly")
    with later(days=3):
        jobs.remind()
        jobs.remind()
        told = Notice.objects.get(key="catalog.overdue")
        assert (told.account_id, told.title_zh) == (steward.account_id, "2 个数据集更新逾期")
        assert queries.waiting(steward) == 2
    with later(days=11):
        jobs.remind()
    assert Notice.objects.filter(key="catalog.overdue").count() == 2


def test_followers_are_told_of_rows_once_a_day_and_of_changes():
    entry = make_entry()
    follower = make_steward(make_provider("yumen-water", name="水务"))
    following.subscribe(entry, by=follower)
    for _ in range(3):
        following.refreshed(entry, by=BY)
    assert Notice.objects.filter(key="catalog.refreshed", account_id=follower.account_id).count() == 1
    with later(days=2):
        following.refreshed(entry, by=BY)
        assert Notice.objects.filter(key="catalog.refreshed").count() == 2
    entries.revise(entry, summary="新。", why="口径改了", by=BY)
    entries.submit(entry, by=BY)
    entries.publish(entry, by=BY)
    assert "口径改了" in Notice.objects.get(key="catalog.changed").body_zh
    following.unsubscribe(entry, by=follower)
    entries.withdraw(entry, reason="停", by=BY)
    assert not Notice.objects.filter(key="catalog.withdrawn").exists()


def test_a_draft_is_not_followed():
    with pytest.raises(ValidationError):
        following.subscribe(make_draft(), by=make_head(make_provider()))


# --- quality ----------------------------------------------------------------------------------------------------------
COLUMNS = [Item(**(one | {"length": one.get("length")})) for one in ITEMS]
GOOD = {"station": "一号", "day": date(2026, 1, 1), "power": Decimal("3.5"), "phone": "12345"}


def test_shares_by_hand():
    rows = [
        GOOD,
        GOOD | {"day": date(2026, 1, 2), "phone": None},
        GOOD | {"day": "not a day", "power": "many"},
        GOOD | {"station": "", "day": date(2026, 1, 1)},
        GOOD | {"station": "长" * 21},
        GOOD,
    ]
    # required: station and day: 11 of 12 are there
    assert measuring.complete(rows, COLUMNS) == Decimal("91.67")
    # 24 cells, 2 empty; wrong: "not a day", "many", the long one
    assert measuring.valid(rows, COLUMNS) == round(Decimal(1900) / 22, 2)
    # the first and the last are one key
    assert measuring.unique(rows, COLUMNS) == round(Decimal(400) / 6, 2)
    assert measuring.unique(rows, [Item(name="power")]) is None
    assert measuring.complete([], COLUMNS) is None


@pytest.mark.parametrize(
    ("type", "value", "good"),
    [
        ("I", 3, True), ("I", "3", True), ("I", 3.5, False), ("I", True, False), ("N", "3,5", False), ("F", 1e9, True),
        ("L", "是", True), ("L", 2, False), ("T", "2026-01-01T08:00:00", True), ("T", "soon", False), ("D", "2026-02-30", False),
        ("C", "x", True), ("M", "x" * 9999, True),
    ],
)  # fmt: skip
def test_of_its_type(type, value, good):
    assert measuring.fits(value, Item(type=type)) is good


def test_freshness_falls_by_the_cycle():
    entry = make_entry(cycle="weekly")
    assert measuring.fresh(entry, entry.due_on) == 100
    assert measuring.fresh(entry, entry.due_on + timedelta(days=7)) == 0
    assert measuring.fresh(entry, entry.due_on + timedelta(days=70)) == 0
    assert Decimal(42) < measuring.fresh(entry, entry.due_on + timedelta(days=4)) < 43
    assert measuring.fresh(make_entry(title="别的", cycle="other"), clock.today()) is None


def test_use_by_the_one_used_most():
    assert (measuring.used(0, 100), measuring.used(100, 100), measuring.used(0, 0)) == (0, 100, None)
    assert measuring.used(9, 99) == 50


def test_measured_at_night_shown_and_once_a_day(monkeypatch):
    provider = make_provider()
    monkeypatch.setattr(own, "provider_key", lambda one: provider.key)
    own_operations.publish_own()
    listed = make_entry(provider, kind="none")
    jobs.measure()
    jobs.measure()
    assert Quality.objects.count() == Entry.objects.count()
    divisions = Entry.objects.get(origin="regions.divisions")
    found = Quality.objects.get(entry=divisions)
    assert (found.valid, found.unique, found.fresh, found.rows > 5) == (100, 100, None, True)
    assert divisions.quality == found.score
    nothing = Quality.objects.get(entry=listed)
    assert (nothing.complete, nothing.valid, nothing.rows, nothing.fresh) == (None, None, None, 100)
    with later(days=1):
        jobs.measure()
    assert Quality.objects.filter(entry=divisions).count() == 2


def test_one_that_cannot_be_read_holds_up_no_other(monkeypatch):
    one, two = make_entry(), make_entry(title="第二")
    plain = sampling.sample

    def broken(entry, most):
        if entry.pk == one.pk:
            raise OSError("disk")
        return plain(entry, most)

    monkeypatch.setattr(sampling, "sample", broken)
    jobs.measure()
    assert list(Quality.objects.values_list("entry_id", flat=True)) == [two.pk]
