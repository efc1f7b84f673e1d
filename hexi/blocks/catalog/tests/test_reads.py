"""How often data sets are read: signed calls and everybody's readings, counted without slowing a page; measured."""

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.test import Client

from hexi.blocks.catalog import describing, jobs
from hexi.blocks.catalog.models import Quality, ReadCount, ReadWay
from hexi.blocks.catalog.operations import counting, fetching, measuring
from hexi.blocks.catalog.queries import portal, reads
from hexi.blocks.catalog.tests.make import ITEMS, make_entry
from hexi.blocks.catalog.tests.make_exchange import BY, make_grant, make_log, make_subsystem
from hexi.blocks.catalog.tests.make_rows import fresh_folder, make_rows
from hexi.blocks.catalog.tests.test_entries import at_once
from hexi.kernel import clock

pytestmark = pytest.mark.django_db
ROWS = "station,day,power\n甲,2026-01-01,3\n"


@pytest.fixture(autouse=True)
def nothing_counted():
    counting._take()
    yield
    counting._take()


@pytest.fixture
def entry():
    fresh_folder()
    made = make_entry(items=ITEMS[:3])
    make_rows(made, ROWS)
    return made


def kept(entry):
    return {(one.way, one.day): one.count for one in ReadCount.objects.filter(entry=entry)}


def body(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_pages_files_and_answers_are_counted_each_by_its_way(entry):
    base, client = f"/data/{entry.slug}/", Client()
    resource = describing.resource_id(portal.open_entry(entry.slug), "csv")
    for path in (
        base, f"{base}chart/?by=station", f"{base}rows.csv", f"{base}rows.json", f"{base}rows.xlsx",
        f"/api/3/action/datastore_search?resource_id={resource}",
    ):  # fmt: skip
        body(client.get(path))
    for path in (
        f"{base}rows.exe",
        f"{base}chart/?by=nobody",
        "/data/nothing/",
        "/api/3/action/datastore_search?resource_id=x",
    ):
        client.get(path)
    assert kept(entry) == {}
    assert counting.write() == 6
    today = clock.today()
    assert kept(entry) == {("page", today): 2, ("file", today): 3, ("api", today): 1}
    assert counting.write() == 0
    body(client.get(f"{base}rows.csv"))
    counting.write()
    assert kept(entry)["file", today] == 4
    assert reads.opened(clock.now()) == {entry.pk: 7}
    assert reads.by_way(entry, clock.now()) == {"page": 2, "file": 4, "api": 1}
    with clock.told_at(clock.now() + timedelta(days=40)):
        assert reads.opened(clock.now() - timedelta(days=30)) == {}


def test_written_down_after_the_answer_once_it_is_time(entry, monkeypatch):
    response = Client().get(f"/data/{entry.slug}/rows.csv")
    body(response)
    assert response._resource_closers == []
    monkeypatch.setattr(counting, "EVERY", 0.0)
    written = []
    monkeypatch.setattr(counting, "write", lambda: written.append(1))
    response = Client().get(f"/data/{entry.slug}/rows.csv")
    assert written == []
    body(response)
    response.close()
    assert written == [1]


def test_what_cannot_be_written_is_kept_and_what_is_gone_left_out(entry, monkeypatch):
    gone = make_entry(title="走了")
    counting.read(entry, ReadWay.PAGE)
    counting.read(gone, ReadWay.PAGE)
    plain = counting._write

    def broken(taken):
        raise DatabaseError("locked")

    monkeypatch.setattr(counting, "_write", broken)
    assert counting.write() == 0
    monkeypatch.setattr(counting, "_write", plain)
    gone.pk = 10**9
    counting.read(gone, ReadWay.FILE)
    assert counting.write() == 2
    assert kept(entry) == {("page", clock.today()): 1}


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_processes_lose_no_reading():
    made = make_entry()
    key = (made.pk, clock.today(), "page")
    answers = at_once(lambda: counting._write({key: 3}), lambda: counting._write({key: 4}))
    assert sorted(answers) == [3, 4]
    assert ReadCount.objects.get(entry=made).count == 7


def test_signed_calls_count_inside_and_through_the_gateway(entry):
    given = make_grant(entry)
    fetching.fetch(given, {}, by=BY)
    fetching.fetch(given, {}, by=BY)
    through = make_grant(entry, make_subsystem())
    make_log(3, stream="provider-x", grant=through.pk)
    make_log(2, stream="provider-y")  # an address: of no data set
    assert reads.granted(clock.now() - timedelta(days=30)) == {entry.pk: 5}
    with clock.told_at(clock.now() + timedelta(days=31)):
        assert reads.granted(clock.now() - timedelta(days=30)) == {}


def test_what_is_read_more_is_better_used(entry):
    idle = make_entry(title="没人看的")
    before = measuring.uses_of_all(clock.now())
    assert before[entry.pk] == before[idle.pk] == 1, "both are open: one use each"
    fetching.fetch(make_grant(entry), {}, by=BY)
    body(Client().get(f"/data/{entry.slug}/"))
    counting.write()
    uses = measuring.uses_of_all(clock.now())
    assert (uses[entry.pk], uses[idle.pk]) == (4, 1), "the portal, a grant, a call of it, a page"
    jobs.measure()
    found = {one.entry_id: one for one in Quality.objects.all()}
    assert (found[entry.pk].used, found[entry.pk].uses) == (100, 4)
    assert found[idle.pk].used < 50
