"""Pages of the catalogue: list and its search, writing with items and preview, publishing, uses, sheet, extra fields."""

import json
import re

import pytest
from django.test import Client

from hexi.blocks.catalog.models import Entry, ExtraFields, Subscription
from hexi.blocks.catalog.operations import entries, following
from hexi.blocks.catalog.operations import extras as extra_operations
from hexi.blocks.catalog.operations import own as own_operations
from hexi.blocks.catalog.tests.browse import HOME, client_of, taken, text_of, workbook_of
from hexi.blocks.catalog.tests.make import (
    BY,
    ITEMS,
    WORDS,
    fresh,
    make_draft,
    make_entry,
    make_head,
    make_provider,
    make_steward,
)
from hexi.blocks.regions.tests.make import YUMEN
from hexi.kernel import clock

pytestmark = pytest.mark.django_db


def posted(said, items=ITEMS, **more):
    """The form as a browser sends it."""
    given = {name: value for name, value in said.items() if name != "items" and value not in (None, False)}
    rows = {"items-TOTAL_FORMS": len(items) + 1, "items-INITIAL_FORMS": 0}
    for place, item in enumerate(items):
        rows |= {f"items-{place}-{name}": value for name, value in item.items() if value not in (None, False)}
    return given | {"classification": "207001"} | rows | more


# --- list -------------------------------------------------------------------------------------------------------------
def test_the_list_is_searched_in_chinese(django_assert_num_queries):
    provider = make_provider()
    reader = make_steward(make_provider("yumen-water", name="玉门市水务局"), "data_reader")
    make_entry(provider)
    make_entry(provider, title="光伏电站名录", summary="电站在哪。", keywords="太阳能", items=[ITEMS[0]])
    make_draft(provider, title="抽水蓄能")
    client = client_of(reader)
    for asked, found in (
        ("", {"风电场发电量", "光伏电站名录"}), ("风电", {"风电场发电量"}), ("太阳能", {"光伏电站名录"}), ("发电", {"风电场发电量"}),
        ("站点", {"风电场发电量", "光伏电站名录"}), ("207001/00002", {"光伏电站名录"}), ("抽水", set()), ("没有的", set()),
    ):  # fmt: skip
        text = client.get(HOME, {"q": asked}).content.decode()
        assert {one for one in ("风电场发电量", "光伏电站名录", "抽水蓄能") if one in text} == found, asked
    steward = client_of(make_steward(provider))
    assert "抽水蓄能" in steward.get(HOME, {"view": "mine", "q": "抽水"}).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_asks_as_often_for_three_as_for_one(rows, django_assert_max_num_queries):
    provider = make_provider()
    for number in range(rows):
        make_entry(provider, title=f"数据集 {number}")
    client = client_of(make_head(provider))
    client.get(HOME)
    with django_assert_max_num_queries(30):
        assert client.get(HOME, {"q": "数据集"}).status_code == 200


def test_the_best_stands_first():
    provider = make_provider()
    make_entry(provider, title="水库水位", summary="与风电场无关。")
    make_entry(provider, title="风电场")
    for number in range(3):
        make_entry(provider, title=f"其他 {number}", summary="也提到风电场。")
    page = client_of(make_steward(provider)).get(HOME, {"q": "风电场"}).content.decode()
    assert re.findall(r'href="/work/catalog/\d+/"[^>]*>([^<]+)<', page)[0] == "风电场"


def test_filters_and_the_export_of_the_list():
    provider = make_provider()
    make_entry(provider)
    make_entry(provider, title="内部", open=False, grading="internal")
    client = client_of(make_steward(provider))
    assert "风电场发电量" not in client.get(HOME, {"open": "0"}).content.decode()
    assert "内部" in client.get(HOME, {"group": "207", "grading": "internal"}).content.decode()
    lines = b"".join(client.get(HOME, {"export": "csv"})).decode().splitlines()
    assert len(lines) == 3


def test_who_may_not_read_the_catalogue():
    stranger = Client(HTTP_HOST="localhost").get(HOME)
    assert stranger.status_code == 302
    provider = make_provider()
    entry = make_draft(provider)
    reader = client_of(make_steward(provider, "data_reader"))
    assert reader.get(f"{HOME}{entry.pk}/").status_code == 404
    assert reader.get(f"{HOME}new/").status_code == 403
    assert reader.get(f"{HOME}new/{provider.pk}/").status_code == 403
    other = client_of(make_steward(make_provider("yumen-water", name="水务")))
    assert other.get(f"{HOME}new/{provider.pk}/").status_code == 403
    published = make_entry(provider, title="已发布")
    assert other.get(f"{HOME}{published.pk}/edit/").status_code == 403


