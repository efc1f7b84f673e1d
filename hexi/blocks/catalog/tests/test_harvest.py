"""Harvest in: a CKAN and a DCAT catalogue over real HTTP, runs killed in the midst, bad answers, private addresses."""

import json
import os
import signal
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.exceptions import ValidationError
from django.db import connections
from django.test import Client

from hexi.blocks.catalog import harvesting
from hexi.blocks.catalog.models import Entry, HarvestJob, HarvestObject, HarvestSource, JobState, ObjectState, State
from hexi.blocks.catalog.operations import entries, harvest
from hexi.blocks.catalog.tests.make import make_provider, make_steward
from hexi.blocks.people.tests.make import make_official
from hexi.blocks.regions.tests.make import YUMEN
from hexi.kernel import clock
from hexi.kernel.actors import Denied, System
from hexi.kernel.jobs import drain
from hexi.wire.ckan import answers
from hexi.wire.ckan.answers import Organization, Package, Resource
from hexi.wire.dcat import writing
from hexi.wire.dcat.model import Catalogue, Column, Dataset, Distribution, License, Paged

pytestmark = pytest.mark.django_db
BY = System("test")
CC = "https://creativecommons.org/licenses/by/4.0/"


def package(n, **said):
    given = {
        "id": f"id-{n:04}", "name": f"set-{n}", "title": f"数据集 {n}", "notes": f"第 {n} 个", "license_id": "cc-by", "license_url": CC,
        "tags": ("水",), "organization": Organization("o", "o", "外省水利厅"),
        "resources": (Resource(f"r{n}", "CSV", f"https://other.cn/{n}.csv", "CSV", "text/csv"),),
        "created": clock.now(), "modified": clock.now(),
    }  # fmt: skip
    return Package(**(given | said)).whole()


class Other:
    """Another portal on a port of this machine: `packages` and `pages` are what it lists; `asked` what it was asked."""

    def __init__(self):
        self.packages, self.pages, self.asked, self.answer, self.delay = [], {}, [], None, 0.0
        other = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                other.asked.append(self.path)
                time.sleep(other.delay)
                status, body = other.answer or other.say(urlsplit(self.path))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def say(self, address):
        if address.path in self.pages:
            return 200, self.pages[address.path]
        given = parse_qs(address.query)
        start, rows = int(given["start"][0]), int(given["rows"][0])
        page = {"count": len(self.packages), "results": self.packages[start : start + rows]}
        return 200, json.dumps(answers.success("h", page)).encode()


@pytest.fixture
def other(monkeypatch):
    monkeypatch.setattr(harvest, "PRIVATE", SimpleNamespace(value=True))
    found = Other()
    yield found
    found.server.shutdown()


def make_source(other, kind="ckan", path="", **said):
    given = {"name": "外省", "url": other.url + path, "kind": kind, "classification": "211003", "by": BY}
    return harvest.add_source(make_provider(), **(given | said))


def run(source):
    return harvest.run(harvest.begin(source, by=BY), by=BY)


def states(source):
    return sorted(source.objects_met.values_list("guid", "state"))


# --- CKAN -------------------------------------------------------------------------------------------------------------
def test_a_ckan_is_taken_in_page_by_page_and_again_only_what_changed(other):
    other.packages = [package(n) for n in range(130)]
    source = make_source(other)
    job = run(source)
    assert (job.state, job.pages, Entry.objects.count()) == (JobState.DONE, 3, 130)
    assert [parse_qs(urlsplit(one).query)["start"] for one in other.asked] == [["0"], ["100"], ["130"]]
    entry = Entry.objects.get(title="数据集 7")
    assert (entry.state, entry.open, entry.license, entry.provider, entry.kind) == (
        State.PUBLISHED,
        True,
        "cc-by-4.0",
        source.provider,
        "none",
    )
    assert entry.code.startswith("211003/")
    assert "来源：外省" in entry.summary
    said = Client().get(f"/api/3/action/package_show?id={entry.slug}").json()["result"]
    assert [(one["url"], one["format"], one["datastore_active"]) for one in said["resources"]] == [
        ("https://other.cn/7.csv", "CSV", False)
    ]
    assert "https://other.cn/7.csv" in Client().get(f"/data/{entry.slug}/").content.decode()
    assert b"https://other.cn/7.csv" in Client().get(f"/dataset/{entry.slug}.ttl").content
    source.refresh_from_db()
    assert source.clean_from == job.started

    other.packages[7] = package(7, title="改名了")
    second = run(source)
    assert second.since == job.started - timedelta(hours=1)
    assert "metadata_modified" in other.asked[-1]
    assert dict(states(source))["id-0007"] == ObjectState.TAKEN
    assert dict(states(source))["id-0008"] == ObjectState.SAME
    entry.refresh_from_db()
    assert (entry.title, Entry.objects.count(), entry.current.number) == ("改名了", 130, 2)


