"""`hexi backup FILE` and `hexi restore FILE`: database and files in one archive, checked when read back."""

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Callable
from contextlib import closing, suppress
from hashlib import file_digest
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, connections

from hexi import __version__
from hexi.kernel import clock
from hexi.site.prepare import make_folders

#: folders of DATA that rows of the database name: documents, and versions of data sets
FILES = ("files", "catalog")


class Fault(Exception):
    """Why it cannot be done, in a sentence."""


def backup(arguments: argparse.Namespace) -> int:
    """Write one .tar.gz with the database, the files and, on demand, the keys. The service may go on running.

    The database is copied first: a file is written before the row that names it, so every row finds its file.
    """
    return _said(_backup, arguments)


def restore(arguments: argparse.Namespace) -> int:
    """Put a backup back into an empty installation, or over the present one with --force. Stop the service first."""
    return _said(_restore, arguments)


def _said(do: Callable[[argparse.Namespace], None], arguments: argparse.Namespace) -> int:
    try:
        do(arguments)
    except (Fault, OSError) as error:
        print(f"✗ {error}")
        return 1
    return 0


def _backup(arguments: argparse.Namespace) -> None:
    target: Path = arguments.file
    make_folders()
    with tempfile.TemporaryDirectory(dir=settings.DATA) as folder:
        dump = Path(folder) / "database"
        _dump(dump)
        print(f"… 数据库 database {dump.stat().st_size:,} B", flush=True)
        facts = {
            "hexi": __version__,
            "engine": connection.vendor,
            "made": clock.now().isoformat(),
            "sha256": _digest(dump),
        }
        (Path(folder) / "backup.json").write_text(json.dumps(facts, indent=1))
        part = target.with_name(target.name + ".part")
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)  # nobody else reads it, not even while it is written
        with tarfile.open(part, "w:gz", compresslevel=3) as archive:
            archive.add(Path(folder) / "backup.json", "backup.json")
            archive.add(dump, "database")
            for name in (*FILES, "keys") if arguments.keys else FILES:
                _add(archive, name)
        part.replace(target)
    print(f"✓ {target}  {target.stat().st_size:,} B" + ("" if arguments.keys else "（不含密钥 / without keys）"))


def _restore(arguments: argparse.Namespace) -> None:
    make_folders()
    if not arguments.force and _in_use():
        raise Fault("这里已有数据。要覆盖请加 --force / there is data here; add --force to overwrite it")
    with tempfile.TemporaryDirectory(dir=settings.DATA) as folder:
        facts = _unpacked(arguments.file, Path(folder))
        connections.close_all()
        _load(Path(folder) / "database")
        for name in (*FILES, "keys"):
            if (Path(folder) / name).is_dir():
                if name == "keys":
                    _put_aside(Path(folder) / name)
                shutil.copytree(Path(folder) / name, settings.DATA / name, dirs_exist_ok=True)
    make_folders()  # copying gave them the archive's modes
    print(f"✓ {facts['made']}  →  hexi setup")


def _put_aside(restored: Path) -> None:
    """Keys the archive does not know go beside the folder: the newest of a kind is in force, and it might be the demo
    key that `hexi setup` made a minute ago."""
    present = [one for one in (settings.DATA / "keys").iterdir() if not (restored / one.name).exists()]
    if present:
        aside = settings.DATA / f"keys.before-{clock.now():%Y%m%dT%H%M%S}"
        aside.mkdir(mode=0o700, exist_ok=True)
        for one in present:
            shutil.move(one, aside / one.name)
        print(f"… {len(present)} 个原有密钥移到 / present keys moved to {aside}")


def _unpacked(source: Path, folder: Path) -> dict[str, Any]:
    """Unpack a backup and check it; what it says about itself."""
    print(f"… {source}  {source.stat().st_size:,} B", flush=True)
    try:
        with tarfile.open(source) as archive:
            archive.extractall(folder, filter="data")
        facts: dict[str, Any] = json.loads((folder / "backup.json").read_text())
        whole = facts["sha256"] == _digest(folder / "database")
    except (tarfile.TarError, zlib.error, EOFError, FileNotFoundError, KeyError, ValueError) as error:
        raise Fault(f"{source}: 不是完整的备份 / not a whole backup ({error})") from error
    if not whole:
        raise Fault(f"{source}: 备份已损坏：校验和不符 / the backup is damaged: its checksum is another")
    if facts["engine"] != connection.vendor:
        raise Fault(f"备份来自 {facts['engine']}，这里是 {connection.vendor} / the backup is of another database")
    return facts


def _add(archive: tarfile.TarFile, name: str) -> None:
    """Add a folder of DATA but for what is only just arriving; a file that is taken away meanwhile is no fault."""
    home = settings.DATA / name
    found = (path for path in home.rglob("*") if path.is_file())
    lasting = (path for path in found if path.parent != home / "tmp" and path.suffix != ".part")
    for number, path in enumerate(lasting, 1):
        with suppress(FileNotFoundError):
            archive.add(path, str(path.relative_to(settings.DATA)))
        if number % 1000 == 0:
            print(f"  {name}: {number:,}", flush=True)


def backup_arguments(parser: argparse.ArgumentParser) -> None:
    """Parameters of `hexi backup`."""
    parser.add_argument("file", type=Path, help="备份文件 / the archive (.tar.gz)")
    parser.add_argument(
        "--keys", action="store_true", help="连同密钥，请单独妥善保管 / the keys too: keep such a file apart"
    )


def restore_arguments(parser: argparse.ArgumentParser) -> None:
    """Parameters of `hexi restore`."""
    parser.add_argument("file", type=Path, help="备份文件 / the archive (.tar.gz)")
    parser.add_argument("--force", action="store_true", help="覆盖现有数据 / overwrite the present data")


def _in_use() -> bool:
    if "people_account" not in connection.introspection.table_names():
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM people_account")
        return bool(cursor.fetchone()[0])


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _dump(target: Path) -> None:
    if connection.vendor == "sqlite":
        _copy(settings.DATABASES["default"]["NAME"], target)
    else:
        _run("pg_dump", "--format=custom", "--file", target, *_where())


def _load(source: Path) -> None:
    if connection.vendor == "sqlite":
        _copy(source, settings.DATABASES["default"]["NAME"])
    else:
        _run("pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", *_where(), source)


def _copy(source: object, target: object) -> None:
    """SQLite's own copy of a database in use: one state of it, whole."""
    with closing(sqlite3.connect(str(source))) as old, closing(sqlite3.connect(str(target))) as new:
        old.backup(new)


def _run(program: str, *words: object) -> None:
    try:
        subprocess.run([program, *map(str, words)], check=True, env=_password(), stderr=subprocess.PIPE, text=True)
    except FileNotFoundError as error:
        raise Fault(f"没有 {program}（PostgreSQL 客户端）/ {program} is not installed (PostgreSQL client)") from error
    except subprocess.CalledProcessError as error:
        raise Fault(f"{program}: {error.stderr.strip()}") from error


def _where() -> list[str]:
    database = settings.DATABASES["default"]
    flags = {"--host": database["HOST"], "--port": str(database["PORT"] or ""), "--username": database["USER"]}
    return [f"{flag}={value}" for flag, value in flags.items() if value] + [f"--dbname={database['NAME']}"]


def _password() -> dict[str, str]:
    return {**os.environ, "PGPASSWORD": settings.DATABASES["default"]["PASSWORD"] or ""}
