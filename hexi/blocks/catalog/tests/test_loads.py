"""Sources and loads: files handed in, confirmed, loaded whole or not at all; versions; the watched folder."""

import io
import os
import shutil
import subprocess
import sys
import time
import uuid
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.catalog import jobs_loads
from hexi.blocks.catalog.models import Load, LoadState, Rows, Source
from hexi.blocks.catalog.operations import loads, placing, versions
from hexi.blocks.catalog.queries import loads as queries
from hexi.blocks.catalog.queries import opened, portal
from hexi.blocks.catalog.store import duck, engine, files
from hexi.blocks.catalog.store.checking import Field
from hexi.blocks.catalog.store.grammar import Query
from hexi.blocks.catalog.tests.make import ITEMS, make_entry, make_provider, make_steward
from hexi.kernel import clock, jobs
from hexi.kernel.actors import Denied, System

pytestmark = pytest.mark.django_db
BY = System("test")
CSV = "station,day,power\n001,2026-01-31,12.5\n002,2026-02-01,13\n"


@pytest.fixture(autouse=True)
def fresh_folder():
    """What another test left; its codes come again, and versions never change under a name."""
    shutil.rmtree(files.folder(), ignore_errors=True)
    duck._counted.cache_clear()
    duck._remembered.cache_clear()


def make_source(items=ITEMS, **more):
    """A published entry whose rows come from files."""
    entry = make_entry(title=f"风电 {uuid.uuid4().hex[:6]}", items=items)
    return placing.set_source(entry, **{"way": "file", "by": BY, **more})


def hand_in(source, text=CSV, name="rows.csv", **more):
    return loads.hand_in(source, io.BytesIO(text.encode()), name, **{"by": BY, **more})


def make_loaded(text=CSV, **more):
    """A source with its first version."""
    source = make_source(**more)
    load = hand_in(source, text)
    loads.confirm(load, queries.fields_of(load.seen["fields"]), by=BY)
    jobs.drain()
    return Source.objects.get(pk=source.pk)


def rows(source):
    return engine.rows(queries.rows_of(source.entry), Query()).rows


def test_a_file_is_seen_confirmed_and_loaded():
    source = make_source()
    load = hand_in(source)
    assert (load.state, load.seen["rows"][0]) == (LoadState.SEEN, ["001", "2026-01-31", "12.5"])
    assert [(one["name"], one["type"]) for one in load.seen["fields"]] == [
        ("station", "C"),
        ("day", "D"),
        ("power", "N"),
    ]
    loads.confirm(load, queries.fields_of(load.seen["fields"]), by=BY)
    assert queries.rows_of(source.entry) is None
    jobs.drain()
    load.refresh_from_db()
    assert (load.state, load.rows, load.bad) == (LoadState.DONE, 2, 0)
    assert (load.version.number, load.version.rows, load.version.current) == (1, 2, True)
    assert [row[0] for row in rows(source)] == ["001", "002"]
    source.entry.refresh_from_db()
    assert source.entry.refreshed is not None
    assert list(queries.incoming().glob("*")) == []


def test_the_next_file_with_the_same_columns_is_loaded_at_once():
    source = make_loaded()
    load = hand_in(source, "day,station,power\n2026-03-01,003,1\n")
    assert load.state == LoadState.WAITING
    jobs.drain()
    assert [row[0] for row in rows(source)] == ["003"]
    assert list(source.entry.versions.order_by("number").values_list("number", "current")) == [(1, False), (2, True)]


def test_changed_columns_wait_for_somebody_who_is_told_in_words():
    source = make_loaded()
    load = hand_in(source, "station,day,wind\n003,2026-03-01,1\n")
    assert (load.state, load.seen["changes"]) == (LoadState.SEEN, ["少了列“power”", "多了列“wind”"])
    assert len(rows(source)) == 2


