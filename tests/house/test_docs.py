"""Documents: every path, command, option and name they mention is there; every table and hook has its word."""

import os
import re
import subprocess
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from hexi.kernel.hooks import Hook
from hexi.kernel.manifest import Command, added, manifests
from hexi.kernel.options import RESERVED, Option

ROOT = Path(settings.HEXI_PACKS).parent
PAGES = sorted([*ROOT.glob("README*.md"), *ROOT.glob("docs/**/*.md")])
WORDS = (ROOT / "docs" / "words.md").read_text("utf-8")
LEFT_OUT = {"node_modules", ".venv", "__pycache__", ".git", "var"}
MADE = ("hexi/domains/pumps/", "packs/services/field-fire", "gansu/services/field-fire", "certificates/field-fire")
CONCEPTS = {"api.py"}  # a file a part may have; none has it yet
IN_CODE = re.compile(r"`([^`\n]+)`")


@cache
def tree():
    """Every file and folder of the checkout, as "/hexi/site/new.py"."""
    found = set()
    for path in ROOT.rglob("*"):
        if not LEFT_OUT & set(path.relative_to(ROOT).parts):
            found.add("/" + str(path.relative_to(ROOT)))
    return found


def paths(text):
    """What looks like a file or folder of ours: "hexi/ui", "cases/steps.py: step" gives its first half."""
    for quoted in IN_CODE.findall(text):
        name = re.split(r":? |::", quoted)[0].rstrip("/")
        ours = name.startswith(("hexi/", "packs/", "tests/", "docs/", "benchmarks/"))
        file = re.fullmatch(r"[\w./<>*-]+\.(py|md|yaml|html|toml)", name)
        if (
            (ours or file)
            and not name.startswith(("..", "hexi."))
            and not (name in CONCEPTS or any(made in name for made in MADE))
        ):
            yield name


def is_there(name):
    pattern = re.compile("/" + re.sub(r"<[^>]+>|\\\*", "[^/]+", re.escape(name)) + "$")
    return any(pattern.search(path) for path in tree())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_is_there(page):
    text = page.read_text("utf-8")
    assert [name for name in paths(text) if not is_there(name)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    near = [target for target in targets if not target.startswith(("http", "mailto"))]
    assert [target for target in near if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_and_option_is_there(page):
    text = page.read_text("utf-8")
    commands = {command.name for command in added(Command)}
    groups = {name.split()[0] for name in commands} - commands
    used = re.findall(r"(?:`|^\$ |^)hexi ([a-z]+)(?: ([a-z][a-z0-9-]*))?", text, re.MULTILINE)
    assert [
        words
        for words in used
        if words[0] not in commands | groups or (words[0] in groups and words[1] and " ".join(words) not in commands)
    ] == []
    variables = {option.variable for option in added(Option)} | RESERVED | {"HEXI_CI_POSTGRES"}
    assert sorted(set(re.findall(r"\bHEXI_[A-Z_]*[A-Z]\b", text)) - variables) == []


def test_every_name_after_a_path_is_in_that_file():
    """ "cases/steps.py: step" names a function of that module."""
    wrong = []
    for page in PAGES:
        for path, name in re.findall(r"`([\w/]+\.py): (\w+)`", page.read_text("utf-8")):
            file = next(ROOT / found[1:] for found in tree() if found.endswith(f"/{path}"))
            if not re.search(rf"\b(def|class) {name}\b|^{name}\b", file.read_text("utf-8"), re.MULTILINE):
                wrong.append(f"{page.name}: {path}: {name}")
    assert wrong == []


@cache
def identifiers():
    """Every word of the code and the packs."""
    files = [path for path in tree() if path.startswith("/hexi/") and path.endswith((".py", ".yaml"))]
    text = "\n".join((ROOT / path[1:]).read_text("utf-8") for path in files)
    return set(re.findall(r"\w+", text)) | {part for path in tree() for part in re.findall(r"\w+", path)}


def test_every_name_of_the_glossary_is_in_the_code():
    columns = [line.split("|")[3] for line in WORDS.splitlines() if line.startswith("|")]
    names = [name for column in columns for name in IN_CODE.findall(column) if "/" not in name]
    assert len(names) > 100
    pieces = {piece for name in names for piece in re.findall(r"\w+", name)}
    assert sorted(pieces - identifiers()) == []


def test_every_table_and_hook_has_its_word():
    keys = {manifest.key for manifest in manifests()}
    tables = [f"{one._meta.app_label}.{one.__name__}" for one in apps.get_models() if one._meta.app_label in keys]
    assert len(tables) > 20
    assert [name for name in tables if f"`{name}`" not in WORDS] == []
    assert [name for name in hooks() if not re.search(rf"[`.]{name}`", WORDS)] == []


def hooks():
    """Names of all hooks that blocks and domains declare."""
    for manifest in manifests():
        if (manifest.home / "hooks.py").exists():
            place = ".".join(("hexi", *manifest.home.relative_to(ROOT / "hexi").parts, "hooks"))
            yield from (name for name, thing in vars(import_module(place)).items() if isinstance(thing, Hook))


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("`hexi/site/new.py` and `cases/steps.py: step`", []),
        ("`hexi/site/gone.py`", ["hexi/site/gone.py"]),
        ("`packs/<region>/services/*.yaml`", []),
        ("`packs/<region>/rockets/*.yaml`", ["packs/<region>/rockets/*.yaml"]),
    ],
)
def test_the_check_of_paths_finds_them(text, lost):
    assert [name for name in paths(text) if not is_there(name)] == lost


def test_make_run_serves_phones_too_as_the_readme_says():
    said = subprocess.run(
        ["make", "-n", "run", "LAN=192.0.2.7"], cwd=ROOT,
        # not as a part of the make that runs the tests, which would say where it goes and comes
        env={**os.environ, "HEXI_SITE_PORT": "9000", "MAKEFLAGS": "", "MAKELEVEL": ""},
        capture_output=True, text=True, timeout=60, check=True,
    ).stdout.splitlines()[-1]  # fmt: skip
    given = dict(re.findall(r"(HEXI_\w+)=(\S+)", said))
    assert given["HEXI_SITE_HOSTS"].split(",") == ["localhost", "127.0.0.1", "192.0.2.7"]
    assert given["HEXI_NOTICES_SITE_URL"] == "http://192.0.2.7:9000"
    assert said.endswith("hexi up --address 0.0.0.0")
    assert all("make run LAN=" in (ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh.md"))
