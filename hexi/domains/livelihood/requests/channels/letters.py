"""An e-mail as it is read: who wrote, what, with which pictures; whether a machine did. Pure: bytes in, values out.

Whatever it says holds no sign that a database refuses.
"""

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from hashlib import sha256
from html.parser import HTMLParser

from hexi.blocks.forms.typed import tidy

PICTURES = ("image/jpeg", "image/png", "image/webp")
NUMBER = re.compile(r"H[0-9]{12,24}")
#: senders no person reads
MACHINES = re.compile(r"^(mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounce|notifications?)\b", re.IGNORECASE)
BULK = ("bulk", "junk", "list", "auto_reply")
#: what letters are written in; Python also knows codecs that are no encodings of text, or slow on what is made to be
CHARSETS = re.compile(
    r"(us-)?ascii|latin-?1|utf-?(8|16|16le|16be)|gbk|gb_?[0-9-]+|hz(-gb-2312)?|big5[a-z-]*|iso-?(8859|2022)[a-z0-9_-]+"
    r"|(windows-?|cp)[0-9]+|koi8-[ru]|(shift_|s)jis|euc[-_][a-z]+|ks_c_5601-1987"
)
_BLOCKS = {"p", "div", "br", "li", "tr", "h1", "h2", "h3", "table", "blockquote"}


@dataclass(frozen=True)
class Letter:
    """A letter. `key` names it: its Message-ID, or a sign of its content if it has none."""

    key: str
    sender: str
    name: str
    subject: str
    text: str
    pictures: tuple[tuple[str, bytes], ...] = ()
    left_out: tuple[str, ...] = ()
    automatic: bool = False
    number: str = ""


def read(raw: bytes) -> Letter:
    """The letter in the bytes of a message; a broken one as far as it can be read."""
    message = message_from_bytes(raw, policy=policy.default)
    name, sender = parseaddr(_head(message, "From"))
    name, sender, subject = tidy(name), tidy(sender), " ".join(_head(message, "Subject").split())
    pictures, left_out = _attached(message)
    found = NUMBER.search(subject) or NUMBER.search(_head(message, "In-Reply-To"))
    return Letter(
        _head(message, "Message-ID").strip()[:400] or sha256(raw).hexdigest(), sender.lower(), name,
        subject, _text(message), pictures, left_out, automatic(message, sender), found[0] if found else "",
    )  # fmt: skip


def automatic(message: EmailMessage, sender: str) -> bool:
    """True for bounces, out-of-office answers, lists and robots (RFC 3834): they are never answered."""
    return (
        _head(message, "Auto-Submitted").split(";")[0].strip().lower() not in ("", "no")
        or _head(message, "Precedence").strip().lower() in BULK
        or _head(message, "Return-Path").strip() == "<>"
        or message.get_content_type() in ("multipart/report", "message/delivery-status")
        or any(message.get(name) for name in ("List-Id", "X-Autoreply", "X-Autorespond"))
        or bool(MACHINES.match(sender))
        or "@" not in sender
    )


def _head(message: EmailMessage, name: str) -> str:
    try:
        return tidy(str(message.get(name) or ""))
    except Exception:  # the parser of headers raises nearly anything on one made to hurt it
        return ""


def _text(message: EmailMessage) -> str:
    """What was written: the plain part, else the HTML without its marks; quoted lines left out."""
    part = message.get_body(("plain", "html"))
    if part is None:
        return ""
    text = _content(part)
    if part.get_content_type() == "text/html":
        text = without_marks(text)
    return tidy("\n".join(line.rstrip() for line in text.splitlines() if not line.startswith(">")))


def _content(part: EmailMessage) -> str:
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        return ""
    named = part.get_content_charset() or "utf-8"
    for charset in (named if CHARSETS.fullmatch(named) else "utf-8", "utf-8", "gb18030"):
        try:
            return raw.decode(charset)
        except (LookupError, ValueError):
            continue
    return raw.decode("utf-8", "replace")


def _attached(message: EmailMessage) -> tuple[tuple[tuple[str, bytes], ...], tuple[str, ...]]:
    """Pictures by what the letter calls them (their content is checked when they are kept), and what else there was."""
    pictures, others = [], []
    for part in message.walk():
        if part.is_multipart() or (part.get_content_maintype() == "text" and not part.get_filename()):
            continue
        name = tidy(part.get_filename() or part.get_content_type())
        content = part.get_payload(decode=True)
        if part.get_content_type() in PICTURES and isinstance(content, bytes):
            pictures.append((name[:80], content))
        else:
            others.append(name[:80])
    return tuple(pictures), tuple(others)


class _Words(HTMLParser):
    """Collects what a reader sees."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Scripts and styles are not read; blocks begin a line."""
        self.hidden += tag in ("script", "style", "head", "title")
        self.found += ["\n"] * (tag in _BLOCKS)

    def handle_endtag(self, tag: str) -> None:
        """Read on."""
        self.hidden = max(0, self.hidden - (tag in ("script", "style", "head", "title")))

    def handle_data(self, data: str) -> None:
        """Words."""
        if not self.hidden:
            self.found.append(data)


def without_marks(html: str) -> str:
    """The words of an HTML text."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.found).splitlines())
    return "\n".join(line for line in lines if line)
