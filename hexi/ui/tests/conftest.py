"""A house in which nobody adds anything to the look: what blocks and domains put into headers is tested by them."""

import pytest

from hexi.ui import doors


@pytest.fixture
def bare_house(monkeypatch):
    """No menus, no panels, no brand."""
    monkeypatch.setattr(doors, "added", lambda kind: ())
    monkeypatch.setattr(doors, "added_by", lambda kind: iter(()))
    doors._menu_pages.cache_clear()
    yield
    doors._menu_pages.cache_clear()
