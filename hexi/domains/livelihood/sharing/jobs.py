"""Done later: what was begun and never sent is forgotten."""

from hexi.domains.livelihood.sharing.operations import applying
from hexi.kernel.actors import System

BY = System("sharing")


def forget() -> None:
    """Delete writings left for ninety days."""
    applying.forget(by=BY)
