"""WeChat's Official Account: its answers and error codes, template messages, messages pushed to us and our replies.

Written from memory of the published interface (docs/weixin.md says which parts); addresses are options, never here.
The encrypted mode is `weixin_sealed`. XML with a document type is refused: no entity is ever expanded.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from lxml import etree

LONGEST = 100_000
#: how far the time of a push may be off, in seconds
WINDOW = 600
TEXT, IMAGE, EVENT = "text", "image", "event"
SUBSCRIBED = "subscribe"
#: characters a field whose name begins so may have
SHORT = {"thing": 20, "character_string": 32, "phrase": 5, "name": 20}
_PARSER = {
    "resolve_entities": False, "no_network": True, "load_dtd": False, "dtd_validation": False, "huge_tree": False,
    "remove_comments": True, "remove_pis": True,
}  # fmt: skip


class Meaning(StrEnum):
    """What an error code asks us to do."""

    DONE = "done"
    TOKEN = "token"  # noqa: S105 the token has to be fetched anew
    LATER = "later"
    ELSEWHERE = "elsewhere"
    REFUSED = "refused"


#: every other code is final
MEANINGS = {
    0: Meaning.DONE,
    -1: Meaning.LATER, 45009: Meaning.LATER, 45011: Meaning.LATER,
    40001: Meaning.TOKEN, 40014: Meaning.TOKEN, 42001: Meaning.TOKEN,
    43004: Meaning.ELSEWHERE, 43101: Meaning.ELSEWHERE, 40003: Meaning.ELSEWHERE,
}  # fmt: skip


class BadAnswer(ValueError):
    """An answer that is not what the interface gives."""


class BadPush(ValueError):
    """A message that must not be taken; the text says why. `forged`: signature or time are wrong."""

    def __init__(self, words: str, *, forged: bool = False):
        super().__init__(words)
        self.forged = forged


# --- asking -----------------------------------------------------------------------------------------------------------
def token_address(base: str, app_id: str, secret: str) -> str:
    """Where the access token is asked for."""
    asked = {"grant_type": "client_credential", "appid": app_id, "secret": secret}
    return f"{base.rstrip('/')}/cgi-bin/token?{urlencode(asked)}"


def template_address(base: str, token: str) -> str:
    """Where a template message is posted."""
    return f"{base.rstrip('/')}/cgi-bin/message/template/send?{urlencode({'access_token': token})}"


def template_message(openid: str, template: str, fields: Mapping[str, str], url: str, key: str) -> bytes:
    """The body of a template message; texts are cut to what their fields may hold. `key` lets it stand once."""
    data = {name: {"value": _short(name, value)} for name, value in fields.items()}
    content = {"touser": openid, "template_id": template, "url": url, "data": data, "client_msg_id": key[:32]}
    return json.dumps(content, ensure_ascii=False).encode()


def _short(name: str, value: str) -> str:
    most = SHORT.get(name.rstrip("0123456789"), 200)
    value = " ".join(value.split())
    return value if len(value) <= most else value[: most - 1] + "…"


def answer(status: int, body: bytes) -> dict[str, Any]:
    """The JSON object of an answer. Raises `BadAnswer`."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadAnswer(f"{status}: no JSON") from error
    if not isinstance(content, dict) or not 200 <= status < 300:
        raise BadAnswer(f"{status}: no answer of WeChat")
    return content


def code(content: Mapping[str, Any]) -> int:
    """The error code of an answer; 0 if there is none."""
    found = content.get("errcode", 0)
    return found if isinstance(found, int) else -1


def meaning(content: Mapping[str, Any]) -> Meaning:
    """What an answer asks us to do."""
    return MEANINGS.get(code(content), Meaning.REFUSED)


def words(content: Mapping[str, Any]) -> str:
    """The answer for whoever mends the channel."""
    return f"{code(content)} {content.get('errmsg', '')}".strip()[:200]


