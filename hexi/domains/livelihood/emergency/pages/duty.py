"""The desk itself: who is on duty now, what the last shift says, what is open; the roster of the week; the plans."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.emergency import plans, queries
from hexi.domains.livelihood.emergency.models import Shift
from hexi.domains.livelihood.emergency.operations import duty as operations
from hexi.domains.livelihood.emergency.pages.asking import ShiftForm
from hexi.domains.livelihood.emergency.pages.events import level_tag
from hexi.domains.livelihood.emergency.states import DUTY, ROSTER, VIEW
from hexi.kernel import clock
from hexi.kernel.actors import Denied
from hexi.ui.pages import add_errors
from hexi.ui.words import english


def desk(request: HttpRequest) -> HttpResponse:
    """What the person on duty opens first, on a phone."""
    return _desk(request, _own_desk(request))


def _desk(
    request: HttpRequest, mine: Department, sentences: list[str] | None = None, status: int = 200
) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    shifts = queries.on_duty(mine)
    open_ = list(queries.visible(actor).filter(case__ended_at=None, case__department=mine).prefetch_related("tasks"))
    facts = {
        "title": _("应急值班"), "desk": mine, "tabs": _tabs(request, mine), "shifts": shifts,
        "may": actor.may(DUTY, mine.pk, mine.region_code), "sentences": sentences or [],
        "my": queries.to_hand(mine, actor.account_id),
        "take": queries.to_take(mine), "account": actor.account_id,
        "events": [(one, level_tag(one), *_progress(one)) for one in open_],
    }  # fmt: skip
    return render(request, "emergency/desk.html", facts, status=status)


def _progress(event: Any) -> tuple[int, int, int]:
    """Tasks done, all, and late now."""
    rows, now = list(event.tasks.all()), clock.now()
    done = [one for one in rows if one.done_at]
    return len(done), len(rows), sum(one.done_at is None and one.due_at < now for one in rows)


def roster(request: HttpRequest) -> HttpResponseBase:
    """Seven days of the roster; who may, puts people on it."""
    mine = _own_desk(request)
    may = request.actor.may(ROSTER, mine.pk, mine.region_code)  # type: ignore[attr-defined]
    first = _day(request.GET.get("from")) or clock.today() - timedelta(days=clock.today().weekday())
    form = ShiftForm(request.POST or None, desk=mine, initial={"day": clock.today()})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        start = datetime.combine(given["day"], given["start"], clock.CHINA)
        try:
            operations.put_shift(
                mine, start=start, end=start + timedelta(hours=given["hours"]), account=given["account"],
                leader=given["leader"], by=request.actor,  # type: ignore[attr-defined]
            )  # fmt: skip
            messages.success(request, _("已排班。"))
            return HttpResponseRedirect(f"{reverse('emergency.roster')}?from={first}&desk={mine.key}")
        except ValidationError as error:
            add_errors(form, error)
    facts = {
        "title": _("值班表"), "desk": mine, "tabs": _tabs(request, mine), "week": queries.week(mine, first),
        "form": form if may else None, "before": first - timedelta(days=7), "after": first + timedelta(days=7),
        "now": clock.now(), "may": may,
    }  # fmt: skip
    return render(request, "emergency/roster.html", facts, status=422 if form.errors else 200)


@require_POST
def shift(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Hand over, take over, take off the roster."""
    found = get_object_or_404(Shift, pk=pk)
    by = request.actor  # type: ignore[attr-defined]
    does: dict[str, tuple[Callable[[], Any], str]] = {
        "hand": (lambda: operations.hand_over(found, note=request.POST.get("note", ""), by=by), _("已交班。")),
        "take": (lambda: operations.take_over(found, by=by), _("已接班。")),
        "drop": (lambda: operations.drop_shift(found, by=by), _("已删除。")),
    }
    if what not in does:
        raise Http404
    do, said = does[what]
    try:
        do()
    except ValidationError as error:
        return _desk(request, found.desk, error.messages, 422)
    messages.success(request, said)
    back = reverse("emergency.roster" if what == "drop" else "emergency.desk")
    return HttpResponseRedirect(f"{back}?desk={found.desk.key}")


def plan_list(request: HttpRequest) -> HttpResponse:
    """Plans of the desk's region: tasks with units and minutes, and whom to ring."""
    mine = _own_desk(request)
    file = plans.file_for(mine.region_code)
    rows = file.plans if file else []
    keys = {first.unit for one in rows for first in one.tasks}
    units = {one.key: one.title for one in Department.objects.filter(key__in=keys)}
    kinds = plans.kinds()
    facts = {
        "title": _("应急预案"), "tabs": _tabs(request, mine),
        "rows": [(one, str(kinds[one.kind].title),
                  [(str(first.title), units.get(first.unit, first.unit), first.minutes, _levels(first.levels))
                   for first in one.tasks]) for one in rows],
    }  # fmt: skip
    return render(request, "emergency/plans.html", facts)


def _levels(levels: list[int]) -> str:
    if len(levels) == len(plans.levels()):
        return _("各级")
    marks = ("", "I", "II", "III", "IV") if english() else ("", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ")
    return ", ".join(marks[one] for one in levels) if english() else "、".join(marks[one] for one in levels)


def _own_desk(request: HttpRequest) -> Department:
    """The desk the address names, else the first one's posts see."""
    found = queries.desk_of(request.actor, VIEW, request.GET.get("desk", ""))  # type: ignore[attr-defined]
    if found is None:
        raise Denied(_("您的岗位所在地区还没有设应急值班。"))
    return found


def _tabs(request: HttpRequest, mine: Department) -> list[dict[str, Any]]:
    """The desks one works for; nothing if there is but one."""
    found = queries.desks(request.actor, VIEW)  # type: ignore[attr-defined]
    tabs = [{"title": one.title, "url": f"?desk={one.key}", "active": one == mine} for one in found]
    return tabs if len(tabs) > 1 else []


def _day(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if 2000 <= found.year < 2200 else None
