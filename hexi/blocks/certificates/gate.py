"""A brake on guessing: how often one address may ask the public verify page. Beside pages."""

from django.core.cache import cache
from django.http import HttpRequest

from hexi.kernel import clock
from hexi.kernel.options import Option

PER_MINUTE = Option(
    "certificates.verify_per_minute", int, 30, "Times a minute one address may ask the public verify page."
)


def passes(request: HttpRequest) -> bool:
    """Count this request; False if the address has asked too often within this minute."""
    key = f"certificates.verify:{request.META.get('REMOTE_ADDR', '')}:{clock.now():%Y%m%d%H%M}"
    cache.add(key, 0, 120)
    try:
        return cache.incr(key) <= PER_MINUTE.value
    except ValueError:  # the cache let it go at once: nothing was counted, so nothing can be refused
        return True
