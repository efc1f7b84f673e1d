"""What every test of the search has: three kinds of things, nothing owned yet."""

import pytest

from hexi.blocks.search import found
from hexi.blocks.search.tests.make import KINDS, OWNED


@pytest.fixture(autouse=True)
def kinds(monkeypatch):
    """The manifests add the kinds of `make` and no others."""
    monkeypatch.setattr(found, "added", lambda kind: KINDS)
    for things in OWNED.values():
        things.clear()
