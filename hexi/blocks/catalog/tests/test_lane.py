"""Connections between gateways: kept, opened anew, and closed when what comes is no answer."""

import asyncio
import ssl

import pytest

from hexi.blocks.catalog.gateways import lane
from hexi.blocks.catalog.gateways.lane import Answer, Lane
from hexi.blocks.catalog.tests.pair import client, system

GOOD = b"HTTP/1.1 200 OK\r\nX-Mine: kept\r\nContent-Length: 5\r\n\r\nhello"


@pytest.fixture
def pinned(tmp_path):
    """The pair of both sides, and TLS as it serves."""
    own, certificate = system(tmp_path)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(own)
    return serving, client(own, certificate)


class Other:
    """A gateway that answers what it is told to, piece by piece; counts its connections."""

    def __init__(self, *answers):
        self.answers, self.connections, self.asked = list(answers), 0, []

    async def serve(self, reader, writer):
        """One connection: an answer a message; None hangs up."""
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
                self.asked.append((head.split(b"\r\n")[0], await reader.readexactly(length)))
                answer = self.answers.pop(0)
                if answer is None:
                    break
                for piece in answer if isinstance(answer, tuple) else (answer,):
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0.01)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def asked(pinned, other, work, most=100):
    """What `work(lane)` comes to while the other side serves."""

    async def main():
        server = await asyncio.start_server(other.serve, "127.0.0.1", 0, ssl=pinned[0])
        async with server:
            one = Lane(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/x1", pinned[1], most)
            try:
                return await work(one)
            finally:
                one.close()

    return asyncio.run(main())


async def twice(one):
    return [await one.post(text, {"X-Hexi-Key": "k"}) for text in (b"first", b"second")]


def test_a_connection_is_used_again(pinned):
    other = Other(GOOD, (GOOD[:30], GOOD[30:-2], GOOD[-2:]))
    answer = Answer(200, {"x-mine": "kept", "content-length": "5"}, b"hello")
    assert asked(pinned, other, twice) == [answer, answer]
    assert other.connections == 1
    assert other.asked == [(b"POST /x1 HTTP/1.1", b"first"), (b"POST /x1 HTTP/1.1", b"second")]


@pytest.mark.parametrize("header", [{"X-Mine": "a\r\nX-Theirs: b"}, {"X-Mine\n": "a"}])
def test_a_header_never_becomes_two(pinned, header):
    other = Other(GOOD)

    async def sent(one):
        with pytest.raises(ValueError, match="end of a line"):
            await one.post(b"first", header)

    asked(pinned, other, sent)
    assert other.connections == 0


def test_one_that_ends_is_opened_anew(pinned):
    other = Other(GOOD.replace(b"X-Mine: kept", b"Connection: close"), GOOD)
    assert [one.content for one in asked(pinned, other, twice)] == [b"hello", b"hello"]
    assert other.connections == 2


def test_one_that_was_not_used_for_long_is_opened_anew(pinned, monkeypatch):
    monkeypatch.setattr(lane, "KEPT", -1.0)
    other = Other(GOOD, GOOD)
    asked(pinned, other, twice)
    assert other.connections == 2


def test_many_at_once_have_each_their_own(pinned):
    async def work(one):
        return await asyncio.gather(*(one.post(b"x", {}) for _ in range(5)))

    other = Other(*[GOOD] * 5)
    assert [one.content for one in asked(pinned, other, work)] == [b"hello"] * 5
    assert other.connections == 5


@pytest.mark.parametrize(
    "said",
    [
        b"garbage\r\n\r\n", b"\x00\xff nothing\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 40_000,
        GOOD.replace(b"HTTP/1.1", b"HTTP/1.0"), GOOD + b"more", GOOD.replace(b": 5", b": 101"),
        GOOD.replace(b": 5", b": five"), GOOD.replace(b"X-Mine", b"Content-Length"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused_and_the_connection_closed(pinned, said):
    async def work(one):
        with pytest.raises(ValueError):
            await one.post(b"x", {})
        return await one.post(b"y", {})

    other = Other(said, GOOD)
    assert asked(pinned, other, work).content == b"hello"
    assert other.connections == 2


def test_who_hangs_up_is_told_from_who_answers_wrong(pinned):
    async def work(one):
        with pytest.raises(ConnectionError):
            await one.post(b"x", {})

    asked(pinned, Other(None), work)


def test_who_shows_another_certificate_is_not_spoken_to(pinned, tmp_path):
    (tmp_path / "other").mkdir()
    own, _certificate = system(tmp_path / "other")
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(own)

    async def work(one):
        with pytest.raises(ssl.SSLError):
            await one.post(b"x", {})

    other = Other(GOOD)
    asked((serving, pinned[1]), other, work)
    assert other.asked == []


def test_a_server_that_does_not_take_our_certificate_leaves_nobody_waiting(pinned, tmp_path):
    (tmp_path / "other").mkdir()
    _own, certificate = system(tmp_path / "other")
    pinned[0].verify_mode = ssl.CERT_REQUIRED
    pinned[0].load_verify_locations(cadata=certificate)

    async def work(one):
        async with asyncio.timeout(10):
            for _ in range(5):
                with pytest.raises(OSError) as caught:
                    await one.post(b"x", {})
                assert not isinstance(caught.value, TimeoutError)

    other = Other(GOOD)
    asked(pinned, other, work)
    assert other.asked == []


def test_a_call_that_is_given_up_leaves_no_connection_for_the_next(pinned):
    async def work(one):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await one.post(b"x", {})
        return await one.post(b"y", {})

    other = Other((), GOOD)
    assert asked(pinned, other, work).content == b"hello"
    assert other.connections == 2
