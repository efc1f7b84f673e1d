"""The contracts in pyproject.toml: each is broken by what it forbids, so none is there for show; every wide domain is listed."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.conf import settings

from hexi.blocks import ORDER

ROOT = Path(settings.HEXI_PACKS).parent
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
PARTS = {
    "": ["__main__"],
    "site": [], "ui": [], "wire": ["sms"], "kernel": ["jobs"],
    "fronts.citizen": ["door", "pages"], "fronts.workbench": ["door"],
    "domains.energy": ["domain", "pages", "models"], "domains.livelihood": [],
    "domains.livelihood.hall": ["domain", "operations"], "domains.livelihood.grid": ["domain", "models"],
    **{f"blocks.{name}": ["block", "pages", "jobs", "operations", "queries", "hooks", "models", "ways"] for name in ORDER},
}  # fmt: skip


def make_house(folder):
    """Empty modules in the shape of the house."""
    for part, modules in PARTS.items():
        home = folder / "hexi" / part.replace(".", "/")
        for place in [home, *home.parents]:
            if place == folder:
                break
            place.mkdir(parents=True, exist_ok=True)
            (place / "__init__.py").touch()
        for module in modules:
            (home / f"{module}.py").touch()


def lint(folder, importer, *imported):
    """What import-linter says once one module of the empty house imports others."""
    path = folder / "hexi" / (importer.replace(".", "/") + ".py")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"import {module}\n" for module in imported))
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--config", ROOT / "pyproject.toml"]
    environment = {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, [
        line.removesuffix(" BROKEN") for line in done.stdout.splitlines() if line.endswith(" BROKEN")
    ]


def name_of(key):
    return next(contract["name"] for contract in CONTRACTS if contract["id"] == key)


BREACHES = [
    ("storeys", "kernel.jobs", "hexi.ui"),
    ("storeys", "ui.pages", "hexi.blocks.cases.queries"),
    ("storeys", "blocks.cases.pages", "hexi.fronts.citizen.door"),
    ("storeys", "fronts.citizen.pages", "hexi.domains.energy.models"),
    ("storeys", "domains.energy.pages", "hexi.fronts.citizen.pages"),
    ("storeys", "attic", "hexi.kernel"),
    ("blocks", "blocks.people.queries", "hexi.blocks.cases.models"),
    ("blocks", "blocks.devices", "hexi.kernel"),
    ("blocks", "blocks.market.queries", "hexi.blocks.cases.models"),
    ("blocks", "blocks.cases.queries", "hexi.blocks.market.models"),
    ("domains", "domains.energy.pages", "hexi.domains.livelihood.hall.operations"),
    ("subdomains", "domains.livelihood.hall.operations", "hexi.domains.livelihood.grid.models"),
    ("doors", "fronts.citizen.pages", "hexi.fronts.workbench.door"),
    ("inside", "blocks.cases.operations", "hexi.blocks.cases.jobs"),
    ("inside", "blocks.cases.queries", "hexi.blocks.cases.operations"),
    ("inside", "blocks.cases.jobs", "hexi.blocks.cases.pages"),
    ("inside", "blocks.cases.models", "hexi.blocks.cases.hooks"),
    ("inside", "domains.energy.models", "hexi.domains.energy.pages"),
    ("inside", "fronts.citizen.pages", "hexi.fronts.citizen.door"),
    ("wire", "wire.sms", "django.db"),
    ("wire", "wire.sms", "hexi.kernel.jobs"),
]


@pytest.mark.parametrize(("contract", "importer", "imported"), BREACHES)
def test_a_breach_is_found(tmp_path, contract, importer, imported):
    make_house(tmp_path)
    code, broken = lint(tmp_path, importer, imported)
    assert (code, broken) == (1, [name_of(contract)])


def test_every_contract_is_tried():
    assert {contract for contract, _importer, _imported in BREACHES} == {contract["id"] for contract in CONTRACTS}


def test_a_detour_is_a_breach_too(tmp_path):
    make_house(tmp_path)
    (tmp_path / "hexi/blocks/cases/ways.py").write_text("import hexi.blocks.cases.jobs\n")
    code, broken = lint(tmp_path, "blocks.cases.operations", "hexi.blocks.cases.ways")
    assert (code, broken) == (1, [name_of("inside")])


def test_what_is_allowed_is_left_alone(tmp_path):
    make_house(tmp_path)
    (tmp_path / "hexi/blocks/cases/pages.py").unlink()
    lower = ["hexi.blocks.cases.ways", "hexi.blocks.audit.operations", "hexi.ui", "hexi.wire.sms", "hexi.kernel.jobs"]
    assert lint(tmp_path, "blocks.cases.pages.work", *lower, "hexi.blocks.cases.operations") == (0, [])


def test_only_tests_and_migrations_are_exempt(tmp_path):
    make_house(tmp_path)
    assert lint(tmp_path, "domains.energy.tests.test_pages", "hexi.fronts.citizen.pages") == (0, [])
    allowed = {"hexi.**.tests.** -> **", "hexi.**.migrations.** -> **"}
    assert {ignored for contract in CONTRACTS for ignored in contract.get("ignore_imports", [])} <= allowed


def test_the_order_of_blocks_is_said_once():
    layers = next(contract["layers"] for contract in CONTRACTS if contract["id"] == "blocks")
    assert tuple(block for layer in reversed(layers) for block in layer.split(" | ")) == ORDER


def test_a_wide_domain_is_listed_and_holds_nothing_else():
    """Its sub-domains are independent too; modules of its own would know of all of them."""
    listed = next(contract["modules"] for contract in CONTRACTS if contract["id"] == "subdomains")
    wide = {path.parents[1] for path in (ROOT / "hexi" / "domains").glob("*/*/domain.py")}
    assert sorted(listed) == sorted(f"hexi.domains.{home.name}.*" for home in wide)
    for home in wide:
        assert [path.name for path in home.glob("*.py")] == ["__init__.py"]
