"""National columns: what goes out comes back as it was, and what is wrong in a sheet is told line by line."""

import csv
import io

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from hexi.blocks.audit.models import Entry
from hexi.blocks.cases import columns, importing, operations, selfcheck
from hexi.blocks.cases.models import Item, ItemImport, ItemVersion
from hexi.blocks.cases.operations import publishing
from hexi.blocks.cases.tests.make import BY, make_item
from hexi.blocks.cases.tests.make_items import make_item as make_national
from hexi.blocks.cases.tests.make_items import make_local
from hexi.blocks.people.tests import make as people
from hexi.blocks.search.models import Entry as Found
from hexi.ui import export, sheets

pytestmark = pytest.mark.django_db
#: of an import of one batch
QUERIES = 14
HEADS = [one.name for one in columns.COLUMNS]


def published():
    people.make_department("yumen-water", "620981000000")
    return operations.publish(make_national(), make_local(), by=BY)[0]


def sheet():
    """What is published, as lines of cells by heading."""
    found = Item.objects.select_related("version", "department").order_by("pk")
    return [dict(zip(HEADS, line, strict=True)) for line in columns.rows(found)]


def written(lines, heads=HEADS):
    target = io.StringIO()
    writer = csv.DictWriter(target, heads, restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(lines)
    return target.getvalue().encode()


def fresh_line(number, office, **more):
    """An item that is not here yet, with one material below."""
    base = f"0001{number:05d}000"
    first = {
        "TASK_NAME": f"第 {number} 号许可证核发", "TASK_NAME_EN": f"Permit No. {number}", "CATALOG_CODE": base,
        "DEPT_CODE": office.uscc, "TASK_TYPE": "01", "USE_LEVEL": "4", "SERVER_TYPE": "1；2",
        "USER_TOPIC_TYPE": "greening", "CORP_TOPIC_TYPE": "agriculture",
        "BY_LAW": "中华人民共和国水法｜第七条｜国家对水资源依法实行取水许可制度和有偿使用制度。",
        "ACCEPT_CONDITION": "井在自己的地里。", "ACCEPT_CONDITION_EN": "The well is on your own land.",
        "ANTICIPATE_DAY": "20", "ANTICIPATE_TYPE": "工作日", "PROMISE_DAY": "10", "PROMISE_TYPE": "工作日",
        "PROJECT_TYPE": "承诺件", "HANDLE_TYPE": "1；2；4", "LIMIT_SCENE_NUM": "0", "IS_FEE": "0",
        "TRANSACT_ADDR": "演示路 1 号", "TRANSACT_ADDR_EN": "No. 1 Demo Road", "TRANSACT_TIME": "工作日",
        "TRANSACT_TIME_EN": "Working days", "LINK_WAY": "0937-0000001", "SUPERVISE_WAY": "0937-0012345",
        "RESULT_NAME": "许可公文", "RESULT_NAME_EN": "Permit", "RESULT_TYPE": "出文", "RESULT_GUID": "一页公文。",
        "RESULT_GUID_EN": "One page.", "ONLINE_HANDLE_DEPTH": "4", "IS_EXPRESS": "1", "IS_SINGLE_LOGIN": "1",
        "QUESTIONS.QUESTION": "压水井要办吗？", "QUESTIONS.QUESTION_EN": "Is a hand pump included?",
        "QUESTIONS.ANSWER": "不用。", "QUESTIONS.ANSWER_EN": "No.",
        "PUNISH.PUNISHMENT_METHOD": "无证打井的责令停止", "PUNISH.PUNISHMENT_METHOD_EN": "Digging is stopped",
        **_material("申请书", "Application"), **more,
    }  # fmt: skip
    return [first, _material("土地权属证明", "Title to the land")]


def _material(zh, en):
    return {
        "MATERIAL.MATERIAL_NAME": zh, "MATERIAL.MATERIAL_NAME_EN": en, "MATERIAL.IS_NEED": "必要",
        "MATERIAL.MATERIAL_TYPE": "复印件", "MATERIAL.MATERIAL_FORMAT": "电子", "MATERIAL.SOURCE_TYPE": "申请人自备",
        "MATERIAL.BY_LAW": "中华人民共和国水法｜第七条｜国家对水资源依法实行取水许可制度和有偿使用制度。",
    }  # fmt: skip


def office():
    return people.make_department("yumen-water", "620981000000")


# --- out and in again ---------------------------------------------------------------------------------------------------
def test_every_element_has_its_column():
    assert len({one.field for one in columns.COLUMNS}) == len({field for _table, field in columns.ELEMENTS})
    assert HEADS[:3] == ["TASK_NAME", "TASK_NAME_EN", "CATALOG_CODE"]
    assert len(HEADS) == len(set(HEADS))


def test_what_goes_out_comes_back_as_it_was():
    published(), make_item()
    report = importing.take_in("items.csv", written(sheet()), by=BY)
    assert [(row.state, row.notes) for row in report.rows if row.notes and not row.good] == []
    assert [row.state for row in report.rows] == ["same", "same"]
    assert report.sentence == "没有带来任何变化：2 个事项里 2 个与现有的相同，0 个有错。"
    assert ItemVersion.objects.count() == 2


def test_all_that_the_reference_list_names_goes_out_and_comes_back():
    people.make_department("yumen-water", "620981000000")
    body = {
        "name": {"zh": "玉门市人民政府", "en": "Government of Yumen"},
        "phone": "0937-0000001",
        "url": "https://a.example",
    }
    changes = {
        "promised_limit.note": {"zh": "原来要 5 天", "en": "It took five days"}, "reconsideration_body": body,
        "power_content": {"zh": "审批", "en": "Approval"}, "power_division": {"zh": "县级", "en": "County"},
        "local_task_code": "62098100SL-XK-0001", "court_body": {**body, "address": {"zh": "法院路", "en": "Court Road"}},
    }  # fmt: skip
    operations.publish(make_national({"materials.0.copies": 2}), make_local(changes), by=BY)
    (first, *_more) = lines = sheet()
    assert (first["PROMISE_EXPLAIN"], first["PROMISE_EXPLAIN_EN"]) == ("原来要 5 天", "It took five days")
    assert (first["RECONSIDER_DEPT"], first["LAWSUIT_ADDR"]) == ("玉门市人民政府", "法院路")
    assert (first["MATERIAL.ORDER_NUM"], first["MATERIAL.COPIES_NUM"]) == ("1", "2")
    assert all(first[name] for name in ("POWER_CONTENT", "POWER_DIVISION", "RIGHTS", "DUTIES"))
    assert first["LOCAL_TASK_CODE"] == "62098100SL-XK-0001"
    assert (first["CD_OPERATION"], len(first["CD_TIME"]), len(first["ROW_GUID"])) == ("U", 19, 36)
    (row,) = importing.check("items.csv", written(lines), by=BY).rows
    assert (row.state, [note.sentence for note in row.notes if "没有采用" in note.sentence]) == ("same", [])
    # into an office that has none of it
    other = people.make_department("dunhuang-water", "620982000000")
    for line in lines:
        if line["DEPT_CODE"]:
            line |= {"DEPT_CODE": other.uscc, "TASK_CODE": ""}
    (row,) = importing.take_in("items.csv", written(lines), by=BY).rows
    assert [note.sentence for note in row.notes if note.error] == []
    local = Item.objects.get(department=other).version.implementing
    assert local["reconsideration_body"]["phone"] == "0937-0000001"
    assert (local["court_body"]["address"]["en"], local["promised_limit"]["note"]["zh"]) == (
        "Court Road",
        "原来要 5 天",
    )


def test_a_cell_that_is_not_taken_in_is_told():
    published()
    lines = sheet()
    lines[0] |= {
        "HANDLE_FLOW": "受理\n办结",
        "DEPT_NAME": "别的局",
        "MATERIAL.FORM_GUID": "附件-1",
        "CD_BATCH": "20200101",
    }
    (row,) = importing.check("items.csv", written(lines), by=BY).rows
    notes = {note.column: (note.sentence, note.error) for note in row.notes if "没有采用" in note.sentence}
    assert notes == {
        "HANDLE_FLOW": ("“受理\n办结”没有采用：办理流程在事项编辑里维护。", False),
        "DEPT_NAME": ("“别的局”没有采用：部门按统一社会信用代码识别，名称在部门资料里维护。", False),
        "MATERIAL.FORM_GUID": ("“附件-1”没有采用：空白表格和示例样表在事项编辑里维护。", False),
        "CD_BATCH": ("“20200101”没有采用：这一列由系统生成。", False),
    }
    assert row.state == "same"


def test_what_the_import_invents_is_told_until_somebody_writes_the_real_one():
    (row,) = importing.take_in("items.csv", written(fresh_line(12345, office())), by=BY).rows
    invented = [note.sentence for note in row.notes if "占位" in note.sentence]
    assert len(invented) == 5  # form and sample of two materials, 复议
    assert "空白表格：“申请书”的空白表格是导入时补的占位文字，请换成真正的" in invented
    assert row.state == "new"
    found = [one for one in selfcheck.find()[1] if "占位" in one.zh]
    assert (len(found), {one.defect for one in found}) == (5, {"forms"})


def test_as_xlsx_too():
    published()
    content = export.xlsx(HEADS, [list(line.values()) for line in sheet()])
    assert [row.state for row in importing.check("items.xlsx", content, by=BY).rows] == ["same"]


def test_a_changed_cell_is_a_new_version_and_the_rest_stays():
    item = published()
    lines = sheet()
    lines[0]["PROMISE_DAY"], lines[0]["TRANSACT_ADDR"] = "6", "演示路 2 号"
    lines[0]["TRANSACT_ADDR_EN"] = "No. 2 Demo Road"
    report = importing.take_in("items.csv", written(lines), by=BY)
    item.refresh_from_db()
    assert (report.count("changed"), item.versions.count()) == (1, 2)
    assert item.version.implementing["promised_limit"]["amount"] == 6
    assert item.version.implementing["places"][0]["address"] == {"zh": "演示路 2 号", "en": "No. 2 Demo Road"}
    assert item.version.national["form"] == item.versions.order_by("pk").first().national["form"]


def test_a_new_item_is_published_and_can_be_applied_for():
    lines = fresh_line(12345, office())
    report = importing.take_in("items.csv", written(lines), by=BY)
    assert [note for row in report.rows for note in row.notes if note.error] == []
    item = Item.objects.get()
    assert (item.title, item.status, report.rows[0].state) == ("第 12345 号许可证核发", "published", "new")
    assert [one["title"]["zh"] for one in item.version.national["materials"]] == ["申请书", "土地权属证明"]
    assert report.rows[0].code == f"{office().uscc}4000112345000"


# --- wrong rows ---------------------------------------------------------------------------------------------------------
def half_wrong():
    lines = []
    for number in range(10):
        wrong = {"PROMISE_DAY": "40"} if number % 2 else {}
        lines += fresh_line(20000 + number, office(), **wrong)
    return written(lines)


def test_half_the_rows_wrong_imports_the_good_ones():
    report = importing.take_in("items.csv", half_wrong(), by=BY)
    assert (report.count("new"), report.count("wrong"), Item.objects.count()) == (5, 5, 5)
    notes = [note for row in report.rows for note in row.notes if note.error]
    assert {(note.line, note.column) for note in notes} == {(4 * n + 4, "PROMISE_DAY") for n in range(5)}
    assert notes[0].sentence == "承诺办结时限：承诺办结时限超过了法定办结时限"
    again = importing.take_in("items.csv", half_wrong(), by=BY)
    assert (again.count("same"), again.count("wrong"), again.written) == (5, 5, False)


@pytest.mark.parametrize("items", [3, 12])
def test_a_batch_takes_the_same_number_of_queries_whatever_its_size(items, django_assert_num_queries):
    importing.take_in("items.csv", written(fresh_line(1, office())), by=BY)
    content = written([line for number in range(items) for line in fresh_line(100 + number, office())])
    with django_assert_num_queries(QUERIES):
        report = importing.take_in("items.csv", content, by=BY)
    assert report.count("new") == items


def test_a_batch_is_one_entry_in_the_log_and_is_found_at_once():
    importing.take_in("items.csv", half_wrong(), by=BY)
    (entry,) = Entry.objects.filter(verb__startswith="items.")
    assert (entry.verb, entry.facts["file"], entry.facts["rows"], len(entry.facts["digest"])) == (
        "items.import", "items.csv", 5, 64,
    )  # fmt: skip
    assert Found.objects.filter(kind="item").count() == 5


def test_killed_in_the_middle_leaves_whole_batches_and_the_rest_comes_with_the_same_file(monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 2)
    content = written([line for number in range(5) for line in fresh_line(100 + number, office())])
    put_all, calls = publishing.put_all, []

    def dying(ready, *, by):
        put_all(ready, by=by)
        calls.append(len(ready))
        if len(calls) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(publishing, "put_all", dying)
    with pytest.raises(KeyboardInterrupt):
        importing.take_in("items.csv", content, by=BY)
    assert (calls, Item.objects.count(), ItemVersion.objects.count()) == ([2, 2], 2, 2)
    report = importing.take_in("items.csv", content, by=BY)
    assert (report.count("same"), report.count("new"), Item.objects.count()) == (2, 3, 5)


def test_one_base_code_twice_in_a_region_is_told():
    other = people.make_department("yumen-forest", "620981000000")
    report = importing.take_in("items.csv", written(fresh_line(1, office()) + fresh_line(1, other)), by=BY)
    assert ([row.state for row in report.rows], Item.objects.get().department) == (["new", "wrong"], office())
    assert report.rows[1].notes[-1].sentence == "同一区划的另一个部门在第 2 行已有这个基本编码。请删去一行。"


def test_or_nothing_as_chosen():
    report = importing.take_in("items.csv", half_wrong(), by=BY, whole=True)
    assert (report.count("new"), report.written, Item.objects.count()) == (5, False, 0)


@pytest.mark.parametrize(
    ("column", "cell", "sentence"),
    [
        ("TASK_TYPE", "许可", "没有“许可”"), ("IS_FEE", "也许", "请写 1（是）或 0（否）"), ("PROMISE_DAY", "十", "请写整数"),
        ("ANTICIPATE_TYPE", "周", "单位只能是工作日"), ("PLAN_CANCEL_DATE", "明天", "请写日期"), ("BY_LAW", "水法", "每行一条依据"),
        ("LINK_WAY", "12", "3 characters"), ("SUPERVISE_WAY", "0937-0000001", "咨询"), ("DEPT_CODE", "911", "没有这个统一社会信用代码"),
        ("TASK_CODE", "1", "实施编码应为"), ("TASK_NAME_EN", "", "英文"),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_named_by_line_and_column(column, cell, sentence):
    lines = fresh_line(12345, office())
    lines[0][column] = cell
    report = importing.check("items.csv", written(lines), by=BY)
    notes = [note for row in report.rows for note in row.notes if note.error]
    assert [note.line for note in notes] == [2] * len(notes)
    assert any(note.column == column.removesuffix("_EN") and sentence in note.sentence for note in notes), notes


def test_a_wrong_material_is_named_by_its_own_line():
    lines = fresh_line(12345, office())
    lines[1]["MATERIAL.IS_NEED"] = "看情况"
    (row,) = importing.check("items.csv", written(lines), by=BY).rows
    assert [(one.line, one.column) for one in row.notes if one.error] == [(3, "MATERIAL.IS_NEED")]


def test_the_same_item_twice_in_a_sheet():
    report = importing.check("items.csv", written(fresh_line(1, office()) * 2), by=BY)
    assert [row.state for row in report.rows] == ["new", "wrong"]
    assert report.rows[1].notes[-1].sentence == "这个实施编码在第 2 行已经有了。请删去一行。"


@pytest.mark.parametrize("content", [b"", b"a,b\r\n1,2\r\n", written([])])
def test_an_import_that_brings_nothing_says_so(content):
    report = importing.take_in("items.csv", content, by=BY)
    assert (report.written, report.sentence) == (False, "没有带来任何事项：表里没有可用的行。请对照导出的表头检查。")


@pytest.mark.parametrize(
    ("name", "content"), [("a.txt", b"x"), ("a.xlsx", b"PK\x03\x04nothing"), ("a.csv", b"\xff\xfe\x00")]
)
def test_a_file_that_is_no_sheet(name, content):
    with pytest.raises(ValidationError, match="请"):
        list(sheets.lines(name, content, importing.LIMITS))


def test_chinese_excel_writes_gb18030():
    content = written(fresh_line(7, office())).decode().encode("gb18030")
    assert importing.check("items.csv", content, by=BY).rows[0].title == "第 7 号许可证核发"


# --- rights and pages ---------------------------------------------------------------------------------------------------
def test_only_offices_within_reach_are_taken():
    editor = people.acting(people.make_official("catalogue_editor", department=office()))
    elsewhere = people.make_department("dunhuang-water", "620982000000")
    lines = fresh_line(1, office()) + fresh_line(2, elsewhere)
    report = importing.take_in("items.csv", written(lines), by=editor)
    assert ([row.state for row in report.rows], Item.objects.count()) == (["new", "wrong"], 1)
    assert report.rows[1].notes[0].sentence == "您不能发布这个部门的事项。"


def test_preview_then_import_in_the_workbench(client):
    from django.core.files.uploadedfile import SimpleUploadedFile

    client.force_login(people.make_official("catalogue_editor", department=office()))
    file = SimpleUploadedFile("items.csv", half_wrong())
    page = client.post(reverse("cases.take_items"), {"file": file}, follow=True)
    text, here = page.content.decode(), page.redirect_chain[-1][0]
    assert ("可以导入 5 个新事项" in text, "PROMISE_DAY" in text, Item.objects.count()) == (True, True, 0)
    done = client.post(here, {"mode": "good"}, follow=True).content.decode()
    assert ("已导入 5 个新事项" in done, Item.objects.count()) == (True, 5)
    assert client.post(here, {"mode": "good"}).status_code == 422
    assert "items.csv" in client.get(reverse("cases.take_items")).content.decode()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [("a.xlsx", b"PK\x03\x04", "打不开"), ("a.csv", b"a,\0", "编码不对"), ("a.csv", b'"' + b"x" * 200_000, "有一格太长")],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_on_the_page(client, name, content, sentence):
    from django.core.files.uploadedfile import SimpleUploadedFile

    client.force_login(people.make_official("catalogue_editor", department=office()))
    page = client.post(reverse("cases.take_items"), {"file": SimpleUploadedFile(name, content)})
    assert (page.status_code, sentence in page.content.decode(), ItemImport.objects.count()) == (422, True, 0)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_export_in_the_workbench(client, kind):
    published()
    client.force_login(people.make_official("catalogue_editor", department=office()))
    answer = client.get(reverse("cases.items_sheet", args=[kind]))
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert [row.state for row in importing.check(f"items.{kind}", content, by=BY).rows] == ["same"]


def test_pages_are_closed_to_others(client):
    client.force_login(people.make_official("clerk", department=office()))
    assert client.get(reverse("cases.take_items")).status_code == 403
