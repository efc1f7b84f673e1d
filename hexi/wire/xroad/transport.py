"""How two of our gateways hand a message to each other: one POST, the head's length, head and body; signed beside it.

X-Road's own transport between security servers (PR-MESSTRANSP: MIME, XAdES, OCSP) is not spoken: who has security
servers connects to our gateways as a system does. The signature is ECDSA P-256 over the message's digest (`digests`).
"""

import base64
import struct
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

PATH = "/x1/message"
MEDIA_TYPE = "application/vnd.hexi.message"
KEY, SIGNATURE, DATE = "x-hexi-key", "x-hexi-signature", "x-hexi-date"
#: longest head; a body's limit is the gateway's own
LONGEST_HEAD = 1 << 18
_PREHASHED = ec.ECDSA(utils.Prehashed(hashes.SHA512()))


@dataclass(frozen=True)
class Signed:
    """The bytes of a message with its signature and the name of the key that made it."""

    head: bytes
    body: bytes
    key: str
    signature: bytes

    def frame(self) -> bytes:
        """What is sent."""
        return struct.pack(">I", len(self.head)) + self.head + self.body

    @property
    def headers(self) -> dict[str, str]:
        """What stands beside it."""
        signature = base64.b64encode(self.signature).decode()
        return {"Content-Type": MEDIA_TYPE, KEY: self.key, SIGNATURE: signature}


class Broken(ValueError):
    """No message of ours."""


def read(content: bytes, key: str, signature: str) -> Signed:
    """A message as it was sent. Raises `Broken`."""
    if len(content) < 4:
        raise Broken("shorter than its own length")
    size = struct.unpack_from(">I", content)[0]
    if size > LONGEST_HEAD or size > len(content) - 4:
        raise Broken("its head is longer than the message")
    try:
        raw = base64.b64decode(signature, validate=True)
    except ValueError as error:
        raise Broken("its signature is not Base64") from error
    if not raw or not key:
        raise Broken("it is not signed")
    return Signed(content[4 : 4 + size], content[4 + size :], key, raw)


def sign(digest: bytes, private: ec.EllipticCurvePrivateKey) -> bytes:
    """The signature over a message's digest."""
    return private.sign(digest, _PREHASHED)


def genuine(digest: bytes, signature: bytes, public: ec.EllipticCurvePublicKey) -> bool:
    """True if the key has signed this digest."""
    try:
        public.verify(signature, digest, _PREHASHED)
    except InvalidSignature:
        return False
    return True
