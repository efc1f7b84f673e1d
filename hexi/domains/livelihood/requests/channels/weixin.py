"""Orders by WeChat (docs/weixin.md): what is written to the Official Account becomes orders; news go back by template.

Between `operations` and the pages. A message that is pushed again is the same order.
"""

import hashlib
import http.client
import io
import re
from datetime import timedelta
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from hexi.blocks.cases.models import Case
from hexi.blocks.notices import weixin as channel
from hexi.blocks.notices.channels import Message as Notice
from hexi.blocks.people.models import Person
from hexi.blocks.people.queries import account_of_openid
from hexi.blocks.people.vault import ring
from hexi.domains.livelihood.requests import callers, operations, options, rates
from hexi.domains.livelihood.requests.channels.news import link, news
from hexi.domains.livelihood.requests.models import Request, WeixinSender
from hexi.domains.livelihood.requests.operations import Said
from hexi.domains.livelihood.requests.states import State
from hexi.kernel import clock
from hexi.kernel.actors import System
from hexi.wire import webhooks_http as web
from hexi.wire import weixin as wire

CHANNEL = "weixin"
BY = System("weixin")
KIND = "requests.weixin"
NUMBER = re.compile(r"H[0-9]{12,24}")
#: seconds to wait for a picture: WeChat wants its answer in five; longest picture, in bytes
PATIENCE, MOST_BYTES = 3, 10_000_000


# --- in ---------------------------------------------------------------------------------------------------------------
def hear(message: wire.Message) -> str:
    """Take a message in; what is answered at once, "" for nothing."""
    if message.kind == wire.EVENT:
        return _welcome() if message.event == wire.SUBSCRIBED else ""
    try:
        if message.kind == wire.TEXT:
            return _words(message)
        if message.kind == wire.IMAGE:
            return _picture(message)
    except ValidationError as error:
        return " ".join(error.messages)
    return _("请用文字写明什么事、在哪里；也可以先发照片。")


def _welcome() -> str:
    return _("请直接写明什么事、在哪里，我们登记后告诉您编号。照片请先发。紧急情况请拨打 110、119、120。")


def _words(message: wire.Message) -> str:
    if found := NUMBER.fullmatch(message.text.strip()):
        return _stands(found[0], message.sender)
    order = taken(message)
    return _("已登记，编号 %(number)s。回复编号可查进度。") % {"number": order.case.number}


def _stands(number: str, sender: str) -> str:
    """How an order stands, for who wrote it."""
    order = Request.objects.select_related("case").filter(case__number=number).first()
    if order is None or order.contact.get("weixin") != sender:
        return _("没有找到您的这件诉求，请核对编号。")
    return f"{number}：{State(order.case.state).label}"


def taken(message: wire.Message) -> Request:
    """The order of a message: the same one however often, and at once, it is pushed. Raises `ValidationError`."""
    submission = hashlib.sha256(message.key.encode()).hexdigest()[:48]
    with transaction.atomic():
        sender = _sender(message.sender)  # locked: one message of one man after the other
        earlier = Case.objects.filter(submission=f"{CHANNEL}:{submission}").first()
        if earlier is not None:
            return Request.objects.select_related("case__department").get(case=earlier)
        rates.spend_weixin(message.sender)
        person = _person(message.sender)
        said = Said(  # `source_ref` is read at the workbench: the message's number, never who wrote it
            text=message.text, place_code=options.WEIXIN_REGION.value, weixin=message.sender,
            name=person.name if person else "", phone=person.phone if person else "",
            source_ref=message.key.partition(":")[2][-60:],
        )  # fmt: skip
        order, _new = operations.receive(
            said, by=BY, submission=submission, channel=CHANNEL, applicant=person, report=sender.report
        )
        WeixinSender.objects.filter(pk=sender.pk).update(report=None, at=clock.now())
    return order


def _sender(openid: str) -> WeixinSender:
    sign = ring().lookup(openid, KIND)
    row, _new = WeixinSender.objects.get_or_create(sign=sign)
    return WeixinSender.objects.select_for_update().get(pk=row.pk)


def _person(openid: str) -> Person | None:
    account = account_of_openid(openid)
    return account.person if account else None


def _picture(message: wire.Message) -> str:
    """A picture waits for the words; it is fetched before anything is locked."""
    content = _fetched(message.picture)
    voice = callers.unknown(f"weixin:{message.sender}")
    with transaction.atomic():
        sender = _sender(message.sender)
        report = sender.report
        if report is None or report.sent_id:
            rates.spend_weixin(message.sender)
            report = operations.begin(by=voice)
            WeixinSender.objects.filter(pk=sender.pk).update(report=report, at=clock.now())
        operations.take_picture(report, io.BytesIO(content), by=voice)
    return _("照片已收到。请再用文字写明什么事、在哪里。")


def _fetched(address: str) -> bytes:
    """The picture, from WeChat's own hosts alone. Raises `ValidationError`."""
    sorry = _("照片没有收到，请再发一次。")
    try:
        host = urlsplit(address).netloc
    except ValueError:
        host = ""
    if host not in options.WEIXIN_PICTURES.value:
        raise ValidationError(sorry)
    try:
        private = options.WEIXIN_PRIVATE.value
        status, content = web.get(address, private=private, patience=PATIENCE, most=MOST_BYTES, accept="image/*")
    except (OSError, web.Refused, http.client.HTTPException) as error:
        raise ValidationError(sorry) from error
    if status != 200:
        raise ValidationError(sorry)
    return content


def forget(days: int = 7, most: int = 1000) -> int:
    """Delete who has not written for so many days; nothing says who he was. How many."""
    old = WeixinSender.objects.filter(at__lt=clock.now() - timedelta(days=days), report=None)
    gone = list(old.order_by("pk").values_list("pk", flat=True)[:most])
    return int(WeixinSender.objects.filter(pk__in=gone).delete()[0])


# --- back -------------------------------------------------------------------------------------------------------------
def back(request: Request, kind: str) -> bool:
    """Send news to who wrote by WeChat and has no account here (others are told as everybody); False if nobody.

    The same news has the same key at every try. Raises `OSError` to be tried again.
    """
    openid = str(request.contact.get("weixin") or "")
    if not openid or request.case.applicant_id or not channel.ready():
        return False
    title, text, key = news(request, kind)
    if not text:
        return False
    number = request.case.number
    mark = hashlib.sha256(key.encode()).hexdigest()[:32]
    outcome = channel.send(Notice(openid, f"[{number}] {title}", text, link(request), mark, f"requests.{kind}"))
    if not outcome.sent and not outcome.final:
        raise OSError(outcome.answer)
    return outcome.sent
