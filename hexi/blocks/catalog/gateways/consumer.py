"""The consumer gateway: our systems call services elsewhere through it (PR-REST), and it proves what was said."""

import ssl
import uuid

from aiohttp import web
from multidict import CIMultiDict

from hexi.blocks.catalog.gateways.server import Gateway, body_of, headers_of, run
from hexi.blocks.catalog.models import Kind, Side
from hexi.blocks.catalog.operations.messages import Line, believed, sign
from hexi.blocks.catalog.queries.directory import Directory, Peer, Taking
from hexi.kernel import clock
from hexi.wire.xroad import errors, messages, transport
from hexi.wire.xroad.errors import CLIENT, CONSUMER, Fault


def start(address: str, port: int) -> None:
    """The process of `hexi listen consumer`."""
    run(lambda found: Gateway(found, CONSUMER, "consumer", pinned, handle), address, port)


def pinned(directory: Directory) -> tuple[str, ...]:
    """Who may connect: the systems of our subsystems."""
    return directory.systems


async def handle(gateway: Gateway, request: web.BaseRequest, shown: str) -> web.StreamResponse:
    """One call of a system: made ready, signed, written down, passed on; the answer checked, written down, given."""
    body = await body_of(request.content, f"{CLIENT}BadRequest")
    number = str(uuid.uuid4())
    more = [(transport.DATE, clock.now().isoformat())]
    asked = messages.request(
        request.method, request.raw_path, headers_of(request.raw_headers), body, id=number, request_id=number, more=more
    )
    caller, peer = _parties(gateway.directory, asked, shown)
    await gateway.writer.put(Line(Side.CONSUMER, Kind.REQUEST, asked, sent := sign(asked), caller.id))
    try:
        answer, signed = await _passed_on(gateway, peer, asked, sent)
    except Fault as fault:
        answer = messages.response(asked, fault.status, "", fault.headers, fault.body(), fault=fault.type)
        signed = sign(answer)
    fault = answer.header(errors.HEADER)
    await gateway.writer.put(
        Line(Side.CONSUMER, Kind.RESPONSE, asked, signed, caller.id, status=answer.status, fault=fault)
    )
    return _given(answer)


def _parties(directory: Directory, asked: messages.Request, shown: str) -> tuple[Taking, Peer]:
    """Who calls, proved by his certificate, and which installation has the service. Raises `Fault`."""
    caller = directory.subsystems.get(str(asked.client))
    if caller is None or not caller.peer.own:
        raise Fault(f"{CONSUMER}UnknownMember", f"Client “{asked.client}” is no subsystem of ours")
    if not shown or caller.fingerprint != shown:
        raise Fault(f"{CONSUMER}SslAuthenticationFailed", f"This certificate may not call as “{asked.client}”")
    peer = directory.members.get(str(asked.target.service.client.owner))
    if peer is None:
        raise Fault(f"{CONSUMER}UnknownMember", f"“{asked.target.service.client.owner}” takes no part in the exchange")
    return caller, peer


async def _passed_on(
    gateway: Gateway, peer: Peer, asked: messages.Request, sent: transport.Signed
) -> tuple[messages.Response, transport.Signed]:
    """What the provider's gateway answers, believed only if it is signed and answers this very call."""
    try:
        got = await gateway.lane(peer).post(sent.frame(), sent.headers)
    except ssl.SSLError as error:
        raise Fault(f"{CONSUMER}SslAuthenticationFailed", f"{peer.code}: {type(error).__name__}") from error
    except OSError as error:
        raise Fault(f"{CONSUMER}NetworkError", f"{peer.code}: {type(error).__name__} {error}"[:500]) from error
    except ValueError as error:
        raise Fault(f"{CONSUMER}InvalidResponse", f"{peer.code}: {error}"[:500]) from error
    if got.status != 200 or transport.SIGNATURE not in got.headers:
        if errors.HEADER in got.headers:
            raise errors.read(got.status, got.headers[errors.HEADER], got.content)
        raise Fault(f"{CONSUMER}InvalidResponse", f"{peer.code} answered HTTP {got.status}, which is no message")
    return believed(peer, asked, got.content, got.headers)


def _given(answer: messages.Response) -> web.Response:
    headers = CIMultiDict((*answer.headers, ("Server", "Hexi")))
    return web.Response(status=answer.status, reason=answer.reason, body=answer.body, headers=headers)
