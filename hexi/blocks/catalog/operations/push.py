"""Push with receipt: what happens to an entry is sent to those who follow it elsewhere, each piece once and in order.

A piece waits until the subscriber's gateway has signed that it came; the next one is not sent before. Sent twice (the
sender died before it wrote the receipt down) it is taken once: the receiver knows its number and its digest.
"""

import base64
import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Max, Q
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.catalog.hooks import piece_received
from hexi.blocks.catalog.models import (
    Delivery,
    Entry,
    Feed,
    Grant,
    GrantState,
    Received,
    Subsystem,
)
from hexi.blocks.catalog.operations.calling import call, name_of
from hexi.blocks.catalog.queries import directory
from hexi.blocks.catalog.queries.exchange import GRANT
from hexi.kernel import clock
from hexi.kernel.actors import Actor, require
from hexi.wire.xroad import errors, messages, names, transport
from hexi.wire.xroad.errors import CLIENT, CONSUMER, Fault

#: address of the service that takes pieces, and its stream in the log of the sender
INBOX, STREAM = "hexi:inbox", "push"
#: how long another process may be at a piece, and the longest pause between two tries
LEASE, LONGEST, PATIENCE = timedelta(minutes=2), timedelta(hours=1), 20


def follow(grant: Grant, sender: Subsystem, *, service: str, by: Actor) -> Feed:
    """Send what happens to the grant's entry to a service of the consumer from now on. Twice is once.

    `sender` is a system of the provider, in whose name it is sent; `service` the full name of what takes it.
    """
    entry = grant.entry
    require(by, GRANT, entry.provider_id, entry.region_code)
    try:
        target = names.service(service)
    except names.WrongName as error:
        raise ValidationError({"service": str(error)}) from error
    consumer = grant.subsystem
    if consumer is None or target.client != name_of(consumer):
        raise ValidationError({"service": _("只能推送给得到授权的子系统。")})
    if sender.member.department_id != entry.provider_id:
        raise ValidationError({"sender": _("请选提供方自己的子系统。")})
    with change(by, "catalog.follow", grant, service=service):
        before = Feed.objects.filter(entry=entry, service=service).first()
        if before and before.last and before.sender_id != sender.pk:
            raise ValidationError({"sender": _("这项推送已经以另一个子系统的名义发过，请仍选它。")})
        found, _made = Feed.objects.update_or_create(
            entry=entry, service=service, defaults={"grant": grant, "sender": sender, "active": True}
        )
    return found


def stop(feed: Feed, *, by: Actor) -> None:
    """Send nothing more; what waits is dropped. Numbers go on where the receiver stands, if it is followed again.

    A piece that was tried may have come: it stays, and is the first if the feed goes on.
    """
    require(by, GRANT, feed.entry.provider_id, feed.entry.region_code)
    with change(by, "catalog.stop_feed", feed):
        Feed.objects.select_for_update().get(pk=feed.pk)
        feed.deliveries.filter(received_at=None, tries=0).delete()
        last = feed.deliveries.aggregate(last=Max("number"))["last"] or 0
        Feed.objects.filter(pk=feed.pk).update(active=False, last=last)


def in_force() -> Q:
    """Feeds that may be sent now: followed, and under a grant that holds."""
    today = clock.today()
    return Q(
        active=True, grant__state=GrantState.ACTIVE, grant__begins__lte=today, grant__expires__gte=today
    )  # fmt: skip


def announce(entry: Entry, at: datetime) -> None:
    """Rows were brought up to date (hook `rows_refreshed`)."""
    _announce(entry, "rows_refreshed", at)


def announce_change(entry: Entry, by: Actor) -> None:
    """Another revision is in force (hook `entry_published`); nobody follows what never was published."""
    _announce(entry, "entry_changed", clock.now())


def announce_end(entry: Entry, by: Actor) -> None:
    """The data set is taken back (hook `entry_withdrawn`): the last piece its followers get."""
    _announce(entry, "entry_withdrawn", clock.now())


def _announce(entry: Entry, what: str, at: datetime) -> None:
    """A piece for every feed, in the caller's transaction."""
    for feed in Feed.objects.select_for_update(of=("self",)).filter(in_force(), entry=entry).order_by("pk"):
        add(feed, {"what": what, "at": at.isoformat()})


def add(feed: Feed, said: dict[str, Any]) -> Delivery:
    """The next piece of a feed."""
    with transaction.atomic():
        Feed.objects.filter(pk=feed.pk).update(last=F("last") + 1)
        number = Feed.objects.values_list("last", flat=True).get(pk=feed.pk)
        body = json.dumps({**said, "entry": feed.entry.code, "number": number}, ensure_ascii=False, sort_keys=True)
        return Delivery.objects.create(feed=feed, number=number, body=body.encode())


