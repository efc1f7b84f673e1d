"""The proof inside a certificate's file: made, read and checked with no database and no network (docs/certificates.md).

The file is the page as made (a whole PDF), then one incremental update that holds the signed record. The record is
signed over the canonical JSON of {metadata, sha256 of the page}; the update's bytes follow from page and record alone,
so that checking means: split, make the update again, compare, then check hash and signature. Stands on nothing.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization as forms
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PrivateKey = Ed25519PrivateKey | EllipticCurvePrivateKey
PublicKey = Ed25519PublicKey | EllipticCurvePublicKey
PRIVATE = (Ed25519PrivateKey, EllipticCurvePrivateKey)
PUBLIC = (Ed25519PublicKey, EllipticCurvePublicKey)
#: begins the update; a comment to every PDF reader
MARK = b"%HEXI-CERTIFICATE-1\n"
#: bytes of an update at most, read before anything is known of the file: JSON takes many times its length in memory
MOST = 200_000
_RECORD = re.compile(rb"\nstream\n(.*)\nendstream\n", re.DOTALL)
_END = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*$")
_TRAILER = tuple(re.compile(pattern) for pattern in (rb"/Root (\d+ \d+ R)", rb"/Info (\d+ \d+ R)", rb"/Size (\d+)"))
_ID = re.compile(rb"/ID\s*(\[\s*<[0-9a-fA-F]+>\s*<[0-9a-fA-F]+>\s*\])")


class Verdict(Enum):
    """What a file is."""

    VALID = "valid"
    ALTERED = "altered"
    UNKNOWN_KEY = "unknown key"
    NO_RECORD = "no record"


@dataclass(frozen=True)
class Proof:
    """The outcome: with the metadata as far as it could be read (believe it only if VALID)."""

    verdict: Verdict
    metadata: Mapping[str, Any]
    sha256: str = ""
    key: str = ""


class Broken(ValueError):
    """The file's parts do not fit together."""


def canonical(content: Any) -> bytes:
    """One byte form of a JSON value: sorted keys, no spaces, UTF-8."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def key_id(key: PublicKey) -> str:
    """The first 16 hexadecimal digits of SHA-256 over the public key (SubjectPublicKeyInfo, DER)."""
    der = key.public_bytes(forms.Encoding.DER, forms.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()[:16]


def public_pem(key: PublicKey) -> str:
    """A public key as text."""
    return key.public_bytes(forms.Encoding.PEM, forms.PublicFormat.SubjectPublicKeyInfo).decode()


def read_public(pem: str) -> PublicKey:
    """A public key from text. Raises ValueError."""
    key = forms.load_pem_public_key(pem.encode())
    if isinstance(key, PUBLIC) and supported(key):
        return key
    raise ValueError("only Ed25519 and P-256")


def supported(key: PrivateKey | PublicKey) -> bool:
    """True for Ed25519 and for P-256 among the elliptic curves."""
    return not hasattr(key, "curve") or isinstance(key.curve, ec.SECP256R1)


def algorithm(key: PublicKey) -> str:
    """ "Ed25519" or "P-256"."""
    return "Ed25519" if isinstance(key, Ed25519PublicKey) else "P-256"


def short(metadata: Mapping[str, Any]) -> str:
    """Ten hexadecimal digits over the metadata, printed in the QR code: it fits no other certificate."""
    return hashlib.sha256(canonical(metadata)).hexdigest()[:10]


def message(metadata: Mapping[str, Any], sha256: str) -> bytes:
    """What is signed."""
    return canonical({"metadata": metadata, "sha256": sha256})


def sign(page: bytes, metadata: Mapping[str, Any], key: PrivateKey) -> dict[str, Any]:
    """The record of a page: metadata, its hash, the key's id and the signature (hexadecimal)."""
    sha256 = hashlib.sha256(page).hexdigest()
    text = message(metadata, sha256)
    made = key.sign(text) if isinstance(key, Ed25519PrivateKey) else key.sign(text, ec.ECDSA(hashes.SHA256()))
    return {"metadata": metadata, "sha256": sha256, "key": key_id(key.public_key()), "signature": made.hex()}