def test_what_is_gone_over_there_is_withdrawn_by_a_run_through_everything(other):
    other.packages = [package(n) for n in range(3)]
    source = make_source(other)
    run(source)
    del other.packages[1]
    HarvestSource.objects.update(clean_from=None)
    source.refresh_from_db()
    run(source)
    assert ("id-0001", "taken") in states(source), "not in one run alone"
    HarvestSource.objects.update(clean_from=None)
    source.refresh_from_db()
    run(source)
    assert states(source) == [("id-0000", "same"), ("id-0001", "gone"), ("id-0002", "same")]
    assert Entry.objects.get(title="数据集 1").state == State.WITHDRAWN
    other.packages.append(package(1))
    run(source)
    assert Entry.objects.filter(title="数据集 1", state=State.PUBLISHED).count() == 1, "it is back again"
    assert states(source)[1] == ("id-0001", "taken")


def test_bad_data_sets_are_kept_with_their_reason_and_stop_nothing(other):
    other.packages = [
        package(1), {"title": "没有名字的"}, {"id": "x", "title": 5}, package(2, title="数据集 1"), package(3, license_id="?", license_url=""),
        package(4, title="长" * 500, tags=tuple(f"词{n}" for n in range(50))), "nonsense", package(5),
    ]  # fmt: skip
    source = make_source(other)
    job = run(source)
    assert job.state == JobState.DONE
    bad = dict(source.objects_met.filter(state=ObjectState.BAD).values_list("guid", "fault"))
    assert set(bad) == {"x", "id-0002", next(guid for guid in bad if guid.startswith("?"))}
    assert "同名" in bad["id-0002"]
    assert all(bad.values())
    unsure = Entry.objects.get(title="数据集 3")
    assert (unsure.open, unsure.license) == (False, ""), "under a licence nobody knows it is not handed on"
    assert Entry.objects.filter(title__startswith="长").get().title == "长" * 200
    source.refresh_from_db()
    assert source.clean_from == job.started, "they do not make every run one through everything"


def test_what_did_not_fit_is_tried_again_though_it_is_not_listed_again(other):
    other.packages = [package(1), package(2, title="数据集 1")]
    source = make_source(other)
    run(source)
    assert states(source) == [("id-0001", "taken"), ("id-0002", "bad")]
    other.packages = []
    source.refresh_from_db()
    assert run(source).since is not None
    assert states(source) == [("id-0001", "taken"), ("id-0002", "bad")]
    entries.withdraw(Entry.objects.get(title="数据集 1"), reason="重复", by=BY)
    source.refresh_from_db()
    assert run(source).state == JobState.DONE
    assert states(source) == [("id-0001", "taken"), ("id-0002", "taken")]
    assert list(Entry.objects.filter(state=State.PUBLISHED).values_list("title", flat=True)) == ["数据集 1"]


def test_what_did_not_fit_and_is_gone_over_there_is_withdrawn_all_the_same(other, monkeypatch):
    """Its trials between are no meeting: two runs through everything that did not list it end it."""
    other.packages = [package(1), package(2)]
    source = make_source(other)
    run(source)
    other.packages[1] = package(2, title="数据集 1")
    monkeypatch.setattr(harvest, "WHOLE_DAYS", -1)
    for listed, state in ((2, "bad"), (1, "bad"), (1, "gone")):
        other.packages = other.packages[:listed]
        source.refresh_from_db()
        assert run(source).since is None
        monkeypatch.setattr(harvest, "WHOLE_DAYS", 7)
        source.refresh_from_db()
        assert run(source).since is not None
        monkeypatch.setattr(harvest, "WHOLE_DAYS", -1)
        assert dict(states(source))["id-0002"] == state
    assert Entry.objects.get(title="数据集 2").state == State.WITHDRAWN


