"""A CAP message as dataclasses: every text as it is written, so that what is read is written back the same."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from hexi.wire.cap.times import moment

NAMESPACES = {
    "1.0": "http://www.incident.com/cap/1.0",
    "1.1": "urn:oasis:names:tc:emergency:cap:1.1",
    "1.2": "urn:oasis:names:tc:emergency:cap:1.2",
}
#: what a message without a language is written in (§3.2.2)
DEFAULT_LANGUAGE = "en-US"


@dataclass(frozen=True)
class Pair:
    """A value whose meaning a name says: event codes, parameters, geocodes."""

    name: str
    value: str


@dataclass(frozen=True)
class Resource:
    """A picture, sound or text beside the message."""

    description: str
    mime_type: str = ""
    size: str | None = None
    uri: str | None = None
    content: str | None = None
    digest: str | None = None


@dataclass(frozen=True)
class Area:
    """Where it holds: the union of all shapes and codes."""

    description: str
    polygons: tuple[str, ...] = ()
    circles: tuple[str, ...] = ()
    geocodes: tuple[Pair, ...] = ()
    altitude: str | None = None
    ceiling: str | None = None


@dataclass(frozen=True)
class Info:
    """What happens, how bad, when and where, in one language."""

    categories: tuple[str, ...]
    event: str
    urgency: str
    severity: str
    certainty: str
    language: str | None = None
    responses: tuple[str, ...] = ()
    audience: str | None = None
    event_codes: tuple[Pair, ...] = ()
    effective: str | None = None
    onset: str | None = None
    expires: str | None = None
    sender_name: str | None = None
    headline: str | None = None
    description: str | None = None
    instruction: str | None = None
    web: str | None = None
    contact: str | None = None
    parameters: tuple[Pair, ...] = ()
    resources: tuple[Resource, ...] = ()
    areas: tuple[Area, ...] = ()

    @property
    def tongue(self) -> str:
        """The language, English of the USA if none is named."""
        return (self.language or "").strip() or DEFAULT_LANGUAGE

    @property
    def expires_at(self) -> datetime | None:
        """The moment it ends, if one is named."""
        return moment(self.expires or "")


@dataclass(frozen=True)
class Reference:
    """Another message as `references` names it."""

    sender: str
    identifier: str
    sent: str

    def __str__(self) -> str:
        return f"{self.sender},{self.identifier},{self.sent}"


@dataclass(frozen=True)
class Alert:
    """One message."""

    identifier: str
    sender: str
    sent: str
    status: str
    kind: str
    scope: str
    password: str | None = None
    source: str | None = None
    restriction: str | None = None
    addresses: str | None = None
    codes: tuple[str, ...] = ()
    note: str | None = None
    references: str | None = None
    incidents: str | None = None
    infos: tuple[Info, ...] = ()
    version: str = "1.2"

    @property
    def sent_at(self) -> datetime | None:
        """The moment it was sent; None if it is not one."""
        return moment(self.sent)

    @property
    def name(self) -> Reference:
        """How other messages refer to this one."""
        return Reference(self.sender, self.identifier, self.sent)

    @property
    def refers_to(self) -> tuple[Reference, ...]:
        """The messages it refers to, as far as they are written as sender,identifier,sent."""
        return tuple(Reference(*parts) for parts in self._triples() if len(parts) == 3)

    def _triples(self) -> Iterator[list[str]]:
        for written in (self.references or "").split():
            yield written.split(",")

    def info(self, language: str) -> Info | None:
        """The block in a language ("zh" fits "zh-CN"), else the first one."""
        fitting = (one for one in self.infos if one.tongue.lower().startswith(language.lower()))
        return next(fitting, next(iter(self.infos), None))

    @property
    def expires_at(self) -> datetime | None:
        """When the last of its blocks ends; None if one of them names no end."""
        ends = [one.expires_at for one in self.infos]
        known = [one for one in ends if one is not None]
        return max(known) if known and len(known) == len(ends) else None
