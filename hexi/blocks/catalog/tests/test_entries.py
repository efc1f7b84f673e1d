"""The life of an entry: code, checks, written, published by another, changed, withdrawn; races; who sees what."""

import uuid
from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, close_old_connections, connection, transaction

from hexi.blocks.audit.models import Entry as Logged
from hexi.blocks.catalog import coding, content, sheet
from hexi.blocks.catalog.models import Entry, Item, Revision
from hexi.blocks.catalog.operations import entries, following, sheets
from hexi.blocks.catalog.queries import entries as queries
from hexi.blocks.catalog.tests.make import (
    BY,
    CLASSIFICATION,
    ITEMS,
    WORDS,
    fresh,
    make_draft,
    make_entry,
    make_head,
    make_provider,
    make_rules,
    make_steward,
    make_waiting,
)
from hexi.blocks.notices.models import Notice
from hexi.blocks.people.actors import Nobody
from hexi.blocks.search import queries as search
from hexi.kernel import clock
from hexi.kernel.actors import Denied
from hexi.ui import export

pytestmark = pytest.mark.django_db


def states(entry):
    return list(entry.revisions.order_by("number").values_list("state", flat=True))


def found(text, actor=None):
    results = search.find(text, actor=actor or Nobody(), kind="dataset")
    return [] if results.near else [one.title for one in results.entries]


def other():
    return make_provider("yumen-water", name="玉门市水务局")


# --- code -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("text", ["101001", "2.07.001", "307001 0102", "312" * 0 + "308999123456789012"])
def test_a_classification_that_can_be_right(text):
    assert coding.read_classification(text) == text.replace(".", "").replace(" ", "")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("4", "6 至"), ("401001", "没有类 4、项 01"), ("113001", "没有类 1、项 13"), ("10100", "6 至"), ("1010x1", "只由数字"),
        ("", "只由数字"), ("101001" + "0" * 13, "6 至"), ("１０１００", "6 至"),
    ],
)  # fmt: skip
def test_a_classification_that_cannot(text, told):
    with pytest.raises(coding.WrongCode, match=told):
        coding.read_classification(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [("307001", "写作"), ("307001/", "顺序码"), ("307001/0", "从 1 起"), ("307001/1/2", "顺序码"), ("9/1", "6 至")],
)
def test_a_code_that_cannot_be_right(text, told):
    with pytest.raises(coding.WrongCode, match=told):
        coding.read(text)


def test_codes_are_given_out_in_order_and_a_given_one_moves_the_counter():
    assert make_draft(title="一").code == "207001/00001"
    assert make_draft(title="二", code="207001/7").code == "207001/7"
    assert make_draft(title="三").code == "207001/00008"
    assert make_draft(title="四", classification="2070010").code == "2070010/00001"
    with pytest.raises(ValidationError, match="已有条目"):
        make_draft(title="五", code="207001/7")


def test_a_code_that_came_from_elsewhere_is_not_given_out_twice():
    make_draft(title="二", code="207001/00001")
    entries.CodeCounter.objects.update(value=0)
    assert make_draft(title="三").code == "207001/00002"


@pytest.mark.parametrize(
    ("code", "told"),
    [("12", "18 位"), ("11620981MB0000000Z", "不该出现"), ("11620981MB00000001", "校验码不对"), ("", "18 位")],
)
def test_a_credit_code_that_cannot_be_right(code, told):
    with pytest.raises(ValidationError, match=told) as caught:
        entries.provider_of(code)
    assert list(caught.value.message_dict) == ["provider"]


def test_a_provider_by_its_credit_code():
    provider = make_provider()
    assert entries.provider_of(f" {provider.uscc.lower()} ") == provider
    type(provider).objects.update(active=False)
    with pytest.raises(ValidationError, match="没有统一社会信用代码"):
        entries.provider_of(provider.uscc)


# --- life -------------------------------------------------------------------------------------------------------------
def test_the_whole_way():
    provider = make_provider()
    steward, head = make_steward(provider), make_head(provider)
    entry = make_draft(provider, by=steward)
    assert (entry.tag, found("风电场"), entry.slug) == (
        ("draft", "起草"), [], "electricity-of-wind-farms-207001-00001",
    )  # fmt: skip
    entries.submit(entry, by=steward)
    assert entries.submit(entry, by=steward).state == "waiting"
    entries.publish(entry, seen=fresh(entry).latest.submitted_at, by=head)
    entry = fresh(entry)
    assert (entry.state, entry.current.published_name, entry.published) == ("published", head.name, clock.today())
    assert [item.name for item in entry.items.all()] == ["station", "day", "power", "phone"]
    assert content.of(entry) == entry.current.content
    for text in ("风电场", "绿电", "发电", "207001/00001", "Telephone on duty"):
        assert found(text) == ["风电场发电量"]
    verbs = list(Logged.objects.filter(verb__startswith="catalog.").order_by("pk").values_list("verb", flat=True))
    assert verbs == ["catalog.write", "catalog.submit", "catalog.submit", "catalog.publish"]


