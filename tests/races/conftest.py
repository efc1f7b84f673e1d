"""Files and a signing key of their own for the races."""

import pytest

from hexi.blocks.certificates import keys


@pytest.fixture(autouse=True)
def disk(settings, tmp_path):
    """DATA for one test, with a key that signs certificates."""
    settings.DATA = tmp_path
    keys.make(demo=True)
    return tmp_path
