"""Sending, at once after a notice was told and again when a try failed."""

from hexi.blocks.notices import operations, queries
from hexi.kernel import clock

#: deliveries one run of the sweep takes on
MOST = 500


def deliver(delivery: int) -> None:
    """Send one delivery; what fails is taken up by the sweep when it is due again."""
    operations.deliver(delivery)


def sweep() -> None:
    """Send everything that is due: what failed before, and what was lost with a worker."""
    for pk in list(queries.due(clock.now()).values_list("pk", flat=True)[:MOST]):
        operations.deliver(pk)
