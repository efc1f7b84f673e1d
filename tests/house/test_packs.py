"""Packs: every file of every kind passes its schema and its lint; every option is in a manifest."""

import ast
from pathlib import Path

import pytest
from django.conf import settings

from hexi.kernel import packs
from hexi.kernel.manifest import added
from hexi.kernel.options import Option
from hexi.site.checks import pack_faults

HEXI = Path(settings.HEXI_PACKS).parent / "hexi"
FILES = [(kind, path) for kind in added(packs.Pack) for path in packs.files(kind.folder)]


@pytest.mark.parametrize(("kind", "path"), FILES, ids=lambda one: one.name if isinstance(one, Path) else one.folder)
def test_pack(kind, path):
    assert list(map(str, pack_faults(kind, path))) == []


def test_every_folder_of_packs_has_a_kind():
    kinds = {kind.folder for kind in added(packs.Pack)}
    folders = {path.parent.name for home in packs.homes() for path in home.glob("*/*.yaml")}
    assert folders <= kinds


def test_every_option_is_declared_in_a_manifest():
    declared = {option.key for option in added(Option)}
    written = set()
    for path in HEXI.rglob("*.py"):
        if {"tests", "node_modules"} & set(path.parts):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Option", "SiteUrl") and node.args:
                written.add(ast.literal_eval(node.args[0]))
    assert written == declared
