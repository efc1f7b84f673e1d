"""Any domain can be switched off, and its folder deleted: the rest still starts and answers."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from hexi.kernel.manifest import places

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
assert not [one for one in manifests() if one.key == os.environ["GONE"]]
"""


def start(folder, tmp_path, **more):
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith("HEXI_") and name != "DATABASE_URL"
    }
    environment = {
        **clean,
        "DJANGO_SETTINGS_MODULE": "hexi.site.settings",
        "HEXI_SITE_DATA": str(tmp_path / "var"),
        "PYTHONPATH": str(folder),
        **more,
    }
    (tmp_path / "var" / "keys").mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        [sys.executable, "-c", CHECK],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_there_is_a_domain():
    assert "livelihood.hall" in DOMAINS


@pytest.mark.parametrize("domain", DOMAINS)
def test_switched_off(domain, tmp_path):
    done = start(ROOT, tmp_path, HEXI_SITE_DOMAINS_OFF=domain, GONE=domain.rpartition(".")[2])
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize("domain", DOMAINS)
def test_deleted(domain, tmp_path):
    copy = tmp_path / "house"
    ignored = shutil.ignore_patterns("node_modules", "__pycache__", "tests")
    shutil.copytree(ROOT / "hexi", copy / "hexi", ignore=ignored)
    shutil.copytree(ROOT / "packs", copy / "packs")
    shutil.rmtree(copy / "hexi" / "domains" / Path(*domain.split(".")))
    done = start(copy, tmp_path, GONE=domain.rpartition(".")[2])
    assert done.returncode == 0, done.stderr[-2000:]
