"""Pages at doors: names, addresses, checks, menus; panels, tiles and the name of the site."""

from pathlib import Path

import pytest
from django.http import HttpResponse
from django.urls import URLResolver, get_resolver, resolve, reverse
from django.urls.resolvers import RegexPattern

from hexi.kernel.actors import Denied
from hexi.kernel.manifest import Domain
from hexi.ui import doors, kept
from hexi.ui.doors import Brand, Masthead, Page, Panel, Tile, address_of
from hexi.ui.tests.make import Actor, make_request


def wells(request):
    return HttpResponse("wells")


def make_domain(*adds):
    return Domain("water", "水", None, Path("/nowhere"), adds)


@pytest.fixture
def declare(monkeypatch):
    """Let the house consist of one domain that adds these things."""

    _ = get_resolver().url_patterns  # made from the real house before it is changed

    def set_adds(*adds):
        domain = make_domain(*adds)
        monkeypatch.setattr(doors, "added_by", lambda kind: ((domain, one) for one in adds if isinstance(one, kind)))
        monkeypatch.setattr(doors, "added", lambda kind: tuple(one for one in adds if isinstance(one, kind)))
        doors._menu_pages.cache_clear()

    yield set_adds
    doors._menu_pages.cache_clear()


def test_address_and_name(declare):
    declare(Page("workbench", "wells/<int:pk>/", wells, "井"))
    [pattern] = doors.patterns()
    assert str(pattern.pattern) == "work/wells/<int:pk>/"
    assert pattern.name == "water.wells"


def test_addresses_of_one_beginning_stand_together_and_in_their_order(declare):
    routes = ("", "wells/", "wells/new/", "<slug:any>/", "wells/<slug:key>/", "pumps/", "robots.txt")
    declare(*(Page("plain", route, wells, route) for route in routes))
    made = doors.gathered(doors.patterns())
    assert [str(one.pattern) for one in made] == ["", "wells/", "<slug:any>/", "wells/", "pumps/", "robots.txt"]
    resolver = URLResolver(RegexPattern("^/"), made)
    found = ("/", "/wells/", "/wells/new/", "/wells/old/", "/pumps/", "/others/", "/robots.txt")
    assert [resolver.resolve(path).route for path in found] == [
        "", "wells/", "wells/new/", "wells/<slug:key>/", "<slug:any>/", "<slug:any>/", "robots.txt",
    ]  # fmt: skip
    assert resolver.resolve("/wells/old/").url_name == "water.wells"


@pytest.mark.parametrize(
    ("door", "prefix"), [("citizen", ""), ("workbench", "work/"), ("command", "command/"), ("plain", "")]
)
def test_prefixes(door, prefix):
    assert doors.address(Page(door, "x/", wells, "x")) == prefix + "x/"


def test_view_knows_its_page():
    page = Page("plain", "x/", wells, "x")
    request = make_request()
    assert doors.guarded(page)(request).content == b"wells"
    assert (request.page, request.door) == (page, "plain")


def test_right_is_asked_for():
    view = doors.guarded(Page("workbench", "x/", wells, "井", verb="wells.see"))
    assert view(make_request(actor=Actor("wells.see"), signed_in=True)).content == b"wells"
    with pytest.raises(Denied, match="井"):
        view(make_request(actor=Actor("wells.count"), signed_in=True))


def test_stranger_without_the_right_is_sent_to_sign_in():
    view = doors.guarded(Page("workbench", "x/", wells, "井", verb="wells.see"))
    response = view(make_request("/work/x/?a=1"))
    assert (response.status_code, response["Location"]) == (302, doors.sign_in_url("/work/x/?a=1"))


def test_signed_in_page():
    view = doors.guarded(Page("citizen", "my/", wells, "我的", signed_in=True))
    assert view(make_request(signed_in=True)).content == b"wells"
    assert view(make_request("/my/"))["Location"] == doors.sign_in_url("/my/")


def test_htmx_is_told_to_leave_the_page():
    view = doors.guarded(Page("citizen", "my/", wells, "我的", signed_in=True))
    response = view(make_request("/my/part/", **{"HX-Request": "true", "HX-Current-URL": "https://x.test/my/?tab=2"}))
    assert (response.status_code, response["HX-Redirect"]) == (401, doors.sign_in_url("/my/?tab=2"))


def test_what_a_stranger_posted_is_kept():
    view = doors.guarded(Page("citizen", "my/", wells, "我的", signed_in=True))
    request = make_request("/my/", post={"name": "王小明"})
    assert view(request)["Location"] == doors.sign_in_url(reverse("ui.kept"))
    assert request.session[kept.KEY]["fields"] == [["name", "王小明"]]


