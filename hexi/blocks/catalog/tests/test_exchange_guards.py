"""Who decides whom the exchange believes, and what cannot stop it: certificates, keys, groups, messages, feeds."""

import asyncio
import json
import ssl
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.core.exceptions import ValidationError
from django.db import DataError

from hexi.blocks.catalog import exchange_keys, sources
from hexi.blocks.catalog import exchange_options as options
from hexi.blocks.catalog.gateways import inside, tls, writer
from hexi.blocks.catalog.models import GatewayKey, Member, MessageLog, Received, Subsystem
from hexi.blocks.catalog.operations import entries, exchange, extras, grants, push
from hexi.blocks.catalog.operations import messages as operations
from hexi.blocks.catalog.queries import directory
from hexi.blocks.catalog.tests.make import ITEMS, WORDS, fresh, make_entry, revised
from hexi.blocks.catalog.tests.make_exchange import (
    BY,
    make_grant,
    make_lines,
    make_own,
    make_request,
    make_service,
    make_subsystem,
)
from hexi.blocks.regions.tests.make import YUMEN, Somebody
from hexi.kernel import clock
from hexi.kernel.actors import Denied
from hexi.kernel.options import override
from hexi.wire.xroad import messages
from hexi.wire.xroad.errors import Fault

pytestmark = pytest.mark.django_db


def pem():
    return exchange_keys.self_signed("x")[1].decode()


def make_card(keys=1, members=("ONE", "TWO"), systems=("A", "B")):
    from cryptography.hazmat.primitives.asymmetric import ec

    publics = [exchange_keys.public_pem(ec.generate_private_key(ec.SECP256R1()).public_key()) for _ in range(keys)]
    return {
        "code": "PEER", "title": "对方", "url": "https://127.0.0.1:5501", "certificate": pem(), "keys": publics,
        "members": [
            {"instance": "CN", "class": "GOV", "code": code, "subsystems": [{"code": one} for one in systems]}
            for code in members
        ],
    }  # fmt: skip


def trust(card):
    return exchange.trust(card, fingerprint=exchange_keys.fingerprint(card["certificate"]), by=BY)


# --- certificates -----------------------------------------------------------------------------------------------------
def test_what_is_pasted_beside_a_certificate_is_not_kept():
    system = make_subsystem("TAX")
    clean = pem()
    exchange.change_subsystem(system, certificate="税务局的证书\n" + clean, active=True, by=BY)
    system.refresh_from_db()
    assert system.certificate == clean
    ssl.create_default_context().load_verify_locations(cadata=directory.read().systems[0])
    broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    for wrong in (clean + broken, clean + pem(), "城"):
        with pytest.raises(ValidationError):
            exchange.change_subsystem(system, certificate=wrong, active=True, by=BY)


