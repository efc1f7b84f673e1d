"""`hexi check` (packs and their lint, options, tables) and `hexi options`."""

import argparse
import os
from pathlib import Path

from django.core.management import call_command
from django.core.management.base import SystemCheckError

from hexi.kernel import options, packs
from hexi.kernel.manifest import added
from hexi.site.options import DOMAINS_OFF


def show_options(arguments: argparse.Namespace) -> None:
    """Print every option with its type, default and sentence, in the language asked for or that of the terminal."""
    print(options.reference(arguments.lang or _language()))


def _language() -> str:
    """ "zh" or "en" as the terminal says; "" (both) when it says neither, as on a bare server."""
    said = next(filter(None, (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return said[:2].lower() if said[:2].lower() in ("zh", "en") else ""


def options_arguments(parser: argparse.ArgumentParser) -> None:
    """Parameters of `hexi options`."""
    parser.add_argument(
        "--lang",
        choices=("zh", "en", "both"),
        help="用哪种语言，默认随终端 / in which language (default: the terminal's)",
    )


def check(arguments: argparse.Namespace) -> int:
    """Check every pack (or the files given): schema, then lint. Prints file, line and sentence; exit 1 on a fault.

    What belongs to a domain is no fault if domains are switched off; else it is a slip of the pen.
    """
    kinds = sorted(added(packs.Pack), key=lambda one: one.rank)
    files = [(kind, path) for kind in kinds for path in chosen(kind, arguments.files)]
    found = dict.fromkeys(fault for kind, path in files for fault in pack_faults(kind, path))  # each once
    off = bool(DOMAINS_OFF.value)
    wrong = [one for one in found if not (off and isinstance(one, packs.Absent))]
    for fault in found:
        print(f"{'✗' if fault in wrong else '–'} {fault}")
    number = len(wrong) + strange(arguments.files)
    try:
        call_command("check", verbosity=0)
    except SystemCheckError as error:
        print(f"✗ {error}")
        number += 1
    print(f"{'✗' if number else '✓'} {len(files)} 个文件，{number} 处要改 / {len(files)} files, {number} to mend")
    return 1 if number else 0


def arguments(parser: argparse.ArgumentParser) -> None:
    """Parameters of `hexi check`."""
    parser.add_argument(
        "files", nargs="*", type=Path, help="只查这些文件，默认全部 / only these files (default: every pack)"
    )


def chosen(kind: packs.Pack, given: list[Path]) -> list[Path]:
    """The files of one kind to check: all, or those given that lie in a folder of its name."""
    if given:
        return [path for path in given if path.resolve().parent.name == kind.folder]
    return packs.files(kind.folder)


def strange(given: list[Path]) -> int:
    """How many of the files given lie in no pack's folder; each is named."""
    folders = {kind.folder for kind in added(packs.Pack)}
    found = [path for path in given if path.resolve().parent.name not in folders]
    for path in found:
        print(f"✗ {path}: 不在包的文件夹里 / in no pack's folder ({', '.join(sorted(folders))})")
    return len(found)


def pack_faults(kind: packs.Pack, path: Path) -> list[packs.Fault]:
    """Everything wrong with one file."""
    if not path.is_file():
        return [packs.Fault(path, 1, "没有这个文件 / no such file")]
    try:
        thing = packs.read(path, kind.schema)
        return kind.check(path, thing) if kind.check else []
    except packs.PackError as error:  # of this file, or of another that its check reads
        return error.faults
