"""Writing messages down: signed, chained, counted against their grant, many in one transaction."""

import hashlib
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from hexi.blocks.catalog import exchange_options as options
from hexi.blocks.catalog import proofs
from hexi.blocks.catalog.exchange_keys import Signer, signer
from hexi.blocks.catalog.models import Chain, Grant, GrantState, Kind, MessageLog, Sharing, Side, State
from hexi.blocks.catalog.queries.directory import Peer
from hexi.kernel import clock
from hexi.kernel.fixed import Fixed, Given, insert, update
from hexi.wire.xroad import messages, transport
from hexi.wire.xroad.errors import CONSUMER, PROVIDER, Fault

#: how long a signing key is used before the folder is looked at again
KEY_SECONDS = 5
#: what may stand in the log only once: number of the call, side, kind
_Once = tuple[str, str, str]


@dataclass(frozen=True)
class Line:
    """A message to be written down."""

    side: Side
    kind: Kind
    asked: messages.Request
    signed: transport.Signed
    subsystem: int | None = None
    #: counted when a call comes in through it
    grant: int | None = None
    status: int | None = None
    fault: str = ""

    @property
    def once(self) -> _Once:
        """What may stand in the log only once."""
        return self.asked.request_id, self.side.value, self.kind.value

    @property
    def place(self) -> str:
        """How an error that arises here begins."""
        return CONSUMER if self.side is Side.CONSUMER else PROVIDER


def sign(message: messages.Message) -> transport.Signed:
    """The message under our key; a new key is noticed within seconds."""
    key = _key(int(time.monotonic() / KEY_SECONDS))
    return transport.Signed(message.head, message.body, key.id, transport.sign(message.digest, key.private))


@lru_cache(maxsize=1)
def _key(_seconds: int) -> Signer:
    return signer()


def believed(
    peer: Peer, asked: messages.Request, content: bytes, headers: Mapping[str, str]
) -> tuple[messages.Response, transport.Signed]:
    """What a gateway answered, if that gateway has signed it and it answers this very call. Raises `Fault`."""
    try:
        signed = transport.read(content, headers.get(transport.KEY, ""), headers[transport.SIGNATURE])
        answer = messages.read_response(signed.head, signed.body)
    except (transport.Broken, Fault) as error:
        raise Fault(f"{CONSUMER}InvalidResponse", f"{peer.code}: {error}") from error
    key = peer.key(signed.key, clock.now())
    if key is None or not transport.genuine(answer.digest, signed.signature, key):
        raise Fault(f"{CONSUMER}InvalidSignatureValue", f"The answer of {peer.code} is not signed by it, or altered")
    ours = {
        messages.REQUEST_HASH: asked.hash, messages.REQUEST_ID: asked.request_id, messages.ID: asked.id,
        messages.CLIENT: asked.header(messages.CLIENT), messages.SERVICE: str(asked.target.service),
    }  # fmt: skip
    wrong = [name for name, value in ours.items() if answer.header(name) != value]
    if wrong:
        raise Fault(f"{CONSUMER}InconsistentResponse", f"The answer belongs to another call ({', '.join(wrong)})")
    return answer, signed


def write(stream: str, lines: Sequence[Line]) -> list[Fault | None]:
    """Write messages into a stream's chain, all in one transaction; of each, None or why it was refused.

    A call that stands there already is refused (a replay), so is one whose grant has ended or whose quota is used up.
    When this returns, what was not refused is on the disk. Raises what the database raises; then nothing was written.
    """
    for known in (_nothing, _known):
        try:
            with transaction.atomic():
                return _write(stream, lines, known(lines))
        except IntegrityError:  # one of them stands there already: so rare that it is looked up only now
            continue
    if len(lines) == 1:
        return [Fault(f"{lines[0].place}InvalidRequest", "This message was received before")]
    return [write(stream, [line])[0] for line in lines]  # another process took one of them: find out which


def _nothing(_lines: Sequence[Line]) -> set[_Once]:
    return set()


def _known(lines: Sequence[Line]) -> set[_Once]:
    """What stands in the log already. An answer is ours and made once: only calls can come twice."""
    asked = {line.asked.request_id for line in lines if line.kind is Kind.REQUEST}
    return set(MessageLog.objects.filter(request_id__in=asked).values_list("request_id", "side", "kind"))


