"""`hexi requests …`: the client of other Open311 servers."""

import argparse
import os
from datetime import timedelta
from urllib.error import URLError

from django.core.exceptions import ValidationError

from hexi.domains.livelihood.requests import operations, queries
from hexi.domains.livelihood.requests.channels import open311
from hexi.domains.livelihood.requests.channels.elsewhere import Failed, Refused, Server
from hexi.domains.livelihood.requests.models import Request, SentOn
from hexi.kernel import clock
from hexi.kernel.actors import System
from hexi.wire import open311 as wire

BY = System("open311")
#: where the key of the other server stands: not in the list of processes
KEY = "OPEN311_KEY"


def open311_arguments(parser: argparse.ArgumentParser) -> None:
    """Which server, and what to do there."""
    parser.add_argument("what", choices=("services", "pull", "push", "follow"),
                        help="services 列出 / pull 取来 / push 转出 / follow 看转出的办得怎样")  # fmt: skip
    parser.add_argument("url", help="对方地址 / the server: https://…/open311/v2")
    parser.add_argument("numbers", nargs="*", help="push：诉求编号=对方分类 / pairs number=service_code")
    parser.add_argument("--place", default="", help="pull：取来的诉求归到哪个区划 / division of what is pulled")
    parser.add_argument("--days", type=int, default=1, help="pull：往回几天，最多 90 / days back, at most 90")
    parser.add_argument("--jurisdiction", default="", help="对方的辖区 / jurisdiction_id of the other server")
    parser.add_argument("--xml", action="store_true", help="用 XML（默认 JSON） / XML instead of JSON")


def open311_client(arguments: argparse.Namespace) -> int:
    """Talk to another server; the key it gave us stands in the environment (`OPEN311_KEY`)."""
    form = "xml" if arguments.xml else "json"
    server = Server(arguments.url, os.environ.get(KEY, ""), arguments.jurisdiction, form)
    try:
        return {"services": _services, "pull": _pull, "push": _push, "follow": _follow}[arguments.what](
            server, arguments
        )
    except (OSError, wire.Unreadable) as error:
        print(f"✗ {error}")
        return 1


def _services(server: Server, arguments: argparse.Namespace) -> int:
    for one in server.services():
        print(f"{one.service_code:16} {one.service_name}  {one.group}")
    return 0


def _pull(server: Server, arguments: argparse.Namespace) -> int:
    """Take in what was sent to the other server; what is here already is left alone."""
    since = clock.now() - timedelta(days=min(max(arguments.days, 1), wire.DAYS))
    wrong = 0
    for one in server.requests(start_date=wire.stamp(since)):
        try:
            order, new = open311.bring(one, server.url, arguments.place, by=BY)
        except ValidationError as error:
            print(f"✗ {one.service_request_id}: {' '.join(error.messages)}")
            wrong += 1
        else:
            print(f"{'✓' if new else '·'} {one.service_request_id} → {order.case.number}")
    return 1 if wrong else 0


def _push(server: Server, arguments: argparse.Namespace) -> int:
    """Send orders on: what it is and where; of a secret caller nothing goes out, of others no name or phone."""
    wrong = 0
    for pair in arguments.numbers:
        number, _sign, code = pair.partition("=")
        order = queries.open_to_all("").filter(case__number=number).first()
        if order is None or not code:
            print(f"✗ {pair}: 没有这件公开的诉求，或没写对方分类 / no such public order, or no service_code")
            wrong += 1
            continue
        print(f"✓ {number} → {_sent(server, order, code)}")
    return 1 if wrong else 0


def _sent(server: Server, order: Request, code: str) -> str:
    """Where it is called what; sent once, whatever became of the first answer."""
    row = operations.begin_sending(order, server.url.rstrip("/"))
    if row is None:
        known = SentOn.objects.get(request=order, server=server.url.rstrip("/"))
        return f"{known.number or known.token or '?'} 已经转出 / sent before"
    try:
        receipt = server.send(open311.going_out(order, code, server.jurisdiction))
    except (Refused, URLError):  # it was not taken, or never went out; of anything else nobody knows
        row.delete()
        raise
    operations.note_sent(row, number=receipt.service_request_id, token=receipt.token, by=BY)
    return receipt.service_request_id or f"token {receipt.token}"


def _follow(server: Server, arguments: argparse.Namespace) -> int:
    """Fetch how what was sent on stands there, as long as it is open there."""
    rows = SentOn.objects.filter(server=server.url.rstrip("/")).exclude(status=wire.CLOSED)
    wrong = 0
    for row in rows.exclude(number="", token="").select_related("request__case").order_by("pk"):
        try:
            number = row.number or server.number(row.token)
            found = server.request(number) if number else None
        except Failed as error:
            print(f"✗ {row.request.case.number}: {error}")
            wrong += 1
            continue
        if found is None:
            continue
        new = operations.note_heard(row, number=number, status=found.status, notes=found.status_notes, by=BY)
        print(f"{'✓' if new else '·'} {row.request.case.number} → {number} {found.status}")
    return 1 if wrong else 0
