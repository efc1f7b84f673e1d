"""好差评 on the pages: the applicant's stars, the office's orders, the supervisor's review, the public results."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from markupsafe import Markup

from hexi.blocks.cases import queries, ratings
from hexi.blocks.cases.models import Case, Rating
from hexi.blocks.cases.operations import rating as operations
from hexi.blocks.cases.pages import words
from hexi.blocks.cases.states import ENDED
from hexi.blocks.regions import queries as regions
from hexi.blocks.regions.codes import is_code, prefix
from hexi.kernel import clock
from hexi.kernel.fixed import Fixed, Given
from hexi.ui import export
from hexi.ui.pages import ListPage
from hexi.ui.tables import Column, Empty, Filter, SavedView

LEVELS = {
    5: gettext_lazy("非常满意"),
    4: gettext_lazy("满意"),
    3: gettext_lazy("基本满意"),
    2: gettext_lazy("不满意"),
    1: gettext_lazy("非常不满意"),
}
_RATING = Fixed(lambda: Rating.objects.filter(case_id=Given("case")))
STATES = {
    "": ("done", gettext_lazy("无需处理")),
    "open": ("overdue", gettext_lazy("待联系")),
    "contacted": ("doing", gettext_lazy("整改中")),
    "mended": ("wait", gettext_lazy("已答复，等再评")),
    "review": ("near", gettext_lazy("待复核")),
    "closed": ("off", gettext_lazy("已办结")),
}


# --- the applicant --------------------------------------------------------------------------------------------------
def panel(request: HttpRequest, case: Case) -> Markup | None:
    """On the page of an ended case: rate it, or what was rated and what came of it."""
    if case.state not in ENDED:
        return None
    held = _RATING.first(case=case.pk)
    facts = {
        "case": case, "rating": held, "level": LEVELS.get(held.level) if held else "",
        "aspects": operations.aspects_of(case), "state": STATES[held.state] if held else None,
        "again": LEVELS.get(held.again) if held and held.again else "",
        "may_rate_again": held is not None and held.state == Rating.State.MENDED,
    }  # fmt: skip
    return Markup(render_to_string("cases/rating_mine.html", facts, request))  # noqa: S704 - our own template


@require_POST
def rate(request: HttpRequest, number: str) -> HttpResponseRedirect:
    """The applicant's rating, or the one after the mending."""
    case = queries.my_permit(number, request.actor)  # type: ignore[attr-defined]
    if case is None:
        raise Http404
    given, actor = request.POST, request.actor  # type: ignore[attr-defined]
    try:
        if "again" in given:
            operations.rate_again(get_object_or_404(Rating, case=case), level=_level(given["again"]), by=actor)
        else:
            aspects = {name: _level(given[name]) for name in operations.aspects_of(case) if given.get(name)}
            operations.rate(
                case, level=_level(given.get("level", "")), aspects=aspects, text=given.get("text", ""),
                public="public" in given, by=actor,
            )  # fmt: skip
        messages.success(request, _("谢谢您的评价。不满意的，办理机关会在一个工作日内联系您。"))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return HttpResponseRedirect(reverse("cases.mine", args=[number]) + "#rating")


def _level(text: str) -> int:
    return int(text) if text in ("1", "2", "3", "4", "5") else 0


# --- the office and the supervisor ------------------------------------------------------------------------------------
def _view(key: str, title: Any, **where: Any) -> SavedView:
    return SavedView(key, title, lambda rows: rows.filter(**where))


