"""What search finds of cases: a body's for who represents it today, and entries of before put right."""

from importlib import import_module

import pytest
from django.apps import apps
from django.urls import reverse

from hexi.blocks.cases.models import Item
from hexi.blocks.cases.tests import make
from hexi.blocks.people import operations as registry
from hexi.blocks.people.models import Account
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.tests import make as regions
from hexi.blocks.search import queries as search
from hexi.blocks.search.models import Entry

pytestmark = pytest.mark.django_db
NEW = people.resident_number(55)


@pytest.fixture
def former():
    return people.make_citizen(name="马占山")


@pytest.fixture
def case(former):
    make.make_item()
    return make.make_case(applicant=people.make_enterprise(representative=former.person))


def finds(account, case):
    return search.matches(case.number, actor=people.acting(account)).filter(kind="case").exists()


def replaced(body):
    """Another represents it, as the window has seen; his account."""
    registry.change_representative(body, name="李玉兰", number=NEW, by=make.BY)
    account = people.make_account()
    registry.bind_at_window(body.representative, account, by=make.BY)
    return Account.objects.get(pk=account.pk)


def test_who_no_longer_represents_a_body_no_longer_finds_its_cases(case, former):
    assert finds(former, case)
    successor = replaced(case.applicant)
    assert (finds(former, case), finds(successor, case)) == (False, True)


def test_what_was_just_handed_in_is_found_at_once(former, client):
    make.make_item()
    regions.make_divisions()
    client.force_login(former)
    case = make.make_case(applicant=former.person, by=people.acting(former))
    assert f"/cases/{case.number}/" in client.get("/search/", {"q": case.number}).content.decode()


def test_a_site_of_chosen_items_finds_no_others(client):
    make.make_item()
    make.make_item("social-security-card")
    regions.make_divisions()
    regions.make_site()
    office = Item.objects.get(key="tree-felling").department
    regions.make_site("forestry", department=office)
    found = {}
    for site in ("yumen", "forestry"):
        client.get(f"/s/{site}/")
        for address in (reverse("search.search"), reverse("search.suggest")):
            pages = [client.get(address, {"q": words}).content.decode() for words in ("采伐", "社会保障卡")]
            found[site, address] = ["/items/tree-felling/" in pages[0], "/items/social-security-card/" in pages[1]]
    assert list(found.values()) == [[True, True], [True, True], [True, False], [True, False]]
    everywhere = client.get(reverse("search.search"), {"q": "社会保障卡", "region": "all"}).content.decode()
    assert "/items/social-security-card/" in everywhere


@pytest.mark.parametrize("kept", [True, False], ids=["represented then", "by nobody then"])
def test_entries_of_before_are_put_right(case, former, kept):
    natural = make.make_case(applicant=people.make_person())
    entry, other = Entry.objects.get(kind="case", ref=str(case.pk)), Entry.objects.get(ref=str(natural.pk), kind="case")
    before = former.person_id if kept else None
    own, once = f"§p{case.applicant_id}", f"§p{before}"
    terms = " ".join(once if one == own else one for one in entry.terms.split() if kept or one != own)
    Entry.objects.filter(pk=entry.pk).update(person_id=before, terms=terms)
    successor = replaced(case.applicant)
    assert (finds(former, case), finds(successor, case)) == (kept, False)
    for _again in range(2):
        import_module("hexi.blocks.cases.migrations.0020_found_by_bodies").forwards(apps, None)
        assert (finds(former, case), finds(successor, case)) == (False, True)
    after = Entry.objects.get(pk=entry.pk)
    assert (after.person_id, sorted(after.terms.split())) == (entry.person_id, sorted(entry.terms.split()))
    assert Entry.objects.get(pk=other.pk).terms == other.terms
