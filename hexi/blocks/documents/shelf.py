"""Where contents lie on the disk: files named by their SHA-256 under DATA/files. Knows no table.

A content arrives in a temporary file, is checked there, and gets its name by a rename that is atomic and durable.
A crash before the rename leaves only a temporary file, which `leftovers` finds.
"""

import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

CHUNK = 1 << 18


@dataclass(frozen=True)
class Received:
    """A content in its temporary file."""

    path: Path
    sha256: str
    size: int


class TooLarge(Exception):
    """More bytes came than are allowed; `size` is how many there are, as far as known."""

    def __init__(self, size: int):
        super().__init__(size)
        self.size = size


def root() -> Path:
    """The folder of all contents."""
    return Path(settings.DATA) / "files"


def path(sha256: str) -> Path:
    """Where the content of this hash lies."""
    return root() / sha256[:2] / sha256[2:4] / sha256


@contextmanager
def received(stream: BinaryIO, limit: int | None = None) -> Iterator[Received]:
    """Write a stream into a temporary file and hash it; the file is gone afterwards unless `keep` renamed it.

    Raises `TooLarge` at more than `limit` bytes.
    """
    folder = root() / "tmp"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            digest, size = _copy(stream, file, limit)
            file.flush()
            os.fsync(file.fileno())
        yield Received(Path(name), digest, size)
    finally:
        Path(name).unlink(missing_ok=True)


def _copy(stream: BinaryIO, file: BinaryIO, limit: int | None) -> tuple[str, int]:
    announced = getattr(stream, "size", 0) or 0
    if limit is not None and announced > limit:
        raise TooLarge(announced)
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if limit is not None and size > limit:
            raise TooLarge(size)
        digest.update(chunk)
        file.write(chunk)
    return digest.hexdigest(), size


def keep(content: Received) -> Path:
    """Give the temporary file its lasting name. Twice the same content is one file: the later one takes its place."""
    target = path(content.sha256)
    new = not target.parent.exists()
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.replace(content.path, target)
    for folder in (target.parent, target.parent.parent, root()) if new else (target.parent,):
        _sync(folder)
    return target


def _sync(folder: Path) -> None:
    """Make a rename survive a power cut: the folder itself is written too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def leftovers(older_than: float) -> Iterator[Path]:
    """Temporary files untouched for so many seconds: what a crash left."""
    before = time.time() - older_than  # files carry the real time, whatever the demo clock says
    for file in (root() / "tmp").glob("*"):
        if file.stat().st_mtime < before:
            yield file


def hashes(older_than: float) -> Iterator[str]:
    """The hash of every content kept for more than so many seconds."""
    before = time.time() - older_than
    for file in root().glob("??/??/*"):
        if len(file.name) == 64 and file.stat().st_mtime < before:
            yield file.name