RATINGS = ListPage(
    title=gettext_lazy("好差评"),
    columns=(
        Column("title", gettext_lazy("事项"), value="case.name", link=lambda one: _address(one)),
        Column("level", gettext_lazy("评价"), value=lambda one: LEVELS[one.level]),
        Column("state", gettext_lazy("处理"), value=lambda one: STATES[one.state], kind="tag"),
        Column("due", gettext_lazy("期限"), value=lambda one: _due(one)),
        Column("department", gettext_lazy("部门"), value="case.department.title"),
        Column("at", gettext_lazy("评价时间"), kind="moment"),
        Column("number", gettext_lazy("单号")),
    ),
    filters=(
        Filter("level", gettext_lazy("评价"), list(LEVELS.items()), "level"),
        Filter("department", gettext_lazy("部门"), "text", lambda rows, text: _named(rows, "department", text)),
        Filter("item", gettext_lazy("事项"), "text", lambda rows, text: _named(rows, "item", text)),
        Filter("region", gettext_lazy("区划代码"), "text", lambda rows, text: _within(rows, text)),
        Filter("year", gettext_lazy("年份"), "text", lambda rows, text: _of_year(rows, text)),
    ),
    views=(
        SavedView("bad", gettext_lazy("待处理的差评"), lambda rows: rows.filter(state__in=ratings.OPEN)),
        SavedView("late", gettext_lazy("超期"), lambda rows: rows.filter(ratings.late())),
        _view("review", gettext_lazy("待复核"), state="review"),
        _view("counted", gettext_lazy("计入结果的"), annulled=False),
        _view("low", gettext_lazy("计入结果的差评"), annulled=False, level__lt=3),
        SavedView("all", gettext_lazy("全部"), lambda rows: rows),
    ),
    search=lambda rows, text: rows.filter(number__contains=text) | rows.filter(case__title__contains=text),
    empty=Empty(gettext_lazy("还没有评价。办结的申请人在自己的办件页面评价。")),
)  # fmt: skip


def _named(rows: QuerySet[Rating], part: str, text: str) -> QuerySet[Rating]:
    """Those of the office or item of this very name, as links name it; if there is none, whose name contains it."""
    exact = rows.filter(**{PARTS[part]: text})
    return exact if exact.exists() else rows.filter(**{f"{PARTS[part]}__contains": text})


def _within(rows: QuerySet[Rating], code: str) -> QuerySet[Rating]:
    """Those of a division and everything inside it; all, if it is no code."""
    return rows.filter(case__region_code__startswith=prefix(code)) if is_code(code) else rows


def _of_year(rows: QuerySet[Rating], text: str) -> QuerySet[Rating]:
    return (
        rows.filter(at__year=int(text))
        if text.isdecimal() and 2000 <= int(text[:4]) <= 2199 and len(text) == 4
        else rows
    )


def _address(rating: Rating) -> str:
    return reverse("cases.rating", args=[rating.pk])


def _due(rating: Rating) -> str:
    due = {"open": rating.contact_due, "contacted": rating.mend_due, "review": rating.mend_due}.get(rating.state)
    return words.due_words(due) if due else ""


def rating_list(request: HttpRequest) -> HttpResponseBase:
    """Ratings of one's offices; those to be answered first."""
    return RATINGS.respond(request, _mine(request).order_by("-at", "-pk"))


def _mine(request: HttpRequest) -> QuerySet[Rating]:
    return ratings.of_offices(request.actor)  # type: ignore[attr-defined]


def rating(request: HttpRequest, pk: int) -> HttpResponse:
    """One rating and what may be done about it. Who rated is not shown: the case number leads whoever may see it."""
    return _show(request, pk)


def _show(request: HttpRequest, pk: int, error: ValidationError | None = None) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    try:
        held = ratings.rating_for(pk, actor)
    except Rating.DoesNotExist as missing:
        raise Http404 from missing
    case = held.case
    place = (case.department_id, case.region_code)
    facts = {
        "title": held.number or _("评价"), "rating": held, "case": case, "level": LEVELS[held.level],
        "again": LEVELS.get(held.again) if held.again else None, "state": STATES[held.state],
        "aspects": [(operations.aspects_of(case)[key], LEVELS[n]) for key, n in held.aspects.items()],
        "may_answer": actor.may("cases.answer", *place), "may_rule": actor.may("cases.supervise", *place),
        "errors": [("#main", said) for said in error.messages] if error else [], "typed": request.POST,
    }  # fmt: skip
    return render(request, "cases/rating.html", facts, status=422 if error else 200)


