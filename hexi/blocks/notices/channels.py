"""Ways to reach people besides the inbox: `Channel` in a manifest; e-mail by SMTP and SMS by HTTP are ours.

Stands between hooks and queries: operations send through it, the manifest lists it.
"""

import smtplib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parseaddr
from functools import cache
from operator import attrgetter
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from django.core.mail import EmailMessage, get_connection
from django.utils.translation import gettext_lazy as _

from hexi.kernel.manifest import added
from hexi.kernel.options import Option
from hexi.ui.words import mask_phone
from hexi.wire import sms_http

MAIL_HOST = Option(
    "notices.mail_host", str, "",
    "发电子邮件的 SMTP 服务器；留空：不发电子邮件。 / SMTP server for e-mail; empty: no e-mail is sent.",
)  # fmt: skip
MAIL_PORT = Option("notices.mail_port", int, 25, "SMTP 服务器的端口。 / Port of the SMTP server.")
MAIL_USER = Option(
    "notices.mail_user", str, "",
    "SMTP 服务器的用户名；留空：不登录。 / Name at the SMTP server; empty: no sign-in there.",
)  # fmt: skip
MAIL_PASSWORD = Option(
    "notices.mail_password", str, "", "SMTP 服务器的密码。 / Password at the SMTP server.", secret=True
)
MAIL_SECURITY = Option(
    "notices.mail_security", str, "",
    "starttls、tls，留空是不加密的连接。 / starttls, tls, or empty for a plain connection.",
)  # fmt: skip
MAIL_FROM = Option("notices.mail_from", str, "hexi@localhost", "电子邮件的发件人。 / Sender of e-mails.")
SMS_URL = Option(
    "notices.sms_url", str, "",
    "短信网关地址（docs/sms.md）；留空：不发短信。 / Address of the SMS gateway (docs/sms.md); empty: no SMS is sent.",
)  # fmt: skip
SMS_SECRET = Option(
    "notices.sms_secret", str, "", "与短信网关共用的密钥。 / Secret shared with the SMS gateway.", secret=True
)
OPTIONS = (MAIL_HOST, MAIL_PORT, MAIL_USER, MAIL_PASSWORD, MAIL_SECURITY, MAIL_FROM, SMS_URL, SMS_SECRET)
#: seconds to wait for a server's answer
PATIENCE = 15


@dataclass(frozen=True)
class Contact:
    """Where somebody is reached and in which language; "" where unknown."""

    phone: str = ""
    mail: str = ""
    language: str = ""
    account_id: int | None = None
    weixin: str = ""


@dataclass(frozen=True)
class Message:
    """What a channel sends. `key` is the same at every try of one delivery; `link` a whole address or empty.

    `notice` is the key of the notice's template, for channels that have templates of their own. `stop` is the whole
    address by which its reader stops such messages: who posts to it is heard without signing in.
    """

    to: str
    title: str
    body: str
    link: str
    key: str
    notice: str = ""
    stop: str = ""


@dataclass(frozen=True)
class Outcome:
    """What came of a try: `sent`; else `final` (trying again is useless) or not, and the other side's answer."""

    sent: bool
    answer: str = ""
    final: bool = False


@dataclass(frozen=True)
class Channel:
    """A way to reach people. `send(message)` may raise OSError: it is tried again later.

    `address(contact)` gives where, or "" if unknown; `ready()` tells whether the channel is set up; `mask` hides an
    address from those who only mend the channel. `stands_for` names channels it takes the place of: it is used where a
    template names one of them, which then is used only if this one fails for good.
    """

    key: str
    title: Any
    send: Callable[[Message], Outcome]
    address: Callable[[Contact], str]
    ready: Callable[[], bool]
    mask: Callable[[str], str]
    stands_for: tuple[str, ...] = ()


def ready() -> list[Channel]:
    """The channels that are set up."""
    return [channel for channel in channels().values() if channel.ready()]


@cache
def channels() -> dict[str, Channel]:
    """Every declared channel by its key."""
    return {channel.key: channel for channel in added(Channel)}


def send_mail(message: Message) -> Outcome:
    """One plain-text e-mail by SMTP. A refusal of the address or the text (5xx) is final."""
    mail = EmailMessage(
        subject=" ".join(message.title.split()),
        body="\n\n".join(part for part in (message.body, message.link) if part),
        from_email=MAIL_FROM.value,
        to=[message.to],
        headers=_headers(message),
        connection=_smtp(),
    )
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        return _refused(*next(iter(error.recipients.values())))
    except smtplib.SMTPResponseException as error:
        return _refused(error.smtp_code, error.smtp_error)
    return Outcome(sent=True)


def _headers(message: Message) -> dict[str, str]:
    """Its number; how to stop it by one click in the mail program (RFC 2369 §3.2; RFC 8058 §3.1 wants HTTPS)."""
    found = {"Message-ID": f"<{message.key}@{parseaddr(MAIL_FROM.value)[1].rpartition('@')[2]}>"}
    if message.stop:
        found["List-Unsubscribe"] = f"<{message.stop}>"
    if message.stop.startswith("https:"):
        found["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return found


def _smtp() -> Any:
    return get_connection(
        "django.core.mail.backends.smtp.EmailBackend",
        host=MAIL_HOST.value, port=MAIL_PORT.value, username=MAIL_USER.value, password=MAIL_PASSWORD.value,
        use_tls=MAIL_SECURITY.value == "starttls", use_ssl=MAIL_SECURITY.value == "tls", timeout=PATIENCE,
    )  # fmt: skip


def _refused(code: int, words: bytes | str) -> Outcome:
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    # 530–535 is about our own sign-in at the server: mended by the operator, so not final for the message
    return Outcome(sent=False, answer=f"{code} {text}", final=code >= 500 and not 530 <= code <= 535)


def send_sms(message: Message) -> Outcome:
    """One SMS by the gateway's protocol."""
    text = "\n".join(part for part in (message.body, message.link) if part)
    at = datetime.fromtimestamp(time.time(), UTC)  # the gateway's clock is not moved with the demo's
    body, headers = sms_http.request(sms_http.Sms(message.to, text, message.key), SMS_SECRET.value, at)
    answer = sms_http.answer(*_post(SMS_URL.value, body, headers))
    return Outcome(sent=answer.taken, answer=answer.words, final=not answer.taken and not answer.passing)


def _post(url: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    if not url.startswith(("https://", "http://")):
        raise OSError("notices.sms_url must begin with https:// or http://")
    try:
        with urlopen(Request(url, body, headers, method="POST"), timeout=PATIENCE) as response:  # noqa: S310 checked
            return response.status, response.read(10_000)
    except HTTPError as error:
        return error.code, error.read(10_000)


def mask_mail(address: str) -> str:
    """zhang@example.org → z***@example.org."""
    name, _at, domain = address.rpartition("@")
    return f"{name[:1]}***@{domain}" if name else ""


MAIL = Channel("mail", _("电子邮件"), send_mail, attrgetter("mail"), lambda: bool(MAIL_HOST.value), mask_mail)
SMS = Channel("sms", _("短信"), send_sms, attrgetter("phone"), lambda: bool(SMS_URL.value), mask_phone)
