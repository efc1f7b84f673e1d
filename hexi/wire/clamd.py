"""The INSTREAM command of ClamAV's daemon `clamd`: a content as length-prefixed chunks, one line as the answer.

See clamd(8): `zINSTREAM\\0`, then chunks, each after its length in four bytes, big-endian, then a length of zero.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

COMMAND = b"zINSTREAM\0"
END = b"\0\0\0\0"
#: longest answer read: a virus name is far shorter
LONGEST = 4096


@dataclass(frozen=True)
class Verdict:
    """What the scanner found: the name of a virus, or "" for none."""

    virus: str = ""


class ClamdError(Exception):
    """The daemon answered something else than a verdict (its own size limit, out of memory)."""


def request(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes to send for one content."""
    yield COMMAND
    for chunk in chunks:
        if chunk:
            yield struct.pack(">I", len(chunk)) + chunk
    yield END


def verdict(answer: bytes) -> Verdict:
    """Reads `stream: OK` and `stream: <name> FOUND`, ended by NUL or a new line. Raises `ClamdError`."""
    text = answer.rstrip(b"\0\r\n").decode("utf-8", "replace")
    where, _, said = text.partition(": ")
    if where == "stream" and said == "OK":
        return Verdict()
    if where == "stream" and said.endswith(" FOUND") and said != " FOUND":
        return Verdict(said.removesuffix(" FOUND"))
    raise ClamdError(text[:200] or "no answer")
