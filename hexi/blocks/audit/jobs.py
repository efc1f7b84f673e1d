"""The hourly seal."""

from hexi.blocks.audit import operations


def seal() -> None:
    """Seal this hour's heads unless that is done."""
    operations.seal()
