"""Where WeChat pushes what is written to the Official Account: checked by its signature, answered in its words."""

import secrets
import time

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from hexi.blocks.people.weixin import options as account
from hexi.domains.livelihood.requests import options
from hexi.domains.livelihood.requests.channels import weixin
from hexi.wire import weixin as wire
from hexi.wire import weixin_sealed

PLAIN = "text/plain; charset=utf-8"


@csrf_exempt
@require_http_methods(["GET", "POST"])
def weixin_push(request: HttpRequest) -> HttpResponse:
    """GET: the account's settings ask whether it is us. POST: a message; the answer goes back in the response."""
    now = int(time.time())
    if not wire.genuine(request.GET.dict(), options.WEIXIN_TOKEN.value, now):
        return HttpResponse("the signature or the time is wrong", status=401, content_type=PLAIN)
    if request.method == "GET":
        return HttpResponse(request.GET.get("echostr", "")[:200], content_type=PLAIN)
    try:
        message, key = _opened(request)
    except RequestDataTooBig:
        return HttpResponse("too long", status=413, content_type=PLAIN)
    except wire.BadPush as error:
        return HttpResponse(str(error), status=401 if error.forged else 400, content_type=PLAIN)
    words = weixin.hear(message)
    if not words:
        return HttpResponse("success", content_type=PLAIN)
    reply = wire.reply(message, words, now)
    return HttpResponse(_closed(reply, key, now) if key else reply, content_type="application/xml; charset=utf-8")


def _opened(request: HttpRequest) -> tuple[wire.Message, str]:
    """The message, and the key of its envelope where the encrypted mode is set: then nothing in plain is believed."""
    keys = options.WEIXIN_KEYS.value
    if not keys:
        return wire.read(request.body), ""
    content = wire.envelope(request.body)
    given = {"token": options.WEIXIN_TOKEN.value, "keys": keys, "app_id": account.APP_ID.value}
    message, key = weixin_sealed.opened(content, request.GET.dict(), **given)
    return wire.read(message), key


def _closed(reply: bytes, key: str, now: int) -> bytes:
    """In an envelope under the key of the message: WeChat does not read a reply under another yet, or any more."""
    facts = {"token": options.WEIXIN_TOKEN.value, "key": key, "app_id": account.APP_ID.value}
    return weixin_sealed.reply(reply, at=now, nonce=secrets.token_hex(8), **facts)
