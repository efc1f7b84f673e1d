"""Rows of others over real connections: PostgreSQL, MariaDB, an HTTP service; watermarks, read-only, deaths on the way."""

import json
import os
import shutil
import socket
import subprocess
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import psycopg
import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.catalog import jobs_loads
from hexi.blocks.catalog.models import Load, LoadState, Source
from hexi.blocks.catalog.operations import loads
from hexi.blocks.catalog.queries import loads as queries
from hexi.blocks.catalog.store import databases, duck, fetching, files, options
from hexi.blocks.catalog.store.databases import Lost, Place, Since
from hexi.blocks.catalog.tests.test_loads import BY, make_source, rows
from hexi.kernel import jobs
from hexi.kernel.options import override

pytestmark = pytest.mark.django_db
MARIADBD = shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin")
NASTY = 'o"dd `name`%s'
TABLE = [(1, "酒泉", "2026-01-31", "12.50"), (2, None, "2026-02-01", "13.25"), (3, "x'y", None, None)]


@pytest.fixture(autouse=True)
def fresh_folder():
    shutil.rmtree(files.folder(), ignore_errors=True)
    duck._counted.cache_clear()


class Server:
    """A database of others: `ask` runs statements as its owner; `place` is where a read-only account reads."""

    def __init__(self, way, place, ask, quote, kill, zone, west):
        self.way, self.place, self.ask, self.quote, self.kill = way, place, ask, quote, kill
        self.zone, self.west = zone, west

    def lives(self, zone):
        """In which time zone it thinks: `west` is five hours behind Greenwich."""
        self.ask(self.zone.format(zone))

    def fill(self, number=3):
        text = "text" if self.way == "postgres" else "varchar(100)"
        self.ask(f"DROP TABLE IF EXISTS {self.quote('out')}")
        name = self.quote(NASTY)
        self.ask(
            f"CREATE TABLE {self.quote('out')} (id bigint PRIMARY KEY, {name} {text}, day date, amount decimal(12,2))"
        )
        for row in TABLE[:number]:
            self.insert(*row)

    def insert(self, *row):
        said = ", ".join("NULL" if cell is None else "'" + str(cell).replace("'", "''") + "'" for cell in row)
        self.ask(f"INSERT INTO {self.quote('out')} VALUES ({said})")