# --- writing ----------------------------------------------------------------------------------------------------------
def test_written_previewed_submitted_and_published():
    provider = make_provider()
    steward, head = make_steward(provider), make_head(provider)
    client = client_of(steward)
    assert client.get(f"{HOME}new/").url == f"{HOME}new/{provider.pk}/"
    page = client.get(f"{HOME}new/{provider.pk}/").content.decode()
    once = re.search(r'name="once" value="([^"]+)"', page)[1]
    shown = client.post(f"{HOME}new/{provider.pk}/", posted(WORDS, once=once, preview="1"))
    assert "预览（还没有保存）" in text_of(shown)
    assert Entry.objects.count() == 0
    answers = [client.post(f"{HOME}new/{provider.pk}/", posted(WORDS, once=once)) for _ in range(2)]
    entry = Entry.objects.get()
    assert [one.url for one in answers] == [f"{HOME}{entry.pk}/"] * 2
    assert [item.name for item in entry.items.all()] == ["station", "day", "power", "phone"]
    client.post(f"{HOME}{entry.pk}/act/", {"what": "submit"})
    publisher = client_of(head)
    page = publisher.get(f"{HOME}{entry.pk}/").content.decode()
    seen = re.search(r'name="seen" value="([^"]+)"', page)[1]
    publisher.post(f"{HOME}{entry.pk}/act/", {"what": "publish", "seen": seen})
    assert fresh(entry).state == "published"
    text = text_of(client.get(f"{HOME}{entry.pk}/"))
    for word in ("风电场发电量", "207001/00001", "无条件共享", "不给出", "个人信息", "主键", "kWh"):
        assert word in text


def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost():
    provider = make_provider()
    client = client_of(make_steward(provider))
    wrong = WORDS | {"sharing": "none", "classification": "401001"}
    answer = client.post(
        f"{HOME}new/{provider.pk}/",
        posted(wrong, once="7d0f5a6e-0000-4000-8000-000000000001") | {"classification": "401001"},
    )
    text = text_of(answer)
    assert answer.status_code == 422
    assert "不予共享要写明法律" in text
    assert "值班电话" in answer.content.decode()
    items = [ITEMS[0] | {"name": "1x"}]
    answer = client.post(f"{HOME}new/{provider.pk}/", posted(WORDS, items, once="7d0f5a6e-0000-4000-8000-000000000002"))
    assert "第 1 个信息项“站点”：列名 由文字" in text_of(answer)


def test_more_items_are_asked_for_without_checking_anything():
    provider = make_provider()
    client = client_of(make_steward(provider))
    answer = client.post(f"{HOME}new/{provider.pk}/", {"title": "半成品", "more": "1", "items-TOTAL_FORMS": "1",
                         "items-INITIAL_FORMS": "0", "items-0-name": "a", "items-0-title": "甲"})  # fmt: skip
    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'value="半成品"' in page
    assert 'value="甲"' in page
    assert 'name="items-3-name"' in page
    assert "请填写" not in page


def test_a_provider_by_credit_code():
    provider, other = make_provider(), make_provider("yumen-water", name="水务")
    bureau = client_of(make_steward(provider, "data_bureau"))
    assert bureau.get(f"{HOME}new/").status_code == 200
    assert bureau.post(f"{HOME}new/", {"credit_code": other.uscc}).url == f"{HOME}new/{other.pk}/"
    assert "校验码不对" in text_of(
        bureau.post(f"{HOME}new/", {"credit_code": other.uscc[:-1] + ("1" if other.uscc[-1] != "1" else "2")})
    )
    assert "请选择提供方" in text_of(bureau.post(f"{HOME}new/", {}))


