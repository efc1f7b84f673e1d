"""The demo's orders: told once, through the operations, and what they leave behind."""

import pytest
from django.conf import settings

from hexi.blocks.people import shipped
from hexi.blocks.regions import packs as regions
from hexi.blocks.regions.models import Division
from hexi.blocks.regions.operations import row_of
from hexi.domains.livelihood.requests import definitions, demo
from hexi.domains.livelihood.requests.models import Request, TimeLimit
from hexi.domains.livelihood.requests.tests import make
from hexi.kernel import clock, jobs, packs

pytestmark = pytest.mark.django_db
GANSU = settings.HEXI_PACKS / "gansu"
STORIES = GANSU / "request_stories" / "yumen.yaml"


def make_town(monkeypatch) -> demo.StoryFile:
    """What `hexi setup` puts in of the region's packs, as far as the orders need it."""
    make.make_rules()
    file = packs.read(STORIES, demo.StoryFile)
    known = set(Division.objects.values_list("code", flat=True))
    for code in sorted({one.place for one in file.orders} - known):
        row_of(code, code).save()
    path = GANSU / "departments" / "gansu.yaml"
    regions.load_departments(path, packs.read(path, regions.DepartmentsPack))
    path = GANSU / "hotlines" / "gansu.yaml"
    definitions.load_hotlines(path, packs.read(path, definitions.HotlineFile))
    monkeypatch.setattr(settings, "DEMO", True)
    path = GANSU / "people" / "demo.yaml"
    shipped.load_demo(path, packs.read(path, shipped.DemoFile))
    return file


def test_the_orders_of_the_demo_are_told_once(monkeypatch):
    file = make_town(monkeypatch)
    assert demo.check(STORIES, file) == []
    files = packs.files
    monkeypatch.setattr(packs, "files", lambda folder: [STORIES] if folder == "request_stories" else files(folder))
    assert demo.tell() == len(file.orders) == Request.objects.count()
    assert demo.tell() == 0
    jobs.drain()
    states = set(Request.objects.values_list("case__state", flat=True))
    assert {"new", "handling", "answered", "closed", "refused"} == states
    assert Request.objects.filter(public=True).count() >= 10
    assert Request.objects.filter(secret=True).count() == 3
    assert [one.valid_from > clock.today() for one in TimeLimit.objects.exclude(region_code="")] == [True]
    assert min(Request.objects.values_list("redone", flat=True)) == 0


def test_a_story_that_follows_what_is_not_told_yet_is_a_fault():
    file = packs.read(STORIES, demo.StoryFile)
    turned = demo.StoryFile(orders=[one for one in file.orders if one.into])
    assert len(demo.check(STORIES, turned)) == 2
