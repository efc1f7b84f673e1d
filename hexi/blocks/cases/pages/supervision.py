"""Pages of supervision: the lights of all cases, orders to offices, and the cases behind a figure, rights-safe."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from markupsafe import Markup

from hexi.blocks.calendars.limits import Light
from hexi.blocks.calendars.options import NEAR_DAYS, NEAR_PERCENT
from hexi.blocks.calendars.queries import may_move
from hexi.blocks.cases import facts, queries, supervision, watching
from hexi.blocks.cases.beside import has
from hexi.blocks.cases.models import Case, SupervisionOrder
from hexi.blocks.cases.pages import words, work
from hexi.blocks.indicators.counted import Slice
from hexi.blocks.indicators.table import Asked, asking
from hexi.blocks.regions import queries as regions
from hexi.ui import export
from hexi.ui.pages import BoardPage, DetailPage, Figure, FormPage, ListPage, Section
from hexi.ui.paging import CAP, capped_count, count_words
from hexi.ui.tables import Column, Empty, Filter, SavedView

LIGHTS = {
    Light.OVERDUE: gettext_lazy("红灯：已超期"),
    Light.NEAR: gettext_lazy("黄灯：临近期限"),
    Light.NORMAL: gettext_lazy("绿灯：正常"),
    Light.PAUSED: gettext_lazy("不计时"),
}
ORDER_TAGS = {"issued": "wait", "answered": "doing", "closed": "done", "repeated": "off"}
#: columns as in the list of all cases
BEHIND = replace(
    work.CASES, title=gettext_lazy("数字背后的办件"), filters=(), views=(), search=None,
    columns=tuple(column for column in work.CASES.columns if column.key != "due"),
)  # fmt: skip


def _of_light(light: Light) -> SavedView:
    return SavedView(light.value, LIGHTS[light], lambda rows: watching.of_light(rows, light))


LIT = ListPage(
    title=gettext_lazy("办件监察"),
    columns=(
        Column(
            "title", gettext_lazy("事项"), value="name", link=lambda case: reverse("cases.case", args=[case.number])
        ),
        Column("light", gettext_lazy("灯"), kind="tag", value=lambda case: light_tag(case.light)),
        Column(
            "due",
            gettext_lazy("最近期限"),
            sort="next_due",
            value=lambda case: words.due_words(case.next_due, uncertain=case.uncertain),
        ),
        Column("state", gettext_lazy("环节"), value=words.tag, kind="tag"),
        Column("department", gettext_lazy("部门"), value="department.title"),
        Column("number", gettext_lazy("编号"), value=lambda case: words.short(case.number)),
        Column("order", gettext_lazy("督办"), value=lambda case: _("督办"), link=lambda case: _issue_address(case)),
    ),
    filters=(Filter("department", gettext_lazy("部门"), "text", lambda rows, text: _of_department(rows, text)),),
    views=(
        *(_of_light(light) for light in LIGHTS),
        SavedView("procedure", gettext_lazy("特别程序中"), queries.cases_paused),
        SavedView("procedure_over", gettext_lazy("特别程序超时"), watching.procedure_over),
    ),
    search=work._find_case,
    empty=Empty(gettext_lazy("没有这种灯的办件。")),
    on_export=work._logged,
)

ORDERS = ListPage(
    title=gettext_lazy("督办单"),
    columns=(
        Column("number", gettext_lazy("督办单号"), link=lambda order: reverse("cases.order", args=[order.pk])),
        Column("title", gettext_lazy("事项"), value="case.name"),
        Column("department", gettext_lazy("部门"), value="department.title"),
        Column("state", gettext_lazy("状态"), kind="tag", value=lambda order: order_tag(order)),
        Column("issued_at", gettext_lazy("发出"), kind="day", sort="issued_at"),
        Column("due", gettext_lazy("答复期限"), kind="day", sort="due"),
        Column("answered_at", gettext_lazy("答复"), kind="day", sort="answered_at"),
    ),
    views=(
        SavedView("open", gettext_lazy("未办结"), lambda rows: rows.filter(state__in=watching.OPEN_ORDERS)),
        SavedView("issued", gettext_lazy("待答复"), lambda rows: rows.filter(state="issued")),
        SavedView("all", gettext_lazy("全部")),
    ),
    empty=Empty(gettext_lazy("没有督办单。监察员对临期和超期的办件发出后，会出现在这里。")),
    on_export=work._logged,
)


def light_tag(light: str) -> tuple[str, Any]:
    """A light as a tag."""
    return words.LIGHTS[Light(light)], LIGHTS[Light(light)]


def order_tag(order: SupervisionOrder) -> tuple[str, Any]:
    """Where an order stands; an answer that is late is said to be late."""
    if order.state == SupervisionOrder.State.ISSUED and order.late:
        return "overdue", _("逾期未答复")
    return ORDER_TAGS[order.state], order.get_state_display()


def _issue_address(case: Case) -> str:
    return reverse("cases.issue", args=[case.number])


def _of_department(rows: QuerySet[Case], text: str) -> QuerySet[Case]:
    return rows.filter(department__name__contains=text)


# --- lights -----------------------------------------
def watch(request: HttpRequest) -> HttpResponse:
    """How many cases stand at red, yellow and green, in all and in each department; each number opens its list.

    With `?sheet=departments` the table as an Excel file.
    """
    cases = queries.for_officials(request.actor)  # type: ignore[attr-defined]
    rows = watching.by_department(cases)
    page = reverse("cases.lit")
    figures = tuple(
        Figure(
            sum(lights.get(light.value, 0) for _office, lights in rows), word, _("件"), f"{page}?view={light.value}",
            state=words.LIGHTS[light] if light in (Light.OVERDUE, Light.NEAR) else "",
        )
        for light, word in LIGHTS.items()
    )  # fmt: skip
    table = [
        (
            office.title,
            [(lights.get(light.value, 0), f"{page}?{urlencode({'view': light.value, 'department': office.name})}")
             for light in LIGHTS],
        )
        for office, lights in rows
    ]  # fmt: skip
    if request.GET.get("sheet") == "departments":
        lines = [[name, *(number for number, _href in cells)] for name, cells in table]
        return export.workbook(_("各部门"), [_("部门"), *map(str, LIGHTS.values())], lines)
    html = render_to_string("cases/lights.html", {"lights": list(LIGHTS.values()), "rows": table}, request)
    lead = _("黄灯：期限只剩不到 %(percent)s%%，或 %(days)s 个工作日。红灯：已超期。") % {
        "percent": NEAR_PERCENT.value, "days": NEAR_DAYS.value,
    }  # fmt: skip
    board = BoardPage(_("电子监察"), figures, lead=lead, template="cases/watch.html")
    orders = watching.orders(request.actor)  # type: ignore[attr-defined]
    return board.respond(
        request,
        [Section(_("各部门"), Markup(html))],  # noqa: S704 - our own template
        open_orders=orders.filter(state__in=watching.OPEN_ORDERS).count(),
    )


def lit(request: HttpRequest) -> HttpResponseBase:
    """Open cases by their light."""
    rows = watching.lit(queries.for_officials(request.actor))  # type: ignore[attr-defined]
    return LIT.respond(request, queries.with_uncertainty(rows))


# --- orders -----------------------------------------
class IssueForm(forms.Form):
    """An order to the office of a case."""

    reason = forms.CharField(
        label=gettext_lazy("督办原因"), widget=forms.Textarea(attrs={"rows": 4}), max_length=2000, strip=True
    )
    days = forms.IntegerField(label=gettext_lazy("几个工作日内答复"), min_value=1, max_value=supervision.LONGEST)


def issue(request: HttpRequest, number: str) -> HttpResponseBase:
    """Issue an order about a case."""
    case = _case(request, number)

    def save(form: IssueForm) -> str:
        order = supervision.issue(case, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        messages.success(request, _("已发出 %(number)s。") % {"number": order.number})
        return reverse("cases.order", args=[order.pk])

    page = FormPage(
        title=_("督办：%(title)s") % {"title": case.name}, submit=_("发出督办单"), lead=case.number,
        back=reverse("cases.case", args=[number]), crumbs=((_("电子监察"), reverse("cases.watch")),), icon="send",
    )  # fmt: skip
    return page.respond(request, IssueForm, save, initial={"days": supervision.ANSWER_DAYS.value})


def orders(request: HttpRequest) -> HttpResponseBase:
    """Orders the actor supervises or has to answer."""
    return ORDERS.respond(request, watching.orders(request.actor))  # type: ignore[attr-defined]


def order(request: HttpRequest, pk: int) -> HttpResponse:
    """One order with its answer, and what the actor may do now."""
    return _show(request, get_object_or_404(watching.orders(request.actor), pk=pk))  # type: ignore[attr-defined]


@require_POST
def act_on_order(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Answer, close or repeat."""
    found = get_object_or_404(watching.orders(request.actor), pk=pk)  # type: ignore[attr-defined]
    by, text = request.actor, request.POST.get("text", "")  # type: ignore[attr-defined]
    try:
        if action == "answer":
            supervision.answer(found, by=by, text=text)
        elif action == "close":
            supervision.close(found, by=by, conclusion=text)
        elif action == "repeat":
            found = supervision.repeat(found, by=by, reason=text)
        else:
            raise Http404
    except ValidationError as error:
        return _show(request, found, failed=action, sentences=error.messages, typed=text, status=422)
    messages.success(request, _("已办理。"))
    return HttpResponseRedirect(reverse("cases.order", args=[found.pk]))


