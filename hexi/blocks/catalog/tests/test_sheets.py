"""The catalogue as a table: downloaded, changed, taken in again, and what happens with large ones."""

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import translation
from django_q.models import OrmQ
from openpyxl import load_workbook

from hexi.blocks.catalog import jobs, sheet
from hexi.blocks.catalog.models import Entry, SheetImport
from hexi.blocks.catalog.operations import entries, sheets
from hexi.blocks.catalog.tests.browse import HOME, client_of, taken, text_of, workbook_of
from hexi.blocks.catalog.tests.make import BY, fresh, make_entry, make_provider, make_steward
from hexi.kernel import clock
from hexi.kernel import jobs as queue
from hexi.ui import export

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_files():
    """What an earlier test kept."""
    for name in default_storage.listdir("catalog-imports")[1] if default_storage.exists("catalog-imports") else ():
        default_storage.delete(f"catalog-imports/{name}")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_table_goes_round(language):
    provider = make_provider()
    client = client_of(make_steward(provider))
    one = make_entry(provider)
    two = make_entry(provider, title="目录而已", items=[], open=False, kind="none", related=[one.code])
    held = [fresh(entry).current.content for entry in (one, two)]
    with translation.override(language):
        octets = export.xlsx(sheet.heads(), sheet.lines_of([fresh(one), fresh(two)]))
    text = text_of(taken(client, octets))
    assert "没有变化 2 条" in text
    assert [fresh(entry).current.content for entry in (one, two)] == held
    entries.withdraw(two, reason="换", by=BY)
    entries.withdraw(one, reason="换", by=BY)
    rows = load_workbook(io.BytesIO(octets)).active
    places = {str(cell.value): cell.column for cell in rows[1]}
    code = next(column for head, column in places.items() if head in ("信息资源代码", "Code of the resource"))
    for row in range(2, rows.max_row + 1):
        rows.cell(row, code).value = None
        if rows.cell(row, places[next(h for h in places if h in ("关联资源代码", "Related codes"))]).value:
            rows.cell(row, places[next(h for h in places if h in ("关联资源代码", "Related codes"))]).value = None
    file = io.BytesIO()
    rows.parent.save(file)
    assert "新增 2 条" in text_of(taken(client, file.getvalue()))
    new = Entry.objects.filter(state="draft").order_by("pk")
    assert [entry.latest.content for entry in new] == [held[0], held[1] | {"related": []}]


def test_a_change_by_the_table_and_a_report_of_each_line():
    provider, theirs = make_provider(), make_provider("yumen-water", name="水务")
    client = client_of(make_steward(provider))
    mine, other = make_entry(provider), make_entry(theirs, title="水库水位")
    heads = [
        "信息资源代码",
        "名称",
        "提供方代码",
        "分类码",
        "摘要",
        "资源格式",
        "共享类型",
        "共享条件",
        "更新周期",
        "列名",
        "信息项名称",
    ]
    lines = [
        [mine.code, "", "", "", "新的摘要。", "", "", "", "每季度", "", ""],
        [other.code, "", "", "", "不归我。", "", "", "", "", "", ""],
        [
            "",
            "风机名录",
            provider.uscc,
            "307001",
            "风机在哪。",
            "电子表格",
            "有条件共享",
            "检修用",
            "每年",
            "code",
            "编号",
        ],
        ["", "", "", "", "", "", "", "", "", "maker", "厂家"],
        ["", "坏的", provider.uscc, "307001", "坏。", "卷轴", "有条件共享", "x", "每年", "a", "甲"],
        ["", "没条件", provider.uscc, "307001", "缺。", "电子表格", "有条件共享", "", "每年", "a", "甲"],
        ["", "没代码", "", "307001", "缺。", "电子表格", "无条件共享", "", "每年", "", ""],
        ["", "错代码", provider.uscc[:-1], "307001", "缺。", "电子表格", "无条件共享", "", "每年", "", ""],
    ]
    answer = taken(client, export.xlsx(heads, lines))
    text = text_of(answer)
    assert "新增 1 条，修改 1 条，没有变化 0 条，没有导入 5 条" in text
    for told in (
        "“资源格式”：没有“卷轴”",
        "共享条件：有条件共享要写明条件",
        "统一社会信用代码应为 18 位",
        "没有这项权限",
        "要写提供方",
    ):
        assert told in text, told
    made = Entry.objects.get(title="风机名录")
    assert [(item.name, item.title) for item in made.items.all()] == [("code", "编号"), ("maker", "厂家")]
    assert fresh(mine).latest.content["cycle"] == "quarterly"
    assert fresh(mine).cycle == "monthly"
    assert "修改 0 条，没有变化 2 条" in text_of(taken(client, export.xlsx(heads, lines)))


def large_sheet(provider):
    """A table of more entries than are taken in at once; the fourth is refused."""
    heads = [
        "名称",
        "提供方代码",
        "分类码",
        "摘要",
        "资源格式",
        "共享类型",
        "共享条件",
        "更新周期",
        "列名",
        "信息项名称",
    ]
    lines = [
        [
            f"名录 {n}",
            provider.uscc,
            "307001",
            "在哪。",
            "电子表格",
            "有条件共享",
            "" if n == 3 else "检修",
            "每年",
            "a",
            "甲",
        ]
        for n in range(sheets.SMALL + 5)
    ]
    return export.xlsx(heads, lines)


