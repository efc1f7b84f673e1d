"""A sample desk with its plans, units and officials, and events, for tests."""

from functools import cache
from itertools import count
from typing import Any

from django.conf import settings

from hexi.blocks.cases.tests.make import make_calendar
from hexi.blocks.people.models import Account, Role
from hexi.blocks.people.shipped import RolesFile, load_roles
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.models import Department, Division
from hexi.blocks.regions.tests import make as regions
from hexi.domains.livelihood.emergency import plans
from hexi.domains.livelihood.emergency.models import Event
from hexi.domains.livelihood.emergency.operations import events
from hexi.domains.livelihood.emergency.operations.events import Known
from hexi.kernel import packs
from hexi.kernel.actors import Actor, System

BY = System("make")
YUMEN, SHIHEZI = regions.YUMEN, "620981106203"
HOME = settings.HEXI_PACKS.parent / "hexi" / "domains" / "livelihood" / "emergency" / "packs"
UNITS = ("yumen-fire", "yumen-police", "yumen-health", "yumen-water", "xiaxihao-government")
_next = count(1)


@cache
def _roles() -> Any:
    return packs.read(HOME / "roles" / "emergency.yaml", RolesFile)


def make_desk() -> Department:
    """The desk of Yumen with roles, calendar, divisions and the units of its plans, unless they are there."""
    make_calendar()
    people.make_roles()
    if not Role.objects.filter(pk="duty_officer").exists():
        load_roles(HOME, _roles())
    if not Division.objects.exists():
        regions.make_divisions()
    for key in UNITS:
        people.make_department(key, name=f"单位 {key}", name_en=key)
    return people.make_department("yumen-emergency", name="玉门市应急管理局", name_en="Yumen Emergency Bureau")


def make_official(role: str, office: Department | None = None, **facts: Any) -> Account:
    """Somebody of the desk (duty_officer, duty_leader) or of a unit (emergency_unit)."""
    desk = make_desk()
    return people.make_official(role, department=office or desk, region_code=YUMEN, **facts)


def make_commander_role() -> str:
    """The key of the command centre's shipped role, loaded unless it is there."""
    path = settings.HEXI_PACKS.parent / "hexi" / "fronts" / "command" / "packs" / "roles" / "command.yaml"
    make_desk()
    if not Role.objects.filter(pk="commander").exists():
        load_roles(path, packs.read(path, RolesFile))
    return "commander"


def acting(role: str, unit: str = "") -> Actor:
    """The same as an actor; `unit` is the key of an office."""
    make_desk()
    return people.acting(make_official(role, Department.objects.get(key=unit) if unit else None))


def make_event(by: Actor | None = None, *, plan: str = "", submission: str = "", **facts: Any) -> Event:
    """One event at the desk; by a plan if one is named."""
    make_desk()
    given = {"kind": "fire", "level": 4, "place_code": SHIHEZI, "text": "草料堆起火。", "address": "二组"} | facts
    return events.open_event(
        Known(**given), by=by or acting("duty_officer"), submission=submission or f"test{next(_next)}",
        plan=plans.plan(plan) if plan else None,
    )[0]  # fmt: skip


def finish_all(event: Event, by: Actor) -> None:
    """Every open task is done."""
    for task in event.tasks.filter(done_at=None).select_related("unit"):
        task.event = fresh(event)
        events.finish_task(task, note="已完成。", by=by)


def fresh(event: Event) -> Event:
    """The event as it stands now."""
    return Event.objects.select_related("case__department").get(pk=event.pk)