def test_menu_holds_what_the_actor_may_open_in_order(declare):
    declare(
        Page("workbench", "b/", wells, "B", menu="乙", order=2),
        Page("workbench", "a/", wells, "A", menu="甲", order=1, icon="home"),
        Page("workbench", "c/", wells, "C", menu="丙", order=3, verb="wells.see"),
        Page("citizen", "d/", wells, "D", menu="丁"),
        Page("workbench", "e/", wells, "E"),
    )
    with_names(declare)
    request = make_request("/elsewhere/")
    assert [entry.title for entry in doors.menu("workbench", request)] == ["甲", "乙"]
    allowed = make_request("/elsewhere/", actor=Actor("wells.see"))
    assert [entry.title for entry in doors.menu("workbench", allowed)] == ["甲", "乙", "丙"]


def with_names(declare):
    """Addresses are found by Django; here every page answers at the address of the gallery."""
    doors.address_of = lambda name: "/" + name


@pytest.fixture(autouse=True)
def _real_addresses():
    yield
    doors.address_of = address_of


def test_a_page_that_shows_its_menu_twice_asks_for_its_numbers_once(declare):
    asked = []

    def count(request):
        asked.append(request)
        return 3

    declare(Page("workbench", "b/", wells, "B", menu="乙", count=count), Page("citizen", "d/", wells, "D", menu="丁"))
    with_names(declare)
    first, second = make_request("/elsewhere/"), make_request("/elsewhere/")
    shown = [[(entry.title, entry.count) for entry in doors.menu("workbench", one)] for one in (first, first, second)]
    assert shown == [[("乙", 3)]] * 3
    assert asked == [first, second]
    assert [entry.title for entry in doors.menu("citizen", first)] == ["丁"]


def test_menu_marks_the_longest_address_one_is_in(declare):
    def items(request): ...
    def old(request): ...

    declare(
        Page("workbench", "items/", items, "A", menu="甲"),
        Page("workbench", "items/old/", old, "B", menu="乙", count=lambda request: 3),
    )
    doors.address_of = lambda name: {"water.items": "/work/items/", "water.old": "/work/items/old/"}[name]
    seen = {
        entry.title: (entry.active, entry.count)
        for entry in doors.menu("workbench", make_request("/work/items/old/7/"))
    }
    assert seen == {"甲": (False, None), "乙": (True, 3)}
    seen = {entry.title: entry.active for entry in doors.menu("workbench", make_request("/work/items/7/"))}
    assert seen == {"甲": True, "乙": False}


def test_first_page_is_not_active_everywhere(declare):
    declare(Page("citizen", "", wells, "首页", menu="首页"))
    doors.address_of = lambda name: "/"
    assert [entry.active for entry in doors.menu("citizen", make_request("/guide/"))] == [False]
    assert [entry.active for entry in doors.menu("citizen", make_request("/"))] == [True]


def test_panels_of_a_place_in_order_without_the_silent(declare):
    declare(
        Panel("cases.case", lambda request, thing: f"<p>{thing}</p>", order=9),
        Panel("cases.case", lambda request, thing: None),
        Panel("cases.case", lambda request, thing: "<b>1</b>", order=1),
        Panel("other", lambda request, thing: "no"),
    )
    assert doors.panels("cases.case", make_request(), 7) == ["<b>1</b>", "<p>7</p>"]


def test_tiles_of_a_door(declare):
    declare(
        Tile("citizen", lambda request: "air"),
        Tile("command", lambda request: "map"),
        Tile("citizen", lambda request: ""),
    )
    assert doors.tiles("citizen", make_request()) == ["air"]


def test_last_brand_that_answers_names_the_site(declare):
    declare(
        Brand(lambda request: Masthead("甘肃")),
        Brand(lambda request: Masthead("玉门")),
        Brand(lambda request: None),
    )
    assert doors.masthead(make_request()).title == "玉门"


def test_site_without_brand_has_a_name(declare):
    declare()
    assert doors.masthead(make_request()) == Masthead("河西政务服务")


@pytest.mark.parametrize(
    ("path", "door"),
    [("/work/nothing/", "workbench"), ("/command/", "command"), ("/nothing/", "citizen"), ("/workshop/", "citizen")],
)
def test_door_of_an_address_nobody_answers(path, door):
    assert doors.door_of(make_request(path)) == door


def test_has_url():
    assert doors.has_url("ui.gallery")
    assert not doors.has_url("ui.nowhere")


def test_gallery_is_wrapped():
    assert resolve("/ui/").func.__wrapped__.__name__ == "gallery"
