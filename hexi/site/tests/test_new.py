"""`hexi new`: what it writes is whole but for what is marked to fill in, and it never writes over anything."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from hexi.kernel import packs
from hexi.kernel.manifest import added
from hexi.site import cli, new
from hexi.site.checks import pack_faults
from tests.template import GIVEN, migrated

ROOT = Path(settings.HEXI_PACKS).parent
SERVICE = ["new", "service", "field-fire", "野外用火审批", "--department", "yumen-forestry"]


@pytest.fixture
def house(tmp_path, monkeypatch, settings):
    """The folders that `hexi new` writes to, empty but for what it reads."""
    hall = tmp_path / "hexi" / "domains" / "livelihood" / "hall"
    hall.mkdir(parents=True)
    (hall / "domain.py").touch()
    shutil.copytree(ROOT / "packs" / "gansu" / "departments", tmp_path / "packs" / "gansu" / "departments")
    monkeypatch.setattr(new, "HEXI", tmp_path / "hexi")
    monkeypatch.setattr(packs, "homes", lambda: iter([hall / "packs", tmp_path / "packs" / "gansu"]))
    monkeypatch.chdir(tmp_path)
    settings.HEXI_PACKS = tmp_path / "packs"
    return tmp_path


def run(*words):
    arguments = cli.parser().parse_args(words)
    return arguments.run(arguments)


def written(house):
    return sorted(path for path in house.rglob("*.yaml") if path.parent.name != "departments")


def faults(house):
    kinds = {kind.folder: kind for kind in added(packs.Pack)}
    return [str(fault) for path in written(house) for fault in pack_faults(kinds[path.parent.name], path)]


def test_a_new_service_lacks_only_what_is_marked(house, capsys):
    assert run(*SERVICE) == 0
    files = [str(path.relative_to(house)) for path in written(house)]
    assert files == [
        "hexi/domains/livelihood/hall/packs/certificates/field-fire.yaml",
        "hexi/domains/livelihood/hall/packs/services/field-fire.yaml",
        "packs/gansu/services/field-fire.yaml",
    ]
    said = capsys.readouterr().out
    assert all(f"✓ {name}\n" in said and f" {name} " in said.splitlines()[-1] for name in files)
    assert any("待填写" in fault for fault in faults(house))
    for path in written(house):
        path.write_text(path.read_text("utf-8").replace("【请改】", "").replace("[FILL IN] ", ""), "utf-8")
    assert faults(house) == []


def test_nothing_is_written_over(house, capsys):
    assert run(*SERVICE) == 0
    mine = written(house)[1]
    mine.write_text("my own work", "utf-8")
    assert run(*SERVICE) == 1
    assert mine.read_text("utf-8") == "my own work"
    assert "已存在" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--department", "yumen-nowhere"], "yumen-forestry"),
        (["--department", "yumen-forestry", "--domain", "livelihood.nowhere"], "livelihood.nowhere"),
    ],
)
def test_an_unknown_office_or_domain_is_named_and_nothing_written(house, capsys, words, sentence):
    assert run("new", "service", "field-fire", "野外用火审批", *words) == 1
    assert sentence in capsys.readouterr().out
    assert written(house) == []


@pytest.mark.parametrize(
    "words",
    [
        ["new", "service", "Field_Fire", "野外用火审批", "--department", "yumen-forestry"],
        ["new", "service", "field-fire", "{}", "--department", "yumen-forestry"],
        ["new", "domain", "class", "班"],
        ["new", "domain", "cases", "办件"],
        ["new", "domain", "a.b.c", "三层"],
    ],
)
def test_names_that_could_not_work_are_refused(house, words):
    with pytest.raises(SystemExit):
        run(*words)
    assert written(house) == []


def test_the_service_of_the_guide_is_made_from_its_text(house, capsys):
    text = (ROOT / "docs" / "new-service.md").read_text("utf-8")
    command = re.search(r"^\$ hexi (new service .*)$", text, re.MULTILINE)[1]
    assert run(*shlex.split(command)) == 0
    listed = re.search(r"^✓ .*\n✓ .*\n✓ .*$", text, re.MULTILINE)[0]
    assert listed in capsys.readouterr().out
    before = [fault.replace(f"{house}/", "") for fault in dict.fromkeys(faults(house))]
    assert f"it says {len(before)} places" in text
    assert {f"✗ {fault}" for fault in before} >= set(re.findall("^✗ .*$", text, re.MULTILINE))
    patch = re.search(r"^```diff\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)[1]
    subprocess.run(["git", "apply", "--unidiff-zero"], cwd=house, input=patch, text=True, check=True)
    assert faults(house) == []


@pytest.fixture
def copy(tmp_path):
    """A whole house to build in; gives a function that runs a Python module there."""
    ignored = shutil.ignore_patterns("node_modules", "__pycache__", "tests")
    shutil.copytree(ROOT / "hexi", tmp_path / "hexi", ignore=ignored)
    shutil.copytree(ROOT / "packs", tmp_path / "packs")
    shutil.copytree(ROOT / "tests", tmp_path / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    for block in ("audit", "people", "regions"):  # what the root conftest and the house's plugin need of tests
        shutil.copytree(ROOT / "hexi" / "blocks" / block / "tests", tmp_path / "hexi" / "blocks" / block / "tests")
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("HEXI_") and name != "DATABASE_URL"
    }
    environment = {
        **kept, "PYTHONPATH": str(tmp_path), "HEXI_SITE_DATA": str(tmp_path / "var"), GIVEN: str(migrated()),
    }  # fmt: skip

    def ran(command):
        done = subprocess.run(
            [sys.executable, "-m", *command.split()], cwd=tmp_path, env=environment, capture_output=True, text=True,
            timeout=200, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    ran.home = tmp_path
    return ran


def test_a_new_sub_domain_starts_and_its_own_test_passes(copy):
    copy("hexi new domain livelihood.care 养老服务")
    assert "1 passed" in copy("pytest -p no:cacheprovider -o addopts= hexi/domains/livelihood/care")


def test_the_domain_of_the_guide_is_built_from_its_text(copy):
    text = (ROOT / "docs" / "new-domain.md").read_text("utf-8")
    files = re.findall(r"^`(hexi/domains/pumps/[^`]+)`\n```\w+\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert len(files) == 8
    assert re.search(r"^\$ hexi (new domain pumps .*)$", text, re.MULTILINE)
    listed = copy("hexi new domain pumps 机井").splitlines()
    assert [line for line in listed if line.startswith("✓")] == re.findall("^✓ .*$", text, re.MULTILINE)
    for name, content in files:
        path = copy.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    assert "+ Create model Pump" in copy("django makemigrations pumps --settings hexi.site.settings")
    assert "5 passed" in copy("pytest -p no:cacheprovider -o addopts=-ptests.isolation hexi/domains/pumps")
    copy("hexi.site.translations hexi/domains/pumps")
    copy("hexi check hexi/domains/pumps/packs/roles/pumps.yaml")
    copy("ruff check hexi/domains/pumps")
    copy("ruff format --check hexi/domains/pumps --exclude migrations")
