"""Translations: extract Chinese sentences from code and templates, compare with the English, compile (Babel only)."""

import re
import sys
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

HEXI = Path(__file__).resolve().parent.parent
METHODS = [("**/tests/**", "ignore"), ("**.py", "python"), ("**/templates/**.html", "jinja2")]
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}
#: characters, and the wide punctuation that English must not show
CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
#: (context or "", the Chinese sentence)
Key = tuple[str, str]


def parts() -> list[Path]:
    """Folders that carry their own translations: the storeys, each block, door and domain."""
    homes = [HEXI / "kernel", HEXI / "ui", HEXI / "site"]
    homes += sorted(path.parent for path in HEXI.glob("*/*/block.py"))
    homes += sorted(path.parent for path in HEXI.glob("fronts/*/door.py"))
    homes += sorted(path.parent for path in [*HEXI.glob("domains/*/domain.py"), *HEXI.glob("domains/*/*/domain.py")])
    return homes


def sentences(home: Path) -> set[Key]:
    """Every Chinese sentence of one part that a person may read."""
    found = set()
    inside = [one.relative_to(home) for one in parts() if one != home and home in one.parents]
    for name, _line, message, _comments, context in extract_from_dir(
        str(home), METHODS, {"**/templates/**.html": {"silent": "false", "newstyle_gettext": "true"}}, KEYWORDS
    ):
        text = message[0] if isinstance(message, tuple) else message
        if CHINESE.search(text) and not any(Path(name).is_relative_to(one) for one in inside):
            found.add((context or "", text))
    return found


def catalogue(home: Path) -> dict[Key, Message]:
    """The English of one part; empty if there is none."""
    path = home / "locale" / "en" / "LC_MESSAGES" / "django.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        return {key_of(message): message for message in read_po(file, locale="en") if message.id}


def key_of(message: Message) -> Key:
    """Under what a message is looked up."""
    return message.context or "", message.id if isinstance(message.id, str) else message.id[0]


def missing(home: Path) -> list[str]:
    """Sentences without English, and English whose named values differ from the Chinese."""
    english = catalogue(home)
    faults = []
    for context, text in sorted(sentences(home)):
        message = english.get((context, text))
        if message is None or not message.string or message.fuzzy:
            faults.append(f"{context}\x04{text}" if context else text)
        else:
            faults += [f"{text}: {error}" for error in message.check()]
    return faults


def entry(fault: str) -> str:
    """A missing sentence as it stands in a .po."""
    context, _, text = fault.rpartition("\x04")
    return (f'msgctxt "{context}"\n' if context else "") + f'msgid "{text}"\nmsgstr ""\n'


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
            print(f"# {home.relative_to(HEXI)}\n{entry(text)}")
            faults += 1
    print(f"{faults} missing" if faults else "complete", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
