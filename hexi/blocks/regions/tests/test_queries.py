"""Finding divisions, their names and levels; the site of a request."""

from datetime import date

import pytest
from django.test import RequestFactory
from django.utils import translation

from hexi.blocks.regions import operations, queries
from hexi.blocks.regions.models import Division, Site
from hexi.blocks.regions.tests import make
from hexi.kernel.actors import System

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows():
    """The sample divisions by code."""
    return make.make_divisions()


def names(found):
    """Names in the order found."""
    return [row.name for row in found]


# --- by code ---------------------------------------------------------------------------------------------------------


def test_find_and_current_of_a_code_nobody_has(rows):
    assert queries.find("999999999999") is None
    assert queries.current("999999999999") is None
    assert queries.current(make.YUMEN) == rows[make.YUMEN]
    assert queries.name_on("999999999999", date(2026, 1, 1)) == ""


def test_a_unit_that_ended_without_a_successor_has_nothing_current(rows):
    Division.objects.filter(code="620982000000").update(valid_to=date(2020, 1, 1))
    assert queries.current("620982000000") is None


def test_path_names_show_a_repeated_name_once(rows):
    assert queries.path_names("620201102000") == ["甘肃省", "嘉峪关市", "文殊镇"]
    assert [row.level for row in queries.path("620201102000")] == [1, 2, 3, 4]


def test_names_today_take_one_query_for_what_is_still_there(rows, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert queries.names_today("620201102000") == ["甘肃省", "嘉峪关市", "文殊镇"]
    assert queries.names_today("999999999999") == []
    Division.objects.filter(code="620982000000").update(valid_to=date(2020, 1, 1), replaced_by=rows[make.YUMEN])
    assert queries.names_today("620982000000") == ["甘肃省", "酒泉市", "玉门市"]


def test_path_names_in_english(rows):
    with translation.override("en"):
        assert queries.path_names(make.XIAXIHAO) == ["Gansu Province", "Jiuquan City", "Yumen City", "Xiaxihao Town"]
        assert queries.name_on(make.XIAXIHAO, date(2026, 1, 1)) == "Xiaxihao Town"


def test_places_of_many_take_one_query(rows, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = queries.places([make.XIAXIHAO, make.YUMEN, "620201102000", "999999999999"])
    assert found == {
        make.XIAXIHAO: "甘肃省 酒泉市 玉门市 下西号镇",
        make.YUMEN: "甘肃省 酒泉市 玉门市",
        "620201102000": "甘肃省 嘉峪关市 文殊镇",
        "999999999999": "",
    }
    assert queries.places([]) == {}


def test_places_on_a_day_and_in_english(rows):
    operations.rename(rows[make.YUMEN], name="玉门区", on=date(2026, 3, 1), by=System())
    assert queries.places([make.YUMEN], date(2026, 2, 28)) == {make.YUMEN: "甘肃省 酒泉市 玉门市"}
    assert queries.place(make.YUMEN, date(2026, 2, 28)) == "甘肃省 酒泉市 玉门市"
    with translation.override("en"):
        assert queries.place(make.YUMEN) == "Yumen District, Jiuquan City, Gansu Province"


def test_children_are_one_level_down(rows):
    assert names(queries.children("")) == ["甘肃省"]
    assert names(queries.children(make.JIUQUAN)) == ["肃州区", "玉门市", "敦煌市"]
    assert names(queries.children(make.SHIHEZI)) == []


@pytest.mark.parametrize(
    ("code", "count"),
    [("", 12), (make.GANSU, 12), (make.JIUQUAN, 8), (make.YUMEN, 5), (make.XIAXIHAO, 3), (make.SHIHEZI, 1)],
)
def test_under_holds_the_unit_and_all_inside(rows, code, count):
    assert Division.objects.under(code).count() == count


# --- search ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("下西号", ["下西号镇"]),
        ("西号", ["下西号镇"]),
        ("玉门", ["玉门市", "玉门镇"]),
        ("xiaxi", ["下西号镇"]),
        ("XXH", ["下西号镇"]),
        ("shz", ["石河子村委会"]),
        ("Yumen City", ["玉门市", "玉门镇"]),
        ("Shihezi Village", ["石河子村委会"]),
        ("village", []),
        ("Yumen", ["玉门市", "玉门镇"]),
        ("620981106", ["下西号镇", "河东村委会", "石河子村委会"]),
        ("玉门 石河子", ["石河子村委会"]),
        ("ym xxh", ["下西号镇"]),
        ("敦煌 石河子", []),
        ("嘉峪关", ["嘉峪关市", "嘉峪关市"]),
        ("没有", []),
        ("", []),
        ("   ", []),
        ("%", []),
    ],
)
def test_search(rows, text, found):
    assert names(queries.search(text)) == found


