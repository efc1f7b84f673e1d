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


def faulty(paths, fault):
    """The files of which `fault` says something, and what."""
    assert len(paths) > 100
    return [(name(path), found) for path in paths if (found := fault(path.read_text("utf-8")))]


def test_modules_say_what_they_are_for():
    assert faulty(MODULES, lambda text: text != "" and not text.startswith('"""')) == []


def test_names_of_modules():
    own = ("__init__.py", "__main__.py")
    assert [name(path) for path in MODULES if path.name in BANNED] == []
    assert [name(path) for path in MODULES if path.name.startswith("_") and path.name not in own] == []


def inline(text):
    """Style and behaviour in the midst of HTML: both live in ui/static, and the policy would block them here."""
    found = re.findall(r"<style\b|\sstyle\s*=\s*\\?[\"'{]|\son[a-z]+\s*=\s*\\?[\"']|javascript:", text)
    scripts = re.findall(r"<script\b[^>]*>", text)
    return found + [
        one for one in scripts if "src=" not in one and not re.search('type="application/(ld[+])?json"', one)
    ]


def test_nothing_inline():
    assert faulty(TEMPLATES, inline) == []


def test_nothing_inline_in_code_that_makes_html():
    code = {path: path.read_text("utf-8") for path in MODULES if "tests" not in path.parts}
    html = {path: text for path, text in code.items() if "Markup(" in text or "format_html" in text}
    assert len(html) > 3
    assert [(name(path), found) for path, text in html.items() if (found := inline(text))] == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ('<p style="color: red">', 1), ("<style>p {}</style>", 1), ("<a onclick='go()'>", 1), ("<script>go()</script>", 1),
        ('<a href="javascript:go()">', 1), ('Markup("<i style=\\"x\\">")', 1),
        ('<script src="/static/a.js"></script>', 0), ('<script type="application/json">{}</script>', 0),
        ('<p class="style" data-on="x">', 0),
    ],
)  # fmt: skip
def test_the_check_of_inline_finds_them(text, number):
    assert len(inline(text)) == number


def said(text):
    """The Chinese words of a template that stand outside its expressions."""
    bare = re.sub(r"{#.*?#}|{{.*?}}|{%.*?%}", "", text, flags=re.DOTALL)
    return [word for word in CHINESE.findall(bare) if word != "中文"]


def test_every_word_can_be_translated():
    assert said("<p>好</p>{{ _('坏') }}{# 注 #}") == ["好"]
    assert faulty(TEMPLATES, said) == [], "write it in {{ _(…) }}"


def borrowed(path):
    """The folders a template includes from, and may not."""
    place = path.relative_to(HEXI).parts[: path.relative_to(HEXI).parts.index("templates")]
    own = place[-1]
    for other in re.findall(r"{%-?\s*(?:include|extends|import|from)\s+\"([^\"/]+)/", path.read_text("utf-8")):
        lower = other in ORDER and (place[0] != "blocks" or ORDER.index(other) < ORDER.index(own))
        if other not in ("ui", own) and not lower:
            yield other


def test_templates_use_ui_their_own_and_lower_blocks():
    assert [(name(path), other) for path in TEMPLATES for other in borrowed(path)] == []


def test_django_signals_are_not_used():
    signals = re.compile(r"from django\.db\.models\.signals|from django\.dispatch")
    assert signals.search("from django.dispatch import receiver")
    assert faulty(MODULES, signals.findall) == []
