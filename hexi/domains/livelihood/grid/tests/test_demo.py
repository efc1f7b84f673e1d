"""The demo's sheet of cells and its incidents: told once, whole, and only in a demo."""

import pytest
from django.conf import settings

from hexi.blocks.people import shipped
from hexi.blocks.people.models import Role
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions import packs as regions
from hexi.domains.livelihood.grid import demo
from hexi.domains.livelihood.grid.models import Cell, CheckIn, Component, Incident, VideoPoint
from hexi.domains.livelihood.grid.tests import make
from hexi.kernel import packs

pytestmark = pytest.mark.django_db
GANSU = settings.HEXI_PACKS / "gansu"
PATH = GANSU / "grid_cells" / "yumen.yaml"


@pytest.fixture
def town(settings):
    settings.DEMO = True
    people.make_types()
    make.make_rules()
    path = GANSU / "departments" / "gansu.yaml"
    regions.load_departments(path, packs.read(path, regions.DepartmentsPack))
    path = GANSU / "people" / "demo.yaml"
    shipped.load_demo(path, packs.read(path, shipped.DemoFile))


def load():
    demo.load_cells(PATH, packs.read(PATH, demo.CellsFile))


def test_the_sheet_has_neither_gaps_nor_overlaps_and_is_made_once(town):
    load()
    load()
    assert (Cell.objects.count(), Component.objects.count(), VideoPoint.objects.count()) == (24, 5, 2)
    assert {cell.synthetic for cell in Cell.objects.all()} == {True}
    assert Component.objects.filter(cell=None).count() == 0


def test_the_incidents_are_told_once_and_stand_at_every_step(town):
    load()
    assert (demo.fill(), demo.fill()) == (len(demo.TOLD), 0)
    states = sorted(Incident.objects.values_list("case__state", flat=True))
    assert states == [
        "closed", "closed", "filed", "handling", "handling", "handling", "reported", "reported", "verifying",
    ]  # fmt: skip
    assert CheckIn.objects.filter(inside=True).count() == 12


def test_no_cells_are_made_up_where_it_is_no_demo(town, settings):
    settings.DEMO = False
    load()
    assert Cell.objects.count() == 0


def test_with_the_domain_off_its_people_are_left_out(settings):
    settings.DEMO = True
    people.make_types()
    people.make_roles()
    Role.objects.filter(pk__startswith="grid_").delete()
    path = GANSU / "departments" / "gansu.yaml"
    regions.load_departments(path, packs.read(path, regions.DepartmentsPack))
    path = GANSU / "people" / "demo.yaml"
    shipped.load_demo(path, packs.read(path, shipped.DemoFile))
    names = set(people.Account.objects.values_list("username", flat=True))
    assert "water" in names
    assert not {"gridworker", "gridcentre", "gridhead"} & names
