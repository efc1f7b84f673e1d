"""The wall: who may see what, the same counts on map and list, drilling, the moment looked at, the live fact."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hexi.blocks.alerts.tests import make as alerts
from hexi.blocks.people.shipped import RolesFile, load_roles
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.packs import Cartogram, load_cartogram
from hexi.blocks.regions.tests import make as regions
from hexi.domains.livelihood.grid.tests import make as grid
from hexi.domains.livelihood.requests.tests import make as orders
from hexi.fronts.command import queries
from hexi.kernel import clock, packs
from hexi.kernel.actors import Denied
from hexi.ui.maps import layers_for

pytestmark = pytest.mark.django_db
GANSU, JIUQUAN, YUMEN, TOWN, VILLAGE = (
    regions.GANSU, regions.JIUQUAN, regions.YUMEN, regions.XIAXIHAO, regions.SHIHEZI,
)  # fmt: skip
ROLES = Path(queries.__file__).parent / "packs" / "roles" / "command.yaml"


def make_commander(region=GANSU, role="commander"):
    if not people.Role.objects.filter(pk="commander").exists():
        load_roles(ROLES, packs.read(ROLES, RolesFile))
    office = people.make_department("gansu-general-office", GANSU)
    return people.make_official(role, department=office, region_code=region)


def make_region():
    """Two orders, an incident in one of two cells, an alert, a cartogram."""
    orders.make_request(lat=40.305, lon=97.105)
    orders.make_request(place_code=TOWN)
    grid.make_cells()
    grid.make_incident()
    alerts.make_published()
    (path,) = packs.files("cartograms")
    load_cartogram(path, packs.read(path, Cartogram))


def come_in(account):
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def board(account, **given):
    actor = people.acting(account)
    return queries.board(actor, queries.asked(given, actor))


def counts(shown):
    return {one.layer.key: one.found.total for one in shown}


TOTALS = {"orders": 2, "topics": 0, "incidents": 1, "emergency": 0, "alerts": 1, "cells": 2, "videos": 0}


def test_province_as_cartogram_with_all_counts():
    make_region()
    found = board(make_commander())
    assert counts(found.shown) == TOTALS
    yumen = next(one for one in found.drawing.tiles if one.code == YUMEN)
    assert (yumen.counts, yumen.group) == ({"orders": 2, "incidents": 1, "alerts": 1, "cells": 2}, "酒泉市")
    assert f"division={JIUQUAN}" in yumen.href
    assert {one.key: one.number for one in found.figures} == {
        "orders": 2, "orders_late": 0, "incidents": 1, "incidents_late": 0, "emergency": 0, "alerts": 1,
        "unconfirmed": 0,
    }  # fmt: skip


@pytest.mark.parametrize("division", [GANSU, JIUQUAN, YUMEN, TOWN, VILLAGE])
def test_each_step_of_the_drill_holds_the_same_and_its_list_adds_up(division):
    make_region()
    found = board(make_commander(), division=division)
    totals = TOTALS | ({"orders": 1} if division == VILLAGE else {})
    assert counts(found.shown) == totals
    columns = zip(*(part.counts for part in found.parts), strict=True)
    assert [sum(column) for column in columns] == [one.found.total for one in found.shown]
    assert [title for title, _href in found.crumbs] == ["甘肃省", "酒泉市", "玉门市", "下西号镇", "石河子村委会"][
        : len(found.crumbs)
    ]
    assert len(found.crumbs) == [GANSU, JIUQUAN, YUMEN, TOWN, VILLAGE].index(division) + 1


def test_map_and_list_hold_the_same():
    make_region()
    client = come_in(make_commander())
    drawn = client.get(reverse("command.data"), {"division": YUMEN}).json()
    page = client.get(reverse("command.wall"), {"division": YUMEN, "as": "list"}).text
    assert "data-map=" not in page
    links = [one["properties"]["link"] for layer in drawn["layers"] for one in layer["features"]["features"]]
    assert len(links) == 4  # an order with a place, an incident, two cells
    assert all(f'href="{link}"' in page for link in links)
    listed = {key: int(n) for key, n in re.findall(r'data-map-sum="(\w+)">(\d+)<', page)}
    assert listed == {layer["key"]: layer["total"] for layer in drawn["layers"]} == TOTALS
    assert "没有坐标，只计数" in page


def test_without_javascript_the_same_page_holds_the_list():
    make_region()
    client = come_in(make_commander())
    whole, listed = (client.get(reverse("command.wall"), {"division": YUMEN, "as": kind}).text for kind in ("", "list"))
    lists = [re.sub(r"as=list&amp;|&amp;as=list", "", one.partition('id="lists"')[2]) for one in (whole, listed)]
    assert lists[0].count("<li>") == lists[1].count("<li>") == 9
    assert whole.count("map-ground") == 1


def test_features_are_valid_geojson():
    make_region()
    drawn = come_in(make_commander()).get(reverse("command.data"), {"division": YUMEN}).json()
    for layer in drawn["layers"]:
        assert layer["features"]["type"] == "FeatureCollection"
        for one in layer["features"]["features"]:
            kind, at = one["geometry"]["type"], one["geometry"]["coordinates"]
            assert (one["type"], kind) in (("Feature", "Point"), ("Feature", "Polygon"), ("Feature", "MultiPolygon"))
            if kind == "Point":
                assert 73 < at[0] < 136
                assert 3 < at[1] < 54
            for ring in at if kind == "Polygon" else ():
                assert ring[0] == ring[-1]
                assert len(ring) >= 4


def test_into_a_cell():
    make_region()
    first, second = grid.Cell.objects.order_by("code")
    account = make_commander()
    assert [href for _title, href in board(account, division=YUMEN).cells] == [
        f"?division={VILLAGE}&cell={cell.code}" for cell in (first, second)
    ]
    here = board(account, division=VILLAGE, cell=first.code)
    assert counts(here.shown) | {"alerts": 0} == {
        "orders": 1,
        "topics": 0,
        "incidents": 1,
        "emergency": 0,
        "alerts": 0,
        "cells": 1,
        "videos": 0,
    }
    assert here.title == first.title == here.crumbs[-1][0]
    there = board(account, division=VILLAGE, cell=second.code)
    assert (counts(there.shown)["orders"], counts(there.shown)["incidents"]) == (0, 0)
    nowhere = board(account, division=VILLAGE, cell="nothing")
    assert (nowhere.title, nowhere.asked.cell) == ("石河子村委会", "")
    assert (len(nowhere.parts), len(nowhere.cells)) == (1, 2)


def test_every_figure_opens_a_list_that_its_holder_may_read():
    make_region()
    account = make_commander()
    client = come_in(account)
    for one in board(account, division=YUMEN).figures:
        page = client.get(one.href)
        assert page.status_code == 200
        numbers = set(re.findall(r"/work/(?:requests|grid/incidents|alerts)/([A-Z]?[0-9][0-9A-Z-]+)/", page.text))
        assert len(numbers) == (one.number if one.key != "unconfirmed" else 0)


def test_the_moment_looked_at():
    now = clock.now()
    with clock.told_at(now - timedelta(days=2)):
        orders.make_request()
    orders.make_request()
    account = make_commander()
    assert counts(board(account).shown)["orders"] == 2
    assert counts(board(account, last="24h").shown)["orders"] == 1
    assert counts(board(account, last="7d").shown)["orders"] == 2
    assert counts(board(account, last="7d", step="1").shown)["orders"] == 1
    assert counts(board(account, last="7d", step="3").shown)["orders"] == 0
    page = come_in(account).get(reverse("command.wall"), {"last": "7d", "step": "2"}).text
    assert "step=3" in page
    assert "step=1" in page


@pytest.mark.parametrize("nonsense", ["", "abc", "999999999999", "62098100000", "620981000000'"])
def test_nonsense_in_the_address_is_left_out(nonsense):
    make_region()
    account = make_commander()
    given = {
        "division": nonsense,
        "last": nonsense,
        "step": nonsense,
        "map": nonsense,
        "as": nonsense,
        "cell": nonsense,
    }
    assert board(account, **given).asked == queries.Asked(GANSU)


# --- rights
def test_only_posts_of_a_command_centre_come_in():
    make_region()
    for who in (None, people.make_citizen(), people.make_official("clerk")):
        client = Client() if who is None else come_in(who)
        assert [client.get(reverse(name)).status_code for name in ("command.wall", "command.data")] == [
            302 if who is None else 403
        ] * 2
    commander = come_in(make_commander())
    assert commander.get(reverse("command.wall")).status_code == 200
    assert reverse("command.wall") in commander.get(reverse("workbench.home")).text


def test_a_county_s_post_sees_its_county():
    make_region()
    account = make_commander(region=YUMEN)
    found = board(account)
    assert found.asked.division == YUMEN
    assert found.crumbs[:2] == (("甘肃省", ""), ("酒泉市", ""))
    with pytest.raises(Denied):
        board(account, division=GANSU)
    elsewhere = make_commander(region="620982000000")
    assert sum(counts(board(elsewhere).shown).values()) == 0
    assert come_in(elsewhere).get(reverse("command.wall"), {"division": YUMEN}).status_code == 403


def test_layers_are_those_of_one_s_rights():
    make_region()
    assert [one.key for one in layers_for(people.acting(make_commander()))] == list(TOTALS)
    assert [one.key for one in layers_for(grid.acting("grid_unit"))] == ["incidents", "cells"]
    assert layers_for(people.acting(people.make_citizen())) == []


# --- live
def test_live_fact_changes_with_what_it_counts():
    make_region()
    actor = people.acting(make_commander())
    before = queries.wall_now(actor, YUMEN)
    assert before == queries.wall_now(actor, YUMEN)
    orders.make_request()
    after = queries.wall_now(actor, YUMEN)
    assert (before["figures"]["orders"], after["figures"]["orders"]) == (2, 3)
    assert before["stamp"] != after["stamp"]
    assert after["stamp"] == board(make_commander(), division=YUMEN).stamp
    assert len(json.dumps(after)) < 300


def test_live_fact_of_another_region_is_nothing():
    make_region()
    actor = people.acting(make_commander(region="620982000000"))
    assert (queries.wall_now(actor, YUMEN), queries.wall_now(actor, "x"), queries.wall_now(actor, "")) == (
        None,
        None,
        None,
    )
    assert queries.wall_now(people.acting(people.make_citizen()), YUMEN) is None


def test_as_many_queries_for_three_of_each_as_for_one():
    make_region()
    client = come_in(make_commander())

    def asked(name, **given):
        with CaptureQueriesContext(connection) as found:
            assert client.get(reverse(name), given).status_code == 200
        return len(found)

    pages = [(name, {"division": code}) for name in ("command.wall", "command.data") for code in (GANSU, YUMEN)]
    for name, given in pages:
        asked(name, **given)  # what is remembered is remembered
    one = [asked(name, **given) for name, given in pages]
    for _ in range(2):
        orders.make_request(lat=40.31, lon=97.11)
        grid.make_incident()
        alerts.make_published()
    assert [asked(name, **given) for name, given in pages] == one
    assert max(one) <= 45
