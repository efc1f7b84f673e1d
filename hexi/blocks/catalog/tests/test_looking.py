"""Services at an address that answer about persons: purpose, case and whom, before anything is asked; each finds it."""

import uuid
from urllib.parse import quote

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from hexi.blocks.catalog.models import Access, Service
from hexi.blocks.catalog.operations import exchange, looking
from hexi.blocks.catalog.queries import directory
from hexi.blocks.catalog.queries.exchange import earlier_accesses
from hexi.blocks.catalog.tests.make import make_entry
from hexi.blocks.catalog.tests.make_exchange import ASKS, BY, make_service, make_subsystem
from hexi.blocks.catalog.tests.test_exchange_pages import office, page, signed_in
from hexi.blocks.catalog.tests.test_reading_persons import NUMBERS, hashed, number_of
from hexi.blocks.people.models import Identifier
from hexi.blocks.people.queries import looks_at
from hexi.blocks.people.tests.make import make_citizen
from hexi.wire.xroad import messages
from hexi.wire.xroad.errors import Fault

__all__ = ["office"]
pytestmark = pytest.mark.django_db
OTHER = NUMBERS[0]


def asked(*numbers, purpose="核对低保", issue="办-1"):
    said = {"X-Road-Client": ASKS, "X-Road-Issue": issue, "X-Hexi-Purpose": quote(purpose),
            "X-Hexi-Person": quote(",".join(numbers))}  # fmt: skip
    number = str(uuid.uuid4())
    headers = [(name, value) for name, value in said.items() if value]
    return messages.request("GET", "/r1/CN/GOV/ENERGY/REGISTER/ECHO/v1", headers, b"", id=number, request_id=number)


@pytest.fixture
def service():
    make_subsystem("TAX")
    return make_service(personal=True)


def test_whom_a_call_asks_about_finds_it_registered_or_later(service):
    person = make_citizen(name="石建国").person
    looking.ask_service(asked(number_of(person), f" {OTHER.lower()}"), service.pk)
    (seen,) = looks_at(person)
    assert (seen.actor_name, seen.facts["purpose"]) == ("TAX TAX系统", "ENERGY ECHO：核对低保（办-1）")
    told = {(one.person_hash, one.told, one.service, one.entry) for one in Access.objects.all()}
    assert told == {(hashed(number_of(person)), True, service, None), (hashed(OTHER), False, service, None)}
    late = make_citizen("late", name="王兰").person
    Identifier.objects.filter(person=late).update(lookup=hashed(OTHER))
    assert [one.what for one in earlier_accesses(late)] == ["ENERGY ECHO"]


@pytest.mark.parametrize(
    "wrong",
    [
        asked(OTHER, purpose=""), asked(OTHER, issue=""), asked(), asked("620902199001011234"), asked(OTHER, "王兰"),
        asked(*[OTHER] * (looking.MOST_PERSONS + 1)),
    ],
)  # fmt: skip
def test_a_call_that_does_not_say_why_or_about_whom_asks_nothing(service, wrong):
    with pytest.raises(Fault) as caught:
        looking.ask_service(wrong, service.pk)
    assert caught.value.type == "Client.BadRequest"
    assert Access.objects.count() == 0


def test_only_a_service_at_an_address_is_said_to_be_about_persons(office):
    system = make_subsystem("ENERGY", "REGISTER", office)
    entry = make_entry(office)
    for more in ({"url": "", "entry": entry}, {"url": "hexi:inbox"}):
        with pytest.raises(ValidationError, match="只用于服务地址"):
            make_service("X", system, personal=True, **more)
    rows = make_service("ROWS", system, url="", entry=entry)
    client = signed_in(office)
    assert 'name="personal"' not in page(client, "switch", rows.pk)
    said = {"subsystem": system.pk, "title": "查询", "code": "ASK", "url": "http://10.0.0.1/", "timeout": 20}
    client.post(reverse("catalog.add_service", args=[system.member_id]), said | {"personal": "on"})
    made = Service.objects.get(code="ASK")
    assert (made.personal, directory.read().services["CN/GOV/ENERGY/REGISTER/ASK"].personal) == (True, True)
    assert "答复涉及个人" in page(client, "service", made.pk)
    client.post(reverse("catalog.switch", args=[made.pk]), {"active": "on", "notice": ""})
    made.refresh_from_db()
    assert (made.active, made.personal) == (True, False)
    exchange.switch_service(made, active=False, by=BY)
    made.refresh_from_db()
    assert (made.active, made.personal) == (False, False)


def test_a_message_is_shown_without_whom_it_asks_about(office):
    from hexi.blocks.catalog.models import Kind, MessageLog, Side
    from hexi.blocks.catalog.operations.messages import Line, sign, write

    system, one = make_subsystem("ENERGY", "REGISTER", office), asked(OTHER)
    write("provider", [Line(Side.PROVIDER, Kind.REQUEST, one, sign(one), system.pk)])
    shown = page(signed_in(office), "message", MessageLog.objects.get().pk)
    assert "x-hexi-purpose" in shown.lower()
    assert OTHER not in shown
