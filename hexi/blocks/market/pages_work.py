"""The clerk's window: next, again, serving, done, passed; who is there; the appointments of the day; closed days."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, F, Q, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from hexi.blocks.market import halls, operations, places, priorities, queries, queueing
from hexi.blocks.market.models import Booking, Offer, Queue, Ticket
from hexi.blocks.people.queries import masked_number
from hexi.kernel import clock
from hexi.kernel.actors import Actor, within
from hexi.ui import words
from hexi.ui.pages import FormPage, ListPage
from hexi.ui.tables import Column, Empty, Filter, SavedView

#: where the session keeps which window somebody sits at
SEAT = "market.seat"
STEPS: dict[str, Callable[..., Ticket]] = {
    "again": queueing.again, "serve": queueing.serve, "done": queueing.done, "pass": queueing.pass_over,
    "back": queueing.back_in_line,
}  # fmt: skip


def _on(days: int) -> Callable[[QuerySet[Booking]], QuerySet[Booking]]:
    return lambda rows: rows.filter(offer__day=clock.today() + timedelta(days))


BOOKINGS = ListPage(
    title=gettext_lazy("预约"),
    columns=(
        Column("start", gettext_lazy("时间"), kind="moment", sort="start"),
        Column("person", gettext_lazy("预约人"), value=lambda one: words.mask_name(one.person.name)),
        Column("title", gettext_lazy("办什么")),
        Column("queue", gettext_lazy("窗口"), value="offer.queue.title"),
        Column("hall", gettext_lazy("大厅"), value="offer.queue.hall.title"),
        Column("state", gettext_lazy("状态"), value="tag", kind="tag"),
    ),
    filters=(
        Filter("state", gettext_lazy("状态"), Booking.State.choices, "state"),
        Filter("day", gettext_lazy("日期"), "date", "offer__day"),
    ),
    views=(
        SavedView("today", gettext_lazy("今天"), _on(0)),
        SavedView("tomorrow", gettext_lazy("明天"), _on(1)),
        SavedView("all", gettext_lazy("全部")),
    ),
    search=queries.find,
    empty=Empty(gettext_lazy("没有预约。")),
    on_export=lambda request, count: operations.note_export(request.actor, count),
)
DAYS = ListPage(
    title=gettext_lazy("预约安排"),
    lead=gettext_lazy("时间按本地区的办公时间自动排出，节假日不排。停一天，约好的人会收到通知。"),
    columns=(
        Column("day", gettext_lazy("日期"), value=lambda one: words.day(one["day"])),
        Column("queue", gettext_lazy("窗口"), value=lambda one: _line_of(one)),
        Column("capacity", gettext_lazy("可约"), value=lambda one: one["places"] or 0, kind="number"),
        Column("taken", gettext_lazy("已约"), value=lambda one: one["booked"] or 0, kind="number"),
        Column("state", gettext_lazy("状态"), value=lambda one: _day_state(one), kind="tag"),
        Column(
            "do", gettext_lazy("办理"), value=lambda one: _("停止预约") if one["open"] else _("恢复预约"),
            link=lambda one: reverse("market.close_day" if one["open"] else "market.open_day",
                                     args=[one["queue"], f"{one['day']:%Y-%m-%d}"]),
        ),
    ),
    export=False,
    empty=Empty(gettext_lazy("没有排出时间。窗口组和可约数在数据包 windows 里设置。")),
)  # fmt: skip


# --- the window -------------------------------------------------------------------------------------------------------
@never_cache
def window(request: HttpRequest) -> HttpResponse:
    """The clerk's window: who is there, who waits."""
    actor = request.actor  # type: ignore[attr-defined]
    lines = list(queries.lines_of(actor))
    seat = _seat(request, lines)
    current = queries.at_window(actor)
    facts: dict[str, Any] = {
        "title": _("我的窗口"), "lines": lines, "line": seat[0] if seat else None,
        "window": seat[0].called(seat[1]) if seat else "",
        "seats": [(f"{one.pk}|{place['zh']}", f"{one.hall.title} · {one.title} · {_place(place)}")
                  for one in lines for place in one.windows],
        "current": current, "change": "change" in request.GET,
    }  # fmt: skip
    if seat:
        facts |= _line_facts(seat[0])
    if current is not None:
        facts |= _person_facts(current)
    return render(request, "market/window.html", facts)


