"""What goes wrong on the way, as X-Road says it (PR-REST §4.6): a type that begins with the place, words, a number.

`Client.…` is the calling system's fault, `Server.ClientProxy.…` arose at the consumer's gateway, `Server.ServerProxy.…`
at the provider's. The header X-Road-Error is there if and only if the error arose on the way, and not in the service.
"""

import json
import uuid
from dataclasses import dataclass, field

HEADER = "x-road-error"
MEDIA_TYPE = "application/json;charset=utf-8"
CLIENT, CONSUMER, PROVIDER = "Client.", "Server.ClientProxy.", "Server.ServerProxy."


@dataclass
class Fault(Exception):
    """An error on the way. `detail` is a number under which both sides find it in what they wrote down."""

    type: str
    message: str
    detail: str = field(default_factory=lambda: str(uuid.uuid4()))

    def __str__(self) -> str:
        return f"{self.type}: {self.message}"

    @property
    def status(self) -> int:
        """The HTTP status: 400 if the caller is to blame, else 500 (§4.6 knows no other)."""
        return 400 if self.type.startswith(CLIENT) else 500

    def body(self) -> bytes:
        """The answer's body."""
        return json.dumps(
            {"type": self.type, "message": self.message, "detail": self.detail}, ensure_ascii=False
        ).encode()

    @property
    def headers(self) -> list[tuple[str, str]]:
        """What the answer says besides."""
        return [("Content-Type", MEDIA_TYPE), (HEADER, self.type)]


def read(status: int, type: str, body: bytes) -> Fault:
    """An error another gateway answered with; its header decides the type, whatever the body says."""
    try:
        said = json.loads(body)
        message, detail = str(said["message"])[:1000], str(said["detail"])[:80]
    except (ValueError, KeyError, TypeError):
        message, detail = f"HTTP {status}", ""
    return Fault(type[:200], message, detail or str(uuid.uuid4()))
