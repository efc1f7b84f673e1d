"""Sample hotlines, orders and people for tests and for the demo."""

from collections.abc import Iterable
from datetime import date
from itertools import count
from typing import Any

from hexi.blocks.cases.tests.make import make_calendar
from hexi.blocks.people.models import Role
from hexi.blocks.people.shipped import RolesFile, load_roles
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.models import Department, Division
from hexi.blocks.regions.tests import make as regions
from hexi.domains.livelihood.requests import definitions, operations
from hexi.domains.livelihood.requests.domain import requests
from hexi.domains.livelihood.requests.models import Hotline, Request, Subject, TimeLimit
from hexi.domains.livelihood.requests.operations import Said
from hexi.kernel import packs
from hexi.kernel.actors import Actor, System

BY = System("make")
YUMEN, TOWN, VILLAGE = regions.YUMEN, regions.XIAXIHAO, regions.SHIHEZI
#: in the square of the hotline
LAT, LON = 40.35, 97.1
LAMP, WATER, ASK = "010203", "010301", "070303"
_next = count(1)


def shipped(folder: str) -> Any:
    """The packs of this domain of one kind."""
    schemas = {pack.folder: pack.schema for pack in definitions.PACKS} | {"roles": RolesFile}
    path = requests.home / "packs" / folder
    return [(file, packs.read(file, schemas[folder])) for file in sorted(path.glob("*.yaml"))]


def make_rules() -> None:
    """Classes, limits, roles, calendar, divisions: what ships, unless it is there."""
    make_calendar()
    people.make_types()
    people.make_roles()
    if not Division.objects.exists():
        regions.make_divisions()
    if not Role.objects.filter(pk="hotline_operator").exists():
        for path, file in shipped("roles"):
            load_roles(path, file)
    if not Subject.objects.exists():
        for path, file in shipped("request_classes"):
            definitions.load_classes(path, file)
    if not TimeLimit.objects.exists():
        for path, file in shipped("request_limits"):
            definitions.load_limits(path, file)


def make_hotline() -> Hotline:
    """Yumen's hotline, with what it needs."""
    make_rules()
    office = people.make_department("yumen-hotline", YUMEN, name="玉门市 12345 热线中心", name_en="Yumen 12345 hotline")
    square = {"west": 96, "south": 39, "east": 99, "north": 42}
    return Hotline.objects.get_or_create(region_code=YUMEN, defaults={"department": office, **square})[0]


def make_office(key: str = "yumen-housing", name: str = "玉门市住房和城乡建设局", **facts: Any) -> Department:
    """An office that handles orders."""
    return people.make_department(key, YUMEN, **({"name": name, "name_en": key} | facts))


def make_operator() -> Actor:
    """Somebody who picks up."""
    return people.acting(people.make_official("hotline_operator", department=make_hotline().department))


def make_dispatcher(username: str = "") -> Actor:
    """Somebody who dispatches."""
    return people.acting(
        people.make_official("hotline_dispatcher", department=make_hotline().department, username=username)
    )


def make_handler(office: Department | None = None, role: str = "order_handler") -> Actor:
    """Somebody of an office."""
    make_rules()
    return people.acting(people.make_official(role, department=office or make_office()))


def said(text: str = "村口路灯不亮三天了，老人晚上看不见路。", **given: Any) -> Said:
    """What a caller says."""
    facts = {"place_code": VILLAGE, "type": "help", "phone": people.phone_number(), "name": "石建国"}
    return Said(text=text, **(facts | given))


def make_request(*, by: Actor | None = None, submission: str = "", **given: Any) -> Request:
    """An order that has just come in; by the operator's phone unless a citizen speaks for himself."""
    make_hotline()
    operation = {
        name: given.pop(name) for name in ("channel", "applicant", "at", "network", "report", "call") if name in given
    }
    facts = {"by": by or BY, "submission": submission or f"test:{next(_next)}", "channel": "phone"} | operation
    return operations.receive(said(**given), **facts)[0]


def make_citizen() -> Actor:
    """A citizen with a person."""
    make_rules()
    return people.acting(people.make_citizen())


def make_own(citizen: Actor, **given: Any) -> Request:
    """What a citizen reports himself."""
    return make_request(by=citizen, channel="portal", applicant=citizen.account.person, **given)  # type: ignore[attr-defined]


def make_dispatched(request: Request | None = None, office: Department | None = None, **given: Any) -> Request:
    """An order that an office has."""
    request = request or make_request(**given)
    return operations.dispatch(request, office=office or make_office(), subject=LAMP, by=BY)


def make_answered(request: Request | None = None, **given: Any) -> Request:
    """An order with an answer."""
    return operations.reply(make_dispatched(request, **given), opinion="路灯已修好，换了三盏灯。", by=BY)


def make_closed(request: Request | None = None, **given: Any) -> Request:
    """An order its caller is content with."""
    return operations.rate(make_answered(request, **given), solved=True, satisfied=5, by=BY)


def fresh(request: Request) -> Request:
    """The order as it stands now."""
    return Request.objects.select_related("case__department", "case__applicant", "lead__case").get(pk=request.pk)


def actions(request: Request) -> list[str]:
    """What its timeline tells."""
    return list(request.case.events.order_by("pk").values_list("action", flat=True))


def dated(limits: Iterable[dict[str, Any]]) -> None:
    """Further limits."""
    for one in limits:
        TimeLimit.objects.create(**({"first": 1, "handle": 1, "valid_from": date(2020, 1, 1)} | one))
