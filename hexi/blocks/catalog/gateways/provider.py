"""The provider gateway: other gateways call our services through it; nobody gets further than his rights."""

import logging
from datetime import datetime

import aiohttp
from aiohttp import web
from asgiref.sync import sync_to_async
from django.db import DatabaseError, close_old_connections
from yarl import URL

from hexi.blocks.catalog import exchange_options as options
from hexi.blocks.catalog.gateways.inside import literal, may_be
from hexi.blocks.catalog.gateways.server import Gateway, body_of, headers_of, run
from hexi.blocks.catalog.models import Kind, Side
from hexi.blocks.catalog.operations.fetching import answer
from hexi.blocks.catalog.operations.looking import ask_service
from hexi.blocks.catalog.operations.messages import Line, sign
from hexi.blocks.catalog.operations.push import INBOX, take
from hexi.blocks.catalog.queries.directory import Directory, Offered, Peer
from hexi.kernel import clock
from hexi.wire.xroad import errors, messages, transport
from hexi.wire.xroad.errors import PROVIDER, Fault

log = logging.getLogger(__name__)


def start(address: str, port: int) -> None:
    """The process of `hexi listen provider`."""
    run(lambda found: Gateway(found, PROVIDER, "provider", pinned, handle), address, port)


def pinned(directory: Directory) -> tuple[str, ...]:
    """Who may connect: the installations of the directory, our own included."""
    return tuple(peer.certificate for peer in directory.peers.values())


async def handle(gateway: Gateway, request: web.BaseRequest, shown: str) -> web.StreamResponse:
    """One message of another gateway: checked, allowed, written down; the service's answer signed, written down, given.

    From the moment the call stands in the log every outcome is a signed answer; before it, errors are not signed.
    """
    peer = gateway.directory.peers.get(shown)
    if peer is None:
        raise Fault(f"{PROVIDER}SslAuthenticationFailed", "This certificate is in nobody's name here")
    if request.method != "POST" or request.path != transport.PATH:
        raise Fault(f"{PROVIDER}InvalidRequest", f"Messages are sent to POST {transport.PATH}")
    asked, signed = await _read(request, peer)
    offered, grant = _allowed(gateway.directory, asked, peer)
    await gateway.writer.put(Line(Side.PROVIDER, Kind.REQUEST, asked, signed, offered.subsystem, grant))
    try:
        reply = await _asked(gateway, offered, asked, grant)
    except Fault as fault:
        reply = messages.response(asked, fault.status, "", fault.headers, fault.body(), fault=fault.type)
    except Exception as error:  # a defect is an answer too, signed and written down
        log.exception("a call could not be answered")
        fault = Fault(f"{PROVIDER}ServiceFailed.InternalError", type(error).__name__)
        reply = messages.response(asked, fault.status, "", fault.headers, fault.body(), fault=fault.type)
    back, fault_type = sign(reply), reply.header(errors.HEADER)
    await gateway.writer.put(
        Line(Side.PROVIDER, Kind.RESPONSE, asked, back, offered.subsystem, grant, reply.status, fault_type)
    )
    return web.Response(body=back.frame(), headers=back.headers)


async def _read(request: web.BaseRequest, peer: Peer) -> tuple[messages.Request, transport.Signed]:
    """A message that its sender has signed, just now. Raises `Fault`."""
    content = await body_of(request.content, f"{PROVIDER}InvalidRequest", framed=True)
    try:
        signed = transport.read(
            content, request.headers.get(transport.KEY, ""), request.headers.get(transport.SIGNATURE, "")
        )
        asked = messages.read_request(signed.head, signed.body)
    except (transport.Broken, Fault) as error:
        raise Fault(f"{PROVIDER}InvalidRequest", str(error)) from error
    now = clock.now()
    key = peer.key(signed.key, now)
    if key is None:
        raise Fault(f"{PROVIDER}UnknownKey", f"{peer.code} does not sign with the key “{signed.key[:40]}”")
    if not transport.genuine(asked.digest, signed.signature, key):
        raise Fault(f"{PROVIDER}InvalidSignatureValue", "The message was altered on the way")
    if not asked.request_id or len(asked.request_id) > 64 or not asked.id:
        raise Fault(f"{PROVIDER}InvalidRequest", "The message has no number of its own")
    _timely(asked.header(transport.DATE), now)
    return asked, signed


