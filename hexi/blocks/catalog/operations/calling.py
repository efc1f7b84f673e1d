"""Calls of this house to services elsewhere, made as the consumer gateway makes them: signed, logged, then believed."""

import csv
import http.client
import json
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from hexi.blocks.catalog.gateways import tls
from hexi.blocks.catalog.models import Kind, Side, Subsystem
from hexi.blocks.catalog.operations.messages import Line, believed, sign, write
from hexi.blocks.catalog.queries import directory
from hexi.blocks.catalog.store import files, options
from hexi.blocks.catalog.store.databases import Lost
from hexi.kernel import clock
from hexi.wire.xroad import errors, messages, names, transport
from hexi.wire.xroad.errors import CONSUMER, Fault

#: seconds a gateway may take, bytes of one answer, rows asked for at once
PATIENCE, ANSWER, PAGE = 60, 64_000_000, 10_000


def name_of(subsystem: Subsystem) -> names.Client:
    """Its name in the exchange."""
    member = subsystem.member
    return names.Client(member.instance, member.member_class, member.code, subsystem.code)


def call(
    sender: Subsystem, method: str, raw: str, body: bytes = b"", *, stream: str, known: directory.Directory,
    patience: int = PATIENCE, more: Sequence[tuple[str, str]] = (),
) -> tuple[messages.Response, transport.Signed]:  # fmt: skip
    """One call in the name of a system of ours: written down before it leaves, its answer before it counts.

    `raw`: path and query, "/r1/…". Raises `Fault`.
    """
    number = str(uuid.uuid4())
    headers = [(messages.CLIENT, str(name_of(sender))), *more, *[("content-type", "application/json")] * bool(body)]
    asked = messages.request(
        method, raw, headers, body, id=number, request_id=number, more=[(transport.DATE, clock.now().isoformat())]
    )
    peer = known.members.get(str(asked.target.service.client.owner))
    if peer is None:
        raise Fault(f"{CONSUMER}UnknownMember", f"“{asked.target.service.client.owner}” takes no part in the exchange")
    sent = sign(asked)
    _write(stream, Line(Side.CONSUMER, Kind.REQUEST, asked, sent, sender.pk))
    answer, signed = _posted(peer, asked, sent, patience)
    fault = answer.header(errors.HEADER)
    _write(stream, Line(Side.CONSUMER, Kind.RESPONSE, asked, signed, sender.pk, status=answer.status, fault=fault))
    return answer, signed


def _write(stream: str, line: Line) -> None:
    if fault := write(stream, [line])[0]:
        raise fault


def _posted(
    peer: directory.Peer, asked: messages.Request, sent: transport.Signed, patience: int
) -> tuple[messages.Response, transport.Signed]:
    parts = urlsplit(peer.url)
    connection = http.client.HTTPSConnection(
        parts.hostname or "", parts.port, timeout=patience, context=tls.calling(peer.certificate)
    )
    try:
        connection.request("POST", transport.PATH, sent.frame(), sent.headers)
        got = connection.getresponse()
        content = got.read(ANSWER)
    except (OSError, http.client.HTTPException) as error:
        raise Fault(f"{CONSUMER}NetworkError", f"{peer.code}: {type(error).__name__}") from error
    finally:
        connection.close()
    if got.status != 200 or got.headers.get(transport.SIGNATURE) is None:
        raise errors.read(got.status, got.headers.get(errors.HEADER, f"{CONSUMER}InvalidResponse"), content)
    return believed(peer, asked, content, got.headers)


# --- rows -------------------------------------------------------------------------------------------------------------
def fetch_rows(sender: Subsystem, service: str, path: Path, *, grant: str = "") -> int:
    """Write all rows a service elsewhere gives under its grant to `path`, one JSON object a line; the bytes.

    Raises `Lost` with what was wrong; nothing is left then.
    """
    try:
        with path.open("w", encoding="utf-8", newline="") as out:
            done, columns = _written(out, sender, service, grant)
            if not done:  # a set that is empty now has its columns still: a table of the heads alone
                csv.writer(out).writerow(columns)
        if done == 1:  # one line alone would read as one document
            path.write_text(f"[{path.read_text(encoding='utf-8')}]", encoding="utf-8")
        return path.stat().st_size
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, (Fault, OSError, KeyError, TypeError, ValueError)):
            raise Lost(" ".join(f"{error}".split())[:300]) from error
        raise


def _written(out: TextIO, sender: Subsystem, service: str, grant: str) -> tuple[int, list[str]]:
    """Page after page until one is not full; how many rows, and the names of their columns."""
    known, shape, done, full = directory.read(), None, 0, True
    while full:
        page = _page(sender, service, known, done, grant)
        here = page["columns"], page["total"]
        if shape not in (None, here):
            raise Lost(_("取数途中对方的数据变了，请再取一次。"))
        shape = here
        for row in page["rows"]:
            out.write(json.dumps(dict(zip(page["columns"], row, strict=True)), ensure_ascii=False) + "\n")
        done, full = done + len(page["rows"]), len(page["rows"]) == PAGE
        if out.tell() > options.BYTES.value:
            raise Lost(_("对方的数据超过 %(n)s MB，不取。") % {"n": options.BYTES.value // 1_000_000})
        files.room()
    return done, page["columns"]


def _page(sender: Subsystem, service: str, known: directory.Directory, offset: int, grant: str) -> dict[str, Any]:
    answer, _signed = call(
        sender, "GET", f"/r1/{service}/rows?limit={PAGE}&offset={offset}", stream="mirror", known=known,
        more=[("x-hexi-grant", grant)] * bool(grant),
    )  # fmt: skip
    if answer.status != 200:
        raise Lost(f"HTTP {answer.status} {answer.header(errors.HEADER)} {answer.body.decode(errors='replace')}"[:300])
    return dict(json.loads(answer.body))
