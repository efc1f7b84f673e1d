"""Orders by e-mail: letters fetched from a mailbox (IMAP), each once; what is told goes back by SMTP."""

import hashlib
import imaplib
import io
import logging
import secrets
import ssl
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from hexi.blocks.cases.models import Case
from hexi.blocks.notices import operations as notices
from hexi.blocks.notices.channels import MAIL_FROM, Message, Outcome, send_mail
from hexi.blocks.notices.models import Line
from hexi.domains.livelihood.requests import callers, operations, options, rates
from hexi.domains.livelihood.requests.channels.letters import Letter, read
from hexi.domains.livelihood.requests.channels.news import link, news
from hexi.domains.livelihood.requests.models import Request
from hexi.domains.livelihood.requests.operations import Said
from hexi.kernel.actors import Actor, System

CHANNEL = "mail"
BY = System("mail")
#: seconds to wait for the mailbox; longest letter that is read, in bytes; letters in one round
PATIENCE, MOST_BYTES, MOST = 30, 25_000_000, 50
#: of those that could not be dealt with before so many are tried again in a round, whichever
AGAIN = 10
_CHANCE = secrets.SystemRandom()
_LOG = logging.getLogger(__name__)


# --- the mailbox ------------------------------------------------------------------------------------------------------
def fetch() -> int:
    """Take in what is new in the mailbox; how many letters were dealt with.

    A letter is marked as seen only after it is an order: if all stops in between, it is read again and is the same
    order by its Message-ID. One that cannot be dealt with now stays new, is flagged, and holds nobody else up.
    """
    done = 0
    with _mailbox() as box:
        failed = _unseen(box, "FLAGGED")
        again = _CHANCE.sample(failed, min(AGAIN, len(failed)))
        for uid in [*_unseen(box, "UNFLAGGED")[:MOST], *again]:
            try:
                _one(box, uid)
            except Exception:
                _LOG.exception("mail %s stays in the mailbox", uid)
                box.uid("STORE", uid, "+FLAGS", r"(\Flagged)")
                continue
            box.uid("STORE", uid, "+FLAGS", r"(\Seen)")
            if uid in again:
                box.uid("STORE", uid, "-FLAGS", r"(\Flagged)")
            done += 1
    return done


@contextmanager
def _mailbox() -> Iterator[imaplib.IMAP4]:
    """The folder, signed in."""
    host, port, security = options.IMAP_HOST.value, options.IMAP_PORT.value, options.IMAP_SECURITY.value
    context = ssl.create_default_context(cafile=options.IMAP_CA.value or None)
    box: imaplib.IMAP4
    if security == "tls":
        box = imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=PATIENCE)
    else:
        box = imaplib.IMAP4(host, port, timeout=PATIENCE)
    try:
        if security == "starttls":
            box.starttls(context)
        box.login(options.IMAP_USER.value, options.IMAP_PASSWORD.value)
        status, said = box.select(options.IMAP_FOLDER.value)
        if status != "OK":
            raise OSError(f"{options.IMAP_FOLDER.value}: {said!r}")
        yield box
    except imaplib.IMAP4.error as error:
        raise OSError(str(error)) from error
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            box.logout()


def _unseen(box: imaplib.IMAP4, flagged: str) -> list[str]:
    """New letters, oldest first; flagged are those that could not be dealt with before."""
    _status, found = box.uid("SEARCH", "UNSEEN", flagged)
    return (found[0] or b"").decode().split()


def _one(box: imaplib.IMAP4, uid: str) -> None:
    _status, said = box.uid("FETCH", uid, "(RFC822.SIZE)")
    size = int(bytes(said[0]).upper().partition(b"RFC822.SIZE ")[2].split(b")")[0].split()[0])
    if size > MOST_BYTES:
        _status, said = box.uid("FETCH", uid, "(BODY.PEEK[HEADER])")
        _refuse(read(bytes(said[0][1])), _("邮件太大，最多 25 MB。请把照片缩小，或分几封发送。"))
        return
    _status, said = box.uid("FETCH", uid, "(BODY.PEEK[])")
    take(read(bytes(said[0][1])))


