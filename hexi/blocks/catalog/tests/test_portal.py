"""The portal: what everybody finds, sees, downloads and draws; what people say; and that nothing else ever leaves."""

import csv
import io
import json
import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from lxml import etree
from openpyxl import load_workbook

from hexi.blocks.catalog import anonymous, mapped
from hexi.blocks.catalog.models import Product, Rating, Subscription, Wish
from hexi.blocks.catalog.operations import following
from hexi.blocks.catalog.operations import portal as operations
from hexi.blocks.catalog.queries import opened, portal
from hexi.blocks.catalog.store.engine import View
from hexi.blocks.catalog.store.grammar import Column, Fault, Query, parse
from hexi.blocks.catalog.tests import open_rows
from hexi.blocks.catalog.tests.make import BY, ITEMS, make_entry, make_provider, make_steward, revised
from hexi.blocks.catalog.tests.make_rows import fresh_folder, make_rows
from hexi.blocks.catalog.tests.test_actions import house
from hexi.blocks.notices.models import Notice
from hexi.blocks.people.models import Person
from hexi.blocks.people.tests.make import acting, make_citizen, make_official, make_person
from hexi.blocks.regions import basemaps
from hexi.blocks.regions.models import Division
from hexi.blocks.regions.tests.make import SHIHEZI, YUMEN
from hexi.kernel import clock
from hexi.kernel.actors import Denied

__all__ = ["house"]
pytestmark = pytest.mark.django_db


def get(path, client=None):
    response = (client or Client()).get(path)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return response, body


def page(path, client=None):
    response, body = get(path, client)
    assert response.status_code == 200, (path, response.status_code)
    return body.decode()


# --- finding ----------------------------------------------------------------------------------------------------------
def test_the_list_shows_what_is_open_and_narrows(house, django_assert_max_num_queries):
    everything = page("/data/")
    for title in ("行政区划", "风电场发电量", "防护林"):
        assert title in everything
    for title in ("暗的", "撤下的", "草稿的"):
        assert title not in everything
    few = page("/data/?groups=211")
    assert "防护林" in few
    assert "风电场发电量" not in few
    assert "风电场发电量" in page("/data/?q=发电")
    assert "防护林" not in page("/data/?q=发电")
    assert "没有符合条件的数据集" in page("/data/?q=没有这样的东西")
    for odd in (
        "/data/?groups=x&cycle=never&sort=zzz&page=abc",
        "/data/?page=999",
        "/data/?organization=nobody",
        "/data/?q=%00",
    ):
        assert get(odd)[0].status_code in (200, 400)
    with django_assert_max_num_queries(25):
        page("/data/")


