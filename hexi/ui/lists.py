"""The list page: one configuration of columns, filters, tabs, search and actions answers every request for it.

Everything a person chose stands in the address; htmx swaps only the list; without JavaScript the same links and
forms work. Queries: one per tab (or one count) and one for the rows, whatever the number of rows.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hexi.kernel.actors import Denied
from hexi.ui import export, paging
from hexi.ui.paging import capped_count, count_words, page_of
from hexi.ui.tables import Action, Column, Empty, Filter, SavedView

NOTHING = Empty(gettext_lazy("这里还没有内容。"))
#: rows a bulk action takes at once
MOST_ROWS = 500


@dataclass(frozen=True)
class ListPage:
    """A list; `respond` answers GET (page, fragment or file) and POST (a bulk action) for a queryset already
    narrowed to what the actor may see. `on_show` is told the rows of the page, or of the file, before they are shown:
    where somebody's data are in them, it logs the look."""

    title: Any
    columns: tuple[Column, ...]
    filters: tuple[Filter, ...] = ()
    views: tuple[SavedView, ...] = ()
    search: Callable[[QuerySet, str], QuerySet] | None = None
    bulk: tuple[Action, ...] = ()
    per_page: int = 20
    empty: Empty = NOTHING
    export: bool = True
    row_link: Callable[[Any], str] | None = None
    row_panel: bool = False
    lead: Any = ""
    on_export: Callable[[HttpRequest, int], None] | None = None
    on_show: Callable[[HttpRequest, Iterable[Any]], None] | None = None
    template: str = "ui/list.html"

    def respond(self, request: HttpRequest, queryset: QuerySet, **context: Any) -> HttpResponseBase:
        """The page; `context` reaches the template (`crumbs`, `heading_actions`, `title` …)."""
        if request.method == "POST":
            return self._act(request, queryset)
        asked = Asked(self, request)
        narrowed = asked.narrow(queryset)
        if self.export and request.GET.get("export") in export.FORMATS:
            return self._file(request, asked.sort(asked.rows(narrowed, asked.view)), context)
        facts = {"list": self, "asked": asked, "title": self.title, **asked.page(narrowed), **context}
        if self.on_show:
            self.on_show(request, facts["paging"].rows)
        response = render(request, "ui/table.html" if _only_list(request) else self.template, facts)
        patch_vary_headers(response, ["HX-Request"])
        return response

    def _file(self, request: HttpRequest, rows: QuerySet, context: dict[str, Any]) -> HttpResponseBase:
        if self.on_export:
            self.on_export(request, min(capped_count(rows), export.LARGEST))
        if self.on_show:
            self.on_show(request, rows[: export.LARGEST])
        title = str(context.get("title", self.title))
        return export.respond(rows, self.columns, title, request.GET["export"])

    def _act(self, request: HttpRequest, queryset: QuerySet) -> HttpResponseBase:
        """Do the pressed action to the ticked rows, then show the same list with a sentence about it."""
        action = next((one for one in self.bulk if one.key == request.POST.get("action")), None)
        if action is None or not action.open_to(request):
            raise Denied(_("您不能做这项批量操作。"))
        ticked = request.POST.getlist("row")[:MOST_ROWS]
        if not ticked:
            messages.warning(request, _("请先勾选要处理的行。"))
            return HttpResponseRedirect(request.get_full_path())
        try:
            chosen = queryset.filter(pk__in=ticked)
        except ValueError as error:
            raise BadRequest("no such rows") from error
        try:
            done = action.run(request, chosen)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return HttpResponseRedirect(request.get_full_path())
        if isinstance(done, HttpResponse):
            return done
        messages.success(request, done or _("已完成。"))
        return HttpResponseRedirect(request.get_full_path())


def _only_list(request: HttpRequest) -> bool:
    """True if htmx asks for the list alone (not when it rebuilds a page of the history)."""
    heads = request.headers
    return heads.get("HX-Target") == "list" and heads.get("HX-History-Restore-Request") != "true"