def token(content: Mapping[str, Any]) -> tuple[str, int]:
    """Access token and the seconds it is good for. Raises `BadAnswer` with the error code."""
    found, seconds = content.get("access_token"), content.get("expires_in")
    if not isinstance(found, str) or not found or not isinstance(seconds, int) or not 0 < seconds <= 86_400:
        raise BadAnswer(words(content) or "no access_token")
    return found, seconds


# --- pushed to us -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Message:
    """What somebody wrote to the account. `sender` is his openid; `key` names the message at every push."""

    account: str
    sender: str
    at: int
    kind: str
    key: str
    text: str = ""
    picture: str = ""
    event: str = ""


def signature(secret: str, timestamp: str, nonce: str) -> str:
    """SHA-1 over the three, sorted and joined: the interface's own way, which does not cover the body."""
    return hashlib.sha1("".join(sorted((secret, timestamp, nonce))).encode()).hexdigest()  # noqa: S324 their choice


def genuine(given: Mapping[str, str], secret: str, now: int) -> bool:
    """True if the query's `signature` is right for `timestamp` and `nonce`, and the time is near."""
    stamp, nonce = given.get("timestamp", ""), given.get("nonce", "")
    if not secret or not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12 or abs(now - int(stamp)) > WINDOW:
        return False
    wanted = signature(secret, stamp, nonce)
    return hmac.compare_digest(wanted.encode(), given.get("signature", "").encode())


def read(body: bytes) -> Message:
    """The message in the bytes of a push. Raises `BadPush`."""
    found = _fields(body)
    if "Encrypt" in found and "MsgType" not in found:
        raise BadPush("an encrypted message, and no EncodingAESKey is set here")
    return _message(found)


def envelope(body: bytes) -> str:
    """What stands encrypted in the bytes of a push. Raises `BadPush` for one in plain: it may be anybody's."""
    found = _fields(body).get("Encrypt", "")
    if not found:
        raise BadPush("not encrypted: set the account to the encrypted mode", forged=True)
    return found


def _fields(body: bytes) -> dict[str, str]:
    if len(body) > LONGEST:
        raise BadPush(f"at most {LONGEST} bytes")
    if b"<!DOCTYPE" in body.upper() or b"<!ENTITY" in body.upper():
        raise BadPush("a document type is not taken")
    try:
        root = etree.fromstring(body, etree.XMLParser(**_PARSER))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadPush("this is no XML") from error
    if root is None or root.tag != "xml" or root.getroottree().docinfo.internalDTD is not None:
        raise BadPush("the root must be <xml>, without a document type")
    return {str(one.tag): (one.text or "").strip() for one in root if isinstance(one.tag, str)}


def _message(found: Mapping[str, str]) -> Message:
    sender, kind, made = found.get("FromUserName", ""), found.get("MsgType", ""), found.get("CreateTime", "")
    if not sender or len(sender) > 64 or not kind or len(kind) > 20:
        raise BadPush("FromUserName or MsgType is missing")
    if not made.isascii() or not made.isdigit() or len(made) > 12:
        raise BadPush("CreateTime must be seconds")
    # an event has no MsgId: who and when name it
    key = found.get("MsgId", "") or f"{made}:{found.get('Event', '')}"
    return Message(
        found.get("ToUserName", "")[:64], sender, int(made), kind, f"{sender}:{key}"[:160], found.get("Content", ""),
        found.get("PicUrl", "")[:1000], found.get("Event", "").lower()[:40],
    )  # fmt: skip


def reply(message: Message, text: str, at: int) -> bytes:
    """A text as the passive answer to a message."""
    root = etree.Element("xml")
    facts = {"ToUserName": message.sender, "FromUserName": message.account, "MsgType": TEXT, "Content": text}
    for name, value in facts.items():
        etree.SubElement(root, name).text = etree.CDATA(value.replace("]]>", "]] >"))
    etree.SubElement(root, "CreateTime").text = str(at)
    return bytes(etree.tostring(root, encoding="utf-8"))