def test_a_large_table_is_taken_in_by_a_job_with_its_report(monkeypatch):
    """Batch by batch; a job that died goes on where it stopped, and nothing is written twice."""
    provider = make_provider()
    writer = make_steward(provider)
    client = client_of(writer)
    answer = taken(client, large_sheet(provider))
    run = SheetImport.objects.get()
    assert (answer.url, run.total, Entry.objects.count()) == (f"{HOME}import/{run.key}/", sheets.SMALL + 5, 0)
    assert "正在导入" in text_of(client.get(answer.url))
    plain, calls = sheets._taken, []

    def dies(name, some, by):
        calls.append(len(some))
        if len(calls) == 3:
            raise OSError("killed")
        return plain(name, some, by)

    monkeypatch.setattr(sheets, "_taken", dies)
    with pytest.raises(OSError, match="killed"):
        queue.drain()
    run.refresh_from_db()
    assert (run.done, run.ended_at, Entry.objects.count()) == (2 * sheets.BATCH, None, 2 * sheets.BATCH - 1)
    for _again in range(2):
        jobs.take_sheet(run.pk)
    run.refresh_from_db()
    assert (run.done, run.ended_at is None, Entry.objects.count()) == (sheets.SMALL + 5, False, sheets.SMALL + 4)
    assert calls == [sheets.BATCH] * 3 + [sheets.BATCH] * 2 + [5]
    page = text_of(client.get(answer.url))
    assert f"新增 {sheets.SMALL + 4} 条，修改 0 条，没有变化 0 条，没有导入 1 条" in page
    assert "有条件共享要写明条件" in page
    assert f'href="{answer.url}"' in client.get(f"{HOME}import/").content.decode()
    assert client_of(make_steward(provider)).get(answer.url).status_code == 404
    assert Entry.objects.filter(latest__written_key=writer.key).count() == sheets.SMALL + 4


@pytest.mark.parametrize(
    ("octets", "name", "told"),
    [
        (b"PK\x03\x04broken", "a.xlsx", "打不开"), (b"x,y\n1,2\n", "a.csv", "不认识第 1 列"), (b"", "a.csv", "请选择文件"),
        ("名称,名称\na,b\n".encode(), "a.csv", "写了两次"), ("摘要\na\n".encode(), "a.csv", "至少有"),
        ("名称,摘要\n".encode(), "a.csv", "没有条目"), ("名称,摘要\n甲,乙\n".encode("gb18030"), "a.csv", "要写提供方"),
        (b"%PDF-1.4", "a.pdf", "只收 CSV 或 XLSX"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_read(octets, name, told):
    client = client_of(make_steward())
    answer = taken(client, octets, name)
    if name != "a.csv" or octets:
        assert told in text_of(answer)
    assert Entry.objects.count() == 0


def test_formulas_in_an_export_are_disarmed():
    provider = make_provider()
    make_entry(provider, summary='=HYPERLINK("http://evil")')
    client = client_of(make_steward(provider))
    octets, rows = workbook_of(client)
    cell = next(
        cell for row in load_workbook(io.BytesIO(octets)).active for cell in row if str(cell.value).startswith("=HYPER")
    )
    assert (cell.data_type, cell.quotePrefix) == ("s", True)


def test_a_large_table_that_cannot_be_taken_in_says_so(monkeypatch):
    """After some tries at one place, or when it can be read no more; its file is gone then, the report stays."""
    client = client_of(make_steward(provider := make_provider()))
    monkeypatch.setattr(sheets, "_taken", lambda *_given: 1 / 0)
    at = [taken(client, large_sheet(provider)).url for _each in range(2)]
    first, second = SheetImport.objects.order_by("pk")
    for _again in range(sheets.TRIES):
        with pytest.raises(ZeroDivisionError):
            jobs.take_sheet(first.pk)
    assert "正在导入" in text_of(client.get(at[0]))
    jobs.take_sheet(first.pk)
    assert "导入中断了 3 次，剩下的没有导入" in text_of(client.get(at[0]))
    assert "没有导完" in text_of(client.get(f"{HOME}import/"))

    monkeypatch.setattr(sheet, "LIMITS", replace(sheet.LIMITS, lines=100))
    jobs.take_sheet(second.pk)
    second.refresh_from_db()
    assert (second.done, second.ended_at is None) == (0, False)
    assert second.stopped in text_of(client.get(at[1]))
    assert second.stopped
    assert default_storage.listdir("catalog-imports")[1] == []


def test_a_large_table_whose_job_was_killed_is_taken_up_again():
    client = client_of(make_steward(provider := make_provider()))
    taken(client, large_sheet(provider))
    OrmQ.objects.all().delete()  # the job dies
    jobs.take_up_sheets()
    assert queue.drain() == 0  # it may still be at work
    with clock.told_at(clock.now() + sheets.STILL + timedelta(seconds=1)):
        jobs.take_up_sheets()
        queue.drain()
    run = SheetImport.objects.get()
    assert (run.done, run.stopped, run.ended_at is None) == (run.total, "", False)


def test_an_old_report_goes_with_its_file():
    client = client_of(make_steward(provider := make_provider()))
    old = taken(client, large_sheet(provider)).url
    with clock.told_at(clock.now() + sheets.KEPT + timedelta(days=1)):
        new = taken(client_of(make_steward(provider)), large_sheet(provider)).url
    assert client.get(old).status_code == 404
    assert [one in new for one in default_storage.listdir("catalog-imports")[1]] == [True]
