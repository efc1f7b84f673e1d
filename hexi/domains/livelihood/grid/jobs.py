"""Done later: suspensions (挂账) past their planned days end."""

import logging

from hexi.domains.livelihood.grid import queries
from hexi.domains.livelihood.grid.operations import handling
from hexi.kernel.actors import System

log = logging.getLogger(__name__)
BY = System("grid")


def end_holds() -> int:
    """End those whose days are over; returns how many. One that fails is logged and does not hold up the others."""
    done = 0
    for incident in queries.holds_over():
        try:
            done += handling.end_hold(incident.case, by=BY)
        except Exception:
            log.exception("hold of %s cannot be ended", incident.case.number)
    return done
