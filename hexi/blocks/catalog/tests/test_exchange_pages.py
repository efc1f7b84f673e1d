"""The exchange at the workbench: who sees what, members to rights in the browser's way, the log with its proofs."""

import pytest
from django.test import Client
from django.urls import reverse

from hexi.blocks.audit import models as audit
from hexi.blocks.catalog.exchange_keys import self_signed
from hexi.blocks.catalog.models import Grant, GrantState, Kind, Member, MessageLog, Right, Service, Side, Subsystem
from hexi.blocks.catalog.operations import exchange
from hexi.blocks.catalog.operations.messages import Line, sign, write
from hexi.blocks.catalog.queries import directory
from hexi.blocks.catalog.tests.make import make_entry, make_provider, make_rules
from hexi.blocks.catalog.tests.make_exchange import (
    ASKS,
    BY,
    make_grant,
    make_log,
    make_own,
    make_service,
    make_subsystem,
)
from hexi.blocks.people import shipped
from hexi.blocks.people.models import Role
from hexi.blocks.people.tests.make import make_official
from hexi.blocks.regions.tests.make import YUMEN
from hexi.kernel import clock
from hexi.kernel.packs import read
from hexi.wire.xroad import messages

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    """A department with an officer of the exchange."""
    make_rules()
    from pathlib import Path

    path = Path(__file__).parent.parent / "packs" / "roles" / "exchange.yaml"
    shipped.load_roles(path, read(path, shipped.RolesFile))
    assert Role.objects.filter(pk="exchange_officer").exists()
    return make_provider("yumen-energy")


def signed_in(department, role="exchange_officer"):
    client = Client()
    client.force_login(make_official(role, department=department, region_code=department.region_code))
    return client


def page(client, name, *args, status=200):
    answer = client.get(reverse(f"catalog.{name}", args=args))
    assert answer.status_code == status
    return answer.content.decode()


def test_from_member_to_right(office):
    make_own()
    client = signed_in(office)
    given = {"department": office.pk, "instance": "CN", "member_class": "GOV", "code": "城"}
    refused = client.post(reverse("catalog.add_member"), given)
    assert refused.status_code == 422
    assert client.post(reverse("catalog.add_member"), given | {"code": "PUBLIC-SECURITY"}).status_code == 422
    client.post(reverse("catalog.add_member"), given | {"code": office.uscc})
    member = Member.objects.get()
    client.post(reverse("catalog.add_subsystem", args=[member.pk]), {"title": "登记系统", "code": "REGISTER"})
    system = Subsystem.objects.get()
    said = {"subsystem": system.pk, "title": "查询", "code": "ECHO", "url": "http://10.0.0.1/", "timeout": 20}
    client.post(reverse("catalog.add_service", args=[member.pk]), said)
    service = Service.objects.get()
    assert "还没有允许任何人调用" in page(client, "service", service.pk)
    other = make_subsystem("TAX")
    client.post(reverse("catalog.allow", args=[service.pk]), {"subsystem": other.pk, "method": "GET", "path": "/v1/*"})
    right = Right.objects.get()
    assert (right.subsystem, str(right.endpoint)) == (other, "GET /v1/*")
    assert "GET /v1/*" in page(client, "service", service.pk)
    client.post(reverse("catalog.forbid", args=[service.pk, right.pk]))
    assert not Right.objects.exists()
    client.post(reverse("catalog.switch", args=[service.pk]), {"notice": "维护"})
    service.refresh_from_db()
    assert (service.active, service.notice) == (False, "维护")
    assert "登记系统" in page(client, "member", member.pk)
    assert "yumen-tax" in page(client, "members") or "TAX" in page(client, "members")


def test_others_see_members_and_manage_nothing(office):
    service = make_service(subsystem=make_subsystem("ENERGY", "REGISTER", office))
    stranger = signed_in(make_provider("yumen-tax", name="税务局"))
    assert "登记子系统" not in page(stranger, "member", service.subsystem.member_id)
    for name, *args in (("service", service.pk), ("allow", service.pk), ("switch", service.pk),
                        ("add_subsystem", service.subsystem.member_id), ("add_service", service.subsystem.member_id)):  # fmt: skip
        page(stranger, name, *args, status=404)
    reader = signed_in(office, "data_reader")
    for name in ("members", "message_list", "grant_list", "add_member"):
        page(reader, name, status=403)


