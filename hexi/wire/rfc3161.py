"""Time-stamps (RFC 3161) over HTTP: one asked for, checked against the authority's certificate, and read again.

A thin face of `rfc3161-client`. What is stamped is a digest that we made ourselves (the root of a tree of signatures).
"""

import http.client
import ssl
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from cryptography import x509
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, VerificationError, VerifierBuilder
from rfc3161_client import decode_timestamp_response as decode

REQUEST, REPLY = "application/timestamp-query", "application/timestamp-reply"
#: no authority's answer is longer
MOST_BYTES = 100_000


class Failed(OSError):
    """No time-stamp came, or one that is worth nothing; the words say why."""


@dataclass(frozen=True)
class Stamp:
    """A time-stamp: the answer's bytes, and the moment it vouches for."""

    token: bytes
    at: datetime


def ask(url: str, content: bytes, roots: list[x509.Certificate], *, patience: float) -> Stamp:
    """A time-stamp of the content. Raises `Failed`. `roots`: certificates of the authority, or of who issued it."""
    wanted = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256).build()
    token = _posted(url, wanted.as_bytes(), patience)
    try:
        answer = decode(token)
        if int(answer.status) not in (0, 1):  # granted, granted with modifications (§2.4.2)
            raise Failed(f"the authority refused: {' '.join(answer.status_string)}")
        if answer.tst_info.nonce != wanted.nonce:
            raise Failed("the authority answered another question")
    except ValueError as error:
        raise Failed(f"no time-stamp: {error}") from error
    return check(token, content, roots)


def check(token: bytes, content: bytes, roots: list[x509.Certificate]) -> Stamp:
    """The stamp of this content by one of the roots. Raises `Failed` for any other."""
    try:
        answer, builder = decode(token), VerifierBuilder()
        for one in roots:
            builder = builder.add_root_certificate(one)
        builder.build().verify_message(answer, content)
    except (ValueError, VerificationError) as error:
        raise Failed(f"the time-stamp does not hold: {error}") from error
    return Stamp(token, answer.tst_info.gen_time)


def _posted(url: str, body: bytes, patience: float) -> bytes:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Failed("the authority's address should begin with https:// or http://")
    if parts.scheme == "https":
        made: http.client.HTTPConnection = http.client.HTTPSConnection(
            parts.hostname, parts.port, timeout=patience, context=ssl.create_default_context()
        )
    else:
        made = http.client.HTTPConnection(parts.hostname, parts.port, timeout=patience)
    try:
        made.request("POST", parts.path or "/", body, {"Content-Type": REQUEST, "Accept": REPLY})
        answer = made.getresponse()
        content = answer.read(MOST_BYTES + 1)
    except (OSError, http.client.HTTPException) as error:
        raise Failed(f"{type(error).__name__}: {error}") from error
    finally:
        made.close()
    if answer.status != 200 or len(content) > MOST_BYTES:
        raise Failed(f"the authority answered HTTP {answer.status}, {len(content)} bytes")
    return content
