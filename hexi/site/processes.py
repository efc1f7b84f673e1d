"""The processes of an installation: web server, worker, live events, and `hexi up` that keeps all three running."""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress

from hexi.kernel.manifest import Listener, added
from hexi.site import options

PARTS = ("serve", "work", "listen")
#: a part that ends within so many seconds of its start, so many times in a row, cannot run
SOON, TRIES = 5.0, 3


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


def listen(arguments: argparse.Namespace) -> int:
    """The servers beside the web server: live events for browsers, and each listener that is on, in its own process."""
    wanted = {one.name: one for one in added(Listener) if one.port.value}
    if arguments.what == "events" or (not arguments.what and not wanted):
        events(arguments)
        return 0
    if not arguments.what:
        command = [sys.executable, "-m", "hexi", "listen", "--address", arguments.address]
        return keep_running({name: [*command, name] for name in ("events", *wanted)})
    if arguments.what not in wanted:
        known = {one.name: one.port.key for one in added(Listener)}
        hint = known.get(arguments.what) or ", ".join(("events", *known))
        print(f"✗ {arguments.what}: 没有启用 / is not on（{hint}）", file=sys.stderr)
        return 2
    one = wanted[arguments.what]
    one.run(arguments.address, one.port.value)
    return 0


def events(arguments: argparse.Namespace) -> None:
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
    parser.add_argument("--address", default="127.0.0.1", help="监听地址 / address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, help="端口 / port (option site.port)")


def what(parser: argparse.ArgumentParser) -> None:
    """Parameters of `hexi listen`."""
    names = ", ".join(("events", *(one.name for one in added(Listener))))
    parser.add_argument("what", nargs="?", default="", help=f"只启动一个 / only one of: {names}")
    where(parser)


def up(arguments: argparse.Namespace) -> int:
    """All processes for a laptop; one that dies is started again; Ctrl+C stops them."""
    from django.db import connections

    connections.close_all()
    port = arguments.port or options.PORT.value
    for number, option in ((port, options.PORT), (options.EVENTS_PORT.value, options.EVENTS_PORT)):
        if _taken(arguments.address, number):
            print(f"✗ 端口 {number} 已被占用 / port {number} is in use（{option.key}, {option.variable}）")
            return 1
    print(f"… http://localhost:{port}  Ctrl+C 停止 / to stop", flush=True)
    os.environ[options.PORT.variable] = str(port)  # whoever writes letters and certificates names it too
    flags = ["--address", arguments.address]
    more = {"serve": flags, "listen": flags, "work": []}
    return keep_running({name: [sys.executable, "-m", "hexi", name, *more[name]] for name in PARTS})


def keep_running(commands: dict[str, list[str]], pause: float = 1.0) -> int:
    """Start the commands and restart each that ends, until SIGINT or SIGTERM; then stop all.

    A command that ends three times in a row within five seconds of its start will not do better the fourth time: all
    are stopped, and the answer is 1.
    """
    stop: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda got, _frame: stop.append(got))
    parts = [Part(name, command) for name, command in commands.items()]
    try:
        while not stop:
            time.sleep(pause)
            for part in parts:
                if not stop and not part.goes_on():
                    print(f"✗ {part.name} 一再停止，全部停下 / ends again and again: all stopped", flush=True)
                    return 1
        return 0
    finally:
        _stop([part.process for part in parts])


class Part:
    """One command that is kept running."""

    def __init__(self, name: str, command: list[str]):
        self.name, self.command, self.short_lives = name, command, 0
        self._start()

    def goes_on(self) -> bool:
        """Start it again if it has ended; False if that has been to no avail."""
        code = self.process.poll()
        if code is None:
            return True
        self.short_lives = self.short_lives + 1 if time.monotonic() - self.started < SOON else 0
        if self.short_lives == TRIES:
            return False
        print(f"… {self.name} 已停止，重新启动 / ended ({code}), starting again", flush=True)
        self._start()
        return True

    def _start(self) -> None:
        # a session of its own, so that Ctrl+C reaches it once, through us
        self.process = subprocess.Popen(self.command, start_new_session=True)
        self.started = time.monotonic()


def _taken(address: str, port: int) -> bool:
    """True if somebody listens there already."""
    with socket.socket() as one:
        one.settimeout(1)
        return one.connect_ex((address if address != "0.0.0.0" else "127.0.0.1", port)) == 0  # noqa: S104


def _stop(processes: list["subprocess.Popen[bytes]"]) -> None:
    """Ask all to end, and after ten seconds end them; also what a dead one has left running."""
    give_up = time.monotonic() + 10
    for process in processes:
        process.terminate()
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0.1, give_up - time.monotonic()))
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
