"""Base maps: imports with their refusals, what is in force, the cartogram, made-up blocks, and the pages."""

import json
from argparse import Namespace

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hexi.blocks.audit.models import Entry
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions import basemaps, commands, mapped
from hexi.blocks.regions.models import BaseMap
from hexi.blocks.regions.packs import Blocks, Cartogram, check_cartogram, load_blocks, load_cartogram
from hexi.blocks.regions.tests import make
from hexi.kernel import packs
from hexi.kernel.actors import Denied, System
from hexi.wire.tests.test_geojson import BOW, SQUARE, file

pytestmark = pytest.mark.django_db
BY, NUMBER = System("test"), "甘S（2021）12号"
FACTS = {"region": make.GANSU, "title": "县界", "source": "示例，2026-11-01", "by": BY}
BLOCKS = {"region": make.YUMEN, "title": "合成", "title_en": "", "west": 97.0, "north": 40.3, "columns": 4, "rows": 3}


@pytest.fixture(autouse=True)
def divisions():
    make.make_divisions()


def take(content=None, **facts):
    content = file(SQUARE, code="620981") if content is None else content
    return basemaps.import_boundaries(content, **(FACTS | {"approval": NUMBER} | facts))


def refused(call, *given, **facts):
    with pytest.raises(ValidationError) as caught:
        call(*given, **facts)
    return caught.value.messages


def test_boundaries_are_taken_with_their_number_and_logged():
    made = take(name="counties.json")
    assert (made.approval, made.features, made.box) == (
        NUMBER,
        [{"code": make.YUMEN, "shape": [[SQUARE]]}],
        [97.0, 40.0, 97.1, 40.1],
    )
    entry = Entry.objects.get(verb="regions.boundaries")
    assert entry.actor_key == "system:test"
    assert entry.facts | {"digest": ""} == {
        "region": make.GANSU,
        "features": 1,
        "approval": NUMBER,
        "file": "counties.json",
        "digest": "",
    }
    assert mapped.base(make.XIAXIHAO, ground=True) == mapped.Base(mapped.address(made), "", (f"审图号：{NUMBER}",))


@pytest.mark.parametrize("number", ["", "没有", "2019-3266", "GS（2019）号"])
def test_boundaries_without_an_approval_number_are_refused(number):
    assert refused(take, approval=number) == ["请填写审图号，例如 GS（2019）3266号。没有审图号的边界不能使用。"]
    assert not BaseMap.objects.exists()


def test_database_refuses_boundaries_without_a_number():
    row = take()
    with pytest.raises(IntegrityError), transaction.atomic():
        BaseMap.objects.filter(pk=row.pk).update(approval="")


@pytest.mark.parametrize("number", ["GS（2019）3266号", "甘S(2021)012号", "GS京（2022）0001号", "GS (2020) 4619 号"])
def test_numbers_as_they_are_written(number):
    assert take(approval=number).approval == number


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (file(BOW, code="620981"), "第 1 个要素：边界自相交，在 97.1, 40 附近。"),
        (file(SQUARE[:-1], code="620981"), "第 1 个要素：环没有闭合：第一个点和最后一个点应相同，至少四个点。"),
        (
            file([[y, x] for x, y in SQUARE], code="620981"),
            "第 1 个要素：点 40, 97 在范围之外（经度 73–136，纬度 3–54）。",
        ),
        (file(SQUARE, code="999999"), "第 1 个要素：属性 code“999999”不是这个地区里现行的区划代码。"),
        (file(SQUARE), "第 1 个要素：属性 code“”不是这个地区里现行的区划代码。"),
        (file(SQUARE, code="9" * 9000), f"第 1 个要素：属性 code“{'9' * 20}”不是这个地区里现行的区划代码。"),
        (b"{}", "应为有要素的 FeatureCollection。"),
    ],
)
def test_broken_files_are_refused_whole(content, sentence):
    assert refused(take, content) == [sentence]
    assert not BaseMap.objects.exists()


def test_a_division_outside_the_region_is_refused():
    assert refused(take, file(SQUARE, code="620982"), region=make.YUMEN) == [
        "第 1 个要素：属性 code“620982”不是这个地区里现行的区划代码。"
    ]


def test_only_who_may_change_regions_imports():
    with pytest.raises(Denied):
        take(by=make.Somebody({"regions.edit": "620982"}), region=make.YUMEN)
    assert take(by=make.Somebody({"regions.edit": "620981"}), region=make.YUMEN).by_name == "测试员"


def test_a_new_one_takes_the_place_of_the_old_and_ends_it():
    old = take()
    assert take() == old
    new = take(approval="GS（2024）1号")
    old.refresh_from_db()
    assert (old.ended_at is None, new.ended_at) == (False, None)
    basemaps.end(new, by=BY)
    assert mapped.base(make.YUMEN, ground=True).notes == ("没有导入边界，不画区划界线。",)


def test_buildings_by_height_or_storeys():
    rows = [
        json.loads(file(SQUARE, **facts))["features"][0]
        for facts in ({"height": 21.5}, {"levels": 6}, {"height": -3}, {}, {"height": 10**400})
    ]
    content = json.dumps({"type": "FeatureCollection", "features": rows}).encode()
    made = basemaps.import_buildings(content, **(FACTS | {"region": make.YUMEN}))
    assert [one["height"] for one in made.features] == [21.5, 18.0, 9.0, 9.0, 9.0]
    assert refused(basemaps.import_buildings, content, approval="x", **FACTS) == [
        "审图号的写法不对，例如 GS（2019）3266号。"
    ]


