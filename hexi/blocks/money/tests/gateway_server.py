"""A payment gateway that runs: real HTTP on this machine, with its own orders, and every bad manner one can be asked for."""

import json
import threading
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from hexi.wire import pay_http

SECRET = "a secret of the tests"


class Gateway:
    """Orders and refunds as the gateway has them. `manner` is how it answers the next requests."""

    def __init__(self):
        self.orders: dict[str, dict] = {}
        self.refunds: dict[str, dict] = {}
        self.asked: list[str] = []
        self.manner = ""
        self.url = ""

    def pay(self, order: str, fen: int | None = None, *, at: datetime | None = None) -> None:
        """Somebody pays there."""
        found = self.orders[order]
        moment = at or datetime.now(UTC)
        found.update(
            state="paid", fen=found["fen"] if fen is None else fen, reference=f"T-{order}", paid_at=moment.isoformat()
        )

    def notification(self, order: str, *, secret: str = SECRET, at: datetime | None = None, **changes):
        """Body and headers of what it tells us."""
        content = {name: self.orders[order][name] for name in ("order", "state", "fen", "reference", "paid_at")}
        return pay_http.send(pay_http.NOTIFY, content | changes, secret, at or datetime.now(UTC), f"n-{order}")

    def answer(self, method: str, path: str, content: dict) -> tuple[int, dict]:
        """What it answers to a request that is signed."""
        parts = path.strip("/").split("/")
        if method == "POST" and parts == ["orders"]:
            fresh = {"state": "waiting", "link": f"{self.url}/pay/{content['order']}", **content}
            return 200, self.orders.setdefault(content["order"], fresh)
        found = self.orders.get(parts[1])
        if method == "GET":
            return 200, found or {"order": parts[1], "state": "unknown"}
        if self.manner == "refuse":
            return 200, {"refund": content["refund"], "state": "refused", "error": "account closed"}
        given = sum(one["fen"] for one in self.refunds.values() if one["order"] == parts[1])
        if content["refund"] not in self.refunds and (found is None or given + content["fen"] > found["fen"]):
            return 422, {"error": "more than was paid"}
        fresh = {"refund": content["refund"], "order": parts[1], "fen": content["fen"], "state": "done"}
        return 200, self.refunds.setdefault(content["refund"], fresh | {"reference": f"B-{content['refund']}"})


class _Handler(BaseHTTPRequestHandler):
    gateway: Gateway

    def do_GET(self):
        self._serve()

    def do_POST(self):
        self._serve()

    def log_message(self, *args):
        """Nothing on the tests' screen."""

    def _serve(self):
        here, path = self.gateway, urlsplit(self.path).path
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        here.asked.append(f"{self.command} {path}")
        try:
            now = datetime.now(UTC)
            content = pay_http.read(f"{self.command} {path}", body, dict(self.headers), SECRET, now)
            status, said = here.answer(self.command, path, content)
        except pay_http.BadMessage as error:
            status, said = 401, {"error": str(error)}
        if here.manner == "never":  # the work is done, the answer is lost
            self.close_connection = True
            return
        if here.manner == "late":
            time.sleep(1.5)
        if here.manner == "down":
            status, said = 503, {"error": "down"}
        if here.manner == "decline":
            status, said = 422, {"error": "payee unknown"}
        self._reply(status, said)

    def _reply(self, status: int, said: dict):
        here = self.gateway
        secret = "another" if here.manner == "wrong signature" else SECRET
        nonce = "of another" if here.manner == "replayed" else self.headers["X-Hexi-Nonce"]
        body, headers = pay_http.send(f"answer {status}", said, secret, datetime.now(UTC), nonce)
        if here.manner == "garbage":
            body = json.dumps(said)[:-3].encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(OSError):  # whoever asked may have gone
            self.wfile.write(body)


@contextmanager
def running():
    """A gateway on a free port."""
    gateway = Gateway()
    handler = type("Handler", (_Handler,), {"gateway": gateway})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    gateway.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
