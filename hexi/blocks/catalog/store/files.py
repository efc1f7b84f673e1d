"""Versions of rows as Parquet files: written whole or not at all, by one process a data set, and never changed after.

Columns are called c0, c1 … in the file: no name of a data set ever becomes part of a statement. Beside `duck`.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.catalog.store.grammar import Column

#: rows of a row group: what DuckDB reads in one piece
GROUP = 122_880
#: bytes of a page; how often a value must stand in a group, on average, to be kept once in a dictionary
PAGE, RECURS = 65_536, 4
#: bytes that must stay free on the disk
SPARE = 200_000_000


class Busy(Exception):
    """Another process writes this data set."""


@dataclass(frozen=True)
class Stored:
    """A version as it lies there: its file, its columns in order, how many rows it has. `key`: of the data set."""

    path: Path
    columns: tuple[Column, ...]
    rows: int
    key: str = ""


def available() -> bool:
    """True if the libraries of `hexi[analytics]` are installed."""
    return all(find_spec(name) for name in ("duckdb", "pyarrow"))


def require() -> None:
    """Raises `ValidationError` that says what to install."""
    if not available():
        raise ValidationError(
            _("这台服务器没有安装数据分析组件。请管理员运行：pip install 'hexi[analytics]'，然后重启。")
        )


def folder() -> Path:
    """Where all versions are."""
    return settings.DATA / "catalog"


def made(home: Path) -> Path:
    """A folder below, made if need be; nobody but the service reads what is in it."""
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    home.mkdir(mode=0o700, exist_ok=True)
    return home


def place(code: str, number: int) -> Path:
    """The file of a version: codes hold slashes, so a hash of it names the folder."""
    return folder() / hashlib.sha256(code.encode()).hexdigest()[:24] / f"{number}.parquet"


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """One writer a folder, over all processes; let go when the process dies. Raises `Busy`."""
    with (made(home) / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Busy(str(home)) from error
        yield


def write(path: Path, columns: Sequence[Column], batches: Iterable[Sequence[Sequence[Any]]]) -> tuple[int, str]:
    """Write a version from batches of columns (each a list of values); how many rows, and the SHA-256 of the file.

    It lies under its name only when it is complete and on the disk; whatever breaks off leaves nothing, and what a
    killed process left is swept by the next. Call it inside `locked`. Raises `OSError` when the disk is full.
    """
    for left in path.parent.glob("*.part"):
        left.unlink(missing_ok=True)
    part = path.with_suffix(".part")
    try:
        rows = _written(part, columns, batches)
        digest = _digest(part)
        part.replace(path)
        _sync(path.parent)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    return rows, digest


def _written(part: Path, columns: Sequence[Column], batches: Iterable[Sequence[Sequence[Any]]]) -> int:
    import pyarrow as pa

    schema = schema_of(columns)
    made = (
        pa.record_batch([pa.array(values, one.type) for values, one in zip(batch, schema, strict=True)], schema=schema)
        for batch in batches
    )
    with part.open("xb") as file:
        rows = pack(file, schema, made)
        file.flush()
        os.fsync(file.fileno())
    return rows


def schema_of(columns: Sequence[Column]) -> Any:
    """The columns as they are called and kept in a file."""
    import pyarrow as pa

    return pa.schema([(f"c{number}", _arrow(column.type)) for number, column in enumerate(columns)])


def pack(file: Any, schema: Any, batches: Iterable[Any]) -> int:
    """Write record batches as a version, in row groups of GROUP rows; how many rows there were."""
    rows, writer = 0, None
    try:
        for group in _groups(schema, batches):
            room()
            writer = writer or _writer(file, group)
            writer.write_table(group, row_group_size=GROUP)
            rows += len(group)
    finally:
        if writer is not None:
            writer.close()
    return rows


def _groups(schema: Any, batches: Iterable[Any]) -> Iterator[Any]:
    """Tables of GROUP rows, but for the last; one without rows if there are none at all."""
    import pyarrow as pa

    waiting, given = schema.empty_table(), False
    for batch in batches:
        waiting = pa.concat_tables([waiting, pa.Table.from_batches([batch])])
        while len(waiting) >= GROUP:
            yield waiting.slice(0, GROUP)
            waiting, given = waiting.slice(GROUP), True
    if len(waiting) or not given:
        yield waiting


def _writer(file: Any, first: Any) -> Any:
    """Columns whose values recur get a dictionary. For others it would be as long as the column itself.

    It is read whole for whatever row of the group is asked for, as is a page: so pages are small.
    """
    from pyarrow import compute, parquet

    recurring = [
        name for name in first.column_names if compute.count_distinct(first[name]).as_py() * RECURS <= len(first)
    ]
    return parquet.ParquetWriter(
        file, first.schema, compression="zstd", compression_level=3, use_dictionary=recurring, data_page_size=PAGE
    )


def _arrow(letter: str) -> Any:
    import pyarrow as pa

    if letter in "NBF":
        return pa.float64()
    kinds = {
        "I": pa.int64,
        "Y": lambda: pa.decimal128(18, 4),
        "D": pa.date32,
        "T": lambda: pa.timestamp("us"),
        "L": pa.bool_,
    }
    return kinds.get(letter, pa.string)()


def room() -> None:
    """Raises `OSError` while the disk is nearly full: the database on the same disk must go on."""
    if shutil.disk_usage(made(folder())).free < SPARE:
        raise OSError(28, "No space left on device", str(folder()))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(home: Path) -> None:
    handle = os.open(home, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
