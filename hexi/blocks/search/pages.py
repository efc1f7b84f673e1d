"""The search page of the portal and its type-ahead."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from hexi.blocks.regions.codes import is_code
from hexi.blocks.regions.models import Site
from hexi.blocks.regions.queries import region_of, site_of
from hexi.blocks.search import operations, queries
from hexi.blocks.search.found import searchables
from hexi.blocks.search.terms import QUESTION
from hexi.ui.paging import page_of

PER_PAGE = 20
ALL = "all"


def search(request: HttpRequest) -> HttpResponse:
    """Everything that answers `q`, by kind and page. Without a question: what others look for."""
    question = request.GET.get("q", "").strip()[:QUESTION]
    facts = {"question": question, "hot": queries.hot_words()}
    if question:
        facts |= _found(request, question)
    only_list = request.headers.get("HX-Target") == "list" and "HX-History-Restore-Request" not in request.headers
    response = render(request, "search/results.html" if only_list else "search/search.html", facts)
    patch_vary_headers(response, ["HX-Request"])
    return response


def suggest(request: HttpRequest) -> HttpResponse:
    """Names that go on from what is being typed, as a fragment below the box."""
    question = request.GET.get("q", "").strip()[:QUESTION]
    found = queries.suggest(question, request.actor, _region(request), _site(request)) if question else []  # type: ignore[attr-defined]
    icons = {one.kind: one.icon for one in searchables()}
    return render(request, "search/suggest.html", {"found": found, "icons": icons})


def _found(request: HttpRequest, question: str) -> dict:
    kind = request.GET.get("kind", "")
    actor, region = request.actor, _region(request)  # type: ignore[attr-defined]
    results = queries.find(question, actor=actor, kind=kind, region=region, site=_site(request))
    number = request.GET.get("page", "1")
    paging = page_of(
        results.entries,
        count=results.total or queries.NEAR,
        number=int(number) if number.isdecimal() and len(number) < 5 else 1,
        per_page=PER_PAGE,
        address=lambda page: _address(request, page=str(page)),
    )
    if not kind and paging.number == 1:
        operations.count(question, public=results.public)
    facets = _facets(request, results.counts, kind)
    hits = queries.hits(question, paging.rows)
    kinds = {one.kind: one for one in searchables()}
    everywhere = _address(request, region=ALL, kind="") if region else ""
    facts = {"results": results, "paging": paging, "hits": hits, "facets": facets, "kinds": kinds}
    return {**facts, "everywhere": everywhere}


def _facets(request: HttpRequest, counts: dict[str, int], kind: str) -> list[dict]:
    """Tabs: all, then each kind that has something."""
    known = [("", _("全部"), sum(counts.values()))]
    known += [(one.kind, one.title, counts[one.kind]) for one in searchables() if one.kind in counts]
    return [
        {"title": title, "count": count, "active": key == kind, "url": _address(request, kind=key), "swap": True}
        for key, title, count in known
    ]


def _address(request: HttpRequest, **changes: str) -> str:
    """This address with some values changed; on the first page unless `page` is given."""
    here = request.GET.copy()
    here.pop("page", None)
    for name, value in changes.items():
        here[name] = value
        if not value:
            del here[name]
    return "?" + here.urlencode()


def _region(request: HttpRequest) -> str:
    """The region in the address, else the visitor's; "" everywhere (`region=all`)."""
    code = request.GET.get("region", "")
    if code == ALL:
        return ""
    return code if is_code(code) else region_of(request)


def _site(request: HttpRequest) -> Site | None:
    """The site whose choice of items counts; none where the visitor looks everywhere."""
    return None if request.GET.get("region") == ALL else site_of(request)
