"""What warnings do to the desk: one opens an event by its plan; what follows it is logged and told to the desk."""

from typing import Any

from hexi.blocks.cases.steps import locked
from hexi.blocks.regions import codes
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.emergency import hooks, plans
from hexi.domains.livelihood.emergency.models import Entry, Event
from hexi.domains.livelihood.emergency.operations.events import BY, Known, open_event
from hexi.domains.livelihood.emergency.operations.log import put
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
    """Listener: an alert is public; where a plan of its region says so, an event is opened, once.

    An update opens one if it is the first of its line that a plan names; if the line has one, it is noted there. A
    region without a duty desk opens none: nothing here may hold a warning up.
    """
    if alert.status != "Actual":
        return
    if event := _event(alert):
        if event.alert_id != alert.pk:
            over = alert.kind == "Cancel"
            _note(event, alert, CALLED_OFF if over else UPDATED, OVER if over else _proposal(event, alert))
    elif alert.kind != "Cancel":
        _open(alert)


def alert_over(alert: Any, why: str) -> None:
    """Listener: an alert has ended. Of one updated or cancelled `by_alert` hears when that is public."""
    if why == "expired" and (event := _event(alert)):
        _note(event, alert, EXPIRED, OVER)


def _open(alert: Any) -> None:
    desk = plans.file_for(alert.region_code)
    if desk is None or not Department.objects.filter(key=desk.desk).exists():
        return
    for file, plan in plans.for_alert(alert.hazard, alert.colour):
        if not alert.region_code.startswith(codes.prefix(file.region)):
            continue
        known = Known(
            kind=plan.kind, level=LEVEL_OF.get(alert.colour, 4), place_code=alert.region_code, source=Source.ALERT,
            text=f"{alert.headline_zh}（预警 {alert.number}）",
        )  # fmt: skip
        open_event(known, by=BY, submission=f"alert:{alert.pk}", plan=plan, alert=alert)
        return


def _event(alert: Any) -> Event | None:
    """The event of the alert or of one it follows."""
    line = [alert.pk]
    before = alert
    while before.of_id:
        before = before.of
        line.append(before.pk)
    return Event.objects.select_related("case__department").filter(alert__in=line).first()


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
