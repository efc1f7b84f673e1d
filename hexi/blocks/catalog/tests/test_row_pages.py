"""Pages of rows at the workbench: source, upload, confirming, loads with bad rows, versions, who may see them."""

import re
import shutil

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from hexi.blocks.catalog.models import Load, LoadState, Source
from hexi.blocks.catalog.operations import loads
from hexi.blocks.catalog.store import duck, files
from hexi.blocks.catalog.tests.make import ITEMS, fresh, make_entry, make_provider
from hexi.blocks.catalog.tests.make_rows import make_rows
from hexi.blocks.catalog.tests.test_loads import BY, CSV, hand_in, make_loaded, make_source
from hexi.blocks.catalog.tests.test_pages import posted
from hexi.blocks.people.tests.make import make_official
from hexi.kernel import jobs

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_folder():
    shutil.rmtree(files.folder(), ignore_errors=True)
    duck._counted.cache_clear()


def steward(entry, role="data_steward"):
    client = Client()
    client.force_login(make_official(role, department=entry.provider, region_code=entry.region_code))
    return client


def page(client, name, *args, status=200, **data):
    response = client.get(reverse(f"catalog.{name}", args=args), data)
    assert response.status_code == status
    return re.sub(r"\s+", " ", response.content.decode())


def send(client, name, *args, **data):
    return client.post(reverse(f"catalog.{name}", args=args), data)


def test_from_source_to_rows():
    entry = make_entry(title="风电")
    client = steward(entry)
    assert "数据装载" in page(client, "entry", entry.pk)
    assert client.get(reverse("catalog.rows", args=[entry.pk])).url == reverse("catalog.row_source", args=[entry.pk])
    answer = send(client, "row_source", entry.pk, way="file", minutes="0", most_bad="500")
    assert answer.url == reverse("catalog.rows", args=[entry.pk])
    form = page(client, "upload_rows", entry.pk)
    once = re.search(r'name="once"[^>]*value="([0-9a-f-]+)"', form)[1]
    content = CSV + "003,坏,1\n"
    answer = send(
        client, "upload_rows", entry.pk, once=once, file=SimpleUploadedFile("rows.csv", content.encode("gb18030"))
    )
    load = Load.objects.get()
    assert answer.url == reverse("catalog.confirm_load", args=[load.pk])
    shown = page(client, "confirm_load", load.pk)
    assert "“day”的类型" in shown
    assert "2026-01-31" in shown
    fields = {"type_0": "C", "length_0": "20", "required_0": "on", "type_1": "D", "type_2": "N"}
    assert send(client, "confirm_load", load.pk, **fields).url == reverse("catalog.load", args=[load.pk])
    assert "等待装载" in page(client, "load", load.pk)
    jobs.drain()
    shown = page(client, "load", load.pk)
    for word in ("已装载", "坏", "不是日期", "gb18030"):
        assert word in shown
    assert "第 1 版，2 行" in page(client, "rows", entry.pk)
    version = entry.versions.get()
    assert "001" in page(client, "rows_version", version.pk)
    assert "正在用" in page(client, "row_versions", entry.pk)
    assert "风电" in page(client, "row_sources")


def test_items_are_made_from_the_confirmed_columns_and_published_by_another():
    """Looked over and mended before they are saved; nothing is given out before somebody else has published them."""
    entry = make_entry(title="机井", items=[ITEMS[0]], open=False, license="", grading="internal")
    client = steward(entry)
    make_rows(entry, "站点,井 深,2号泵,备注\n001,12,3,好\n")
    shown = page(client, "rows", entry.pk)
    assert "不会给出去：井 深、2号泵、备注" in shown
    where = f"{reverse('catalog.edit_entry', args=[entry.pk])}?columns=1"
    assert where in shown
    form = client.get(where).content.decode()
    values = dict(re.findall(r'name="(items-\d-(?:name|title))" value="([^"]*)"', form))
    assert [(values[f"items-{n}-name"], values[f"items-{n}-title"]) for n in range(4)] == [
        ("station", "站点"), ("井_深", "井 深"), ("c_2号泵", "2号泵"), ("备注", "备注"),
    ]  # fmt: skip
    said = posted(entry.current.content, [ITEMS[0]], why="按列写")
    rows = [("depth", "井 深", "I"), ("pump", "2号泵", "I")]
    for place, (name, title, letter) in enumerate(rows, 1):
        said |= {f"items-{place}-{key}": value for key, value in
                 {"name": name, "title": title, "type": letter, "sensitivity": "internal", "mask": "none"}.items()}  # fmt: skip
    said |= {"items-TOTAL_FORMS": 3, "aware": "1"}
    assert client.post(where, said).status_code == 302
    assert [one.name for one in entry.items.all()] == ["station"]
    last = fresh(entry).latest
    assert ([one["name"] for one in last.content["items"]], last.state) == (["station", "depth", "pump"], "draft")
    assert "不会给出去：备注" in page(client, "rows", entry.pk)


