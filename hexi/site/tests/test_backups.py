"""Backup and restore: everything comes back, taken while others write; what is damaged or foreign is refused."""

import json
import stat
import subprocess
import sys
import tarfile
import threading
from contextlib import closing

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import override_settings

from hexi.blocks.certificates import keys
from hexi.blocks.documents import operations as documents
from hexi.blocks.documents.models import Document
from hexi.blocks.documents.tests.make import make_image
from hexi.blocks.people.tests.make import acting, make_citizen
from hexi.site.tests.running import ROOT, database_address, environment

pytestmark = pytest.mark.django_db(transaction=True)
#: what an installation holds: its documents with their contents, and what is wrong with its log
HELD = """
import django, hashlib, json
django.setup()
from hexi.blocks.audit import queries as audit
from hexi.blocks.documents import shelf
from hexi.blocks.documents.models import Document
hashes = list(Document.objects.order_by("pk").values_list("blob_id", flat=True))
files = [hashlib.sha256(shelf.path(one).read_bytes()).hexdigest() for one in hashes]
print(json.dumps({"whole": hashes == files, "documents": len(hashes), "faults": [str(one) for one in audit.verify()]}))
"""


@pytest.fixture
def data(tmp_path):
    """DATA of the installation that is backed up, with one key."""
    folder = tmp_path / "data"
    for name in ("files", "keys"):
        (folder / name).mkdir(parents=True)
    (folder / "keys" / "data-1").write_text("a secret")
    with override_settings(DATA=folder):
        yield folder


@pytest.fixture
def elsewhere(tmp_path):
    """An empty installation with a database of its own: what its processes need to know."""
    more = {"HEXI_SITE_DATA": str(tmp_path / "other")}
    if connection.vendor == "sqlite":
        yield {**more, "DATABASE_URL": f"sqlite:///{tmp_path / 'other' / 'hexi.sqlite3'}"}
        return
    name = connection.settings_dict["NAME"] + "_restored"
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}"')
    yield {**more, "DATABASE_URL": database_address().rpartition("/")[0] + f"/{name}"}
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def run(*words, **more):
    command = [sys.executable, *(words if words[0] == "-c" else ("-m", "hexi", *words))]
    given = environment(DJANGO_SETTINGS_MODULE="hexi.site.settings", **more)
    return subprocess.run(
        list(map(str, command)), cwd=ROOT, env=given, capture_output=True, text=True, timeout=120, check=False
    )


def hand_in(account, seed):
    body = ContentFile(make_image(seed=seed, width=64, height=40))
    documents.store(
        body, name=f"{seed}.jpg", by=acting(account), owner=account.person, thing=("tests.thing", str(seed)), slot="x"
    )


@pytest.mark.race
def test_all_comes_back_though_others_wrote_meanwhile(data, elsewhere, tmp_path):
    account, stop, errors = make_citizen("shi"), threading.Event(), []
    for seed in range(5):
        hand_in(account, seed)

    def write():
        try:
            with closing(connection):
                seed = 5
                while not stop.is_set():
                    hand_in(account, seed)
                    seed += 1
        except Exception as error:
            errors.append(error)

    (data / "catalog" / "x").mkdir(parents=True)
    for name in ("1.parquet", "2.part"):
        (data / "catalog" / "x" / name).write_text("rows")
    writer = threading.Thread(target=write)
    writer.start()
    made = run("backup", tmp_path / "b.tar.gz", "--keys", HEXI_SITE_DATA=str(data))
    stop.set()
    writer.join(30)
    assert (made.returncode, errors) == (0, []), made.stdout + made.stderr
    assert stat.S_IMODE((tmp_path / "b.tar.gz").stat().st_mode) == 0o600

    back = run("restore", tmp_path / "b.tar.gz", **elsewhere)
    assert back.returncode == 0, back.stdout + back.stderr
    held = json.loads(run("-c", HELD, **elsewhere).stdout)
    assert (held["whole"], held["faults"]) == (True, [])
    assert 5 <= held["documents"] <= Document.objects.count() != 5
    other = tmp_path / "other"
    assert (other / "catalog" / "x" / "1.parquet").read_text() == "rows"
    assert not (other / "catalog" / "x" / "2.part").exists()
    assert (other / "keys" / "data-1").read_text() == "a secret"
    assert {stat.S_IMODE(path.stat().st_mode) for path in (other, other / "keys", other / "files")} == {0o700}

    again = run("restore", tmp_path / "b.tar.gz", **elsewhere)
    assert (again.returncode, "--force" in again.stdout) == (1, True)
    assert run("restore", tmp_path / "b.tar.gz", "--force", **elsewhere).returncode == 0


def test_keys_of_the_archive_are_in_force_though_set_up_had_made_newer_ones(data, elsewhere, tmp_path):
    make_citizen("shi")
    true, other = keys.make(demo=False), tmp_path / "other"
    assert run("backup", tmp_path / "b.tar.gz", "--keys", HEXI_SITE_DATA=str(data)).returncode == 0
    with override_settings(DATA=other):
        newer = keys.make(demo=True)  # as `hexi setup` does, before anything is restored
    (other / "keys" / "data-1").write_text("of the new machine")
    back = run("restore", tmp_path / "b.tar.gz", **elsewhere)
    assert back.returncode == 0, back.stdout + back.stderr
    with override_settings(DATA=other):
        assert (keys.signer().demo, {path.name for path in keys.folder().glob("certificate-*.pem")}) == (
            False,
            {true.name},
        )
    (aside,) = other.glob("keys.before-*")
    assert str(aside) in back.stdout
    assert {path.name for path in aside.iterdir()} == {newer.name, newer.with_suffix(".pub").name}
    assert stat.S_IMODE(aside.stat().st_mode) == 0o700
    assert (other / "keys" / "data-1").read_text() == "a secret"


def test_keys_are_left_out_unless_asked_for(data, tmp_path):
    make_citizen("shi")
    assert run("backup", tmp_path / "b.tar.gz", HEXI_SITE_DATA=str(data)).returncode == 0
    with tarfile.open(tmp_path / "b.tar.gz") as archive:
        names = archive.getnames()
    assert ("database" in names, [name for name in names if name.startswith("keys")]) == (True, [])


def test_what_is_no_whole_backup_is_refused_and_nothing_changed(data, elsewhere, tmp_path):
    make_citizen("shi")
    whole = tmp_path / "b.tar.gz"
    run("backup", whole, HEXI_SITE_DATA=str(data))
    half, other, text = tmp_path / "half", tmp_path / "other-database", tmp_path / "text"
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    text.write_text("no archive")
    with tarfile.open(whole) as archive:
        archive.extractall(tmp_path / "u", filter="data")
    with (tmp_path / "u" / "database").open("ab") as file:
        file.write(b"x")
    with tarfile.open(other, "w:gz") as archive:
        archive.add(tmp_path / "u", "")
    for path, sentence in (
        (half, "不是完整的备份"),
        (text, "不是完整的备份"),
        (other, "校验和不符"),
        (tmp_path / "gone", "gone"),
    ):
        done = run("restore", path, **elsewhere)
        assert (done.returncode, done.stderr) == (1, "")
        assert "✗" in done.stdout
        assert sentence in done.stdout
    assert run("restore", whole, **elsewhere).returncode == 0


def test_a_folder_that_is_not_there_is_one_sentence(data, tmp_path):
    done = run("backup", tmp_path / "no" / "b.tar.gz", HEXI_SITE_DATA=str(data))
    assert (done.returncode, done.stderr) == (1, "")
    assert "✗" in done.stdout
