"""Keys of the exchange: one that signs messages, one with a certificate for TLS; from the environment or DATA/keys.

Stands below models: files and options only. `exchange-sign-<when>.pem` holds a P-256 key, `exchange-tls-<when>.pem` a
key and the certificate others pin. The newest of each is in force; `-demo` in the name: made by `hexi setup` itself.
"""

import hashlib
import os
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization as forms
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from hexi.kernel import clock
from hexi.kernel.options import Option

KEY = Option(
    "catalog.exchange_key", str, "",
    "给交换报文签名的私钥（PEM，P-256）；留空：最新的 DATA/keys/exchange-sign-*.pem。 / "
    "Private key (PEM, P-256) that signs exchanged messages; empty: the newest DATA/keys/exchange-sign-*.pem.",
    secret=True,
)  # fmt: skip
#: how long a certificate made here holds, in years
YEARS = 10
PEM = forms.Encoding.PEM


@dataclass(frozen=True)
class Signer:
    """The signing key in force."""

    private: ec.EllipticCurvePrivateKey
    id: str

    @property
    def public(self) -> str:
        """The public key as PEM."""
        return public_pem(self.private.public_key())


def folder() -> Path:
    """Where keys lie."""
    return Path(settings.DATA) / "keys"


def signer() -> Signer:
    """The signing key in force. Raises `ImproperlyConfigured` with the remedy if there is none that can be used."""
    if KEY.value:
        return _signer(KEY.value.replace("\\n", "\n"), "catalog.exchange_key")
    path = _newest("sign")
    return _signer(path.read_text(), str(path))


def tls() -> Path:
    """The file with key and certificate of both gateways. Raises `ImproperlyConfigured` if there is none."""
    return _newest("tls")


def certificate() -> str:
    """Our certificate as PEM, for others to pin."""
    return x509.load_pem_x509_certificate(tls().read_bytes()).public_bytes(PEM).decode()


def _newest(what: str) -> Path:
    files = sorted(folder().glob(f"exchange-{what}-*.pem"))
    if not files:
        raise ImproperlyConfigured(f"{folder()}：没有数据交换密钥，请运行 hexi setup / no exchange key, run hexi setup")
    return files[-1]


@lru_cache(maxsize=8)
def _signer(pem: str, where: str) -> Signer:
    try:
        key = forms.load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise ImproperlyConfigured(
            f"{where}：不是没有密码的 PEM 私钥 / not a private key in PEM without password"
        ) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ImproperlyConfigured(f"{where}：只能用 P-256 / only P-256 can be used")
    return Signer(key, key_id(key.public_key()))


def key_id(key: ec.EllipticCurvePublicKey) -> str:
    """The first 32 hexadecimal digits of SHA-256 over the public key (SubjectPublicKeyInfo, DER)."""
    der = key.public_bytes(forms.Encoding.DER, forms.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()[:32]


def public_pem(key: ec.EllipticCurvePublicKey) -> str:
    """A public key as text."""
    return key.public_bytes(PEM, forms.PublicFormat.SubjectPublicKeyInfo).decode()


def read_public(pem: str) -> ec.EllipticCurvePublicKey:
    """A public key from text. Raises ValueError unless it is one on P-256."""
    key = forms.load_pem_public_key(pem.encode())
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("only P-256")
    return key


def fingerprint(certificate: str | bytes) -> str:
    """SHA-256 of a certificate, given as PEM (str) or DER (bytes). Raises ValueError for what is none."""
    if isinstance(certificate, bytes):
        return hashlib.sha256(certificate).hexdigest()
    return x509.load_pem_x509_certificate(certificate.encode()).fingerprint(hashes.SHA256()).hex()


def read_out(mark: str) -> str:
    """A fingerprint in pairs, as it is read out over the telephone."""
    return ":".join(mark[start : start + 2] for start in range(0, len(mark), 2)).upper()


def one_certificate(pem: str) -> str:
    """The one certificate of a text, written anew as TLS reads it. Raises ValueError for none, several, or words."""
    found = x509.load_pem_x509_certificates(pem.encode())
    if len(found) != 1:
        raise ValueError("exactly one certificate")
    return found[0].public_bytes(PEM).decode()


def self_signed(name: str) -> tuple[bytes, bytes]:
    """A fresh P-256 key and a certificate of its own, both PEM."""
    private = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    now = clock.now()
    built = x509.CertificateBuilder().subject_name(who).issuer_name(who).public_key(private.public_key())
    built = built.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
    built = built.not_valid_after(now + timedelta(days=365 * YEARS))
    built = built.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return _private_pem(private), built.sign(private, hashes.SHA256()).public_bytes(PEM)


def make(*, demo: bool) -> None:
    """Write a new pair of files, readable by the owner alone; both are in force at once."""
    private = ec.generate_private_key(ec.SECP256R1())
    stem = f"{clock.now():%Y%m%dT%H%M%S%f}" + ("-demo" if demo else "")
    key, certificate = self_signed("Hexi exchange" + (" demo" if demo else ""))
    _write(folder() / f"exchange-sign-{stem}.pem", _private_pem(private))
    _write(folder() / f"exchange-tls-{stem}.pem", key + certificate)


def prepare() -> None:
    """Demo keys if there are none at all: for `hexi setup`."""
    if not any(folder().glob("exchange-tls-*.pem")):
        make(demo=True)


def _private_pem(private: ec.EllipticCurvePrivateKey) -> bytes:
    return private.private_bytes(PEM, forms.PrivateFormat.PKCS8, forms.NoEncryption())


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
