"""The picker without JavaScript and with htmx, sites and their cookies, and the officials' pages with their rights."""

import re
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hexi.blocks.regions import operations, queries
from hexi.blocks.regions.models import Division
from hexi.blocks.regions.tests import make
from hexi.kernel.actors import System

pytestmark = pytest.mark.django_db
ON = date(2026, 3, 1)


@pytest.fixture
def rows():
    """The sample divisions by code."""
    return make.make_divisions()


@pytest.fixture
def acting(monkeypatch):
    """Let every request come from somebody with these rights; they count as signed in."""

    def act(**rights):
        somebody = make.Somebody({verb.replace("_", "."): region for verb, region in rights.items()})
        monkeypatch.setattr("hexi.blocks.people.queries.actor_of", lambda request: somebody)
        monkeypatch.setattr("django.contrib.auth.models.AnonymousUser.is_authenticated", True)
        return somebody

    return act


def main(response):
    """The page between header and foot, with the status it should have."""
    assert response.status_code == 200, response.content.decode()[:2000]
    return re.search(r"<main.*?</main>", response.content.decode(), re.S)[0]


def links(html):
    """(address, text) of every link."""
    found = re.findall(r'<a [^>]*?href="([^"]+)"[^>]*>(.*?)</a>', html, re.S)
    return {re.sub(r"<[^>]+>", "", text).strip(): href.replace("&amp;", "&") for href, text in found}


# --- picking a region ------------------------------------------------------------------------------------------------


def test_a_region_is_picked_level_by_level_by_links_alone(client, rows):
    page = main(client.get("/regions/pick/", {"next": "/form/?step=2", "name": "home", "level": 5}))
    for name in ("甘肃省", "酒泉市", "玉门市", "下西号镇"):
        assert "选择" + name not in links(page)
        page = main(client.get(links(page)[name]))
    assert links(page)["石河子村委会"] == f"/form/?step=2&home={make.SHIHEZI}"


def test_a_region_high_enough_may_be_chosen_on_the_way(client, rows):
    page = main(client.get("/regions/pick/", {"code": make.YUMEN, "next": "/x/", "level": 3}))
    assert links(page)["选择玉门市"] == f"/x/?region={make.YUMEN}"
    crumbs = links(re.search(r'<nav class="crumbs".*?</nav>', page, re.S)[0])
    assert list(crumbs) == ["全部地区", "甘肃省", "酒泉市"]


def test_a_region_without_anything_inside_says_so(client):
    make.make_division()
    page = main(client.get("/regions/pick/", {"code": make.YUMEN}))
    assert "玉门市没有更下一级的名单" in page
    Division.objects.all().delete()
    assert "还没有导入区划名单" in main(client.get("/regions/pick/"))


def test_search_by_name_pinyin_and_code_leads_on_or_chooses(client, rows):
    for text in ("石河子", "shz", "620981106203", "玉门 石河子"):
        page = main(client.get("/regions/pick/", {"q": text, "next": "/x/", "level": 5}))
        assert links(page)["甘肃省 酒泉市 玉门市 下西号镇 石河子村委会"] == f"/x/?region={make.SHIHEZI}"
    page = main(client.get("/regions/pick/", {"q": "下西号", "next": "/x/", "level": 5}))
    address = urlsplit(links(page)["甘肃省 酒泉市 玉门市 下西号镇"])
    assert (address.path, parse_qs(address.query)["code"]) == ("/regions/pick/", [make.XIAXIHAO])


def test_a_city_that_is_its_own_only_county_is_found_once(client, rows):
    page = main(client.get("/regions/pick/", {"q": "嘉峪关"}))
    assert [code for code in re.findall(r"code=(\d+)", page)] == ["620200000000", make.GANSU]


def test_a_search_that_finds_nothing_or_too_much_says_so(client, rows):
    assert "没有找到" in main(client.get("/regions/pick/", {"q": "没有这个"}))
    for number in range(40):
        make.make_division(f"6209811063{number:02d}", f"新村{number}")
    page = main(client.get("/regions/pick/", {"q": "新村"}))
    assert "只列出前 30 个" in page
    assert page.count("/regions/here/") == 30 + 1  # the results, and the search form's own