def test_too_many_bad_rows_are_refused_and_told():
    source = make_loaded(most_bad=400)
    load = hand_in(source, CSV + "003,31/31/2026,x\n")
    jobs.drain()
    load.refresh_from_db()
    assert (load.state, load.rows, load.bad) == (LoadState.DONE, 2, 1)
    assert list(load.bads.values_list("line", "column", "value", "reason")) == [(4, "day", "31/31/2026", "D")]
    Source.objects.update(most_bad=0)
    load = hand_in(source, CSV + "003,31/31/2026,x\n")
    jobs.drain()
    load.refresh_from_db()
    assert (load.state, load.version, load.bads.count()) == (LoadState.REFUSED, None, 1)
    assert "3 行里有 1 行有误" in load.told
    assert source.entry.versions.get(current=True).number == 2


def test_sent_twice_it_stands_once():
    source, once = make_source(), uuid.uuid4()
    assert hand_in(source, once=once).pk == hand_in(source, once=once).pk
    assert Load.objects.count() == 1
    with pytest.raises(ValidationError, match="正在装载"):
        hand_in(source)
    assert len(list(queries.incoming().glob("*"))) == 1
    loads.drop(Load.objects.get(), by=BY)
    assert list(queries.incoming().glob("*")) == []


def test_a_file_that_cannot_be_read_leaves_nothing():
    source = make_source()
    with pytest.raises(ValidationError):
        hand_in(source, "\0\0\0")
    assert (Load.objects.count(), list(queries.incoming().glob("*"))) == (0, [])


def test_a_type_that_somebody_chose_holds():
    source = make_source()
    load = hand_in(source, "code,n\n620902,1\n")
    loads.confirm(load, [Field("code", "C", 12, True), Field("n", "Y")], by=BY)
    jobs.drain()
    assert rows(source)[0][0] == "620902"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [([Field("station")], "不同"), ([Field("station"), Field("day", "X"), Field("power")], "类型"), ([Field("station", "C", 0), Field("day"), Field("power")], "长度")],
)  # fmt: skip
def test_what_is_confirmed_must_fit(fields, sentence):
    load = hand_in(make_source())
    with pytest.raises(ValidationError, match=sentence):
        loads.confirm(load, fields, by=BY)


def test_columns_called_as_items_are_titled_are_those_items():
    """Offices write Chinese heads over what the catalogue names in ASCII; grants and the portal go by the names."""
    source = make_loaded("站点, 日期 ,Electricity,别的\n001,2026-01-31,12.5,x\n", watermark="日期", key=["站点"])
    assert [one["name"] for one in source.fields] == ["station", "day", "power", "别的"]
    assert [one.name for one in opened.items_of(portal.open_entry(source.entry.slug))] == ["station", "day", "power"]
    load = hand_in(source, "别的,Electricity,日期,station\nx,13,2026-02-01,001\n")
    jobs.drain()
    load.refresh_from_db()
    assert (load.state, [row[:3] for row in rows(source)]) == (LoadState.DONE, [("001", date(2026, 2, 1), 13.0)])
    both = make_loaded("站点,station,day,power\na,001,2026-01-31,1\n")
    assert [one["name"] for one in both.fields] == ["站点", "station", "day", "power"]


def test_a_title_that_is_itself_a_column_of_the_file_is_that_column():
    """A file with both 站点 and station keeps both; rows are replaced by the one the source says."""
    source = make_loaded(
        "站点,station,day,power\na,001,2026-01-31,1\nb,001,2026-01-31,2\n", watermark="day", key=["站点"]
    )
    hand_in(source, "站点,station,day,power\na,001,2026-02-01,3\n")
    jobs.drain()
    assert sorted((row[0], row[3]) for row in rows(source)) == [("a", 3.0), ("b", 2.0)]
    late = make_loaded("日期,day,power\n2026-01-31,2026-03-01,1\n", watermark="日期")
    assert late.mark == "2026-01-31"