@pytest.fixture(scope="module")
def postgres():
    address = os.environ.get("BENCH_POSTGRES") or "postgres://postgres@127.0.0.1:5432/postgres"
    if os.environ.get("DATABASE_URL", "").startswith("postgres"):
        address = os.environ["DATABASE_URL"]
    name = f"hexi_outside_{os.getpid()}"
    try:
        admin = psycopg.connect(address, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        pytest.skip(f"no PostgreSQL server: {error}")
    admin.execute(f"CREATE DATABASE {name}")
    parts = urlsplit(address)
    owner = psycopg.connect(parts._replace(path=f"/{name}").geturl(), autocommit=True)
    place = Place(
        parts.hostname, parts.port or 5432, name, parts.username or "postgres", "public.out", parts.password or ""
    )

    def kill():
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hexi' AND datname = %s",
            [name],
        )

    yield Server("postgres", place, owner.execute, lambda text: '"' + text.replace('"', '""') + '"', kill,
                 f"ALTER DATABASE {name} SET TimeZone TO {{0}}; SET TimeZone TO {{0}}", "'America/Bogota'")  # fmt: skip
    owner.close()
    admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    admin.close()


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture(scope="module")
def mariadb(tmp_path_factory):
    if MARIADBD is None:
        pytest.skip("mariadb-server is not installed (apt install mariadb-server; CI does)")
    import pymysql

    home, port = tmp_path_factory.mktemp("maria"), free_port()
    # a starting server sweeps the tables another is just using out of a tmpdir they share
    where = ["--no-defaults", f"--datadir={home / 'data'}", f"--tmpdir={home}", "--user=root"]
    install = ["mariadb-install-db", *where, "--auth-root-authentication-method=normal"]
    done = subprocess.run(install, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    command = [
        MARIADBD, *where, f"--port={port}", f"--socket={home / 's'}", "--bind-address=127.0.0.1",
        f"--pid-file={home / 'pid'}", "--skip-log-bin", "--innodb-buffer-pool-size=32M",
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=(home / "log").open("wb"))
    try:
        owner = connected(pymysql, port, process, home)
        with owner.cursor() as cursor:
            cursor.execute("CREATE DATABASE d CHARACTER SET utf8mb4")
            cursor.execute("CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'p w'")
            cursor.execute("GRANT ALL ON d.* TO reader@'127.0.0.1'")  # it could write: the session may not
            cursor.execute("USE d")

        def ask(statement):
            with owner.cursor() as cursor:
                cursor.execute(statement)

        place = Place("127.0.0.1", port, "d", "reader", "out", "p w")
        yield Server("mariadb", place, ask, lambda text: "`" + text.replace("`", "``") + "`", process.kill,
                     "SET GLOBAL time_zone = {0}, SESSION time_zone = {0}", "'-05:00'")  # fmt: skip
    finally:
        process.kill()
        process.wait()


def connected(pymysql, port, process, home):
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            return pymysql.connect(host="127.0.0.1", port=port, user="root", autocommit=True, charset="utf8mb4")
        except pymysql.MySQLError:
            time.sleep(0.2)
    raise RuntimeError((home / "log").read_text()[-1000:])


@pytest.fixture(params=["postgres", "mariadb"])
def server(request):
    found = request.getfixturevalue(request.param)
    found.fill()
    return found


def make_outside(server, **more):
    place = {
        "host": server.place.host,
        "port": server.place.port,
        "database": server.place.database,
        "user": server.place.user,
        "table": server.place.table,
    }
    return make_source(way=server.way, settings=place, secret=server.place.password, **more)


def asked(source):
    """Ask as the job does; the load it made."""
    jobs_loads.ask(source.pk)
    return source.loads.order_by("-pk").first()


def confirmed(source):
    load = asked(source)
    assert load.state == LoadState.SEEN, load.told
    loads.confirm(load, queries.fields_of(load.seen["fields"]), by=BY)
    jobs.drain()
    return Load.objects.get(pk=load.pk)


def test_a_table_is_seen_confirmed_and_loaded(server):
    source = make_outside(server)
    load = confirmed(source)
    assert (load.state, load.rows, load.told) == (LoadState.DONE, 3, "")
    assert [(one["name"], one["type"]) for one in load.version.fields] == [
        ("id", "I"),
        (NASTY, "C"),
        ("day", "D"),
        ("amount", "Y"),
    ]
    assert [(row[0], row[1], row[2] and row[2].isoformat(), row[3] and str(row[3])) for row in rows(source)] == [
        (1, "酒泉", "2026-01-31", "12.5000"), (2, None, "2026-02-01", "13.2500"), (3, "x'y", None, None),
    ]  # fmt: skip


def test_rows_from_the_watermark_on_replace_those_of_their_key(server):
    source = make_outside(server, key=["id"], watermark="id")
    confirmed(source)
    assert Source.objects.get(pk=source.pk).mark == "3"
    server.ask(f"UPDATE {server.quote('out')} SET amount = 99 WHERE id = 3")
    server.insert(4, "新", "2026-03-01", "1")
    assert asked(source).state == LoadState.DONE
    found = {row[0]: row[3] and int(row[3]) for row in rows(source)}
    assert found == {1: 12, 2: 13, 3: 99, 4: 1}
    assert source.entry.versions.get(current=True).rows == 4
    assert Source.objects.get(pk=source.pk).mark == "4"


def test_rows_after_the_watermark_are_added_and_nothing_new_is_told(server):
    source = make_outside(server, watermark="id")
    confirmed(source)
    assert asked(source).state == LoadState.SAME
    server.insert(9, "新", None, None)
    assert asked(source).rows == 1
    assert sorted(row[0] for row in rows(source)) == [1, 2, 3, 9]
    assert source.entry.versions.count() == 2


def test_moments_of_a_server_in_another_time_zone_are_read_and_asked_for_in_ours(server):
    """A mark without its zone, read by a server west of us, would be a later moment: the rows between would be lost."""
    kind = "timestamptz" if server.way == "postgres" else "timestamp"
    server.ask(f"DROP TABLE {server.quote('out')}")
    server.ask(f"CREATE TABLE {server.quote('out')} (id bigint, seen {kind})")
    try:
        server.lives(server.west)
        source = make_outside(server, watermark="seen")
        for number, when in ((1, "2026-01-31 19:00:00"), (2, "2026-01-31 20:00:00")):
            server.insert(number, when)
            load = asked(source) if number > 1 else confirmed(source)
            assert (load.state, load.rows) == (LoadState.DONE, 1)
    finally:
        server.lives("DEFAULT")
    assert [row[1].isoformat() for row in rows(source)] == ["2026-02-01T09:00:00", "2026-02-01T08:00:00"]


def test_a_changed_table_is_refused_in_words(server):
    source = make_outside(server)
    confirmed(source)
    server.ask(f"ALTER TABLE {server.quote('out')} ADD COLUMN extra bigint")
    load = asked(source)
    assert (load.state, "多了列“extra”" in load.told) == (LoadState.REFUSED, True)
    assert len(rows(source)) == 3


def test_the_session_cannot_write(server):
    with databases.opened(server.way, server.place) as table:
        connection = table.lines.gi_frame  # only to hold the table open
        assert connection is not None
        assert len(list(table.lines)) == 3
    writer = {"postgres": postgres_write, "mariadb": mariadb_write}[server.way]
    assert "read" in writer(server).lower()


def postgres_write(server):
    place = server.place
    options = "-c default_transaction_read_only=on"
    with psycopg.connect(
        host=place.host,
        port=place.port,
        dbname=place.database,
        user=place.user,
        password=place.password,
        options=options,
    ) as one:
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction) as caught:
            one.execute('DELETE FROM "out"')
        return str(caught.value)


