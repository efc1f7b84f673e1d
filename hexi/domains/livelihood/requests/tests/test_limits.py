"""Limits of a region: from a day to come, changed before it, ended from a day on; and only by who may."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from hexi.blocks.audit.models import Entry
from hexi.domains.livelihood.requests import operations, queries
from hexi.domains.livelihood.requests.models import TimeLimit
from hexi.domains.livelihood.requests.tests import make
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied

pytestmark = pytest.mark.django_db
FACTS = {"subject": "", "type": "ask", "first": 2, "first_unit": "hours", "handle": 3, "handle_unit": "working_days"}


def head() -> Actor:
    return make.make_handler(make.make_hotline().department, "hotline_head")


def day(after: int):
    return clock.today() + timedelta(days=after)


def make_limit(after: int = 1, **facts) -> TimeLimit:
    return operations.set_limit(make.make_hotline(), by=head(), **FACTS | {"valid_from": day(after)} | facts)


def in_force(limit: TimeLimit) -> TimeLimit:
    """The same as if it had been set long ago."""
    TimeLimit.objects.filter(pk=limit.pk).update(valid_from=day(-30))
    return TimeLimit.objects.get(pk=limit.pk)


def first(after: int = 0) -> int:
    return queries.limit_for(make.YUMEN, make.LAMP, "ask", day(after)).first


def test_a_new_one_holds_from_tomorrow_at_the_earliest():
    with pytest.raises(ValidationError, match="最早是明天"):
        make_limit(0)
    make_limit(1)
    assert (first(), first(1)) == (1, 2)


def test_one_that_does_not_hold_yet_is_changed_as_the_refusal_says():
    limit = make_limit(3)
    with pytest.raises(ValidationError, match="请改那一条"):
        make_limit(3, first=4)
    operations.change_limit(limit, by=head(), first=4, valid_from=day(2))
    assert (first(1), first(2), TimeLimit.objects.filter(region_code=make.YUMEN).count()) == (1, 4, 1)
    assert Entry.objects.filter(verb="requests.change_limit").count() == 1
    for wrong in ({"valid_from": day(0)}, {"first": 0}):
        with pytest.raises(ValidationError):
            operations.change_limit(limit, by=head(), **wrong)
    other = make_limit(5)
    with pytest.raises(ValidationError, match="请改那一条"):
        operations.change_limit(other, by=head(), valid_from=day(2))


def test_one_that_holds_is_not_changed_but_ended_from_a_day_on():
    limit = in_force(make_limit())
    with pytest.raises(ValidationError, match="已经启用"):
        operations.change_limit(limit, by=head(), first=9)
    with pytest.raises(ValidationError, match="最早是明天"):
        operations.end_limit(limit, day=day(0), by=head())
    for after in (9, 5, 20):
        operations.end_limit(limit, day=day(after), by=head())
    limit.refresh_from_db()
    assert (limit.valid_to, first(4), first(5)) == (day(5), 2, 1)  # then the nation's own line holds


def test_one_that_never_held_is_taken_out_and_makes_room():
    limit = make_limit(3)
    operations.end_limit(limit, day=day(2), by=head())
    assert TimeLimit.objects.filter(region_code=make.YUMEN).count() == 0
    for late in (lambda: operations.end_limit(limit, day=day(2), by=head()),
                 lambda: operations.change_limit(limit, by=head(), first=4)):  # fmt: skip
        with pytest.raises(ValidationError, match="已经撤掉"):
            late()
    make_limit(3)
    later = make_limit(6)
    operations.end_limit(later, day=day(8), by=head())
    with pytest.raises(ValidationError, match="早于停用日期"):
        operations.change_limit(later, by=head(), valid_from=day(8))


def test_only_who_may_plan_there_changes_and_ends():
    limit = make_limit(3)
    for refused in (lambda by: operations.change_limit(limit, by=by, first=4),
                    lambda by: operations.end_limit(limit, day=day(4), by=by)):  # fmt: skip
        with pytest.raises(Denied):
            refused(make.make_dispatcher())
    assert (first(3), TimeLimit.objects.get(pk=limit.pk).valid_to) == (2, None)


def test_the_pages(client):
    limit, national = make_limit(3), TimeLimit.objects.filter(region_code="").first()
    by = head()
    client.force_login(by.account)
    change, end = (reverse(f"requests.{name}", args=[limit.pk]) for name in ("change_limit", "end_limit"))
    page = client.get(reverse("requests.limits")).content.decode()
    assert (change in page, end in page, "还没启用" in page) == (True, True, True)
    assert reverse("requests.end_limit", args=[national.pk]) not in page
    assert client.get(reverse("requests.end_limit", args=[national.pk])).status_code == 404
    given = FACTS | {"first": 4, "valid_from": day(3).isoformat()}
    assert client.post(change, given | {"valid_from": day(0).isoformat()}).status_code == 422
    assert client.post(change, given).status_code == 302
    assert first(3) == 4
    assert client.post(end, {"day": day(6).isoformat()}).status_code == 302
    assert f"{day(6).month}月{day(6).day}日" in client.get(reverse("requests.limits")).content.decode()
    in_force(limit)
    page = client.get(reverse("requests.limits")).content.decode()
    assert (change in page, end in page) == (False, False)  # it holds, and has its end