def test_made_up_blocks_are_the_same_each_time_and_say_so(settings):
    one = basemaps.put_blocks(**BLOCKS, by=BY)
    assert basemaps.put_blocks(**BLOCKS, by=BY) == one
    assert (one.synthetic, len(one.features) > 10) == (True, True)
    assert "建筑为合成，不是真实建筑。" in mapped.base(make.SHIHEZI, ground=True).notes
    settings.DEMO = False
    assert (
        load_blocks(
            None,
            Blocks(
                **{key: BLOCKS[key] for key in ("region", "west", "north", "columns", "rows")},
                title={"zh": "甲", "en": "A"},
            ),
        )
        == 0
    )


def test_shipped_cartogram_has_each_county_of_the_list_once():
    (path,) = packs.files("cartograms")
    pack = packs.read(path, Cartogram)
    assert (len(pack.places()), check_cartogram(path, pack)) == (88, [])
    assert load_cartogram(path, pack) == 88
    found = {one.code: (one.column, one.row, one.group) for one in mapped.squares(make.GANSU)}
    assert found == {
        "620982000000": (0, 0, "酒泉市"), "620981000000": (2, 0, "酒泉市"), "620201000000": (3, 0, "嘉峪关市"),
        "620902000000": (4, 1, "酒泉市"),
    }  # fmt: skip
    assert [one.code for one in mapped.squares(make.JIUQUAN)] == ["620902000000", "620981000000", "620982000000"]
    assert mapped.base(make.GANSU, ground=False).notes == (
        "示意图：方格只表示有这个地方，不是地图，不表示真实位置、形状和边界。",
    )


def test_cartogram_refuses_a_code_twice_and_what_is_no_code(tmp_path):
    for rows, word in ((["620981 620981"], "620981"), (["62098"], "62098")):
        with pytest.raises(ValueError, match=word):
            Cartogram(region=make.GANSU, title={"zh": "甲", "en": "A"}, rows=rows)


def test_squares_below_the_county_stand_in_the_order_of_their_codes():
    assert [(one.name, one.column, one.row) for one in mapped.squares(make.YUMEN)] == [
        ("玉门镇", 0, 0),
        ("下西号镇", 1, 0),
    ]
    assert mapped.squares(make.SHIHEZI) == []


def client(role="region_admin", region=make.GANSU):
    people.make_roles()
    account = people.make_official(role, region_code=region)
    one = Client()
    one.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return one


def test_pages_import_show_and_end():
    admin = client()
    facts = {"kind": "boundaries", "region": make.GANSU, "title": "县界", "approval": "", "source": "示例"}
    page = admin.post(
        reverse("regions.import_map"), facts | {"file": SimpleUploadedFile("a.json", file(SQUARE, code="620981"))}
    )
    assert (page.status_code, "没有审图号的边界不能使用" in page.text) == (422, True)
    done = admin.post(
        reverse("regions.import_map"),
        facts | {"approval": NUMBER, "file": SimpleUploadedFile("a.json", file(SQUARE, code="620981"))},
    )
    row = BaseMap.objects.get()
    assert done.url == reverse("regions.base_map_page", args=[row.pk])
    assert NUMBER in admin.get(done.url).text
    assert NUMBER in admin.get(reverse("regions.base_maps")).text
    assert Client().get(mapped.address(row)).json()["features"][0]["properties"] == {"code": make.YUMEN}
    assert Client().get(reverse("regions.base_map", args=[row.pk, "0" * 16])).status_code == 404
    admin.post(reverse("regions.end_base_map", args=[row.pk]))
    row.refresh_from_db()
    assert row.ended_at is not None


def test_buildings_are_for_officials():
    row = basemaps.put_blocks(**BLOCKS, by=BY)
    assert Client().get(mapped.address(row)).status_code == 404
    assert client().get(mapped.address(row)).status_code == 200


def test_a_map_elsewhere_is_not_there():
    row = take()
    assert client(region="620982000000").get(reverse("regions.base_map_page", args=[row.pk])).status_code == 404


def test_command(tmp_path, capsys):
    path = tmp_path / "a.json"
    path.write_bytes(file(BOW, code="620981"))
    given = {
        "kind": "boundaries",
        "file": path,
        "region": make.GANSU,
        "title": "县界",
        "approval": NUMBER,
        "source": "示例",
    }
    assert commands.take_map(Namespace(**given)) == 1
    assert capsys.readouterr().out == "✗ 第 1 个要素：边界自相交，在 97.1, 40 附近。\n"
    path.write_bytes(file(SQUARE, code="620981"))
    assert commands.take_map(Namespace(**given)) == 0
    assert NUMBER in capsys.readouterr().out


def test_list_of_base_maps_asks_as_much_for_three_as_for_one():
    admin = client()

    def asked():
        with CaptureQueriesContext(connection) as found:
            admin.get(reverse("regions.base_maps") + "?view=all")
        return len(found)

    take()
    asked()
    one = asked()
    take(approval="GS（2024）1号")
    take(approval="GS（2024）2号")
    assert asked() == one
