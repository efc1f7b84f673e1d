"""Gateways, access groups and pushes at the workbench: done in the browser's way, and kept from who has no right."""

import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from hexi.blocks.catalog import exchange_keys
from hexi.blocks.catalog.models import Feed, Gateway, Group, Received, Right
from hexi.blocks.catalog.operations import exchange, push
from hexi.blocks.catalog.tests.make import make_entry, make_provider, make_rules
from hexi.blocks.catalog.tests.make_exchange import BY, make_grant, make_own, make_service, make_subsystem
from hexi.blocks.people import shipped
from hexi.blocks.people.tests.make import make_official
from hexi.kernel.packs import read

pytestmark = pytest.mark.django_db
NATION = "000000000000"


@pytest.fixture
def office():
    """A department, and the roles of the exchange."""
    make_rules()
    path = Path(__file__).parent.parent / "packs" / "roles" / "exchange.yaml"
    shipped.load_roles(path, read(path, shipped.RolesFile))
    return make_provider("yumen-energy")


def signed_in(department, role="exchange_officer", region=""):
    client = Client()
    region = region or department.region_code
    client.force_login(make_official(role, department=department, region_code=region))
    return client


def keeper(department):
    return signed_in(department, "exchange_keeper", NATION)


def page(client, name, *args, status=200):
    answer = client.get(reverse(f"catalog.{name}", args=args))
    assert answer.status_code == status
    return answer.content.decode()


def card(**more):
    """What another installation exported."""
    _key, certificate = exchange_keys.self_signed("OTHER")
    said = {
        "code": "OTHER", "title": "酒泉网关", "url": "https://gw.example:5500", "certificate": certificate.decode(),
        "keys": [exchange_keys.signer().public],
        "members": [
            {"instance": "CN", "class": "GOV", "code": "JQ", "title": "酒泉市大数据中心",
             "subsystems": [{"code": "HALL", "title": "政务大厅"}]},
        ],
    } | more  # fmt: skip
    return said, exchange_keys.read_out(exchange_keys.fingerprint(said["certificate"]))


def file(said):
    return SimpleUploadedFile("gateway.json", said if isinstance(said, bytes) else json.dumps(said).encode())


def test_another_gateway_is_trusted_by_card_and_fingerprint_and_distrusted(office):
    client = keeper(office)
    said, mark = card()
    wrong = client.post(reverse("catalog.trust"), {"card": file(said), "fingerprint": mark.replace("A", "B", 1)[::-1]})
    assert (wrong.status_code, "指纹与文件里的证书不符" in wrong.content.decode()) == (422, True)
    assert not Gateway.objects.exists()
    done = client.post(reverse("catalog.trust"), {"card": file(said), "fingerprint": mark.lower()})
    made = Gateway.objects.get()
    assert done["Location"] == reverse("catalog.gateway", args=[made.pk])
    shown = page(client, "gateway", made.pk)
    assert mark in shown
    assert "酒泉市大数据中心" in shown
    refused = client.post(reverse("catalog.distrust", args=[made.pk]), {"why": ""})
    assert (refused.status_code, Gateway.objects.get().active) == (422, True)
    client.post(reverse("catalog.distrust", args=[made.pk]), {"why": "密钥泄露"})
    assert not Gateway.objects.get().active
    assert "不再信任" in page(client, "gateways")


@pytest.mark.parametrize("said", [b"\xff\xfe", b"[]", b"{}", b"[" * 100_000, {"code": 1}])
def test_what_is_no_card_is_said_so_at_its_field(office, said):
    answer = keeper(office).post(reverse("catalog.trust"), {"card": file(said), "fingerprint": "AA"})
    assert answer.status_code == 422
    assert "网关名片" in answer.content.decode()
    assert not Gateway.objects.exists()


def test_our_card_is_what_the_other_side_trusts(office):
    own = make_own()
    make_subsystem("ENERGY", "REGISTER", office)
    answer = keeper(office).get(reverse("catalog.own_card"))
    assert answer["Content-Disposition"] == 'attachment; filename="gateway-GW.json"'
    said = json.loads(answer.content)
    Gateway.objects.all().update(own=False, code="BEFORE")
    own.members.all().update(code="BEFORE")
    own.keys.all().delete()
    mark = exchange_keys.fingerprint(said["certificate"])
    assert exchange.trust(said, fingerprint=mark, by=BY).members.get().subsystems.get().code == "REGISTER"


