"""Telling people, sending by the channels, marking as read, wishes about channels, and talks about a thing."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.notices import queries
from hexi.blocks.notices.channels import Message, Outcome, channels, ready
from hexi.blocks.notices.contacts import Phone, Recipient, contact_of, recipient_of
from hexi.blocks.notices.hooks import delivery_made
from hexi.blocks.notices.models import Delivery, Line, Notice, Preference, Talk
from hexi.blocks.notices.wording import Fact, Filled, fill, templates
from hexi.blocks.people.models import Account, Person
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, require
from hexi.kernel.fixed import insert
from hexi.kernel.options import Option

TRIES = Option(
    "notices.tries", int, 7,
    "电子邮件或短信试几次后放弃：隔 1、4、16、64…… 分钟。 / "
    "Tries before an e-mail or SMS is given up: after 1, 4, 16, 64 … minutes.",
)  # fmt: skip


class SiteUrl(Option[str]):
    """An option that, left empty, is the address of the web server on this machine."""

    @property
    def value(self) -> str:
        """The value in force."""
        return super().value or f"http://localhost:{settings.HEXI_PORT}"


SITE_URL = SiteUrl(
    "notices.site_url", str, "",
    "电子邮件、短信、证照和二维码里写的本站地址；留空：本机，site.port。 / "
    "Address of this site as e-mails, SMS, certificates and QR codes name it; empty: this host, site.port.",
)  # fmt: skip
#: minutes after which a try whose process died is made again
LEASE = 10
LONGEST_LINE = 2000
TEST_PAUSE = timedelta(minutes=10)
log = logging.getLogger(__name__)


def tell(
    whom: Recipient | Iterable[Recipient],
    key: str,
    *,
    about: models.Model | None = None,
    facts: Mapping[str, Fact] | None = None,
    by: Actor,
) -> list[Notice]:
    """Put the notice `key` into each one's inbox and send it by the template's channels, in the caller's transaction.

    A person is told once, whoever acts for him; a bare phone only by SMS. A channel is left out if it is not set up,
    has no address, or is not wanted. A fact `stop` is the whole address by which the reader stops such notices:
    letters say so to mail programs.
    Raises LookupError for an unknown template and TypeError for missing or unknown facts.
    """
    recipients = [whom] if isinstance(whom, models.Model | Phone) else list(dict.fromkeys(whom))
    filled, kind_ref = fill(key, facts or {}), queries.name_of(about) if about is not None else ("", "")
    stop = str((facts or {}).get("stop", ""))
    with transaction.atomic(savepoint=False):
        return [_tell_one(recipient, key, filled, kind_ref, by, stop) for recipient in recipients]


def _tell_one(recipient: Recipient, key: str, filled: Filled, about: tuple[str, str], by: Actor, stop: str) -> Notice:
    notice = Notice(
        **_reader(recipient), key=key, title_zh=filled.title, body_zh=filled.body, title_en=filled.title_en,
        body_en=filled.body_en, link=filled.link, about_kind=about[0], about_ref=about[1],
        by_key=by.key, at=clock.now(), stop=stop,
    )  # fmt: skip
    insert(notice)
    for channel in _channels_for(key, recipient):
        delivery = Delivery.objects.create(notice=notice, channel=channel, due=notice.at, made_at=notice.at)
        delivery_made.ring(delivery=delivery)
    return notice


def _reader(recipient: Recipient) -> dict[str, Account | Person | str]:
    if isinstance(recipient, Phone):
        return {"phone": recipient.number}
    return {"account" if isinstance(recipient, Account) else "person": recipient}


def _channels_for(key: str, recipient: Recipient) -> list[str]:
    """The template's channels that are set up, wanted and have an address; not those another stands for."""
    named = set(templates()[key].channels)
    offered = [channel for channel in ready() if channel.key in named or named.intersection(channel.stands_for)]
    if not offered:
        return []
    contact = contact_of(recipient)
    unwanted = queries.unwanted(contact.account_id)
    usable = [one for one in offered if one.key not in unwanted and one.address(contact)]
    replaced = {other for one in usable for other in one.stands_for}
    return [one.key for one in usable if one.key not in replaced]


def deliver(delivery_id: int) -> Outcome | None:
    """Try to send a delivery that is due; None if it is not, or another process is at it.

    The try is noted before it is made and its outcome after it, each in a short transaction of its own, so that no
    lock is held while a server answers. If the process dies in between, the delivery is due again after LEASE minutes.
    """
    delivery = _claim(delivery_id)
    if delivery is None:
        return None
    outcome = _send(delivery)
    _note(delivery, outcome)
    return outcome


def _claim(delivery_id: int) -> Delivery | None:
    now = clock.now()
    mine = Delivery.objects.filter(pk=delivery_id, state=Delivery.State.WAITING, due__lte=now).update(
        due=now + timedelta(minutes=LEASE), tries=models.F("tries") + 1
    )
    return Delivery.objects.select_related("notice__account", "notice__person").get(pk=delivery_id) if mine else None


def _send(delivery: Delivery) -> Outcome:
    channel = channels().get(delivery.channel)
    contact = contact_of(recipient_of(delivery.notice))
    to = channel.address(contact) if channel else ""
    if not channel or not to:
        return Outcome(sent=False, answer=_("没有可用的地址"), final=True)
    try:
        outcome = channel.send(_message(delivery, to, contact.language))
    except Exception as error:  # whatever the other side or its library does, the notice is kept and tried again
        log.warning("delivery %s by %s: %s", delivery.pk, delivery.channel, type(error).__name__)
        outcome = Outcome(sent=False, answer=f"{type(error).__name__}: {error}")
    # servers like to repeat the address; who mends the channel need not read it
    return replace(outcome, answer=outcome.answer.replace(to, channel.mask(to)))


