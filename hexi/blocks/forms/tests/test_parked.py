"""Answers whose session had ended: parked sealed, put back once, only by their own writer, only for half an hour."""

from datetime import timedelta

import pytest
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import connection

from hexi.blocks.audit.models import Entry
from hexi.blocks.forms import jobs, operations
from hexi.blocks.forms.models import Draft, Parked
from hexi.blocks.forms.tests.make import OTHER_IDENTITY, make_draft
from hexi.blocks.people.actors import Nobody
from hexi.kernel import clock
from hexi.kernel.actors import Denied
from hexi.kernel.options import override

NOBODY = Nobody()
GONE = "暂存的内容已经取回，或超过 30 分钟已作废。之前每一步保存的内容都还在草稿里。"


@pytest.fixture
def draft(applicant):
    return make_draft(applicant)


def park(draft, version=1, step="form.trees", **raw):
    return operations.park(draft.key, raw=raw, version=version, step=step, by=NOBODY)


@pytest.fixture
def later(tmp_path):
    """Move the clock: `later(minutes=31)`."""
    clock.use_file(tmp_path / "clock")
    yield lambda **span: clock.move(timedelta(**span).total_seconds())
    clock.use_file(None)


def test_back_into_the_draft_for_its_writer(draft, applicant):
    token = park(draft, volume="3.5", kind="birch")
    assert Draft.objects.get().version == 1
    saved, step = operations.unpark(token, by=applicant)
    assert step == "form.trees"
    assert saved.standing.draft.answers["volume"] == 3.5
    assert saved.standing.cleaned.errors["kind"] == "“树种”没有“birch”这一项。请从列出的选项里选。"
    assert Draft.objects.get().step == "form.trees"
    assert list(Entry.objects.filter(verb__startswith="forms.").order_by("pk").values_list("verb", "actor_key")) == [
        ("forms.start", applicant.key), ("forms.park", "nobody"), ("forms.save", applicant.key),
    ]  # fmt: skip


def test_good_for_once(draft, applicant):
    token = park(draft, volume="3.5")
    operations.unpark(token, by=applicant)
    with pytest.raises(ValidationError) as caught:
        operations.unpark(token, by=applicant)
    assert caught.value.messages == [GONE]
    assert not Parked.objects.exists()


def test_not_for_another_account_and_then_still_for_the_right_one(draft, applicant, stranger):
    token = park(draft, volume="3.5")
    for somebody in (stranger, NOBODY):
        with pytest.raises(Denied, match="这份草稿属于另一个账户。"):
            operations.unpark(token, by=somebody)
    assert operations.unpark(token, by=applicant)[0].standing.draft.answers["volume"] == 3.5


def test_half_an_hour(draft, applicant, later):
    token = park(draft, volume="3.5")
    later(minutes=29)
    other = park(draft, volume="4")
    operations.unpark(token, by=applicant)
    later(minutes=31)
    with pytest.raises(ValidationError, match="超过 30 分钟已作废"):
        operations.unpark(other, by=applicant)
    with override(operations.PARKED_MINUTES, 60):
        assert operations.unpark(other, by=applicant)[0].standing.draft.answers["volume"] == 4


@pytest.mark.parametrize(
    "forge",
    [
        lambda token: token + "x",
        lambda token: token[1:],
        lambda token: "",
        lambda token: signing.dumps(["a", "b"], salt="x"),
    ],
)
def test_a_changed_token_is_worth_nothing(draft, applicant, forge):
    with pytest.raises(ValidationError) as caught:
        operations.unpark(forge(park(draft, volume="3.5")), by=applicant)
    assert caught.value.messages == [GONE]
    assert Parked.objects.count() == 1


def test_a_token_is_tied_to_its_draft(draft, applicant):
    other = make_draft(applicant, ref="other")
    park(draft, volume="3.5")
    forged = signing.dumps([Parked.objects.get().key, other.key], salt=operations.SALT)
    with pytest.raises(ValidationError, match="暂存的内容已经取回"):
        operations.unpark(forged, by=applicant)


def test_what_was_saved_meanwhile_is_merged(draft, applicant):
    token = park(draft, volume="3.5", kind="")
    operations.save_step(draft, raw={"volume": "4", "kind": "fir"}, version=1, by=applicant)
    saved, _step = operations.unpark(token, by=applicant)
    assert saved.standing.draft.answers["kind"] == "fir"
    assert saved.standing.draft.answers["volume"] == 3.5
    assert (saved.kept, saved.lost) == (("kind",), {"volume": 4})


def test_nothing_to_park_for(draft, applicant):
    assert operations.park("nonsense", raw={"volume": "1"}, version=1, step="form.trees", by=NOBODY) is None
    with override(operations.MOST_BYTES, 50):
        assert park(draft, plan="很" * 50) is None
    operations.discard(draft, by=applicant)
    assert park(draft, volume="1") is None
    assert not Parked.objects.exists()


def test_only_the_last_few_wait(draft, applicant):
    tokens = [park(draft, volume=str(number)) for number in range(1, 8)]
    assert Parked.objects.count() == operations.MOST_PARKED
    with pytest.raises(ValidationError):
        operations.unpark(tokens[0], by=applicant)
    assert operations.unpark(tokens[-1], by=applicant)[0].standing.draft.answers["volume"] == 7


def test_parked_answers_are_sealed(draft):
    park(draft, identity=OTHER_IDENTITY)
    with connection.cursor() as cursor:
        cursor.execute("SELECT answers FROM forms_parked")
        assert OTHER_IDENTITY not in cursor.fetchall()[0][0]
    assert Parked.objects.get().answers == {"identity": OTHER_IDENTITY}


def test_forgotten_after_a_day(draft, later):
    park(draft, volume="1")
    later(hours=23)
    park(draft, volume="2")
    jobs.purge()
    assert Parked.objects.count() == 2
    later(hours=2)
    jobs.purge()
    assert [one.answers for one in Parked.objects.all()] == [{"volume": "2"}]
    jobs.purge()
    assert Entry.objects.filter(verb="forms.purge").count() == 1


def test_submitting_forgets_what_waits(draft, applicant, declared):
    from hexi.blocks.forms.tests.make import IDENTITY, make_kind

    declared(make_kind())
    park(draft, volume="1")
    raw = {"identity": IDENTITY, "agent": False, "kind": "pine", "volume": 3}
    held = operations.save_step(draft, raw=raw, version=1, by=applicant).standing.draft
    operations.submit(held, version=2, by=applicant, create=lambda submission: "CASE-1")
    assert not Parked.objects.exists()
