"""The processes of an installation: web server, worker, live events, and `hexi up` that keeps all three running."""

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable

from hexi.site import options

PARTS = ("serve", "work", "listen")


def serve(arguments: argparse.Namespace) -> None:
    """The web server: Granian WSGI, one thread a worker (docs/decisions/server.md)."""
    from granian import Granian
    from granian.constants import Interfaces

    Granian(
        "hexi.site.wsgi:application",
        address=arguments.address,
        port=arguments.port or options.PORT.value,
        interface=Interfaces.WSGI,
        workers=options.WORKERS.value or os.cpu_count() or 1,
        blocking_threads=1,
        backlog=1024,
        log_level="warning",
        respawn_failed_workers=True,
    ).serve()


def listen(arguments: argparse.Namespace) -> None:
    """Live events for browsers (server-sent events), in a small ASGI process of its own."""
    from granian import Granian
    from granian.constants import Interfaces

    Granian(
        "hexi.site.asgi:application",
        address=arguments.address,
        port=options.EVENTS_PORT.value,
        interface=Interfaces.ASGINL,
        workers=1,
        log_level="warning",
    ).serve()


def work(arguments: argparse.Namespace) -> None:
    """The worker: later, repeated and retried jobs."""
    from django.core.management import call_command

    from hexi.kernel.jobs import sync_schedules

    sync_schedules()
    call_command("qcluster", verbosity=0)


def where(parser: argparse.ArgumentParser) -> None:
    """Parameters of the servers."""
    parser.add_argument("--address", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, help="port (option site.port)")


def up(arguments: argparse.Namespace) -> int:
    """All processes for a laptop; one that dies is started again; Ctrl+C stops them."""
    from django.db import connections

    connections.close_all()
    flags = ["--address", arguments.address]
    port = ["--port", str(arguments.port)] if arguments.port else []
    more = {"serve": [*flags, *port], "listen": flags, "work": []}
    return keep_running({name: [sys.executable, "-m", "hexi", name, *more[name]] for name in PARTS})


def keep_running(commands: dict[str, list[str]], pause: float = 1.0) -> int:
    """Start the commands and restart each that ends, until SIGINT or SIGTERM; then stop all."""
    running = {name: _start(command) for name, command in commands.items()}
    stop: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda got, _frame: stop.append(got))
    while not stop:
        time.sleep(pause)
        for name, process in running.items():
            if process.poll() is not None and not stop:
                print(f"… {name} 已停止，重新启动 / ended ({process.returncode}), starting again", flush=True)
                running[name] = _start(commands[name])
    _stop(running.values())
    return 0


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    # its own group, so that Ctrl+C reaches it once, through us
    return subprocess.Popen(command, start_new_session=True)


def _stop(processes: Iterable[subprocess.Popen[bytes]]) -> None:
    processes = list(processes)
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
