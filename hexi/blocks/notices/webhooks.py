"""Telling other systems what happened: subscriptions, outbox, sending, sending again. As `operations`."""

import secrets
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.notices.hooks import webhook_due
from hexi.blocks.notices.models import Webhook, WebhookDelivery
from hexi.blocks.notices.operations import LEASE, SITE_URL
from hexi.blocks.people import keys
from hexi.blocks.people.models import ApiKey
from hexi.blocks.people.vault import ring
from hexi.kernel import clock
from hexi.kernel.actors import Actor
from hexi.kernel.fixed import Fixed
from hexi.kernel.manifest import added
from hexi.kernel.options import Option
from hexi.wire import webhooks_http

PRIVATE = Option(
    "notices.webhook_private", bool, False,
    "也向内网地址（10.…、127.…）推送。 / Send webhooks to addresses inside private networks as well (10.…, 127.…).",
)  # fmt: skip
#: what the secrets are sealed as
SEALED = "webhook"
#: how long an event is tried, the longest pause between tries, and seconds to wait for an answer
KEPT, LONGEST, PATIENCE = timedelta(days=2), timedelta(hours=4), 10
State = WebhookDelivery.State


@dataclass(frozen=True)
class EventType:
    """A kind of event that may be subscribed to: "cases.decided". A key gets it where it holds `verb`."""

    key: str
    title: Any
    verb: str


def event_types() -> dict[str, EventType]:
    """Every kind of event by its key."""
    return {one.key: one for one in added(EventType)}


def subscribe(key: ApiKey, *, url: str, events: Iterable[str], by: Actor) -> tuple[Webhook, str]:
    """Tell this address from now on; the secret that signs is shown now and never again.

    Needs `people.keys` for all the key reaches.
    """
    keys.require_reach(by, key)
    chosen = sorted(set(events))
    if not chosen or set(chosen) - set(event_types()):
        raise ValidationError({"events": _("请至少选择一种事件，且都在列表里。")})
    if not url.startswith(("https://", "http://")):
        raise ValidationError({"url": _("地址应以 https:// 开头（测试可用 http://）。")})
    secret = f"whsec_{secrets.token_urlsafe(32)}"
    made = Webhook(api_key=key, url=url, events=chosen, secret=ring().seal(secret, SEALED), made_at=clock.now())
    made.full_clean()
    with change(by, "notices.subscribe") as entry:
        made.save()
        entry.thing, entry.facts = made, {"url": url, "events": chosen, "key": key.pk}
    return made, secret


def stop(webhook: Webhook, *, by: Actor) -> None:
    """Tell this address no more; what is on its way is given up. Twice is once."""
    keys.require_reach(by, webhook.api_key)
    with change(by, "notices.unsubscribe", webhook):
        Webhook.objects.filter(pk=webhook.pk, withdrawn_at=None).update(withdrawn_at=clock.now())
        waiting = webhook.deliveries.filter(state=State.WAITING)
        waiting.update(state=State.DEAD, answer=_("订阅已停止"))


_IN_FORCE = Fixed(lambda: Webhook.objects.filter(withdrawn_at=None).select_related("api_key__department"))


def announce(type: str, subject: str, data: dict[str, Any], *, department: int | None, region: str) -> int:
    """Something happened: in the caller's transaction, an event for every webhook that wants it and may know of it.

    Returns to how many it will be sent. With the transaction undone nothing is sent.
    """
    known, at, event, made = event_types()[type], clock.now(), uuid.uuid4(), 0
    for webhook in _IN_FORCE.all():
        if type not in webhook.events or not _good(webhook.api_key):
            continue
        if not keys.acting(webhook.api_key).may(known.verb, department, region):
            continue
        delivery = WebhookDelivery.objects.create(
            webhook=webhook, event=event, type=type, subject=subject, at=at, since=at, due=at, data=data
        )
        webhook_due.ring(delivery=delivery)
        made += 1
    return made


def _good(key: ApiKey) -> bool:
    """True while one may speak by the key: what its system may not ask for it is not told either."""
    in_force = key.withdrawn_at is None and (key.expires is None or key.expires >= clock.today())
    return in_force and key.department.active


