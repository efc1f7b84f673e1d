"""An empty database's tables, made at once, are those that all migrations come to, one after the other."""

import json
import os
import subprocess
import sys
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection
from django.db.migrations import RunPython, RunSQL, SeparateDatabaseAndState
from django.db.migrations.loader import MigrationLoader

from tests.template import HOUSE

#: the key of a table of Django's own that nobody here uses is smaller when made at once (PostgreSQL)
OTHER = "column auth_group_permissions.id"


@pytest.fixture
def empty(tmp_path, django_db_blocker):
    """`empty(name)`: the environment of a process with an empty database."""
    made = []

    def environment(name):
        own = {key: value for key, value in os.environ.items() if not key.startswith("HEXI_")}
        own |= {"DJANGO_SETTINGS_MODULE": "hexi.site.settings", "HEXI_SITE_DATA": str(tmp_path / name)}
        (tmp_path / name).mkdir()
        if connection.vendor == "postgresql":
            made.append(f"test_hexi_drawn_{name}")
            asked(f"DROP DATABASE IF EXISTS {made[-1]} WITH (FORCE)")
            asked(f"CREATE DATABASE {made[-1]}")
            own["DATABASE_URL"] = urlunsplit(urlsplit(own["DATABASE_URL"])._replace(path=f"/{made[-1]}"))
        return own

    def asked(sql):
        with django_db_blocker.unblock(), connection.creation._nodb_cursor() as cursor:
            cursor.execute(sql)

    yield environment
    for name in made:
        asked(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.long
@pytest.mark.race
@pytest.mark.django_db
def test_both_ways_come_to_the_same(empty):
    found = []
    for way in ("at once", "migrations"):
        done = subprocess.run(
            [sys.executable, "-m", "tests.house.drawn", way], cwd=HOUSE, env=empty(way.partition(" ")[0]),
            capture_output=True, text=True, timeout=400, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        found.append(json.loads(done.stdout))
    once, stepwise = found
    assert once.keys() == stepwise.keys()
    assert len(once) > 500
    assert [(name, once[name], stepwise[name]) for name in {*once} - {OTHER} if once[name] != stepwise[name]] == []


def test_every_migration_with_code_says_whether_it_runs_in_an_empty_database():
    coded = {
        key: one for key, one in MigrationLoader(None).disk_migrations.items()
        if one.__module__.startswith("hexi.")
        and any(isinstance(part, (RunPython, RunSQL, SeparateDatabaseAndState)) for part in one.operations)
    }  # fmt: skip
    assert len(coded) > 5
    assert [key for key, one in coded.items() if not isinstance(getattr(one, "new", None), bool)] == []
    mixed = [
        key for key, one in coded.items() if one.new and not all(isinstance(part, RunPython) for part in one.operations)
    ]
    assert mixed == [], "what code does in an empty database too stands in a migration of its own"
