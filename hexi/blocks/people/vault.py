"""Numbers at rest: AES-256-GCM under rotating keys, and an HMAC under a derived key to find them by.

Stands below `models`: pure functions over bytes and the key option.

Keys are 32 random bytes, base64, newest first. The first encrypts; all decrypt; the *last* gives the lookup key, so a
key put in front does not disturb lookups. `hexi people rekey` writes everything anew under the first.
"""

import base64
import hashlib
import hmac
import os
import secrets
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from hexi.kernel.options import Option

DATA_KEY = Option(
    "people.data_key", list, [],
    "身份号码的加密密钥（32 字节，base64），新的在前，逗号分隔；留空：DATA/keys/data（hexi setup）。 / "
    "Keys of identity numbers (32 bytes, base64), newest first, comma separated; empty: DATA/keys/data (hexi setup).",
    secret=True,
)  # fmt: skip


class Ring:
    """The keys in force."""

    def __init__(self, keys: tuple[bytes, ...]):
        self.ciphers = {key_id(key): AESGCM(key) for key in keys}
        self.first = key_id(keys[0])
        self._lookups = {key_id(key): _derive(key, b"hexi people lookup") for key in (keys[0], keys[-1])}
        self.last = key_id(keys[-1])

    def seal(self, number: str, kind: str) -> str:
        """Encrypt a number; its type is authenticated with it, so that a text cannot be moved to another type."""
        nonce = os.urandom(12)
        sealed = nonce + self.ciphers[self.first].encrypt(nonce, number.encode(), kind.encode())
        return f"{self.first}:{base64.urlsafe_b64encode(sealed).decode()}"

    def open(self, sealed: str, kind: str) -> str:
        """Decrypt. Raises `ImproperlyConfigured` if its key is not in the ring or the text was changed."""
        name, _, text = sealed.partition(":")
        if name not in self.ciphers:
            raise ImproperlyConfigured(f"people.data_key: 缺少密钥 {name} / key {name} is missing from the ring")
        raw = base64.urlsafe_b64decode(text)
        try:
            return self.ciphers[name].decrypt(raw[:12], raw[12:], kind.encode()).decode()
        except InvalidTag as error:
            raise ImproperlyConfigured(f"密文被改动或密钥 {name} 不对 / changed text or wrong key {name}") from error

    def lookup(self, number: str, kind: str, *, newest: bool = False) -> str:
        """What a number is found by: hex HMAC-SHA256 of type and number; `newest`: under the first key."""
        key = self._lookups[self.first if newest else self.last]
        return hmac.new(key, f"{kind}:{number}".encode(), hashlib.sha256).hexdigest()


def key_id(key: bytes) -> str:
    """The short public name of a key."""
    return hashlib.sha256(key).hexdigest()[:8]


def new_key() -> str:
    """A fresh key as the option takes it."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def key_file() -> Path:
    """Where `hexi setup` puts the key, one on each line, newest first."""
    return Path(settings.DATA) / "keys" / "data"


def ring() -> Ring:
    """The keys from the option, else from the file. Raises `ImproperlyConfigured` with the remedy."""
    return _ring(tuple(DATA_KEY.value) or _from_file(key_file()))


def write_key() -> None:
    """Write the first key, readable by the owner alone, unless there is one: an installation keeps its key for ever."""
    path = key_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w") as file:
        file.write(new_key() + "\n")


def _from_file(path: Path) -> tuple[str, ...]:
    try:
        found = path.stat()
        return _read(path, found.st_ino, found.st_mtime_ns, found.st_size)
    except FileNotFoundError:
        raise ImproperlyConfigured(f"没有 {path}：请运行 hexi setup / run hexi setup to make it") from None


@lru_cache(maxsize=4)
def _read(path: Path, _inode: int, _stamp: int, _size: int) -> tuple[str, ...]:
    """The file's lines, read again once it is another one: every number read or written asks for the keys."""
    return tuple(path.read_text().split())


@lru_cache(maxsize=4)
def _ring(texts: tuple[str, ...]) -> Ring:
    try:
        keys = tuple(base64.urlsafe_b64decode(text) for text in texts)
    except ValueError as error:
        raise ImproperlyConfigured("people.data_key: 不是 base64 / not base64") from error
    if not keys or any(len(key) != 32 for key in keys):
        raise ImproperlyConfigured("people.data_key: 每个密钥 32 字节，base64 书写 / each key is 32 bytes in base64")
    return Ring(keys)


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=purpose).derive(key)
