"""docs/map.md: the house as its manifests and the first lines of its modules say it. `python -m tests.house.map [--check]`."""

import ast
import os
import sys
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parents[2]
HEAD = "# Map of the house\n\nMade by `python -m tests.house.map` from manifests and the first line of each module; `make check` compares it.\n"


def first_line(path: Path) -> str:
    """The first line of a module's docstring."""
    return (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").partition("\n")[0]


def modules(home: Path) -> list[str]:
    """A line for each module of a folder, tests and migrations left out."""
    lines = []
    for path in sorted(home.rglob("*.py")):
        inside = path.relative_to(home)
        if {"tests", "migrations", "node_modules"} & set(inside.parts) or inside.name == "__init__.py":
            continue
        lines.append(f"- `{inside}` {first_line(path)}")
    return lines


def text() -> str:
    """The whole page."""
    from hexi.kernel.manifest import manifests

    lines = [HEAD]
    for name in ("kernel", "wire"):
        lines += [
            f"## {name}",
            first_line(ROOT / "hexi" / name / "__init__.py"),
            "",
            *modules(ROOT / "hexi" / name),
            "",
        ]
    for manifest in manifests():
        kinds: dict[str, int] = {}
        for thing in manifest.adds:
            kinds[type(thing).__name__] = kinds.get(type(thing).__name__, 0) + 1
        adds = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
        place = manifest.home.relative_to(ROOT / "hexi")
        lines += [
            f"## {place}",
            (manifest.about or "").partition("\n")[0],
            "",
            f"Adds: {adds or 'nothing'}.",
            "",
            *modules(manifest.home),
            "",
        ]
    return "\n".join(lines).rstrip() + "\n"


def main() -> int:
    """Write the page, or with --check only compare."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hexi.site.settings")
    django.setup()
    page, made = ROOT / "docs" / "map.md", text()
    if "--check" in sys.argv:
        if not page.exists() or page.read_text("utf-8") != made:
            print("✗ docs/map.md is old: run python -m tests.house.map", file=sys.stderr)
            return 1
        return 0
    page.write_text(made, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