def test_one_broken_certificate_keeps_nobody_else_out():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.pin(context, ("城\n" + pem(), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", pem()))
    assert context.cert_store_stats()["x509"] == 1


def test_following_the_directory_outlives_a_failure(monkeypatch):
    from hexi.blocks.catalog.gateways import server

    newest = directory.Directory(7, {}, {}, {}, {}, ())
    answers = [ValueError("城"), newest]

    def newer(_than):
        if isinstance(answer := answers.pop(0) if answers else None, Exception):
            raise answer
        return answer

    monkeypatch.setattr(server, "EVERY", 0)
    monkeypatch.setattr(server, "_newer", newer)
    gateway = object.__new__(server.Gateway)
    gateway.directory, gateway.context = replace(newest, changes=1), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    gateway.pinned = lambda found: found.systems

    async def main():
        following = asyncio.create_task(gateway.follow())
        while gateway.directory is not newest and not following.done():
            await asyncio.sleep(0.01)
        following.cancel()

    asyncio.run(main())
    assert gateway.directory is newest


@pytest.mark.parametrize(
    ("address", "free", "named"),
    [
        ("10.8.1.1", True, True), ("10.9.1.1", True, False), ("127.0.0.1", False, False), ("169.254.169.254", False, False),
        ("::1", False, False), ("::ffff:127.0.0.1", False, False), ("::ffff:10.8.1.1", True, True), ("0.0.0.0", False, False),
        ("fe80::1", False, False),
    ],
)  # fmt: skip
def test_services_are_never_the_gateways_own_machine(address, free, named):
    assert inside.may_be(address) is free
    with override(options.SERVICE_NETWORKS, "10.8.0.0/16, 192.168.3.0/24"):
        assert inside.may_be(address) is named


def test_names_are_judged_by_what_they_mean():
    with pytest.raises(OSError, match="no service may be there"):
        asyncio.run(_resolved("localhost"))
    with override(options.SERVICE_NETWORKS, "127.0.0.0/8"):
        assert asyncio.run(_resolved("localhost"))


async def _resolved(host):
    return await inside.Resolver().resolve(host, 80)


# --- who decides ------------------------------------------------------------------------------------------------------
def test_an_office_puts_nobody_into_a_group():
    system, service = make_subsystem("TAX"), make_service()
    group = exchange.add_group(code="TAXES", title="税务", region_code=YUMEN, by=BY)
    exchange.allow(service, group=group, by=BY)
    officer = Somebody({"catalog.exchange": "620981"}, system.member.department_id)
    for work in (
        lambda: exchange.put_in_group(group, system, by=officer),
        lambda: exchange.take_from_group(group, system, by=officer),
        lambda: exchange.add_group(code="X", title="x", region_code=YUMEN, by=officer),
        lambda: exchange.put_in_group(group, system, by=Somebody({"catalog.exchange": "620982"})),
    ):
        with pytest.raises(Denied):
            work()
    exchange.put_in_group(group, system, by=Somebody({"catalog.exchange": "620981"}))


def test_a_county_trusts_nobody_for_the_whole_house():
    own = make_own()
    keeper = Somebody({"catalog.trust": "620981"})
    for work in (
        lambda: exchange.open_own("GW2", title="x", url="https://x", by=keeper),
        lambda: exchange.distrust(own, by=keeper, why="x"),
    ):
        with pytest.raises(Denied):
            work()
    exchange.distrust(own, by=Somebody({"catalog.trust": ""}), why="x")


def test_an_office_lays_no_fields_down_for_a_region():
    with pytest.raises(Denied):
        extras.lay_down(YUMEN, schema={}, standard="一", by=Somebody({"catalog.keep": "620981"}, 7))


# --- trust ------------------------------------------------------------------------------------------------------------
def test_a_new_card_takes_back_what_it_does_not_name():
    first = make_card(keys=2)
    trust(first)
    later = first | {"keys": first["keys"][1:], "members": make_card(members=["ONE"], systems=["A"])["members"]}
    peer = trust(later)
    known = directory.read()
    assert set(known.members) == {"CN/GOV/ONE"}
    assert set(known.subsystems) == {"CN/GOV/ONE/A"}
    (found,) = known.peers.values()
    lost, kept = (exchange_keys.key_id(exchange_keys.read_public(one)) for one in first["keys"])
    assert (found.key(lost, clock.now()), bool(found.key(kept, clock.now()))) == (None, True)
    assert GatewayKey.objects.filter(gateway=peer).count() == 2  # what it signed can still be checked
    trust(first)
    assert (Member.objects.filter(active=True).count(), Subsystem.objects.filter(active=True).count()) == (2, 4)
    assert bool(next(iter(directory.read().peers.values())).key(lost, clock.now()))


def test_distrusted_from_the_command_line():
    from hexi.blocks.catalog import commands

    trust(make_card())
    assert commands.distrust(type("A", (), {"code": "NOBODY", "why": "x"})) == 2
    assert commands.distrust(type("A", (), {"code": "PEER", "why": "密钥丢失"})) == 0
    assert directory.read().peers == {}


# --- messages ---------------------------------------------------------------------------------------------------------
def test_the_log_calls_a_caller_by_its_plain_name():
    asked = make_request(client="%43N/%47OV/TAX/CASES")
    line = replace(make_lines(1)[0], asked=asked, signed=operations.sign(asked))
    assert operations.write("provider", [line]) == [None]
    assert MessageLog.objects.get().client == "CN/GOV/TAX/CASES"


def test_one_message_that_cannot_be_written_fails_alone(monkeypatch):
    lines = make_lines(2)

    def write(_stream, given):
        if lines[1] in given:
            raise DataError("value too long")
        return [None] * len(given)

    monkeypatch.setattr(writer, "write", write)
    monkeypatch.setattr(writer.connection, "close", lambda: None)
    one = object.__new__(writer.Writer)
    one.stream = "provider"
    found = one._written(lines)
    assert [isinstance(fault, Fault) for fault in found] == [False, True, False, False]


# --- grants -----------------------------------------------------------------------------------------------------------
def test_a_withdrawn_entry_is_read_through_no_grant():
    entry = make_entry()
    given = make_grant(entry)
    line = lambda: replace(make_lines(1)[0], asked=(one := make_request()), signed=operations.sign(one), grant=given.pk)  # noqa: E731
    assert operations.write("provider", [line()]) == [None]
    entries.withdraw(entry, by=BY, reason="不再提供")
    (fault,) = operations.write("provider", [line()])
    assert "撤下" in fault.message


def test_personal_rows_that_say_nobody_are_given_to_nobody():
    entry = make_entry()
    with pytest.raises(ValidationError, match="每行没有写明是谁的"):
        make_grant(entry, fields={"station": "none", "phone": "part"}, basis="c")
    items = [*ITEMS, {"name": "id_number", "title": "公民身份号码", "type": "C", "personal": True, "mask": "part"}]
    paid = make_entry(title="发放明细", items=items)
    assert make_grant(paid, fields={"phone": "part"}, basis="c").personal
    assert sources.person_item(list(paid.items.all())) == "id_number"


def test_a_case_gives_again_only_what_it_gave():
    entry = make_entry()
    given = make_grant(entry, basis="case-7")
    with pytest.raises(ValidationError):
        make_grant(entry, basis="case-7", fields=["station"])
    assert make_grant(entry, basis="case-7").pk == given.pk
    grants.revoke(given, by=BY, why="用途不符")
    with pytest.raises(ValidationError):
        make_grant(entry, basis="case-7")


def test_an_expired_grant_beside_a_new_one_is_not_asked_for():
    system = make_subsystem("TAX")
    entry = make_entry()
    seller = exchange.add_member(entry.provider, instance="CN", member_class="GOV", code="P", title="p", by=BY)
    exchange.add_service(
        exchange.add_subsystem(seller, code="R", title="r", by=BY), code="S", title="s", entry=entry, by=BY
    )
    make_grant(entry, system, expires=clock.today())
    new = make_grant(entry, system)
    held = lambda: [one[0] for one in directory.read().services["CN/GOV/P/R/S"].grants["CN/GOV/TAX/CASES"]]  # noqa: E731
    assert len(held()) == 2
    with clock.told_at(clock.now() + timedelta(days=1)):
        assert held() == [new.pk]


# --- push -------------------------------------------------------------------------------------------------------------
@pytest.fixture
def feed():
    """A feed of the sample entry."""
    receiver, entry = make_subsystem("TAX"), make_entry()
    seller = exchange.add_member(entry.provider, instance="CN", member_class="GOV", code="P", title="p", by=BY)
    sender = exchange.add_subsystem(seller, code="R", title="r", by=BY)
    return push.follow(make_grant(entry, receiver), sender, service="CN/GOV/TAX/CASES/INBOX", by=BY)


def test_a_feed_that_was_stopped_goes_on_where_the_receiver_stands(feed):
    for _number in range(4):
        push.add(feed, {})
    feed.deliveries.filter(number=1).update(received_at=clock.now(), tries=1)
    feed.deliveries.filter(number=2).update(tries=1)  # may have come
    push.stop(feed, by=BY)
    again = push.follow(
        make_grant(feed.entry, feed.grant.subsystem, basis="new"), feed.sender, service=feed.service, by=BY
    )
    assert (again.name, again.active) == (feed.name, True)
    push.add(again, {})
    assert list(again.deliveries.order_by("number").values_list("number", flat=True)) == [1, 2, 3]
    other = exchange.add_subsystem(feed.sender.member, code="Q", title="q", by=BY)
    with pytest.raises(ValidationError):
        push.follow(again.grant, other, service=feed.service, by=BY)


def test_nothing_is_pushed_after_the_grant_has_ended(feed, monkeypatch):
    monkeypatch.setattr(push, "_push", lambda *_: 1)
    push.announce(feed.entry, clock.now())
    assert push.push() == 1
    with clock.told_at(clock.now() + timedelta(days=400)):
        push.announce(feed.entry, clock.now())
        assert push.push() == 0
    grants.suspend(feed.grant, by=BY, why="核查")
    push.announce(feed.entry, clock.now())
    assert (push.push(), feed.deliveries.count()) == (0, 1)


def test_a_change_and_the_end_of_a_data_set_are_pushed(feed, monkeypatch):
    revised(feed.entry, **(WORDS | {"summary": "另一句话。"}))
    monkeypatch.setattr(push, "_push", lambda *_: 1)
    assert push.push() == 1
    entries.withdraw(fresh(feed.entry), by=BY, reason="不再提供")
    bodies = feed.deliveries.order_by("number").values_list("body", flat=True)
    assert [json.loads(bytes(one))["what"] for one in bodies] == ["entry_changed", "entry_withdrawn"]
    assert push.push() == 1
    grants.revoke(feed.grant, by=BY, why="不再需要")
    assert push.push() == 0


def test_a_piece_is_kept_with_what_it_says_and_whose_inbox_it_came_to():
    inbox = make_subsystem("TAX")
    said = json.dumps({"what": "entry_withdrawn", "entry": "207001/1", "number": 1}).encode()
    strange = (b"[", b"[1]", b"\xff", b'{"what": 7, "entry": "a\\u0000b"}', b"[" * 100_000)
    for number, body in enumerate((said, *strange), 1):
        asked = messages.request(
            "POST", f"/r1/CN/GOV/TAX/CASES/INBOX/f/{number}", [("X-Road-Client", "CN/GOV/ENERGY/REGISTER")], body,
            id=str(number), request_id=str(number),
        )  # fmt: skip
        assert push.take(asked).status == 200
    rows = list(Received.objects.order_by("number").values_list("what", "entry", "subsystem"))
    assert rows == [("entry_withdrawn", "207001/1", inbox.pk)] + [("", "", inbox.pk)] * 5


def test_pieces_begin_with_one():
    for number in ("0", "-1", "²", "x"):
        asked = messages.request(
            "POST", "/r1/CN/GOV/ENERGY/REGISTER/ECHO/f/" + quote(number), [("X-Road-Client", "CN/GOV/TAX/CASES")], b"",
            id="1", request_id="1",
        )  # fmt: skip
        with pytest.raises(Fault):
            push.take(asked)
