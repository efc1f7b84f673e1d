"""Pages, panels and tiles as manifests declare them, and the URL patterns, menus and checks made from them.

Stands at the bottom of `ui`: pages, environment and middleware import it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache, wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_script_prefix, get_urlconf, include, path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from markupsafe import Markup

from hexi.kernel.actors import Denied
from hexi.kernel.manifest import Domain, added, added_by

#: each door and the prefix of its addresses
DOORS = {"citizen": "", "workbench": "work/", "command": "command/", "plain": ""}
View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Page:
    """A page at a door: address "<prefix of the door><path>", name "<key of the manifest>.<view.__name__>".

    `menu` puts it into the door's menu under that word with `icon` (a Tabler outline name), lowest `order` first;
    False says that nobody opens it as a page (an answer to a POST, data for a script), so the site map leaves it out.
    `verb`: 403 unless the actor holds that right somewhere; or a function that gives several, of which one is enough.
    `signed_in`: strangers are sent to sign in first.
    `count(request)` gives the number shown beside the word in the menu (None or 0: nothing); keep it one cheap query.
    `live` names the `Live` fact that keeps this number up to date.
    """

    door: str
    path: str
    view: View
    title: Any
    menu: Any = None
    icon: str = ""
    order: int = 50
    verb: str | Callable[[], tuple[str, ...]] = ""
    signed_in: bool = False
    count: Callable[[HttpRequest], int | None] | None = None
    live: str = ""


@dataclass(frozen=True)
class Panel:
    """A fragment on somebody else's page: `show(request, thing)` returns safe HTML, or None to stay away.

    `place` is the name the page's owner documents, such as "cases.case"; see `panels`.
    """

    place: str
    show: Callable[[HttpRequest, Any], Markup | str | None]
    order: int = 50


@dataclass(frozen=True)
class Tile:
    """A fragment on a door's first page: `show(request)` returns safe HTML, or None to stay away."""

    door: str
    show: Callable[[HttpRequest], Markup | str | None]
    order: int = 50


@dataclass(frozen=True)
class Brand:
    """Whose site this request is for: `name(request)` returns a `Masthead`, or None to leave it to the next one.

    The last manifest that answers wins, so a door or a domain may name what a block leaves open.
    """

    name: "Callable[[HttpRequest], Masthead | None]"


@dataclass(frozen=True)
class Masthead:
    """Name of the site, the region it shows (empty: none), where the region is changed, and who answers for it.

    `lines` are what else the foot says of the site, as safe HTML.
    """

    title: str
    region: str = ""
    region_url: str = ""
    host: str = ""
    search_url: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """One line of a door's menu as this actor sees it now."""

    title: str
    url: str
    icon: str
    active: bool
    count: int | None = None
    live: str = ""


def url_name(manifest: Domain, page: Page) -> str:
    """The name the page's address is reversed by."""
    return f"{manifest.key}.{page.view.__name__}"


def address(page: Page) -> str:
    """The page's route with its door's prefix."""
    return DOORS[page.door] + page.path


def patterns() -> list[URLPattern]:
    """URL patterns of every added page, each view wrapped with the page's checks."""
    return [path(address(page), guarded(page), name=url_name(manifest, page)) for manifest, page in added_by(Page)]


def gathered(found: list[URLPattern]) -> list[URLPattern | URLResolver]:
    """The same addresses, those that begin with the same word behind one of their own.

    Django tries addresses one after the other: five hundred for each request. A beginning that is no fixed word keeps
    its place: what stands before it is tried before it.
    """
    made: list[tuple[str, list[URLPattern]]] = []
    begun: dict[str, list[URLPattern]] = {}
    for one in found:
        first, slash, rest = str(one.pattern).partition("/")
        if "<" in first or not slash:
            made.append(("", [one]))
            begun = begun if "<" not in first else {}
            continue
        if first not in begun:
            begun[first] = []
            made.append((first, begun[first]))
        begun[first].append(path(rest, one.callback, one.default_args, name=one.name))
    return [
        path(f"{first}/", include(gathered(inside))) if first else inside[0]  # type: ignore[arg-type]
        for first, inside in made
    ]


