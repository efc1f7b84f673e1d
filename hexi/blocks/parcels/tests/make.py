"""Sample parcels and a courier's server, for the tests of all blocks and for the demo."""

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from time import sleep

from hexi.blocks.parcels import couriers, operations
from hexi.blocks.parcels.models import Parcel, Way
from hexi.blocks.people.tests.make import acting, make_citizen, make_department, make_official, make_person
from hexi.kernel.actors import Actor, System
from hexi.kernel.options import override
from hexi.kernel.packs import Words
from hexi.wire import sms_http

BY = System("make")
SECRET = "between us and the courier"
TO = {"name": "石建国", "phone": "10000001234", "address": "甘肃省玉门市下西号镇石河子村 1 组 1 号"}
TITLE = Words(zh="林木采伐许可证", en="Tree-felling permit")


def make_parcel(way: str = Way.WINDOW, *, receiver=None, thing=None, by: Actor = BY, **given) -> Parcel:
    """A parcel of some thing (a new person unless given) from the Yumen forestry bureau. `given`: sender, to, place."""
    receiver = receiver or make_person()
    facts = {"title": TITLE, "sender": make_department(), "to": TO, "place": "玉门市演示路 15 号 3 号窗口"}
    return operations.make(thing or make_person(), way=way, receiver=receiver, by=by, **(facts | given))


def make_clerk(role: str = "clerk", **given) -> Actor:
    """A window clerk of the same bureau."""
    return acting(make_official(role, **given))


def make_receiver():
    """A citizen who may be sent something: (actor, person)."""
    account = make_citizen()
    return acting(account), account.person


def fresh(parcel: Parcel) -> Parcel:
    """The parcel as it stands now."""
    return Parcel.objects.select_related("department", "receiver").get(pk=parcel.pk)


class Server:
    """A courier that speaks docs/courier.md; `answers` says what it does: a list of (status, body, seconds late)."""

    def __init__(self):
        self.asked: list[tuple[str, dict, dict]] = []
        self.answers: dict[str, list] = {"labels": [], "track": [], "cancel": []}
        self.labels: dict[str, str] = {}
        self.lock = Lock()

    def answer(self, what: str, key: str):
        """What is planned; else a good answer, the same to the same key."""
        with self.lock:
            if self.answers[what]:
                return self.answers[what].pop(0)
            if what == "labels":
                return 200, {"tracking": self.labels.setdefault(key, f"SF{len(self.labels) + 1:06d}")}, 0
            return 200, {"events": []}, 0


@contextmanager
def courier_server():
    """A server of its own on this machine, set up as the courier; signatures are checked."""
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            what, key = self.path.rsplit("/", 1)[-1], self.headers["Idempotency-Key"]
            right = sms_http.signature(SECRET, self.headers["X-Hexi-Time"], key, body)
            if right != self.headers["X-Hexi-Signature"]:
                self.reply(401, {"error": "signature"})
                return
            with server.lock:
                server.asked.append((what, json.loads(body), dict(self.headers)))
            status, content, late = server.answer(what, key)
            sleep(late)
            self.reply(status, content)

        def reply(self, status, content):
            raw = content if isinstance(content, bytes) else json.dumps(content).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)
            except OSError:  # nobody waits any more
                pass

        def log_message(self, *args):
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
    url = f"http://127.0.0.1:{http.server_port}/api"
    with (
        override(couriers.URL, url), override(couriers.SECRET, SECRET), override(couriers.CHOSEN, "http"),
        override(couriers.PATIENCE, 1),
    ):  # fmt: skip
        yield server
    http.shutdown()
    http.server_close()
