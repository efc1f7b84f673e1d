"""Django's SQLite back end with a file lock round every write transaction.

SQLite's own busy handler sleeps and starves: of 16 processes one wrote 9,453 times while another wrote once
(shared/reference/stack.md §3f). A blocking `flock` makes writers wait in turn. Reads are never locked (WAL).
"""

import fcntl
import os
from contextlib import contextmanager
from typing import Any

from django.db.backends.sqlite3 import base, features

_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


class CursorWrapper(base.SQLiteCursorWrapper):
    """A cursor whose single writes outside a transaction wait their turn too."""

    def execute(self, query: str, params: Any = None) -> Any:
        with self.connection.turn_for(query):
            return super().execute(query, params)

    def executemany(self, query: str, param_list: Any) -> Any:
        with self.connection.turn_for(query):
            return super().executemany(query, param_list)


class Connection(base.Database.Connection):
    """A connection that knows its wrapper's lock."""

    turn_for: Any


class DatabaseFeatures(features.DatabaseFeatures):
    """`iterator()` fetches all rows before it gives the first.

    A statement that is still reading holds on to an old state of the database, and SQLite then refuses every write of
    its connection ("database is locked", without waiting) once another process has written.
    """

    can_use_chunked_reads = False


class DatabaseWrapper(base.DatabaseWrapper):
    """`BEGIN IMMEDIATE` under a file lock beside the database, released with the transaction or the process."""

    features_class = DatabaseFeatures

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._lock_file: int | None = None
        self._locked = False

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        conn_params = {**conn_params, "factory": Connection}
        connection = super().get_new_connection(conn_params)
        connection.turn_for = self.turn_for
        name = str(self.settings_dict["NAME"])
        if ":memory:" not in name and "mode=memory" not in name:
            self._lock_file = os.open(f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        return self.connection.cursor(factory=CursorWrapper)

    @contextmanager
    def turn_for(self, query: str) -> Any:
        """Hold the lock for one writing statement sent in autocommit mode."""
        alone = not self._locked and not self.in_atomic_block and query.lstrip()[:7].upper().startswith(_WRITES)
        if alone:
            self._take()
        try:
            yield
        finally:
            if alone:
                self._give_back()

    def _start_transaction_under_autocommit(self) -> None:
        self._take()
        try:
            super()._start_transaction_under_autocommit()
        except BaseException:
            self._give_back()
            raise

    def _commit(self) -> None:
        try:
            super()._commit()
        finally:
            self._give_back()

    def _rollback(self) -> None:
        try:
            super()._rollback()
        finally:
            self._give_back()

    def _close(self) -> None:
        self._give_back()
        if self._lock_file is not None:
            os.close(self._lock_file)
            self._lock_file = None
        super()._close()

    def _take(self) -> None:
        if self._lock_file is not None and not self._locked:
            fcntl.flock(self._lock_file, fcntl.LOCK_EX)
            self._locked = True

    def _give_back(self) -> None:
        if self._locked and self._lock_file is not None:
            fcntl.flock(self._lock_file, fcntl.LOCK_UN)
        self._locked = False
