"""Following an order by e-mail without an account: asked for on its page, confirmed from the mailbox, stopped there."""

import secrets

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.notices.channels import Message, send_mail
from hexi.blocks.notices.operations import SITE_URL
from hexi.domains.livelihood.requests import callers, followers, hooks, queries, rates
from hexi.domains.livelihood.requests.models import MailFollow, Request
from hexi.domains.livelihood.requests.states import State
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied

#: what the link of the first letter is for
YES = "yes"
#: signs of an address at most (RFC 5321 §4.5.3.1.3)
LONGEST = 254


def ask_by_mail(request: Request, *, mail: str, network: str, language: str, by: Actor) -> None:
    """Somebody wants to hear of an order at a mailbox: a letter there asks whether that is so. Whether the mailbox
    follows already is not told to who asks. Raises `ValidationError` for what is no address, or asked too often."""
    mail = mail.strip()
    try:
        validate_email(mail if len(mail) <= LONGEST else "")
    except ValidationError as error:
        said = _("邮箱地址写得不对，如 name@example.com。")
        raise ValidationError({"mail": said}) from error
    if request.secret or not queries.open_to_all("").filter(pk=request.pk).exists():
        raise Denied(_("这件诉求不公开，不能关注。"))
    with change(by, "requests.ask_by_mail", request):
        rates.spend_mail_follow(mail, network)
        row, _new = MailFollow.objects.get_or_create(
            request=request, lookup=callers.lookup_mail(mail),
            defaults={"key": secrets.token_hex(16), "mail": mail, "language": language[:10]},
        )  # fmt: skip
        if row.confirmed_at is None or row.stopped_at is not None:
            MailFollow.objects.filter(pk=row.pk).update(at=clock.now())
            hooks.mail_follow_asked.ring(follow=row, by=by)


def confirm_by_mail(token: str, *, by: Actor) -> Request:
    """From the mailbox: yes. Twice is once. Raises `signing.BadSignature`, `DoesNotExist` if forgotten meanwhile."""
    row = _row(token, YES)
    with change(by, "requests.confirm_by_mail", row.request):
        last = row.request.case.events.order_by("-pk").values_list("pk", flat=True).first() or 0
        MailFollow.objects.filter(pk=row.pk).update(confirmed_at=clock.now(), stopped_at=None, told=last)
    return row.request


def asked_for(token: str) -> Request:
    """The order a confirming link is about."""
    return _row(token, YES).request


def _row(token: str, purpose: str) -> MailFollow:
    _account, kind, key = followers.read_token(token)
    if kind != purpose:
        raise ValueError(kind)
    return MailFollow.objects.select_related("request__case__department").get(key=key)


def stop_mail(key: str, *, again: bool, by: Actor) -> str:
    """No more letters to this mailbox about the order, or (`again`) they go on; the order's number."""
    row = MailFollow.objects.select_related("request__case").get(key=key, confirmed_at__isnull=False)
    with change(by, "requests.follow" if again else "requests.unfollow", row.request, mail=True):
        MailFollow.objects.filter(pk=row.pk).update(stopped_at=None if again else clock.now())
    return row.request.case.number


def number_of(key: str) -> str:
    """The number of the order a mailbox follows."""
    row = MailFollow.objects.select_related("request__case").get(key=key, confirmed_at__isnull=False)
    return row.request.case.number


def forget_unconfirmed(before: object) -> int:
    """Delete what nobody confirmed, and mailboxes that stopped: nothing is kept of them."""
    old = MailFollow.objects.filter(at__lt=before)
    return int((old.filter(confirmed_at=None) | old.filter(stopped_at__lt=before)).delete()[0])


# --- letters ----------------------------------------------------------------------------------------------------------
def send_question(row: MailFollow) -> None:
    """The letter that asks for a yes. Raises `OSError` to be tried again."""
    number = row.request.case.number
    with translation.override(row.language):
        link = _address("requests.confirm_mail", followers.mail_token(row.key, YES))
        text = _(
            "有人用这个邮箱要求关注诉求 %(number)s 的办理进展。是您的话，请打开下面的链接并点“确认”；"
            "不是的话，不用理会，不会再收到邮件。"
        )
        title = _("请确认关注")
    key = f"ask.{row.key}.{int(row.at.timestamp())}"
    message = Message(row.mail, f"[{number}] {title}", text % {"number": number}, link, key)
    _sent(message)


def tell_mailboxes(request: Request) -> int:
    """Whoever follows by e-mail hears how the order stands now; of each step once, however often it is tried.

    Raises the last `OSError` when all have been tried: those not reached are tried again, the others not.
    """
    event = request.case.events.order_by("-pk").values_list("pk", flat=True).first() or 0
    waiting = MailFollow.objects.filter(request=request, confirmed_at__isnull=False, stopped_at=None, told__lt=event)
    failed, sent = None, 0
    for row in [] if request.secret else list(waiting.order_by("pk")):
        try:
            _sent(_news(row, request, event))
        except OSError as error:
            failed = error
            continue
        sent += MailFollow.objects.filter(pk=row.pk, told__lt=event).update(told=event)
    if failed is not None:
        raise failed
    return sent


def _news(row: MailFollow, request: Request, event: int) -> Message:
    case = request.case
    with translation.override(row.language):
        told = {"number": case.number, "state": State(case.state).label, "office": case.department.title}
        text = _("诉求 %(number)s 有新进展：%(state)s（%(office)s）。") % told
        if case.state == State.REFUSED:
            text = _("诉求 %(number)s 不属受理范围。请找：%(owner)s") % {**told, "owner": request.next_owner}
        stop = _address("requests.stop_following", followers.mail_token(row.key, followers.MAIL))
        text += "\n\n" + _("不再关注：%(stop)s") % {"stop": stop}
        title = _("您关注的诉求有新进展")
    link, key = _address("requests.public", case.number), f"follow.{row.key}.{event}"
    return Message(row.mail, f"[{case.number}] {title}", text, link, key, stop=stop)


def _address(page: str, argument: str) -> str:
    return SITE_URL.value.rstrip("/") + reverse(page, args=[argument])


def _sent(message: Message) -> None:
    outcome = send_mail(message)
    if not outcome.sent and not outcome.final:
        raise OSError(outcome.answer)
