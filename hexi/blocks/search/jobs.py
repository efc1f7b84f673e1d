"""The nightly self-test of the search."""

import logging

from hexi.blocks.search import selftest

log = logging.getLogger(__name__)


def test_nightly() -> None:
    """Write what cannot be found into the operator's log."""
    for tried in selftest.run():
        if tried.missed:
            log.error("search: %s %s is not found by %s", tried.found.kind, tried.found.ref, ", ".join(tried.missed))
