"""Any domain can be switched off, and its folder deleted: the rest is still set up, starts and answers."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from hexi.kernel.manifest import places
from tests.template import migrated

ROOT = Path(settings.HEXI_PACKS).parent
DOMAINS = [
    place.removeprefix("hexi.domains.").removesuffix(".domain")
    for place in places()
    if place.startswith("hexi.domains.")
]
CHECK = """
import django, os
django.setup()
from django.core.management import call_command
from django.test import Client
call_command("check")
call_command("migrate", verbosity=0)
answer = Client(HTTP_HOST="localhost").get("/")
assert answer.status_code == 200, answer.status_code
from hexi.kernel.manifest import manifests
assert not [one for one in manifests() if one.key in os.environ["GONE"].split()]
"""
#: as `hexi setup --no-assets`; of the divisions the counties and Yumen: the other villages take longer than all the rest
SETUP = """
from hexi.blocks.regions import lists
whole = lists.read
lists.read = lambda path: [one for one in whole(path) if one.code.endswith("0" * 6) or one.code.startswith("620981")]
from hexi.site import cli
arguments = cli.parser().parse_args(["setup", "--no-assets"])
assert arguments.run(arguments) == 0
"""


def start(folder, tmp_path, code=CHECK, **more):
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith("HEXI_") and name != "DATABASE_URL"
    }
    environment = {
        **clean,
        "DJANGO_SETTINGS_MODULE": "hexi.site.settings",
        "HEXI_SITE_DATA": str(tmp_path / "var"),
        "HEXI_SITE_DEMO": "true",
        "PYTHONPATH": str(folder),
        **more,
    }
    (tmp_path / "var" / "keys").mkdir(parents=True)
    # with the tables of every domain, as one has them before; `migrate` finds a migration that needs what is gone
    shutil.copyfile(migrated(), tmp_path / "var" / "hexi.sqlite3")
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_there_is_a_domain():
    assert "livelihood.hall" in DOMAINS


@pytest.mark.long
def test_switched_off(tmp_path):
    """All at once: what one needs of another is found where each is deleted."""
    gone = " ".join(domain.rpartition(".")[2] for domain in DOMAINS)
    done = start(ROOT, tmp_path, HEXI_SITE_DOMAINS_OFF=",".join(DOMAINS), GONE=gone)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.long
@pytest.mark.parametrize("domain", DOMAINS)
def test_deleted(domain, tmp_path):
    copy = tmp_path / "house"
    ignored = shutil.ignore_patterns("node_modules", "tests")
    shutil.copytree(ROOT / "hexi", copy / "hexi", ignore=ignored)
    shutil.copytree(ROOT / "packs", copy / "packs")
    shutil.rmtree(copy / "hexi" / "domains" / Path(*domain.split(".")))
    done = start(copy, tmp_path, CHECK + SETUP, GONE=domain.rpartition(".")[2])
    assert done.returncode == 0, done.stderr[-2000:]
