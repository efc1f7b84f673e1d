"""What every test needs: the folders of an installation, and a flush that the append-only log survives."""

import os
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils import translation

from hexi.kernel.manifest import Prepare, added

pytest_plugins = ["tests.browser"]
# a key of identity numbers for tests alone: none needs an installation
os.environ.setdefault("HEXI_PEOPLE_DATA_KEY", "dGVzdC1vbmx5LXRlc3Qtb25seS10ZXN0LW9ubHkhISE=")
append_only = import_module("hexi.blocks.audit.migrations.0002_append_only")

for folder in (settings.DATA, settings.DATA / "keys", settings.DATA / "files", settings.DATA / "static"):
    folder.mkdir(parents=True, exist_ok=True)
for part in added(Prepare):
    if part.rank < 20:  # keys, as `hexi setup` makes them
        part.run()


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a test by no file's bytes: a zip or an encrypted PDF is another one each time, and workers must agree."""
    return "bytes" if isinstance(val, bytes) else None


@pytest.fixture(autouse=True)
def chinese() -> None:
    """Each test begins in Chinese: the test client leaves the language of its last request behind in the thread."""
    translation.activate(settings.LANGUAGE_CODE)


def _flush(plain: Any) -> Any:
    """Flush as Django does between transactional tests, the log's triggers out of the way; then its 16 heads again."""

    def execute_sql_flush(self: Any, sql_list: list[str]) -> None:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                for word in ("update", "delete"):
                    cursor.execute(f"DROP TRIGGER IF EXISTS audit_entry_no_{word}")
            plain(self, sql_list)
            if connection.vendor == "sqlite":
                for statement in append_only.SQLITE:
                    cursor.execute(statement)
            cursor.execute("DELETE FROM audit_head")
            for number in range(16):
                cursor.execute("INSERT INTO audit_head (partition, seq, hash) VALUES (%s, 0, %s)", [number, "0" * 64])

    return execute_sql_flush


operations = type(connection.ops)
operations.execute_sql_flush = _flush(operations.execute_sql_flush)  # type: ignore[method-assign]