@require_POST
def handle_rating(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """One step of a bad rating: contact, mend, plead, annul or uphold."""
    held, given, by = get_object_or_404(_mine(request), pk=pk), request.POST, request.actor  # type: ignore[attr-defined]
    do = {
        "contact": lambda: operations.contact(held, said=given.get("said", ""), by=by),
        "mend": lambda: operations.answer_rating(held, reply=given.get("reply", ""), by=by),
        "plead": lambda: operations.plead(held, why=given.get("why", ""), by=by),
        "annul": lambda: operations.rule(held, annul=True, ruling=given.get("ruling", ""), by=by),
        "uphold": lambda: operations.rule(held, annul=False, ruling=given.get("ruling", ""), by=by),
    }.get(action)
    if do is None:
        raise Http404
    try:
        do()
        messages.success(request, _("已登记。"))
    except ValidationError as error:
        return _show(request, pk, error)
    return HttpResponseRedirect(reverse("cases.rating", args=[pk]))


# --- everybody --------------------------------------------------------------------------------------------------------
#: what the public results are narrowed to and listed by: name in the address → column
PARTS = {"department": "case__department__name", "item": "case__title"}
HEADS = (gettext_lazy("评价数"), gettext_lazy("满意率"), gettext_lazy("差评"), gettext_lazy("平均分"))


def rating_results(request: HttpRequest) -> HttpResponse:
    """The public results of a year: levels, by department and by item; words whose writers let them be shown.

    Narrowed to a department or an item by the address; `sheet` names a table to have as an Excel file.
    """
    given = request.GET.get("year", "")
    asked = int(given) if given.isdecimal() and len(given) == 4 else 0
    year = asked if 2000 <= asked <= 2199 else clock.today().year
    code = regions.region_of(request)
    rows = ratings.counted(prefix(code) if code else "", date(year, 1, 1), date(year, 12, 31))
    only = {name: request.GET[name][:200] for name in PARTS if request.GET.get(name)}
    rows = rows.filter(**{PARTS[name]: text for name, text in only.items()})
    tables = {
        "department": (_("按部门"), _("部门"), ratings.results(rows, PARTS["department"])),
        "item": (_("按事项"), _("事项"), ratings.results(rows, PARTS["item"])),
    }
    if (wanted := request.GET.get("sheet", "")) in tables:
        return _sheet(*tables[wanted])
    total, narrowed = ratings.results(rows, "annulled"), {"year": str(year), **only}
    facts = {
        "title": _("好差评结果"), "year": year, "total": total[0] if total else None, "heads": HEADS, "only": only,
        "levels": [_level_row(request, n, total[0].levels[n - 1], narrowed) for n in range(5, 0, -1)] if total else [],
        "behind": _behind(request, narrowed),
        "tables": [
            (title, head, _lines(request, name, found, narrowed), _address_of(narrowed, sheet=name))
            for name, (title, head, found) in tables.items()
        ],
        "shown": [(one, LEVELS[one.level]) for one in ratings.shown(rows)[:20]],
    }  # fmt: skip
    return render(request, "cases/rating_results.html", facts)


def _sheet(title: str, head: str, found: list[ratings.Result]) -> HttpResponse:
    lines = [
        [one.name, one.total, round(one.satisfied or 0, 1), sum(one.levels[:2]), round(one.mean, 2)] for one in found
    ]
    return export.workbook(title, [head, *map(str, HEADS)], lines)


def _address_of(narrowed: dict[str, str], **more: str) -> str:
    return f"?{urlencode(narrowed | more)}"


def _lines(request: HttpRequest, name: str, found: list[ratings.Result], narrowed: dict[str, str]) -> list[Any]:
    """The lines of a table, each with where its name leads (its own results), its ratings and the bad among them.

    The ratings themselves are for who answers for them; everybody else is led to the results of the line.
    """
    made = []
    for one in found:
        part = narrowed | {name: one.name}
        own = _address_of(part)
        made.append((one, own, _behind(request, part) or own, _behind(request, part, "low") or own))
    return made


def _level_row(request: HttpRequest, level: int, number: int, narrowed: dict[str, str]) -> tuple[Any, ...]:
    """A bar of one level, with a link for who may open the ratings behind it."""
    behind = _behind(request, narrowed | {"level": str(level)})
    return (LEVELS[level], number, behind) if behind and number else (LEVELS[level], number)


def _behind(request: HttpRequest, part: dict[str, str], view: str = "counted") -> str:
    """The list of the very ratings, for who answers for offices or supervises them; "" for everybody else."""
    actor = request.actor  # type: ignore[attr-defined]
    if not (actor.scopes("cases.answer") or actor.scopes("cases.supervise")):
        return ""
    part = {"view": view, "region": regions.region_of(request)} | part
    return f"{reverse('cases.rating_list')}?{urlencode(part)}"