def test_the_number_of_queries_does_not_grow_with_the_list(house, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(
        connection,
    ) as before:
        page("/data/")
    for n in range(3):
        make_entry(title=f"再来一个 {n}", **{name: value for name, value in open_rows.WORDS.items() if name != "title"})
    with CaptureQueriesContext(connection) as after:
        page("/data/")
    assert len(after) == len(before)


def test_a_data_set_shows_what_it_holds(house):
    entry = house["行政区划"]
    text = page(f"/data/{entry.slug}/")
    for word in ("省到村五级区划", "区划代码", "玉门市能源局", "CSV", "datastore_search", 'type="application/ld+json"'):
        assert word in text
    assert "13912345678" not in text
    assert "值班电话" not in text
    assert (
        page(
            f"/data/{entry.slug}/",
        ).count("<tr>")
        > 5
    )
    for title in ("暗的", "撤下的", "草稿的"):
        assert get(f"/data/{house[title].slug}/")[0].status_code == 404
    assert "只有目录" in page(f"/data/{house['防护林'].slug}/")
    page("/data/api/")


def test_the_feed_of_changes(house):
    tree = etree.fromstring(get("/data/feed.atom")[1])
    titles = [one.text for one in tree.iterfind("{*}entry/{*}title")]
    assert set(titles) == {"行政区划", "风电场发电量", "防护林"}
    assert len(set(one.text for one in tree.iterfind("{*}entry/{*}id"))) == 3


# --- files ------------------------------------------------------------------------------------------------------------
def test_files_hold_the_same_rows(house):
    entry = house["行政区划"]
    codes = set(Division.objects.values_list("code", flat=True))
    response, body = get(f"/data/{entry.slug}/rows.csv")
    assert body.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    assert lines[0] == ["区划代码", "名称", "级别"]
    assert {line[0] for line in lines[1:]} == codes
    assert 'filename="' in response.headers["Content-Disposition"]
    said = json.loads(get(f"/data/{entry.slug}/rows.json")[1])
    assert {one["code"] for one in said} == codes
    sheet = load_workbook(io.BytesIO(get(f"/data/{entry.slug}/rows.xlsx")[1])).active
    assert {row[0] for row in sheet.iter_rows(min_row=2, values_only=True)} == codes
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(io.BytesIO(get(f"/data/{entry.slug}/rows.parquet")[1]))
    assert table.column_names == ["code", "name", "level"]
    assert set(table.column("code").to_pylist()) == codes
    for path in (
        f"/data/{entry.slug}/rows.exe",
        f"/data/{house['暗的'].slug}/rows.csv",
        f"/data/{house['防护林'].slug}/rows.csv",
    ):
        assert get(path)[0].status_code == 404


def test_a_cell_that_would_run_is_disarmed(house, monkeypatch):
    Division.objects.filter(code=YUMEN).update(name="=cmd|' /C calc'!A0")
    text = get(f"/data/{house['行政区划'].slug}/rows.csv")[1].decode("utf-8-sig")
    assert "'=cmd" in text
    assert ",=cmd" not in text


# --- what never leaves ------------------------------------------------------------------------------------------------
PEOPLE = [
    {"name": "village", "title": "村", "type": "C", "sensitivity": "public", "open": True},
    {"name": "cause", "title": "主要致贫原因", "type": "C", "sensitivity": "public", "open": True},
    {"name": "id_card", "title": "身份证号", "type": "C", "personal": True, "mask": "part", "sensitivity": "public", "open": True},
    {"name": "phone", "title": "手机号", "type": "C", "personal": True, "mask": "part", "sensitivity": "public", "open": True},
    {"name": "account", "title": "银行账号", "type": "C", "personal": True, "mask": "part", "sensitivity": "public", "open": True},
    {"name": "health", "title": "健康状况", "type": "C", "personal": True, "mask": "part", "sensitivity": "public", "open": True},
]  # fmt: skip


@pytest.fixture
def villagers(monkeypatch):
    """A register of persons: seven in one village for one cause, four for another, one for a third."""
    make_provider()
    entry = make_entry(title="监测对象", items=[one | {"open": not one.get("personal")} for one in PEOPLE], kind="view")
    entry.items.update(open=True)  # as it was before such columns could not be opened
    for n, cause in enumerate(["因病"] * 7 + ["缺水"] * 4 + ["因灾"]):
        person = make_person(f"张{n}")
        Person.objects.filter(pk=person.pk).update(address=cause, region_code=SHIHEZI)
    paths = {
        "village": "region_code",
        "cause": "address",
        **dict.fromkeys(("id_card", "phone", "account", "health"), "name"),
    }
    open_rows.give(
        monkeypatch, lambda one: View(Person.objects.all(), tuple(Column(item["name"], "C") for item in PEOPLE), paths)
    )
    return portal.open_entry(entry.slug)


def test_persons_leave_as_counts_of_five_at_least(villagers):
    found = opened.rows(villagers, Query())
    assert [one.name for one in found.columns] == ["village", "cause", "persons"]
    assert found.rows == [(SHIHEZI, "因病", 7)]
    assert opened.groups(
        villagers,
        parse({"group": ["village"], "aggregates": [{"do": "count", "as": "n"}]}, opened.columns_of(villagers)),
    ) == [(SHIHEZI, 7)], "no sum tells the five that are left out"
    for where in (
        {"field": "cause", "op": "=", "value": "缺水"},
        {"not": {"field": "cause", "op": "=", "value": "因病"}},
    ):
        assert opened.rows(villagers, parse({"where": where}, opened.columns_of(villagers))).rows == []
    everything = [
        page(f"/data/{villagers.slug}/"), *(get(f"/data/{villagers.slug}/rows.{ending}")[1].decode("utf-8", "replace") for ending in ("csv", "json")),
        page(f"/data/{villagers.slug}/chart/?by=cause&kind=bars"),
    ]  # fmt: skip
    for text in everything:
        assert "缺水" not in text
        assert "因灾" not in text
        assert "张*" not in text
        for column in ("id_card", "身份证号", "手机号", "银行账号", "健康状况"):
            assert column not in text
    assert "因病" in everything[1]


def test_one_more_person_is_not_seen_at_once(villagers):
    """Seven, and eight ten minutes later, would be that one; the counts stand for the day."""
    noon = clock.now().astimezone(clock.CHINA).replace(hour=12, minute=0)
    with clock.told_at(noon):
        assert opened.rows(villagers, Query()).rows == [(SHIHEZI, "因病", 7)]
        Person.objects.filter(pk=make_person("张新").pk).update(address="因病", region_code=SHIHEZI)
    with clock.told_at(noon + timedelta(hours=11)):
        assert opened.rows(villagers, Query()).rows == [(SHIHEZI, "因病", 7)]
        opened.forget()  # as another process, or one that was started anew
        assert opened.rows(villagers, Query()).rows == [(SHIHEZI, "因病", 7)]
    with clock.told_at(noon + timedelta(hours=13)):
        assert opened.rows(villagers, Query()).rows == [(SHIHEZI, "因病", 8)]


@pytest.mark.parametrize(("name", "title"), [
    ("id_card", "证件"), ("x", "公民身份号码"), ("idno", "身份证号"), ("mobile", "号码"), ("x", "手机"), ("x", "银行账号"), ("bank_account", "x"),
    ("x", "开户行账号"), ("x", "健康状况"), ("illness", "x"), ("x", "患病情况"), ("x", "残疾等级"), ("x", "诊断"),
    ("x", "联系方式"), ("phone_number", "x"), ("contact_way", "x"), ("x", "社会保障号"), ("x", "电话号码"),
])  # fmt: skip
def test_the_forbidden_columns_are_known_by_their_names(name, title):
    assert anonymous.forbidden(name, title)
    assert not anonymous.forbidden("name", "致贫原因")
    assert not anonymous.forbidden("phone", "办公电话")


@pytest.mark.parametrize(("text", "scrubbed"), [
    ("打 13912345678 找我", "打 ******** 找我"), ("身份证11010519491231002X。", "身份证********。"), ("卡 6222021234567890128", "卡 ********"),
    ("卡号 4111111111111111", "卡号 ********"), ("139-1234-5678", "********"), ("工单 H620981202600001", "工单 H620981202600001"),
    ("区划 620981106201", "区划 620981106201"), ("2026-11-29T08:30:00", "2026-11-29T08:30:00"), ("91620981MA00000011", "91620981MA00000011"),
    ("110105194912310021", "110105194912310021"), ("110105194912310038", "********"), (13912345678, None),
    (13912345678.0, None), (8613912345678, None), (110105194912310038, None), (13912345678.5, 13912345678.5), (12912345678, 12912345678), (110105194912310021, 110105194912310021),
    (True, True), (None, None), ("", ""), ("+8613912345678", "+********"),
])  # fmt: skip
def test_numbers_of_persons_in_texts_become_stars(text, scrubbed):
    assert anonymous.scrub(text) == scrubbed


def test_a_number_in_a_text_is_starred_wherever_it_is_read(house):
    Division.objects.filter(code=YUMEN).update(name="找 13912345678")
    entry = house["行政区划"]
    assert "13912345678" not in get(f"/data/{entry.slug}/rows.json")[1].decode()
    assert opened.rows(
        portal.open_entry(entry.slug),
        parse({"where": {"field": "code", "op": "=", "value": YUMEN}, "fields": ["name"]}, open_columns(entry)),
    ).rows == [("找 ********",)]
    with pytest.raises(Fault):
        opened.rows(portal.open_entry(entry.slug), Query(q="13912345678"))


def open_columns(entry):
    return opened.columns_of(portal.open_entry(entry.slug))


def test_counts_are_of_what_is_told():
    told = [("a", 1)] * 5 + [("a", 2)] * 4 + [("b", None)] * 9
    assert anonymous.counted((*row, whose) for whose, row in enumerate(told)) == [("a", 1, 5), ("b", None, 9)]
    assert anonymous.counted((n, n) for n in range(anonymous.MOST + 1)) is None


def test_counts_are_of_persons_and_not_of_rows():
    """One with nine rows is one; who has rows in two groups is one in each; rows of nobody are no persons."""
    rows = [("a", "x")] * 9 + [("b", "x")] + [("b", f"{n}") for n in range(4)] + [("c", None)] * 9
    assert anonymous.counted(rows) == [("b", 5)]


PAID = [
    {"name": "village", "title": "村", "type": "C", "sensitivity": "public", "open": True},
    {"name": "id_card", "title": "身份证号", "type": "C", "key": True, "personal": True, "mask": "hidden"},
]  # fmt: skip


def test_five_payments_of_one_person_are_not_opened_as_five_persons():
    fresh_folder()
    entry = make_entry(title="补贴发放", items=PAID)
    lines = [f"甲村,{number}" for number in ["62090219900101123X", " 62090219900101123x", "62090219900101123X"] * 3]
    lines += [f"乙村,{number}" for number in range(100, 105)]
    make_rows(entry, "village,id_card\n" + "\n".join(lines) + "\n")
    shown = opened.rows(portal.open_entry(entry.slug), Query())
    assert shown.rows == [("乙村", 5)]


def test_persons_nobody_can_count_are_not_opened():
    """The rows do not say whose they are: five of them may be one person's."""
    fresh_folder()
    entry = make_entry(title="补贴发放", items=PAID)
    make_rows(entry, "village\n" + "甲村\n" * 9)
    found = portal.open_entry(entry.slug)
    for ask in (lambda: opened.rows(found, Query()), lambda: list(opened.stream(found))):
        with pytest.raises(Fault, match="数不出人数"):
            ask()
    assert "数不出人数" in page(f"/data/{entry.slug}/")


# --- charts and maps --------------------------------------------------------------------------------------------------
def test_a_chart_is_its_address(house):
    entry = house["行政区划"]
    empty = page(f"/data/{entry.slug}/chart/")
    assert "按什么分" in empty
    text = page(f"/data/{entry.slug}/chart/?by=level&do=count&kind=bars")
    many = Division.objects.filter(level=1).count()
    assert f'<td class="num">{many:,}</td>' in text
    assert "<meter" in text
    assert "<polyline" in page(f"/data/{entry.slug}/chart/?by=level&do=count&kind=line")
    assert "<meter" in page(f"/data/{entry.slug}/chart/?by=level&do=avg&of=level")
    only = page(f"/data/{entry.slug}/chart/?by=level&only=level&is=1")
    assert only.count("<meter") == 1
    for wrong in (
        "by=phone",
        "by=nobody",
        "by=level&do=sum&of=name",
        "by=level&do=sum",
        "by=level&only=level&is=high",
        "by=level&do=drop",
    ):
        response, body = get(f"/data/{entry.slug}/chart/?{wrong}")
        assert response.status_code == 422, wrong
        assert "notice-refused" in body.decode()
    assert get(f"/data/{house['防护林'].slug}/chart/")[0].status_code == 404


def test_a_map_of_points_shows_those_of_the_region_that_is_looked_at():
    fresh_folder()
    names = {"name": "名称", "lon": "经度", "lat": "纬度", "region_code": "区划代码"}
    items = [{"name": name, "title": title, "type": "B" if name in ("lon", "lat") else "C", "sensitivity": "public",
              "open": True} for name, title in names.items()]  # fmt: skip
    entry = make_entry(title="机井", items=items)
    make_rows(entry, f"name,lon,lat,region_code\n一号,97.1,40.3,{SHIHEZI}\n二号,98.5,39.7,620902000000\n")
    for region, seen in ((YUMEN, ["一号"]), ("620900000000", ["一号", "二号"])):
        drawing = mapped.drawing(portal.open_entry(entry.slug), region)
        assert [one.title for one in drawing.layers[0].found.features] == seen


def test_points_without_a_division_are_shown_inside_its_outline_alone(monkeypatch):
    """Without an outline the map of a part of the region is refused: rows of elsewhere are not shown as of here."""
    fresh_folder()
    names = {"name": "名称", "lon": "经度", "lat": "纬度"}
    items = [{"name": name, "title": title, "type": "C" if name == "name" else "B", "sensitivity": "public",
              "open": True} for name, title in names.items()]  # fmt: skip
    entry = make_entry(make_provider("jiuquan-water", "620900000000", "酒泉市水务局"), title="机井", items=items)
    make_rows(entry, "name,lon,lat\n一号,97.1,40.3\n二号,98.5,39.7\n三号,97.9,40.3\n")

    def seen(region):
        found = mapped.drawing(portal.open_entry(entry.slug), region).layers[0].found
        return [one.title for one in found.features], found.total

    assert seen("620900000000") == (["一号", "二号", "三号"], 3)
    assert seen("620000000000") == (["一号", "二号", "三号"], 3)
    with pytest.raises(Fault, match="请改看“酒泉市”的地图"):
        seen(YUMEN)
    response, body = get(f"/data/{entry.slug}/map/?region={YUMEN}")
    assert (response.status_code, "没有导入这个地区的边界" in body.decode(), "一号" in body.decode()) == (
        422,
        True,
        False,
    )
    triangle = [[[97.0, 40.0], [98.0, 40.0], [97.0, 41.0], [97.0, 40.0]]]  # its box holds the third, it does not
    said = {"type": "Feature", "properties": {"code": YUMEN}, "geometry": {"type": "Polygon", "coordinates": triangle}}
    basemaps.import_boundaries(
        json.dumps({"type": "FeatureCollection", "features": [said]}).encode(), region=YUMEN, title="边界",
        approval="甘S（2021）12号", source="测试", by=BY,
    )  # fmt: skip
    assert seen(YUMEN) == (["一号"], 1)
    rows = ["三号,97.9,40.9\n"] * 210 + ["一号,97.1,40.3\n"] * 250  # those outside come first, and fill a page
    make_rows(entry, "name,lon,lat\n" + "".join(rows))
    monkeypatch.setattr(mapped, "ROWS", 100)
    assert seen(YUMEN) == (["一号"] * 200, 250)
    monkeypatch.setattr(mapped, "LOOKED_AT", 459)
    with pytest.raises(Fault, match="460 行，太多"):
        seen(YUMEN)


def test_a_map_counts_by_division_and_lists_the_same(house):
    entry = house["行政区划"]
    text = page(f"/data/{entry.slug}/map/?region={YUMEN}")
    below = Division.objects.filter(parent_code=YUMEN).first()
    assert below.name in text
    data = json.loads(get(f"/data/{entry.slug}/map.json?region={YUMEN}")[1])
    assert data["layers"][0]["total"] == Division.objects.filter(code__startswith="620981").count()
    assert page(f"/data/{entry.slug}/map/?region=nonsense")
    assert get(f"/data/{house['风电场发电量'].slug}/map/")[0].status_code == 404


# --- what people say --------------------------------------------------------------------------------------------------
def test_one_rating_a_person(house):
    entry, citizen = house["行政区划"], acting(make_citizen().account) if hasattr(make_citizen(), "account") else None
    citizen = citizen or make_steward()
    operations.rate(entry, stars=2, remark="慢", by=citizen)
    operations.rate(entry, stars=4, by=citizen)
    assert Rating.objects.get().stars == 4
    for stars in (0, 6, -1):
        with pytest.raises(ValidationError):
            operations.rate(entry, stars=stars, by=citizen)
    with pytest.raises(ValidationError):
        operations.rate(house["暗的"], stars=5, by=citizen)
    with pytest.raises(Denied):
        operations.rate(entry, stars=5, by=BY)
    assert "4.0 分，1 人评价" in page(f"/data/{entry.slug}/")
    assert "慢" not in page(f"/data/{entry.slug}/")


def bureau(region=YUMEN):
    return acting(
        make_official("data_bureau", department=make_provider("yumen-data", name="玉门市大数据局"), region_code=region)
    )


def test_a_wish_is_answered_and_then_shown_without_a_name(house):
    asker = make_steward()
    one = operations.wish(title="公交到站", text="做一个 App", region=YUMEN, by=asker)
    assert operations.wish(title="公交到站", text="x", region=YUMEN, once=one.once, by=asker) == one
    assert "公交到站" not in page("/data/wishes/")
    with pytest.raises(ValidationError) as caught:
        operations.answer(one, state="opened", answer="好", by=bureau())
    assert "entry" in caught.value.message_dict
    with pytest.raises(Denied):
        operations.answer(one, state="planned", answer="好", by=make_steward())
    operations.answer(one, state="opened", answer="已经开放。", entry=house["行政区划"], by=bureau())
    text = page("/data/wishes/")
    assert "公交到站" in text
    assert "已经开放。" in text
    assert asker.name not in text
    assert Notice.objects.filter(key="catalog.wish_answered").count() == 1
    for n in range(operations.MOST_WAITING):
        operations.wish(title=f"{n}", text="x", region=YUMEN, by=asker)
    with pytest.raises(ValidationError):
        operations.wish(title="多", text="x", region=YUMEN, by=asker)
    assert Wish.objects.count() == operations.MOST_WAITING + 1


def test_citizens_follow_a_data_set_and_their_messages_lead_to_it(house):
    entry, account, client = house["行政区划"], make_citizen(), Client()
    here, press = f"/data/{entry.slug}/", f"/data/{entry.slug}/follow/"
    assert "登录后可以订阅" in page(here)
    assert client.post(press)["Location"].startswith("/accounts/login/")
    client.force_login(account)
    assert "取消订阅" not in page(here, client)
    assert client.post(press)["Location"] == here
    assert "取消订阅" in page(here, client)
    following.refreshed(entry, by=BY)
    link = Notice.objects.get(account=account).link
    assert client.get(link)["Location"] == here
    client.post(press, {"what": "stop"})
    assert entry.subscriptions.count() == 0
    closed = house["暗的"]
    assert (client.post(f"/data/{closed.slug}/follow/").status_code, closed.subscriptions.count()) == (404, 0)
    assert client.get(f"/data/followed/{closed.pk}/").status_code == 404
    steward = Client()
    steward.force_login(make_official("data_steward", department=closed.provider, region_code=closed.region_code))
    assert steward.get(f"/data/followed/{closed.pk}/")["Location"] == f"/work/catalog/{closed.pk}/"


def test_what_one_follows_is_listed_and_followed_no_more(house):
    """Of one that is open no more a citizen learns that it is closed, not what it says now."""
    account = make_citizen()
    citizen, other = acting(account), acting(make_citizen())
    entry = house["行政区划"]
    client, empty = Client(), Client()
    client.force_login(account)
    empty.force_login(other.account)
    assert "您还没有订阅数据集" in page("/my/data/", client)
    extra = make_entry(title="机井", items=ITEMS[:3])
    for one in (entry, extra):
        following.subscribe(one, by=citizen)
    shown = page("/my/data/", client)
    assert f'href="/data/followed/{entry.pk}/"' in shown
    assert "您还没有订阅数据集" in page("/my/data/", empty)
    revised(extra, title="机井（内部）", open=False, license="")
    shown = page("/my/data/", client)
    assert ("不再开放的数据集" in shown, "机井" in shown, "不再开放" in shown) == (True, False, True)
    row = Subscription.objects.get(entry=extra)
    assert client.post("/my/data/", {"action": "stop", "row": [row.pk]}).status_code in (200, 302)
    assert list(Subscription.objects.filter(account=account).values_list("entry", flat=True)) == [entry.pk]


def test_what_is_open_no_more_is_told_to_no_citizen_and_can_be_followed_no_more(house):
    entry, account, other, client = house["防护林"], make_citizen(), make_citizen(name="乙"), Client()
    steward = make_steward(entry.provider)
    for one in (acting(account), acting(other), steward):
        following.subscribe(entry, by=one)
    revised(entry, title="新名字", open=False)
    following.refreshed(entry, by=BY)
    told = Notice.objects.filter(key__in=("catalog.changed", "catalog.refreshed"))
    assert set(told.values_list("key", "account_id")) == {
        ("catalog.changed", steward.account_id), ("catalog.refreshed", steward.account_id),
    }  # fmt: skip
    client.force_login(account)
    press = f"/data/{entry.slug}/follow/"
    assert client.post(press, {"what": "stop"})["Location"] == "/data/"
    assert set(entry.subscriptions.values_list("account_id", flat=True)) == {other.pk, steward.account_id}
    assert client.post(press, {"what": "stop"}).status_code == 404, "as if it were not there"


def test_products_that_wait_stand_in_the_menu_of_who_reviews_them(house):
    client = Client()
    client.force_login(make_official("data_bureau", region_code=YUMEN))
    given = {"title": "缺水地图", "text": "看看", "url": "https://x.cn/", "author": "某工作室", "region": YUMEN}
    operations.show(**given, entries=[house["行政区划"]], by=bureau())
    menu = page("/work/", client)
    assert re.search(r'href="/work/data/products/".*?应用成果审核.*?1', menu, re.DOTALL)


def test_a_product_is_shown_once_reviewed_by_another(house):
    author = bureau()
    given = {
        "title": "缺水地图",
        "text": "看看",
        "url": "https://x.cn/",
        "author": "某工作室",
        "entries": [house["行政区划"]],
        "region": YUMEN,
    }
    for wrong in (
        {"url": "javascript:alert(1)"},
        {"url": "x"},
        {"title": ""},
        {"entries": []},
        {"entries": [house["暗的"]]},
    ):
        with pytest.raises(ValidationError):
            operations.show(**(given | wrong), by=author)
    one = operations.show(**given, by=author)
    assert "缺水地图" not in page("/data/products/")
    with pytest.raises(Denied):
        operations.review(one, good=True, by=author)
    with pytest.raises(ValidationError):
        operations.review(one, good=False, by=bureau())
    operations.review(one, good=True, by=bureau())
    assert "缺水地图" in page("/data/products/")
    assert "缺水地图" in page(f"/data/{house['行政区划'].slug}/")
    with pytest.raises(Denied):
        operations.end(one, by=bureau())
    operations.end(one, by=author)
    assert "缺水地图" not in page("/data/products/")
    assert Product.objects.count() == 1
