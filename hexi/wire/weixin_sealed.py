"""WeChat's encrypted mode (安全模式): messages in an envelope of AES-256-CBC, signed together with their content.

The key is the EncodingAESKey of the account's settings (43 characters of Base64), its first half the starting vector.
Inside: 16 random bytes, the length in four bytes, the message, the AppID; filled up to a multiple of 32.
"""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Mapping, Sequence

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from lxml import etree

from hexi.wire.weixin import BadPush

BLOCK, RANDOM, LENGTH = 32, 16, 4


class BadKey(ValueError):
    """A setting that is no EncodingAESKey."""


def key_of(setting: str) -> bytes:
    """The key in the 43 characters of the account's settings. Raises `BadKey`."""
    try:
        found = base64.b64decode(f"{setting}=", validate=True)
    except (ValueError, binascii.Error) as error:
        raise BadKey("EncodingAESKey: no Base64") from error
    if len(setting) != 43 or len(found) != 32:
        raise BadKey("EncodingAESKey has 43 characters")
    return found


def signature(token: str, timestamp: str, nonce: str, sealed: str) -> str:
    """SHA-1 over the four, sorted and joined: unlike that of the plain mode it covers the message."""
    return hashlib.sha1("".join(sorted((token, timestamp, nonce, sealed))).encode()).hexdigest()  # noqa: S324 theirs


def opened(sealed: str, given: Mapping[str, str], *, token: str, keys: Sequence[str], app_id: str) -> tuple[bytes, str]:
    """The message in an envelope whose `msg_signature` is right, and which of the keys opened it. Raises `BadPush`.

    `keys`: the settings in force, the newest first; WeChat goes on with the one before for a while, and reads the reply
    by the one it wrote with.
    """
    wanted = signature(token, given.get("timestamp", ""), given.get("nonce", ""), sealed)
    if not hmac.compare_digest(wanted.encode(), given.get("msg_signature", "").encode()):
        raise BadPush("msg_signature is wrong", forged=True)
    try:
        content = base64.b64decode(sealed, validate=True)
    except (ValueError, binascii.Error) as error:
        raise BadPush("Encrypt is no Base64") from error
    if not content or len(content) % 16:
        raise BadPush("Encrypt is cut off")
    for key in keys:
        if (found := _inside(content, key_of(key), app_id)) is not None:
            return found, key
    raise BadPush("Encrypt is under another key, or for another account", forged=True)


def _inside(content: bytes, key: bytes, app_id: str) -> bytes | None:
    """None if it is not what the key was used for."""
    cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    plain = cipher.update(content) + cipher.finalize()
    fill = plain[-1]
    if not 0 < fill <= BLOCK or plain[-fill:] != bytes([fill]) * fill:
        return None
    plain = plain[:-fill]
    begin = RANDOM + LENGTH
    end = begin + int.from_bytes(plain[RANDOM:begin], "big")
    return plain[begin:end] if end <= len(plain) and plain[end:] == app_id.encode() else None


def sealed(message: bytes, *, key: str, app_id: str) -> str:
    """A message in an envelope, as Base64."""
    plain = os.urandom(RANDOM) + len(message).to_bytes(LENGTH, "big") + message + app_id.encode()
    fill = BLOCK - len(plain) % BLOCK
    secret = key_of(key)
    cipher = Cipher(algorithms.AES(secret), modes.CBC(secret[:16])).encryptor()
    return base64.b64encode(cipher.update(plain + bytes([fill]) * fill) + cipher.finalize()).decode()


def reply(message: bytes, *, token: str, key: str, app_id: str, at: int, nonce: str) -> bytes:
    """A passive answer in an envelope, signed."""
    content = sealed(message, key=key, app_id=app_id)
    root = etree.Element("xml")
    facts = {"Encrypt": content, "MsgSignature": signature(token, str(at), nonce, content), "Nonce": nonce}
    for name, value in facts.items():
        etree.SubElement(root, name).text = etree.CDATA(value)
    etree.SubElement(root, "TimeStamp").text = str(at)
    return bytes(etree.tostring(root, encoding="utf-8"))
