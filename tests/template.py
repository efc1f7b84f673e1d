"""A database with all tables kept as a template, so that a run of tests copies it and makes none (a root plugin).

The template is named by a digest of all migrations: an edited one makes it anew. What a copy still lacks is migrated as
always.
"""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

HOUSE = Path(__file__).parent.parent
#: one template for each place the house is tested in
PLACE = f"hexi_template_{hashlib.sha256(str(HOUSE).encode()).hexdigest()[:12]}"
FOLDER = Path(tempfile.gettempdir())
#: a house that a test copied and added to begins with our template: only what it added is migrated
GIVEN = "TEMPLATE_OF_TESTS"


def _digest() -> str:
    """Of all that makes the tables: the migrations of the house, `tables.py`, their folder, the packages with others."""
    made = hashlib.sha256(f"{HOUSE} {version('django')} {version('django-allauth')} {version('django-q2')}".encode())
    for path in (HOUSE / "hexi/site/tables.py", *sorted(HOUSE.glob("hexi/**/migrations/*.py"))):
        made.update(path.read_bytes())
    return made.hexdigest()[:16]


@contextmanager
def _alone() -> Iterator[None]:
    """One worker at a time."""
    with (FOLDER / f"{PLACE}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def migrated() -> Path:
    """The template of SQLite, made unless it is there: an installation that a test starts begins with a copy of it too."""
    if given := os.environ.get(GIVEN):
        return Path(given)
    template = FOLDER / f"{PLACE}-{_digest()}.sqlite3"
    with _alone():
        if not template.exists():
            for old in FOLDER.glob(f"{PLACE}-*"):
                old.unlink(missing_ok=True)
            with tempfile.TemporaryDirectory() as data:
                _make_tables(data)
                made = template.with_suffix(".new")
                sqlite3.connect(f"{data}/hexi.sqlite3").execute("VACUUM INTO ?", [str(made)])
            made.rename(template)
    return template


def _make_tables(data: str, **more: str) -> None:
    """In a process of its own: this one may ask another database."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("HEXI_SITE_", "DATABASE_URL"))}
    here = {**clean, "HEXI_SITE_DATA": data, "DJANGO_SETTINGS_MODULE": "hexi.site.settings", **more}
    make = "import django; django.setup(); from hexi.site import tables; tables.make()"
    subprocess.run([sys.executable, "-c", make], cwd=HOUSE, env=here, check=True)


class _Files:
    """SQLite: a template is a file, its digest in its name."""

    def __init__(self, name: str):
        self.test = Path(name)

    def put(self) -> None:
        """Put a copy where the tests want their database."""
        self.drop()
        shutil.copyfile(migrated(), self.test)
        _set_up(keepdb=True)

    def drop(self) -> None:
        """Remove the test database."""
        for end in ("", "-wal", "-shm", ".lock"):
            self.test.with_name(self.test.name + end).unlink(missing_ok=True)


class _Databases:
    """PostgreSQL: a template is a database, its digest its comment."""

    def __init__(self, name: str):
        self.test = name
        self.template = PLACE

    def put(self) -> None:
        self.drop()
        with _alone():
            if not self._copy():
                self._make()
                self._keep()
            _set_up(keepdb=True)

    def _copy(self) -> bool:
        with connection.creation._nodb_cursor() as cursor:
            cursor.execute(
                "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [self.template]
            )
            if cursor.fetchone() != (_digest(),):
                return False
            cursor.execute(f'CREATE DATABASE "{self.test}" TEMPLATE "{self.template}"')
        return True

    def _make(self) -> None:
        """Make the tables from nothing in a process of its own, as an installation does."""
        with connection.creation._nodb_cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{self.test}"')
        address = urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{self.test}"))
        with tempfile.TemporaryDirectory() as data:
            _make_tables(data, DATABASE_URL=address)

    def _keep(self) -> None:
        with connection.creation._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{self.template}"')
            cursor.execute(f'CREATE DATABASE "{self.template}" TEMPLATE "{self.test}"')
            cursor.execute(f"COMMENT ON DATABASE \"{self.template}\" IS '{_digest()}'")

    def drop(self) -> None:
        with connection.creation._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{self.test}" WITH (FORCE)')


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: Any,
    django_db_modify_db_settings: None,
) -> Generator[None]:
    """The test database of this worker (pytest-django's fixture, from a template); removed at the end."""
    name = connection.creation._get_test_db_name()
    kind = (_Files if connection.vendor == "sqlite" else _Databases)(str(name))
    with django_db_blocker.unblock():
        kind.put()
        yield
        connection.close()
        kind.drop()


def _set_up(*, keepdb: bool) -> None:
    """As Django does; what is there is kept, and what it lacks is migrated."""
    from django.test.utils import setup_databases

    setup_databases(verbosity=0, interactive=False, aliases=["default"], keepdb=keepdb)