@require_POST
def sit(request: HttpRequest) -> HttpResponse:
    """Say which window one sits at."""
    line, _bar, place = request.POST.get("seat", "").partition("|")
    request.session[SEAT] = [line, place]
    return HttpResponseRedirect(reverse("market.window"))


@require_POST
def call_next(request: HttpRequest) -> HttpResponse:
    """Call whoever is next."""
    seat = _seat(request, list(queries.lines_of(request.actor)))  # type: ignore[attr-defined]
    if seat is None:
        messages.error(request, _("请先选您所在的窗口。"))
        return HttpResponseRedirect(reverse("market.window"))
    return _then(request, lambda: queueing.next_one(seat[0], window=seat[1], by=request.actor))  # type: ignore[attr-defined]


@require_POST
def step(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Call again, serving, done, passed, back in line."""
    if what not in STEPS:
        raise Http404
    return _then(request, lambda: STEPS[what](_ticket(request, pk), by=request.actor))  # type: ignore[attr-defined]


class KnowForm(forms.Form):
    """Whose number it is."""

    number = forms.CharField(
        label=gettext_lazy("身份号码"), max_length=40, help_text=gettext_lazy("看本人证件原件输入。查看会留下记录。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip


def know(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Put the person to a number taken at the kiosk."""
    found, back = _ticket(request, pk), reverse("market.window")

    def save(form: KnowForm) -> str:
        queueing.know(found, number=form.cleaned_data["number"], by=request.actor)  # type: ignore[attr-defined]
        return back

    return FormPage(_("核对是谁"), _("核对"), lead=found.label, back=back).respond(request, KnowForm, save)


def hand_on(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send somebody on to another line."""
    found, back = _ticket(request, pk), reverse("market.window")
    others = [one for one in queries.queues([found.queue.hall]) if one.pk != found.queue_id]

    class OnForm(forms.Form):
        queue = forms.ChoiceField(label=_("转到"), choices=[(one.pk, one.title) for one in others])

    def save(form: OnForm) -> str:
        there = next(one for one in others if str(one.pk) == form.cleaned_data["queue"])
        fresh = queueing.hand_on(found, there, by=request.actor)  # type: ignore[attr-defined]
        messages.success(request, _("已转，新号 %(label)s，请告诉本人。") % {"label": fresh.label})
        return back

    page = FormPage(_("转到别的窗口"), _("转过去"), lead=_("不用重新排队，按原来的先后。"), back=back)
    return page.respond(request, OnForm, save)


def live_line(actor: Actor, argument: str) -> int:
    """Live fact: how many wait in a line one may call."""
    line = queries.lines_of(actor).filter(pk=argument).first() if argument.isdecimal() and len(argument) < 10 else None
    return queries.in_turn(queries.today([line])).count() if line is not None else 0


# --- appointments -----------------------------------------------------------------------------------------------------
def bookings(request: HttpRequest) -> HttpResponseBase:
    """The appointments at one's lines."""
    actor = request.actor  # type: ignore[attr-defined]
    return BOOKINGS.respond(request, queries.of_office(actor))


def days(request: HttpRequest) -> HttpResponseBase:
    """The coming days of one's lines, and whether they are open."""
    where = within(request.actor.scopes(queries.PLAN), "queue__department_id", "queue__region_code")  # type: ignore[attr-defined]
    is_open = Q(closed="")
    rows = (
        Offer.objects.filter(where, day__gte=clock.today()).exclude(closed=Offer.Closed.CALENDAR)
        .values("day", "queue", "queue__title_zh", "queue__title_en", "queue__hall__title_zh", "queue__hall__title_en")
        .annotate(places=Sum("capacity", filter=is_open), booked=Sum("taken"), open=Count("pk", filter=is_open))
        .order_by("day", "queue__hall", "queue__order", "queue")
    )  # fmt: skip
    return DAYS.respond(request, rows)


class CloseForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=gettext_lazy("原因"), max_length=300, help_text=gettext_lazy("约好的人会看到。"))


def close_day(request: HttpRequest, pk: int, day: str) -> HttpResponseBase:
    """Close a day by hand."""
    line, on, back = _planned(request, pk), _day(day), reverse("market.days")

    def save(form: CloseForm) -> str:
        gone = halls.close_day(line, on, reason=form.cleaned_data["reason"], by=request.actor)  # type: ignore[attr-defined]
        messages.success(request, _("已停止预约，取消了 %(n)s 个预约并通知了本人。") % {"n": gone})
        return back

    booked = Booking.objects.filter(offer__queue=line, offer__day=on, state=Booking.State.BOOKED).count()
    lead = _("%(day)s，%(line)s：已约 %(n)s 人。") % {"day": words.day(on), "line": line.title, "n": booked}
    return FormPage(_("停止预约"), _("停止预约"), lead=lead, back=back, kind="danger").respond(request, CloseForm, save)


def open_day(request: HttpRequest, pk: int, day: str) -> HttpResponseBase:
    """Open it again."""
    line, on, back = _planned(request, pk), _day(day), reverse("market.days")

    def save(form: forms.Form) -> str:
        halls.open_day(line, on, by=request.actor)  # type: ignore[attr-defined]
        messages.success(request, _("又可以预约了。"))
        return back

    page = FormPage(_("恢复预约"), _("恢复预约"), lead=f"{words.day(on)} · {line.title}", back=back)
    return page.respond(request, forms.Form, save)


# --- parts ------------------------------------------------------------------------------------------------------------
def _then(request: HttpRequest, do: Callable[[], Ticket]) -> HttpResponse:
    try:
        do()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return HttpResponseRedirect(reverse("market.window"))


def _ticket(request: HttpRequest, pk: int) -> Ticket:
    mine = Ticket.objects.filter(queue__in=queries.lines_of(request.actor))  # type: ignore[attr-defined]
    return get_object_or_404(mine.select_related("queue__hall", "person"), pk=pk)


def _planned(request: HttpRequest, pk: int) -> Queue:
    where = within(request.actor.scopes(queries.PLAN))  # type: ignore[attr-defined]
    return get_object_or_404(Queue.objects.filter(where).select_related("hall"), pk=pk)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Http404 from None


def _seat(request: HttpRequest, lines: list[Queue]) -> tuple[Queue, str] | None:
    """The line and window somebody sits at; None until said, or when they are no longer there."""
    line, place = request.session.get(SEAT, ["", ""])
    found = next((one for one in lines if str(one.pk) == line), None)
    return (found, place) if found and place in [one["zh"] for one in found.windows] else None


def _line_facts(line: Queue) -> dict[str, Any]:
    day = queries.today([line])
    waiting = list(queries.in_turn(day).select_related("booking")[:20])
    return {
        "waiting": queries.in_turn(day).count(), "next": waiting, "served": day.filter(state=Ticket.State.DONE).count(),
        "passed": day.filter(state=Ticket.State.PASSED).order_by(F("ended_at").desc())[:8],
        "priority": _priority, "kiosk": reverse("market.kiosk", args=[line.hall.key, places.kiosk(line.hall)]),
    }  # fmt: skip


def _person_facts(ticket: Ticket) -> dict[str, Any]:
    person = ticket.person
    return {
        "person": person, "number": masked_number(person) if person else "", "may_know": person is None,
        "first": _priority(ticket),
    }  # fmt: skip


def _priority(ticket: Ticket) -> str:
    title = priorities.title_of(ticket.priority) if ticket.priority else None
    return str(title) if title else ""


def _place(place: dict[str, str]) -> str:
    return place["en"] if words.english() else place["zh"]


def _line_of(row: dict[str, Any]) -> str:
    lang = "en" if words.english() else "zh"
    return f"{row[f'queue__hall__title_{lang}']} · {row[f'queue__title_{lang}']}"


def _day_state(row: dict[str, Any]) -> tuple[str, str]:
    return ("done", _("可约")) if row["open"] else ("off", _("已停"))