def _timely(said: str, now: datetime) -> None:
    try:
        off = abs((now - datetime.fromisoformat(said)).total_seconds())
    except (ValueError, TypeError) as error:
        raise Fault(f"{PROVIDER}InvalidRequest", "The message does not say when it was sent") from error
    if off > options.OFF_SECONDS.value:
        raise Fault(
            f"{PROVIDER}ClockOff", f"The message was sent {off:.0f} s away from our clock: is one of the clocks wrong?"
        )


def _allowed(directory: Directory, asked: messages.Request, peer: Peer) -> tuple[Offered, int | None]:
    """The service, and the grant the call goes through (services over an entry alone). Raises `Fault`: deny first."""
    client, target = asked.client, asked.target
    taking = directory.subsystems.get(str(client))
    if taking is None or taking.peer.code != peer.code:
        raise Fault(f"{PROVIDER}UnknownMember", f"“{client}” is no subsystem of {peer.code}")
    offered = directory.services.get(str(target.service))
    if offered is None:
        raise Fault(f"{PROVIDER}UnknownService", f"Unknown service: {target.service}")
    if offered.entry is not None:
        grant: int | None = _grant(offered, asked)
    elif offered.allowed(client, asked.method, target.path):
        grant = None
    else:
        raise Fault(f"{PROVIDER}AccessDenied", f"Request is not allowed: {target.service}")
    if not offered.active:
        raise Fault(f"{PROVIDER}ServiceDisabled", offered.notice or f"Service {target.service} is disabled")
    return offered, grant


def _grant(offered: Offered, asked: messages.Request) -> int:
    """The grant a call goes through; whether it still holds is asked when the call is written down."""
    wanted = asked.header("x-hexi-grant")
    held = [one for one in offered.grants.get(str(asked.client), ()) if wanted in ("", one[1])]
    if not held:
        raise Fault(f"{PROVIDER}AccessDenied", "There is no grant for this data set")
    if len(held) > 1:
        raise Fault(f"{PROVIDER}AccessDenied", "There are several grants: say which in the header X-Hexi-Grant")
    return held[0][0]


def _inside(asked: messages.Request, grant: int | None) -> messages.Response:
    """What this house answers itself: rows of an entry, the receipt of a pushed piece."""
    close_old_connections()
    try:
        return take(asked) if grant is None else answer(asked, grant)
    except DatabaseError as error:
        raise Fault(f"{PROVIDER}ServiceFailed.InternalError", type(error).__name__) from error


def _looked(asked: messages.Request, service: int) -> None:
    """Whom the call asks about finds it in his log."""
    close_old_connections()
    try:
        ask_service(asked, service)
    except DatabaseError as error:
        raise Fault(f"{PROVIDER}LoggingFailed", type(error).__name__) from error


async def _asked(gateway: Gateway, offered: Offered, asked: messages.Request, grant: int | None) -> messages.Response:
    """What the service, or the rows of its entry, answers."""
    if grant is not None or offered.url == INBOX:
        return await sync_to_async(_inside, thread_sensitive=False)(asked, grant)
    if offered.personal:
        await sync_to_async(_looked, thread_sensitive=False)(asked, offered.id)
    url = URL(
        offered.url.rstrip("/") + asked.target.path + (f"?{asked.target.query}" * bool(asked.target.query)),
        encoded=True,
    )
    if literal(host := url.host or "") and not may_be(host):
        raise Fault(f"{PROVIDER}NetworkError", "No service may be at this address (option catalog.service_networks)")
    try:
        async with gateway.session.request(
            asked.method, url, data=asked.body or None, headers=asked.headers, allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=offered.timeout, connect=5),
        ) as got:  # fmt: skip
            body = await body_of(got.content, f"{PROVIDER}ServiceFailed.InvalidResponse")
            headers = headers_of(got.raw_headers)
    except TimeoutError as error:
        raise Fault(f"{PROVIDER}NetworkError", f"The service did not answer within {offered.timeout} s") from error
    except aiohttp.ClientConnectorError as error:
        raise Fault(f"{PROVIDER}NetworkError", "The service cannot be reached") from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise Fault(
            f"{PROVIDER}ServiceFailed.InvalidResponse", f"The service answers no HTTP ({type(error).__name__})"
        ) from error
    except Fault as error:
        raise Fault(f"{PROVIDER}ServiceFailed.InvalidResponse", error.message) from error
    return messages.response(asked, got.status, got.reason or "", headers, body)