def _write(stream: str, lines: Sequence[Line], known: set[_Once]) -> list[Fault | None]:
    head = _locked(stream)
    late = stamping_late()
    charge = _Charge({line.grant for line in lines if line.grant and line.kind is Kind.REQUEST})
    found: list[Fault | None] = []
    rows = []
    for line in lines:
        fault = _refused(line, known, late) or charge.refused(line)
        found.append(fault)
        if fault is None:
            known.add(line.once)
            rows.append(_row(line, head))
    charge.settle()
    if rows:
        insert(*rows)
        update(head, "seq", "hash")
    return found


_HEAD = Fixed(lambda: Chain.objects.select_for_update().filter(pk=Given("stream")))


def _locked(stream: str) -> Chain:
    """The end of the stream's chain, ours until the commit; begun with its first message."""
    if (found := _HEAD.first(stream=stream)) is None:
        Chain.objects.get_or_create(stream=stream)
        found = _HEAD.get(stream=stream)
    return found


def _refused(line: Line, known: set[_Once], late: bool) -> Fault | None:
    if late:
        return Fault(f"{line.place}LoggingFailed.TimestamperFailed", "Time-stamps have failed for too long")
    if line.once in known:
        return Fault(f"{line.place}InvalidRequest", "This message was received before")
    return None


def _row(line: Line, head: Chain) -> MessageLog:
    """The message as the next of its chain; moves the chain's end on."""
    asked, signed = line.asked, line.signed
    made = MessageLog(
        stream=head.stream, seq=head.seq + 1, before=head.hash, at=clock.now(), side=line.side, kind=line.kind,
        request_id=asked.request_id, message_id=asked.id, client=str(asked.client),
        service=str(asked.target.service), issue=asked.header(messages.ISSUE), user=asked.header(messages.USER),
        subsystem_id=line.subsystem, grant_id=line.grant, status=line.status, fault=line.fault[:200], head=signed.head,
        body=signed.body if options.LOG_BODIES.value else None, body_size=len(signed.body),
        body_digest=hashlib.sha512(signed.body).digest(), key_id=signed.key, signature=signed.signature,
    )  # fmt: skip
    made.hash = proofs.chained(proofs.record(made))
    head.seq, head.hash = made.seq, made.hash
    return made


class _Charge:
    """Calls counted against grants: their rows stay locked until the commit, so that no quota is overdrawn."""

    def __init__(self, ids: set[int]):
        self.grants = {one.pk: one for one in self._locked(ids)} if ids else {}
        self.today, self.now = clock.today(), clock.now()
        self.taken: Counter[int] = Counter()

    def _locked(self, ids: set[int]) -> QuerySet[Grant]:
        return Grant.objects.select_for_update(of=("self",)).select_related("entry").filter(pk__in=ids).order_by("pk")

    def refused(self, line: Line) -> Fault | None:
        """Why the call may not go through its grant; None: it is counted."""
        if line.grant is None or line.kind is not Kind.REQUEST:
            return None
        why = self._why(self.grants[line.grant])
        if why:
            return Fault(f"{line.place}AccessDenied", why)
        self.taken[line.grant] += 1
        return None

    def _why(self, grant: Grant) -> str:
        if grant.state != GrantState.ACTIVE:
            return _("授权已%(state)s。") % {"state": GrantState(grant.state).label}
        if not grant.begins <= self.today <= grant.expires:
            return _("授权只在 %(begins)s 至 %(expires)s 有效。") % {"begins": grant.begins, "expires": grant.expires}
        if grant.entry.state != State.PUBLISHED or grant.entry.sharing == Sharing.NONE:
            return _("目录条目已撤下或改为不予共享，授权不能再用。")
        used = grant.used if grant.used_on == self.today else 0
        if grant.quota is not None and used + self.taken[grant.pk] >= grant.quota:
            return _("今天的调用次数（%(quota)d 次）已用完。") % {"quota": grant.quota}
        return ""

    def settle(self) -> None:
        """Write the counts down."""
        for pk, count in self.taken.items():
            used = self.grants[pk].used if self.grants[pk].used_on == self.today else 0
            Grant.objects.filter(pk=pk).update(
                used=used + count, used_on=self.today, calls=F("calls") + count, last_used=self.now, unused_told=None
            )


def stamping_late() -> bool:
    """True if time-stamps have failed for longer than is acceptable: then no message is taken (UG-SYSPAR §3.7)."""
    if not options.TSA_URL.value:
        return False
    oldest = MessageLog.objects.filter(batch=None).order_by("pk").values_list("at", flat=True).first()
    return oldest is not None and clock.now() - oldest > timedelta(seconds=options.TSA_FAILURE.value)
