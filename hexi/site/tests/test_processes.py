"""`hexi up`: all processes run, one that dies comes back, Ctrl+C leaves none behind, what cannot run is told."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from hexi.kernel.options import override
from hexi.site import options, processes
from hexi.site.tests.running import ROOT, environment, until

pytestmark = pytest.mark.django_db(transaction=True)
KEEP = "import sys; from hexi.site.processes import keep_running; sys.exit(keep_running({}, 0.1))"


def free_ports(number):
    """Ports nobody listens on."""
    sockets = [socket.socket() for _ in range(number)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def family(pid):
    """Command lines of all processes below this one, by their ids."""
    children = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (FileNotFoundError, ProcessLookupError):
            continue
        children.setdefault(parent, {})[int(entry.name)] = line
    found, new = {}, {pid: ""}
    while new:
        found |= new
        new = {child: line for one in new for child, line in children.get(one, {}).items()}
    return {one: line for one, line in found.items() if one != pid}


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@contextmanager
def up(*words, **more):
    """`hexi up`, whatever happens killed at the end with all it started."""
    process = subprocess.Popen(
        [sys.executable, "-m", "hexi", "up", *words], cwd=ROOT, env=environment(HEXI_SITE_WORKERS="1", **more),
        stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        below = family(process.pid)
        process.kill()
        process.wait(10)
        for one in below:
            if alive(one):
                os.kill(one, signal.SIGKILL)


def answers(port):
    try:
        with urllib.request.urlopen(f"http://localhost:{port}/health/", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
def test_a_killed_part_comes_back_and_ctrl_c_leaves_none_behind():
    port, events = free_ports(2)
    with up("--port", str(port), HEXI_SITE_EVENTS_PORT=str(events)) as process:
        until(lambda: answers(port))
        server = next(pid for pid, line in family(process.pid).items() if "hexi serve" in line)
        # letters and certificates, written by whichever part, name the port that is served
        for pid, line in family(process.pid).items():
            if "hexi" in line:
                assert f"HEXI_SITE_PORT={port}" in (Path(f"/proc/{pid}/environ").read_text().split("\0"))
        os.killpg(server, signal.SIGKILL)
        until(lambda: not alive(server))
        until(lambda: answers(port))
        below = family(process.pid)
        assert {word for line in below.values() for word in line.split() if word in ("serve", "work", "listen")} == {
            "serve", "work", "listen",
        }  # fmt: skip
        process.send_signal(signal.SIGINT)
        assert process.wait(180) == 0
        assert [line for pid, line in below.items() if alive(pid)] == []
        said = process.stdout.read()
    assert said.startswith(f"… http://localhost:{port}")
    assert "serve 已停止，重新启动" in said


@pytest.mark.parametrize(("asked", "workers"), [(0, os.cpu_count()), (3, 3)])
def test_the_web_server_has_a_worker_a_core_and_one_thread_each(monkeypatch, asked, workers):
    given = {}
    monkeypatch.setattr(
        "granian.Granian", lambda target, **facts: given.update(facts, target=target) or SimpleNamespace(serve=dict)
    )
    with override(options.WORKERS, asked):
        processes.serve(SimpleNamespace(address="127.0.0.1", port=None))
    assert (given["target"], given["workers"], given["blocking_threads"]) == ("hexi.site.wsgi:application", workers, 1)


def test_a_port_in_use_is_named():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen()
        port = one.getsockname()[1]
        with up("--port", str(port)) as process:
            assert process.wait(180) == 1
            assert f"✗ 端口 {port} 已被占用" in process.stdout.read()


def test_what_ends_again_and_again_stops_everything():
    lasting = [sys.executable, "-c", "import time; time.sleep(300)"]
    commands = {"good": lasting, "bad": [sys.executable, "-c", "raise SystemExit(3)"]}
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-c", KEEP.format(commands)], cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True
    )
    below = until(lambda: [pid for pid, line in family(process.pid).items() if "sleep(300)" in line])
    assert process.wait(180) == 1
    said = process.stdout.read()
    assert said.count("bad 已停止，重新启动 / ended (3)") == 2
    assert "✗ bad 一再停止" in said
    assert not any(map(alive, below))
    assert time.monotonic() - started < 20
