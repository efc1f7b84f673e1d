"""An installation of its own for a benchmark or a race: data folder, database, servers; the CPU seconds they use.

Nothing of the developer's own installation is touched. PostgreSQL databases are named hexi_bench_…
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from urllib.request import urlopen

from benchmarks import processes

ROOT = Path(__file__).resolve().parents[1]
DEFAULT = "postgres://postgres@127.0.0.1:5432/postgres"
SQLITE, POSTGRES = "SQLite", "PostgreSQL"


def postgres() -> str:
    """Address of the PostgreSQL server to use: BENCH_POSTGRES, else DATABASE_URL, else the local one."""
    given = os.environ.get("DATABASE_URL", "")
    return os.environ.get("BENCH_POSTGRES") or (given if given.startswith("postgres") else DEFAULT)


def databases() -> tuple[str, ...]:
    """What this machine can measure on: SQLite always, PostgreSQL if a server answers."""
    import psycopg

    try:
        psycopg.connect(postgres(), connect_timeout=3).close()
    except psycopg.OperationalError as error:
        print(f"… PostgreSQL is left out: {str(error).strip()}", flush=True)
        return (SQLITE,)
    return (SQLITE, POSTGRES)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Installation:
    """One installed Hexi. Use it in a `with`: it is removed at the end."""

    def __init__(self, name: str, database: str = SQLITE, **options: Any):
        self.name, self.database = f"hexi_bench_{name}_{os.getpid()}", database
        self.folder = Path(tempfile.mkdtemp(prefix=f"{self.name}_"))
        self.port = free_port()
        self.process: subprocess.Popen | None = None
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("HEXI_", "DATABASE_URL"))}
        given = {f"HEXI_{key.upper()}": str(value) for key, value in options.items()}
        self.environment = {
            **clean, "HEXI_SITE_DATA": str(self.folder), "HEXI_SITE_PORT": str(self.port),
            "HEXI_SITE_EVENTS_PORT": str(free_port()), "HEXI_SITE_REGION_PACKS": "gansu", "PYTHONUNBUFFERED": "1",
            **given,
        }  # fmt: skip
        if database == POSTGRES:
            self._admin(f"CREATE DATABASE {self.name}")
            self.environment["DATABASE_URL"] = urlunsplit(urlsplit(postgres())._replace(path=f"/{self.name}"))

    def __enter__(self) -> "Installation":
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()
        if self.database == POSTGRES:
            self._admin(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def run(self, *words: str) -> str:
        """A command of `hexi`; what it printed. Raises `RuntimeError` with its last lines if it failed."""
        return self._python("hexi", *words)

    def ask(self, module: str, *words: str) -> Any:
        """Run a module inside the installation; the JSON it prints as its last line."""
        return json.loads(self.inside(module, *words).strip().splitlines()[-1])

    def inside(self, module: str, *words: str) -> str:
        """Run a module inside the installation; what it printed."""
        return self._python(module, *words)

    def _python(self, module: str, *words: str) -> str:
        command = [sys.executable, "-m", module, *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)}: {done.stdout[-2000:]}{done.stderr[-4000:]}")
        return done.stdout

    def start(self, *commands: str) -> "Installation":
        """Start `hexi up` (or `commands`, the module first) and wait until it answers."""
        words = commands or ("hexi", "up")
        log = (self.folder / "log.txt").open("a")
        self.process = subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=ROOT,
            env=self.environment,
            start_new_session=True,
            stdout=log,
            stderr=log,
        )
        self.wait()
        return self

    def wait(self, seconds: float = 180) -> None:
        """Wait until a page comes back."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                urlopen(f"{self.url}/progress/", timeout=5).read()
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"{self.url} does not answer: {(self.folder / 'log.txt').read_text()[-2000:]}")

    def rest(self, seconds: float = 60) -> None:
        """Wait until the worker has done what was due at the start, lest it count for what is measured."""
        end, before = time.monotonic() + seconds, float("-inf")
        while time.monotonic() < end:
            used = sum(map(processes.seconds, self.pids()))
            if used - before < 0.1:
                return
            before = used
            time.sleep(1)

    def pids(self) -> list[int]:
        """Every process of the installation, the one that keeps the others first."""
        return processes.tree(self.process.pid) if self.process else []

    def kill(self) -> None:
        """`kill -9` for every process at once, as if the power failed."""
        for pid in self.pids():
            processes.kill(pid)
        if self.process:
            self.process.wait()

    def stop(self) -> None:
        """Stop what runs; what does not stop is killed."""
        left = self.pids()
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()
        for pid in left:
            processes.kill(pid)
        self.process = None

    def meter(self) -> processes.Meter:
        """Counts the CPU seconds of the servers, and of the database's processes for this database."""
        return processes.Meter(self.pids, self.name if self.database == POSTGRES else "")

    def _admin(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(postgres(), autocommit=True) as connection:
            connection.execute(statement)