# --- what is added ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("watermark", "newer"), [("day", "003,2026-02-02,14"), ("power", "003,2026-02-01,13.5"), ("station", "003,,")]
)
def test_a_file_that_holds_the_rows_before_as_well_adds_only_those_beyond_the_mark(watermark, newer):
    source = make_loaded(watermark=watermark)
    load = hand_in(source, f"{CSV}{newer}\n")
    jobs.drain()
    load.refresh_from_db()
    assert (load.state, load.rows, load.version.rows) == (LoadState.DONE, 1, 3)
    assert sorted(row[0] for row in rows(source)) == ["001", "002", "003"]
    again = hand_in(source, f"{CSV}{newer}\n")
    jobs.drain()
    again.refresh_from_db()
    assert (again.state, again.rows, len(rows(source))) == (LoadState.SAME, 0, 3)


def test_rows_that_were_there_count_among_those_of_which_few_may_be_bad():
    many = "".join(f"{number:03},2026-01-31,1\n" for number in range(1, 100))
    source = make_loaded(f"station,day,power\n{many}", watermark="station", most_bad=10)
    load = hand_in(source, f"station,day,power\n{many}x,?,1\n999,2026-02-01,1\n")
    jobs.drain()
    load.refresh_from_db()
    assert (load.state, load.rows, load.bad, load.told) == (LoadState.DONE, 1, 1, "")


def test_a_file_under_a_key_replaces_rows_however_old():
    source = make_loaded(watermark="day", key=["station"])
    hand_in(source, "station,day,power\n001,2026-01-31,99\n")
    jobs.drain()
    assert sorted((row[0], row[2]) for row in rows(source)) == [("001", 99.0), ("002", 13.0)]


def test_back_to_an_older_version_and_forward_again():
    source = make_loaded()
    hand_in(source, "station,day,power\n009,2026-03-01,1\n")
    jobs.drain()
    first, second = source.entry.versions.order_by("number")
    versions.use(first, by=BY)
    assert [row[0] for row in rows(source)] == ["001", "002"]
    versions.use(second, by=BY)
    assert [row[0] for row in rows(source)] == ["009"]
    files.place(source.entry.code, 1).unlink()
    with pytest.raises(ValidationError, match="读不出"):
        versions.use(first, by=BY)


def test_rights():
    other = make_steward(make_provider("other", name="别的局"))
    source = make_source()
    load = hand_in(source)
    for act in (
        lambda: hand_in(source, by=other), lambda: loads.confirm(load, [], by=other), lambda: loads.drop(load, by=other),
        lambda: placing.set_source(source.entry, way="file", by=other), lambda: loads.want(source, by=other),
        lambda: loads.ask(source, by=other),
    ):  # fmt: skip
        with pytest.raises(Denied):
            act()
    own = make_steward(source.entry.provider)
    with pytest.raises(Denied):  # the network is for who keeps the catalogue
        placing.set_source(source.entry, way="http", settings={"url": "https://a.example"}, by=own)
    assert list(queries.sources(own)) == [source]
    assert (list(queries.sources(other)), list(queries.loads(other))) == ([], [])