# --- a letter ---------------------------------------------------------------------------------------------------------
def take(letter: Letter, *, by: Actor = BY) -> Request | None:
    """A letter becomes an order, or a line in the talk of the order it answers; None for a machine's.

    What is refused is told its sender, unless he has been writing too often.
    """
    if letter.automatic or letter.sender == _own_address():
        return None
    if (order := _answered(letter)) is not None:
        once = uuid.uuid5(uuid.NAMESPACE_URL, letter.key)
        text = letter.text[: notices.LONGEST_LINE] or letter.subject
        voice = callers.voice(by, own=True, secret=order.secret)
        try:
            notices.say(order.case, topic="", text=text, side=Line.Side.CITIZEN, by=voice, once=once)
        except ValidationError as error:
            _refuse(letter, " ".join(error.messages))
            return None
        return order
    submission = hashlib.sha256(letter.key.encode()).hexdigest()[:48]
    earlier = Case.objects.filter(submission=f"{CHANNEL}:{submission}").first()
    if earlier is not None:
        return Request.objects.select_related("case__department").get(case=earlier)
    with _counted(letter) as allowed:
        try:
            return _received(letter, submission, by) if allowed else None
        except ValidationError as error:
            answer_fault(letter, " ".join(error.messages))
            return None


@contextmanager
def _counted(letter: Letter) -> Iterator[bool]:
    """Count a letter of its sender, whatever becomes of it: also what is refused costs. False: one too many."""
    try:
        spent = rates.spend_mail(letter.sender)
    except ValidationError:
        _LOG.warning("a letter of somebody who writes too often was left out")
        yield False
        return
    with rates.unless_broken(spent):
        yield True


def _refuse(letter: Letter, sentence: str) -> None:
    with _counted(letter) as allowed:
        if allowed:
            answer_fault(letter, sentence)


def _received(letter: Letter, submission: str, by: Actor) -> Request:
    with transaction.atomic():
        report = operations.begin(by=by)
        left_out = [*letter.left_out]
        for name, content in letter.pictures:
            try:
                operations.take_picture(report, io.BytesIO(content), by=by)
            except ValidationError:
                left_out.append(name)
        said = Said(
            text=_text(letter, left_out), place_code=options.MAIL_REGION.value, name=letter.name, mail=letter.sender,
            source_ref=letter.key, lat=report.said.get("lat"), lon=report.said.get("lon"),
        )  # fmt: skip
        facts: dict[str, Any] = {"by": by, "submission": submission, "channel": CHANNEL, "report": report}
        try:
            return operations.receive(said, **facts)[0]
        except ValidationError as error:
            if said.lat is None or "point" not in getattr(error, "error_dict", {}):
                raise
            # taken elsewhere: nobody can clear a point in a letter, so it is taken without
            return operations.receive(replace(said, lat=None, lon=None), **facts)[0]


def _text(letter: Letter, left_out: list[str]) -> str:
    """Subject and words; what was not taken is named, so that nobody believes it was read."""
    parts = [] if letter.subject and letter.subject in letter.text else [letter.subject]
    parts.append(letter.text)
    if left_out:
        parts.append(_("（没有接收的附件：%(names)s）") % {"names": "、".join(left_out)})
    return "\n".join(filter(None, parts))


def _answered(letter: Letter) -> Request | None:
    """The order a letter answers: its number stands there, and it was asked from this very address."""
    if not letter.number:
        return None
    order = Request.objects.select_related("case").filter(case__number=letter.number).first()
    return order if order and order.contact.get("mail") == letter.sender else None


def _own_address() -> str:
    return options.IMAP_USER.value.lower()


# --- back -------------------------------------------------------------------------------------------------------------
def answer_fault(letter: Letter, sentence: str) -> None:
    """Tell the sender why his letter was not taken, unless too many were told this hour: who he is is not proved.

    Raises `OSError` if it cannot be sent now.
    """
    if letter.automatic or letter.sender == _own_address():
        return
    key = hashlib.sha256(letter.key.encode()).hexdigest()[:32]
    try:
        spent = rates.spend_fault()
    except ValidationError:
        _LOG.warning("too many letters were refused within the hour: mail %s is not answered", key)
        return
    with rates.unless_broken(spent):
        _sent(Message(letter.sender, _("您的邮件没有登记"), sentence, "", f"fault.{key}"))


def back(request: Request, kind: str) -> bool:
    """Send what the order was told to whoever wrote by e-mail and has no account here; False if there is nobody.

    The same news has the same Message-ID at every try. Raises `OSError` to be tried again.
    """
    address = str(request.contact.get("mail") or "")
    if not address or request.case.applicant_id:
        return False
    title, text, key = news(request, kind)
    if not text:
        return False
    if kind == "received":
        text += _("补充请直接回复本邮件。")
    return _sent(Message(address, f"[{request.case.number}] {title}", text, link(request), key))


def _sent(message: Message) -> bool:
    outcome: Outcome = send_mail(message)
    if not outcome.sent and not outcome.final:
        raise OSError(outcome.answer)
    if not outcome.sent:
        _LOG.warning("mail %s was refused for good: %s", message.key, outcome.answer)
    return outcome.sent


def ready() -> bool:
    """True if a mailbox is set up."""
    return bool(options.IMAP_HOST.value and MAIL_FROM.value)
