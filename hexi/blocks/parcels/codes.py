"""Pick-up codes: six digits that nobody finds in the database. Beside models.

A hash of six digits is undone by a million guesses, so none is stored. The code is an HMAC of the parcel's number and a
random salt under a key that lies outside the database (`people.vault`); a new salt is a new code.
"""

import hmac
import secrets

from hexi.blocks.parcels.models import Parcel, State
from hexi.blocks.people.vault import ring
from hexi.kernel import clock
from hexi.kernel.options import Option

TRIES = Option(
    "parcels.code_tries", int, 3,
    "领取码输错几次后锁住，要换新码。 / Wrong pick-up codes after which a parcel is locked until a new code.",
)  # fmt: skip
DAYS = Option("parcels.code_days", int, 30, "领取码几天有效。 / Days a pick-up code is good for.")
DIGITS = 6


def salt() -> str:
    """Fresh randomness for a new code."""
    return secrets.token_hex(16)


def code_of(parcel: Parcel) -> str:
    """The code of a parcel that waits at a window; only its receiver may be shown it."""
    digest = ring().lookup(f"{parcel.number}:{parcel.salt}", "parcels.code")
    return f"{int(digest[:15], 16) % 10**DIGITS:0{DIGITS}d}"


def fits(parcel: Parcel, typed: str) -> bool:
    """True if this is the code; compared in constant time."""
    return hmac.compare_digest(code_of(parcel).encode(), typed.strip().encode())


def left(parcel: Parcel) -> int:
    """How many tries are left."""
    return max(0, TRIES.value - parcel.wrong)


def good(parcel: Parcel) -> bool:
    """True if the code can be used now: waiting, not locked, not past its last day."""
    fresh = parcel.valid_to is not None and clock.today() <= parcel.valid_to
    return parcel.state == State.PICKUP and left(parcel) > 0 and fresh
