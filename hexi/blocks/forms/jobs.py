"""What forms do by themselves: forget parked answers and drafts put away long ago."""

from hexi.blocks.forms import operations


def purge() -> None:
    """Every hour."""
    operations.purge()
