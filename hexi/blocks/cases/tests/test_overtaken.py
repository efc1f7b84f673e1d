"""A renewal that runs while its certificate is revoked, suspended or replaced: never left waiting without a word."""

import pytest

from hexi.blocks.cases import operations
from hexi.blocks.cases.models import Concern
from hexi.blocks.cases.operations import overtaken
from hexi.blocks.cases.states import State
from hexi.blocks.cases.tests import make
from hexi.blocks.cases.tests.test_renewing import asked, at, body, decided, item, owner, permit
from hexi.blocks.certificates import operations as certificates
from hexi.blocks.certificates.models import Certificate
from hexi.blocks.notices.models import Notice
from hexi.kernel.actors import System
from hexi.kernel.jobs import drain

pytestmark = pytest.mark.django_db
BY = System("test")
__all__ = ["at", "body", "item", "owner"]


@pytest.fixture
def running(at, item, owner, body):
    """The certificate and the renewal that was just accepted."""
    held = permit(item, owner, body)
    at("2031-10-10 10:00")
    case = asked(held, item, owner)
    operations.accept(case, by=make.make_official(make.CLERK, item))
    return held, make.fresh(case)


def told(case, key):
    return Notice.objects.filter(key=key, about_kind="cases.case", about_ref=str(case.pk)).count()


@pytest.mark.parametrize("verb", ["revoke", "forfeit", "cancel"])
def test_what_was_taken_away_is_not_renewed_the_case_ends_with_a_letter(running, verb):
    held, case = running
    getattr(certificates, verb)(held, reason="查明不符合条件。", by=BY)
    case = make.fresh(case)
    assert (case.state, case.outcome, case.open_task()) == (State.TERMINATED, "", None)
    assert case.letters.order_by("pk").last().kind == "terminated"
    assert [one.action for one in case.events.order_by("pk")][-1] == "overtaken"
    assert not case.clocks.filter(stopped_at=None).exists()


def test_granted_and_waiting_to_be_made_it_ends_too_and_no_new_version_comes(running, item, monkeypatch):
    held, case = running
    monkeypatch.setattr("hexi.blocks.cases.jobs.certify", lambda *_a, **_k: False)
    case.state = State.CERTIFYING
    case.save()
    certificates.revoke(held, reason="以欺骗手段取得。", by=BY)
    drain()
    case = make.fresh(case)
    assert case.state == State.TERMINATED
    assert Certificate.objects.filter(case_ref=str(case.pk)).count() == 0


def test_suspended_it_waits_and_goes_on_once_it_counts_again(running, item):
    held, case = running
    state = case.state
    certificates.suspend(held, reason="停业整顿。", by=BY)
    assert (make.fresh(case).state, told(case, "cases.overtaken_mine")) == (state, 1)
    certificates.resume(held, reason="整改完成。", by=BY)
    assert [one.action for one in case.events.order_by("pk")][-2:] == ["held", "resumed"]
    assert told(case, "cases.overtaken_mine") == 2


def test_replaced_meanwhile_it_goes_on_with_the_new_version(running):
    held, case = running
    new = certificates.correct(held, facts=None, reason="写错一字。", by=BY)
    assert Concern.objects.get(case=case).certificate == new
    certificates.revoke(new, reason="查明不符合条件。", by=BY)
    assert make.fresh(case).state == State.TERMINATED


def test_twice_is_once(running):
    held, case = running
    certificates.revoke(held, reason="查明不符合条件。", by=BY)
    overtaken.settle(held, "01", BY)
    overtaken._settle(case, held, overtaken.Standing.REVOKED, BY)
    assert [one.action for one in case.events.all()].count("overtaken") == 1


def test_the_case_that_renewed_it_is_not_touched_by_its_own_new_version(at, item, owner, body):
    held = permit(item, owner, body)
    at("2031-10-10 10:00")
    case = asked(held, item, owner)
    decided(case, item)
    assert Concern.objects.get(case=case).certificate == held