def test_columns_are_held_against_the_items_before_they_are_confirmed():
    source = make_source()
    client = steward(source.entry)
    load = hand_in(source, "站点,day,wind\n001,2026-01-31,3\n")
    shown = page(client, "confirm_load", load.pk)
    assert "“station”的类型" in shown
    assert "目录里有、文件里没有：发电量（power）、值班电话（phone）。" in shown
    assert "文件里有、目录里没有，不会给出去：wind。" in shown
    bare = make_source(items=[])
    assert "还没有信息项" in page(steward(bare.entry), "confirm_load", hand_in(bare).pk)


def test_back_to_an_older_version():
    source = make_loaded()
    client = steward(source.entry)
    hand_in(source, "station,day,power\n009,2026-03-01,1\n")
    jobs.drain()
    first = source.entry.versions.get(number=1)
    assert "用这个版本" in page(client, "rows_version", first.pk)
    send(client, "use_version", first.pk)
    first.refresh_from_db()
    assert first.current


def test_what_is_wrong_stands_at_its_field():
    source = make_source()
    client = steward(source.entry)
    answer = send(
        client,
        "upload_rows",
        source.entry_id,
        once="8b6f2c1e-0000-4000-8000-000000000000",
        file=SimpleUploadedFile("a.csv", b"a,a\n1,2\n"),
    )
    assert (answer.status_code, "都叫“a”" in answer.content.decode()) == (422, True)
    answer = send(client, "row_source", source.entry_id, way="file", minutes="2", most_bad="1")
    assert (answer.status_code, "至少隔 5 分钟" in answer.content.decode()) == (422, True)
    load = hand_in(source)
    answer = send(client, "confirm_load", load.pk, type_0="C", type_1="Q", type_2="N")
    assert answer.status_code == 422
    send(client, "drop_load", load.pk)
    load.refresh_from_db()
    assert load.state == LoadState.DROPPED


def test_changed_columns_are_told_where_they_are_confirmed():
    source = make_loaded()
    load = hand_in(source, "station,day,wind\n003,2026-03-01,1\n")
    client = steward(source.entry)
    shown = page(client, "confirm_load", load.pk)
    assert "少了列“power”" in shown
    assert "等着确认数据项" in page(client, "rows", source.entry_id)


def test_nobody_else_sees_or_does_anything():
    source = make_loaded()
    load, version = source.loads.get(), source.entry.versions.get()
    other = steward(make_entry(make_provider("other", name="别的局"), title="别的"))
    entry = source.entry_id
    for name, pk in [
        ("rows", entry),
        ("row_source", entry),
        ("upload_rows", entry),
        ("row_versions", entry),
        ("rows_version", version.pk),
        ("load", load.pk),
        ("confirm_load", load.pk),
    ]:
        page(other, name, pk, status=404)
    for name, pk in [("ask_now", entry), ("use_version", version.pk), ("drop_load", load.pk), ("row_source", entry)]:
        assert send(other, name, pk).status_code == 404
    assert str(source.entry.title) not in page(other, "row_sources")


def test_a_password_is_never_shown():
    place = {"host": "db.example", "database": "d", "user": "u", "table": "t"}
    source = make_source(way="postgres", settings=place, secret="s3cret")
    client = steward(source.entry)
    for name in ("rows", "row_source"):
        shown = page(client, name, source.entry_id)
        assert "db.example" in shown
        assert "s3cret" not in shown
        assert source.secret not in shown
    assert "现在取一次" in page(client, "rows", source.entry_id)
    send(client, "ask_now", source.entry_id)
    jobs.drain()
    assert source.loads.get().state == LoadState.FAILED
    assert "中断，未装载" in page(client, "rows", source.entry_id)


@pytest.mark.parametrize("many", [1, 3])
def test_a_list_asks_as_often_for_three_rows_as_for_one(many, django_assert_max_num_queries):
    source = make_source()
    for _number in range(many):
        loads._noted(source, LoadState.FAILED, "x", BY)
    client = steward(source.entry)
    page(client, "rows", source.entry_id)
    with django_assert_max_num_queries(24):
        page(client, "rows", source.entry_id)


def test_without_the_extra_the_page_says_what_to_install(monkeypatch):
    source = make_source()
    monkeypatch.setattr(files, "find_spec", lambda name: None)
    client = steward(source.entry)
    assert "hexi[analytics]" in page(client, "rows", source.entry_id)
    answer = send(
        client,
        "upload_rows",
        source.entry_id,
        once="8b6f2c1e-0000-4000-8000-000000000000",
        file=SimpleUploadedFile("a.csv", CSV.encode()),
    )
    assert "hexi[analytics]" in answer.content.decode()
    assert Source.objects.count() == 1