def test_sent_twice_it_stands_once():
    once, provider = uuid.uuid4(), make_provider()
    assert make_draft(provider, once=once) == make_draft(provider, once=once)
    assert Entry.objects.count() == 1
    with pytest.raises(ValidationError):  # the same name, another form
        make_draft(provider)


def test_nobody_publishes_his_own_and_only_the_writer_goes_on():
    provider = make_provider()
    head, steward = make_head(provider), make_steward(provider)
    entry = make_waiting(provider, by=head)
    with pytest.raises(Denied, match="不能发布自己写的"):
        entries.publish(entry, by=head)
    with pytest.raises(Denied):
        entries.publish(entry, by=steward)
    with pytest.raises(Denied, match="只有起草人"):
        entries.revise(entry, title="别的", by=steward)
    with pytest.raises(ValidationError, match="已提交审核"):
        entries.revise(entry, title="别的", by=head)
    with pytest.raises(IntegrityError), transaction.atomic():
        Revision.objects.filter(entry=entry).update(published_key=head.key)


def test_rights_are_of_the_provider():
    mine, theirs = make_provider(), other()
    steward, head = make_steward(theirs), make_head(theirs)
    entry = make_waiting(mine)
    for act in (
        lambda: make_draft(mine, by=steward, title="新"), lambda: entries.revise(entry, title="新", by=steward),
        lambda: entries.submit(entry, by=steward), lambda: entries.publish(entry, by=head),
        lambda: entries.give_back(entry, reason="错", by=head), lambda: entries.discard(entry, by=head),
        lambda: entries.withdraw(entry, reason="错", by=head), lambda: following.refreshed(entry, by=steward),
    ):  # fmt: skip
        with pytest.raises(Denied):
            act()


def test_given_back_with_a_reason():
    provider = make_provider()
    steward, head = make_steward(provider), make_head(provider)
    entry = make_waiting(provider, by=steward)
    assert Notice.objects.get(key="catalog.to_publish").account_id == head.account_id
    with pytest.raises(ValidationError):
        entries.give_back(entry, reason=" ", by=head)
    entries.give_back(entry, reason=" 写上单位 ", by=head)
    told = Notice.objects.get(key="catalog.returned")
    assert (told.account_id, told.body_zh) == (steward.account_id, f"{head.name}：写上单位")
    entries.revise(entry, summary="每天的发电量，单位千瓦时。", by=steward)
    assert fresh(entry).summary.endswith("千瓦时。")


def test_a_change_waits_beside_what_is_published():
    entry = make_entry()
    items = [
        ITEMS[0],
        ITEMS[2] | {"type": "F"},
        ITEMS[3],
        {"name": "note", "title": "说明", "type": "M", "sensitivity": "public"},
    ]
    pks = {item.name: item.pk for item in entry.items.all()}
    entries.revise(entry, title="风电场日发电量", items=items, why="按日", by=BY)
    assert (fresh(entry).title, entry.items.count(), fresh(entry).tag) == ("风电场发电量", 4, ("draft", "起草"))
    entries.submit(entry, by=BY)
    entries.publish(entry, by=BY)
    now = fresh(entry)
    assert (now.title, [item.name for item in now.items.all()]) == (
        "风电场日发电量",
        ["station", "power", "phone", "note"],
    )
    assert states(now) == ["replaced", "published"]
    kept = {item.name: item.pk for item in now.items.all()}
    assert {name: kept[name] for name in ("station", "power", "phone")} == {
        name: pks[name] for name in ("station", "power", "phone")
    }
    before, after = now.revisions.order_by("number")
    changes = [(one.label, one.before, one.after) for one in content.differences(before.content, after.content)]
    assert changes == [
        ("名称", "风电场发电量", "风电场日发电量"), ("信息项“日期”（day）", "有", "删去"),
        ("信息项“发电量”（power） · 数据类型", "数值 N", "浮点 F"), ("信息项“说明”（note）", "", "新增"),
    ]  # fmt: skip
    assert content.touched(before.content, after.content) == {"day", "power"}
    assert entries.on_day(now, clock.today())["title"] == "风电场日发电量"
    assert entries.on_day(now, date(2020, 1, 1)) is None


