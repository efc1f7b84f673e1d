"""Mandates: given by the principal, held to their matters and days, ended at once by either side."""

from datetime import timedelta

import pytest
from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hexi.blocks.notices.models import Notice
from hexi.blocks.people import mandates, rekeying, vault
from hexi.blocks.people.models import Mandate, MandateOffer
from hexi.blocks.people.tests import make
from hexi.kernel import clock
from hexi.kernel.actors import Denied
from hexi.kernel.jobs import drain
from hexi.kernel.options import override

pytestmark = pytest.mark.django_db
NUMBER = make.resident_number(4321)


@pytest.fixture
def principal():
    return make.acting(make.make_citizen(name="石建国"))


@pytest.fixture
def agent():
    return make.acting(make.make_citizen(name="李文静", number=NUMBER))


def given(principal, agent, **facts):
    """Offered and agreed to."""
    return mandates.accept(offered(principal, agent, **facts), by=agent)


def offered(principal, agent, **facts):
    facts = {"agent_name": "李文静", "agent_number": NUMBER, "until": clock.today() + timedelta(days=30)} | facts
    whom = facts.pop("whom", None) or principal.account.person
    return mandates.give(whom, by=facts.pop("by", principal), **facts)


def test_in_force_until_its_last_day(principal, agent, monkeypatch):
    made = given(principal, agent)
    assert mandates.mandate_for(agent, principal.person_id, "anything") == made
    later = clock.now() + timedelta(days=31)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert mandates.mandate_for(agent, principal.person_id, "anything") is None


def test_held_to_its_matters(principal, agent, monkeypatch):
    monkeypatch.setattr(mandates, "matters", lambda: {"tree-felling": "采伐", "food-permit": "食品"})
    given(principal, agent, items=["tree-felling"])
    assert mandates.mandate_for(agent, principal.person_id, "tree-felling") is not None
    assert mandates.mandate_for(agent, principal.person_id, "food-permit") is None
    with pytest.raises(ValidationError, match="没有这些事项"):
        given(principal, agent, items=["nothing"])


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"agent_number": "123"}, "应为 18 位"),
        ({"until": clock.today() - timedelta(days=1)}, "不能早于今天"),
    ],
)
def test_what_is_refused(principal, agent, facts, sentence):
    with pytest.raises(ValidationError, match=sentence):
        offered(principal, agent, **facts)
    assert (Mandate.objects.count(), MandateOffer.objects.count()) == (0, 0)


def test_it_is_in_force_when_the_agent_agrees_and_not_before(principal, agent):
    offer = offered(principal, agent)
    assert (mandates.held(agent), mandates.offered(agent), Mandate.objects.count()) == ([], [offer], 0)
    made = mandates.accept(offer, by=agent)
    assert (mandates.held(agent), mandates.offered(agent), list(mandates.asked(principal))) == ([made], [], [])
    assert mandates.accept(offer, by=agent) == made
    assert Mandate.objects.count() == 1


def test_nobody_else_agrees_to_it(principal, agent):
    offer = offered(principal, agent)
    wrong_name = offered(principal, agent, agent_name="张三")
    namesake = make.acting(make.make_citizen(name="李文静"))
    for stranger in (principal, namesake, make.acting(make.make_account())):
        with pytest.raises(Denied):
            mandates.accept(offer, by=stranger)
        assert mandates.offered(stranger) == []
    with pytest.raises(Denied):
        mandates.accept(wrong_name, by=agent)
    assert mandates.offered(agent) == [offer]


def test_declined_or_taken_back_it_never_comes_into_force(principal, agent):
    declined = offered(principal, agent)
    mandates.decline(declined, by=agent)
    taken = offered(principal, agent)
    assert taken != declined
    mandates.decline(taken, by=principal)
    assert mandates.decline(taken, by=principal).state == "withdrawn"
    for one in (declined, taken):
        with pytest.raises(ValidationError, match="请刷新后再看"):
            mandates.accept(one, by=agent)
    with pytest.raises(Denied):
        mandates.decline(offered(principal, agent), by=make.acting(make.make_citizen()))
    assert Mandate.objects.count() == 0


def test_past_its_day_it_can_no_longer_be_agreed_to(principal, agent):
    offer = offered(principal, agent)
    with clock.told_at(clock.now() + timedelta(days=31)):
        assert mandates.offered(agent) == []
        with pytest.raises(ValidationError, match="已经过期"):
            mandates.accept(offer, by=agent)


def test_who_comes_later_finds_what_was_offered_to_him(principal):
    number = make.resident_number(77)
    offer = mandates.give(
        principal.account.person, agent_name="王秀英", agent_number=number, until=clock.today(), by=principal
    )
    late = make.acting(make.make_citizen(name="王秀英", number=number))
    assert mandates.offered(late) == [offer]
    assert mandates.accept(offer, by=late).agent == late.account.person


KNOWN, UNKNOWN, OTHER = ("李文静", NUMBER), ("李文静", make.resident_number(9)), ("张三", NUMBER)


