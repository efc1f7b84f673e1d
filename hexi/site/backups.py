"""`hexi backup FILE` and `hexi restore FILE`: database and files in one archive, checked when read back."""

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from hashlib import file_digest
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, connections

from hexi import __version__
from hexi.kernel import clock


def backup(arguments: argparse.Namespace) -> int:
    """Write one .tar.gz with the database, the files and, on demand, the keys. The service may go on running.

    The database is copied first: a file is written before the row that names it, so every row finds its file.
    """
    target: Path = arguments.file
    with tempfile.TemporaryDirectory(dir=settings.DATA) as folder:
        dump = Path(folder) / "database"
        _dump(dump)
        print(f"… 数据库 {dump.stat().st_size:,} B", flush=True)
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
            archive.add(settings.DATA / "files", "files")
            if arguments.keys:
                archive.add(settings.DATA / "keys", "keys")
        part.replace(target)
    print(f"✓ {target}  {target.stat().st_size:,} B" + ("" if arguments.keys else "（不含密钥 / without keys）"))
    return 0


def restore(arguments: argparse.Namespace) -> int:
    """Put a backup back into an empty installation, or over the present one with --force."""
    if not arguments.force and _in_use():
        print("✗ 这里已有数据。要覆盖请加 --force / there is data here; add --force to overwrite it")
        return 1
    with tempfile.TemporaryDirectory(dir=settings.DATA) as folder, tarfile.open(arguments.file) as archive:
        archive.extractall(folder, filter="data")
        facts = json.loads((Path(folder) / "backup.json").read_text())
        dump = Path(folder) / "database"
        fault = _fault(facts, dump)
        if fault:
            print(f"✗ {fault}")
            return 1
        connections.close_all()
        _load(dump)
        for name in ("files", "keys"):
            if (Path(folder) / name).is_dir():
                shutil.copytree(Path(folder) / name, settings.DATA / name, dirs_exist_ok=True)
    print(f"✓ {facts['made']}")
    return 0


def backup_arguments(parser: argparse.ArgumentParser) -> None:
    """Parameters of `hexi backup`."""
    parser.add_argument("file", type=Path)
    parser.add_argument("--keys", action="store_true", help="the keys too (keep such a file apart and safe)")


def restore_arguments(parser: argparse.ArgumentParser) -> None:
    """Parameters of `hexi restore`."""
    parser.add_argument("file", type=Path)
    parser.add_argument("--force", action="store_true", help="overwrite the present data")


def _fault(facts: dict[str, Any], dump: Path) -> str:
    if facts["engine"] != connection.vendor:
        return f"备份来自 {facts['engine']}，这里是 {connection.vendor} / the backup is of another database"
    if facts["sha256"] != _digest(dump):
        return "备份已损坏：校验和不符 / the backup is damaged"
    return ""


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
        with sqlite3.connect(settings.DATABASES["default"]["NAME"]) as source, sqlite3.connect(target) as copy:
            source.backup(copy)
        return
    subprocess.run(["pg_dump", "--format=custom", "--file", target, *_where()], check=True, env=_password())


def _load(source: Path) -> None:
    if connection.vendor == "sqlite":
        with sqlite3.connect(source) as copy, sqlite3.connect(settings.DATABASES["default"]["NAME"]) as target:
            copy.backup(target)
        return
    command = ["pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", *_where(), source]
    subprocess.run(command, check=True, env=_password())


def _where() -> list[str]:
    database = settings.DATABASES["default"]
    flags = {"--host": database["HOST"], "--port": str(database["PORT"] or ""), "--username": database["USER"]}
    return [f"{flag}={value}" for flag, value in flags.items() if value] + [f"--dbname={database['NAME']}"]


def _password() -> dict[str, str]:
    return {**os.environ, "PGPASSWORD": settings.DATABASES["default"]["PASSWORD"] or ""}
