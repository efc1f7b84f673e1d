"""What is told to who has no account here, by the way he came: WeChat, a letter, else an SMS to the phone he left."""

import re
from typing import NamedTuple

from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from hexi.blocks.notices import operations as notices
from hexi.blocks.notices.channels import SMS_URL, Message, send_sms
from hexi.domains.livelihood.requests import callers
from hexi.domains.livelihood.requests.models import Request
from hexi.domains.livelihood.requests.operations.parts import HANDLE
from hexi.domains.livelihood.requests.states import State
from hexi.ui.words import day

#: a phone that takes an SMS; signs of an answer that stand in one
MOBILE = re.compile(r"1[0-9]{10}")
SHORT = 60


class News(NamedTuple):
    """What an order is told; no words if there is nothing to tell. `key`: the same at every try of the same news."""

    title: str
    text: str
    key: str


def news(request: Request, kind: str, most: int | None = None) -> News:
    """Title and words of what an order was told. `most`: signs of an answer."""
    title, text, what = _told(request, kind, most)
    return News(title, text, ".".join(filter(None, (request.case.number, kind, what))))


def _told(request: Request, kind: str, most: int | None) -> tuple[str, str, str]:
    """Title, words, and by what this is told apart from other news of its kind."""
    if kind == "received":
        return _("已收到您的诉求"), _("您的诉求已经收到，编号 %(number)s。") % {"number": request.case.number}, ""
    if kind in ("merged", "again"):
        return _led(request, kind)
    if kind == "extended":
        # the clock of the first answer may run beside it, and is due sooner
        clocks = (request.lead or request).case.clocks.filter(kind=HANDLE, stopped_at=None)
        due = clocks.values_list("due", flat=True).first()
        told = _("办结期限延到%(due)s。原因见办理过程。") % {"due": day(due)} if due else ""
        return _("您的诉求延期了"), told, f"{due:%Y%m%d}" if due else ""
    if request.case.state == State.REFUSED:
        return _("您的诉求没有受理"), _("不属受理范围。请找：%(owner)s") % {"owner": request.next_owner}, ""
    # told late it is still what was said then, not the answer that came meanwhile
    last = request.replies.filter(final=kind == "answered").order_by("-pk").first()
    return _("您的诉求有了回复"), _answer(request, kind, last.text, most) if last else "", str(last.pk) if last else ""


def _led(request: Request, kind: str) -> tuple[str, str, str]:
    """The same of news about the order it follows; no words if it follows none any more."""
    lead = request.lead
    if lead is None:
        return "", "", ""
    number = {"number": lead.case.number}
    if kind == "merged":
        told = _("与 %(number)s 是同一件事，一并办理，结果会同样告诉您。") % number
        return _("您的诉求已有人反映过"), told, str(lead.pk)
    told = _("与 %(number)s 是同一件事，那一件没有解决，正在接着办，结果会再告诉您。") % number
    # told anew after each answer that did not help
    last = request.replies.filter(final=True).order_by("-pk").values_list("pk", flat=True).first()
    return _("您的诉求接着办"), told, f"{lead.pk}.{last}"


def _answer(request: Request, kind: str, text: str, most: int | None) -> str:
    said = Truncator(text).chars(most) if most else text
    if kind == "answered":
        return said + "\n\n" + _("请打开下面的链接，告诉我们解决了没有。")
    return said + "\n\n" + _("%(day)s前答复结果。") % {"day": day(request.promised)} if request.promised else said


def link(request: Request) -> str:
    """The address by which somebody without an account sees his order."""
    return notices.SITE_URL.value.rstrip("/") + reverse("requests.linked", args=[callers.sign(request.case.number)])


def by_sms(request: Request, kind: str) -> bool:
    """Send it to the phone somebody left, if an SMS can be sent there; False if there is nobody.

    The same news has the same key at every try. Raises `OSError` to be tried again.
    """
    phone = callers.plain_phone(str(request.contact.get("phone") or ""))
    _title, text, key = news(request, kind, SHORT)
    if not SMS_URL.value or request.case.applicant_id or not MOBILE.fullmatch(phone) or not text:
        return False
    number = request.case.number
    body = text if number in text else f"[{number}] {text}"
    outcome = send_sms(Message(phone, "", body, link(request), key))
    if not outcome.sent and not outcome.final:
        raise OSError(outcome.answer)
    return outcome.sent
