"""The open data sets as DCAT, page by page; one of them; CSVW and schema.org; the sitemap of them all."""

from xml.sax.saxutils import escape

from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control

from hexi.blocks.catalog import describing
from hexi.blocks.catalog.models import Entry
from hexi.blocks.catalog.queries import opened, portal
from hexi.blocks.regions.queries import site_of
from hexi.kernel.clock import CHINA
from hexi.wire.dcat import csvw, model, schema_org, writing

#: data sets of one page of the catalogue; addresses of one sitemap (sitemaps.org: 50,000)
PER_PAGE, MOST_URLS = 100, 50_000


@cache_control(public=True, max_age=300)
def dcat_catalogue(request: HttpRequest, form: str) -> HttpResponse:
    """One page of the catalogue; `?page=2` the next, with the links to all of them inside."""
    _known(form)
    page = request.GET.get("page", "1")
    rows = portal.whole(portal.open_entries().order_by("once"))
    total = rows.count()
    last = max(1, -(-total // PER_PAGE))
    if not page.isdecimal() or len(page) > 9 or not 1 <= int(page) <= last:
        raise Http404(_("目录没有这一页。"))
    number = int(page)
    entries = list(rows[(number - 1) * PER_PAGE : number * PER_PAGE])
    here = f"{describing.base()}/catalog.{form}"
    paged = model.Paged(
        f"{here}?page={number}", total, PER_PAGE, f"{here}?page=1", f"{here}?page={last}",
        f"{here}?page={number + 1}" if number < last else "", f"{here}?page={number - 1}" if number > 1 else "",
    )  # fmt: skip
    return _written(_catalogue(request, entries, paged), form)


def _catalogue(request: HttpRequest, entries: list[Entry], paged: model.Paged) -> model.Catalogue:
    site = site_of(request)
    changed = portal.open_entries().aggregate(at=Max(portal.CHANGED))["at"]
    publisher = model.Agent({"zh": site.run_by or site.title}, f"{describing.base()}/")
    return model.Catalogue(
        f"{describing.base()}/data/#catalogue", {"zh": f"{site.title}开放数据", "en": "Open data"},
        {"zh": "向社会开放的政务数据。", "en": "Government data open to everybody."},
        publisher, f"{describing.base()}/data/", modified=changed.astimezone(CHINA) if changed else None,
        languages=("zh", "en"), themes=(describing.scheme(),),
        datasets=describing.datasets(entries), services=(describing.service(entries),), paged=paged,
    )  # fmt: skip


@cache_control(public=True, max_age=300)
def dcat_dataset(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    """One data set."""
    _known(form)
    return _written(describing.dataset(open_or_404(slug)), form)


@cache_control(public=True, max_age=300)
def csvw_metadata(request: HttpRequest, slug: str) -> HttpResponse:
    """What the columns of its CSV file mean."""
    entry = open_or_404(slug)
    if not opened.has_rows(entry):
        raise Http404(_("这个数据集没有文件。"))
    keys = () if opened.of_persons(entry) else tuple(one.name for one in opened.items_of(entry) if one.key)
    said = csvw.metadata(describing.dataset(entry), describing.columns(entry), url="rows.csv", keys=keys)
    return HttpResponse(said, content_type=csvw.MEDIA_TYPE)


@cache_control(public=True, max_age=300)
def schema(request: HttpRequest, slug: str) -> HttpResponse:
    """The data set as search engines read it."""
    said = schema_org.dataset(describing.dataset(open_or_404(slug)), catalogue=f"{describing.base()}/data/")
    return HttpResponse(said, content_type="application/ld+json")


@cache_control(public=True, max_age=3600)
def sitemap(request: HttpRequest) -> HttpResponse:
    """The pages of all open data sets (sitemaps.org 0.9)."""
    rows = portal.open_entries().values_list("slug", portal.CHANGED)[: MOST_URLS - 1]
    lines = [f"<url><loc>{escape(describing.base())}/data/</loc></url>"]
    lines += [
        f"<url><loc>{escape(describing.base())}/data/{slug}/</loc><lastmod>{at.astimezone(CHINA):%Y-%m-%d}</lastmod></url>"
        for slug, at in rows
    ]
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    return HttpResponse("\n".join([head, *lines, "</urlset>"]), content_type="application/xml")


def open_or_404(slug: str) -> Entry:
    """An open data set with its items; withdrawn and closed ones are not there."""
    try:
        return portal.open_entry(slug)
    except Entry.DoesNotExist:
        raise Http404(_("没有这个开放数据集，或者已经不再开放。")) from None


def _known(form: str) -> None:
    if form not in writing.MEDIA_TYPES:
        raise Http404(_("只有 jsonld、ttl 和 rdf 三种。"))


def _written(thing: writing.Thing, form: str) -> HttpResponse:
    response = HttpResponse(writing.write(thing, form), content_type=f"{writing.MEDIA_TYPES[form]}; charset=utf-8")
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
