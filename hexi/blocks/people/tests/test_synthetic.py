"""Made-up inhabitants: numbers that fit but are nobody's, the same ones each time."""

import pytest

from hexi.blocks.people import vault
from hexi.blocks.people.models import Person
from hexi.blocks.people.synthetic import AREA, inhabitants
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.tests import make as regions
from hexi.kernel.actors import System
from hexi.wire.checksums import read_credit_code, read_resident_id

pytestmark = pytest.mark.django_db
BY = System("demo")


def made(number):
    regions.make_divisions()
    people.make_types()
    return inhabitants(number, regions=[regions.SHIHEZI], by=BY)


def test_every_number_fits_and_is_of_no_division():
    for one in made(40):
        kept = one.identifiers.get()
        number = vault.ring().open(kept.number, kept.type_id)
        read = read_resident_id if one.natural else read_credit_code
        assert read(number).area == AREA


def test_every_sixth_is_a_body_with_a_head_who_stands_before_it():
    kinds = [(one.kind, one.representative_id) for one in made(12)]
    assert [place for place, (kind, _head) in enumerate(kinds) if kind == Person.Kind.ENTERPRISE] == [5, 11]
    assert all(head for kind, head in kinds if kind == Person.Kind.ENTERPRISE)


def test_again_they_are_the_same_persons():
    first = made(14)
    assert [one.pk for one in inhabitants(14, regions=[regions.SHIHEZI], by=BY)] == [one.pk for one in first]
    assert Person.objects.count() == 14