def test_one_changed_again_is_not_published_unread():
    provider = make_provider()
    steward, head = make_steward(provider), make_head(provider)
    entry = make_waiting(provider, by=steward)
    seen = entry.latest.submitted_at
    entries.give_back(entry, reason="改", by=head)
    with clock.told_at(clock.now() + timedelta(minutes=1)):
        entries.submit(entry, by=steward)
    with pytest.raises(ValidationError, match="您打开以后"):
        entries.publish(entry, seen=seen, by=head)
    entries.publish(entry, by=head)
    with pytest.raises(ValidationError, match=f"已由{head.name}发布"):
        entries.publish(entry, by=head)


def test_withdrawn_with_what_was_under_way():
    entry = make_entry()
    follower = make_steward(other())
    following.subscribe(entry, by=follower)
    entries.revise(entry, title="新名", by=BY)
    entries.withdraw(entry, reason="并入另一条", by=BY)
    entries.withdraw(entry, reason="再来一次", by=BY)
    now = fresh(entry)
    assert (now.state, states(now), found("风电场")) == ("withdrawn", ["withdrawn", "discarded"], [])
    assert Notice.objects.get(key="catalog.withdrawn").account_id == follower.account_id
    with pytest.raises(ValidationError, match="已撤下"):
        entries.revise(entry, title="再改", by=BY)
    assert make_entry().code == "207001/00002"  # its name is free again, its code is not


def test_a_draft_given_up():
    entry = make_draft()
    assert entries.discard(entry, by=BY).state == "withdrawn"
    assert entries.discard(fresh(entry), by=BY).state == "withdrawn"
    entry = make_entry()
    with pytest.raises(ValidationError, match="请撤下"):
        entries.discard(entry, by=BY)
    entries.revise(entry, title="新", by=BY)
    entries.discard(entry, by=BY)
    assert (fresh(entry).state, fresh(entry).latest.number) == ("published", 1)


def test_links():
    one = make_entry()
    two = make_entry(title="光伏发电量", related=[one.code])
    assert list(one.related.all()) == [two]
    with pytest.raises(ValidationError, match="目录里没有 207001/00099"):
        make_draft(title="新", related=["207001/00099"])
    with pytest.raises(ValidationError, match="不能关联自己"):
        entries.revise(two, related=[two.code], by=BY)


# --- checks -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"title": " "}, "title"), ({"summary": "\x00\x07"}, "summary"), ({"format": "scroll"}, "format"),
        ({"title": "长" * 201}, "title"), ({"sharing": "perhaps"}, "sharing"), ({"cycle": "hourly"}, "cycle"),
        ({"sharing": "conditional", "sharing_condition": ""}, "sharing_condition"),
        ({"sharing": "none", "open": False, "sharing_basis": ""}, "sharing_basis"),
        ({"sharing": "none", "open": False, "sharing_basis": "领导要求"}, "sharing_basis"),
        ({"sharing": "none", "sharing_basis": "《统计法》第九条"}, "open"),
        ({"grading": "internal"}, "grading"), ({"license": ""}, "license"), ({"license": "mine"}, "license"),
        ({"grading": "core", "open": False}, "sharing"), ({"sharing_way": "pigeon"}, "sharing_way"),
        ({"items": [ITEMS[3]]}, "open"), ({"items": [ITEMS[0] | {"mask": "hidden"}]}, "open"), ({"extra": {"x": 1}}, "extra_x"), ({"classification": "9"}, "classification"),
    ],
)  # fmt: skip
def test_what_does_not_fit_names_its_field(said, field):
    with pytest.raises(ValidationError) as caught:
        make_draft(**said)
    assert list(caught.value.message_dict) == [field]
    assert Entry.objects.count() == 0


