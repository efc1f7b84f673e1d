"""Sample members, services, grants and messages, for tests of the exchange."""

import uuid
from datetime import timedelta

from hexi.blocks.catalog.models import Kind, Side
from hexi.blocks.catalog.operations import exchange, grants
from hexi.blocks.catalog.operations.messages import Line, sign, write
from hexi.blocks.catalog.tests.make import make_entry, make_provider
from hexi.kernel import clock
from hexi.kernel.actors import System
from hexi.wire.xroad import messages

BY = System("make")
ASKS = "CN/GOV/TAX/CASES"


def make_own():
    """Our own gateway."""
    return exchange.open_own("GW", title="本级网关", url="https://127.0.0.1:5500", by=BY)


def make_subsystem(member="TAX", code="CASES", department=None):
    """A subsystem of ours, with its member."""
    make_own()
    department = department or make_provider(f"yumen-{member.lower()}", name=f"玉门市{member}局")
    made = exchange.add_member(department, instance="CN", member_class="GOV", code=member, title=member, by=BY)
    return exchange.add_subsystem(made, code=code, title=f"{member}系统", by=BY)


def make_service(code="ECHO", subsystem=None, **more):
    """A service of ours at an address."""
    subsystem = subsystem or make_subsystem("ENERGY", "REGISTER")
    return exchange.add_service(subsystem, code=code, title=code, by=BY, **({"url": "http://127.0.0.1:9/"} | more))


def make_grant(entry=None, consumer=None, **more):
    """A grant on the sample entry for a year."""
    entry = entry or make_entry(make_provider())
    consumer = consumer or make_provider("yumen-tax", name="玉门市税务局")
    said = {"fields": ["station", "day"], "purpose": "核对", "law": "《税收征收管理法》第六条",
            "expires": clock.today() + timedelta(days=365), "by": BY}  # fmt: skip
    return grants.grant(entry, consumer, **(said | more))


def make_request(body=b"", issue="", client=ASKS, number=""):
    """A call on its way."""
    number = number or str(uuid.uuid4())
    headers = [("X-Road-Client", client)] + [("X-Road-Issue", issue)] * bool(issue)
    return messages.request("POST", "/r1/CN/GOV/ENERGY/REGISTER/ECHO/v1", headers, body, id=number, request_id=number)


def make_lines(count=1, side=Side.PROVIDER, **more):
    """Calls with their answers, not written yet."""
    found = []
    for number in range(count):
        asked = make_request(f"question {number}".encode(), issue=f"case-{number}")
        answer = messages.response(asked, 200, "OK", [], f"answer {number}".encode())
        found.append(Line(side, Kind.REQUEST, asked, sign(asked), **more))
        found.append(Line(side, Kind.RESPONSE, asked, sign(answer), status=200, **more))
    return found


def make_log(count=1, stream="provider", **more):
    """Calls with their answers in the log."""
    assert write(stream, make_lines(count, **more)) == [None] * 2 * count
