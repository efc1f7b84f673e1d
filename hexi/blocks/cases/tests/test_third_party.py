"""Third parties without an account: told by SMS, or by hand with a record of it; their time runs from then."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from hexi.blocks.cases import operations, procedures
from hexi.blocks.cases.models import ThirdParty
from hexi.blocks.cases.operations import concerned
from hexi.blocks.cases.tests import make
from hexi.blocks.notices import channels
from hexi.blocks.notices import operations as notices
from hexi.blocks.notices.models import Delivery, Notice
from hexi.blocks.people.tests import make as people
from hexi.kernel.actors import Denied
from hexi.kernel.options import override

pytestmark = pytest.mark.django_db
PHONE = "10000005678"


@pytest.fixture
def case(at):
    """林木采伐许可, accepted on Tuesday 24 November 2026."""
    found = make.make_case(make.make_item())
    operations.accept(found, by=make.make_official(make.CLERK))
    return make.fresh(found)


@pytest.fixture
def examiner(case):
    return make.make_official(make.EXAMINER)


@pytest.fixture
def gateway(monkeypatch):
    """An SMS gateway that keeps what it is given."""
    sent = []

    def send(message):
        sent.append(message)
        return channels.Outcome(sent=True, answer="taken")

    channel = channels.Channel("sms", "短信", send, lambda contact: contact.phone, lambda: True, lambda to: to)
    monkeypatch.setattr(channels, "channels", lambda: {"sms": channel})
    monkeypatch.setattr(notices, "channels", lambda: {"sms": channel})
    monkeypatch.setattr(notices, "ready", lambda: [channel])
    return sent


def named(case, examiner, **given):
    return concerned.name_party(case, name="王秀英", why="树倒下来会压到她家院墙。", by=examiner, **given)


def page_of(case, actor, client):
    client.force_login(actor.account)
    return client.get(reverse("cases.case", args=[case.number])).content.decode()


def test_whoever_has_only_a_phone_gets_an_sms(case, examiner, gateway, client):
    party = named(case, examiner, phone=PHONE)
    notice = Notice.objects.get(key="cases.third_party_phone")
    assert (notice.phone, notice.account, notice.person, notice.link) == (PHONE, None, None, "")
    assert "短信待发送" in page_of(case, examiner, client)
    notices.deliver(Delivery.objects.get(notice=notice).pk)
    (message,) = gateway
    assert (message.to, message.link) == (PHONE, "")
    assert case.applicant_name not in message.body
    assert "12月1日" in message.body  # five working days: until when a view is waited for
    page = page_of(case, examiner, client)
    assert ("短信已发送" in page, PHONE in page) == (True, True)
    concerned.state_view(party, text="不反对。", by=examiner)
    assert PHONE not in page_of(case, examiner, client)  # nobody needs to ring any more


def test_others_who_see_the_case_do_not_read_the_phone(case, examiner, client):
    named(case, examiner, phone=PHONE)
    page = page_of(case, make.make_official(make.SUPERVISOR), client)
    assert ("王秀英" in page, PHONE in page) == (True, False)


def test_without_a_channel_or_a_phone_somebody_must_go(case, examiner, client):
    with override(channels.SMS_URL, ""):
        party = named(case, examiner, phone=PHONE)
    assert not Delivery.objects.exists()
    page = page_of(case, examiner, client)
    assert "请当面或者邮寄送达告知书，再登记。" in page
    assert reverse("cases.procedure", args=[case.number, f"served-{party.pk}"]) in page


def test_the_letter_handed_over_is_on_record_and_gives_the_whole_time(case, examiner, client, at):
    party = named(case, examiner)
    assert party.until.date() == date(2026, 12, 1)
    at("2026-11-27 10:00")
    client.force_login(examiner.account)
    address = reverse("cases.procedure", args=[case.number, f"served-{party.pk}"])
    wrong = client.post(address, {"how": "posted", "on": "2026-11-28", "note": "EMS 1234567890"})
    assert (wrong.status_code, "今天以前" in wrong.content.decode()) == (422, True)
    assert client.post(address, {"how": "posted", "on": "2026-11-26", "note": "EMS 1234567890"}).status_code == 302
    party.refresh_from_db()
    assert (party.served_how, party.served_on, party.served_name) == ("posted", date(2026, 11, 26), examiner.name)
    assert party.until.date() == date(2026, 12, 3)  # five working days after it came, not after it was written
    page = page_of(case, examiner, client)
    assert "11月26日（周四） · EMS 1234567890" in page
    assert "登记送达" not in page
    with pytest.raises(ValidationError, match="已经登记过送达"):
        concerned.serve_party(party, how="handed", on=date(2026, 11, 27), note="本人", by=examiner)


@pytest.mark.parametrize(
    ("how", "on", "note", "fault"),
    [
        ("owl", date(2026, 11, 24), "本人", "how"),
        ("handed", date(2026, 11, 23), "本人", "on"),
        ("handed", date(2026, 11, 24), " ", "note"),
    ],
)
def test_a_record_says_how_when_and_who_signed(case, examiner, how, on, note, fault):
    party = named(case, examiner)
    with pytest.raises(ValidationError) as refused:
        concerned.serve_party(party, how=how, on=on, note=note, by=examiner)
    assert list(refused.value.message_dict) == [fault]
    assert ThirdParty.objects.get().served_on is None


def test_only_the_office_that_examines_records_it(case, examiner):
    party = named(case, examiner)
    for stranger in (make.make_official(make.CLERK), make.make_citizen()):
        with pytest.raises(Denied):
            concerned.serve_party(party, how="handed", on=date(2026, 11, 24), note="本人", by=stranger)


def test_whoever_has_an_account_is_told_there_and_nobody_goes(case, examiner, client):
    number = people.resident_number()
    account = people.make_citizen(name="王秀英", number=number)
    neighbour = account.person
    party = named(case, examiner, number=number, phone=PHONE)
    assert Notice.objects.get(key="cases.third_party").person == neighbour
    assert procedures.reached(party)
    assert not Notice.objects.filter(key="cases.third_party_phone").exists()
    page = page_of(case, examiner, client)
    assert ("已在网上告知" in page, "登记送达" in page) == (True, False)
    type(account).objects.filter(pk=account.pk).update(is_active=False)
    assert not procedures.reached(party)


def test_a_person_without_an_account_is_told_by_the_phone_that_was_typed(case, examiner, gateway, client):
    number = people.resident_number()
    person = people.make_person("王秀英", number=number)
    type(person).objects.filter(pk=person.pk).update(phone="")
    named(case, examiner, number=number, phone=PHONE)
    assert Notice.objects.get(about_kind="cases.thirdparty").phone == PHONE
    page = page_of(case, examiner, client)
    assert ("已在网上告知" in page, "短信待发送" in page, "登记送达" in page) == (False, True, True)


def test_nothing_is_decided_before_the_letter_got_there(case, examiner, at):
    party = named(case, examiner)
    operations.examine(make.fresh(case), by=examiner, opinion="符合。")
    head = make.make_official(make.HEAD)
    at("2026-12-10 10:00")
    with pytest.raises(ValidationError, match="王秀英还没有收到告知书"):
        operations.grant(make.fresh(case), by=head, opinion="同意。")
    concerned.serve_party(party, how="handed", on=date(2026, 12, 10), note="本人", by=examiner)
    with pytest.raises(ValidationError, match="还可以在 12月17日（周四） 前陈述意见"):
        operations.grant(make.fresh(case), by=head, opinion="同意。")
    at("2026-12-18 00:01")
    operations.grant(make.fresh(case), by=head, opinion="同意。")
    assert make.fresh(case).outcome == "granted"


def test_an_sms_counts_once_it_was_sent(case, examiner, gateway):
    party = named(case, examiner, phone=PHONE)
    assert not procedures.reached(party)
    notices.deliver(Delivery.objects.get().pk)
    assert procedures.reached(party)