def push() -> int:
    """Send what waits, of each feed as far as it goes; how many receipts came."""
    waiting = Delivery.objects.filter(received_at=None, feed__active=True).values_list("feed", flat=True)
    known = directory.read()
    return sum(_push(feed, known) for feed in Feed.objects.filter(in_force(), pk__in=set(waiting)).order_by("pk"))


def _push(feed: Feed, known: directory.Directory) -> int:
    done = 0
    while (one := feed.deliveries.filter(received_at=None).order_by("number").first()) is not None:
        now = clock.now()
        mine = Delivery.objects.filter(pk=one.pk, received_at=None, due__lte=now).update(
            due=now + LEASE, tries=F("tries") + 1
        )
        if not mine or not _sent(feed, one, known):
            break
        done += 1
    return done


def _sent(feed: Feed, one: Delivery, known: directory.Directory) -> bool:
    """One piece on its way; True once its receipt is written down."""
    try:
        answer, signed = _called(feed, one, known)
        if answer.status != 200:
            raise Fault(answer.header(errors.HEADER) or f"HTTP {answer.status}", answer.body.decode(errors="replace"))
        if json.loads(answer.body).get("digest") != hashlib.sha256(bytes(one.body)).hexdigest():
            raise Fault(f"{CONSUMER}InconsistentResponse", "The receipt is for another piece")
    except (Fault, ValueError, AttributeError, OSError) as error:
        pause = min(timedelta(seconds=15 * 2 ** min(one.tries, 10)), LONGEST)
        Delivery.objects.filter(pk=one.pk).update(answer=str(error)[:300], due=clock.now() + pause)
        return False
    receipt = json.dumps(
        {"key": signed.key, "signature": base64.b64encode(signed.signature).decode(), "head": signed.head.decode()}
    )
    Delivery.objects.filter(pk=one.pk).update(received_at=clock.now(), receipt=receipt, answer="")
    return True


def _called(feed: Feed, one: Delivery, known: directory.Directory) -> tuple[messages.Response, transport.Signed]:
    raw = f"/r1/{feed.service}/{feed.name}/{one.number}"
    return call(feed.sender, "POST", raw, bytes(one.body), stream=STREAM, known=known, patience=PATIENCE)


# --- at the other end -------------------------------------------------------------------------------------------------
def take(asked: messages.Request) -> messages.Response:
    """A piece came (service at `hexi:inbox`): kept if it is the next one; the answer is its receipt.

    One that is there already is acknowledged again, a gap is refused with the number that is awaited.
    """
    _slash, *parts = asked.target.path.split("/")
    if asked.method != "POST" or len(parts) != 2 or not parts[1].isdecimal() or not int(parts[1][:19]) > 0:
        raise Fault(f"{CLIENT}BadRequest", "Send POST /feed/number")
    sender, feed, number = str(asked.client), parts[0][:80], int(parts[1])
    digest = hashlib.sha256(asked.body).hexdigest()
    with transaction.atomic():
        last = Received.objects.select_for_update().filter(sender=sender, feed=feed).order_by("-number").first()
        awaited = last.number + 1 if last else 1
        if number > awaited:
            said = json.dumps({"awaited": awaited}).encode()
            return messages.response(asked, 409, "Conflict", [("content-type", "application/json")], said)
        kept, made = Received.objects.get_or_create(
            sender=sender, feed=feed, number=number,
            defaults={"body": asked.body, "digest": digest, "subsystem": _ours(asked), **_said(asked.body)},
        )  # fmt: skip
        if kept.digest != digest:
            raise Fault(f"{CLIENT}BadRequest", f"Piece {number} came before with another content")
        if made:
            piece_received.ring(piece=kept)
    said = json.dumps({"received": number, "digest": digest}).encode()
    return messages.response(asked, 200, "OK", [("content-type", "application/json")], said)


def _ours(asked: messages.Request) -> Subsystem | None:
    """The system of ours whose inbox it is."""
    name = asked.target.service.client
    return Subsystem.objects.filter(
        member__instance=name.instance, member__member_class=name.member_class, member__code=name.member,
        code=name.subsystem,
    ).first()  # fmt: skip


def _said(body: bytes) -> dict[str, str]:
    """What a piece says of itself, for lists; what cannot be read or shown says nothing."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    found = {name: said.get(name) for name in ("what", "entry")} if isinstance(said, dict) else {}
    return {name: one[:40] for name, one in found.items() if isinstance(one, str) and one.isprintable()}
