"""What the exchange does later and again and again: time-stamps, archives, grants that end. As `jobs`."""

import logging

from hexi.blocks.catalog.operations import archives, grants, mirroring, push, stamps
from hexi.blocks.catalog.queries import mirrored
from hexi.kernel.actors import System
from hexi.kernel.jobs import enqueue
from hexi.wire.rfc3161 import Failed

log = logging.getLogger(__name__)


def stamp() -> None:
    """Stamp new messages; an authority that does not answer is asked again a minute later."""
    try:
        stamps.stamp()
    except Failed as error:
        log.warning("no time-stamp: %s", error)


def archive() -> None:
    """Archive what is proved, and take old messages out of the database."""
    archives.archive()
    archives.clean()


def push_pieces(**_facts: object) -> None:
    """Send what waits to those who follow entries elsewhere."""
    push.push()


def take_pieces(**_facts: object) -> None:
    """Begin a job for each mirror something waits for: one that fetches long keeps no other from it."""
    for source in mirrored.mirrors():
        if mirroring.waits(source):
            enqueue(take_for_mirror, source=source.pk)


def take_for_mirror(source: int) -> None:
    """Let a mirror take what was pushed for it; what fails stays waiting, and is tried again by `take_pieces`."""
    if (found := mirrored.mirrors().filter(pk=source).first()) is not None:
        mirroring.take_up(found, by=System("catalog.mirror"))


def close_grants() -> None:
    """Grants whose last day is over, or near; those nobody uses."""
    by = System("catalog.grants")
    grants.expire(by=by)
    grants.tell_ending(by=by)
    grants.flag_unused(by=by)
