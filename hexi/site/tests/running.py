"""Real processes of an installation beside the tests, with the tests' database; every wait ends."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

ROOT = Path(settings.HEXI_PACKS).parent


def database_address():
    """The test database as a DATABASE_URL."""
    facts = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{facts['NAME']}"
    signs = [quote(str(facts[name]), safe="") for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")]
    return "postgres://{}:{}@{}:{}/{}".format(*signs)


def environment(**more):
    """What a process needs to be one of the same installation."""
    here = {"DATABASE_URL": database_address(), "HEXI_SITE_DATA": str(settings.DATA), "PYTHONPATH": str(ROOT)}
    return {**os.environ, **here, **more}


@contextmanager
def hexi(*words, **more):
    """`hexi …` in a session of its own, asked to end afterwards and killed with all it started if it does not."""
    process = subprocess.Popen([sys.executable, "-m", "hexi", *words], env=environment(**more), start_new_session=True)
    try:
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(15)
        kill(process)


def kill(process):
    """`kill -9` of a process and all it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


def until(condition, seconds=180.0):
    """Wait until the condition holds; what it gave. Fails after so many seconds."""
    give_up = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < give_up, f"still not so after {seconds} s"
        time.sleep(0.1)
    return found


def noted(path, word, seconds=0.0, due=""):
    """A job: write that it begins and, after some seconds, that it has ended."""
    with Path(path).open("a") as file:
        print("begin", word, due, file=file, flush=True)
        time.sleep(seconds)
        print("end", word, due, file=file, flush=True)
