"""What happens later: channels are asked what became of payments that wait, and told of refunds."""

import logging
import time
from collections.abc import Callable
from typing import Any

from hexi.blocks.money import operations, queries
from hexi.kernel.actors import System

log = logging.getLogger(__name__)
#: rows and seconds of one run
MOST, LONGEST = 200, 50.0


def ask_waiting() -> int:
    """Ask about each payment whose time has come; the channel's answer decides."""
    by = System("money.ask")
    return _each(queries.to_ask(), lambda payment: operations.ask(payment, by=by))


def send_refunds() -> int:
    """Tell the channel of each refund it has not yet answered to; the same refund twice is one refund there."""
    by = System("money.refund")
    return _each(queries.to_send(), lambda refund: operations.send_refund(refund, by=by))


def _each(rows: Any, do: Callable[[Any], Any]) -> int:
    """Do it to each, return to how many; one that fails is logged and does not hold up the others.

    A channel that is silent takes its time: what cannot be done within a minute waits for the next run.
    """
    done, end = 0, time.monotonic() + LONGEST
    for row in list(rows[:MOST]):
        if time.monotonic() > end:
            break
        try:
            do(row)
            done += 1
        except Exception:
            log.exception("%s %s", type(row).__name__, row.pk)
    return done
