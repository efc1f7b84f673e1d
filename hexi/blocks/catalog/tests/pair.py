"""Two installations beside the tests, each with folder, database, keys and gateways of its own, and a service between.

`with pair(folder) as (asks, offers):` gives the one that calls and the one that offers the service ECHO.
"""

import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from http.client import HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[4]
CLIENT, SERVICE = "CN/GOV/ASKS/CASES", "/r1/CN/GOV/OFFERS/REGISTER/ECHO"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Side:
    """One installation."""

    def __init__(self, folder, **options):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.consumer, self.provider = free_port(), free_port()
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("HEXI_", "DATABASE_URL"))}
        self.environment = {
            **clean, "HEXI_SITE_DATA": str(self.folder), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1",
            "HEXI_CATALOG_SERVICE_NETWORKS": "127.0.0.0/8",
            "HEXI_CATALOG_CONSUMER_PORT": str(self.consumer), "HEXI_CATALOG_PROVIDER_PORT": str(self.provider),
            **{f"HEXI_{name.upper()}": str(value) for name, value in options.items()},
        }  # fmt: skip
        self.processes, self.inside = {}, None

    @property
    def url(self):
        """Of its provider gateway."""
        return f"https://127.0.0.1:{self.provider}"

    @property
    def database(self):
        return self.folder / "hexi.sqlite3"

    def step(self, name, **facts):
        """A step of `side`, inside; what it gives."""
        return self.steps([name, facts])[0]

    def steps(self, *steps):
        """Several of them, one after the other; all in one process, which takes seconds to begin."""
        if self.inside is None:
            self.inside = subprocess.Popen(
                [sys.executable, "-m", "hexi.blocks.catalog.tests.side"], cwd=ROOT, env=self.environment, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=(self.folder / "side.log").open("a"),
            )  # fmt: skip
        self.inside.stdin.write(json.dumps(steps) + "\n")
        self.inside.stdin.flush()
        said = self.inside.stdout.readline()
        if not said:  # it ended with an error
            self.inside = None
            raise AssertionError((self.folder / "side.log").read_text()[-4000:])
        return json.loads(said)

    def background(self, *steps):
        """Steps in a process that may be killed."""
        command = [sys.executable, "-m", "hexi.blocks.catalog.tests.side", json.dumps(steps)]
        return subprocess.Popen(
            command, cwd=ROOT, env=self.environment, start_new_session=True, stdout=subprocess.DEVNULL
        )

    def hexi(self, *words):
        """A command; its exit code and what it printed."""
        command = [sys.executable, "-m", "hexi", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def start(self, what, **more):
        """A gateway, once it listens."""
        log = (self.folder / f"{what}.log").open("a")
        command = [sys.executable, "-m", "hexi", "listen", what]
        self.processes[what] = subprocess.Popen(
            command, cwd=ROOT, env={**self.environment, **more}, start_new_session=True, stdout=log, stderr=log
        )
        wait_for(getattr(self, what), self.processes[what], self.folder / f"{what}.log")

    def stop(self, what, number=signal.SIGTERM):
        """End a gateway."""
        process = self.processes.pop(what)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    def stop_all(self):
        for what in list(self.processes):
            self.stop(what)
        if self.inside is not None:
            self.inside.stdin.close()
            self.inside.wait(20)
            self.inside = None


def wait_for(port, process, log, seconds=120):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()[-3000:]
        with socket.socket() as one:
            one.settimeout(1)
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nobody listens on {port}: {log.read_text()[-3000:]}")


class Echo:
    """The service behind the provider's gateway: answers with what came; `mode` makes it misbehave."""

    def __init__(self):
        echo = self
        self.mode, self.calls = "", []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                echo.calls.append((self.command, self.path, dict(self.headers), body))
                if echo.mode == "garbage":
                    self.wfile.write(b"\x00\xff nothing of the kind\r\n\r\n")
                    self.close_connection = True
                    return
                if echo.mode == "slow":
                    time.sleep(7)
                status, said = (404, b'{"missing": true}') if echo.mode == "missing" else (200, body or b'{"ok": true}')
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("X-Road-Request-Hash", "forged")
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815

            def log_message(self, *_):
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/base"
        Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def system(folder):
    """Key and certificate of an information system, as a file; and the certificate alone."""
    from hexi.blocks.catalog.exchange_keys import self_signed

    key, certificate = self_signed("system")
    path = Path(folder) / "system.pem"
    path.write_bytes(key + certificate)
    return path, certificate.decode()


def client(own, server_certificate):
    """TLS as a system speaks it: shows its own certificate, takes the gateway's alone."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    made.load_verify_locations(cadata=server_certificate)
    if own:
        made.load_cert_chain(own)
    return made


def call(address, context, method="GET", path=f"{SERVICE}/v1/things?q=1", body=None, **headers):
    """One call; status, headers by small names, body."""
    parts = urlsplit(address)
    connection = HTTPSConnection(parts.hostname, parts.port, context=context, timeout=60)
    try:
        given = {"X-Road-Client": CLIENT, **{name.replace("_", "-"): value for name, value in headers.items()}}
        connection.request(method, path, body, given)
        got = connection.getresponse()
        return got.status, {name.lower(): value for name, value in got.getheaders()}, got.read()
    finally:
        connection.close()


def prepared(folder, template=None, service="", **options):
    """Two installations that trust each other, not started; the echo service, and how to call.

    `template`: a migrated SQLite file to begin with; without it one is migrated here. `service`: another than the echo.
    """
    echo = Echo()
    asks, offers = Side(folder / "asks", **options), Side(folder / "offers", **options)
    if template is None:
        asks.step("migrate")
        template = asks.database
    for one in (asks, offers):
        if one.database != template:
            shutil.copyfile(template, one.database)
    own, certificate = system(folder)
    card = asks.steps(
        ["prepare", {}],
        ["open_here", dict(code="GW-A", url=asks.url, member="ASKS", subsystem="CASES", certificate=certificate)],
    )[1]
    other, *_ = offers.steps(
        ["prepare", {}],
        [
            "open_here",
            dict(
                code="GW-B",
                url=offers.url,
                member="OFFERS",
                subsystem="REGISTER",
                services={"ECHO": service or echo.url},
            ),
        ],
        ["trust", {"card": card}],
    )[1:]
    asks.step("trust", card=other)
    return asks, offers, echo, own, client(own, card["certificate"])


@contextmanager
def pair(folder, template=None, **options):
    """Both running, no right given yet."""
    asks, offers, echo, own, context = prepared(folder, template, **options)
    try:
        asks.start("consumer")
        offers.start("provider")
        asks.own, asks.context = own, context
        asks.address = f"https://127.0.0.1:{asks.consumer}"
        yield asks, offers, echo
    finally:
        asks.stop_all()
        offers.stop_all()
        echo.close()