def test_log_shows_ones_own_messages_with_their_proofs(office):
    mine, theirs = make_subsystem("ENERGY", "REGISTER", office), make_subsystem("TAX")
    make_log(1, subsystem=mine.pk)
    make_log(1, subsystem=theirs.pk)
    client = signed_in(office)
    assert page(client, "message_list").count("data-row") == 2
    own, other = MessageLog.objects.filter(subsystem=mine).first(), MessageLog.objects.filter(subsystem=theirs).first()
    shown = page(client, "message", own.pk)
    assert (shown.count("成立"), "不成立" in shown) == (3, False)
    assert "question 0" not in shown
    page(client, "message", other.pk, status=404)
    MessageLog.objects.filter(pk=own.pk).update(issue="changed")
    assert "不成立" in page(client, "message", own.pk)


def test_list_of_messages_asks_as_often_for_one_as_for_three(office, django_assert_num_queries):
    mine = make_subsystem("ENERGY", "REGISTER", office)
    client = signed_in(office)
    make_log(1, subsystem=mine.pk)
    page(client, "message_list")
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as first:
        page(client, "message_list")
    make_log(3, subsystem=mine.pk)
    with django_assert_num_queries(len(first)):
        page(client, "message_list")


def test_grants_of_ones_own_are_seen_and_changed(office):
    given = make_grant(make_entry(office), make_provider("yumen-tax", name="税务局"))
    client = signed_in(office)
    assert "核对" in page(client, "grant_list")
    assert "站点（原样）" in page(client, "grant", given.pk)
    wrong = client.post(reverse("catalog.change_grant", args=[given.pk]), {"what": "renew", "why": "x"})
    assert wrong.status_code == 422
    client.post(reverse("catalog.change_grant", args=[given.pk]), {"what": "suspend", "why": "核查"})
    assert Grant.objects.get().state == GrantState.SUSPENDED
    user = signed_in(make_provider("yumen-tax", name="税务局"))
    assert "办理授权" not in page(user, "grant", given.pk)
    page(user, "change_grant", given.pk, status=403)
    page(signed_in(make_provider("yumen-grain", name="粮食局")), "grant", given.pk, status=404)


def test_a_grant_is_given_to_a_system_and_opens_a_service_over_the_entry(office):
    entry, system = make_entry(office), make_subsystem("TAX")
    make_service("ROWS", make_subsystem("ENERGY", "REGISTER", office), url="", entry=entry)
    client, shown = signed_in(office), "CN/GOV/ENERGY/REGISTER/ROWS"
    assert directory.read().services[shown].grants == {}
    assert reverse("catalog.give_to") in page(client, "grant_list")
    form = f"{reverse('catalog.give_to')}?subsystem={system.pk}"
    assert f'href="{form}"' in page(client, "member", system.member_id)
    assert f'<option value="{system.pk}" selected>' in client.get(form).content.decode()
    whom = client.post(reverse("catalog.give_to"), {"entry": entry.pk, "subsystem": system.pk})
    assert (
        "值班电话" not in page(client, "give", entry.pk, system.pk).partition("<fieldset")[2].partition("</fieldset")[0]
    )
    said = {"fields_": ["station", "power"], "rows": YUMEN, "region_field": "station", "purpose": "核税", "quota": "5",
            "basis": "甘政办〔2026〕1号", "expires": str(clock.today())}  # fmt: skip
    for wrong in ({"basis": ""}, {"purpose": ""}, {"fields_": ["phone"]}, {"rows": "6209"}, {"expires": "2001-01-01"}):
        assert client.post(whom["Location"], said | wrong).status_code == 422
    assert not Grant.objects.exists()
    done = [client.post(whom["Location"], said)["Location"] for _ in range(2)]
    made = Grant.objects.get()
    assert done == [reverse("catalog.grant", args=[made.pk])] * 2
    assert (made.subsystem, made.fields) == (system, {"station": "none", "power": "none"})
    assert (made.region, made.region_field, made.quota, made.expires) == (YUMEN, "station", 5, clock.today())
    assert directory.read().services[shown].grants == {ASKS: [(made.pk, str(made.number))]}
    assert "可以自己提出共享申请" in page(client, "give", entry.pk, system.pk)
    Member.objects.filter(pk=system.member_id).update(department=None)
    assert "提供方决定的期限不在这里计" in page(client, "give", entry.pk, system.pk)
    told = page(client, "grant", made.pk)
    assert reverse("catalog.follow", args=[made.pk]) in told
    assert "甘政办〔2026〕1号" in told