def test_the_search_stays_inside_a_region(client, rows):
    page = main(client.get("/regions/pick/", {"q": "市", "under": make.YUMEN}))
    assert "没有找到" not in page
    assert [text for text in links(page) if "酒泉市 玉门市" in text] == ["甘肃省 酒泉市 玉门市"]
    assert "敦煌市" not in page
    assert "全部地区" not in page
    assert 'name="under" value="620981000000"' in page


@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_a_choice_is_never_taken_elsewhere(client, rows, away):
    page = main(client.get("/regions/pick/", {"next": away, "code": make.SHIHEZI}))
    assert "evil" not in page
    assert links(page)["选择石河子村委会"] == f"/regions/here/?region={make.SHIHEZI}"


@pytest.mark.parametrize(
    "bad", [{"level": "9"}, {"code": "x"}, {"under": "x"}, {"name": "a b"}, {"code": "999999999999"}]
)
def test_nonsense_in_the_address_gives_the_plain_picker(client, rows, bad):
    page = main(client.get("/regions/pick/", bad))
    assert "甘肃省" in links(page)
    assert 'name="name" value="region"' in page


def test_the_picker_speaks_english(client, rows):
    page = main(client.get("/regions/pick/", {"code": make.YUMEN}, headers={"accept-language": "en"}))
    assert "Xiaxihao Town" in links(page)
    assert "Choose Yumen City" in links(page)


def test_the_picker_makes_as_many_queries_for_one_division_as_for_many(client, rows, django_assert_num_queries):
    def ask(code, text):
        client.get("/regions/pick/", {"code": code, "q": text})

    with django_assert_num_queries(6):
        ask(make.XIAXIHAO, "石河子村")
    with django_assert_num_queries(6):
        ask(make.GANSU, "市")


# --- selects inside a form (htmx) ------------------------------------------------------------------------------------


def selects(response):
    """(name, chosen value, number of options) of every select."""
    found = []
    for name, inner in re.findall(r'<select [^>]*?name="([^"]+)".*?>(.*?)</select>', response.content.decode(), re.S):
        chosen = re.search(r'value="(\d+)" selected', inner)
        found.append((name, chosen[1] if chosen else "", inner.count("<option")))
    return found


def test_a_changed_select_brings_the_next_one(client, rows):
    asked = {"name": "home", "label": "住址", "home": [make.GANSU, make.JIUQUAN], "chosen": "1"}
    response = client.get("/regions/children/", asked)
    assert selects(response) == [("home", make.GANSU, 2), ("home", make.JIUQUAN, 3), ("home", "", 4)]
    assert "住址" in response.content.decode()
    assert "<html" not in response.content.decode()


def test_a_select_changed_higher_up_forgets_what_lay_below(client, rows):
    asked = {"name": "home", "home": [make.GANSU, "620200000000", make.YUMEN, make.XIAXIHAO], "chosen": "1"}
    assert selects(client.get("/regions/children/", asked))[1:] == [("home", "620200000000", 3), ("home", "", 2)]
    emptied = {"name": "home", "home": [make.GANSU, "", make.YUMEN], "chosen": "1"}
    assert selects(client.get("/regions/children/", emptied)) == [("home", make.GANSU, 2), ("home", "", 3)]


def test_the_fragment_needs_a_name(client):
    assert client.get("/regions/children/").status_code == 404
    assert client.get("/regions/children/", {"name": '"><script>'}).status_code == 404


# --- the region and site of a visitor --------------------------------------------------------------------------------


def test_choosing_a_region_keeps_it_and_leads_back(client, rows):
    make.make_site("gansu", make.GANSU, name="甘肃政务服务网")
    make.make_site("yumen", make.YUMEN)
    page = client.get("/regions/pick/").content.decode()
    assert "甘肃政务服务网" in page
    response = client.get("/regions/here/", {"region": make.XIAXIHAO, "next": "/regions/pick/"})
    assert (response.status_code, response.url) == (302, "/regions/pick/")
    assert client.cookies["hexi_region"].value == make.XIAXIHAO
    page = client.get("/regions/pick/").content.decode()
    assert "玉门市政务服务网" in page
    assert queries.region_of(client.get("/regions/pick/").wsgi_request) == make.XIAXIHAO


def test_a_region_nobody_serves_or_knows_is_refused_with_a_word(client, rows):
    make.make_division("510000000000", "四川省")
    for code, word in (("510000000000", "四川省还没有开通"), ("999999999999", "没有这个地区")):
        response = client.get("/regions/here/", {"region": code, "next": "/regions/pick/"}, follow=True)
        assert word in response.content.decode()
        assert "hexi_region" not in client.cookies