@pytest.mark.parametrize(("answer", "word"), [
    ((502, b"<html>"), "502"), ((200, b"{"), "JSON"), ((200, b'{"success": false, "error": {"message": "closed"}}'), "closed"),
    ((200, b"[" * 200_000), "JSON"), ((301, b""), "301"), ((200, b"x" * 3000), "JSON"),
])  # fmt: skip
def test_an_answer_that_is_none_ends_the_run_with_its_reason(other, answer, word, monkeypatch):
    source = make_source(other)
    other.answer = answer
    job = run(source)
    assert (job.state, Entry.objects.count()) == (JobState.FAILED, 0)
    assert word in job.fault
    other.answer = None
    other.packages = [package(1)]
    assert run(source).state == JobState.DONE, "the next run begins anew"


def test_an_answer_too_long_and_a_list_without_end_are_left(other, monkeypatch):
    monkeypatch.setattr(harvest, "LONGEST", 1000)
    other.packages = [package(n) for n in range(10)]
    source = make_source(other)
    assert "1000" in run(source).fault
    monkeypatch.setattr(harvest, "LONGEST", 1_000_000)
    monkeypatch.setattr(harvest, "MOST_PAGES", 3)
    same = json.dumps(answers.success("h", {"count": 9, "results": [package(1)]})).encode()
    other.answer = (200, same)
    job = run(source)
    assert job.state == JobState.FAILED
    assert "没有尽头" in job.fault
    assert HarvestObject.objects.count() == 1


def test_no_private_address_is_asked(other, monkeypatch):
    monkeypatch.setattr(harvest, "PRIVATE", SimpleNamespace(value=False))
    source = make_source(other)
    job = run(source)
    assert job.state == JobState.FAILED
    assert "127.0.0.1" in job.fault
    assert other.asked == []


def test_two_at_once_do_a_step_once(other):
    other.packages = [package(n) for n in range(3)]
    source = make_source(other)
    job = harvest.begin(source, by=BY)
    assert harvest.begin(source, by=BY) == job
    page = harvest._page(job)
    first, late = HarvestJob.objects.get(pk=job.pk), HarvestJob.objects.get(pk=job.pk)
    harvest._kept(first, page)
    assert harvest._kept(late, page).pages == 1, "whoever comes second keeps nothing"
    harvest.gather(HarvestJob.objects.get(pk=job.pk), by=BY)
    row = source.objects_met.first()
    assert harvest.take_in(row, by=BY).state == ObjectState.TAKEN
    assert harvest.take_in(row, by=BY).state == ObjectState.TAKEN
    assert Entry.objects.count() == 1


# --- DCAT -------------------------------------------------------------------------------------------------------------
def catalogue(other, form, number, last, sets):
    here = f"{other.url}/catalog.{form}"
    paged = Paged(f"{here}?page={number}", 4, 2, next=f"{here}.{number + 1}" if number < last else "")
    return writing.write(
        Catalogue(f"{other.url}/", {"zh": "目"}, {"zh": "录"}, datasets=tuple(sets), paged=paged), form
    )


def data_set(n, **said):
    way = Distribution(f"https://other.cn/{n}.csv", f"https://other.cn/{n}#csv", license=License(CC), format="CSV",
                       columns=(Column("well id", {"zh": "井号"}), Column("2deep", {"zh": "深"}, "decimal", "m")))  # fmt: skip
    given = {
        "title": {"zh": f"井 {n}", "en": f"Wells {n}"},
        "description": {"zh": f"第 {n} 批"},
        "frequency": "daily",
        "distributions": (way,),
    }
    return Dataset(f"https://other.cn/set/{n}", **(given | said))


@pytest.mark.parametrize("form", ["ttl", "jsonld", "rdf"])
def test_a_dcat_catalogue_is_taken_in_page_by_page(other, form):
    other.pages = {
        f"/catalog.{form}": catalogue(other, form, 1, 2, [data_set(1), data_set(2)]),
        f"/catalog.{form}.2": catalogue(other, form, 2, 2, [data_set(3), data_set(4, title={})]),
    }  # fmt: skip
    source = make_source(other, "dcat", f"/catalog.{form}")
    job = run(source)
    assert (job.state, job.pages) == (JobState.DONE, 2)
    assert states(source) == [(f"https://other.cn/set/{n}", "bad" if n == 4 else "taken") for n in range(1, 5)]
    entry = Entry.objects.get(title="井 3")
    assert (entry.title_en, entry.cycle, entry.open, entry.format) == ("Wells 3", "daily", True, "table")
    assert [(one.name, one.title, one.type, one.unit) for one in entry.items.all()] == [
        ("well_id", "井号", "C", ""),
        ("c_2deep", "深", "N", "m"),
    ]
    assert run(source).state == JobState.DONE
    assert Entry.objects.count() == 3


