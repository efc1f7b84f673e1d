"""Connections kept open to one other gateway: on each one POST after the other, answered with status, headers, length.

Nothing else of HTTP is spoken between two gateways, and a client that knows the rest (cookies, redirects, encodings,
chunks, proxies) takes more processor time a message than all its signatures.
"""

import asyncio
import ssl
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

#: seconds a connection may take to be made, an answer to come, and an unused connection is kept (servers: longer)
CONNECT, PATIENCE, KEPT = 5.0, 120.0, 30.0
#: connections to one gateway; bytes of an answer's head
MOST, LONGEST_HEAD = 256, 32_768


@dataclass(frozen=True)
class Answer:
    """What came back: headers by their small names."""

    status: int
    headers: dict[str, str]
    content: bytes


class Lane:
    """The connections to one address."""

    def __init__(self, url: str, context: ssl.SSLContext, most: int):
        parts = urlsplit(url)
        self.host, self.port = parts.hostname or "", parts.port or 443
        self._context, self._most = context, most
        self._head = f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        self._unused: list[_Line] = []
        self._room = asyncio.Semaphore(MOST)

    async def post(self, content: bytes, headers: dict[str, str]) -> Answer:
        """Send this, give what comes. Raises `OSError` if nothing does, `ValueError` for a wrong header or answer."""
        if any(sign in text for pair in headers.items() for text in pair for sign in "\r\n"):
            raise ValueError("a header may not hold the end of a line")
        said = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"{self._head}{said}Content-Length: {len(content)}\r\n\r\n".encode("ascii")
        async with asyncio.timeout(PATIENCE), self._room:
            line = self._kept() or await self._opened()
            try:
                answer = await line.ask(head + content)
            except BaseException:
                line.close()
                raise
            if line.open:
                line.since = time.monotonic()
                self._unused.append(line)
            return answer

    def close(self) -> None:
        """Hang up."""
        while self._unused:
            self._unused.pop().close()

    def _kept(self) -> "_Line | None":
        """The one used last that is still open; those unused too long are closed."""
        oldest = time.monotonic() - KEPT
        while self._unused and (self._unused[0].since < oldest or not self._unused[0].open):
            self._unused.pop(0).close()
        while self._unused:
            if (line := self._unused.pop()).open:
                return line
        return None

    async def _opened(self) -> "_Line":
        async with asyncio.timeout(CONNECT):
            loop = asyncio.get_running_loop()
            _transport, line = await loop.create_connection(
                lambda: _Line(self._most), self.host, self.port, ssl=self._context
            )
        return line


class _Line(asyncio.Protocol):
    """One connection. What comes unasked, or is no answer, closes it."""

    _transport: asyncio.Transport

    def __init__(self, most: int):
        self.most, self.since, self.open = most, 0.0, False
        self._waits: asyncio.Future[Answer] | None = None
        self._got = bytearray()
        self._said: tuple[int, dict[str, str], int] | None = None

    async def ask(self, message: bytes) -> Answer:
        """Send a message, wait for its answer."""
        if not self.open:  # a server tells only after the greeting that it does not take our certificate
            raise ConnectionResetError("it hung up")
        self._waits = asyncio.get_running_loop().create_future()
        self._transport.write(message)
        return await self._waits

    def close(self) -> None:
        """Hang up."""
        self.open = False
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ready."""
        self._transport, self.open = transport, True  # type: ignore[assignment] # uvloop's is no subclass

    def connection_lost(self, error: Exception | None) -> None:
        """Whoever waits is told."""
        self.open = False
        self._fail(error if isinstance(error, OSError) else ConnectionResetError("it hung up"))

    def data_received(self, data: bytes) -> None:
        """A part of an answer, or all of it."""
        if self._waits is None or self._waits.done():
            self.close()
            return
        self._got += data
        try:
            answer = self._answer()
        except ValueError as error:
            self.close()
            self._fail(error)
            return
        if answer is not None:
            self._waits.set_result(answer)

    def _answer(self) -> Answer | None:
        """The answer once all of it is there. Raises `ValueError` for what is none."""
        if self._said is None:
            end = self._got.find(b"\r\n\r\n")
            if end < 0 and len(self._got) <= LONGEST_HEAD:
                return None
            self._said = _head(bytes(self._got[:end]) if end >= 0 else b"")
            del self._got[: end + 4]
        status, headers, size = self._said
        if size > self.most or len(self._got) > size:
            raise ValueError(f"the answer is longer than {min(size, self.most)} bytes")
        if len(self._got) < size:
            return None
        answer = Answer(status, headers, bytes(self._got))
        self._got.clear()
        self._said = None
        if headers.get("connection", "").lower() == "close":
            self.close()
        return answer

    def _fail(self, error: Exception) -> None:
        if self._waits is not None and not self._waits.done():
            self._waits.set_exception(error)


def _head(text: bytes) -> tuple[int, dict[str, str], int]:
    """Status, headers and length. Raises `ValueError`."""
    first, *lines = text.decode("ascii").split("\r\n")
    version, status, *_word = first.split(" ", 2)
    pairs = [line.partition(":") for line in lines]
    headers = {name.lower(): value.strip() for name, _colon, value in pairs}
    size = headers.get("content-length", "")
    if version != "HTTP/1.1" or not status.isdigit() or len(headers) < len(pairs) or not size.isdigit():
        raise ValueError("the answer is no HTTP as gateways speak it")
    return int(status), headers, int(size)