def test_who_uses_a_field_is_shown_before_it_is_changed():
    provider = make_provider()
    steward = make_steward(provider)
    entry = make_entry(provider)
    follower = make_steward(make_provider("yumen-water", name="水务"))
    following.subscribe(entry, by=follower)
    client = client_of(steward)
    page = client.get(f"{HOME}{entry.pk}/edit/")
    assert 'value="发电量"' in page.content.decode()
    fewer = [ITEMS[0], ITEMS[1]]
    answer = client.post(f"{HOME}{entry.pk}/edit/", posted(WORDS, fewer, why="不再统计"))
    text = text_of(answer)
    assert "谁在用" in text
    assert "订阅的人：共 1 个" in text
    assert "向社会开放" in text
    assert follower.name in text
    assert entry.revisions.count() == 1
    page = answer.content.decode()
    assert re.search(r'name="aware"[^>]*value="1"', page) or re.search(r'value="1"[^>]*name="aware"', page)
    client.post(f"{HOME}{entry.pk}/edit/", posted(WORDS, fewer, why="不再统计", aware="1"))
    assert entry.revisions.count() == 2
    assert "待发布的改动" in text_of(client.get(f"{HOME}{entry.pk}/"))
    # words alone touch nobody
    client.post(f"{HOME}{entry.pk}/act/", {"what": "discard"})
    client.post(f"{HOME}{entry.pk}/edit/", posted(WORDS | {"summary": "改了摘要。"}))
    assert fresh(entry).latest.content["summary"] == "改了摘要。"
    assert "谁在用" in text_of(client_of(make_head(provider)).get(f"{HOME}{entry.pk}/withdraw/"))


def test_a_view_stays_a_view_when_it_is_edited(monkeypatch):
    from hexi.blocks.catalog import own

    provider = make_provider()
    monkeypatch.setattr(own, "provider_key", lambda one: provider.key)
    own_operations.publish_own()
    entry = Entry.objects.get(origin="regions.divisions")
    client = client_of(make_steward(provider))
    page = client.get(f"{HOME}{entry.pk}/edit/").content.decode()
    assert 'value="view"' in page
    assert 'value="http"' not in page


def test_follow_and_say_that_rows_are_new():
    provider = make_provider()
    entry = make_entry(provider)
    client = client_of(make_steward(make_provider("yumen-water", name="水务")))
    client.post(f"{HOME}{entry.pk}/act/", {"what": "subscribe"})
    client.post(f"{HOME}{entry.pk}/act/", {"what": "subscribe"})
    assert Subscription.objects.count() == 1
    assert "取消订阅" in text_of(client.get(f"{HOME}{entry.pk}/"))
    assert "风电场发电量" in client.get(HOME, {"view": "followed"}).content.decode()
    assert client.post(f"{HOME}{entry.pk}/act/", {"what": "refreshed"}).status_code == 403
    client_of(make_steward(provider)).post(f"{HOME}{entry.pk}/act/", {"what": "refreshed"})
    assert fresh(entry).refreshed is not None
    client.post(f"{HOME}{entry.pk}/act/", {"what": "unsubscribe"})
    assert Subscription.objects.count() == 0
    assert client.post(f"{HOME}{entry.pk}/act/", {"what": "burn"}).status_code == 404


def test_bulk_submit_and_publish():
    provider = make_provider()
    steward, head = make_steward(provider), make_head(provider)
    rows = [make_draft(provider, by=steward, title=f"第 {n} 个") for n in range(3)]
    client_of(steward).post(HOME + "?view=drafts", {"action": "submit", "row": [one.pk for one in rows]})
    client_of(head).post(HOME + "?view=waiting", {"action": "publish", "row": [one.pk for one in rows[:2]]})
    assert [fresh(one).state for one in rows] == ["published", "published", "draft"]


def test_versions_and_what_each_changed():
    entry = make_entry()
    entries.revise(entry, title="风电日发电量", by=BY)
    entries.submit(entry, by=BY)
    entries.publish(entry, by=BY)
    client = client_of(make_steward(make_provider("yumen-water", name="水务"), "data_reader"))
    text = text_of(client.get(f"{HOME}{entry.pk}/versions/2/"))
    assert "与第 1 版相比" in text
    assert "风电场发电量" in text
    assert client.get(f"{HOME}{entry.pk}/versions/1/").status_code == 200
    entries.revise(fresh(entry), title="草稿", by=BY)
    assert client.get(f"{HOME}{entry.pk}/versions/3/").status_code == 404


def test_english():
    entry = make_entry()
    client = client_of(make_steward(make_provider()))
    client.cookies["hexi_language"] = "en"
    text = text_of(client.get(f"{HOME}{entry.pk}/", HTTP_ACCEPT_LANGUAGE="en"))
    assert "Electricity of wind farms" in text
    assert "Telephone on duty" in text
    assert "Left out" in text
    assert set(re.findall("[\u4e00-\u9fff]+", text)) - {"风力", "绿电", "中文"} <= {"河西", "系统"}