def test_only_who_gives_for_the_provider_gives_to_a_system(office):
    entry, system = make_entry(office), make_subsystem("TAX")
    secret = make_entry(office, title="另一个", sharing="none", sharing_basis="《中华人民共和国保守国家秘密法》第九条",
                        open=False, grading="core", sharing_way="")  # fmt: skip
    page(signed_in(office), "give", secret.pk, system.pk, status=404)
    page(signed_in(make_provider("yumen-grain", name="粮食局")), "give", entry.pk, system.pk, status=404)
    steward = signed_in(office, "data_steward")
    for name, *args in (("give_to",), ("give", entry.pk, system.pk)):
        page(steward, name, *args, status=403)
    exchange.change_subsystem(system, certificate="", active=False, by=BY)
    page(signed_in(office), "give", entry.pk, system.pk, status=404)


@pytest.mark.parametrize("name", ["members", "message_list", "grant_list", "add_member", "give_to"])
def test_pages_in_english(office, name):
    make_own()
    client = signed_in(office)
    client.cookies["django_language"] = "en"
    client.cookies["language"] = "en"
    answer = client.get(reverse(f"catalog.{name}"), headers={"accept-language": "en"})
    assert answer.status_code == 200


def test_a_certificate_is_renewed_and_a_system_switched_off(office):
    system = make_subsystem("ENERGY", "REGISTER", office)
    client, pem = signed_in(office), self_signed("x")[1].decode()
    change = reverse("catalog.change_subsystem", args=[system.pk])
    assert change in page(client, "member", system.member_id)
    assert client.post(change, {"certificate": "城", "active": "on"}).status_code == 422
    assert client.post(change, {"certificate": "新的\n" + pem, "active": "on"}).status_code == 302
    system.refresh_from_db()
    assert (system.certificate, system.active) == (pem, True)
    client.post(change, {"certificate": ""})
    system.refresh_from_db()
    assert (system.certificate, system.active) == ("", False)
    assert signed_in(make_provider("yumen-tax")).get(change).status_code in (403, 404)


def test_a_message_is_shown_without_its_question(office):
    system = make_subsystem("ENERGY", "REGISTER", office)
    asked = messages.request(
        "GET", "/r1/CN/GOV/ENERGY/REGISTER/ECHO/rows?where=id_number:=:620902199001011234",
        [("X-Road-Client", "CN/GOV/TAX/CASES")], b"", id="1", request_id="1",
    )  # fmt: skip
    write("provider", [Line(Side.PROVIDER, Kind.REQUEST, asked, sign(asked), system.pk)])
    shown = page(signed_in(office), "message", MessageLog.objects.get().pk)
    assert "/r1/CN/GOV/ENERGY/REGISTER/ECHO/rows" in shown
    assert "620902199001011234" not in shown


@pytest.mark.parametrize("name", ["message_list", "grant_list"])
def test_a_list_that_is_saved_is_written_down(office, name):
    make_log(1, subsystem=make_subsystem("ENERGY", "REGISTER", office).pk)
    make_grant(make_entry(office))
    assert signed_in(office).get(reverse(f"catalog.{name}"), {"export": "csv"}).status_code == 200
    assert audit.Entry.objects.filter(verb="catalog.export").count() == 1
