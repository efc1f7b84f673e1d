"""A renewal that runs while its certificate is revoked, suspended or replaced: never left waiting without a word."""

import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.cases import api, operations
from hexi.blocks.cases.models import Concern
from hexi.blocks.cases.operations import overtaken
from hexi.blocks.cases.pages import words
from hexi.blocks.cases.states import State
from hexi.blocks.cases.tests import make
from hexi.blocks.cases.tests.test_renewing import asked, decided, item, permit
from hexi.blocks.certificates import jobs as certificate_jobs
from hexi.blocks.certificates import operations as certificates
from hexi.blocks.certificates.models import Certificate
from hexi.blocks.certificates.models import State as Standing
from hexi.blocks.notices.models import Notice
from hexi.kernel.actors import System
from hexi.kernel.jobs import drain

pytestmark = pytest.mark.django_db
BY = System("test")
__all__ = ["item"]


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


@pytest.mark.parametrize(
    ("state", "outcome", "tag"),
    [
        ("terminated", "granted", ("off", "准予后终止（行政许可法第七十条）")),
        ("terminated", "", ("off", "终止")),
        ("closed", "granted", ("done", "办结")),
        ("closed", "refused", ("refused", "不予许可")),
    ],
)
def test_what_was_granted_and_then_ended_by_law_says_so(running, state, outcome, tag):
    _held, case = running
    case.state, case.outcome = state, outcome
    shown, word = words.tag(case)
    assert (shown, str(word)) == (tag[0], tag[1]) if state != "terminated" or outcome else str(word) != ""
    said = {"granted": "准予", "refused": "不予许可", "": ""}[outcome]
    wanted = "准予后终止（行政许可法第七十条）" if (state, outcome) == ("terminated", "granted") else said
    assert api.case_line(case, uncertain=False)["outcome_name"] == wanted


def test_suspended_it_waits_and_goes_on_once_it_counts_again(running, item):
    held, case = running
    state = case.state
    certificates.suspend(held, reason="停业整顿。", by=BY)
    assert (make.fresh(case).state, told(case, "cases.overtaken_mine")) == (state, 1)
    certificates.resume(held, reason="整改完成。", by=BY)
    assert [one.action for one in case.events.order_by("pk")][-2:] == ["held", "resumed"]
    assert told(case, "cases.overtaken_mine") == 2


@pytest.mark.parametrize("kind", ["renew", "change"])
def test_its_last_day_passes_while_it_is_held_nobody_is_told_it_counts_again(at, item, owner, body, kind):
    held = permit(item, owner, body)
    at("2031-11-20 10:00")  # too late for art. 50
    case = asked(held, item, owner, kind)
    operations.accept(case, by=make.make_official(make.CLERK, item))
    certificates.suspend(held, reason="停业整顿。", by=BY)
    at("2031-11-26 10:00")
    certificate_jobs.expire()
    held.refresh_from_db()
    assert (held.state, held.state_now) == (Standing.SUSPENDED, Standing.EXPIRED)
    assert [one.action for one in case.events.order_by("pk")][-1] == "held"
    with pytest.raises(ValidationError, match="暂扣"):
        certificates.reissue(held, reason="延续", case=case, by=BY)
    certificates.resume(held, reason="整改完成。", by=BY)
    assert [one.action for one in case.events.order_by("pk")][-1] == "resumed"
    certificate_jobs.expire()
    held.refresh_from_db()
    assert (held.state, told(case, "cases.overtaken_mine")) == (Standing.EXPIRED, 2)


def test_once_nothing_waits_for_it_what_was_held_expires(at, item, owner, body):
    held = permit(item, owner, body)
    at("2031-11-20 10:00")
    case = asked(held, item, owner)
    certificates.suspend(held, reason="停业整顿。", by=BY)
    stale = Certificate.objects.get(pk=held.pk)
    at("2031-11-26 10:00")
    stale.state = Standing.VALID  # as the job read it a moment before
    assert certificates.expire(stale, by=BY) is False
    certificate_jobs.expire()
    operations.withdraw(make.fresh(case), reason="不办了", by=owner)
    held.refresh_from_db()
    assert held.state == Standing.SUSPENDED
    certificate_jobs.expire()
    held.refresh_from_db()
    assert (held.state, told(case, "cases.overtaken_mine")) == (Standing.EXPIRED, 1)


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
