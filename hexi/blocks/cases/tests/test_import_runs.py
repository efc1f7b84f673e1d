"""Imports from the workbench: small ones at once, large ones by the job, that dies, comes twice and still is once."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from hexi.blocks.audit.models import Entry
from hexi.blocks.cases import import_runs, importing, jobs
from hexi.blocks.cases.models import Item, ItemImport
from hexi.blocks.cases.operations import publishing
from hexi.blocks.cases.tests.test_columns import fresh_line, office, written
from hexi.blocks.people.tests import make as people
from hexi.kernel import clock
from hexi.kernel.actors import Denied
from hexi.kernel.jobs import drain

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_is_tiny(monkeypatch, settings, tmp_path):
    """Four items are many here, and a batch has two."""
    monkeypatch.setattr(import_runs, "SMALL", 3)
    monkeypatch.setattr(importing, "CHUNK", 2)
    settings.MEDIA_ROOT = tmp_path


def content(items=5, wrong=()):
    lines = []
    for number in range(items):
        lines += fresh_line(100 + number, office(), **({"PROMISE_DAY": "40"} if number in wrong else {}))
    return written(lines)


def editor(name="editor"):
    return people.make_official("catalogue_editor", name=name, department=office())


def begin(account, body):
    return import_runs.begin("items.csv", body, account=account, by=people.acting(account))


def test_a_small_sheet_is_done_at_once(django_capture_on_commit_callbacks):
    account = editor()
    run = begin(account, content(3))
    assert (run.state, run.total, run.done, run.counts) == ("checked", 3, 3, {"new": 3})
    with django_capture_on_commit_callbacks(execute=True):
        run = import_runs.take(run, whole=False, by=people.acting(account))
    assert (run.state, run.counts, Item.objects.count()) == ("done", {"new": 3}, 3)
    assert not default_storage.exists(f"imports/{run.key}")


def test_a_large_one_is_left_to_the_job_with_its_progress_on_the_page(client):
    client.force_login(editor())
    page = client.post(reverse("cases.take_items"), {"file": SimpleUploadedFile("a.csv", content(5, {1}))}, follow=True)
    text, here = page.content.decode(), page.redirect_chain[-1][0]
    assert ("正在核对" in text, 'hx-trigger="every 2s"' in text, Item.objects.count()) == (True, True, 0)
    drain()
    text = client.get(here).content.decode()
    assert ("可以导入 4 个新事项" in text, "every 2s" in text, "导入并发布" in text) == (True, False, True)
    assert "正在导入" in client.post(here, {"mode": "good"}, follow=True).content.decode()
    drain()
    text = client.get(here).content.decode()
    assert ("已导入 4 个新事项" in text, "1 个有错" in text, Item.objects.count()) == (True, True, 4)
    report = client.get(here + "report.csv").content.decode("utf-8-sig")
    assert ("PROMISE_DAY,错误,承诺办结时限" in report, report.splitlines()[0]) == (True, "行,列,轻重,问题")


def test_the_job_that_died_goes_on_with_the_next_batch_and_counts_all(monkeypatch):
    account = editor()
    run = begin(account, content(5, {0}))
    drain()
    import_runs.take(run, whole=False, by=people.acting(account))
    put_all, calls = publishing.put_all, []

    def dying(ready, *, by):
        calls.append(len(ready))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return put_all(ready, by=by)

    monkeypatch.setattr(publishing, "put_all", dying)
    with pytest.raises(KeyboardInterrupt):
        jobs.import_items(run.pk)
    run.refresh_from_db()
    assert (run.state, run.done, run.counts, Item.objects.count()) == ("taking", 2, {"wrong": 1, "new": 1}, 1)
    jobs.import_items(run.pk)
    run.refresh_from_db()
    assert (run.state, run.done, run.counts, Item.objects.count()) == ("done", 5, {"wrong": 1, "new": 4}, 4)
    assert (calls, len([note for note in run.notes if note[3]])) == ([1, 2, 2, 1], 1)
    assert Entry.objects.filter(verb="items.import").count() == 3


def test_two_jobs_at_once_do_each_batch_once(monkeypatch):
    run = begin(editor(), content(5))
    actor_for, calls = import_runs.actor_for, []

    def slow(account):
        calls.append(account)
        if len(calls) == 1:
            import_runs.carry_on(run.pk)
        return actor_for(account)

    monkeypatch.setattr(import_runs, "actor_for", slow)
    import_runs.carry_on(run.pk)
    run.refresh_from_db()
    assert (run.state, run.done, run.counts, len(calls)) == ("checked", 5, {"new": 5}, 2)


@pytest.mark.parametrize(
    ("mode", "said", "there"), [("good", "已导入 2 个新事项", 2), ("whole", "有错的行，所以全部没有导入", 0)]
)
def test_half_the_rows_wrong_the_page_lets_one_choose(client, mode, said, there):
    client.force_login(editor())
    file = SimpleUploadedFile("a.csv", content(4, {1, 3}))
    here = client.post(reverse("cases.take_items"), {"file": file}, follow=True).redirect_chain[-1][0]
    drain()
    text = client.get(here).content.decode()
    assert [f'name="mode" value="{one}"' in text for one in ("good", "whole")] == [True, True]
    assert ("可以导入 2 个新事项" in text, "2 个有错" in text, text.count("承诺办结时限：")) == (True, True, 2)
    client.post(here, {"mode": mode})
    drain()
    assert (said in client.get(here).content.decode(), Item.objects.count()) == (True, there)
    lines = client.get(here + "report.csv").content.decode("utf-8-sig").splitlines()
    assert len([line for line in lines if ",错误," in line]) == 2


def test_all_wrong_says_that_nothing_came(client):
    client.force_login(editor())
    file = SimpleUploadedFile("a.csv", content(2, {0, 1}))
    text = client.post(reverse("cases.take_items"), {"file": file}, follow=True).content.decode()
    assert ("没有带来任何变化" in text, "2 个有错" in text, 'name="mode"' in text) == (True, True, False)


@pytest.mark.parametrize("name", ["../../elsewhere.csv", "/elsewhere.csv", "imports/../../elsewhere.csv"])
def test_a_name_that_leads_elsewhere_is_only_a_name(name):
    account = editor()
    run = import_runs.begin(name, content(1), account=account, by=people.acting(account))
    assert (run.state, run.name, default_storage.listdir("imports")[1].count(run.key)) == ("checked", name, 1)
    root = Path(default_storage.path(""))
    near = [root, root.parent, root.parent.parent, Path("/")]
    assert [one for one in near if (one / "elsewhere.csv").exists()] == []


def test_all_or_none():
    account = editor()
    run = begin(account, content(5, {4}))
    drain()
    import_runs.take(run, whole=True, by=people.acting(account))
    drain()
    run.refresh_from_db()
    assert (run.state, run.why) == ("refused", "有错的行，所以全部没有导入。请改好后重新上传。")
    assert (Item.objects.count(), Entry.objects.filter(verb="items.import").count()) == (0, 0)
    assert any(note[1] == "PROMISE_DAY" for note in run.notes)


def test_pressed_twice_is_once():
    account = editor()
    run = begin(account, content(5))
    drain()
    import_runs.take(run, whole=False, by=people.acting(account))
    with pytest.raises(ValidationError, match="已经在导入"):
        import_runs.take(run, whole=False, by=people.acting(account))
    assert (drain(), Item.objects.count()) == (1, 5)


def test_who_comes_second_with_all_or_none_is_told_and_the_sheet_stays(monkeypatch):
    account = editor()
    run = begin(account, content(5, {4}))
    drain()
    exists = default_storage.exists

    def started_first(name):
        monkeypatch.setattr(default_storage, "exists", exists)
        import_runs.take(ItemImport.objects.get(pk=run.pk), whole=False, by=people.acting(account))
        return exists(name)

    monkeypatch.setattr(default_storage, "exists", started_first)
    with pytest.raises(ValidationError, match="已经在导入"):
        import_runs.take(run, whole=True, by=people.acting(account))
    assert exists(f"imports/{run.key}")
    drain()
    run.refresh_from_db()
    assert (run.state, Item.objects.count()) == ("done", 4)


def test_a_large_file_that_cannot_be_read_says_so_on_its_page(client, monkeypatch):
    monkeypatch.setattr(import_runs, "SMALL_BYTES", 1)
    client.force_login(editor())
    file = SimpleUploadedFile("a.xlsx", b"PK\x03\x04nothing")
    here = client.post(reverse("cases.take_items"), {"file": file}, follow=True).redirect_chain[-1][0]
    drain()
    assert "这个 XLSX 文件打不开" in client.get(here).content.decode()


def test_a_right_lost_before_the_job_ran_brings_nothing():
    account = editor()
    run = begin(account, content(5))
    account.posts.all().delete()
    drain()
    run.refresh_from_db()
    assert (run.counts, run.notes[0][2]) == ({"wrong": 5}, "您不能发布这个部门的事项。")


def test_an_import_is_its_owners_alone(client):
    run = begin(editor(), content(5))
    drain()
    client.force_login(editor("another"))
    for address in (reverse("cases.item_import", args=[run.key]), reverse("cases.import_report", args=[run.key])):
        assert client.get(address).status_code == 404
    assert client.post(reverse("cases.item_import", args=[run.key]), {"mode": "good"}).status_code == 404
    clerk = people.make_official("clerk", department=office())
    with pytest.raises(Denied):
        begin(clerk, content(1))


def test_old_reports_and_sheets_without_a_decision_go(monkeypatch):
    account = editor()
    run = begin(account, content(1))
    ItemImport.objects.update(at=clock.now() - timedelta(days=31))
    monkeypatch.setattr(import_runs, "FILE_KEPT", timedelta(0))
    begin(account, content(1))
    assert not ItemImport.objects.filter(pk=run.pk).exists()
    assert not default_storage.exists(f"imports/{run.key}")


def test_a_sheet_that_is_gone_ends_the_run_and_stops_no_other(monkeypatch):
    account = editor()
    run = begin(account, content(5))
    gone = default_storage.get_modified_time

    def forgotten(name):
        default_storage.delete(name)
        return gone(name)

    monkeypatch.setattr(default_storage, "get_modified_time", forgotten)
    assert begin(account, content(1)).state == "checked"
    drain()
    run.refresh_from_db()
    assert (run.state, run.why) == ("refused", "上传的文件已过期或已导入。请重新上传。")