def seal(page: bytes, record: Mapping[str, Any]) -> bytes:
    """The file: the page and its update. Raises `Broken`, also for a record so large that nobody could check it."""
    made = update(page, record)
    if len(made) > MOST:
        raise Broken(f"the record has {len(made)} bytes, more than {MOST}")
    return page + made


def update(page: bytes, record: Mapping[str, Any]) -> bytes:
    """The incremental update (ISO 32000-1 §7.5.6) that adds the record as one stream. Raises `Broken`.

    Not an attachment: services refuse PDFs with files inside, and may be asked to take this one.
    """
    end = _END.search(page[-200:])
    trailer = page.rpartition(b"trailer")[2]
    parts = [found[1] for pattern in _TRAILER if (found := pattern.search(trailer))]
    mark = _ID.search(trailer)
    if end is None or mark is None or len(parts) != len(_TRAILER):
        raise Broken("the page has no plain trailer")
    root, info, size = parts
    number = int(size)
    body = canonical(record)
    head = MARK + b"%d 0 obj\n<< /Type /HexiCertificate /Length %d >>\nstream\n" % (number, len(body))
    thing = head + body + b"\nendstream\nendobj\n"
    table = b"xref\n%d 1\n%010d 00000 n \n" % (number, len(page) + len(MARK))
    tail = b"trailer\n<< /Size %d /Root %s /Info %s /ID %s /Prev %s /HexiCertificate %d 0 R >>\n" % (
        number + 1, root, info, mark[1], end[1], number,
    )  # fmt: skip
    return thing + table + tail + b"startxref\n%d\n%%%%EOF\n" % (len(page) + len(thing))


def split(file: bytes) -> tuple[bytes, dict[str, Any]]:
    """The page and the record of a file. Raises `Broken` unless every byte of the update is as it must be."""
    place = file.rfind(MARK)
    page, rest = file[:place], file[place:]
    if len(rest) > MOST:
        raise Broken("the record is larger than any that is signed")
    found = _RECORD.search(rest)
    try:
        record = json.loads(found[1]) if found else None
        fits = _whole(record) and update(page, record) == rest
    except (ValueError, RecursionError) as error:  # no JSON, half a sign, or nested without end
        raise Broken("the record cannot be read") from error
    if not fits:
        raise Broken("the record does not fit the page")
    return page, record


def _whole(record: Any) -> bool:
    wanted = {"metadata": dict, "sha256": str, "key": str, "signature": str}
    return isinstance(record, dict) and {name: type(value) for name, value in record.items()} == wanted


def check(file: bytes, keys: Mapping[str, PublicKey]) -> Proof:
    """Whether a file is as it was signed, by one of these keys."""
    if MARK not in file:
        return Proof(Verdict.NO_RECORD, {})
    try:
        page, record = split(file)
    except Broken:
        return Proof(Verdict.ALTERED, {})
    facts = (record["metadata"], record["sha256"], record["key"])
    if hashlib.sha256(page).hexdigest() != record["sha256"]:
        return Proof(Verdict.ALTERED, *facts)
    if record["key"] not in keys:
        return Proof(Verdict.UNKNOWN_KEY, *facts)
    good = _signed(keys[record["key"]], record["signature"], message(record["metadata"], record["sha256"]))
    return Proof(Verdict.VALID if good else Verdict.ALTERED, *facts)


def _signed(key: PublicKey, signature: str, text: bytes) -> bool:
    try:
        raw = bytes.fromhex(signature)
        if raw.hex() != signature:  # one signature, one spelling
            return False
        if isinstance(key, Ed25519PublicKey):
            key.verify(raw, text)
        else:
            key.verify(raw, text, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True
