"""The channel that speaks to a payment gateway over HTTP (docs/payments.md, wire/pay_http.py). Beside models."""

import secrets
import time
from datetime import UTC, datetime
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from django.utils.translation import gettext_lazy as _

from hexi.blocks.money.channels import Channel, Declined, Unreachable
from hexi.blocks.money.models import Payment, Refund
from hexi.blocks.notices.operations import SITE_URL
from hexi.kernel.options import Option
from hexi.wire import pay_http
from hexi.wire.pay_http import Returned, Told

URL = Option(
    "money.gateway_url", str, "",
    "支付网关地址（docs/payments.md）；留空：没有。 / Address of the payment gateway (docs/payments.md); empty: none.",
)  # fmt: skip
SECRET = Option(
    "money.gateway_secret", str, "", "与支付网关共用的密钥。 / Secret shared with the payment gateway.", secret=True
)
PATIENCE = Option(
    "money.gateway_seconds", int, 10, "等支付网关应答最多几秒。 / Seconds to wait for the payment gateway's answer."
)
LARGEST = 100_000


def open_order(payment: Payment) -> Told:
    """Tell the gateway that somebody will pay; its answer leads to the page where he does."""
    content = {
        "order": payment.order,
        "fen": payment.fen,
        "payee": payment.department.key,
        "title": f"{payment.charge.title_zh} {payment.charge.number}",
        "notify": SITE_URL.value.rstrip("/") + "/payments/notify/",
        "back": SITE_URL.value.rstrip("/") + f"/my/payments/{payment.charge.number}/",
    }
    return _order(payment, "POST", "/orders", content)


def ask(payment: Payment) -> Told:
    """What became of an order."""
    return _order(payment, "GET", f"/orders/{payment.order}")


def give_back(refund: Refund) -> Returned:
    """Have money given back; the same refund again is the same answer again, not more money."""
    content = {"refund": refund.key, "fen": refund.fen, "reason": refund.reason}
    answer = _call("POST", f"/orders/{refund.payment.order}/refunds", content)
    said = _believed(pay_http.returned, answer)
    if said.refund != refund.key:
        raise Unreachable("the answer is about another refund")
    return said


def notification(body: bytes, headers: dict[str, str]) -> Told:
    """What a gateway tells by itself. Raises `pay_http.BadMessage`."""
    return pay_http.told(pay_http.read(pay_http.NOTIFY, body, headers, SECRET.value, _now()))


def _order(payment: Payment, method: str, path: str, content: dict[str, Any] | None = None) -> Told:
    said = _believed(pay_http.told, _call(method, path, content or {}))
    if said.order != payment.order:
        raise Unreachable("the answer is about another order")
    if said.link and urlsplit(said.link).scheme not in ("http", "https"):
        raise Unreachable("the link is no web address")
    return said


def _believed(read: Any, content: dict[str, Any]) -> Any:
    try:
        return read(content)
    except pay_http.BadMessage as error:
        raise Unreachable(str(error)) from error


def _call(method: str, path: str, content: dict[str, Any]) -> dict[str, Any]:
    """One signed request and its signed answer. What cannot be believed counts as no answer."""
    url, nonce = URL.value.rstrip("/") + path, secrets.token_hex(16)
    if not url.startswith(("https://", "http://")):
        raise Unreachable("money.gateway_url must begin with https:// or http://")
    body, headers = pay_http.send(f"{method} {path}", content, SECRET.value, _now(), nonce)
    request = Request(url, body or None, headers, method=method)  # noqa: S310 checked
    try:
        try:
            with urlopen(request, timeout=PATIENCE.value) as response:  # noqa: S310 checked
                status, answer, heads = response.status, response.read(LARGEST), dict(response.headers)
        except HTTPError as error:
            status, answer, heads = error.code, error.read(LARGEST), dict(error.headers)
        said = pay_http.read_answer(answer, heads, SECRET.value, _now(), nonce, status)
    except (OSError, HTTPException, pay_http.BadMessage) as error:
        raise Unreachable(str(error)[:200]) from error
    if status in (408, 425, 429) or status >= 500:
        raise Unreachable(f"{status} {said.get('error', '')}"[:200])
    if status >= 400:
        raise Declined(f"{status} {said.get('error', '')}"[:200])
    return said


def _now() -> datetime:
    """The real time: the gateway's clock is not moved with the demo's."""
    return datetime.fromtimestamp(time.time(), UTC)


ONLINE = Channel(
    "online", _("网上付款"), "world", ready=lambda: bool(URL.value), open=open_order, ask=ask, give_back=give_back
)