# --- sending ----------------------------------------------------------------------------------------------------------
def due(now: datetime) -> QuerySet[WebhookDelivery]:
    """What is to be sent now, oldest first: primary key and webhook."""
    waiting = WebhookDelivery.objects.filter(state=State.WAITING, due__lte=now)
    return waiting.order_by("due", "pk").values_list("pk", "webhook_id")


def deliver(delivery_id: int) -> bool | None:
    """Try once; True: taken, False: not, None: not due, or another process is at it.

    The try is noted before it is made and its outcome after it, so that no lock is held while a server answers. If the
    process dies in between it is tried again after LEASE minutes: the other side drops an id it has seen.
    """
    now = clock.now()
    mine = WebhookDelivery.objects.filter(pk=delivery_id, state=State.WAITING, due__lte=now).update(
        due=now + timedelta(minutes=LEASE), tries=F("tries") + 1
    )
    if not mine:
        return None
    delivery = WebhookDelivery.objects.select_related("webhook__api_key__department").get(pk=delivery_id)
    if not _good(delivery.webhook.api_key):
        _note(delivery, False, True, _("密钥已收回或过期"))
        return False
    status, answer, final = _sent(delivery)
    taken = 200 <= status < 300
    _note(delivery, taken, final, f"{status} {answer}".strip() if status else answer)
    return taken


def message(delivery: WebhookDelivery) -> webhooks_http.Event:
    """The event as it is sent."""
    return webhooks_http.Event(
        id=str(delivery.event), source=SITE_URL.value.rstrip("/"), type=f"cn.hexi.{delivery.type}",
        subject=delivery.subject, time=delivery.at.astimezone(clock.CHINA), data=delivery.data,
    )  # fmt: skip


def _sent(delivery: WebhookDelivery) -> tuple[int, str, bool]:
    """Status (0: none), words, and whether trying again is useless."""
    body, secret = message(delivery).body(), ring().open(delivery.webhook.secret, SEALED)
    # the receiver's clock is not moved with the demo's
    given = webhooks_http.headers(str(delivery.event), body, secret, int(time.time()))
    try:
        status, answer = webhooks_http.post(delivery.webhook.url, body, given, private=PRIVATE.value, patience=PATIENCE)
    except webhooks_http.Refused as error:
        return 0, str(error), True
    except OSError as error:
        return 0, f"{type(error).__name__}: {error}", False
    return status, answer, status == 410  # Gone: whoever lived there has moved out


def _note(delivery: WebhookDelivery, taken: bool, final: bool, answer: str) -> None:
    now = clock.now()
    changed: dict[str, Any] = {"answer": answer.replace("\0", "")[:300]}
    next_try = now + pause_after(delivery.tries)
    if taken:
        changed |= {"state": State.SENT, "sent_at": now}
    elif final or next_try > delivery.since + KEPT:
        changed |= {"state": State.DEAD}
    else:
        changed |= {"due": next_try}
    WebhookDelivery.objects.filter(pk=delivery.pk, state=State.WAITING).update(**changed)


def pause_after(tries: int) -> timedelta:
    """How long to wait after so many failed tries: 1, 2, 4, 8 … minutes, at most four hours."""
    return min(timedelta(minutes=2 ** min(tries - 1, 12)), LONGEST)


# --- given up ---------------------------------------------------------------------------------------------------------
def dead(actor: Actor) -> QuerySet[WebhookDelivery]:
    """What was given up, of the keys one looks after, newest first."""
    found = WebhookDelivery.objects.filter(keys.covered(actor, "webhook__api_key__"), state=State.DEAD)
    return found.select_related("webhook__api_key").order_by("-at", "-pk")


def send_again(delivery: WebhookDelivery, *, by: Actor) -> bool:
    """Begin the two days anew; False if it is no longer given up, or the subscription is stopped."""
    keys.require_reach(by, delivery.webhook.api_key)
    with change(by, "notices.send_again", delivery):
        now = clock.now()
        again = WebhookDelivery.objects.filter(pk=delivery.pk, state=State.DEAD, webhook__withdrawn_at=None)
        if not again.update(state=State.WAITING, tries=0, since=now, due=now):
            return False
        webhook_due.ring(delivery=delivery)
    return True