def guarded(page: Page) -> View:
    """The view behind the checks of `page`; tells the request which page and door it is at."""

    @wraps(page.view)
    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.page, request.door = page, page.door  # type: ignore[attr-defined]
        if page.signed_in and not request.user.is_authenticated:
            return to_sign_in(request)
        if not may_open(page, request):
            if not request.user.is_authenticated:
                return to_sign_in(request)
            raise Denied(_("您的岗位不能打开「%(title)s」。请联系本部门管理员。") % {"title": page.title})
        return page.view(request, *args, **kwargs)

    return view


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send a stranger to sign in and back. What was posted is kept and offered again afterwards."""
    from hexi.ui import kept

    if request.headers.get("HX-Request"):
        here = urlsplit(request.headers.get("HX-Current-URL", "/"))
        back = here.path + (f"?{here.query}" if here.query else "")
        return HttpResponse(status=401, headers={"HX-Redirect": sign_in_url(back)})
    if request.method == "POST" and kept.keep(request):
        return HttpResponseRedirect(sign_in_url(reverse("ui.kept")))
    return HttpResponseRedirect(sign_in_url(request.get_full_path()))


def sign_in_url(back: str = "") -> str:
    """Address of the sign-in page, which leads to `back` afterwards."""
    return resolve_url(settings.LOGIN_URL) + (f"?{urlencode({'next': back})}" if back else "")


def door_of(request: HttpRequest) -> str:
    """The door a request is at; by the address where no page was reached (404)."""
    door = getattr(request, "door", None)
    if door is None:
        first = request.path_info.lstrip("/").split("/")[0] + "/"
        door = next((name for name, prefix in DOORS.items() if prefix and prefix == first), "citizen")
    return door


@cache
def _menu_pages(door: str) -> tuple[tuple[str, Page], ...]:
    found = [(url_name(manifest, page), page) for manifest, page in added_by(Page) if page.menu and page.door == door]
    return tuple(sorted(found, key=lambda pair: pair[1].order))


def menu(door: str, request: HttpRequest) -> list[Entry]:
    """The entries of a door's menu that this actor may open; the one the request is in is active. Once a request."""
    kept: dict[str, list[Entry]] = request.__dict__.setdefault("_ui_menus", {})
    if door not in kept:
        kept[door] = _menu(door, request)
    return kept[door]


def _menu(door: str, request: HttpRequest) -> list[Entry]:
    seen = [(name, page) for name, page in _menu_pages(door) if may_open(page, request)]
    urls = [(page, address_of(name)) for name, page in seen]
    here = max((url for _, url in urls if _inside(request.path, url)), key=len, default="")
    return [
        Entry(str(page.menu), url, page.icon, url == here, page.count(request) if page.count else None, page.live)
        for page, url in urls
    ]


def _inside(where: str, url: str) -> bool:
    return where == url or (url.endswith("/") and url.count("/") > 1 and where.startswith(url))


def may_open(page: Page, request: HttpRequest) -> bool:
    """True if the page's checks would let this request in (signing in not counted)."""
    actor = getattr(request, "actor", None)
    verbs = page.verb() if callable(page.verb) else (page.verb,)
    return not page.verb or (actor is not None and any(actor.scopes(verb) for verb in verbs))


def _shown(parts: Iterator[Markup | str | None]) -> list[Markup]:
    return [Markup(part) for part in parts if part]  # noqa: S704 the contract of Panel and Tile: safe HTML


def panels(place: str, request: HttpRequest, thing: Any = None) -> list[Markup]:
    """What the manifests add to a place about a thing, in order."""
    every = added(Panel)
    if _places.of is not every:
        _places.of, _places.found = every, {}
        for panel in sorted(every, key=lambda one: one.order):
            _places.found.setdefault(panel.place, []).append(panel)
    return _shown(panel.show(request, thing) for panel in _places.found.get(place, ()))


def foot(name: str, title: Any) -> Panel:
    """A link to a page without arguments in the portal's footer, for a manifest."""
    link = Markup('<a href="{}">{}</a>')
    return Panel("ui.foot", lambda request, thing: link.format(address_of(name), title))


class _Places:
    """Panels by place, each in order; sorted anew when others are added (tests)."""

    of: tuple[Panel, ...] | None = None
    found: dict[str, list[Panel]]


_places = _Places()


def tiles(door: str, request: HttpRequest) -> list[Markup]:
    """What the manifests add to a door's first page, in order."""
    found = sorted((tile for tile in added(Tile) if tile.door == door), key=lambda tile: tile.order)
    return _shown(tile.show(request) for tile in found)


def masthead(request: HttpRequest) -> Masthead:
    """The name of the site and region for this request."""
    names = (brand.name(request) for brand in reversed(added(Brand)))
    return next((name for name in names if name), None) or Masthead(_("河西政务服务"))


def address_of(name: str, *args: Any) -> str:
    """The address of a named page, as `reverse` gives it: a page asks for dozens, mostly the same ones."""
    return _address_of(get_urlconf() or settings.ROOT_URLCONF, get_script_prefix(), name, args)


@lru_cache(maxsize=4096)
def _address_of(urlconf: str, prefix: str, name: str, args: tuple[Any, ...]) -> str:
    return reverse(name, urlconf, args=args)


def has_url(name: str) -> bool:
    """True if an address of that name, without arguments, exists: for links to parts that may be switched off."""
    try:
        address_of(name)
    except NoReverseMatch:
        return False
    return True
