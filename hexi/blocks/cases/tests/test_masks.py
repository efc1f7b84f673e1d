"""Lists that more than the office at work reads name a person by the surname; bodies keep their name."""

import pytest

from hexi.blocks.cases.models import Case
from hexi.blocks.people.models import Person


@pytest.mark.parametrize(
    ("kind", "name", "shown"),
    [(Person.Kind.NATURAL, "石建国", "石**"), (Person.Kind.ENTERPRISE, "玉门戈壁葡萄合作社", "玉门戈壁葡萄合作社")],
)
def test_a_list_names_a_person_by_the_surname(kind, name, shown):
    applicant = Person(kind=kind, name=name)
    assert Case(applicant=applicant, applicant_name=name).applicant_masked == shown
