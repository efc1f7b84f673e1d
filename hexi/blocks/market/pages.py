"""A person's appointments: choose line, day and time; one's own, cancelled, as a calendar file; number by QR."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from hexi.blocks.market import matters, operations, places, priorities, queries, queueing
from hexi.blocks.market.models import Booking, Hall, Offer, Queue, Ticket
from hexi.blocks.people.models import Person
from hexi.blocks.regions import queries as regions
from hexi.kernel import clock
from hexi.ui import doors, words
from hexi.ui.pages import DetailPage, ListPage
from hexi.ui.tables import Column, Empty, SavedView
from hexi.wire import ical

MINE = ListPage(
    title=gettext_lazy("我的预约"),
    columns=(
        Column("title", gettext_lazy("办什么"), link=lambda one: reverse("market.mine_one", args=[one.code])),
        Column("start", gettext_lazy("时间"), kind="moment", sort="start"),
        Column("hall", gettext_lazy("大厅"), value="offer.queue.hall.title"),
        Column("state", gettext_lazy("状态"), value="tag", kind="tag"),
        Column("code", gettext_lazy("预约码")),
    ),
    views=(
        SavedView("ahead", gettext_lazy("没办的"), lambda rows: rows.filter(state=Booking.State.BOOKED)),
        SavedView("all", gettext_lazy("全部")),
    ),
    export=False,
    empty=Empty(
        gettext_lazy("没有预约。约好的时间会出现在这里。"), action=gettext_lazy("去预约"), url="/appointments/"
    ),
)


# --- booking ----------------------------------------------------------------------------------------------------------
def book(request: HttpRequest) -> HttpResponse:
    """Where: the lines that serve the matter, each with its next free time."""
    matter = request.GET.get("for", "")[:120]
    lines = queries.queues(queries.halls(regions.region_of(request)), matter)
    free = queries.next_free(lines)
    facts = {
        "title": _("预约办理"), "matter": matter, "what": _what(matter, lines),
        "lines": [(one, free.get(one.pk), _time_url(one, matter)) for one in lines],
    }  # fmt: skip
    return render(request, "market/book.html", facts)


def book_time(request: HttpRequest, hall: str, queue: str) -> HttpResponseBase:
    """When: a day, then a time; and booked."""
    line = get_object_or_404(Queue.objects.select_related("hall", "department"), hall__key=hall, key=queue, active=True)
    matter = request.GET.get("for", "")[:120]
    error = ""
    if request.method == "POST":
        if not request.user.is_authenticated:
            return doors.to_sign_in(request)
        try:
            return _book(request, line, matter)
        except ValidationError as refused:
            error = " ".join(refused.messages)
    days = queries.free_days(line)
    day = _day(request.GET.get("day", ""))
    day = day if day in days else next(iter(days), None)
    facts = {
        "title": _("选时间"), "line": line, "matter": matter, "what": _what(matter, [line]), "day": day, "error": error,
        "days": [(one, left, f"?{urlencode({'for': matter, 'day': one})}") for one, left in days.items()],
        "times": queries.times(line, day) if day else [],
        "back": f"{reverse('market.book')}?{urlencode({'for': matter})}",
    }  # fmt: skip
    return render(request, "market/time.html", facts, status=422 if error else 200)


def _book(request: HttpRequest, line: Queue, matter: str) -> HttpResponse:
    person = _person(request)
    if person is None:
        messages.warning(request, _("请先实名绑定，再来预约。"))
        return HttpResponseRedirect(reverse("people.bind"))
    chosen = request.POST.get("offer", "")
    offer = Offer.objects.filter(queue=line, pk=chosen).first() if chosen.isdecimal() and len(chosen) < 19 else None
    if offer is None:
        raise ValidationError({"offer": _("请选一个时间。")})
    booking = operations.book(offer, person=person, matter=matter, by=request.actor)  # type: ignore[attr-defined]
    messages.success(request, _("已约好。来不了请先取消，把时间让给别人。"))
    return HttpResponseRedirect(reverse("market.mine_one", args=[booking.code]))


# --- one's own --------------------------------------------------------------------------------------------------------
def mine(request: HttpRequest) -> HttpResponseBase:
    """One's appointments."""
    return MINE.respond(request, queries.own(request.actor))  # type: ignore[attr-defined]


@never_cache
def mine_one(request: HttpRequest, code: str) -> HttpResponse:
    """One of them: when, where, the code, what can be done."""
    booking = get_object_or_404(queries.own(request.actor), code=code)  # type: ignore[attr-defined]
    ticket = Ticket.objects.filter(booking=booking).first()
    waits = booking.state == Booking.State.BOOKED
    facts = (
        (_("时间"), words.moment(booking.start)),
        (_("大厅"), booking.offer.queue.hall.title),
        (_("地址"), booking.offer.queue.hall.address),
        (_("窗口"), booking.offer.queue.title),
        (_("原因"), booking.reason or None),
    )
    page = DetailPage(
        booking.title, facts, booking.tag, crumbs=((_("我的预约"), reverse("market.mine")),), place="market.booking",
        template="market/mine.html",
    )  # fmt: skip
    url = request.build_absolute_uri(request.path)
    return page.respond(
        request, booking, waits=waits, ticket=ticket, may_cancel=waits and booking.start > clock.now(), url_here=url,
        late=queries.late_after(booking),
    )  # fmt: skip


