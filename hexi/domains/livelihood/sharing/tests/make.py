"""Sample applications with their offices, for tests."""

from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from hexi.blocks.cases.models import Item
from hexi.blocks.cases.tests.make import make_calendar, make_item
from hexi.blocks.catalog import own
from hexi.blocks.catalog.models import Entry
from hexi.blocks.catalog.operations import own as own_sets
from hexi.blocks.catalog.tests.make import make_entry, make_provider
from hexi.blocks.catalog.tests.make import make_rules as make_catalog
from hexi.blocks.people import shipped
from hexi.blocks.people.models import Account, Role
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.sharing import rules
from hexi.domains.livelihood.sharing.models import Application, Term
from hexi.domains.livelihood.sharing.operations import applying, deciding
from hexi.domains.livelihood.sharing.operations.applying import Asked
from hexi.kernel import clock
from hexi.kernel.actors import Actor, System
from hexi.kernel.packs import read

PACKS = Path(__file__).parent.parent / "packs"
FIELDS = {"station": "none", "power": "none"}
BY = System("make")
_next = count(1)


def make_rules() -> None:
    """Calendar, roles, terms, unless they are there."""
    make_calendar()
    make_catalog()
    if not Role.objects.filter(pk="share_head").exists():
        shipped.load_roles(PACKS, read(PACKS / "roles" / "sharing.yaml", shipped.RolesFile))
    if not Term.objects.exists():
        path = PACKS / "sharing_terms" / "national.yaml"
        rules.load(path, read(path, rules.TermsFile))


def make_office(key: str = "yumen-tax", name: str = "玉门市税务局") -> Department:
    """The office that asks."""
    make_rules()
    return people.make_department(key, name=name, name_en=key)


def make_account(role: str, office: Department) -> Account:
    """Somebody of an office: share_applicant or share_head."""
    make_rules()
    return people.make_official(role, department=office, region_code=office.region_code)


def make_applicant(office: Department | None = None) -> Actor:
    """Who asks for an office."""
    return people.acting(make_account("share_applicant", office or make_office()))


def make_head(office: Department | None = None) -> Actor:
    """Who decides for the office that keeps the data."""
    return people.acting(make_account("share_head", office or make_provider()))


def make_data(**said: Any) -> Entry:
    """A data set shared on condition."""
    make_rules()
    facts = {"sharing": "conditional", "sharing_condition": "依法履职需要", "open": False}
    return make_entry(make_provider(), **(facts | said))


def make_register(monkeypatch: Any) -> Entry:
    """The register of persons, kept by the sample provider."""
    make_rules()
    provider = make_provider()
    monkeypatch.setattr(own, "provider_key", lambda one: provider.key)
    own_sets.publish_own()
    return Entry.objects.get(origin="people.persons")


def said(**facts: Any) -> Asked:
    """What an application says."""
    given = {"purpose": "核对企业用电", "law": "《税收征收管理法》第六条", "fields": FIELDS,
             "expires": clock.today() + timedelta(days=180)}  # fmt: skip
    return Asked(**(given | facts))


def make_application(
    entry: Entry | None = None, office: Department | None = None, *, by: Actor | None = None, submission: str = "",
    **facts: Any,
) -> Application:  # fmt: skip
    """One that waits for the provider (or is granted at once)."""
    entry = entry or Entry.objects.filter(sharing="conditional", origin="").first() or make_data()
    office = office or make_office()
    by = by or make_applicant(office)
    return applying.apply(entry, office, said(**facts), by=by, submission=submission or f"test{next(_next)}")[0]


def make_granted(entry: Entry | None = None, office: Department | None = None, **facts: Any) -> Application:
    """One the head of the provider has granted."""
    found = make_application(entry, office, **facts)
    return deciding.grant(found, by=make_head(found.entry.provider))


def make_service(monkeypatch: Any, **facts: Any) -> tuple[Application, Item]:
    """The register of persons granted for a service item: a question of its form is answered from it."""
    item = make_item()
    given = {
        "fields": {"name": "none", "born": "year"}, "item": item, "answers": {"spot": "name"},
        "purpose": "办理林木采伐许可", "law": "《森林法》第五十七条",
    }  # fmt: skip
    return make_granted(make_register(monkeypatch), item.department, **(given | facts)), item


def fresh(application: Application) -> Application:
    """As it stands now."""
    return Application.objects.select_related("case__department", "entry", "office", "grant", "item").get(
        pk=application.pk
    )
