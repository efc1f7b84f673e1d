"""The wheel: carries built assets, translations and packs, so that an installation needs neither Node nor the checkout."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.xdist_group("wheel")
ROOT = Path(settings.HEXI_PACKS).parent
BUILT = "hexi/ui/static/ui/built/"


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    """What lies in the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", folder, ROOT]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    if done.returncode and "hatchling" in done.stdout + done.stderr and "Could not find a version" in done.stderr:
        pytest.skip("no package index to take hatchling from")
    assert done.returncode == 0, done.stdout + done.stderr
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        return set(wheel.namelist())


def test_it_carries_what_was_built(names):
    manifest = json.loads((ROOT / BUILT / "manifest.json").read_text("utf-8"))
    wanted = {BUILT + "manifest.json", BUILT + "icons.json"} | {BUILT + chunk["file"] for chunk in manifest.values()}
    wanted |= {f"hexi/ui/built_fonts/{path.name}" for path in (ROOT / "hexi/ui/built_fonts").iterdir()}
    assert sorted(wanted - names) == []


def test_nothing_can_be_built_where_it_is_installed(names):
    assert [name for name in names if name.endswith(("package.json", "package-lock.json"))] == []
    assert [name for name in names if "/node_modules/" in name or "/tests/" in name] == []


def test_it_carries_translations_templates_and_packs(names):
    checkout = {str(path.relative_to(ROOT)) for path in (ROOT / "hexi").rglob("*") if "node_modules" not in path.parts}
    shipped = {name for name in checkout if name.endswith((".po", ".html", ".yaml")) and "/tests/" not in name}
    shipped |= {name.removesuffix("po") + "mo" for name in shipped if name.endswith(".po")}
    shipped |= {f"hexi/{path.relative_to(ROOT)}" for path in (ROOT / "packs").rglob("*") if path.is_file()}
    assert len(shipped) > 100
    assert sorted(shipped - names) == []
