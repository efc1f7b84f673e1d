"""Which service items use a register of the catalogue, as it is shown before the register is changed."""

import pytest

from hexi.blocks.cases import data_uses
from hexi.blocks.cases.tests.make import make_item
from hexi.blocks.catalog import uses
from hexi.blocks.catalog.models import Entry
from hexi.blocks.catalog.tests.make import make_entry
from hexi.kernel.actors import System

pytestmark = pytest.mark.django_db
BY = System("look")


def used(origin):
    entry = Entry(origin=origin)
    found = list(data_uses.services(entry, BY))
    assert len(found) == data_uses.count_services(entry)
    return found


def test_a_form_filled_in_from_persons_uses_their_columns():
    item = make_item("tree-felling")
    (use,) = used("people.persons")
    assert use.title == f"{item.title} · {item.department.name}"
    assert "name" in use.columns
    assert use.url == f"/work/items/{item.pk}/"


def test_materials_spared_by_certificates_use_their_register():
    make_item("food-permit")
    make_item("tree-felling")
    titles = [use.title.partition(" · ")[0] for use in used("certificates.certificates")]
    assert titles == [
        item.title
        for item in data_uses.Item.objects.order_by("region_code", "key").select_related("version")
        if any(one.types for one in data_uses.definition(item.version).national.materials)
    ]


def test_others_are_used_by_no_form():
    make_item("tree-felling")
    assert used("regions.divisions") == []
    assert used("") == []


def test_it_stands_with_the_other_uses():
    make_item("tree-felling")
    entry = make_entry(open=False, grading="internal")
    Entry.objects.filter(pk=entry.pk).update(origin="people.persons")
    found = {one.title: one for one in uses.found(Entry.objects.get(pk=entry.pk), BY)}
    assert [kind.total for title, kind in found.items() if "预填" in str(title)] == [1]