def test_search_by_an_english_name_that_is_no_pinyin(rows):
    make.make_division("610000000000", "陕西省")
    assert names(queries.search("Shaanxi")) == ["陕西省"]
    assert names(queries.search("shanxi")) == ["陕西省"]


def test_search_keeps_to_a_region_and_a_level(rows):
    assert names(queries.search("市", under=make.JIUQUAN)) == ["酒泉市", "玉门市", "敦煌市"]
    assert names(queries.search("玉门", level=4)) == ["玉门镇"]


def test_search_puts_names_that_begin_so_first_then_higher_levels(rows):
    make.make_division("620981102000", "新玉门镇")
    assert names(queries.search("玉门")) == ["玉门市", "玉门镇", "新玉门镇"]


def test_search_finds_no_former_name_in_force(rows):
    operations.rename(rows[make.XIAXIHAO], name="西号街道", on=date(2026, 3, 1), by=System())
    assert names(queries.search("下西号")) == []


# --- pickers ---------------------------------------------------------------------------------------------------------


def test_levels_begin_with_the_provinces(rows):
    assert queries.levels() == [queries.Level("省", [(make.GANSU, "甘肃省")], "")]


def test_levels_show_every_step_of_the_choice_and_the_next(rows, django_assert_num_queries):
    with django_assert_num_queries(2):
        found = queries.levels(make.YUMEN)
    assert [(level.title, level.value, len(level.options)) for level in found] == [
        ("省", make.GANSU, 1),
        ("市（州）", make.JIUQUAN, 2),
        ("县（市、区）", make.YUMEN, 3),
        ("乡镇（街道）", "", 2),
    ]


def test_levels_end_where_nothing_is_inside_or_the_form_wants_no_more(rows):
    assert len(queries.levels(make.SHIHEZI)) == 5
    assert len(queries.levels(make.YUMEN, deepest=3)) == 3
    assert len(queries.levels("999999999999")) == 1


def test_levels_inside_a_region(rows):
    found = queries.levels(make.XIAXIHAO, under=make.YUMEN)
    assert [level.value for level in found] == [make.XIAXIHAO, ""]
    assert [level.value for level in queries.levels("620982000000", under=make.YUMEN)] == [""]


@pytest.mark.parametrize(
    ("values", "changed", "code"),
    [
        (["62", "6209", ""], None, "6209"),
        (["62", "6209", "620981"], 1, "6209"),
        (["62", "", "620981"], 1, "62"),
        (["6202", "62", "620981"], 1, "6202"),
        (["", "62", "620981"], 1, "62"),
        (["", ""], None, ""),
        ([], 0, ""),
    ],
)
def test_the_code_several_selects_give(values, changed, code):
    assert queries.chosen_code(values, changed) == code


def test_departments_in_use_of_a_region():
    make.make_department("a")
    make.make_department("b", region=make.JIUQUAN)
    make.make_department("c", active=False)
    assert [row.key for row in queries.departments(make.YUMEN)] == ["a"]
    assert [row.key for row in queries.departments(make.JIUQUAN)] == ["b", "a"]


