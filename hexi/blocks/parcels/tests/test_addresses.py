"""A receiver's address: known from the person, with the way to the village in front, and masked in lists."""

import pytest
from django.utils import translation

from hexi.blocks.parcels import addresses
from hexi.blocks.parcels.tests.make import TO
from hexi.blocks.people.tests.make import make_person
from hexi.blocks.regions.tests import make as regions

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("given", "whole"),
    [
        ("石河子村一组 11 号", "甘肃省酒泉市玉门市下西号镇石河子村一组 11 号"),
        ("甘肃省酒泉市玉门市下西号镇石河子村一组 11 号", "甘肃省酒泉市玉门市下西号镇石河子村一组 11 号"),
        ("", ""),
    ],
)
def test_what_the_record_says_is_made_whole_in_chinese(given, whole):
    regions.make_divisions()
    person = make_person(address=given, phone="10000001234")
    with translation.override("en"):
        found = addresses.of_person(person)
    assert found == {"name": person.name, "phone": "10000001234", "address": whole}


def test_nobody_has_no_address():
    assert addresses.of_person(None) == {"name": "", "phone": "", "address": ""}
    assert addresses.of_person(make_person(region_code="", address="演示路 1 号"))["address"] == "演示路 1 号"


def test_lists_show_the_ends_only():
    assert addresses.masked(TO) == "石** 100****1234 甘肃省玉门市…"
    assert addresses.masked({}) == ""


def test_spaces_and_nul_are_tidied():
    assert addresses.checked(TO | {"name": "  石 建国\0 "})["name"] == "石 建国"