@pytest.mark.parametrize(
    ("item", "told"),
    [
        ({"name": "1st"}, "列名"), ({"name": 'a"; DROP'}, "列名"), ({"title": ""}, "信息项名称"), ({"type": "Z"}, "数据类型"),
        ({"length": 0}, ""), ({"length": -3}, "长度"), ({"mask": "veil"}, "脱敏"), ({"unit": "长" * 21}, "计量单位"),
        ({"sensitivity": "internal"}, "要定为“公开”"), ({"personal": True}, "不能原样开放"),
        ({"sensitivity": "sensitive", "open": False}, "比数据集的分级高"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_item(item, told):
    given = {"items": [ITEMS[1], ITEMS[0] | item]}
    if not told:  # zero is nothing said
        assert make_draft(**given).items.get(name="station").length is None
        return
    with pytest.raises(ValidationError) as caught:
        make_draft(**given)
    (said,) = caught.value.message_dict["items"]
    assert said.startswith("第 2 个信息项")
    assert told in said


def test_a_column_stands_once():
    with pytest.raises(ValidationError, match="列名写了两次"):
        make_draft(items=[ITEMS[0], ITEMS[0]])


@pytest.mark.parametrize(
    "basis", ["《中华人民共和国统计法》第九条", "国发〔2016〕51号第十条", "国发[2016]51号", "国办发（2024）第 3 号"]
)
def test_what_is_not_shared_cites_its_law(basis):
    entry = make_entry(sharing="none", open=False, grading="sensitive", sharing_basis=basis)
    assert entry.sharing == "none"
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.update(sharing_basis="")


def test_the_tables_hold_the_rules_too():
    entry = make_entry()
    for change in ({"grading": "internal"}, {"sharing": "none"}, {"current": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Entry.objects.filter(pk=entry.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Item.objects.filter(name="station").update(sensitivity="core")


def test_a_name_stands_once_with_a_provider():
    make_draft()
    assert make_draft(other()).title == WORDS["title"]
    with pytest.raises(ValidationError, match="已有同名的条目 207001/00001") as caught:
        make_draft()
    assert list(caught.value.message_dict) == ["title"]


# --- who sees what ----------------------------------------------------------------------------------------------------
def test_who_sees_what():
    provider, theirs = make_provider(), other()
    steward, reader, nobody = make_steward(provider), make_steward(theirs, "data_reader"), Nobody()
    draft = make_draft(provider, by=steward, title="草稿")
    shared = make_entry(provider, title="内部共享", open=False, grading="internal")
    core = make_entry(
        provider, title="核心", open=False, grading="core", sharing="none", sharing_basis="《数据安全法》第二十一条"
    )
    assert set(queries.seen_by(steward)) == {draft, shared, core}
    assert set(queries.seen_by(reader)) == {shared}
    assert not queries.seen_by(nobody).exists()
    assert found("内部共享", reader) == ["内部共享"]
    assert found("内部共享", nobody) == []
    assert (found("核心", reader), found("核心", steward)) == ([], ["核心"])
    with pytest.raises(Denied):
        following.subscribe(core, by=reader)


def test_what_waits_for_whom():
    provider = make_provider()
    steward, head = make_steward(provider), make_head(provider)
    entry = make_waiting(provider, by=steward)
    assert (queries.waiting(head), queries.waiting(steward), queries.waiting(make_head(other()))) == (1, 0, 0)
    assert list(queries.to_publish(head)) == [entry]


# --- at once ----------------------------------------------------------------------------------------------------------
def at_once(*works):
    """Each in its own thread, begun together; the answers in order, an exception as itself."""
    start, answers = Barrier(len(works)), [None] * len(works)

    def run(place, work):
        start.wait()
        try:
            answers[place] = work()
        except Exception as error:
            answers[place] = error
        finally:
            close_old_connections()
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_serials_are_unique_when_many_write_at_once():
    make_rules()
    provider = make_provider()
    works = [lambda n=n: make_draft(provider, title=f"数据集 {n}").code for n in range(12)]
    codes = at_once(*works)
    assert sorted(codes) == [coding.write(CLASSIFICATION, n) for n in range(1, 13)]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_of_one_name_one_stands():
    provider = make_provider()
    answers = at_once(*[lambda: make_draft(provider)] * 4)
    assert Entry.objects.count() == 1
    assert sorted(type(one).__name__ for one in answers) == ["Entry"] + ["ValidationError"] * 3


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_who_publish_one_is_told_who_was_first():
    provider = make_provider()
    heads = [make_head(provider) for _ in range(2)]
    entry = make_waiting(provider)
    answers = at_once(*[lambda head=head: entries.publish(entry, by=head) for head in heads])
    assert sorted(type(one).__name__ for one in answers) == ["Entry", "ValidationError"]
    assert states(fresh(entry)) == ["published"]


def test_a_revision_older_than_a_field_of_items_is_still_submitted_published_and_imported():
    """What it did not know of is empty; an unchanged sheet writes nothing."""
    entry = make_draft(by=(writer := make_steward()))
    older = [
        {name: value for name, value in item.items() if name != "of_body"} for item in entry.latest.content["items"]
    ]
    entry.latest.content = entry.latest.content | {"items": older}
    entry.latest.save()
    entries.submit(fresh(entry), by=writer)
    published = entries.publish(fresh(entry), by=BY)
    lines = sheet.read("a.xlsx", export.xlsx(sheet.heads(), sheet.lines_of([fresh(published)])))
    assert [one.what for one in sheets._taken("a.xlsx", lines, BY).outcomes] == ["same"]
