"""The demo's petitions are told once, and each comes to where its story leads."""

from collections import Counter
from datetime import timedelta

import pytest

from hexi.blocks.people.models import Account, Post
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.petitions import demo
from hexi.domains.livelihood.petitions.models import Petition
from hexi.domains.livelihood.petitions.tests import make
from hexi.kernel import clock

pytestmark = pytest.mark.django_db
POSTS = {
    "petition": ("petition_clerk", "yumen-petition"), "petition-head": ("petition_head", "yumen-petition"),
    "housing": ("petition_handler", "yumen-housing"), "housing-head": ("petition_unit_head", "yumen-housing"),
    "water": ("petition_handler", "yumen-water"), "mayor": ("petition_unit_head", "yumen-government"),
}  # fmt: skip


def test_it_is_told_once() -> None:
    make.make_rules()
    make.regions_there()
    assert demo.tell() == 0
    make.make_unit("yumen-water")
    for name, (role, office) in POSTS.items():
        make.make_official(role, Department.objects.get(key=office), username=name)
    Post.objects.update(valid_from=clock.today())  # as in the demo: posts begin on the day it is told
    for name in ("shi", "wang", "li"):
        people.make_citizen(name)
    assert demo.tell() == 5
    assert demo.tell() == 0
    states = Counter(Petition.objects.values_list("case__state", flat=True))
    assert states == {"registered": 2, "refused": 1, "handling": 1, "reviewing": 1}
    reviewed = Petition.objects.get(case__state="reviewing")
    assert reviewed.case.department.key == "yumen-government"
    assert reviewed.case.next_due > clock.now() + timedelta(days=10)
    assert Account.objects.filter(username="water").exists()
