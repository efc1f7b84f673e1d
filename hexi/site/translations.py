"""Translations: extract Chinese sentences from code and templates, compare with the English, compile (Babel only)."""

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

HEXI = Path(__file__).resolve().parent.parent
METHODS = [("**/tests/**", "ignore"), ("**.py", "python"), ("**/templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "gettext_lazy": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2), "pgettext": ((1, "c"), 2)}


def parts() -> list[Path]:
    """Folders that carry their own translations: the storeys, each block, door and domain."""
    homes = [HEXI / "kernel", HEXI / "ui", HEXI / "site"]
    homes += sorted(path.parent for path in HEXI.glob("*/*/block.py"))
    homes += sorted(path.parent for path in HEXI.glob("fronts/*/door.py"))
    homes += sorted(path.parent for path in [*HEXI.glob("domains/*/domain.py"), *HEXI.glob("domains/*/*/domain.py")])
    return homes


def sentences(home: Path) -> set[str]:
    """Every Chinese sentence of one part that a person may read."""
    found = set()
    for name, _line, message, _comments, _context in extract_from_dir(
        str(home), METHODS, {"**/templates/**.html": {"silent": "false", "newstyle_gettext": "true"}}, KEYWORDS
    ):
        inside = [one.relative_to(home) for one in parts() if one != home and home in one.parents]
        if not any(Path(name).is_relative_to(one) for one in inside):
            found.add(message[0] if isinstance(message, tuple) else message)
    return {text for text in found if any("\u4e00" <= sign <= "\u9fff" for sign in text)}


def catalogue(home: Path) -> Catalog:
    """The English of one part; empty if there is none."""
    path = home / "locale" / "en" / "LC_MESSAGES" / "django.po"
    if not path.exists():
        return Catalog(locale="en")
    with path.open("rb") as file:
        return read_po(file, locale="en")


def missing(home: Path) -> list[str]:
    """Sentences without English, and English whose named values differ from the Chinese."""
    english = {message.id if isinstance(message.id, str) else message.id[0]: message for message in catalogue(home) if message.id}
    faults = []
    for text in sorted(sentences(home)):
        message = english.get(text)
        if message is None or not message.string or message.fuzzy:
            faults.append(text)
        else:
            faults += [f"{text}: {error}" for error in message.check()]
    return faults


def compile_all() -> int:
    """Write the .mo beside each .po that is newer; returns how many were written."""
    written = 0
    for source in HEXI.rglob("locale/en/LC_MESSAGES/django.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file, target.open("wb") as out:
            write_mo(out, read_po(file, locale="en"))
        written += 1
    return written


def main(names: list[str]) -> int:
    """Print what lacks English in the given folders (none: all), ready to paste into a .po; 1 if anything does."""
    faults = 0
    for home in [Path(name).resolve() for name in names] or parts():
        for text in missing(home):
            print(f'# {home.relative_to(HEXI)}\nmsgid "{text}"\nmsgstr ""\n')
            faults += 1
    print(f"{faults} missing" if faults else "complete", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
