"""One installation of the exchange for tests and benchmarks: `python -m hexi.blocks.catalog.tests.side [STEPS]`.

Run inside the installation's own environment. STEPS is JSON: [[name, {facts}], …]; without it each line that comes in
is such a list, answered by a line with what each step gave.
"""

import json
import sys
from typing import Any


def migrate() -> None:
    """Tables and keys, no packs: a second or two instead of a whole setup."""
    from hexi.blocks.catalog import exchange_keys
    from hexi.site import tables

    tables.make()
    exchange_keys.prepare()


def open_here(
    code: str, url: str, member: str, subsystem: str, certificate: str = "", services: dict[str, str] | None = None
) -> dict[str, Any]:
    """Our own gateway, a department as a member, its system, its services (code → address); our card."""
    from hexi.blocks.catalog.operations import exchange
    from hexi.blocks.catalog.queries.exchange import card
    from hexi.blocks.regions.models import Department
    from hexi.kernel.actors import System
    from hexi.wire.checksums import make_credit_code

    by = System("test")
    exchange.open_own(code, title=code, url=url, by=by)
    department, _ = Department.objects.get_or_create(
        key=code.lower(),
        defaults={
            "uscc": make_credit_code("11", "620981", f"{int.from_bytes(code.encode(), 'big') % 10**8:08d}"),
            "name": f"{code}局", "name_en": code, "region_code": "620981000000",
        },
    )  # fmt: skip
    made = exchange.add_member(department, instance="CN", member_class="GOV", code=member, title=member, by=by)
    system = exchange.add_subsystem(made, code=subsystem, title=subsystem, certificate=certificate, by=by)
    for name, address in (services or {}).items():
        exchange.add_service(system, code=name, title=name, url=address, timeout=5, by=by)
    return card()


def prepare() -> None:
    """Keys, in an installation whose tables were copied."""
    from hexi.blocks.catalog import exchange_keys

    exchange_keys.prepare()


def trust(card: dict[str, Any]) -> str:
    """The other installation, by its card."""
    from hexi.blocks.catalog.exchange_keys import fingerprint
    from hexi.blocks.catalog.operations import exchange
    from hexi.kernel.actors import System

    return exchange.trust(card, fingerprint=fingerprint(card["certificate"]), by=System("test")).code


def about_persons(service: str) -> None:
    """A service of ours at an address is said to answer about persons."""
    from hexi.blocks.catalog.models import Service
    from hexi.blocks.catalog.operations import exchange
    from hexi.kernel.actors import System

    exchange.switch_service(Service.objects.get(code=service), active=True, personal=True, by=System("test"))


def allow(service: str, member: str, method: str = "", path: str = "") -> int:
    """A right to a service of ours (or to one endpoint of it) for the one subsystem of a member."""
    from hexi.blocks.catalog.models import Service, Subsystem
    from hexi.blocks.catalog.operations import exchange
    from hexi.kernel.actors import System

    by, one = System("test"), Service.objects.get(code=service)
    endpoint = exchange.add_endpoint(one, method=method, path=path, by=by) if path else None
    subsystem = Subsystem.objects.get(member__code=member)
    return exchange.allow(one, subsystem=subsystem, endpoint=endpoint, by=by).pk


def forbid(right: int) -> None:
    """Take a right back."""
    from hexi.blocks.catalog.models import Right
    from hexi.blocks.catalog.operations import exchange
    from hexi.kernel.actors import System

    exchange.forbid(Right.objects.get(pk=right), by=System("test"))


def feed(member: str, service: str) -> int:
    """A feed of ours for a subsystem of another installation, with the entry and the grant it needs."""
    from hexi.blocks.catalog.models import Subsystem
    from hexi.blocks.catalog.operations import push
    from hexi.blocks.catalog.tests.make import make_entry
    from hexi.blocks.catalog.tests.make_exchange import make_grant
    from hexi.kernel.actors import System

    sender = Subsystem.objects.get(member__gateway__own=True)
    entry = make_entry(sender.member.department)
    given = make_grant(entry, Subsystem.objects.get(member__code=member))
    return push.follow(given, sender, service=service, by=System("test")).pk


def subsidies(code: str, text: str = "") -> None:
    """A data set of ours with a row in each of two counties, and a service over it; `text`: other rows, of nobody."""
    from hexi.blocks.catalog.models import Subsystem
    from hexi.blocks.catalog.operations import exchange
    from hexi.blocks.catalog.tests.make import make_entry
    from hexi.blocks.catalog.tests.make_rows import make_rows
    from hexi.blocks.people import vault
    from hexi.kernel.actors import System

    vault.write_key()
    mine = Subsystem.objects.get(member__gateway__own=True)
    items = [
        {"name": "id_number", "title": "公民身份号码", "type": "C", "key": True, "personal": True, "mask": "part"},
        {"name": "place", "title": "区划", "type": "C"}, {"name": "paid", "title": "补贴", "type": "C"},
    ]  # fmt: skip
    items = [one for one in items if one["name"] in (text or SUBSIDIES).partition("\n")[0].split(",")]
    entry = make_entry(mine.member.department, title=code, items=items, open=False, license="", grading="sensitive")
    make_rows(entry, text or SUBSIDIES)
    exchange.add_service(mine, code=code, title=code, entry=entry, by=System("test"))


def publish_rows(service: str, text: str) -> None:
    """New rows of the data set of a service; its followers are told."""
    from hexi.blocks.catalog.models import Service
    from hexi.blocks.catalog.tests.make_rows import make_rows

    make_rows(Service.objects.get(code=service).entry, text)


