"""Houses for the tests of the look: what real blocks and domains put into headers and menus is tested by them."""

from pathlib import Path

import pytest
from django.urls import get_resolver

from hexi.kernel.manifest import Domain
from hexi.ui import doors, gallery
from hexi.ui.doors import Brand, Masthead, Page, Panel


def settle(monkeypatch, *adds):
    """Let the house add just this to menus, places and brands; addresses stay those of the real one."""
    _ = get_resolver().url_patterns  # made from the real house before it is changed
    domain = Domain("ui", "样板", None, Path("/nowhere"), adds)
    monkeypatch.setattr(doors, "added", lambda kind: tuple(one for one in adds if isinstance(one, kind)))
    monkeypatch.setattr(doors, "added_by", lambda kind: ((domain, one) for one in adds if isinstance(one, kind)))
    doors._menu_pages.cache_clear()


@pytest.fixture
def bare_house(monkeypatch):
    """No menus, no panels, no brand."""
    settle(monkeypatch)
    yield
    doors._menu_pages.cache_clear()


@pytest.fixture
def sample_house(monkeypatch):
    """A brand, menus at both doors, a bell and a demo strip."""
    settle(
        monkeypatch,
        Brand(lambda request: Masthead("玉门市政务服务", "玉门市", "/ui/", "玉门市人民政府办公室")),
        Page("citizen", "ui/home/", gallery.gallery_home, "首页", menu="首页", icon="home", order=1),
        Page("citizen", "ui/list/", gallery.gallery_list, "办事", menu="办事", icon="search", order=2),
        Page(
            "citizen",
            "ui/board/",
            gallery.gallery_board,
            "消息",
            menu="消息",
            icon="bell",
            order=3,
            count=lambda request: 2,
        ),
        Page("citizen", "ui/detail/", gallery.gallery_detail, "我的", menu="我的", icon="user", order=4),
        Page(
            "workbench", "ui/list/", gallery.gallery_work, "待办", menu="待办", icon="inbox", count=lambda request: 12
        ),
        Page("workbench", "ui/board/", gallery.gallery_board, "统计", menu="统计", icon="chart-bar"),
        Panel("ui.foot", lambda request, thing: '<a href="/ui/">界面</a>'),
        Panel("ui.strip", lambda request, thing: '<a href="/ui/">通知</a>'),
    )
    yield
    doors._menu_pages.cache_clear()