# --- sites -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def group():
    """Three regions' sites, one of them with a host, and a department's."""
    make.make_site("gansu", make.GANSU)
    make.make_site("jiuquan", make.JIUQUAN, host="jq.example.cn")
    make.make_site("yumen", make.YUMEN)
    make.make_site("forestry", make.YUMEN, department=make.make_department(), item_keys=["tree-felling"])


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({}, "gansu"),
        ({"region": make.YUMEN}, "yumen"),
        ({"region": make.SHIHEZI}, "yumen"),
        ({"region": "620982000000"}, "jiuquan"),
        ({"region": "510100000000"}, "gansu"),
        ({"key": "forestry"}, "forestry"),
        ({"key": "forestry", "region": make.GANSU}, "forestry"),
        ({"key": "nobody"}, "gansu"),
        ({"host": "jq.example.cn", "key": "yumen", "region": make.YUMEN}, "jiuquan"),
        ({"host": "other.example.cn"}, "gansu"),
    ],
)
def test_which_site(group, given, key, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert queries.site_for(**given).key == key


def test_without_sites_the_house_has_one_of_its_own_region():
    site = queries.site_for()
    assert (site.pk, site.region_code, site.title) == (None, make.GANSU, "河西")


def request(host="testserver", **cookies):
    """A request with cookies."""
    made = RequestFactory().get("/", headers={"host": host})
    made.COOKIES = cookies
    return made


def test_site_and_region_of_a_request(group, settings, django_assert_num_queries):
    settings.ALLOWED_HOSTS = ["*"]
    assert queries.region_of(request()) == make.GANSU
    assert queries.region_of(request(hexi_region=make.XIAXIHAO)) == make.XIAXIHAO
    assert queries.region_of(request(hexi_region="rubbish")) == make.GANSU
    assert queries.site_of(request("JQ.example.cn:8000")).key == "jiuquan"
    # the host's site serves Jiuquan: Jiayuguan is not its business
    assert queries.region_of(request("jq.example.cn", hexi_region="620200000000")) == make.JIUQUAN
    assert queries.region_of(request("jq.example.cn", hexi_region=make.YUMEN)) == make.YUMEN
    asked = request(hexi_site="forestry")
    with django_assert_num_queries(1):
        assert [queries.site_of(asked).key for _ in range(3)] == ["forestry"] * 3


def test_a_site_shows_the_items_it_chose():
    assert Site(item_keys=["tree-felling"]).shows("tree-felling")
    assert not Site(item_keys=["tree-felling"]).shows("residence-permit")
    assert Site().shows("residence-permit")


def test_names_follow_the_language():
    department = make.make_department(hours="全天", address="路", address_en="Road")
    site = make.make_site(header="主办", header_en="Run by")
    assert (str(department), department.place, department.open_hours) == ("玉门市林业和草原局", "路", "全天")
    assert (str(site), site.run_by) == ("玉门市政务服务网", "主办")
    with translation.override("en"):
        assert (str(department), department.place) == ("Yumen Forestry and Grassland Bureau", "Road")
        assert (department.open_hours, str(site), site.run_by) == ("全天", "Yumen Government Services", "Run by")


# --- who signed -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "queries_made", "shown"),
    [("zh-hans", 0, "玉门市林业和草原局 张审查"), ("en", 1, "Yumen Forestry and Grassland Bureau · 张审查")],
)
def test_who_signed_is_shown_in_the_language_of_the_page(language, queries_made, shown, django_assert_num_queries):
    make.make_department()
    written = "玉门市林业和草原局 张审查"
    with translation.override(language), django_assert_num_queries(queries_made):
        said = queries.signed([written, written, "石建国", "", "别处局 李某"])
    assert said == {written: shown, "石建国": "石建国", "": "", "别处局 李某": "别处局 李某"}
