"""The write lock of SQLite: 16 processes write in turn, none starves, none fails, nothing is lost."""

import json
import subprocess
import sys

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from hexi.site.tests.running import ROOT


def test_sixteen_processes_write_in_turn(tmp_path):
    command = [sys.executable, "-m", "hexi.site.tests.writers", tmp_path / "db.sqlite3", "3"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    made = found["made"]
    assert len(made) == 16
    assert found["taken"] == found["noted"] == sum(made)
    # without the lock one of them books once and another thousands of times (stack.md §3f)
    assert made[0] > sum(made) / len(made) / 10, "one process starved"


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="the lock is SQLite's")
def test_the_lock_is_held_by_a_transaction_and_given_back_even_by_a_failed_one():
    held = []
    with transaction.atomic():
        held.append(connection._locked)
    held.append(connection._locked)
    try:
        with transaction.atomic():
            raise KeyError
    except KeyError:
        held.append(connection._locked)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        held.append(connection._locked)
    assert held == [True, False, False, False]
    with CaptureQueriesContext(connection) as asked, transaction.atomic():
        pass
    assert asked[0]["sql"] == "BEGIN IMMEDIATE"
    assert connection.cursor().execute("PRAGMA busy_timeout").fetchone()[0] >= 20_000
    assert connection.cursor().execute("PRAGMA synchronous").fetchone() == (2,)
    assert connection.cursor().execute("PRAGMA journal_mode").fetchone() == ("wal",)