def _message(delivery: Delivery, to: str, language: str) -> Message:
    notice = delivery.notice
    link = SITE_URL.value.rstrip("/") + notice.link if notice.link else ""
    with translation.override(language or "zh-hans"):
        return Message(
            to=to,
            title=notice.title,
            body=notice.body,
            link=link,
            key=str(delivery.once),
            notice=notice.key,
            stop=notice.stop,
        )


def _note(delivery: Delivery, outcome: Outcome) -> None:
    now = clock.now()
    changed: dict = {"answer": outcome.answer[:300]}
    if outcome.sent:
        changed |= {"state": Delivery.State.SENT, "sent_at": now}
    elif outcome.final or delivery.tries >= TRIES.value:
        changed |= {"state": Delivery.State.FAILED}
    else:
        changed |= {"due": now + pause_after(delivery.tries)}
    with transaction.atomic():
        noted = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.WAITING).update(**changed)
        if noted and changed.get("state") == Delivery.State.FAILED:
            _instead(delivery, now)


def _instead(delivery: Delivery, now: datetime) -> None:
    """What could not be sent goes out by the channels this one stood for, where the template names them. Once."""
    failed, notice = channels().get(delivery.channel), delivery.notice
    if failed is None or not failed.stands_for or notice.key not in templates():
        return
    contact = contact_of(recipient_of(notice))
    unwanted = queries.unwanted(contact.account_id)
    for other in ready():
        named = other.key in failed.stands_for and other.key in templates()[notice.key].channels
        if named and other.key not in unwanted and other.address(contact):
            row, new = Delivery.objects.get_or_create(
                notice=notice, channel=other.key, defaults={"due": now, "made_at": now}
            )
            if new:
                delivery_made.ring(delivery=row)


def pause_after(tries: int) -> timedelta:
    """How long to wait after so many failed tries: 1, 4, 16, 64 … minutes, at most a day."""
    return timedelta(minutes=min(4 ** (tries - 1), 1440))


def retry(delivery: Delivery, *, by: Actor) -> None:
    """Send again what was given up (right `notices.mend`); nothing happens if it is no longer so."""
    require(by, "notices.mend")
    with change(by, "notices.retry", delivery, channel=delivery.channel):
        again = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.FAILED).update(
            state=Delivery.State.WAITING, tries=0, due=clock.now()
        )
        if again:
            delivery_made.ring(delivery=delivery)


def read(notices: Iterable[Notice], *, by: Actor) -> datetime:
    """Mark notices of one's own as read; returns the moment, by which `unread` undoes it. A first reading stays."""
    return _read(queries.inbox(by).filter(pk__in=[notice.pk for notice in notices]))


def read_all(*, by: Actor) -> datetime:
    """Mark everything in one's inbox as read; returns the moment, as `read`."""
    return _read(queries.inbox(by))


def _read(mine: models.QuerySet[Notice]) -> datetime:
    moment = clock.now()
    mine.filter(read_at=None).update(read_at=moment)
    return moment


def unread(moment: datetime, *, by: Actor) -> int:
    """Mark as new again what one read at that very moment; returns how many."""
    return queries.inbox(by).filter(read_at=moment).update(read_at=None)


def want(wanted: Iterable[str], *, by: Actor) -> None:
    """Say by which of the channels that are set up one wants to be told besides the inbox."""
    account_id, offered = _account_of(by), {channel.key for channel in ready()}
    unwanted = sorted(offered - set(wanted))
    with change(by, "notices.want", f"account:{account_id}", unwanted=unwanted):
        Preference.objects.filter(account_id=account_id, channel__in=offered.difference(unwanted)).delete()
        rows = [Preference(account_id=account_id, channel=channel) for channel in unwanted]
        Preference.objects.bulk_create(rows, ignore_conflicts=True)


def try_channels(*, by: Actor) -> Notice:
    """Send oneself a test message by every channel one wants; once in TEST_PAUSE, for each SMS costs money."""
    account_id = _account_of(by)
    with change(by, "notices.test") as entry:
        account = Account.objects.select_for_update().get(pk=account_id)
        if account.notices.filter(key="notices.test", at__gt=clock.now() - TEST_PAUSE).exists():
            raise ValidationError(_("测试消息刚刚发过。请十分钟后再试。"))
        notice = tell(account, "notices.test", facts={"at": clock.now()}, by=by)[0]
        entry.thing = notice
    return notice


def say(thing: models.Model, *, topic: str, text: str, side: Line.Side, by: Actor, once: UUID | None = None) -> Line:
    """Add a line to the talk about one topic of a thing. The caller checks who may speak and on which side.

    `once` comes with the form: the same line sent twice stands once. Raises ValidationError for an empty or long text.
    """
    text = text.strip()
    if not text:
        raise ValidationError({"text": _("请写下要说的话。")})
    if len(text) > LONGEST_LINE:
        raise ValidationError({"text": _("留言不能超过%(n)s字，请分几次写。") % {"n": LONGEST_LINE}})
    kind, ref = queries.name_of(thing)
    with change(by, "notices.say", thing, topic=topic, side=str(side)):
        talk, _new = Talk.objects.get_or_create(about_kind=kind, about_ref=ref, topic=topic)
        said = {"talk": talk, "author_key": by.key, "author": by.name, "side": side, "text": text, "at": clock.now()}
        if once is None:
            return Line.objects.create(**said)
        return Line.objects.get_or_create(once=once, author_key=by.key, talk=talk, defaults=said)[0]


def _account_of(by: Actor) -> int:
    account_id: int | None = getattr(by, "account_id", None)
    if account_id is None:
        raise Denied(_("请先登录。"))
    return account_id
