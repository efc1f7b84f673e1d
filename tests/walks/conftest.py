"""A whole installation for the walks: its own data, all processes, a real browser. Started once a worker."""

import fcntl
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from urllib.request import urlopen

import pytest

from tests.template import migrated

ROOT = Path(__file__).resolve().parents[2]


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def own_database():
    """A PostgreSQL database of the walks' own, if the tests run on PostgreSQL."""
    address = os.environ.get("DATABASE_URL", "")
    if not address.startswith("postgres"):
        return {}
    import psycopg

    name = f"hexi_walks_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
    return {"DATABASE_URL": urlunsplit(urlsplit(address)._replace(path=f"/{name}"))}


class Installation:
    """An installed Hexi in a folder of its own."""

    def __init__(self, folder):
        self.port, events = free_port(), free_port()
        self.exchange_port, self.exchange_secret = free_port(), "secret-of-the-walks"
        clean = {name: value for name, value in os.environ.items() if not name.startswith("HEXI_")}
        self.environment = {
            **clean, **own_database(), "DJANGO_SETTINGS_MODULE": "hexi.site.settings", "HEXI_SITE_DATA": str(folder), "HEXI_SITE_DEMO": "true", "HEXI_SITE_WORKERS": "1",
            "HEXI_SITE_PORT": str(self.port), "HEXI_SITE_EVENTS_PORT": str(events), "PYTHONUNBUFFERED": "1",
            "HEXI_REQUESTS_EXCHANGE_URL": f"http://127.0.0.1:{self.exchange_port}/exchange",
            "HEXI_REQUESTS_EXCHANGE_SECRET": self.exchange_secret, "HEXI_REQUESTS_EXCHANGE_PRIVATE": "true",
        }  # fmt: skip
        self.url = f"http://localhost:{self.port}"
        self.process = None

    def run(self, *words, program="hexi"):
        command = [sys.executable, "-m", program, *words]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=600, check=False
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hexi", "up"], cwd=ROOT, env=self.environment, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for _ in range(900):
            try:
                urlopen(f"{self.url}/progress/", timeout=5).read()
                return
            except OSError:
                time.sleep(0.2)
        raise AssertionError("the site did not start")

    def stop(self):
        self.process.terminate()
        self.process.wait(180)


def fill(one):
    """Set up a demo of forty cases."""
    if "DATABASE_URL" not in one.environment:
        shutil.copyfile(migrated(), Path(one.environment["HEXI_SITE_DATA"]) / "hexi.sqlite3")
    one.run("setup", "--no-assets")
    # what is built already, compressed as it is served: the walks weigh pages
    one.run("collectstatic", "--noinput", "-v", "0", program="django")
    one.run("demo", "--cases", "40")


def fill_once(one, folder, shared):
    """The same for the second worker, which copies what the first made. Each database of PostgreSQL is its own."""
    if "DATABASE_URL" in one.environment or "PYTEST_XDIST_WORKER" not in os.environ:
        return fill(one)
    with (shared.parent / f"{shared.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not shared.exists():
            fill(one)
            return shutil.copytree(folder, shared)
    return shutil.copytree(shared, folder, dirs_exist_ok=True)


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """A running demo installation."""
    folder = tmp_path_factory.mktemp("walks")
    one = Installation(folder)
    fill_once(one, folder, tmp_path_factory.getbasetemp().parent / "walked")
    one.start()
    yield one
    one.stop()


PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1280, "height": 900}}


@pytest.fixture
def visit(chromium, site):
    """`visit()` opens a new browser of somebody: `visit(username, phone=True, js=False, cookies={…})`."""
    contexts = []

    def open_browser(username="", *, phone=False, js=True, cookies=None):
        context = chromium.new_context(
            base_url=site.url, java_script_enabled=js, locale="zh-CN", **(PHONE if phone else DESK)
        )
        contexts.append(context)
        context.add_cookies(
            [{"name": name, "value": value, "url": site.url} for name, value in (cookies or {}).items()]
        )
        page = context.new_page()
        page.set_default_timeout(30_000)
        problems = page.problems = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "console",
            lambda line: (
                problems.append(line.text) if line.type == "error" and "status of 4" not in line.text else None
            ),
        )
        if username:
            become(page, username)
        return page

    yield open_browser
    for context in contexts:
        context.close()


def become(page, username):
    """Switch roles as the demo strip does, in one click; no page is drawn for it."""
    token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', page.request.get("/progress/").text())[1]
    said = page.request.post("/demo/role/", form={"csrfmiddlewaretoken": token, "username": username}, max_redirects=0)
    assert said.status == 302, said.text()