def test_trust_is_for_who_keeps_the_whole_installation(office):
    make_own()
    number = Gateway.objects.get().pk
    for role, region in (("exchange_officer", ""), ("exchange_keeper", office.region_code)):
        client = signed_in(office, role, region)
        assert "exchange/gateways/" not in page(client, "members")
        for name, *args in (("gateway", number), ("own_card",), ("distrust", number)):
            assert client.get(reverse(f"catalog.{name}", args=args)).status_code in (403, 404)
        said, mark = card()
        assert client.post(reverse("catalog.trust"), {"card": file(said), "fingerprint": mark}).status_code == 403
    assert Gateway.objects.count() == 1


def test_a_group_is_made_filled_used_and_emptied(office):
    make_own()
    client = signed_in(office, "exchange_keeper")
    client.post(reverse("catalog.add_group"), {"title": "各镇", "title_en": "Towns", "code": "TOWNS"})
    made, town = Group.objects.get(), make_subsystem("TOWN")
    assert made.region_code == office.region_code
    client.post(reverse("catalog.put_in", args=[made.pk]), {"subsystem": town.pk})
    service = make_service(subsystem=make_subsystem("ENERGY", "REGISTER", office))
    client.post(reverse("catalog.allow", args=[service.pk]), {"group": made.pk, "method": "*", "path": ""})
    assert Right.objects.get().group == made
    shown = page(client, "group", made.pk)
    assert "TOWN系统" in shown
    assert "ECHO" in shown
    other = signed_in(office)
    assert "移出" not in page(other, "group", made.pk)
    page(other, "add_group", status=404)
    assert other.post(reverse("catalog.take_out", args=[made.pk, town.pk])).status_code == 403
    assert made.subsystems.count() == 1
    client.post(reverse("catalog.take_out", args=[made.pk, town.pk]))
    assert made.subsystems.count() == 0


def test_updates_are_pushed_shown_and_stopped(office):
    entry, consumer = make_entry(office), make_subsystem("TAX")
    sender = make_subsystem("ENERGY", "REGISTER", office)
    given = make_grant(entry, consumer)
    client = signed_in(office)
    assert "推送更新" in page(client, "grant", given.pk)
    assert "CN/GOV/TAX/CASES/" in page(client, "follow", given.pk)
    wrong = client.post(reverse("catalog.follow", args=[given.pk]), {"sender": sender.pk, "service": "CN/GOV/X/Y/Z"})
    assert (wrong.status_code, Feed.objects.count()) == (422, 0)
    said = {"sender": sender.pk, "service": "CN/GOV/TAX/CASES/INBOX"}
    client.post(reverse("catalog.follow", args=[given.pk]), said)
    feed = Feed.objects.get()
    push.add(feed, {"what": "rows_refreshed"})
    assert "等待回执" in page(client, "feeds")
    user = signed_in(make_provider("yumen-tax", name="税务局"))
    assert "CN/GOV/TAX/CASES/INBOX" not in page(user, "feeds")
    page(user, "stop_feed", feed.pk, status=404)
    page(user, "follow", given.pk, status=404)
    client.post(reverse("catalog.stop_feed", args=[feed.pk]))
    assert (Feed.objects.get().active, feed.deliveries.count()) == (False, 0)


def test_what_came_is_seen_by_the_office_it_came_to(office):
    mine = make_subsystem("ENERGY", "REGISTER", office)
    said = {"sender": "CN/GOV/JQ/HALL", "feed": "f", "body": b"{}", "digest": "", "subsystem": mine}
    Received.objects.create(number=1, what="rows_refreshed", entry="207001/8", **said)
    Received.objects.create(number=2, what="entry_withdrawn", entry="207001/9", **said)
    client = signed_in(office)
    assert reverse("catalog.received") in page(client, "grant_list")
    shown = page(client, "received")
    assert shown.count("data-row") == 2
    assert "数据集已撤下" in shown
    assert "207001/8" not in client.get(reverse("catalog.received"), {"view": "withdrawn"}).content.decode()
    stranger = signed_in(make_provider("yumen-grain", name="粮食局"))
    assert "207001/9" not in page(stranger, "received")
    page(signed_in(office, "data_reader"), "received", status=403)


@pytest.mark.parametrize("name", ["gateways", "trust", "groups", "add_group", "feeds", "received"])
def test_in_english(office, name):
    make_own()
    answer = keeper(office).get(reverse(f"catalog.{name}"), headers={"accept-language": "en"})
    assert answer.status_code == 200
    assert "网关" not in answer.content.decode().partition("<main")[2].replace("本级网关", "")
