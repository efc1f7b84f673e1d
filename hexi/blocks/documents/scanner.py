"""The port for a virus scanner, and its adapter for ClamAV (option `documents.clamd`). Stands on `wire.clamd`."""

import socket
from pathlib import Path
from typing import Protocol

from hexi.kernel.options import Option
from hexi.wire import clamd

CLAMD = Option(
    "documents.clamd", str, "",
    "ClamAV 守护进程：套接字路径，或 主机:端口。留空：不查病毒。 / "
    "ClamAV daemon: path of its socket, or host:port. Empty: files are not scanned.",
)  # fmt: skip
WAIT = Option("documents.clamd_seconds", int, 30, "等查毒结果最多几秒。 / Seconds to wait for the virus scanner.")
POLICY = Option(
    "documents.scanner_down", str, "refuse",
    "查毒程序没有应答时：“refuse” 不收文件，“later” 先收下，恢复后再查。 / "
    'When the scanner does not answer: "refuse" files, or "later": take them and scan when it is back.',
)  # fmt: skip
_CHUNK = 1 << 16


class ScannerDown(Exception):
    """The scanner gave no verdict; nothing is known about the file."""


class Scanner(Protocol):
    """Anything that can look into a file."""

    def scan(self, path: Path) -> str:
        """The name of the virus in the file, "" for none. Raises `ScannerDown`."""
        ...


class Clamd:
    """`clamd` at a Unix socket ("/run/clamav/clamd.ctl") or at "host:port"."""

    def __init__(self, address: str, seconds: float):
        self.address = address
        self.seconds = seconds

    def scan(self, path: Path) -> str:
        """The name of the virus in the file, "" for none. Raises `ScannerDown`."""
        try:
            with self._connect() as connection, path.open("rb") as file:
                for part in clamd.request(iter(lambda: file.read(_CHUNK), b"")):
                    connection.sendall(part)
                return clamd.verdict(_answer(connection)).virus
        except (OSError, ValueError, clamd.ClamdError) as error:
            raise ScannerDown(str(error)) from error

    def _connect(self) -> socket.socket:
        if self.address.startswith("/"):
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(self.seconds)
            connection.connect(self.address)
            return connection
        host, _colon, port = self.address.rpartition(":")
        return socket.create_connection((host, int(port)), timeout=self.seconds)


def _answer(connection: socket.socket) -> bytes:
    """All the daemon says until it closes or ends the line."""
    answer = b""
    while len(answer) < clamd.LONGEST and not answer.endswith((b"\0", b"\n")):
        part = connection.recv(clamd.LONGEST)
        if not part:
            break
        answer += part
    return answer


def chosen() -> Scanner | None:
    """The scanner of this installation; None if there is none."""
    return Clamd(CLAMD.value, WAIT.value) if CLAMD.value else None