# --- killed -----------------------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("after", [0, 1, 30])
def test_a_run_that_is_killed_goes_on_without_a_double(other, after):
    """`kill -9` while it gathers (nothing taken in yet), and while it takes in."""
    many = 60
    other.packages = [package(n) for n in range(many)]
    source = make_source(other)
    harvest.begin(source, by=BY)
    other.delay = 0.3 if after == 0 else 0.0
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            harvesting.harvest_due()
        finally:
            os._exit(0)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if after == 0 and other.asked:
            break
        if after and HarvestObject.objects.filter(state=ObjectState.TAKEN).count() >= after:
            break
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1]), "it was in the midst"
    other.delay = 0.0
    taken = Entry.objects.count()
    assert taken < many
    assert HarvestJob.objects.get().state in ("gather", "import")
    harvesting.harvest_due()
    assert HarvestJob.objects.get().state == JobState.DONE
    assert Entry.objects.filter(state=State.PUBLISHED).count() == Entry.objects.count() == many
    assert set(source.objects_met.values_list("state", flat=True)) == {"taken"}
    assert len(set(Entry.objects.values_list("code", flat=True))) == many


# --- rights and pages -------------------------------------------------------------------------------------------------
def test_only_who_keeps_the_catalogue_asks_others(other):
    with pytest.raises(Denied):
        make_source(other, by=make_steward())
    source = make_source(other)
    for act in (harvest.want, harvest.end_source, harvest.begin):
        with pytest.raises(Denied):
            act(source, by=make_steward())
    for wrong in (
        {"url": "file:///etc/passwd"},
        {"url": "javascript:x"},
        {"hours": 0},
        {"classification": "x"},
        {"kind": "ftp"},
        {"name": " "},
    ):
        with pytest.raises(ValidationError) as caught:
            make_source(other, **wrong)
        assert set(caught.value.message_dict) == set(wrong)
    with pytest.raises(ValidationError) as caught:
        make_source(other)
    assert "url" in caught.value.message_dict


def test_the_pages(other):
    account = make_official("data_bureau", department=make_provider(), region_code=YUMEN, password="hexi-demo-2026")
    client = Client()
    client.force_login(account)
    given = {
        "name": "外省",
        "kind": "ckan",
        "url": other.url,
        "provider": make_provider_pk(),
        "classification": "211003",
        "hours": 24,
    }
    assert client.post("/work/data/harvest/new/", given | {"url": "x"}).status_code == 422
    assert client.post("/work/data/harvest/new/", given).status_code == 302
    source = HarvestSource.objects.get()
    other.packages = [package(1), {"id": "bad"}]
    assert client.post(f"/work/data/harvest/{source.pk}/ask/").status_code == 302
    drain()
    text = client.get(f"/work/data/harvest/{source.pk}/").content.decode()
    assert "数据集 1" in text
    assert "没有标题" in text
    assert "外省" in client.get("/work/data/harvest/").content.decode()
    assert "数据集 1" in client.get("/data/").content.decode()
    assert client.post(f"/work/data/harvest/{source.pk}/end/").status_code == 302
    assert harvest.begin(HarvestSource.objects.get(), by=BY) is None
    stranger = Client()
    stranger.force_login(make_official("data_steward", department=make_provider(), region_code=YUMEN))
    assert stranger.get("/work/data/harvest/").status_code == 403


def make_provider_pk():
    from hexi.blocks.regions.models import Department

    return Department.objects.get(key="yumen-energy").pk


def test_an_empty_page_in_the_middle_is_a_fault_and_withdraws_nothing(other):
    other.packages = [package(n) for n in range(3)]
    source = make_source(other)
    run(source)
    HarvestSource.objects.update(clean_from=None)
    source.refresh_from_db()
    other.answer = (200, json.dumps(answers.success("h", {"count": 9, "results": []})).encode())
    job = run(source)
    assert (job.state, "9" in job.fault) == (JobState.FAILED, True)
    assert {state for _, state in states(source)} == {"taken"}


def test_half_a_sign_in_a_title_and_a_draft_of_our_own_stop_nobody(other):
    other.packages = [package(0), package(1, title="坏\ud800"), package(2)]
    source = make_source(other)
    assert run(source).state == JobState.DONE
    assert [state for _, state in states(source)].count("taken") >= 2
    entry = Entry.objects.get(title="数据集 0")
    entries.revise(entry, why="自己改", by=make_steward(entry.provider), title="自己的名称")
    other.packages[0] = package(0, title="改名了")
    assert run(source).state == JobState.DONE
    assert dict(states(source))["id-0000"] == ObjectState.BAD