class Asked:
    """What the address of one request asks of a list."""

    def __init__(self, page: ListPage, request: HttpRequest):
        self.of, self.request = page, request
        self.text = request.GET.get("q", "").strip()[:100] if page.search else ""
        self.cap = paging.SOUGHT if self.text else paging.CAP
        self.given = [(one, one.given(request)) for one in page.filters]
        wanted = request.GET.get("view")
        everything = SavedView("", "")
        self.view = next((one for one in page.views if one.key == wanted), next(iter(page.views), everything))
        self.actions = [action for action in page.bulk if action.open_to(request)]

    def address(self, **changes: Any) -> str:
        """This address with some values changed (None: taken away); back on the first page."""
        here = self.request.GET.copy()
        for name in ("page", "export"):
            here.pop(name, None)
        for name, value in changes.items():
            here.pop(name, None)
            if value is not None:
                here[name] = str(value)
        return "?" + here.urlencode()

    @property
    def narrowed(self) -> bool:
        """True if a search or filter is in force."""
        return bool(self.text) or any(value is not None for _, value in self.given)

    @property
    def cleared(self) -> str:
        """The address without search and filters."""
        return self.address(q=None, **{one.key: None for one, _ in self.given})

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the filter form must carry along: tab and order."""
        return [(name, self.request.GET[name]) for name in ("view", "sort") if name in self.request.GET]

    def narrow(self, queryset: QuerySet) -> QuerySet:
        """The rows that pass search and filters (not yet the tab)."""
        for one, value in self.given:
            if value is not None:
                queryset = one.narrow(queryset, value)
        return self.of.search(queryset, self.text) if self.of.search and self.text else queryset

    def rows(self, narrowed: QuerySet, view: SavedView) -> QuerySet:
        """The rows of a tab that pass search and filters; `narrowed` are those of the list."""
        return view.narrow(self.narrow(view.of(self.request)) if view.of else narrowed, self.request)

    def sort(self, queryset: QuerySet) -> QuerySet:
        """Ordered as the address says, else as the queryset is; always ending in the key, so that pages are stable.

        The key goes the same way as the column: one index on both is then read forwards or backwards.
        """
        wanted = self.request.GET.get("sort", "")
        field = next((one.sort for one in self.of.columns if one.sort and one.key == wanted.lstrip("-")), None)
        if field:
            way = "-" if wanted.startswith("-") else ""
            return queryset.order_by(way + field, way + "pk")
        order = tuple(queryset.query.order_by) or tuple(queryset.model._meta.ordering)
        return queryset if {"pk", "-pk", "id", "-id"} & set(map(str, order)) else queryset.order_by(*order, "pk")

    def sorted_by(self, column: Column) -> tuple[str, str]:
        """(aria-sort of a column's head, address that sorts by it the other way round)."""
        now = self.request.GET.get("sort", "")
        if now == column.key:
            return "ascending", self.address(sort="-" + column.key)
        return ("descending" if now == "-" + column.key else ""), self.address(sort=column.key)

    def page(self, narrowed: QuerySet) -> dict[str, Any]:
        """The tabs with their counts and the page of rows."""
        tabs, count = [], None
        for view in self.of.views:
            rows = capped_count(self.rows(narrowed, view), self.cap)
            count = rows if view is self.view else count
            active = view is self.view
            url = self.address(view=view.key)
            words = count_words(rows, self.cap)
            tabs.append({"title": view.title, "url": url, "active": active, "count": words, "swap": True})
        chosen = self.sort(self.rows(narrowed, self.view))
        number = self.request.GET.get("page", "1")
        turned = page_of(
            chosen,
            count=capped_count(chosen, self.cap) if count is None else count,
            cap=self.cap,
            number=int(number) if number.isdecimal() and len(number) < 7 else 1,
            per_page=self.of.per_page,
            address=lambda one: self.address(page=one),
        )
        return {"tabs": tabs, "paging": turned}

    def link(self, row: Any, column: Column, first: bool) -> str:
        """Where a cell leads: the column's own link, or in the first column the row's."""
        if column.link:
            return column.href(row)
        return self.of.row_link(row) if first and self.of.row_link else ""