def test_a_secret_is_sealed_and_not_sent_to_another_place():
    place = {"host": "db", "database": "d", "user": "u", "table": "t"}
    source = make_source(way="postgres", settings=place, secret="s3cret")
    assert "s3cret" not in source.secret
    assert loads._secret(source) == "s3cret"
    source = placing.set_source(source.entry, way="postgres", settings=place, by=BY)
    assert loads._secret(source) == "s3cret"
    source = placing.set_source(source.entry, way="postgres", settings={**place, "host": "evil"}, by=BY)
    assert loads._secret(source) == ""


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"way": "fax"}, "way"), ({"way": "http", "settings": {"url": "ftp://a"}}, "url"), ({"most_bad": 501}, "most_bad"),
        ({"minutes": 1}, "minutes"), ({"key": ["a"]}, "watermark"),
        ({"way": "postgres", "settings": {"host": "", "database": "d", "user": "u", "table": "t"}}, "host"),
        *(({"way": "postgres", "settings": {"host": host, "database": "d", "user": "u", "table": "t"}}, "host")
          for host in ("/run", "127.0.0.9,/var/run/postgresql", "127.0.0.9,", "@abstract", "h x")),
        ({"way": "http", "settings": {"url": "https://user:pw@host/rows"}}, "url"),
        ({"way": "http", "settings": {"url": "https://host/rows?a=1&Token=s3cret"}}, "url"),
        ({"way": "mariadb", "settings": {"host": "h", "port": "99999", "database": "d", "user": "u", "table": "t"}}, "port"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_source_is_named(said, field):
    with pytest.raises(ValidationError) as caught:
        make_source(**said)
    assert list(caught.value.message_dict) == [field]


def test_own_tables_are_no_source_and_have_rows():
    entry = make_entry(title="只有目录", kind=Rows.NONE)
    with pytest.raises(ValidationError, match="不是装载来的"):
        placing.set_source(entry, way="file", by=BY)


# --- the watched folder -----------------------------------------------------------------------------------------------
def drop(source, text, name="rows.csv", age=60):
    home = queries.drop_folder() / source.entry.slug
    home.mkdir(parents=True, exist_ok=True)
    path = home / name
    path.write_text(text)
    then = time.time() - age
    os.utime(path, (then, then))
    return path


def test_a_file_put_into_the_folder_is_loaded_once_it_lies_still():
    source = make_loaded()
    path = drop(source, "station,day,power\n007,2026-03-01,1\n", age=0)
    jobs_loads.sweep()
    assert path.exists()
    drop(source, "station,day,power\n007,2026-03-01,1\n")
    jobs_loads.sweep()
    jobs.drain()
    assert not path.exists()
    assert [row[0] for row in rows(source)] == ["007"]


def test_a_file_that_cannot_be_read_is_put_aside_and_told():
    source = make_loaded()
    path = drop(source, "\0\0")
    jobs_loads.sweep()
    assert sorted(one.name for one in path.parent.iterdir()) == ["rows.csv.refused"]
    assert (source.loads.order_by("-pk").first().state, source.loads.order_by("-pk").first().name) == (
        LoadState.REFUSED,
        "rows.csv",
    )
    jobs_loads.sweep()
    assert source.loads.count() == 2


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    source = make_loaded()
    secret = tmp_path / "secret.csv"
    secret.write_text(CSV)
    home = queries.drop_folder() / source.entry.slug
    home.mkdir(parents=True, exist_ok=True)
    (home / "link.csv").symlink_to(secret)
    assert jobs_loads.still(home) == []


# --- workers that die -------------------------------------------------------------------------------------------------
def test_a_load_whose_worker_died_is_taken_up_and_given_up_after_three_tries():
    source = make_loaded()
    load = hand_in(source)
    long_ago = clock.now() - timedelta(hours=1)
    Load.objects.filter(pk=load.pk).update(state=LoadState.RUNNING, beat_at=long_ago, tries=1)
    jobs_loads.sweep()
    load.refresh_from_db()
    assert (load.state, load.tries, source.entry.versions.count()) == (LoadState.DONE, 2, 2)
    again = hand_in(source)
    Load.objects.filter(pk=again.pk).update(state=LoadState.RUNNING, beat_at=long_ago, tries=3)
    jobs_loads.sweep()
    again.refresh_from_db()
    assert (again.state, source.entry.versions.count()) == (LoadState.FAILED, 2)


def test_a_load_that_goes_on_is_left_alone():
    source = make_loaded()
    load = hand_in(source)
    Load.objects.filter(pk=load.pk).update(state=LoadState.RUNNING, beat_at=clock.now(), tries=1)
    assert loads.run(load, by=BY).state == LoadState.RUNNING
    assert source.entry.versions.count() == 1


def test_a_slow_worker_keeps_its_load_however_often_it_is_taken_for_dead():
    source = make_loaded()
    load = hand_in(source)
    with files.locked(files.place(source.entry.code, 1).parent):  # the slow one, in the midst of it
        for _number in range(4):
            Load.objects.filter(pk=load.pk).update(state=LoadState.RUNNING, beat_at=clock.now() - timedelta(hours=1))
            jobs_loads.sweep()
            load.refresh_from_db()
            assert (load.state, clock.now() - load.beat_at < timedelta(minutes=5)) == (LoadState.RUNNING, True)
        assert (queries.incoming() / load.file).exists()
    Load.objects.filter(pk=load.pk).update(state=LoadState.RUNNING, beat_at=clock.now() - timedelta(hours=1))
    jobs_loads.sweep()
    load.refresh_from_db()
    assert (load.state, source.entry.versions.count()) == (LoadState.DONE, 2)


def test_one_whose_load_was_taken_over_neither_ends_it_nor_takes_its_file():
    load = hand_in(make_loaded())
    assert load.state == LoadState.WAITING  # again, by whoever took it over
    loads._ended(load, LoadState.REFUSED, "x", BY)
    load.refresh_from_db()
    assert (load.state, load.told, (queries.incoming() / load.file).exists()) == (LoadState.WAITING, "", True)


def test_nobody_writes_between_the_file_and_its_version(monkeypatch):
    source = make_loaded()
    load, done = hand_in(source), loads._done
    busy = []

    def watched(*args):
        with pytest.raises(files.Busy), files.locked(files.place(source.entry.code, 1).parent):
            pass
        busy.append(True)
        return done(*args)

    monkeypatch.setattr(loads, "_done", watched)
    assert (loads.run(load, by=BY).state, busy) == (LoadState.DONE, [True])


@pytest.mark.parametrize("text", [CSV, "station,day,power\n001,x,y\n"])
def test_raw_rows_are_kept_no_longer_than_a_load_waits(text):
    load = hand_in(make_loaded(), text)
    assert load.seen["rows"]
    jobs.drain()
    load.refresh_from_db()
    assert (load.seen["rows"], bool(load.seen["fields"])) == ([], True)
    other = hand_in(make_source())
    loads.drop(other, by=BY)
    other.refresh_from_db()
    assert other.seen["rows"] == []


def test_a_full_disk_leaves_the_old_version(monkeypatch):
    source = make_loaded()
    load = hand_in(source)
    monkeypatch.setattr(files, "SPARE", 10**18)
    loads.run(load, by=BY)
    load.refresh_from_db()
    assert (load.state, "磁盘满了" in load.told) == (LoadState.FAILED, True)
    assert [row[0] for row in rows(source)] == ["001", "002"]


KILLED = """
import sys, time
import django
django.setup()
from pathlib import Path
from hexi.blocks.catalog.store import files, loading, reading
from hexi.blocks.catalog.store.checking import Field
files.folder = lambda: Path(sys.argv[1])
def told(outcome):
    print(outcome.rows, flush=True)
    time.sleep(0.2)
with reading.opened(Path(sys.argv[2])) as table:
    with files.locked(Path(sys.argv[3]).parent):
        loading.load(table, [Field("a", "I")], Path(sys.argv[3]), most_bad=0, told=told)
"""


def test_killed_in_mid_load_nothing_is_left_but_a_piece_the_next_sweeps(tmp_path):
    """`kill -9` while rows are written: the old version stands, the lock is free, the piece is swept."""
    rows_file, home = tmp_path / "rows.csv", tmp_path / "versions"
    rows_file.write_text("a\n" + "".join(f"{n}\n" for n in range(400_000)))
    home.mkdir()
    (home / "1.parquet").write_bytes(b"old")
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "hexi.site.settings"}
    command = [sys.executable, "-c", KILLED, str(tmp_path), str(rows_file), str(home / "2.parquet")]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
        for _number in range(8):
            process.stdout.readline()
        process.kill()
    assert {one.name for one in home.iterdir()} == {"1.parquet", "2.part", "lock"}
    with files.locked(home):
        assert files.write(home / "2.parquet", [Field("a", "I").column], [[[1, 2]]])[0] == 2
    assert {one.name for one in home.iterdir()} == {"1.parquet", "2.parquet", "lock"}
