"""Mandates: given by the principal, held to their matters and days, ended at once by either side."""

from datetime import timedelta

import pytest
from dateutil.relativedelta import relativedelta
from django.core.exceptions import ValidationError
from django.urls import reverse

from hexi.blocks.people import mandates
from hexi.blocks.people.models import Mandate
from hexi.blocks.people.tests import make
from hexi.kernel import clock
from hexi.kernel.actors import Denied
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
        ({"agent_name": "张三"}, "没有找到"),
        ({"agent_number": make.resident_number(9)}, "没有找到"),
        ({"until": clock.today() - timedelta(days=1)}, "不能早于今天"),
    ],
)
def test_what_is_refused(principal, agent, facts, sentence):
    with pytest.raises(ValidationError, match=sentence):
        given(principal, agent, **facts)
    assert Mandate.objects.count() == 0


def test_it_ends_within_the_years_the_option_allows(principal, agent):
    most = clock.today() + relativedelta(years=3)
    assert given(principal, agent, until=most).valid_to == most
    with pytest.raises(ValidationError, match=f"最长3年.*{most.isoformat()}"):
        given(principal, agent, until=most + timedelta(days=1))
    with override(mandates.YEARS, 1), pytest.raises(ValidationError, match="最长1年"):
        given(principal, agent, until=most)


@pytest.mark.parametrize("number", [NUMBER, make.resident_number(9)])
def test_a_form_that_gives_nothing_tells_of_nobody(principal, agent, number):
    yesterday = clock.today() - timedelta(days=1)
    with pytest.raises(ValidationError) as error:
        given(principal, agent, agent_number=number, until=yesterday)
    assert error.value.message_dict == {"until": ["有效期不能早于今天。"]}


def test_after_ten_tries_an_hour_nobody_is_looked_for(principal, agent, client):
    client.force_login(principal.account)
    until = (clock.today() + timedelta(days=9)).isoformat()
    form = {"principal": principal.person_id, "agent_name": "张三", "agent_number": NUMBER, "until": until}
    pages = [client.post(reverse("people.give_mandate"), form) for _ in range(10)]
    assert {(page.status_code, "没有找到" in page.content.decode()) for page in pages} == {(422, True)}
    last = client.post(reverse("people.give_mandate"), form | {"agent_name": "李文静"})
    assert (last.status_code, "尝试次数太多" in last.content.decode()) == (422, True)
    client.force_login(agent.account)
    other = client.post(reverse("people.give_mandate"), form | {"principal": agent.person_id})
    assert "没有找到" in other.content.decode()


def test_only_the_principal_gives_it_and_a_representative_for_his_body(principal, agent):
    body = make.make_enterprise(representative=principal.account.person)
    assert given(principal, agent, whom=body).principal == body
    with pytest.raises(Denied):
        given(principal, agent, by=agent)
    with pytest.raises(Denied):
        given(principal, agent, by=make.acting(make.make_citizen()))


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
    wrong = client.post(reverse("people.give_mandate"), form | {"agent_name": "张三"})
    assert (wrong.status_code, "没有找到" in wrong.content.decode()) == (422, True)
    assert client.post(reverse("people.give_mandate"), form).status_code == 302
    assert "全部事项" in client.get(reverse("people.my_mandates")).content.decode()
    client.force_login(make.make_citizen())
    assert client.post(reverse("people.end_mandate", args=[Mandate.objects.get().pk])).status_code == 404
    client.force_login(principal.account)
    client.post(reverse("people.end_mandate", args=[Mandate.objects.get().pk]))
    assert "已解除" in client.get(reverse("people.my_mandates")).content.decode()
