"""Enveloped XML signatures over a whole CAP message (§3.3.4.1): made, and verified without trusting its structure.

Only one shape is taken: one Signature, a direct child of `alert`, with one reference to the whole document ("") and no
transform but enveloped-signature and canonical XML. So nothing can be signed beside what is read (signature wrapping),
and what is read is compared with what was signed.
"""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate, load_der_x509_certificate
from lxml import etree
from signxml import (  # type: ignore[attr-defined]
    CanonicalizationMethod,
    DigestAlgorithm,
    SignatureConfiguration,
    SignatureMethod,
    XMLSigner,
    XMLVerifier,
    methods,
)

from hexi.wire.cap.faults import Fault, fault
from hexi.wire.cap.model import Alert
from hexi.wire.cap.reading import Node, alert_of, root, version_of
from hexi.wire.cap.schema import SIGNATURES
from hexi.wire.cap.writing import element

PrivateKey = EllipticCurvePrivateKey | RSAPrivateKey
_DS = f"{{{SIGNATURES}}}"
_C14N = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0
_ENVELOPED = f"{SIGNATURES}enveloped-signature"
_TRANSFORMS = {_ENVELOPED, *(one.value for one in CanonicalizationMethod)}
_METHODS = frozenset(
    one for one in SignatureMethod if one.name.startswith(("RSA_", "ECDSA_", "SHA")) and "SHA1" not in one.name
)


class Signature(Enum):
    """What a message's signature is worth."""

    NONE = "none"
    GOOD = "good"
    UNKNOWN = "unknown"
    FALSE = "false"


@dataclass(frozen=True)
class Verdict:
    """The outcome, with the signer's name as his certificate says, and what is to be told."""

    signature: Signature
    signer: str = ""
    faults: tuple[Fault, ...] = ()


def sign(alert: Alert, key: PrivateKey, certificate: Certificate) -> bytes:
    """The message as a signed document: SHA-256, exclusive canonical XML, the certificate inside."""
    method = SignatureMethod.RSA_SHA256 if isinstance(key, RSAPrivateKey) else SignatureMethod.ECDSA_SHA256
    signer = XMLSigner(
        method=methods.enveloped, signature_algorithm=method, digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=_C14N,
    )  # fmt: skip
    # read back first, so that what is signed is what any reader sees
    tree = root(etree.tostring(element(alert), encoding="utf-8"))
    signed = signer.sign(tree, key=key, cert=[certificate])
    return bytes(etree.tostring(signed, encoding="utf-8", xml_declaration=True))


def verify(content: bytes, trusted: Iterable[Certificate]) -> Verdict:
    """What the signature of a message is worth. Raises `reading.Unreadable` for what is no message."""
    tree = root(content)
    found = list(tree.iter(f"{_DS}Signature"))
    if not found:
        return Verdict(Signature.NONE, faults=(fault("signature-none", "alert"),))
    if odd := _odd(tree, found):
        return _false("signature-form", odd)
    certificate = _certificate(found[0])
    if certificate is None:
        return _false("signature-form", "没有可用的签名证书 / no usable certificate of the signer")
    try:
        signed = _signed(tree, certificate)
    except Exception as error:  # whatever the library makes of forged input, the signature is not good
        return _false("signature-false", f"{type(error).__name__} {error}".strip())
    if alert_of(signed, version_of(signed)) != alert_of(tree, version_of(tree)):
        return _false("signature-false", "签的不是这条消息 / something else was signed")
    return _trust(certificate, trusted, alert_of(tree, version_of(tree)).sent_at)


def _false(key: str, why: str) -> Verdict:
    return Verdict(Signature.FALSE, faults=(fault(key, "alert/Signature", why=why),))


def _odd(tree: Node, signatures: list[Node]) -> str:
    """What is unusual about the shape of the signature; "" if nothing."""
    if len(signatures) != 1 or signatures[0].getparent() is not tree:
        return "只能有一个签名，直接在 alert 之下 / one Signature only, right below alert"
    references = list(signatures[0].iter(f"{_DS}Reference"))
    if len(references) != 1 or references[0].get("URI") != "":
        return "只能有一个指向整条消息的引用 / one Reference only, to the whole message"
    used = [one.get("Algorithm") for one in references[0].iter(f"{_DS}Transform")]
    if not set(used) <= _TRANSFORMS or used.count(_ENVELOPED) != 1:
        return "只能用封内签名和规范化变换 / no transforms but enveloped-signature and canonical XML"
    if next(signatures[0].iter(f"{_DS}Object", f"{_DS}XPath"), None) is not None:
        return "签名里不能夹带别的内容 / nothing else may stand inside the signature"
    return ""


def _certificate(signature: Node) -> Certificate | None:
    """The signer's own certificate: the first one carried."""
    carried = signature.find(f"{_DS}KeyInfo/{_DS}X509Data/{_DS}X509Certificate")
    if carried is None:
        return None
    try:
        return load_der_x509_certificate(base64.b64decode("".join((carried.text or "").split()), validate=True))
    except (binascii.Error, ValueError):
        return None


def _signed(tree: Node, certificate: Certificate) -> Node:
    """What the signature covers, as the library read it. Raises what the library raises."""
    config = SignatureConfiguration(
        location="./", expect_references=1, signature_methods=_METHODS,
        digest_algorithms=frozenset(one for one in DigestAlgorithm if "SHA1" not in one.name),
        # the certificate's own dates are judged with the trust in it
        verification_time=certificate.not_valid_before_utc,
    )  # fmt: skip
    result: Any = XMLVerifier().verify(tree, x509_cert=certificate, expect_config=config)
    if result.signed_xml is None:
        raise ValueError("nothing was signed")
    return result.signed_xml


def _trust(certificate: Certificate, trusted: Iterable[Certificate], sent: datetime | None) -> Verdict:
    """Good if this very certificate is trusted and was in force when the message was sent."""
    who = name_of(certificate)
    known = {one.fingerprint(SHA256()) for one in trusted}
    at = sent or datetime.now(UTC)
    in_force = certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc
    if certificate.fingerprint(SHA256()) in known and in_force:
        return Verdict(Signature.GOOD, who)
    return Verdict(Signature.UNKNOWN, who, (fault("signature-unknown", "alert/Signature", who=who),))


def name_of(certificate: Certificate) -> str:
    """Whom a certificate names, and the beginning of its fingerprint, which nobody can make up."""
    try:
        subject = certificate.subject.rfc4514_string()
    except ValueError:
        subject = "?"
    return f"{subject} [{certificate.fingerprint(SHA256()).hex()[:16]}]"


def pem_of(certificate: Certificate) -> str:
    """A certificate as text."""
    return certificate.public_bytes(Encoding.PEM).decode()
