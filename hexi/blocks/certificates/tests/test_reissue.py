"""Versions of a certificate: renewed, changed, corrected; what holders ask for; certificates as known answers."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from hexi.blocks.certificates import jobs, known, operations, proof, queries, requesting
from hexi.blocks.certificates.models import Certificate, Request, State
from hexi.blocks.certificates.tests import make
from hexi.blocks.documents import shelf
from hexi.blocks.people.tests import make as people
from hexi.kernel import clock
from hexi.kernel.actors import Denied, System
from hexi.wire.checksums import licence_check

pytestmark = pytest.mark.django_db


@pytest.fixture
def holder():
    return people.acting(people.make_citizen())


@pytest.fixture
def held(holder):
    return make.make_certificate(holder.account.person, valid_to=date(2026, 12, 20))


def official(role, certificate):
    return people.acting(
        people.make_official(role, department=certificate.department, region_code=certificate.region_code)
    )


def test_the_next_version_keeps_the_number_and_counts_alone(held):
    new = operations.reissue(held, reason="延续", valid_from=clock.today(), valid_to=date(2031, 12, 20), by=make.BY)
    held.refresh_from_db()
    assert (new.number, new.replaces_id, new.valid_to) == (held.number, held.pk, date(2031, 12, 20))
    assert (held.state, held.superseded, new.state) == (State.CANCELLED, True, State.VALID)
    old, fresh = held.identifier.split("."), new.identifier.split(".")
    assert (fresh[:-2], old[-2], fresh[-2]) == (old[:-2], "001", "002")
    assert fresh[-1] == licence_check(".".join(fresh[:-1]))
    assert new.metadata["extend_info"] == held.metadata["extend_info"]
    file = shelf.path(new.document.blob_id).read_bytes()
    assert proof.check(file, queries.public_keys()).verdict is proof.Verdict.VALID
    assert queries.find(held.number) == new
    assert list(queries.good(held.holder_id, "felling_permit")) == [new]


def test_a_version_is_followed_once(held):
    operations.reissue(held, reason="延续", by=make.BY)
    with pytest.raises(ValidationError, match="已注销"):
        operations.reissue(held, reason="再来", by=make.BY)
    assert Certificate.objects.count() == 2


@pytest.mark.parametrize("verb", ["revoke", "forfeit", "cancel", "suspend"])
def test_what_counts_for_nothing_is_not_issued_anew(held, verb):
    operations.VERBS[verb](held, reason="理由", by=make.BY)
    with pytest.raises(ValidationError, match="不能换发"):
        operations.reissue(held, reason="延续", by=make.BY)


def test_a_correction_changes_what_was_wrong_and_nothing_else(held, holder):
    asked = requesting.ask(held, "correct", reason="地点写错了", by=holder)
    new = operations.correct(
        held, facts=make.FACTS | {"place": "赤金镇"}, reason="地点笔误", by=official("clerk", held)
    )
    assert new.metadata["extend_info"] == held.metadata["extend_info"] | {"place": "赤金镇"}
    assert (new.valid_from, new.valid_to) == (held.valid_from, held.valid_to)
    asked.refresh_from_db()
    assert (asked.state, asked.answer) == ("done", "地点笔误")


def test_who_may_and_who_may_not(held, holder):
    for nobody in (holder, official("examiner", held)):
        with pytest.raises(Denied):
            operations.correct(held, facts=make.FACTS, reason="改", by=nobody)
    with pytest.raises(Denied):
        requesting.ask(held, "cancel", reason="不用了", by=people.acting(people.make_citizen()))
    asked = requesting.ask(held, "cancel", reason="不用了", by=holder)
    with pytest.raises(Denied):
        requesting.refuse(asked, answer="不", by=holder)
    with pytest.raises(ValidationError, match="请写明不同意的理由"):
        requesting.refuse(asked, answer="", by=official("clerk", held))


def test_asked_twice_is_once_and_cancelling_answers_it(held, holder):
    first = requesting.ask(held, "cancel", reason="不砍了", by=holder)
    assert requesting.ask(held, "cancel", reason="不砍了", by=holder) == first
    operations.cancel(held, reason="依持证人申请注销", by=official("head", held))
    first.refresh_from_db()
    assert (first.state, Request.objects.count()) == ("done", 1)
    with pytest.raises(ValidationError, match="已注销"):
        requesting.ask(held, "cancel", reason="再来", by=holder)


def test_the_pages_of_holder_and_office(held, holder, client):
    client.force_login(holder.account)
    own = reverse("certificates.own", args=[held.identifier])
    assert "申请注销或更正" in client.get(own).content.decode()
    client.post(reverse("certificates.ask", args=[held.identifier]), {"kind": "correct", "reason": "村名写错"})
    assert "待处理" in client.get(own).content.decode()
    client.force_login(people.make_official("clerk", department=held.department, region_code=held.region_code))
    page = reverse("certificates.certificate", args=[held.pk])
    assert "村名写错" in client.get(page).content.decode()
    assert held.number in client.get(reverse("certificates.certificates") + "?view=asked").content.decode()
    form = reverse("certificates.correct", args=[held.pk])
    assert client.post(form, {"fact_place": "", "fact_volume": "1", "reason": "笔误"}).status_code == 422
    client.post(form, {"fact_place": "石河子村", "fact_volume": "1", "reason": "笔误"})
    new = Certificate.objects.get(superseded=False)
    assert new.metadata["extend_info"]["place"] == "石河子村"
    public = client.get(reverse("certificates.verified", args=[held.identifier])).content.decode()
    assert ("已注销" in public, new.identifier in public) == (True, True)


def test_what_a_certificate_says_is_known_to_its_holder_only(held, holder):
    who = holder.person_id
    assert known.find(who, "felling_permit.volume", holder) == "46.5 立方米"
    assert known.find(who, "felling_permit.number", holder) == held.number
    assert known.find(who, "felling_permit.nothing", holder) is None
    assert known.find(who, "felling_permit.volume", people.acting(people.make_citizen())) is None
    operations.suspend(held, reason="查", by=make.BY)
    assert known.find(who, "felling_permit.volume", holder) is None


def test_lint_knows_which_facts_certificates_have():
    assert known.offers("business_licence.scope") is True
    assert known.offers("business_licence.nothing") is False
    assert known.offers("nothing.scope") is False


def test_an_expired_one_is_noted_unless_somebody_says_that_it_goes_on(held, monkeypatch):
    from hexi.blocks.certificates import continuing

    monkeypatch.setattr("django.utils.timezone.now", lambda: clock.datetime(2026, 12, 22, 8, tzinfo=clock.CHINA))
    monkeypatch.setattr(continuing, "added", lambda kind: [continuing.Continues(lambda one: one.pk == held.pk)])
    jobs.expire()
    held.refresh_from_db()
    assert held.state == State.VALID
    monkeypatch.setattr(continuing, "added", lambda kind: [])
    assert operations.expire(held, by=System("expire")) is True
