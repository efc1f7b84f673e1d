"""Files: every module says what it is for; no underscore modules, no inline style or script, templates stay at home."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from hexi.blocks import ORDER

HEXI = Path(settings.HEXI_PACKS).parent / "hexi"
BANNED = {"apps.py", "signals.py", "utils.py", "constants.py", "services.py", "common.py", "helpers.py"}
TEMPLATES = [path for path in HEXI.rglob("templates/**/*.html") if "node_modules" not in path.parts]
CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+")
MODULES = [path for path in HEXI.rglob("*.py") if not {"migrations", "node_modules"} & set(path.parts)]


def name(path):
    return str(path.relative_to(HEXI))


@pytest.mark.parametrize("path", [path for path in MODULES if path.stat().st_size], ids=name)
def test_modules_say_what_they_are_for(path):
    assert path.read_text("utf-8").startswith('"""')


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_names_of_modules(path):
    assert path.name not in BANNED
    assert not (path.name.startswith("_") and path.name not in ("__init__.py", "__main__.py"))


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_nothing_inline(path):
    text = path.read_text("utf-8")
    assert not re.search(r"<style\b|\sstyle\s*=", text), "CSS lives in ui/static"
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text), "behaviour lives in ui/static"
    for script in re.findall(r"<script\b[^>]*>", text):
        assert "src=" in script or 'type="application/json"' in script


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_every_word_can_be_translated(path):
    text = re.sub(r"{#.*?#}|{{.*?}}|{%.*?%}", "", path.read_text("utf-8"), flags=re.DOTALL)
    assert [word for word in CHINESE.findall(text) if word != "中文"] == [], "write it in {{ _(…) }}"


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_templates_use_ui_their_own_and_lower_blocks(path):
    place = path.relative_to(HEXI).parts[: path.relative_to(HEXI).parts.index("templates")]
    own = place[-1]
    for other in re.findall(r"{%-?\s*(?:include|extends|import|from)\s+\"([^\"/]+)/", path.read_text("utf-8")):
        lower = other in ORDER and (place[0] != "blocks" or ORDER.index(other) < ORDER.index(own))
        assert other in ("ui", own) or lower, f"includes {other}/"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_django_signals_are_not_used(path):
    assert not re.search(r"from django\.db\.models\.signals|from django\.dispatch", path.read_text("utf-8"))
