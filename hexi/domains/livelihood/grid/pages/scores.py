"""Score cards by unit and by cell, read from the roll-up; every figure leads to the incidents it counts."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.grid import figures, queries
from hexi.domains.livelihood.grid.models import Incident
from hexi.domains.livelihood.grid.pages.incidents import INCIDENTS
from hexi.kernel import clock
from hexi.kernel.actors import Actor
from hexi.ui import words
from hexi.ui.pages import ListPage
from hexi.ui.rows import Rows
from hexi.ui.tables import Column, Empty, Filter

#: days looked back at if none are asked for
DAYS = 30
#: days asked for outside of these are none
EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True)
class Span:
    """The days the address asks for."""

    first: date
    last: date

    @classmethod
    def of(cls, request: HttpRequest) -> "Span":
        """From and to; without them the last thirty days."""
        last = _day(request.GET.get("to", "")) or clock.today()
        first = _day(request.GET.get("from", "")) or last - timedelta(DAYS - 1)
        return cls(min(first, last), max(first, last))

    @property
    def told(self) -> str:
        """In words."""
        return _("%(first)s 至 %(last)s") % {"first": words.day(self.first), "last": words.day(self.last)}

    def behind(self, fact: str, **whose: Any) -> str:
        """Where the incidents behind a figure stand."""
        asked = whose | {"from": self.first.isoformat(), "to": self.last.isoformat()}
        return f"{reverse('grid.behind', args=[fact])}?{urlencode(asked)}"


def _day(text: str) -> date | None:
    """A day of the address; None if it makes no sense here, such as one without a month before it."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if EARLIEST <= found <= LATEST else None


def _same(rows: Any, _value: Any) -> Any:
    return rows  # which days are counted stands in the figures, not among the rows


FILTERS = (
    Filter("from", gettext_lazy("开始日期"), "date", _same),
    Filter("to", gettext_lazy("结束日期"), "date", _same),
)
UNITS = ListPage(
    title=gettext_lazy("网格评价"), columns=(), filters=FILTERS, template="grid/scores.html",
    search=lambda rows, text: rows.where(lambda one: text.casefold() in one.name.casefold()),  # type: ignore[attr-defined]
    empty=Empty(gettext_lazy("这段时间没有派遣。")),
)  # fmt: skip
CELLS = ListPage(
    title=gettext_lazy("网格评价：网格"), columns=(), filters=FILTERS, template="grid/scores.html",
    search=lambda rows, text: rows.filter(title__contains=text) | rows.filter(code__contains=text),
    empty=Empty(gettext_lazy("这段时间没有上报和打卡。")),
)  # fmt: skip


def scores(request: HttpRequest) -> HttpResponseBase:
    """Units of the regions a post covers."""
    span = Span.of(request)
    page = replace(UNITS, columns=_unit_columns(span), lead=span.told)
    rows: Any = Rows(queries.unit_scores(_tops(request.actor), span.first, span.last))  # type: ignore[attr-defined]
    return page.respond(request, rows, cards=_cards("grid.scores", span))


def cell_scores(request: HttpRequest) -> HttpResponseBase:
    """Cells of the regions a post covers."""
    span = Span.of(request)
    page = replace(CELLS, columns=_cell_columns(span), lead=span.told)
    rows = queries.cell_scores(_tops(request.actor), span.first, span.last)  # type: ignore[attr-defined]
    return page.respond(request, rows, cards=_cards("grid.cell_scores", span))


def _tops(actor: Actor) -> list[str]:
    """The regions of the posts, none inside another."""
    regions = sorted({one.region for one in actor.scopes("statistics.view")})
    return [one for one in regions if not any(one != other and one.startswith(other) for other in regions)]


def _cards(here: str, span: Span) -> list[dict[str, Any]]:
    """The two cards as tabs, over the same days."""
    asked = urlencode({"from": span.first.isoformat(), "to": span.last.isoformat()})
    both = (("grid.scores", _("处置部门")), ("grid.cell_scores", _("网格")))
    return [{"title": title, "url": f"{reverse(name)}?{asked}", "active": name == here} for name, title in both]


def _unit_columns(span: Span) -> tuple[Column, ...]:
    def figure(key: str, title: Any, value: Callable[[Any], Any] | None = None, of: str = "") -> Column:
        fact = of or key
        return Column(
            key, title, value=value or key, kind="text" if value else "number", sort="" if value else key,
            link=lambda one: span.behind(fact, unit=one.pk) if getattr(one, fact) else "",
        )  # fmt: skip

    return (
        Column("unit", _("处置部门"), value="title"),
        figure("dispatched", _("派遣")),
        figure("handled", _("处置")),
        figure("closed", _("结案")),
        figure("rate", _("按期率"), lambda one: _rate(one.in_time, one.closed), "in_time"),
        figure("late", _("超期处置")),
        figure("redone", _("返工率"), lambda one: _rate(one.rework, one.handled), "rework"),
        figure("returned", _("退回")),
        figure("delayed", _("延期")),
        figure("held", _("挂账")),
        figure("mean", _("平均得分"), lambda one: f"{one.points / one.rated:.1f}" if one.rated else "—", "rated"),
    )


def _cell_columns(span: Span) -> tuple[Column, ...]:
    def figure(key: str, title: Any) -> Column:
        link = (lambda one: span.behind(key, cell=one.code) if getattr(one, key) else "") if key != "visits" else None
        return Column(key, title, kind="number", sort=key, link=link)

    return (
        Column("cell", _("网格"), value="title", link=lambda one: reverse("grid.cell", args=[one.code])),
        Column("code", _("网格编码"), kind="code", sort="code"),
        figure("received", _("上报")),
        figure("closed", _("结案")),
        figure("late", _("超期处置")),
        figure("rework", _("返工")),
        figure("visits", _("巡查打卡")),
    )


def _rate(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "—"


BEHIND = replace(INCIDENTS, title=gettext_lazy("数字背后的事件"), views=(), search=None, filters=())


def behind(request: HttpRequest, fact: str) -> HttpResponseBase:
    """The incidents a figure of a unit or a cell has counted, those among them that the actor's posts may see."""
    span, cell, unit = Span.of(request), request.GET.get("cell", "")[:24], request.GET.get("unit", "")
    tops = _tops(request.actor)  # type: ignore[attr-defined]
    if unit.isdecimal() and len(unit) < 18:
        rows, whose = figures.behind_unit(fact, int(unit), tops, span.first, span.last), _unit_name(int(unit))
    else:
        rows, whose = figures.behind_cell(fact, cell, tops, span.first, span.last), _cell_name(cell)
    if rows is None or not whose:
        raise Http404(_("没有这个数字。"))
    ids = rows.values("pk" if rows.model is Incident else "incident")
    seen = queries.visible(request.actor).filter(pk__in=ids)  # type: ignore[attr-defined]
    told = {"n": rows.count(), "seen": seen.count()}
    lead = _("这个数字共 %(n)s 次，您的岗位可以查看其中 %(seen)s 件。") % told
    title = f"{whose}：{figures.FACTS.get(f'grid.{fact}') or figures.CELLS[f'gridcells.{fact}']}"
    crumbs = ((_("网格评价"), reverse("grid.scores")),)
    return replace(BEHIND, lead=f"{span.told} · {lead}").respond(request, seen, title=title, crumbs=crumbs)


def _unit_name(pk: int) -> str:
    found = Department.objects.filter(pk=pk).first()
    return found.title if found else ""


def _cell_name(code: str) -> str:
    return figures.cell_names([code]).get(code, "")
