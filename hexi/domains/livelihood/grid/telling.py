"""Who is told of what happens to an incident, in the transaction of the change. Beside operations."""

from datetime import datetime

from hexi.blocks.cases.watching import officials
from hexi.blocks.notices.operations import tell
from hexi.domains.livelihood.grid.models import Incident
from hexi.kernel.actors import Actor
from hexi.kernel.packs import Words


def hold_over(incident: Incident, planned: datetime, by: Actor) -> None:
    """A suspension has ended by itself: the centre that granted it and the unit whose clock runs again."""
    case, centre = incident.case, incident.centre
    whom = [
        *officials("grid.approve", centre.pk, centre.region_code),
        *officials("grid.handle", case.department_id, case.region_code),
    ]
    rule = incident.rule
    facts = {
        "number": case.number, "title": Words(zh=rule.title, en=rule.title_en), "place": incident.place,
        "day": planned, "due": case.next_due or planned,
    }  # fmt: skip
    tell(list({one.pk: one for one in whom}.values()), "grid.hold_over", about=case, facts=facts, by=by)
