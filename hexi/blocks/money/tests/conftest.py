"""Every test keeps its files and keys in a folder of its own."""

import pytest


@pytest.fixture(autouse=True)
def disk(settings, tmp_path):
    """DATA for one test."""
    settings.DATA = tmp_path
    return tmp_path
