"""A brake on guessing: how often one address may ask the public verify page. Beside pages."""

from django.core.cache import cache
from django.http import HttpRequest

from hexi.kernel.options import Option

PER_MINUTE = Option(
    "certificates.verify_per_minute", int, 30, "Times a minute one address may ask the verify page, for each web worker."
)


def address(request: HttpRequest) -> str:
    """Where a request comes from: behind a proxy on this machine, what the proxy saw."""
    seen = request.META.get("REMOTE_ADDR", "")
    forwarded = request.headers.get("X-Forwarded-For", "")
    if forwarded and (seen.startswith("127.") or seen in ("", "::1")):
        return forwarded.rpartition(",")[2].strip()
    return seen


def passes(request: HttpRequest) -> bool:
    """Count this request; False if the address has asked too often within a minute."""
    key = f"certificates.verify:{address(request)}"
    if cache.add(key, 1, 60):
        return True
    try:
        return cache.incr(key) <= PER_MINUTE.value
    except ValueError:  # the minute ended in between
        return True
