"""Done later: what was begun and never sent is forgotten; calls through the gateway are counted."""

from hexi.domains.livelihood.sharing.operations import applying, counting
from hexi.kernel.actors import System

BY = System("sharing")


def forget() -> None:
    """Delete writings left for ninety days."""
    applying.forget(by=BY)


def count_calls() -> None:
    """Count the signed calls that came through the gateway."""
    counting.count_calls(by=BY)
