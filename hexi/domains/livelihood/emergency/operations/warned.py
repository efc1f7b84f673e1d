"""What warnings do to the desk: one opens an event by its plan; what follows it is logged and told to the desk."""

from typing import Any

from hexi.blocks.cases.steps import locked
from hexi.blocks.regions import codes
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.emergency import hooks, plans
from hexi.domains.livelihood.emergency.models import Entry, Event
from hexi.domains.livelihood.emergency.operations.events import BY, Known, open_event
from hexi.domains.livelihood.emergency.operations.log import put
from hexi.domains.livelihood.emergency.plans import PlansFile
from hexi.domains.livelihood.emergency.states import ENDED, Source
from hexi.kernel import clock
from hexi.kernel.actors import Actor
from hexi.kernel.packs import Words

#: colours of warnings and levels of response go together (突发事件应对法 art. 63)
LEVEL_OF = {"red": 1, "orange": 2, "yellow": 3, "blue": 4}
CALLED_OFF = Words(zh="预警解除", en="The warning is called off")
EXPIRED = Words(zh="预警到期", en="The warning has expired")
UPDATED = Words(zh="预警更新", en="The warning is updated")
OVER = Words(zh="请判断是否结束响应。", en="See whether the response can end.")
STAYS = Words(zh="响应级别不变。", en="The level stays as it is.")


def by_alert(alert: Any, by: Actor) -> None:
    """Listener: an alert is public; at every desk it concerns an event is opened where a plan says so, once.

    An update opens one if it is the first of its line that a plan there names; at desks where the line has one, it is
    noted. A region without a duty desk opens none: nothing here may hold a warning up.
    """
    if alert.status != "Actual":
        return
    over = alert.kind == "Cancel"
    for event in _events(alert):
        if event.alert_id != alert.pk:
            _note(event, alert, CALLED_OFF if over else UPDATED, OVER if over else _proposal(event, alert))
    if not over:
        _open(alert, [piece["code"] for piece in alert.areas if piece["code"]])


def by_ground(alert: Any, divisions: tuple[str, ...], by: Actor) -> None:
    """Listener: the shapes of an alert touch ground in these divisions, which only now is known: as `by_alert`."""
    if alert.status == "Actual" and alert.kind != "Cancel":
        _open(alert, list(divisions))


def alert_over(alert: Any, why: str) -> None:
    """Listener: an alert has ended. Of one updated or cancelled `by_alert` hears when that is public."""
    for event in _events(alert) if why == "expired" else ():
        _note(event, alert, EXPIRED, OVER)


def _open(alert: Any, places: list[str]) -> None:
    """An event at each desk of these divisions, and at the issuing office's, at which the line has none yet."""
    line = _line(alert)
    have = set(Event.objects.filter(alert__in=line).values_list("case__department__key", flat=True))
    for file, place in _desks(alert.region_code, places):
        plan = plans.for_alert(file, alert.hazard, alert.colour)
        if plan is None or file.desk in have or not Department.objects.filter(key=file.desk).exists():
            continue
        known = Known(
            kind=plan.kind, level=LEVEL_OF.get(alert.colour, 4), place_code=place, source=Source.ALERT,
            text=f"{alert.headline_zh}（预警 {alert.number}）",
        )  # fmt: skip
        # by the first of the line: an update and what finds its ground at the same moment open one
        open_event(known, by=BY, submission=f"alert:{line[-1]}:{file.region}", plan=plan, alert=alert)
        have.add(file.desk)


def _desks(issued: str, places: list[str]) -> list[tuple[PlansFile, str]]:
    """The plans that these divisions and the issuing one come under, and the place an event there is at.

    Of each division its own plans or those of the nearest region above it, and those of every region inside it: a
    province that warns a county, or all of itself, warns the county's desk. The place is the named division inside
    the region, if there is one alone; else the region.
    """
    found: dict[str, set[str]] = {}
    for place in (issued, *places):
        near = plans.file_for(place)
        if near is not None and place.startswith(codes.prefix(near.region)):
            found.setdefault(near.region, set()).update({place} - {issued})
    for place in places:
        for file in plans.files():
            if file.region.startswith(codes.prefix(place)):
                found.setdefault(file.region, set())
    alone = {region: next(iter(named)) for region, named in found.items() if len(named) == 1}
    return [(file, alone.get(file.region, file.region)) for file in plans.files() if file.region in found]


def _line(alert: Any) -> list[int]:
    """The alert and those it follows, the first of them last."""
    line = [alert.pk]
    before = alert
    while before.of_id:
        before = before.of
        line.append(before.pk)
    return line


def _events(alert: Any) -> list[Event]:
    """The events of the alert and of those it follows, one a desk."""
    rows = Event.objects.select_related("case__department").filter(alert__in=_line(alert))
    return list(rows.order_by("pk"))


def _proposal(event: Event, alert: Any) -> Words:
    """Which level goes with the new colour: the desk decides."""
    level = LEVEL_OF.get(alert.colour, event.level)
    if level == event.level:
        return STAYS
    title = plans.levels()[level].title
    return Words(zh=f"建议响应级别改为{title.zh}。", en=f"Proposed: {title.en}.")


def _note(event: Event, alert: Any, said: Words, proposal: Words) -> None:
    """A line of the log and word to the desk, once; of an event that is over neither."""
    once = f"{'expired' if said is EXPIRED else 'alert'}:{alert.pk}"
    if locked(event.case).state in ENDED or event.entries.filter(once=once).exists():
        return
    line = f"{said.zh}：{alert.headline_zh}（预警 {alert.number}）。{proposal.zh}"
    put(event, Entry.Kind.NOTE, line, by=BY, at=clock.now(), once=once)
    hooks.alert_followed.ring(event=event, said=said, proposal=proposal, by=BY)
