"""Sample petitions, their office and units, for tests and the demo."""

import io
from functools import cache
from itertools import count
from typing import Any

from django.conf import settings
from PIL import Image

from hexi.blocks.cases.tests.make import make_calendar
from hexi.blocks.people.models import Account, Role
from hexi.blocks.people.shipped import RolesFile, load_roles
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.models import Department, Division
from hexi.blocks.regions.tests import make as regions
from hexi.domains.livelihood.petitions import rules
from hexi.domains.livelihood.petitions.models import Higher, Office, Petition, Term
from hexi.domains.livelihood.petitions.operations import handling, intake, petitioning
from hexi.domains.livelihood.petitions.operations.intake import Said
from hexi.kernel import packs
from hexi.kernel.actors import Actor, System

BY = System("make")
YUMEN, JIUQUAN, SHIHEZI = regions.YUMEN, "620900000000", "620981106203"
HOME = settings.HEXI_PACKS.parent / "hexi" / "domains" / "livelihood" / "petitions" / "packs"
OPINION = {"facts": "已到现场核查。", "words": "年底前修好。", "basis": "有关规定。"}
_next = count(1)


@cache
def _file(path: Any, schema: Any) -> Any:
    return packs.read(path, schema)


def make_rules() -> None:
    """Shipped roles and terms, the petition offices of Yumen and Jiuquan, and who reviews whom, unless they are there."""
    make_calendar()
    people.make_roles()
    if not Role.objects.filter(pk="petition_clerk").exists():
        load_roles(HOME, _file(HOME / "roles" / "petitions.yaml", RolesFile))
    if not Term.objects.exists():
        path = HOME / "petition_rules" / "national.yaml"
        rules.load_rules(path, _file(path, rules.RulesFile))
    if not Office.objects.exists():
        Office.objects.create(region_code=YUMEN, department=make_office())
        Office.objects.create(region_code=JIUQUAN, department=make_city_office())
        Higher.objects.create(unit=make_unit(), organ=make_government())
        Higher.objects.create(unit=make_government(), organ=make_city())


def make_office() -> Department:
    """The petition office of Yumen."""
    return people.make_department("yumen-petition", name="玉门市信访局", name_en="Yumen Petition Office")


def make_city_office() -> Department:
    """That of the city above."""
    return people.make_department("jiuquan-petition", JIUQUAN, name="酒泉市信访局", name_en="Jiuquan Petition Office")


def make_unit(key: str = "yumen-housing") -> Department:
    """A unit that handles."""
    return people.make_department(key, name=f"单位 {key}", name_en=key)


def make_government() -> Department:
    """Who reviews the unit's opinions."""
    return people.make_department("yumen-government", name="玉门市人民政府", name_en="Yumen Government")


def make_city() -> Department:
    """Who reviews again."""
    return people.make_department("jiuquan-government", JIUQUAN, name="酒泉市人民政府", name_en="Jiuquan Government")


def make_official(role: str, office: Department | None = None, **facts: Any) -> Account:
    """Somebody of the petition office (petition_clerk, petition_head) or of the unit (petition_handler, petition_unit_head)."""
    make_rules()
    office = office or (make_office() if role in ("petition_clerk", "petition_head") else make_unit())
    return people.make_official(role, department=office, region_code=office.region_code, **facts)


def acting(role: str, office: Department | None = None, **facts: Any) -> Actor:
    """The same as an actor."""
    return people.acting(make_official(role, office, **facts))


def said(**facts: Any) -> Said:
    """What a petition says."""
    given = {
        "type": "claim", "subject": "housing", "title": "屋顶漏水问题", "text": "住的楼屋顶漏水，去年以来三次没有修好。",
        "wish": "尽快维修。", "place_code": SHIHEZI, "name": "石建国", "phone": "10000000077",
    }  # fmt: skip
    return Said(**(given | facts))


def make_petition(account: Account | None = None, **facts: Any) -> Petition:
    """One from a citizen, just registered."""
    make_rules()
    regions_there()
    account = account or people.make_citizen()
    submission = facts.pop("submission", f"test{next(_next)}")
    return intake.receive(
        said(**facts), by=people.acting(account), submission=submission, applicant=account.person
    )[0]  # fmt: skip


def regions_there() -> None:
    """The sample divisions, unless they are there."""
    if not Division.objects.exists():
        regions.make_divisions()


def make_transferred(petition: Petition | None = None, handler: Account | None = None) -> tuple[Petition, Actor]:
    """At the unit, with its named handler."""
    petition = petition or make_petition()
    handler = handler or make_official("petition_handler")
    handling.transfer(petition, unit=make_unit(), handlers=[handler], by=acting("petition_clerk"))
    return fresh(petition), people.acting(handler)


def make_handling(petition: Petition | None = None, handler: Account | None = None) -> tuple[Petition, Actor]:
    """Accepted by the unit."""
    petition, by = make_transferred(petition, handler)
    handling.accept(petition, by=by)
    return fresh(petition), by


def make_answered(account: Account | None = None) -> tuple[Petition, Actor]:
    """With an opinion the petitioner has received."""
    account = account or people.make_citizen()
    petition, by = make_handling(make_petition(account))
    handling.conclude(petition, result="support", by=by, **OPINION)
    petitioning.receive_opinion(fresh(petition), by=people.acting(account))
    return fresh(petition), by


def make_review(account: Account | None = None) -> tuple[Petition, Actor]:
    """Under review at the government, with a named handler there."""
    account = account or people.make_citizen()
    petition, _by = make_answered(account)
    petitioning.ask_review(petition, reason="时间太晚。", by=people.acting(account))
    head = make_official("petition_unit_head", make_government())
    handling.name_handler(fresh(petition), account=head, by=people.acting(head))
    return fresh(petition), people.acting(head)


def fresh(petition: Petition) -> Petition:
    """The petition as it stands now."""
    return Petition.objects.select_related("case__department", "case__applicant", "office", "unit").get(pk=petition.pk)


def picture(name: str = "现场.jpg") -> io.BytesIO:
    """A small photograph."""
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "#8C857A").save(file, "JPEG")
    file.seek(0)
    file.name = name
    return file