def _show(
    request: HttpRequest, found: SupervisionOrder, *, status: int = 200, failed: str = "", typed: str = "",
    sentences: list[str] | None = None,
) -> HttpResponse:  # fmt: skip
    actor = request.actor  # type: ignore[attr-defined]
    at = (found.department_id, found.region_code)
    signed = regions.signed((found.issued_name, found.answered_name))
    facts_ = (
        (_("事项"), found.case.name), (_("办件编号"), found.case.number), (_("部门"), found.department.title),
        (_("发出时的灯"), LIGHTS[Light(found.light)]), (_("监察员"), signed[found.issued_name]),
        (_("督办原因"), found.reason), (_("答复期限"), words.day_of(found.due, may_move(found.region_code, found.due))),
        (_("部门答复"), found.answer or None), (_("答复人"), signed[found.answered_name] or None),
        (_("结论"), found.conclusion or None), (_("再次督办"), str(found.repeats) if found.repeats else None),
    )  # fmt: skip
    page = DetailPage(
        title=found.number, tag=order_tag(found), facts=facts_, template="cases/order.html",
        crumbs=((_("督办单"), reverse("cases.orders")),),
    )  # fmt: skip
    open_now = found.state in watching.OPEN_ORDERS
    response = page.respond(
        request, found, failed=failed, typed=typed, sentences=sentences or [],
        may_answer=found.state == "issued" and actor.may("cases.answer", *at),
        may_close=open_now and actor.may("cases.supervise", *at),
        may_see=any(actor.may(verb, *at) for verb in queries.OFFICIAL_VERBS),
    )  # fmt: skip
    response.status_code = status
    return response


