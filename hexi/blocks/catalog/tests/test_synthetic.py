"""The demo's catalogue is told once, with something overdue, something to check and somebody who follows."""

import pytest
from django.conf import settings

from hexi.blocks.catalog import synthetic
from hexi.blocks.catalog.models import Entry, Member, Quality, Right, Service
from hexi.blocks.catalog.queries import entries as queries
from hexi.blocks.catalog.tests.make import make_rules
from hexi.blocks.people.tests.make import acting, make_department, make_official
from hexi.kernel import packs

pytestmark = pytest.mark.django_db
STORY = settings.HEXI_PACKS / "gansu" / "dataset_stories" / "yumen.yaml"


def test_told_once(monkeypatch):
    make_rules()
    monkeypatch.setattr(
        packs, "files", lambda folder, plain=packs.files: [STORY] if folder == "dataset_stories" else plain(folder)
    )
    story = packs.read(STORY, synthetic.StoryFile)
    lines = story.entries
    keys = {line.department for line in (*lines, *story.exchange.systems)}
    offices = {key: make_department(key, name=key) for key in sorted(keys)}
    posts = (("steward", "data_steward", "yumen-ecology"), ("data-head", "data_head", "yumen-ecology"),
             ("bureau", "data_bureau", "yumen-government"))  # fmt: skip
    assert synthetic.tell() == 0
    people = {
        name: acting(make_official(role, department=offices[key], username=name, region_code="620981000000"))
        for name, role, key in posts
    }
    assert synthetic.tell() == len(lines) + 1
    assert synthetic.tell() == 0
    assert [entry.title for entry in queries.overdue(Entry.objects.all())] == ["空气质量日报（演示）"]
    assert queries.to_publish(people["data-head"]).count() == 2
    assert Entry.objects.get(title="空气质量日报（演示）").subscriptions.count() == 1
    assert Quality.objects.count() == len(lines) - 1
    assert Member.objects.filter(gateway__own=True).count() == 3
    assert [str(one.group) for one in Right.objects.all()] == ["办事大厅（演示）"]
    assert Service.objects.exclude(entry=None).get().code == "ROWS"
