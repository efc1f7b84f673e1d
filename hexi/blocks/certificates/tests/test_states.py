"""What becomes of a certificate: every allowed and refused change, reasons, rights, the end of validity, notices."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.audit import queries as log
from hexi.blocks.certificates import hooks, jobs, operations
from hexi.blocks.certificates.models import Certificate, State
from hexi.blocks.certificates.tests.make import BY, make_certificate
from hexi.blocks.certificates.tests.test_numbers import together
from hexi.blocks.notices.models import Notice
from hexi.blocks.people.tests.make import (
    acting,
    make_citizen,
    make_department,
    make_enterprise,
    make_official,
    make_post,
)
from hexi.kernel import clock
from hexi.kernel import hooks as kernel_hooks
from hexi.kernel.actors import Denied
from hexi.kernel.options import override

pytestmark = pytest.mark.django_db
VERBS = operations.VERBS
ALLOWED = {
    "01": {"suspend": "02", "revoke": "03", "forfeit": "07", "cancel": "04"},
    "02": {"resume": "01", "revoke": "03", "forfeit": "07", "cancel": "04"},
    "03": {},
    "04": {},
    "05": {"cancel": "04"},
    "07": {},
}


def at(monkeypatch, moment: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment)


@pytest.mark.parametrize("before", sorted(ALLOWED))
@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_change_is_allowed_or_refused(before, verb):
    made = make_certificate()
    Certificate.objects.filter(pk=made.pk).update(state=before)
    after = ALLOWED[before].get(verb)
    if after is None:
        with pytest.raises(ValidationError, match="请刷新后再看"):
            VERBS[verb](made, reason="x", by=BY)
        made.refresh_from_db()
        assert (made.state, made.changes.count()) == (before, 1)
        return
    changed = VERBS[verb](made, reason=" 依据某文书 ", by=BY)
    assert changed.state == after
    line = made.changes.last()
    assert (line.before, line.after, line.reason, line.actor_key) == (before, after, "依据某文书", BY.key)


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_change_without_reason_is_refused(reason):
    made = make_certificate()
    with pytest.raises(ValidationError) as error:
        operations.revoke(made, reason=reason, by=BY)
    assert error.value.message_dict == {"reason": ["请写明理由和依据，持证人会看到。"]}


def test_who_may_change():
    here, there = make_department(demo=False), make_department("elsewhere", demo=False)
    made = make_certificate(issuer=here)
    for by in (
        acting(make_official("head", department=there)),
        acting(make_official("examiner", department=here)),
        acting(make_citizen()),
    ):
        with pytest.raises(Denied):
            operations.suspend(made, reason="x", by=by)
    assert operations.suspend(made, reason="x", by=acting(make_official("head", department=here))).state == "02"


def test_nobody_changes_his_own_certificate():
    here, account = make_department(demo=False), make_citizen()
    make_post(account, "head", department=here)
    body = make_enterprise(representative=account.person)
    for holder in (account.person, body):
        made = make_certificate(holder, issuer=here)
        with pytest.raises(Denied, match="回避"):
            operations.suspend(made, reason="x", by=acting(account))
        made.refresh_from_db()
        assert made.state == State.VALID


def test_of_two_changes_at_once_the_second_is_told():
    made = make_certificate()
    stale = Certificate.objects.get(pk=made.pk)
    operations.revoke(made, reason="一", by=BY)
    with pytest.raises(ValidationError, match="现在是“已撤销”，不能改为“已注销”"):
        operations.cancel(stale, reason="二", by=BY)


def test_a_change_is_logged_told_and_announced(monkeypatch):
    heard = []
    listen = kernel_hooks.Listen(
        hooks.certificate_changed, lambda certificate, before, by: heard.append((certificate.state, before, by.key))
    )
    added = kernel_hooks.added
    monkeypatch.setattr(
        kernel_hooks, "added", lambda kind: (*added(kind), *([listen] if kind is kernel_hooks.Listen else []))
    )
    made = make_certificate()
    operations.revoke(made, reason="申请材料虚假", by=BY)
    assert heard == [("03", "01", BY.key)]
    entry = log.of(made).get(verb="certificates.revoked")
    assert (entry.facts["before"], entry.facts["reason"]) == ("01", "申请材料虚假")
    notice = Notice.objects.get(person=made.holder)
    assert notice.title_zh == "您的林木采伐许可证现在是“已撤销”"
    assert ("申请材料虚假" in notice.body_zh, "复议" in notice.body_zh) == (True, True)
    assert notice.title_en == "Your Tree-felling permit is now: Revoked"
    assert notice.link == f"/my/certificates/{made.identifier}/"


def test_the_file_of_what_does_not_count_cannot_be_used_again():
    end = clock.today() + timedelta(100)
    made = make_certificate(valid_to=end)
    assert made.document.expires == end
    operations.suspend(made, reason="x", by=BY)
    made.document.refresh_from_db()
    assert made.document.expires == clock.today() - timedelta(1)
    operations.resume(made, reason="x", by=BY)
    made.document.refresh_from_db()
    assert made.document.expires == end


def test_validity_ends_with_the_last_day_and_is_noted_with_the_legal_moment_however_late(monkeypatch):
    made = make_certificate(valid_from=date(2026, 1, 1), valid_to=date(2026, 12, 31))
    at(monkeypatch, datetime(2026, 12, 31, 23, 59, tzinfo=clock.CHINA))
    jobs.expire()
    made.refresh_from_db()
    assert (made.state, made.past, made.state_now) == ("01", False, State.VALID)
    at(monkeypatch, datetime(2027, 1, 1, 0, 0, tzinfo=clock.CHINA))
    assert (made.past, made.state_now, made.tag) == (True, State.EXPIRED, ("off", "已失效"))
    at(monkeypatch, datetime(2027, 1, 5, 9, 0, tzinfo=clock.CHINA))
    for _ in range(3):
        jobs.expire()
    made.refresh_from_db()
    last = made.changes.last()
    assert (made.state, made.changes.count(), last.before, last.reason) == ("05", 2, "01", "有效期届满")
    assert last.at == datetime(2027, 1, 1, tzinfo=clock.CHINA)
    assert Notice.objects.filter(key="certificates.changed").count() == 1


def test_only_what_has_ended_expires(monkeypatch):
    today = date(2026, 11, 24)
    at(monkeypatch, datetime(2026, 11, 24, 9, tzinfo=clock.CHINA))
    given = {
        "endless": (None, "01", "01"),
        "today": (today, "01", "01"),
        "ended": (today - timedelta(1), "01", "05"),
        "suspended": (today - timedelta(1), "02", "05"),
        "revoked": (today - timedelta(1), "03", "03"),
    }
    made = {}
    for name, (end, state, _after) in given.items():
        made[name] = make_certificate(valid_from=date(2026, 1, 1), valid_to=end)
        Certificate.objects.filter(pk=made[name].pk).update(state=state)
    jobs.expire()
    for name, (_end, _state, after) in given.items():
        made[name].refresh_from_db()
        assert (name, made[name].state) == (name, after)


def test_holders_are_told_once_before_the_end(monkeypatch):
    at(monkeypatch, datetime(2026, 11, 24, 9, tzinfo=clock.CHINA))
    soon = make_certificate(valid_from=date(2026, 1, 1), valid_to=date(2026, 12, 31))
    make_certificate(valid_from=date(2026, 1, 1), valid_to=date(2027, 12, 31))
    with override(operations.REMIND, 36):
        jobs.remind()
    assert Notice.objects.count() == 0
    with override(operations.REMIND, 37):
        jobs.remind()
        jobs.remind()
    notice = Notice.objects.get()
    assert (notice.person, notice.title_zh) == (soon.holder, "您的林木采伐许可证将于12月31日（周四）到期")


def test_one_that_fails_does_not_hold_up_those_that_end_after_it(monkeypatch, caplog):
    at(monkeypatch, datetime(2026, 11, 24, 9, tzinfo=clock.CHINA))
    faulty, good = (make_certificate(valid_from=date(2026, 1, 1), valid_to=date(2026, 11, day)) for day in (1, 2))

    def fail(certificate, before, by):
        assert certificate.pk != faulty.pk

    added, listen = kernel_hooks.added, kernel_hooks.Listen(hooks.certificate_changed, fail)
    monkeypatch.setattr(
        kernel_hooks, "added", lambda kind: (*added(kind), *([listen] if kind is kernel_hooks.Listen else []))
    )
    jobs.expire()
    assert [Certificate.objects.get(pk=one.pk).state for one in (faulty, good)] == ["01", "05"]
    assert (faulty.changes.count(), [one.args for one in caplog.records]) == (1, [(faulty.identifier,)])


def test_a_reminder_that_fails_does_not_hold_up_the_others(monkeypatch, caplog):
    at(monkeypatch, datetime(2026, 11, 24, 9, tzinfo=clock.CHINA))
    faulty, good = (make_certificate(valid_from=date(2026, 1, 1), valid_to=date(2026, 12, day)) for day in (1, 2))
    told = operations._tell
    monkeypatch.setattr(operations, "_tell", lambda one, *facts: told(one if one.pk != faulty.pk else None, *facts))
    with override(operations.REMIND, 36):
        jobs.remind()
    assert [Certificate.objects.get(pk=one.pk).reminded_at is None for one in (faulty, good)] == [True, False]
    assert (Notice.objects.get().person, len(caplog.records)) == (good.holder, 1)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_nine_officials_at_once_one_wins_and_the_others_are_told():
    made = make_certificate()
    verbs = [operations.revoke, operations.cancel, operations.forfeit] * 3

    def one(n):
        try:
            return verbs[n](Certificate.objects.get(pk=made.pk), reason=f"第 {n} 人", by=BY).state
        except ValidationError as error:
            return error.messages[0][:7]

    done = together(one, 9)
    made.refresh_from_db()
    assert sorted(done) == [made.state, *["这张证照现在是"] * 8]
    assert [change.after for change in made.changes.all()] == ["01", made.state]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_schedulers_note_the_end_of_validity_once(monkeypatch):
    made = [make_certificate(valid_from=date(2026, 1, 1), valid_to=date(2026, 1, 31)) for _ in range(3)]
    together(lambda n: jobs.expire(), 4)
    assert [one.changes.count() for one in made] == [2, 2, 2]
    assert Notice.objects.filter(key="certificates.changed").count() == 3
