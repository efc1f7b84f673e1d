"""Addresses that only somebody in the hall knows: the kiosk's own, and the one of the day behind its QR code."""

from datetime import date

from django.utils.crypto import constant_time_compare, salted_hmac

from hexi.blocks.market.models import Hall


def kiosk(hall: Hall) -> str:
    """The sign in the address of a hall's kiosk; set once on the device."""
    return _sign("market.kiosk", hall.key)


def here(hall: Hall, day: date) -> str:
    """The sign of a day behind the QR code."""
    return _sign("market.here", f"{hall.key}:{day}")


def right(sign: str, wanted: str) -> bool:
    """True if they are the same."""
    return constant_time_compare(sign, wanted)


def _sign(salt: str, text: str) -> str:
    return salted_hmac(salt, text, algorithm="sha256").hexdigest()[:20]