def orders_panel(request: HttpRequest, case: Case) -> Markup | None:
    """On the case's page: its orders, and for the supervisor the way to a new one."""
    found = list(case.orders.order_by("-pk")) if has(case, SupervisionOrder) else []
    may = request.actor.may("cases.supervise", case.department_id, case.region_code)  # type: ignore[attr-defined]
    if not found and not (may and case.ended_at is None):
        return None
    rows = [(one, order_tag(one)) for one in found]
    free = may and case.ended_at is None and not any(one.state in watching.OPEN_ORDERS for one in found)
    html = render_to_string("cases/orders_panel.html", {"case": case, "rows": rows, "free": free}, request)
    return Markup(html)  # noqa: S704 - our own template


def orders_tile(request: HttpRequest) -> Markup | None:
    """On the workbench's first page: orders that wait for an answer of the actor's office."""
    waiting = watching.unanswered(request.actor)  # type: ignore[attr-defined]
    if not waiting:
        return None
    facts_ = {"n": waiting, "href": reverse("cases.orders") + "?view=issued"}
    return Markup(render_to_string("cases/tile_orders.html", facts_, request))  # noqa: S704 - our own template


def _case(request: HttpRequest, number: str) -> Case:
    cases = queries.for_officials(request.actor)  # type: ignore[attr-defined]
    return get_object_or_404(cases, number=number)


# --- behind a figure -----------------------------------------
def behind_address(keys: tuple[str, ...], part: Slice) -> str:
    """Where the cases behind a figure stand."""
    names = [key.removeprefix(f"{facts.OWNER}.") for key in keys]
    return f"{reverse('cases.behind', args=['+'.join(names)])}?{urlencode(asking(part))}"


def behind(request: HttpRequest, names: str) -> HttpResponseBase:
    """The cases a figure has counted, those among them that the actor's posts may see."""
    wanted = names.split("+")
    if not all(name in facts.FACTS for name in wanted):
        raise Http404(_("没有这个数字。"))
    part = Asked(request, "").slice
    counted = facts.behind(wanted, part)
    seen = counted.filter(queries.official(request.actor)).order_by("-id")  # type: ignore[attr-defined]
    seen = seen.select_related("department", "item", "applicant")
    title = "、".join(str(facts.FACTS[name].title) for name in wanted)
    plain = len(wanted) == 1 and facts.FACTS[wanted[0]].listed
    lead = _lead(capped_count(counted), capped_count(seen), lambda: queries.counted(wanted, part), plain)
    return replace(BEHIND, lead=lead).respond(request, seen, title=title)


def _lead(counted: int, seen: int, figure: Callable[[], int], plain: bool) -> Any:
    """How many cases the figure counts and how many of them are here; of very many, what the roll-up says."""
    if not plain:
        return _("这个数字由 %(n)s 件算出，您的岗位可以查看其中 %(seen)s 件。") % {
            "n": count_words(counted), "seen": count_words(seen)
        }  # fmt: skip
    if counted > CAP:
        facts_ = {"n": f"{figure():,}", "seen": count_words(seen)}
        return _("这个数字共 %(n)s 件，您的岗位可以查看其中 %(seen)s 件。") % facts_
    if seen == counted:
        return _("这个数字数的就是这 %(n)s 件。") % {"n": counted}
    return _("这个数字共 %(n)s 件，您的岗位可以查看其中 %(seen)s 件。") % {"n": counted, "seen": seen}