def test_going_back_leads_nowhere_else(client, rows):
    assert client.get("/regions/here/", {"region": make.YUMEN, "next": "//evil.example/"}).url == "/"


def test_a_site_is_entered_by_its_path_and_left_by_choosing_a_region(client, rows):
    make.make_site("gansu", make.GANSU)
    make.make_site("forestry", make.YUMEN, name="林业站", department=make.make_department())
    assert client.get("/s/forestry/").url == "/"
    response = client.get("/regions/pick/")
    assert "林业站" in response.content.decode()
    assert queries.site_of(response.wsgi_request).key == "forestry"
    client.get("/regions/here/", {"region": make.GANSU})
    assert queries.site_of(client.get("/regions/pick/").wsgi_request).key == "gansu"
    assert client.get("/s/nobody/").status_code == 404


def test_the_site_group_lists_every_site_with_its_address(client, rows):
    assert "还没有网站" in main(client.get("/sites/"))
    make.make_site("gansu", make.GANSU, name="甘肃政务服务网")
    make.make_site("yumen", make.YUMEN, host="ym.example.cn")
    page = main(client.get("/sites/"))
    assert links(page)["甘肃政务服务网"] == "/s/gansu/"
    assert links(page)["玉门市政务服务网"] == "//ym.example.cn/"


# --- officials -------------------------------------------------------------------------------------------------------


def test_officials_pages_are_closed_without_the_right(client, rows, acting):
    acting(regions_edit="620981")
    for name, args in (("regions.divisions", []), ("regions.departments", []), ("regions.division", [make.YUMEN])):
        assert client.get(reverse(name, args=args)).status_code == 403
    acting(regions_view="")
    for name in ("regions.rename", "regions.merge"):
        assert client.get(reverse(name, args=[make.YUMEN])).status_code == 403


def test_divisions_are_listed_within_the_right(client, rows, acting):
    acting(regions_view="620981")
    page = main(client.get(reverse("regions.divisions")))
    assert {"玉门市", "下西号镇", "石河子村委会"} <= set(links(page))
    assert "敦煌市" not in page
    assert client.get(reverse("regions.division", args=["620982000000"])).status_code == 403


def test_divisions_are_filtered_and_searched(client, rows, acting):
    acting(regions_view="")
    operations.rename(rows[make.XIAXIHAO], name="下西号街道", on=ON, by=System())
    url = reverse("regions.divisions")
    assert "石河子村委会" not in main(client.get(url, {"level": 4}))
    assert "玉门镇" in main(client.get(url, {"level": 4}))
    assert "玉门市" not in main(client.get(url, {"q": "下西号"}))
    assert "下西号镇" not in main(client.get(url, {"code": "620981106"}))
    assert "下西号镇" in main(client.get(url, {"view": "former"}))


@pytest.mark.parametrize("name", ["regions.divisions", "regions.departments"])
def test_lists_make_the_same_queries_for_one_row_and_three(client, acting, name, django_assert_num_queries):
    acting(regions_view="")
    make.make_division()
    make.make_department("a")
    url = reverse(name)
    with CaptureQueriesContext(connection) as one_row:
        main(client.get(url))
    for number in (1, 2):
        make.make_division(f"62098110{number}000", f"新{number}镇")
        make.make_department(f"b{number}")
    with django_assert_num_queries(len(one_row)):
        main(client.get(url))


def test_a_division_shows_its_history_and_offers_changes_to_those_who_may(client, rows, acting):
    operations.rename(rows[make.XIAXIHAO], name="下西号街道", on=ON, by=System())
    url = reverse("regions.division", args=[make.XIAXIHAO])
    acting(regions_view="620981")
    page = main(client.get(url))
    assert "下西号镇" in page
    assert "Xiaxihao Subdistrict" in page
    assert links(page)["石河子村委会"] == reverse("regions.division", args=[make.SHIHEZI])
    assert "更名" not in links(page)
    acting(regions_view="620981", regions_edit="620981")
    assert links(main(client.get(url)))["更名"] == reverse("regions.rename", args=[make.XIAXIHAO])
    assert client.get(reverse("regions.division", args=["999999999999"])).status_code == 404


