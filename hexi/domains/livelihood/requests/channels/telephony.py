"""The exchange's port (docs/telephony.md): events in, calls and agents out, recordings fetched for who may hear them.

Between `operations` and the pages. Nothing is locked while the exchange answers.
"""

import http.client
import time
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.domains.livelihood.requests import operations, options
from hexi.domains.livelihood.requests.models import Call, Hotline, Request, Seat
from hexi.domains.livelihood.requests.queries import calls as queries_calls
from hexi.kernel.actors import Actor
from hexi.wire import telephony_http as wire
from hexi.wire import webhooks_http as web

PATIENCE = 10
#: longest recording that is passed on, in bytes: an hour of telephone sound as it comes from the line
MOST_BYTES = 32_000_000
#: seconds in which further pieces of a recording belong to a hearing that was logged
HEARING = 3600


def _now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)  # the exchange's clock is not moved with the demo's


def hear(body: bytes, headers: dict[str, str]) -> Call:
    """A signed push. Raises `wire.BadRequest`, `ValidationError`."""
    event = wire.read(body, headers, options.EXCHANGE_SECRET.value, _now())
    return operations.hear(event, _hotline(event.line))


def _hotline(line: str) -> Hotline | None:
    region = line or options.EXCHANGE_REGION.value
    if region:
        return Hotline.objects.filter(region_code=region).first()
    found = list(Hotline.objects.order_by("pk")[:2])
    return found[0] if len(found) == 1 else None


def ready() -> bool:
    """True if calls can be made from here."""
    return bool(options.EXCHANGE_URL.value)


def ring_back(request: Request, *, by: Actor) -> Call:
    """Let the operator's phone ring, and then the caller's of an answered order."""
    return _dialled(*operations.ring_back(request, by=by), by)


def ring_lost(call: Call, *, by: Actor) -> Call:
    """The same for a call nobody answered."""
    return _dialled(*operations.ring_lost(call, by=by), by)


def _dialled(call: Call, new: bool, by: Actor) -> Call:
    if not new:
        return call
    secret = options.EXCHANGE_SECRET.value
    answer = _sent("calls", *wire.dial(call.key, call.extension, call.phone, secret, _now()))
    if not answer.taken:
        operations.not_dialled(call, answer.words, by=by)
        raise ValidationError(_("交换机没有接通：%(words)s。请用话机拨打。") % {"words": answer.words})
    return call


def tell_seat(seat: Seat) -> None:
    """Tell the exchange whether calls may be put through. Raises `OSError` to be tried again."""
    if not ready():
        return
    answer = _sent("agents", *wire.agent(seat.extension, seat.state, options.EXCHANGE_SECRET.value, _now()))
    if answer.passing:
        raise OSError(answer.words)


def _sent(path: str, body: bytes, headers: dict[str, str]) -> wire.Answer:
    """What the exchange says; one that does not answer or is not asked is an answer too."""
    if not ready():
        return wire.Answer(taken=False, passing=False, words=_("没有设置交换机"))
    url = f"{options.EXCHANGE_URL.value.rstrip('/')}/{path}"
    try:
        status, said = web.post(url, body, headers, private=options.EXCHANGE_PRIVATE.value, patience=PATIENCE)
    except web.Refused as error:
        return wire.Answer(taken=False, passing=False, words=str(error))
    except OSError as error:
        return wire.Answer(taken=False, passing=True, words=str(error)[:200])
    return wire.answer(status, said)


# --- recordings -------------------------------------------------------------------------------------------------------
def recording(call: Call, *, by: Actor, first: bool = True) -> tuple[bytes, str]:
    """Sound and media type, for who may hear it; each hearing is logged (`first` False: a further piece of the same,

    logged too unless one of his was logged of late: nobody hears unseen by leaving out the first byte).

    Raises `Denied`, and `ValidationError` with what is wrong with it. The address is never shown to anybody.
    """
    queries_calls.require_hearing(call, by)
    address = str(call.contact.get("recording", ""))
    if not address:
        raise ValidationError(_("还没有录音。"))
    mark = f"requests.heard:{by.key}:{call.pk}"
    if first or cache.get(mark) is None:
        with change(by, "requests.hear_recording", call):
            pass
        cache.set(mark, True, HEARING)
    content = _fetched(call, address)
    if not (kind := wire.sound_type(content[:16])):
        raise ValidationError(_("交换机给的不是录音。"))
    return content, kind


def _fetched(call: Call, address: str) -> bytes:
    """The content of an address below the one that is set: a push cannot make us ask anybody else."""
    root = options.RECORDINGS_URL.value or options.EXCHANGE_URL.value
    if not root or not _below(address, root):
        raise ValidationError(_("录音不在设定的地址下，没有去取。"))
    headers = wire.headers(b"", call.key, options.EXCHANGE_SECRET.value, _now())
    private = options.EXCHANGE_PRIVATE.value
    try:
        with web.asked("GET", address, None, headers, private=private, patience=PATIENCE) as answer:
            content = answer.read(MOST_BYTES + 1)
            status = answer.status
    except (OSError, web.Refused, http.client.HTTPException) as error:
        raise ValidationError(_("录音现在取不到，请稍后再试。")) from error
    if status != 200 or len(content) > MOST_BYTES:
        raise ValidationError(_("录音现在取不到，请稍后再试。"))
    return content


def _below(address: str, root: str) -> bool:
    """True if an address has the scheme, host and port of another and lies below its path."""
    try:
        one, other = urlsplit(address), urlsplit(root)
        same = (one.scheme, one.hostname, one.port) == (other.scheme, other.hostname, other.port)
    except ValueError:
        return False
    folder = other.path.rstrip("/") + "/"
    parts = unquote(one.path).replace("\\", "/").split("/")
    return same and not one.username and one.path.startswith(folder) and ".." not in parts
