"""A brake on guessing: how often one address may ask the public verify page. Beside pages."""

from django.http import HttpRequest

from hexi.blocks.people.tries import tried
from hexi.kernel.networks import counted
from hexi.kernel.options import Option

PER_MINUTE = Option(
    "certificates.verify_per_minute", int, 30,
    "同一地址每分钟最多查验几次证照。 / Times a minute one address may ask the public verify page.",
)  # fmt: skip


def passes(request: HttpRequest) -> bool:
    """Count this request; False if the address has asked too often within a minute."""
    return tried(f"certificates.verify:{counted(request.META.get('REMOTE_ADDR', ''))}", 60) <= PER_MINUTE.value
