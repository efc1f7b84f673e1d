"""What every test needs: the folders of an installation, and a flush that the append-only log survives."""

import gc
import os
import socketserver
from importlib import import_module
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import TransactionTestCase
from django.utils import translation

from hexi.kernel.manifest import Prepare, added
from hexi.kernel.remembered import forget

# how long an example takes tells of the machine, not of the code
hypothesis.settings.register_profile(
    "house",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("house")
pytest_plugins = ["tests.browser", "tests.template", "tests.asked"]
# ten thousand tests are much to look through for what nobody holds, and little of it is garbage (site/wsgi.py)
gc.disable()
# a key of identity numbers for tests alone: none needs an installation
os.environ.setdefault("HEXI_PEOPLE_DATA_KEY", "dGVzdC1vbmx5LXRlc3Qtb25seS10ZXN0LW9ubHkhISE=")
# a password is to be slow to try; tests try thousands
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# a server that a test starts, and stops again, looks twenty times a second whether it is to stop, not twice
socketserver.BaseServer.serve_forever.__defaults__ = (0.05,)
# readings of open data are written down when a test asks for it, not when a minute is over: pages make as many queries
import_module("hexi.blocks.catalog.operations.counting").EVERY = float("inf")
append_only = import_module("hexi.blocks.audit.migrations.0002_append_only")

for folder in (settings.DATA, settings.DATA / "keys", settings.DATA / "files", settings.DATA / "static"):
    folder.mkdir(parents=True, exist_ok=True)
for part in added(Prepare):
    if part.rank < 20:  # keys, as `hexi setup` makes them
        part.run()


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a test by no file's bytes: a zip or an encrypted PDF is another one each time, and workers must agree."""
    return "bytes" if isinstance(val, bytes) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Groups that one worker must do alone, such as the walks, come first, then what takes long.

    Begun last, everybody else would wait for them.
    """
    items.sort(key=lambda one: (one.get_closest_marker("xdist_group") is None, not _long(one)))


def pytest_collection_finish() -> None:
    """From here on garbage is collected again, of what the tests make."""
    gc.freeze()
    gc.enable()
    gc.set_threshold(20_000, 20, 50)


def _long(item: pytest.Item) -> bool:
    """True for tests that take half a minute, or wait for other processes."""
    return item.get_closest_marker("long") is not None or "/site/" in item.nodeid


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """What the process remembers of the regions of one test is not so in the next."""
    forget()


@pytest.fixture(autouse=True)
def chinese() -> None:
    """Each test begins in Chinese: the test client leaves the language of its last request behind in the thread."""
    translation.activate(settings.LANGUAGE_CODE)


#: what migrations wrote, and no test changes
MIGRATED = {"django_migrations", "django_content_type", "auth_permission"}


def _empty(_case: object) -> None:
    """Empty, after a transactional test, the tables that hold rows; Django's flush goes through all of them.

    Foreign keys and the log's triggers are out of the way meanwhile; then the log has its 16 heads again.
    """
    there = connection.introspection.django_table_names(only_existing=True, include_views=False)
    heads = [(number, 0, "0" * 64) for number in range(16)]
    lite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        held = [table for table in sorted({*there} - MIGRATED) if _holds(cursor, table)]
        cursor.execute("PRAGMA foreign_keys = OFF" if lite else "SET session_replication_role = replica")
        with transaction.atomic():
            for statement in DROPPED if lite else ():
                cursor.execute(statement)
            for table in held:
                cursor.execute(f'DELETE FROM "{table}"')  # noqa: S608 - names of our own models
            cursor.executemany("INSERT INTO audit_head (partition, seq, hash) VALUES (%s, %s, %s)", heads)
            for statement in append_only.SQLITE if lite else ():
                cursor.execute(statement)
        cursor.execute("PRAGMA foreign_keys = ON" if lite else "SET session_replication_role = DEFAULT")


DROPPED = [f"DROP TRIGGER IF EXISTS audit_entry_no_{word}" for word in ("update", "delete")]


def _holds(cursor: Any, table: str) -> bool:
    cursor.execute(f'SELECT 1 FROM "{table}" LIMIT 1')  # noqa: S608
    return cursor.fetchone() is not None


TransactionTestCase._fixture_teardown = _empty  # type: ignore[method-assign]
