"""The portal's first page, "my" page and site map, each collected from the manifests."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control

from hexi.blocks.search import queries as search
from hexi.kernel.manifest import added_by
from hexi.ui import doors


def home(request: HttpRequest) -> HttpResponse:
    """Search, then what the manifests put here; nothing empty is shown."""
    return render(request, "citizen/home.html", {"title": _("首页"), "hot": search.hot_words()})


def my(request: HttpRequest) -> HttpResponse:
    """Everything of mine: what the manifests declare below my/."""
    return render(request, "citizen/my.html", {"title": _("我的"), "entries": mine()})


def mine() -> list[dict[str, str]]:
    """The pages below my/ that need no argument, as tiles."""
    pages = [(manifest, page) for manifest, page in added_by(doors.Page) if _is_mine(page)]
    pages.sort(key=lambda pair: pair[1].order)
    return [
        {"title": str(page.title), "url": reverse(doors.url_name(manifest, page)), "icon": page.icon or "chevron-right"}
        for manifest, page in pages
    ]


def site_map(request: HttpRequest) -> HttpResponse:
    """Every public page without an argument, by the part of the house it belongs to."""
    parts = {}
    for manifest, page in added_by(doors.Page):
        if page.door in ("citizen", "plain") and "<" not in page.path and not page.verb and page.menu is not False:
            parts.setdefault(manifest.title, []).append((page.title, reverse(doors.url_name(manifest, page))))
    return render(request, "citizen/site_map.html", {"title": _("网站地图"), "parts": parts})


@cache_control(public=True, max_age=86400)
def robots(request: HttpRequest) -> HttpResponse:
    """What a search engine leaves alone (RFC 9309): what needs a sign-in, and answers to single questions."""
    closed = ("work", "command", "my", "accounts", "identity", "demo", "documents", "apply", "search", "progress")
    there = request.build_absolute_uri(reverse("catalog.sitemap"))
    lines = ["User-agent: *", *(f"Disallow: /{path}/" for path in closed), f"Sitemap: {there}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


def _is_mine(page: doors.Page) -> bool:
    return (
        page.door == "citizen"
        and page.path.startswith("my/")
        and page.path != "my/"
        and "<" not in page.path
        and bool(page.icon)
    )
