"""WeChat as a channel: template messages to who is tied to the Official Account; its access token, for all workers.

Stands beside `channels`, above the models. Where somebody is reached so, no SMS is sent, unless this fails for good.
"""

import logging
import time
from datetime import UTC, datetime, timedelta
from operator import attrgetter

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hexi.blocks.notices.channels import PATIENCE, Channel, Message, Outcome
from hexi.blocks.notices.models import WeixinToken
from hexi.blocks.people.vault import ring
from hexi.blocks.people.weixin import options as account
from hexi.kernel import clock
from hexi.kernel.options import Option
from hexi.ui.words import moment
from hexi.wire import webhooks_http as web
from hexi.wire import weixin as wire
from hexi.wire.weixin import Meaning

TEMPLATES = Option(
    "notices.weixin_templates", list, [],
    "微信模板，每条“消息的 key:模板编号:字段=title 或 body 或 at;…”，key 写 * 是其余所有消息；留空：不发微信。 / "
    "Templates at WeChat, each “key of the notice:template id:field=title, body or at;…”, * for every other notice; "
    "empty: nothing is sent by WeChat.",
)  # fmt: skip
log = logging.getLogger(__name__)
SEALED = "weixin"
#: a token is asked for anew so long before it ends; one worker asks, and no other for so many seconds
EARLY, LEASE = 300, 20
#: how long the others wait for it, and how often they look, in seconds
WAIT, LOOK = 5.0, 0.2
LONGEST = 100_000


def _now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)  # WeChat's clock is not moved with the demo's


# --- templates --------------------------------------------------------------------------------------------------------
def templates() -> dict[str, tuple[str, dict[str, str]]]:
    """Key of the notice to template id and its fields. Raises ValueError for one that is not written so."""
    found = {}
    for line in TEMPLATES.value:
        key, template, fields = (part.strip() for part in f"{line}::".split(":")[:3])
        pairs = {name: said for name, _is, said in (pair.strip().partition("=") for pair in fields.split(";")) if name}
        if not template or not pairs or not set(pairs.values()) <= {"title", "body", "at"}:
            raise ValueError(f"notices.weixin_templates: {line}")
        found[key] = template, pairs
    return found


def ready() -> bool:
    """True if the account and a template are set, each as it should be: nothing else that tells somebody may fail."""
    try:
        return bool(account.APP_ID.value and account.SECRET.value and templates())
    except ValueError as error:
        log.error("WeChat is not used, an option is wrong: %s", error)
        return False


def send(message: Message) -> Outcome:
    """One template message; a token that is refused is fetched anew once. Raises `OSError` to be tried again."""
    known = templates()
    chosen = known.get(message.notice) or known.get("*")
    if chosen is None:
        return Outcome(sent=False, answer=str(_("这种消息没有微信模板")), final=True)
    template, fields = chosen
    said = {"title": message.title, "body": message.body, "at": moment(clock.now())}
    body = wire.template_message(
        message.to, template, {name: said[part] for name, part in fields.items()}, message.link, message.key
    )
    used = token()
    found = _posted(body, used)
    if wire.meaning(found) == Meaning.TOKEN:
        found = _posted(body, token(refused=used))
    meant = wire.meaning(found)
    return Outcome(
        sent=meant == Meaning.DONE, answer=wire.words(found), final=meant in (Meaning.ELSEWHERE, Meaning.REFUSED)
    )


def _posted(body: bytes, used: str) -> dict:
    address = wire.template_address(account.API_URL.value, used)
    given = {"content-type": "application/json; charset=utf-8"}
    return _answered("POST", address, body, given)


def _answered(method: str, address: str, body: bytes | None, given: dict[str, str]) -> dict:
    """What WeChat says. Its address is the operator's own choice, so it may lie inside. Raises `OSError`."""
    try:
        with web.asked(method, address, body, given, private=True, patience=PATIENCE) as answer:
            return wire.answer(answer.status, answer.read(LONGEST))
    except (web.Refused, wire.BadAnswer) as error:
        raise OSError(str(error)) from error


# --- the access token -------------------------------------------------------------------------------------------------
def token(*, refused: str = "") -> str:
    """The account's access token, good for all workers: a new one ends the old, so only one worker asks at a time.

    `refused`: WeChat would not take this one; nobody asks again if another worker has fetched a newer. The others use
    the old one while it is good, else wait a little. Raises `OSError` to be tried again.
    """
    row, _new = WeixinToken.objects.get_or_create(app_id=account.APP_ID.value)
    end = time.monotonic() + WAIT
    while True:
        if (good := _good(row, refused)) and row.renew_at and row.renew_at > _now():
            return good
        if _claimed(row):
            return _fetched(row)
        if good:
            return good
        if time.monotonic() > end:
            raise OSError("another worker asks WeChat for the access token")
        time.sleep(LOOK)
        row.refresh_from_db()


def _good(row: WeixinToken, refused: str) -> str:
    """The token of the row; "" if there is none, it has ended, or it is the refused one."""
    if not row.token or row.ends_at is None or row.ends_at <= _now():
        return ""
    try:
        found = ring().open(row.token, SEALED)
    except ImproperlyConfigured:  # sealed with a key that is gone: fetched anew
        return ""
    return "" if found == refused else found


def _claimed(row: WeixinToken) -> bool:
    """True for the one worker who may ask: the row is as it was read, and nobody is asking."""
    now = _now()
    free = Q(asking_until=None) | Q(asking_until__lt=now)
    mine = WeixinToken.objects.filter(free, pk=row.pk, token=row.token)
    return bool(mine.update(asking_until=now + timedelta(seconds=LEASE)))


def _fetched(row: WeixinToken) -> str:
    address = wire.token_address(account.API_URL.value, account.APP_ID.value, account.SECRET.value)
    try:
        found, seconds = wire.token(_answered("GET", address, None, {}))
    except wire.BadAnswer as error:
        raise OSError(str(error)) from error
    else:
        now = _now()
        WeixinToken.objects.filter(pk=row.pk).update(
            token=ring().seal(found, SEALED), ends_at=now + timedelta(seconds=seconds),
            renew_at=now + timedelta(seconds=max(0, seconds - EARLY)),
        )  # fmt: skip
        return found
    finally:
        WeixinToken.objects.filter(pk=row.pk).update(asking_until=None)


def mask(openid: str) -> str:
    """o-12345… → o-1***."""
    return f"{openid[:3]}***" if openid else ""


WEIXIN = Channel("weixin", _("微信"), send, attrgetter("weixin"), ready, mask, stands_for=("sms",))