@require_POST
def cancel(request: HttpRequest, code: str) -> HttpResponse:
    """Give the place back."""
    booking = get_object_or_404(queries.own(request.actor), code=code)  # type: ignore[attr-defined]
    try:
        operations.cancel(booking, by=request.actor)  # type: ignore[attr-defined]
        messages.success(request, _("已取消，这个时间让给别人了。"))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return HttpResponseRedirect(reverse("market.mine_one", args=[code]))


def calendar_file(request: HttpRequest, code: str) -> HttpResponse:
    """The appointment for the calendar of a phone."""
    booking = get_object_or_404(queries.own(request.actor), code=code)  # type: ignore[attr-defined]
    hall = booking.offer.queue.hall
    event = ical.Event(
        uid=f"{booking.code}@{request.get_host()}", start=booking.start, end=booking.offer.end, title=booking.title,
        place=f"{hall.title} {hall.address}", about=_("预约码 %(code)s，到大厅报码取号。") % {"code": booking.code},
        url=request.build_absolute_uri(reverse("market.mine_one", args=[code])), alarm_minutes=60,
        cancelled=booking.state == Booking.State.CANCELLED,
    )  # fmt: skip
    file = HttpResponse(ical.write(event, made=clock.now()), "text/calendar; charset=utf-8")
    file["Content-Disposition"] = f'attachment; filename="{booking.code}.ics"'
    return file


# --- in the hall, by QR -----------------------------------------------------------------------------------------------
def take_here(request: HttpRequest, hall: str, sign: str) -> HttpResponseBase:
    """Behind the QR code of the day: keep an appointment or take a number, signed in."""
    found = get_object_or_404(Hall, key=hall, active=True)
    if not places.right(sign, places.here(found, clock.today())):
        raise Http404(_("这个二维码是别的日子的。请扫大厅取号机上今天的码。"))
    person, error = _person(request), ""
    if request.method == "POST":
        try:
            return HttpResponseRedirect(reverse("market.ticket", args=[taken(request, found, person).key]))
        except ValidationError as refused:
            error = " ".join(refused.messages)
    own = Booking.objects.none()
    if person is not None:
        own = queries.own(request.actor).filter(state=Booking.State.BOOKED, offer__day=clock.today())  # type: ignore[attr-defined]
    facts = {
        "title": _("取号"), "hall": found, "error": error, "bookings": own.filter(offer__queue__hall=found),
        "standings": queries.screen(found).standings, "claims": claims_of_today(), "form_key": "",
    }  # fmt: skip
    return render(request, "market/take.html", facts, status=422 if error else 200)


@never_cache
def ticket(request: HttpRequest, key: Any) -> HttpResponse:
    """One number: how many are before it, which window. Whoever has the address; no name."""
    found = get_object_or_404(Ticket.objects.select_related("queue__hall"), key=key)
    before = queries.before(found)
    facts = {"title": found.label, "ticket": found, "before": before, "open": found.state in Ticket.OPEN}
    return render(request, "market/ticket.html", facts)


def taken(request: HttpRequest, hall: Hall, person: Person | None) -> Ticket:
    """What a form in the hall asks for: the number of an appointment (`code`), or one of a line (`queue`)."""
    actor, posted = request.actor, request.POST  # type: ignore[attr-defined]
    claims = tuple(posted.getlist("claim"))
    if posted.get("code"):
        return queueing.arrive(posted["code"][:20], queue_hall=hall.pk, claims=claims, by=actor)
    line = next((one for one in queries.queues([hall]) if str(one.pk) == posted.get("queue")), None)
    if line is None:
        raise ValidationError({"queue": _("请选要办的事，或者输入预约码。")})
    return queueing.take(line, person=person, claims=claims, key=key_of(posted.get("key", "")), by=actor)


def claims_of_today() -> list[tuple[str, str]]:
    """The priorities somebody may say of himself: (key, words)."""
    return [(one.key, str(one.title)) for one in priorities.in_force(clock.today()) if one.on_word]


def key_of(text: str) -> UUID | None:
    """The key of a number in an address or form; None if it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _person(request: HttpRequest) -> Person | None:
    own = getattr(request.actor, "person_id", None)  # type: ignore[attr-defined]
    return Person.objects.filter(pk=own).first() if own else None


def _what(matter: str, lines: list[Queue]) -> str:
    """The matter in words; of the first line that knows it."""
    titles = (matters.title_of(matter, one.region_code) for one in lines) if matter else iter(())
    return next((str(one) for one in titles if one is not None), "")


def _time_url(line: Queue, matter: str) -> str:
    address = reverse("market.book_time", args=[line.hall.key, line.key])
    return f"{address}?{urlencode({'for': matter})}" if matter else address


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
