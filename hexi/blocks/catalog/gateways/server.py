"""What both gateways share: the directory kept fresh, HTTP over TLS with the peer's certificate in hand, the end."""

import asyncio
import gc
import logging
import signal
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from weakref import WeakKeyDictionary

import aiohttp
from aiohttp import web
from asgiref.sync import sync_to_async
from django.db import close_old_connections

from hexi.blocks.catalog import exchange_keys
from hexi.blocks.catalog import exchange_options as options
from hexi.blocks.catalog.gateways import tls
from hexi.blocks.catalog.gateways.inside import Resolver
from hexi.blocks.catalog.gateways.lane import Lane
from hexi.blocks.catalog.gateways.writer import Writer
from hexi.blocks.catalog.queries import directory
from hexi.blocks.catalog.queries.directory import Directory, Peer
from hexi.wire.xroad.errors import CLIENT, PROVIDER, Fault
from hexi.wire.xroad.transport import LONGEST_HEAD, PATH

log = logging.getLogger(__name__)
#: seconds between two looks whether the directory has changed
EVERY = 0.5
#: connections are kept open by a server longer than by a client, so that none is closed under a call
SERVER_KEEPS, CLIENT_KEEPS = 75.0, 30.0
CONNECT = 5.0
#: what aiohttp must not add to a message
SKIPPED = frozenset({"User-Agent", "Accept", "Accept-Encoding", "Content-Type"})
Handler = Callable[["Gateway", web.BaseRequest, str], Awaitable[web.StreamResponse]]


class Gateway:
    """One gateway at work: its directory, its writer, its connections to others."""

    def __init__(
        self,
        found: Directory,
        place: str,
        stream: str,
        pinned: Callable[[Directory], tuple[str, ...]],
        handler: Handler,
    ):
        self.directory, self.place, self.pinned, self.handler = found, place, pinned, handler
        self.context = tls.serving(pinned(self.directory))
        self.loop = asyncio.get_running_loop()
        self.writer = Writer(stream, self.loop)
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0, limit_per_host=256, keepalive_timeout=CLIENT_KEEPS,
                resolver=Resolver() if place == PROVIDER else None,  # it calls what departments wrote down
            ),
            auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar(), skip_auto_headers=SKIPPED,
            timeout=aiohttp.ClientTimeout(total=120, connect=CONNECT),
        )  # fmt: skip
        self._lanes: dict[tuple[str, str], Lane] = {}
        self._certificates: WeakKeyDictionary[ssl.SSLObject, str] = WeakKeyDictionary()

    def lane(self, peer: Peer) -> Lane:
        """The connections to another gateway, kept open as long as its address and certificate stay the same."""
        key = (peer.url, peer.certificate)
        if key not in self._lanes:
            context = tls.calling(peer.certificate)
            self._lanes[key] = Lane(peer.url.rstrip("/") + PATH, context, options.MOST_BYTES.value + LONGEST_HEAD + 4)
        return self._lanes[key]

    async def follow(self) -> None:
        """Read the directory anew whenever it has changed."""
        while True:
            await asyncio.sleep(EVERY)
            try:
                found = await sync_to_async(_newer)(self.directory.changes)
                if found is not None:
                    tls.pin(self.context, tuple(set(self.pinned(found)) - set(self.pinned(self.directory))))
                    self.directory = found
            except Exception as error:  # it may come back; meanwhile what is known holds
                log.warning("the directory cannot be read: %s", error)

    async def respond(self, request: web.BaseRequest) -> web.StreamResponse:
        """The answer to one call; every error on the way is one of X-Road's."""
        try:
            return await self.handler(self, request, self._shown(request))
        except Fault as fault:
            return web.Response(status=fault.status, body=fault.body(), headers=dict(fault.headers))
        except (ConnectionError, asyncio.CancelledError):
            raise
        except Exception as error:
            log.exception("a message could not be handled")
            fault = Fault(f"{self.place}InternalError", type(error).__name__)
            return web.Response(status=fault.status, body=fault.body(), headers=dict(fault.headers))

    def _shown(self, request: web.BaseRequest) -> str:
        """The fingerprint of the certificate of who asks; a connection shows one and no other, so it is read once."""
        spoken = request.transport.get_extra_info("ssl_object") if request.transport else None
        if spoken is None:
            return ""
        if (known := self._certificates.get(spoken)) is None:
            der = spoken.getpeercert(True)
            known = self._certificates[spoken] = exchange_keys.fingerprint(der) if der else ""
        return known

    async def close(self) -> None:
        """Write what is left."""
        for lane in self._lanes.values():
            lane.close()
        await self.session.close()
        await asyncio.to_thread(self.writer.close)


def _newer(than: int) -> Directory | None:
    close_old_connections()
    return directory.read() if directory.changes() != than else None


async def body_of(stream: aiohttp.StreamReader, type: str, *, framed: bool = False) -> bytes:
    """A whole body, of at most so many bytes. Raises `Fault` of this type for a longer one.

    `framed`: between gateways a message's head stands before its body, and does not count.
    """
    most, parts, size = options.MOST_BYTES.value + (LONGEST_HEAD + 4) * framed, [], 0
    async for part in stream.iter_any():
        size += len(part)
        if size > most:
            raise Fault(type, f"The body is longer than {most} bytes")
        parts.append(part)
    return b"".join(parts)


def headers_of(raw: tuple[tuple[bytes, bytes], ...]) -> list[tuple[str, str]]:
    """Headers as text. Raises `Fault` for one that is not UTF-8."""
    try:
        return [(name.decode("ascii"), value.decode()) for name, value in raw]
    except UnicodeDecodeError as error:
        raise Fault(f"{CLIENT}BadRequest", "A header that is not UTF-8") from error


async def serve(gateway: Gateway, address: str, port: int) -> None:
    """Answer until the process is told to end; calls under way are finished."""
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        gateway.loop.add_signal_handler(number, ended.set)
    # bodies stay as they came: a compressed one is passed on, and signed, as it was sent
    server = web.Server(gateway.respond, keepalive_timeout=SERVER_KEEPS, access_log=None, auto_decompress=False)
    runner = web.ServerRunner(server)
    await runner.setup()
    site = web.TCPSite(runner, address, port, ssl_context=gateway.context, backlog=1024, shutdown_timeout=10)
    await site.start()
    following = asyncio.create_task(gateway.follow())
    try:
        await ended.wait()
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
        await runner.cleanup()
        await gateway.close()


def run(make: Callable[[Directory], Gateway], address: str, port: int) -> None:
    """A gateway's process."""
    found = directory.read()

    async def main() -> None:
        gateway = make(found)
        gc.freeze()  # what is there now stays: it need not be looked through again and again
        await serve(gateway, address, port)

    try:
        import uvloop
    except ImportError:  # not there on Windows
        asyncio.run(main())
    else:
        uvloop.run(main())
