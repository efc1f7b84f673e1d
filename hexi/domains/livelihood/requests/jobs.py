"""Done later: orders sent out, followers told, answers nobody rates closed, topics found, the past cleared."""

import logging
from datetime import timedelta

from django.core.exceptions import ValidationError

from hexi.blocks.notices.channels import MAIL_HOST
from hexi.domains.livelihood.requests import followers, operations, options, photos, rates
from hexi.domains.livelihood.requests.channels import accounts, mail, telephony, weixin
from hexi.domains.livelihood.requests.channels.back import back
from hexi.domains.livelihood.requests.models import Hotline, MailFollow, Request, Seat
from hexi.domains.livelihood.requests.operations import asking, intake, mailing, merging, picturing
from hexi.domains.livelihood.requests.states import State
from hexi.kernel import clock
from hexi.kernel.actors import System

BY = System("requests")
log = logging.getLogger(__name__)


def carry(request: int, by: str) -> None:
    """Whoever follows this order hears what it was told; each in a transaction of its own, so it may stop and go on."""
    for one in _following(request, State.MERGED, State.ANSWERED):
        operations.carry(one, by=BY)


def pass_on(request: int, by: str) -> None:
    """The same of the first word."""
    for one in _following(request, State.MERGED):
        operations.pass_on(one, by=BY)


def pass_extension(request: int, by: str) -> None:
    """The same of more time."""
    for one in _following(request, State.MERGED):
        operations.pass_extension(one, by=BY)


def again(request: int, by: str) -> None:
    """The order is to be done again: so is what was told its answer and has not ended."""
    for one in _following(request, State.ANSWERED):
        operations.again(one, by=BY)


def _following(request: int, *states: State) -> list[Request]:
    return list(Request.objects.filter(lead=request, case__state__in=states).select_related("case").order_by("pk"))


def close_silent() -> None:
    """Close answers that have waited long enough for a rating."""
    for request in asking.silent():
        try:
            operations.close_silent(request, by=BY)
        except ValidationError:
            continue  # somebody rated it this moment


def clear() -> None:
    """Delete reports nobody sent, calls that became no order, and who sent how often."""
    while intake.clear_reports():  # some at a time, until none is left
        pass
    while operations.clear_calls(options.CALL_DAYS.value):
        pass
    while weixin.forget():
        pass
    rates.forget()
    mailing.forget_unconfirmed(clock.now() - timedelta(days=3))


def send(request: int, by: str) -> None:
    """An order that came in goes out by itself, if that is switched on and the proposal is sure enough."""
    row = Request.objects.select_related("case").filter(pk=request).first()
    if row is not None:
        try:
            operations.dispatch_alone(row, by=BY)
        except ValidationError:
            return  # a dispatcher took it this moment


def make_copies(request: int, by: str) -> None:
    """Copies for everybody of the photos of an order that was just published, or got another photo."""
    picturing.make_copies(Request.objects.select_related("case").get(pk=request))


def make_missing_copies() -> None:
    """The same for whatever was published while the detectors were missing or a process died."""
    for request in photos.without_copies():
        picturing.make_copies(request)


def send_digests() -> None:
    """The letter of each Monday, from nine on; run late or twice, each goes out once.

    One that cannot be written holds up no other; then the job has failed, and is tried again.
    """
    failed = None
    for one in followers.waiting(clock.now()):
        try:
            operations.send_digest(one, by=BY)
        except Exception as error:
            log.exception("the letter %s was not written", one.pk)
            failed = error
    if failed is not None:
        raise failed


def merge_chosen(lead: int, orders: list[int], account: int | None, by: str) -> None:
    """What a dispatcher chose follows one order from here on."""
    row = Request.objects.select_related("case").get(pk=lead)
    operations.merge_chosen(row, orders, by=merging.actor_of(account, BY))


def ask_mailbox(follow: int, by: str) -> None:
    """The letter that asks whether somebody at this mailbox wants to follow."""
    if MAIL_HOST.value and (row := MailFollow.objects.select_related("request__case").filter(pk=follow).first()):
        mailing.send_question(row)


def tell_mailboxes(request: int, by: str) -> None:
    """Who follows by e-mail hears how it stands."""
    if MAIL_HOST.value:
        mailing.tell_mailboxes(Request.objects.select_related("case__department").get(pk=request))


def find_topics() -> None:
    """Find repeated and hot topics anew, hotline by hotline."""
    for hotline in Hotline.objects.order_by("pk"):
        operations.find_topics(hotline, by=BY)


def fetch_mail() -> None:
    """Take in what is new in the mailbox, if there is one."""
    if mail.ready():
        mail.fetch()


def back_received(request: int, by: str) -> None:
    """Tell who has no account here that it came, with its number."""
    _back(request, "received")


def back_noted(request: int, by: str) -> None:
    """Tell him who works on it."""
    _back(request, "noted")


def back_answered(request: int, by: str) -> None:
    """Tell him the answer, or who is in charge."""
    _back(request, "answered")


def back_merged(request: int, by: str) -> None:
    """Tell him which order his follows."""
    _back(request, "merged")


def back_extended(request: int, by: str) -> None:
    """Tell him that it takes longer."""
    _back(request, "extended")


def back_again(request: int, by: str) -> None:
    """Tell him that what his follows is to be done again."""
    _back(request, "again")


def _back(pk: int, kind: str) -> None:
    back(_with_lead(pk), kind)


def _with_lead(pk: int) -> Request:
    return Request.objects.select_related("case__department", "lead__case").get(pk=pk)


# --- names under which work of the release before may still wait in the queue; to go with the next one ----------------
def mail_received(request: int, by: str) -> None:
    """Was `back_received` for who wrote by e-mail."""
    _mail(request, "received")


def mail_noted(request: int, by: str) -> None:
    """Was `back_noted` for who wrote by e-mail."""
    _mail(request, "noted")


def mail_answered(request: int, by: str) -> None:
    """Was `back_answered` for who wrote by e-mail."""
    _mail(request, "answered")


def _mail(pk: int, kind: str) -> None:
    if MAIL_HOST.value:
        mail.back(_with_lead(pk), kind)


def weixin_noted(request: int, by: str) -> None:
    """Was `back_noted` for who wrote by WeChat."""
    weixin.back(_with_lead(request), "noted")


def weixin_answered(request: int, by: str) -> None:
    """Was `back_answered` for who wrote by WeChat."""
    weixin.back(_with_lead(request), "answered")


# ----------------------------------------------------------------------------------------------------------------------


def answer_account(request: int, by: str) -> None:
    """The answer, or who is in charge, goes under the post the order came from."""
    if accounts.answer(Request.objects.select_related("case").get(pk=request)) is not None:
        accounts.send_waiting()


def send_accounts() -> None:
    """Send what waits to go out by the accounts."""
    accounts.send_waiting()


def tell_seat(seat: int, by: str) -> None:
    """The exchange hears whether calls may be put through: as it stands when it is told."""
    if (row := Seat.objects.filter(pk=seat).first()) is not None:
        telephony.tell_seat(row)
