"""A small clamd for tests: reads INSTREAM strictly, finds EICAR anywhere in the content."""

import socket
import socketserver
import struct
import threading
from contextlib import contextmanager

from hexi.blocks.documents.tests.make import EICAR


class Handler(socketserver.BaseRequestHandler):
    """One connection, one command."""

    def handle(self):
        if self._exactly(10) != b"zINSTREAM\0":
            self.request.sendall(b"UNKNOWN COMMAND\0")
            return
        content = b""
        while size := struct.unpack(">I", self._exactly(4))[0]:
            content += self._exactly(size)
            if len(content) > self.server.most:
                self.request.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.server.seen.append(len(content))
        found = EICAR.encode() in content
        self.request.sendall(b"stream: Eicar-Test-Signature FOUND\0" if found else b"stream: OK\0")

    def _exactly(self, size):
        got = b""
        while len(got) < size:
            part = self.request.recv(size - len(got))
            if not part:
                raise ConnectionError("the client went away")
            got += part
        return got


class Tcp(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class Unix(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


@contextmanager
def clamd(path=None, most=25_000_000):
    """A running scanner; yields (address, sizes of what it has seen)."""
    server = Unix(str(path), Handler) if path else Tcp(("127.0.0.1", 0), Handler)
    server.most, server.seen = most, []
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield str(path) if path else f"127.0.0.1:{server.server_address[1]}", server.seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def free_port() -> int:
    """A port nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