def mariadb_write(server):
    import pymysql

    place = server.place
    one = pymysql.connect(
        host=place.host,
        port=place.port,
        database=place.database,
        user=place.user,
        password=place.password,
        init_command=databases.READ_ONLY,
    )
    with one.cursor() as cursor, pytest.raises(pymysql.MySQLError) as caught:
        cursor.execute("DELETE FROM `out`")
    one.close()
    return str(caught.value)


@pytest.mark.parametrize(
    ("change", "told"),
    [({"table": "nowhere"}, "没有表"), ({"table": "a; DROP TABLE out"}, "没有表"), ({"user": "stranger", "password": "x"}, ""), ({"port": 1}, "")],
)  # fmt: skip
def test_a_place_that_does_not_answer_is_told(server, change, told):
    place = Place(**{**vars(server.place), **change})
    with pytest.raises((Lost, ValidationError)) as caught, databases.opened(server.way, place) as table:
        list(table.lines)
    assert told in str(caught.value)
    with databases.opened(server.way, server.place) as table:
        assert len(list(table.lines)) == 3


def test_neither_hexis_own_database_nor_its_own_password_is_used(request, tmp_path, monkeypatch):
    server = request.getfixturevalue("postgres")
    server.fill()
    known = tmp_path / "pgpass"
    known.write_text("*:*:*:*:house\n")
    known.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(known))
    monkeypatch.setenv("PGPASSWORD", "house")
    used, connect = [], psycopg.connect

    def watched(**given):
        connection = connect(**given)
        used.append(connection.pgconn.password)
        return connection

    monkeypatch.setattr(psycopg, "connect", watched)
    with databases.opened("postgres", Place(**{**vars(server.place), "password": ""})):
        assert used == [b""]
    with connect(host=server.place.host, port=server.place.port, dbname=server.place.database, user=server.place.user,
                 password=server.place.password) as one:  # fmt: skip
        mine = one.execute(databases._WHO).fetchone()
    monkeypatch.setattr(databases, "_own", lambda: mine)
    monkeypatch.setattr(databases, "own", SimpleNamespace(vendor="postgresql"))
    with pytest.raises(ValidationError, match="自己的数据库"), databases.opened("postgres", server.place):
        pass


def test_a_watermark_that_is_no_column_is_told(server):
    with (
        pytest.raises(ValidationError, match="没有列"),
        databases.opened(server.way, server.place, Since("x", "1", False)),
    ):
        pass


def crowd(server):
    """Enough rows that the server has not sent them all when it dies."""
    wide = "x" * 90
    for start in range(0, 300_000, 10_000):
        values = ", ".join(f"({n}, '{wide}', NULL, NULL)" for n in range(start + 10, start + 10_010))
        server.ask(f"INSERT INTO {server.quote('out')} VALUES {values}")


