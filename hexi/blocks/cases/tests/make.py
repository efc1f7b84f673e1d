"""Sample items, cases and officials for tests and benches. A small item of our own, so that packs may change freely."""

from functools import cache, partial
from itertools import count
from pathlib import Path
from typing import Any

from django.conf import settings

from hexi.blocks.calendars.models import Calendar
from hexi.blocks.calendars.tests import make as calendars
from hexi.blocks.cases import operations
from hexi.blocks.cases.items import ServiceFile
from hexi.blocks.cases.models import Case, Item, ItemVersion, SiteVisit
from hexi.blocks.cases.operations import visits
from hexi.blocks.certificates import definitions
from hexi.blocks.certificates.definitions import Licences
from hexi.blocks.certificates.models import CertificateType
from hexi.blocks.documents.tests import make as documents
from hexi.blocks.people.actors import Citizen
from hexi.blocks.people.models import Person
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.models import Department
from hexi.blocks.regions.tests import make as regions
from hexi.blocks.search.models import Entry
from hexi.kernel import packs
from hexi.kernel.actors import Actor, System
from hexi.kernel.tests.kept import kept

BY = System("make")
HALL = Path(settings.HEXI_PACKS).parent / "hexi" / "domains" / "livelihood" / "hall" / "packs"
#: role of the shipped roles → who does what in the tests
CLERK, EXAMINER, HEAD, SUPERVISOR = "clerk", "examiner", "head", "supervisor"
_next = count(1)


@cache
def file_of(path: Path) -> Any:
    """A shipped service, read once."""
    return packs.read(path, ServiceFile).root


def make_calendar() -> None:
    """The nation's calendar with its make-up days."""
    if not Calendar.objects.exists():
        calendars.make_nation()


def make_item(key: str = "tree-felling") -> Item:
    """A shipped item of Yumen, published; with its calendar, department and certificate type."""
    make_calendar()
    make_certificates()
    tables = (Department, Item, ItemVersion, Entry)
    if any(table.objects.exists() for table in tables):
        return _item(key)
    kept(partial(_item, key), *tables, of=key)
    return Item.objects.select_related("version", "department").get()


def _item(key: str) -> Item:
    local = file_of(settings.HEXI_PACKS / "gansu" / "services" / f"{key}.yaml")
    people.make_department(local.department, local.region)
    make_partners(local)
    return operations.publish(file_of(HALL / "services" / f"{key}.yaml"), local, by=BY)[0]


def make_partners(local: Any) -> None:
    """The departments that review side by side, by their names, and the government's office."""
    if local.joint:
        for one, name in zip(local.joint.reviews, local.joint_departments, strict=True):
            people.make_department(one.department, local.region, name=name.zh, name_en=name.en)
        people.make_department(local.joint.government, local.region, name="玉门市人民政府办公室")


def make_reports(case: Case, result: str = "agree") -> None:
    """Every department that has not answered yet in a joint review does so."""
    for one in case.reviews.filter(given_at=None).select_related("department"):
        account = people.make_official(EXAMINER, department=one.department)
        operations.report(
            one, result=result, by=people.acting(account), opinion="符合要求。", conditions="按批复施工。"
        )


def make_visit(case: Case, *, passed: bool = True) -> SiteVisit:
    """Two officers of the office go, photograph, write it down and vouch for it."""
    first, second = (
        people.make_official(EXAMINER, department=case.department, region_code=case.region_code) for _ in range(2)
    )
    visit = visits.assign_visit(case, first=first, second=second, by=people.acting(first))
    photo = documents.make_image(seed=next(_next))
    documents.make_document(
        None, content=photo, by=people.acting(first), thing=(visits.KIND, str(visit.pk)), slot=visits.PHOTOS
    )
    visits.record_visit(visit, place="工地", findings="具备施工条件。", passed=passed, by=people.acting(first))
    return visits.confirm_visit(visit, by=people.acting(second))


def make_certificates() -> None:
    """The certificate types of the hall."""
    if not CertificateType.objects.exists():
        kept(_certificates, CertificateType)


def _certificates() -> None:
    for path in sorted((HALL / "certificates").glob("*.yaml")):
        definitions.load(path, packs.read(path, Licences))


#: good answers to the questions of 林木采伐许可
ANSWERS: dict[str, Any] = {
    "applicant_name": "石建国", "applicant_phone": "10000001234", "village": regions.SHIHEZI, "spot": "渠东林带",
    "land": "contracted", "forest": "timber", "species": "杨树", "area": 2.5, "volume": 9.8, "trees": 36,
    "method": "selective", "purpose": "renewal", "felled_before": False, "replant_species": "新疆杨", "replant_area": 2.5,
    "replant_method": "planting", "period": {"from": "2026-12-01", "to": "2026-12-20"}, "replant_by": "2027-04-30",
    "pledge": ["truth"],
}  # fmt: skip


def make_case(item: Item | None = None, *, applicant: Person | None = None, **given: Any) -> Case:
    """A case just submitted. `given`: answers, submission, phone, delivery, delivery_to, by."""
    item = item or Item.objects.first() or make_item()
    facts = {"answers": ANSWERS, "submission": f"test:{next(_next)}", "by": BY, "phone": "10000001234"}
    return operations.submit(item.version, applicant=applicant or people.make_person(), **(facts | given))[0]


def make_official(role: str, item: Item | None = None) -> Actor:
    """An actor with one post at the item's office."""
    item = item or Item.objects.first() or make_item()
    account = people.make_official(role, department=item.department, region_code=item.region_code)
    return people.acting(account)


def make_citizen() -> Citizen:
    """A citizen with a person."""
    return people.acting(people.make_citizen())


def fresh(case: Case) -> Case:
    """The case as it stands now."""
    return Case.objects.select_related("item", "version", "department", "applicant").get(pk=case.pk)


YUMEN = regions.YUMEN
