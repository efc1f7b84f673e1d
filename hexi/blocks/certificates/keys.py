"""Keys that sign certificates: from the environment or DATA/keys, replaced by newer ones, old public ones kept.

Stands below models: files and options only. A key file is `certificate-<when>.pem`, or `certificate-<when>-demo.pem`
for one that `hexi setup` made by itself: what it signs is worth nothing and says so.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization as forms
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from hexi.blocks.certificates import proof
from hexi.kernel import clock
from hexi.kernel.options import Option

KEY = Option(
    "certificates.key", str, "",
    "签发证照的私钥（PEM，Ed25519 或 P-256）；留空：最新的 DATA/keys/certificate-*.pem。 / "
    "Private key (PEM, Ed25519 or P-256) that signs certificates; empty: the newest DATA/keys/certificate-*.pem.",
    secret=True,
)  # fmt: skip


@dataclass(frozen=True)
class Signer:
    """The key in force."""

    private: proof.PrivateKey
    demo: bool

    @property
    def id(self) -> str:
        """The name under which its public key is known."""
        return proof.key_id(self.private.public_key())

    @property
    def public(self) -> str:
        """The public key as PEM."""
        return proof.public_pem(self.private.public_key())


def folder() -> Path:
    """Where keys lie."""
    return Path(settings.DATA) / "keys"


def signer() -> Signer:
    """The key in force. Raises `ImproperlyConfigured` with the remedy if there is none or it cannot be used."""
    if KEY.value:
        return Signer(_private(KEY.value.replace("\\n", "\n"), "certificates.key"), demo=False)
    files = sorted(folder().glob("certificate-*.pem"))
    if not files:
        raise ImproperlyConfigured(f"{folder()}：没有证照签名密钥，请运行 hexi setup / no signing key, run hexi setup")
    return Signer(_private(files[-1].read_text(), str(files[-1])), demo=files[-1].stem.endswith("-demo"))


def _private(pem: str, where: str) -> proof.PrivateKey:
    try:
        key = forms.load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise ImproperlyConfigured(
            f"{where}：不是没有密码的 PEM 私钥 / not a private key in PEM without password"
        ) from error
    if not isinstance(key, proof.PRIVATE) or not proof.supported(key):
        raise ImproperlyConfigured(f"{where}：只能用 Ed25519 或 P-256 / only Ed25519 and P-256 can be used")
    return key


def make(*, demo: bool) -> Path:
    """Write a new Ed25519 key, readable by the owner alone, and its public part beside it; it is in force at once."""
    private = Ed25519PrivateKey.generate()
    stem = f"certificate-{clock.now():%Y%m%dT%H%M%S%f}" + ("-demo" if demo else "")
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = private.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.PKCS8, forms.NoEncryption())
    # the public part first: a key in force always has one
    (folder() / f"{stem}.pub").write_text(proof.public_pem(private.public_key()))
    descriptor = os.open(folder() / f"{stem}.pem", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
    return folder() / f"{stem}.pem"


def prepare() -> None:
    """A demo key if there is none at all, and the public part of the environment's key: for `hexi setup`."""
    if KEY.value:
        publish(signer())
    elif not any(folder().glob("certificate-*.pem")):
        make(demo=True)


def publish(signer: Signer) -> None:
    """Leave the public part in the folder: what it signs can be checked offline after the environment has a new key."""
    if signer.id not in trusted():
        folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder() / f"certificate-{signer.id}.pub").write_text(signer.public)


def trusted(more: Mapping[str, str] | None = None) -> dict[str, proof.PublicKey]:
    """Public keys by id: those in the folder, and `more` (name → PEM). Raises ValueError for no key."""
    texts = {str(path): path.read_text() for path in sorted(folder().glob("certificate-*.pub"))} | dict(more or {})
    found = {}
    for name, pem in texts.items():
        try:
            key = proof.read_public(pem)
        except ValueError as error:
            raise ValueError(f"{name}：不是 Ed25519 或 P-256 公钥（PEM）/ not a public key in PEM") from error
        found[proof.key_id(key)] = key
    return found