@pytest.mark.parametrize("name", ["postgres", "mariadb"])  # the last of this module: the server is gone afterwards
def test_a_database_that_dies_in_mid_load_leaves_the_old_version(name, request, monkeypatch):
    server = request.getfixturevalue(name)
    server.fill()
    source = make_outside(server, most_bad=500)
    confirmed(source)
    crowd(server)
    real, pieces = loads.loading.load, []

    def dying(table, fields, path, *, told, **more):
        def then(outcome):
            pieces.append(outcome.rows)
            if len(pieces) == 2:
                server.kill()
                time.sleep(0.5)
            told(outcome)

        return real(table, fields, path, told=then, **more)

    monkeypatch.setattr(loads.loading, "load", dying)
    load = asked(source)
    assert (load.state, load.version) == (LoadState.FAILED, None)
    assert load.told != ""
    assert 2 <= len(pieces) < 15
    assert len(rows(source)) == 3
    assert sorted(one.name for one in files.place(source.entry.code, 1).parent.iterdir()) == ["1.parquet", "lock"]


# --- services ---------------------------------------------------------------------------------------------------------
ROWS = [{"station": "001", "power": 1.5}, {"station": "002", "power": 2}]


@contextmanager
def service(answer):
    """An HTTP server; `answer(path, headers)` gives status, headers and body."""
    heard = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            heard.append((self.path, dict(self.headers)))
            status, headers, body = answer(self.path)
            self.send_response(status)
            for key, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with override(options.PRIVATE, True):
            yield f"http://127.0.0.1:{server.server_port}/rows", heard
    finally:
        server.shutdown()
        server.server_close()


def test_a_service_is_asked_with_its_token_and_loaded_when_it_has_something_new():
    body = [json.dumps({"data": {"items": ROWS}}).encode()]
    with service(lambda path: (200, {}, body[0])) as (url, heard):
        source = make_source(way="http", settings={"url": url, "inside": "data.items"}, secret="t0ken", minutes=5)
        load = confirmed(source)
        assert (load.state, load.rows) == (LoadState.DONE, 2)
        assert heard[0][1]["authorization"] == "Bearer t0ken"
        assert asked(source).state == LoadState.SAME
        body[0] = json.dumps({"data": {"items": [*ROWS, {"station": "003", "power": 3}]}}).encode()
        Source.objects.update(asked_at=None)
        jobs_loads.sweep()
        jobs.drain()
        assert len(rows(source)) == 3
        assert list(queries.incoming().glob("*")) == []


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((404, {}, b"no"), "HTTP 404"), ((302, {"Location": "http://127.0.0.1/x"}, b""), "HTTP 302"),
        ((200, {}, b"\0garbage\xff" * 9), "不是文本"), ((200, {}, b'{"data": '), "不是完整的 JSON"), ((200, {}, b""), "空的"),
        ((200, {"Content-Length": "5000"}, b"a,b\n1,2\n"), "断"), ((200, {"Content-Length": "30000000"}, b"a" * 50), "断"),
        ((200, {}, b"<html><body>Error</body></html>"), "没有数据"),
    ],
)  # fmt: skip
def test_garbage_of_a_service_is_told_and_the_old_version_stays(answer, told):
    now = [(200, {}, json.dumps(ROWS).encode())]
    with service(lambda path: now[0]) as (url, _heard):
        source = make_source(way="http", settings={"url": url})
        confirmed(source)
        now[0] = answer
        load = asked(source)
        assert (load.state, told in load.told) == (LoadState.FAILED, True), load.told
        assert len(rows(source)) == 2
        assert list(queries.incoming().glob("*")) == []


def test_a_token_is_not_sent_in_clear(tmp_path):
    with pytest.raises(Lost, match="只经 https"):
        fetching.fetch("http://192.0.2.1/rows", tmp_path / "out", token="t0ken")


def test_an_answer_too_long_is_not_taken(tmp_path):
    large = service(lambda path: (200, {}, b"x" * 3_000_000))
    with large as (url, _heard), override(options.BYTES, 1_000_000), pytest.raises(Lost, match="超过"):
        fetching.fetch(url, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/",
        "http://[::1]/",
        "http://169.254.169.254/latest/meta-data",
        "http://localhost/",
        "file:///etc/passwd",
    ],
)
def test_places_inside_are_refused(url, tmp_path):
    with pytest.raises(Lost):
        fetching.fetch(url, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_is_due_is_asked_and_one_that_is_not_is_left():
    source = make_source(way="http", settings={"url": "http://127.0.0.1:1/"}, minutes=60)
    jobs_loads.sweep()
    assert source.loads.get().state == LoadState.FAILED
    jobs_loads.sweep()
    assert source.loads.count() == 1
    assert Path(queries.incoming()).exists()
