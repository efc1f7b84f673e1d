"""One message checked whole: readable, schema, rules, signature; what `hexi` believes of it and why not."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from cryptography.x509 import Certificate

from hexi.wire.cap import reading, rules, schema, signing
from hexi.wire.cap.faults import Fault, refused
from hexi.wire.cap.model import Alert
from hexi.wire.cap.signing import Signature


@dataclass(frozen=True)
class Checked:
    """The outcome: the message as far as it could be read, what is wrong, and what its signature is worth."""

    alert: Alert | None
    faults: list[Fault] = field(default_factory=list)
    signature: Signature = Signature.NONE
    signer: str = ""

    @property
    def good(self) -> bool:
        """True if no rule that must hold is broken."""
        return self.alert is not None and not refused(self.faults)


def check(content: bytes, trusted: Iterable[Certificate] = ()) -> Checked:
    """Everything about a message as it came."""
    try:
        tree = reading.root(content)
        version = reading.version_of(tree)
    except reading.Unreadable as error:
        return Checked(None, [error.fault])
    alert = reading.alert_of(tree, version)
    verdict = signing.verify(content, trusted)
    found = [*schema.faults(tree, version), *rules.faults(alert), *verdict.faults]
    return Checked(alert, found, verdict.signature, verdict.signer)