def withdraw(service: str) -> None:
    """The data set of a service is taken back."""
    from hexi.blocks.catalog.models import Service
    from hexi.blocks.catalog.operations import entries
    from hexi.kernel.actors import System

    entries.withdraw(Service.objects.get(code=service).entry, reason="不再提供", by=System("test"))


def feed_of(service: str, member: str, inbox: str) -> str:
    """Push what happens to the data set of a service to a member's inbox; the set's code."""
    from hexi.blocks.catalog.models import Grant, Service, Subsystem
    from hexi.blocks.catalog.operations import push
    from hexi.kernel.actors import System

    entry = Service.objects.get(code=service).entry
    given = Grant.objects.get(entry=entry, subsystem__member__code=member)
    sender = Subsystem.objects.get(member__gateway__own=True)
    push.follow(given, sender, service=inbox, by=System("test"))
    return entry.code


def mirror(service: str, code: str, client: str) -> int:
    """A data set of ours that follows one elsewhere."""
    from hexi.blocks.catalog.models import Subsystem
    from hexi.blocks.catalog.operations import placing
    from hexi.blocks.catalog.tests.make import make_entry
    from hexi.kernel.actors import System

    office = Subsystem.objects.get(member__gateway__own=True).member.department
    items = [{"name": name, "title": name, "type": "C"} for name in ("place", "paid")]
    entry = make_entry(office, title="同步", items=items, open=False, license="", kind="http", grading="internal")
    said = {"service": service, "code": code, "client": client}
    return placing.set_source(entry, way="exchange", settings=said, by=System("test")).pk


def take_pieces(agree: bool = False) -> dict[str, Any]:
    """What was pushed is taken; the columns are agreed to first, if asked; what it came to."""
    from hexi.blocks.catalog import jobs_exchange
    from hexi.blocks.catalog.models import Load, Received, Source
    from hexi.blocks.catalog.operations import loads
    from hexi.blocks.catalog.queries import loads as queries
    from hexi.kernel import jobs as queue
    from hexi.kernel.actors import System

    if agree:
        load = Load.objects.get(state="seen")
        loads.confirm(load, queries.fields_of(load.seen["fields"]), by=System("test"))
        loads.run(Load.objects.get(pk=load.pk), by=System("test"))
    jobs_exchange.take_pieces()
    queue.drain()
    source = Source.objects.select_related("entry").get(way="exchange")
    sample = queries.read_rows(source.entry, 10)
    return {
        "used": list(Received.objects.order_by("pk").values_list("used", flat=True)),
        "told": list(source.loads.filter(state="failed").values_list("told", flat=True)),
        "versions": list(source.entry.versions.order_by("number").values_list("number", flat=True)),
        "rows": [row["paid"] for row in sample.rows] if sample else [], "state": source.entry.state,
        "active": source.active,
    }  # fmt: skip


SUBSIDIES = """id_number,place,paid
620902199001011233,620981000000,一百
620902199001011241,620982000000,二百
"""


def give(service: str, member: str, **said: Any) -> str:
    """A grant on the data set of a service for the subsystem of a member; its number."""
    from hexi.blocks.catalog.models import Service, Subsystem
    from hexi.blocks.catalog.tests.make_exchange import make_grant

    entry, consumer = Service.objects.get(code=service).entry, Subsystem.objects.get(member__code=member)
    return str(make_grant(entry, consumer, **said).number)


def over(grant: str) -> None:
    """Its last day was yesterday; nobody has closed it yet."""
    from datetime import timedelta

    from hexi.blocks.catalog.models import Grant
    from hexi.kernel import clock

    yesterday = clock.today() - timedelta(days=1)
    Grant.objects.filter(number=grant).update(begins=yesterday, expires=yesterday)


def pieces(feed: int, count: int) -> None:
    """So many pieces more."""
    from hexi.blocks.catalog.models import Feed
    from hexi.blocks.catalog.operations import push

    one = Feed.objects.get(pk=feed)
    for number in range(count):
        push.add(one, {"n": number})


def push_all() -> int:
    """Send what waits, whatever pause it is in."""
    from hexi.blocks.catalog.models import Delivery
    from hexi.blocks.catalog.operations import push
    from hexi.kernel import clock

    Delivery.objects.filter(received_at=None).update(due=clock.now())
    return push.push()


def inbox(code: str = "INBOX") -> None:
    """A service of ours that takes what others push."""
    from hexi.blocks.catalog.models import Subsystem
    from hexi.blocks.catalog.operations import exchange
    from hexi.kernel.actors import System

    mine = Subsystem.objects.get(member__gateway__own=True)
    exchange.add_service(mine, code=code, title=code, url="hexi:inbox", by=System("test"))


def log() -> list[dict[str, Any]]:
    """What stands in the log, in order."""
    from hexi.blocks.catalog.models import MessageLog

    names = (
        "stream",
        "seq",
        "side",
        "kind",
        "request_id",
        "message_id",
        "client",
        "service",
        "issue",
        "status",
        "fault",
    )
    return list(MessageLog.objects.order_by("pk").values(*names))


def count() -> int:
    """How much stands in the log."""
    from hexi.blocks.catalog.models import MessageLog

    return MessageLog.objects.count()


def main() -> None:
    """Run the step that is named."""
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hexi.site.settings")
    import django

    django.setup()
    from django.db import connections

    out, sys.stdout = sys.stdout, sys.stderr  # what a step prints is no answer
    for line in sys.argv[1:] or sys.stdin:
        found = [globals()[name](**facts) for name, facts in json.loads(line)]
        connections.close_all()
        print(json.dumps(found, default=str), file=out, flush=True)


if __name__ == "__main__":
    main()
