"""What a gateway must know to let a message through: who takes part, with which keys, what is offered, who may call."""

from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import ec

from hexi.blocks.catalog.exchange_keys import fingerprint, read_public
from hexi.blocks.catalog.models import Gateway, Grant, Group, Member, Right, Service, Stamp, Subsystem
from hexi.kernel import clock
from hexi.wire.xroad import names


@dataclass(frozen=True)
class Peer:
    """An installation: ours or another."""

    code: str
    own: bool
    url: str
    certificate: str
    fingerprint: str
    keys: dict[str, tuple[ec.EllipticCurvePublicKey, datetime, datetime | None]]

    def key(self, key_id: str, at: datetime) -> ec.EllipticCurvePublicKey | None:
        """The public key of this name, if it is one of theirs and may sign at this moment."""
        found = self.keys.get(key_id)
        return found[0] if found and (found[2] is None or at < found[2]) else None


@dataclass(frozen=True)
class Taking:
    """A subsystem that takes part."""

    id: int
    peer: Peer
    #: of the certificate its system shows our consumer gateway; "" it may not call
    fingerprint: str


@dataclass(frozen=True)
class Offered:
    """A service of ours, and by whom which part of it may be called (None: all of it)."""

    id: int
    subsystem: int
    url: str
    entry: int | None
    timeout: int
    active: bool
    notice: str
    #: answers about persons: each call says why and about whom
    personal: bool
    rights: dict[str, list[tuple[str, str] | None]] = field(default_factory=dict)
    grants: dict[str, list[tuple[int, str]]] = field(default_factory=dict)

    def allowed(self, client: names.Client, method: str, path: str) -> bool:
        """True if a right covers this call. Without one: no."""
        return any(
            right is None or (right[0] in ("*", method) and names.matches(right[1], path))
            for right in self.rights.get(str(client), ())
        )


@dataclass(frozen=True)
class Directory:
    """All of it, as of one state of the database."""

    changes: int
    peers: dict[str, Peer]
    members: dict[str, Peer]
    subsystems: dict[str, Taking]
    services: dict[str, Offered]
    #: PEM of every certificate a system of ours may show
    systems: tuple[str, ...]


def changes() -> int:
    """The number that grows with every change of the directory; 0 before the first."""
    return Stamp.objects.order_by("pk").values_list("changes", flat=True).first() or 0


def read() -> Directory:
    """The directory now. The number is read first: a change in between is read again the next time."""
    number = changes()
    peers = {one.pk: _peer(one) for one in Gateway.objects.filter(active=True).prefetch_related("keys")}
    members = Member.objects.filter(active=True, gateway__in=peers)
    owners = {one.pk: (_name(one), peers[one.gateway_id]) for one in members}
    subsystems, known = {}, {}
    for one in Subsystem.objects.filter(active=True, member__in=owners):
        owner, peer = owners[one.member_id]
        name = names.Client(owner.instance, owner.member_class, owner.member, one.code)
        subsystems[one.pk] = name
        shown = fingerprint(one.certificate) if one.certificate and peer.own else ""
        known[str(name)] = (Taking(one.pk, peer, shown), one.certificate)
    return Directory(
        number, {one.fingerprint: one for one in peers.values()}, {str(name): peer for name, peer in owners.values()},
        {name: taking for name, (taking, _) in known.items()}, _services(subsystems),
        tuple(pem for taking, pem in known.values() if taking.fingerprint),
    )  # fmt: skip


def _services(subsystems: dict[int, names.Client]) -> dict[str, Offered]:
    found = {
        one.pk: (str(names.Service(subsystems[one.subsystem_id], one.code)), Offered(
            one.pk, one.subsystem_id, one.url, one.entry_id, one.timeout, one.active, one.notice, one.personal
        ))
        for one in Service.objects.filter(subsystem__in=subsystems, subsystem__member__gateway__own=True)
    }  # fmt: skip
    groups: dict[int, list[int]] = {}
    for group, subsystem in Group.subsystems.through.objects.values_list("group", "subsystem"):
        groups.setdefault(group, []).append(subsystem)
    for right in Right.objects.filter(service__in=found).select_related("endpoint"):
        part = (right.endpoint.method, right.endpoint.path) if right.endpoint else None
        for subsystem in groups.get(right.group_id, []) if right.group_id else [right.subsystem_id]:
            if subsystem in subsystems:
                found[right.service_id][1].rights.setdefault(str(subsystems[subsystem]), []).append(part)
    _grants(found, subsystems)
    return dict(found.values())


def _grants(found: dict[int, tuple[str, Offered]], subsystems: dict[int, names.Client]) -> None:
    """Which grants a caller may name; whether one still holds is asked when the call is written down."""
    by_entry: dict[int, list[Offered]] = {}
    for _, offered in found.values():
        if offered.entry:
            by_entry.setdefault(offered.entry, []).append(offered)
    held = Grant.objects.filter(entry__in=by_entry, subsystem__in=subsystems, expires__gte=clock.today()).order_by("pk")
    held = held.exclude(state__in=("revoked", "expired"))
    for pk, number, entry, subsystem in held.values_list("pk", "number", "entry", "subsystem"):
        for offered in by_entry[entry]:
            offered.grants.setdefault(str(subsystems[subsystem]), []).append((pk, str(number)))


def _peer(one: Gateway) -> Peer:
    keys = {key.key_id: (read_public(key.public), key.since, key.until) for key in one.keys.all()}
    return Peer(one.code, one.own, one.url, one.certificate, fingerprint(one.certificate), keys)


def _name(one: Member) -> names.Client:
    return names.Client(one.instance, one.member_class, one.code)