# --- extra fields -----------------------------------------------------------------------------------------------------
SCHEMA = {
    "type": "object", "required": ["maintainer"],
    "properties": {
        "maintainer": {"type": "string", "title": "元数据维护方", "title_en": "Maintainer", "maxLength": 20},
        "online": {"type": "string", "title": "在线资源链接", "format": "uri"},
        "level": {"type": "string", "title": "等级", "enum": ["一", "二"]},
        "years": {"type": "integer", "title": "保存年限", "minimum": 1, "maximum": 100},
    },
}  # fmt: skip


def test_a_region_s_extra_fields_are_asked_for_and_checked():
    provider = make_provider()
    bureau = make_steward(provider, "data_bureau")
    client = client_of(bureau)
    given = {
        "region": YUMEN,
        "standard": "DB37/T 2885-2016",
        "valid_from": str(clock.today()),
        "schema": json.dumps(SCHEMA),
    }
    answer = client.post(f"{HOME}extra/", given)
    assert answer.status_code == 302, text_of(answer)
    page = client.get(f"{HOME}new/{provider.pk}/").content.decode()
    assert "元数据维护方" in page
    assert 'name="extra_online"' in page
    said = posted(WORDS, once="7d0f5a6e-0000-4000-8000-000000000003")
    wrong = said | {"extra_maintainer": "", "extra_online": "javascript:1", "extra_years": "500"}
    text = text_of(client.post(f"{HOME}new/{provider.pk}/", wrong))
    assert "元数据维护方" in text
    assert "小于等于 100" in text or "100" in text
    wrong = said | {"extra_maintainer": "能源局", "extra_online": "javascript:1"}
    assert "请填写以 http:// 或 https:// 开头的网址" in text_of(client.post(f"{HOME}new/{provider.pk}/", wrong))
    assert Entry.objects.count() == 0
    client.post(
        f"{HOME}new/{provider.pk}/", said | {"extra_maintainer": "能源局", "extra_years": "10", "extra_level": "一"}
    )
    entry = Entry.objects.get()
    assert entry.extra == {"maintainer": "能源局", "years": 10, "level": "一"}
    assert "元数据维护方" in text_of(client.get(f"{HOME}{entry.pk}/"))
    octets, rows = workbook_of(client)
    assert rows[0][-3:] == ["extra.level", "extra.maintainer", "extra.years"]
    assert "没有变化 1 条" in text_of(taken(client, octets))


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ("{", "不是 JSON"),
        ("[]", "要是一个 JSON 对象"),
        ('{"type": "object", "properties": {"a b": {}}}', "只能由字母"),
        ('{"type": "object", "properties": {"a": {"type": "array", "title": "甲"}}}', "type 写 string"),
        ('{"type": "object", "properties": {"a": {"type": "string"}}}', "要有 title"),
        (
            '{"type": "object", "properties": {"a": {"type": "string", "title": "甲", "pattern": "(a+)+$"}}}',
            "不认识 pattern",
        ),
        ('{"type": "object", "properties": {}, "required": ["a"]}', "不在 properties 里"),
        ('{"type": "object", "properties": {"a": {"type": "string", "title": "甲", "maxLength": "x"}}}', "要是数字"),
    ],
)
def test_a_schema_that_cannot_be_read(schema, told):
    client = client_of(make_steward(role="data_bureau"))
    given = {"region": YUMEN, "standard": "DB1", "valid_from": str(clock.today()), "schema": schema}
    assert told in text_of(client.post(f"{HOME}extra/", given))
    assert ExtraFields.objects.count() == 0


def test_extra_fields_end_when_new_ones_begin():
    from datetime import timedelta

    make_provider()
    later = clock.today() + timedelta(days=30)
    extra_operations.lay_down(YUMEN, schema=SCHEMA, standard="一", by=BY)
    extra_operations.lay_down(
        YUMEN, schema={"type": "object", "properties": {}}, standard="二", valid_from=later, by=BY
    )
    from hexi.blocks.catalog.queries.entries import extra_fields

    assert extra_fields(YUMEN).standard == "一"
    assert extra_fields(YUMEN, later).standard == "二"
    assert client_of(make_steward()).get(f"{HOME}extra/").status_code == 403
