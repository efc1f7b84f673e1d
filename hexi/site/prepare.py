"""`hexi setup`: keys, assets, translations, tables, data that ships with the house. Safe to run again."""

import argparse
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import call_command

from hexi.kernel import packs
from hexi.kernel.manifest import Prepare, added
from hexi.site import tables


@contextmanager
def step(title: str) -> Iterator[None]:
    """Print a step and the seconds it took."""
    print(f"… {title}", flush=True)
    started = time.monotonic()
    yield
    print(f"✓ {title}  {time.monotonic() - started:.1f} s", flush=True)


def setup(arguments: argparse.Namespace) -> int:
    """Make everything ready; each step can run again."""
    make_folders()
    if arguments.only_assets:
        with step("前端资源 assets"):
            _assets()
        return 0
    with step("密钥 keys"):
        _run(0, 20)
    if not arguments.no_assets:
        with step("前端资源 assets"):
            _assets()
    with step("数据库 tables"):
        tables.make()
        call_command("createcachetable", verbosity=0)
    with step("内置数据 shipped data"):
        load_shipped()
    return 0


def make_folders() -> None:
    """The folders of an installation, for its owner alone."""
    for folder in (settings.DATA, settings.DATA / "keys", settings.DATA / "files"):
        folder.mkdir(parents=True, exist_ok=True)
        os.chmod(folder, 0o700)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Parameters of `hexi setup`."""
    parser.add_argument(
        "--only-assets", action="store_true", help="只准备前端和译文，测试用 / front-end files and translations only"
    )
    parser.add_argument("--no-assets", action="store_true", help="不动前端文件 / leave the front-end files as they are")


def load_shipped() -> None:
    """Put into the tables what ships with the house: what packs stand on, the packs, what stands on packs."""
    _run(20, 100)
    load_packs()
    _run(100, 1000)


def load_packs() -> None:
    """Read every pack, kind after kind, into the database; the first file with a fault ends it (`PackError`)."""
    for kind in sorted(added(packs.Pack), key=lambda one: one.rank):
        found = packs.files(kind.folder)
        for path in found:
            _load(kind, path)
        if found:
            print(f"  {kind.folder}: {len(found)}", flush=True)


def _load(kind: packs.Pack, path: Path) -> None:
    thing = packs.read(path, kind.schema)
    found = kind.check(path, thing) if kind.check else []
    if faults := [one for one in found if not isinstance(one, packs.Absent)]:
        raise packs.PackError(faults)
    for one in found:
        print(f"  – {one}", flush=True)
    try:
        kind.load(path, thing)
    except ValidationError as error:
        raise packs.PackError([packs.Fault(path, 1, sentence) for sentence in error.messages]) from error


def _run(low: int, high: int) -> None:
    for part in sorted(added(Prepare), key=lambda one: one.rank):
        if low <= part.rank < high:
            print(f"  {part.title}", flush=True)
            part.run()


def _assets() -> None:
    from hexi.site.translations import compile_all
    from hexi.ui import build

    compile_all()
    build.build()
    call_command("collectstatic", interactive=False, verbosity=0)