def test_a_merged_division_says_where_it_went(client, rows, acting):
    acting(regions_view="", regions_edit="")
    operations.merge([rows["620982000000"]], into=rows["620902000000"], on=ON, by=System())
    page = main(client.get(reverse("regions.division", args=["620982000000"])))
    assert "不再使用" in page
    assert links(page)["肃州区"] == reverse("regions.division", args=["620902000000"])
    assert "更名" not in links(page)
    assert client.get(reverse("regions.rename", args=["620982000000"])).status_code == 404


def given(client, url, **changed):
    """What the form shows, with some values changed."""
    page = main(client.get(url))
    fields = re.findall(r'<input [^>]*?name="(\w+)"[^>]*?>', page)
    values = {
        name: re.search(rf'name="{name}"[^>]*?value="([^"]*)"|value="([^"]*)"[^>]*?name="{name}"', page)
        for name in fields
    }
    return {name: (found[1] or found[2] or "") if found else "" for name, found in values.items()} | changed


def test_a_division_is_renamed_by_the_form(client, rows, acting):
    acting(regions_view="620981", regions_edit="620981")
    url = reverse("regions.rename", args=[make.XIAXIHAO])
    response = client.post(url, given(client, url, name="下西号街道", on="2026-03-01"))
    assert (response.status_code, response.url) == (302, reverse("regions.division", args=[make.XIAXIHAO]))
    assert queries.find(make.XIAXIHAO).name == "下西号街道"


def test_a_stale_or_wrong_form_changes_nothing_and_keeps_what_was_typed(client, rows, acting):
    acting(regions_view="620981", regions_edit="620981")
    url = reverse("regions.rename", args=[make.XIAXIHAO])
    stale = given(client, url, name="下西号新区", on="2026-04-01")
    future = client.post(url, stale | {"on": "2999-01-01"})
    assert (future.status_code, "今天" in future.content.decode()) == (422, True)
    assert 'value="下西号新区"' in future.content.decode()
    operations.rename(rows[make.XIAXIHAO], name="下西号街道", on=ON, by=System())
    late = client.post(url, stale)
    assert (late.status_code, "刷新" in late.content.decode()) == (422, True)
    assert queries.find(make.XIAXIHAO).name == "下西号街道"


def test_a_form_for_another_region_is_refused(client, rows, acting):
    acting(regions_view="", regions_edit="620981")
    url = reverse("regions.rename", args=["620982000000"])
    assert client.get(url).status_code == 403
    posted = {"row": rows["620982000000"].pk, "name": "敦煌区", "on": "2026-03-01"}
    assert client.post(url, posted).status_code == 403
    assert queries.find("620982000000").name == "敦煌市"


def test_a_division_is_merged_by_the_form(client, rows, acting):
    acting(regions_view="", regions_edit="6209")
    url = reverse("regions.merge", args=["620982000000"])
    wrong = client.post(url, given(client, url, into="620999000000", on="2026-03-01"))
    assert (wrong.status_code, "没有这个代码" in wrong.content.decode()) == (422, True)
    right = client.post(url, given(client, url, into="620902000000", on="2026-03-01"))
    assert right.url == reverse("regions.division", args=["620902000000"])
    assert queries.current("620982000000").name == "肃州区"


def test_departments_are_shown_with_their_facts_within_the_right(client, rows, acting):
    make.make_department("a", hours="周一至周五", parent=make.make_department("up", name="上级局"))
    make.make_department("off", name="撤销的局", active=False, demo=False)
    make.make_department("far", region="620982000000", name="敦煌局")
    acting(regions_view="620981")
    page = main(client.get(reverse("regions.departments")))
    assert {"玉门市林业和草原局", "撤销的局"} <= set(links(page))
    assert "敦煌局" not in page
    page = main(client.get(reverse("regions.department", args=["a"])))
    for word in ("演示数据", "甘肃省 酒泉市 玉门市", "周一至周五", "上级局", "0937-0000001"):
        assert word in page
    assert "停办" in main(client.get(reverse("regions.department", args=["off"])))
    assert client.get(reverse("regions.department", args=["far"])).status_code == 403


def test_a_right_within_one_department_shows_that_department_alone(client, rows, acting):
    own = make.make_department("own", name="本局")
    make.make_department("other", name="别局")
    acting(regions_view="620981").department = own.pk
    page = main(client.get(reverse("regions.departments")))
    assert set(links(page)) >= {"本局"}
    assert "别局" not in page
    assert client.get(reverse("regions.department", args=["other"])).status_code == 403
    assert "下西号镇" in main(client.get(reverse("regions.divisions")))
