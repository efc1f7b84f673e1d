"""The key and certificate that sign alerts: from the environment, or DATA/keys; a demo pair made by `hexi setup`.

A file holds both as PEM: `alert-<when>.pem`, or `alert-<when>-demo.pem` whose name in the certificate says 演示.
"""

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization as forms
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from hexi.kernel import clock
from hexi.kernel.options import Option
from hexi.wire.cap.signing import PrivateKey

KEY = Option(
    "alerts.key", str, "",
    "预警签名用的私钥（P-256 或 RSA）和证书，PEM 格式；留空用 DATA/keys/alert-*.pem 中最新的。 / "
    "Private key (P-256 or RSA) and certificate that sign alerts, as PEM; empty: the newest DATA/keys/alert-*.pem.",
    secret=True,
)  # fmt: skip
#: how long a certificate made here holds
YEARS = 5


@dataclass(frozen=True)
class Signer:
    """The pair in force."""

    private: PrivateKey
    certificate: x509.Certificate
    demo: bool


def folder() -> Path:
    """Where keys lie."""
    return Path(settings.DATA) / "keys"


def signer() -> Signer:
    """The pair in force. Raises `ImproperlyConfigured` with the remedy if there is none or it cannot be used."""
    if KEY.value:
        return _read(KEY.value.replace("\\n", "\n"), "alerts.key", demo=False)
    files = sorted(folder().glob("alert-*.pem"))
    if not files:
        raise ImproperlyConfigured(f"{folder()}：没有预警签名密钥，请运行 hexi setup / no signing key, run hexi setup")
    return _read(files[-1].read_text(), str(files[-1]), demo=files[-1].stem.endswith("-demo"))


def _read(pem: str, where: str, *, demo: bool) -> Signer:
    try:
        private = forms.load_pem_private_key(pem.encode(), password=None)
        certificate = x509.load_pem_x509_certificate(pem.encode())
    except (ValueError, TypeError) as error:
        raise ImproperlyConfigured(
            f"{where}：要有没有密码的 PEM 私钥和证书 / a private key without password and a certificate, as PEM"
        ) from error
    if not isinstance(private, (ec.EllipticCurvePrivateKey, rsa.RSAPrivateKey)):
        raise ImproperlyConfigured(f"{where}：只能用 P-256 或 RSA / only P-256 and RSA can be used")
    if private.public_key() != certificate.public_key():
        raise ImproperlyConfigured(f"{where}：证书不是这把私钥的 / the certificate belongs to another key")
    return Signer(private, certificate, demo)


def make(name: str, *, demo: bool) -> Path:
    """Write a new P-256 key with a certificate of its own, readable by the owner alone; it is in force at once."""
    private = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = clock.now()
    built = x509.CertificateBuilder().subject_name(who).issuer_name(who).public_key(private.public_key())
    built = built.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
    signed = built.not_valid_after(now + timedelta(days=365 * YEARS)).sign(private, hashes.SHA256())
    pem = private.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.PKCS8, forms.NoEncryption())
    path = folder() / (f"alert-{now:%Y%m%dT%H%M%S%f}" + ("-demo" if demo else "") + ".pem")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem + signed.public_bytes(forms.Encoding.PEM))
    return path


def prepare() -> None:
    """A demo pair if there is none at all: for `hexi setup`."""
    if not KEY.value and not any(folder().glob("alert-*.pem")):
        make("Hexi 演示 demo", demo=True)
