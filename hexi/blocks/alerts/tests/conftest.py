"""Every test of alerts has a folder of keys of its own."""

import pytest


@pytest.fixture(autouse=True)
def own_keys(settings, tmp_path):
    """Keys made in a test are gone with it."""
    settings.DATA = tmp_path
