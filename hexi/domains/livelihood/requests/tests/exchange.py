"""A stand-in telephone exchange: a small HTTP server that takes calls and agents, keeps recordings, pushes events.

`python -m hexi.domains.livelihood.requests.tests.exchange SITE SECRET NUMBER EXTENSION` rings an operator of a demo.
"""

import io
import json
import sys
import threading
import wave
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from hexi.wire import telephony_http as wire
from hexi.wire.telephony_http import BadRequest, Event

SECRET = "secret-of-the-exchange"


def now():
    return datetime.now(UTC)


def speech(seconds=1):
    """Silence as a telephone line records it."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8000)
        sound.writeframes(b"\x80" * 8000 * seconds)
    return file.getvalue()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):  # noqa: N802 the library's name
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self._genuine(body):
            return
        exchange = self.server.exchange
        key, path = self.headers["Idempotency-Key"], self.path.removeprefix("/exchange")
        if exchange.status >= 300:
            self._answer(exchange.status, b'{"error": "all lines are busy"}')
        elif key in exchange.keys:
            self._answer(409, b"{}")
        else:
            exchange.keys.add(key)
            {"/calls": exchange.calls, "/agents": exchange.agents}[path].append(json.loads(body))
            self._answer(202, b"{}")

    def do_GET(self):  # noqa: N802 the library's name
        if self._genuine(b""):
            found = self.server.exchange.recordings.get(self.path)
            self._answer(200 if found else 404, found or b"")

    def _genuine(self, body):
        try:
            wire.checked(body, dict(self.headers), self.server.exchange.secret, now())
        except BadRequest as error:
            self._answer(401, str(error).encode())
            return False
        return True

    def _answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        """Quiet."""


class Exchange:
    """Use it in a `with`. `calls` and `agents` are what it was asked for; `status` what it answers with."""

    def __init__(self, secret=SECRET, port=0):
        self.secret, self.status = secret, 202
        self.calls, self.agents, self.keys, self.recordings = [], [], set(), {}
        self.server = ThreadingHTTPServer(("127.0.0.1", port), _Handler)
        self.server.exchange = self

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error):
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/exchange"

    def keep(self, name, content):
        """A recording; its address."""
        self.recordings[f"/exchange/{name}"] = content
        return f"{self.url}/{name}"

    def push(self, site, kind, call, **facts):
        """Tell a site over HTTP; the status of its answer."""
        body, headers = wire.push(Event(kind, call, facts.pop("at", None) or now(), **facts), self.secret, now())
        request = Request(f"{site}/requests/calls/events/", body, headers, method="POST")
        try:
            with urlopen(request, timeout=20) as answer:
                return answer.status
        except HTTPError as error:
            return error.code


if __name__ == "__main__":
    site, secret, number, extension = sys.argv[1:]
    name = f"try-{int(now().timestamp())}"
    print(Exchange(secret).push(site, wire.RINGING, name, caller=number, extension=extension))
