"""Where the built style, script and icons are: reads what `hexi.ui.build` wrote."""

import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.templatetags.static import static
from markupsafe import Markup, escape

HOME = Path(__file__).parent
BUILT = HOME / "static" / "ui" / "built"
#: TrueType files of Noto Sans SC for PDFs: built_fonts/NotoSansSC-Regular.ttf and NotoSansSC-Bold.ttf; never served
FONTS = HOME / "built_fonts"


@cache
def _manifest(stamp: int) -> dict[str, str]:
    """Name of a source ("main.js", "main.css") → built file."""
    found = json.loads((BUILT / "manifest.json").read_text("utf-8"))
    names: dict[str, str] = {}
    for entry, chunk in found.items():
        names.update(dict.fromkeys([Path(entry).name, *chunk.get("names", ())], chunk["file"]))
    return names


@cache
def _icons(stamp: int) -> dict[str, str]:
    return dict(json.loads((BUILT / "icons.json").read_text("utf-8")))


def _stamp(name: str) -> int:
    """Changes when the file does in development; read once otherwise. 0: not built."""
    path = BUILT / name
    return path.stat().st_mtime_ns if path.exists() else 0


_first: dict[str, int] = {}


def _version(name: str) -> int:
    if settings.DEBUG or not _first.get(name):
        _first[name] = _stamp(name)
    return _first[name]


def asset(name: str) -> str:
    """The address of a built file ("main.css", "main.js": hashed) or of one that is served as it is ("seal.svg")."""
    version = _version("manifest.json")
    built = _manifest(version).get(name) if version else None
    return static(f"ui/built/{built}" if built else f"ui/{name}")


def built(name: str) -> str:
    """The built file of a source ("grid_worker.js"), below `BUILT`. Raises `KeyError` if it was not built."""
    return _manifest(_version("manifest.json"))[name]


def icon(name: str, size: int = 20, label: str = "") -> Markup:
    """A Tabler outline icon as inline SVG, hidden from screen readers unless `label` names it. Unknown: nothing."""
    version = _version("icons.json")
    body = _icons(version).get(str(name)) if version and name else None
    if body is None:
        return Markup("")
    said = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return Markup(  # noqa: S704 our own build's file; the label is escaped
        f'<svg class="icon" width="{size}" height="{size}" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        f'stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" {said} focusable="false">{body}</svg>'
    )
