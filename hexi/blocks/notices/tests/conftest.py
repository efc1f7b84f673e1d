"""A channel that goes nowhere, for tests that ask for it."""

import pytest

from hexi.blocks.notices import channels
from hexi.blocks.notices.tests.make import Postbox


@pytest.fixture
def only(monkeypatch):
    """`only(channel, …)`: these are the channels of the house."""

    def choose(*chosen):
        monkeypatch.setattr(channels, "added", lambda kind: chosen)
        channels.channels.cache_clear()

    yield choose
    channels.channels.cache_clear()


@pytest.fixture
def postbox(only) -> Postbox:
    """The one channel there is, under the key "sms"."""
    box = Postbox()
    only(box.channel())
    return box