def test_the_answer_is_the_same_whether_there_is_such_a_person_or_not(principal, agent, client):
    """Known, unknown, known under another name: same status, same words, same list, same number of queries."""
    client.force_login(principal.account)
    until = (clock.today() + timedelta(days=9)).isoformat()
    answers, asked = [], []
    for name, number in (KNOWN, UNKNOWN, OTHER):
        form = {"principal": principal.person_id, "agent_name": name, "agent_number": number, "until": until}
        with CaptureQueriesContext(connection) as queries:
            sent = client.post(reverse("people.give_mandate"), form)
        asked.append(len(queries))
        told = client.get(reverse("people.my_mandates")).content.decode()
        answers.append(
            (sent.status_code, sent["Location"], f"已发出。{name}本人登录本站" in told, "等对方同意" in told)
        )
    assert answers == [(302, reverse("people.my_mandates"), True, True)] * 3
    assert len(set(asked)) == 1
    assert {one.state for one in MandateOffer.objects.all()} == {"waiting"}
    drain()
    assert "等对方同意" in client.get(reverse("people.my_mandates")).content.decode()


def test_only_who_is_meant_hears_of_it(principal, agent):
    for name, number in (KNOWN, UNKNOWN, OTHER):
        offered(principal, agent, agent_name=name, agent_number=number)
    drain()
    told = Notice.objects.filter(key="cases.mandate_offered").values_list("person", flat=True)
    assert list(told) == [agent.person_id]


def test_an_offer_rests_sealed_and_survives_new_keys(principal, agent):
    offer = offered(principal, agent)
    assert NUMBER not in offer.number
    old = (settings.DATA / "keys" / "data").read_text().split() if not vault.DATA_KEY.value else vault.DATA_KEY.value
    with override(vault.DATA_KEY, [vault.new_key(), *old]):
        rekeying.rekey()
        rekeying.reindex()
        offer.refresh_from_db()
        assert offer.number.startswith(f"{vault.ring().first}:")
        assert offer.lookup == vault.ring().lookup(NUMBER, "111", newest=True)


def test_it_ends_within_the_years_the_option_allows(principal, agent):
    most = clock.today() + relativedelta(years=3)
    assert given(principal, agent, until=most).valid_to == most
    with pytest.raises(ValidationError, match=f"最长3年.*{most.isoformat()}"):
        offered(principal, agent, until=most + timedelta(days=1))
    with override(mandates.YEARS, 1), pytest.raises(ValidationError, match="最长1年"):
        offered(principal, agent, until=most)


@pytest.mark.parametrize("number", [NUMBER, make.resident_number(9)])
def test_a_form_that_gives_nothing_tells_of_nobody(principal, agent, number):
    yesterday = clock.today() - timedelta(days=1)
    with pytest.raises(ValidationError) as error:
        offered(principal, agent, agent_number=number, until=yesterday)
    assert error.value.message_dict == {"until": ["有效期不能早于今天。"]}


def test_after_ten_tries_an_hour_nothing_more_is_sent(principal, agent, client):
    client.force_login(principal.account)
    until = (clock.today() + timedelta(days=9)).isoformat()
    form = {"principal": principal.person_id, "agent_name": "张三", "agent_number": NUMBER, "until": until}
    pages = [client.post(reverse("people.give_mandate"), form) for _ in range(10)]
    assert ({page.status_code for page in pages}, MandateOffer.objects.count()) == ({302}, 1)
    last = client.post(reverse("people.give_mandate"), form | {"agent_name": "李文静"})
    assert (last.status_code, "尝试次数太多" in last.content.decode()) == (422, True)
    client.force_login(agent.account)
    other = client.post(reverse("people.give_mandate"), form | {"principal": agent.person_id})
    assert "不用授权给自己" in other.content.decode()


def test_only_the_principal_gives_it_and_a_representative_for_his_body(principal, agent):
    body = make.make_enterprise(representative=principal.account.person)
    assert given(principal, agent, whom=body).principal == body
    with pytest.raises(Denied):
        offered(principal, agent, by=agent)
    with pytest.raises(Denied):
        offered(principal, agent, by=make.acting(make.make_citizen()))


def test_ended_at_once_by_either_side_and_by_nobody_else(principal, agent):
    first, second = given(principal, agent), given(principal, agent, until=clock.today() + timedelta(days=31))
    with pytest.raises(Denied):
        mandates.withdraw(first, by=make.acting(make.make_citizen()))
    mandates.withdraw(first, by=principal)
    assert mandates.mandate_for(agent, principal.person_id, "x") == second
    mandates.withdraw(second, by=agent)
    ended = mandates.withdraw(second, by=agent).ended_at
    assert mandates.held(agent) == []
    assert Mandate.objects.get(pk=second.pk).ended_at == ended


def test_the_pages(principal, agent, client):
    client.force_login(principal.account)
    until = clock.today() + timedelta(days=9)
    form = {
        "principal": principal.person_id, "agent_name": "李文静", "agent_number": NUMBER, "until": until.isoformat()
    }  # fmt: skip
    assert client.post(reverse("people.give_mandate"), form).status_code == 302
    offer, answer = MandateOffer.objects.get(), reverse("people.answer_mandate", args=[MandateOffer.objects.get().pk])
    client.force_login(make.make_citizen())
    assert client.post(answer, {"do": "accept"}).status_code == 404
    client.force_login(agent.account)
    assert "石建国请您代办" in client.get(reverse("people.my_mandates")).content.decode()
    client.post(answer, {"do": "accept"})
    made = Mandate.objects.get()
    assert (made.offer, made.agent) == (offer, agent.account.person)
    client.force_login(principal.account)
    assert "全部事项" in client.get(reverse("people.my_mandates")).content.decode()
    client.force_login(make.make_citizen())
    assert client.post(reverse("people.end_mandate", args=[made.pk])).status_code == 404
    client.force_login(principal.account)
    client.post(reverse("people.end_mandate", args=[made.pk]))
    assert "已解除" in client.get(reverse("people.my_mandates")).content.decode()
