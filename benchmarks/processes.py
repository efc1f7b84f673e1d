"""What /proc tells about processes: their children and the CPU seconds they have used; machine and load."""

import os
import platform
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
TICK = os.sysconf("SC_CLK_TCK")
#: PostgreSQL's own processes that write what backends have changed
WRITERS = ("walwriter", "checkpointer", "background writer")


def machine() -> str:
    """One line about the machine and how busy it is with other things."""
    cpus = [
        line.partition(":")[2].strip() for line in _text(PROC / "cpuinfo").splitlines() if line.startswith("model name")
    ]
    memory = int(_text(PROC / "meminfo").split()[1]) // 1024 // 1024
    busy = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    name = cpus[0] if cpus else platform.machine()
    return f"{len(cpus)} × {name}, {memory} GB, Python {platform.python_version()}, load {busy}"


def tree(root: int) -> list[int]:
    """A process and everything it has started, itself first."""
    children: dict[int, list[int]] = {}
    for stat in PROC.glob("[0-9]*/stat"):
        if fields := _fields(stat):
            children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, next_ones = [], [root]
    while next_ones:
        found += next_ones
        next_ones = [child for pid in next_ones for child in children.get(pid, ())]
    return found


def seconds(pid: int) -> float:
    """User and system seconds a process has used; 0 if it is gone."""
    fields = _fields(PROC / str(pid) / "stat")
    return sum(map(int, fields[11:13])) / TICK if fields else 0.0


def kill(pid: int) -> None:
    """`kill -9`; nothing happens if it is gone."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def backends(database: str) -> list[int]:
    """PostgreSQL's processes for a database on this machine, and those that write for all."""
    found = []
    for command in PROC.glob("[0-9]*/cmdline"):
        text = _text(command).replace("\0", " ")
        if text.startswith("postgres:") and (f" {database} " in text or any(word in text for word in WRITERS)):
            found.append(int(command.parent.name))
    return found


class Meter:
    """CPU seconds of an installation from `with` to its end: `servers`, `database`, together `total`; `wall` seconds.

    Looks four times a second, so that a process that ends in between is counted nearly whole.
    """

    def __init__(self, pids: Callable[[], list[int]], database: str = "", every: float = 0.25):
        self._pids, self._database, self._every = pids, database, every
        self._first: dict[tuple[str, int], float] = {}
        self._last: dict[tuple[str, int], float] = {}
        self._ended = threading.Event()
        self.wall = 0.0

    def __enter__(self) -> "Meter":
        self._look()
        self._first, self._began = dict(self._last), time.monotonic()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.wall = time.monotonic() - self._began
        self._ended.set()
        self._thread.join()
        self._look()

    def _watch(self) -> None:
        while not self._ended.wait(self._every):
            self._look()

    def _look(self) -> None:
        for pid in self._pids():
            self._last["servers", pid] = seconds(pid)
        for pid in backends(self._database) if self._database else ():
            self._last["database", pid] = seconds(pid)

    def _used(self, kind: str) -> float:
        return sum(now - self._first.get(key, 0.0) for key, now in self._last.items() if key[0] == kind)

    @property
    def servers(self) -> float:
        """Web servers and worker."""
        return self._used("servers")

    @property
    def database(self) -> float:
        """PostgreSQL; SQLite works inside the servers."""
        return self._used("database")

    @property
    def total(self) -> float:
        """Both."""
        return self.servers + self.database


def _fields(stat: Path) -> list[str]:
    """The fields of a `stat` file from the state on (the name before it may hold spaces); empty if it is gone."""
    return _text(stat).rpartition(")")[2].split()


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""
