"""A visitor with a kept-alive connection: signed in by a session made beforehand, reads pages, sends their forms."""

import http.client
import re
import secrets
import time
from dataclasses import dataclass
from email.message import Message
from html import unescape
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
FORM = "application/x-www-form-urlencoded"
Files = dict[str, tuple[str, bytes]]
#: seconds after which a connection is opened anew: Granian hangs up after thirty
IDLE = 10


class Unexpected(Exception):
    """The site answered something else than a visitor could go on from."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    where: str
    body: bytes

    @property
    def text(self) -> str:
        """The page."""
        return self.body.decode()

    def hidden(self, name: str) -> str:
        """The value of a hidden field of the page. Raises `Unexpected` if there is none."""
        for key, value in HIDDEN.findall(self.text):
            if key == name:
                return unescape(value)
        raise Unexpected(f"{self.where} ({self.status}): no field {name}")


class Browser:
    """One visitor on one connection; keeps cookies, loads no pictures. `sent` counts requests."""

    def __init__(self, url: str, session: str = ""):
        address = urlsplit(url)
        self._connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
        self._cookies = {"csrftoken": secrets.token_hex(16)} | ({"sessionid": session} if session else {})
        self._used = 0.0
        self.sent = 0

    def get(self, path: str) -> Answer:
        """A page, redirects followed. Raises `Unexpected` unless it comes with status 200."""
        answer = self._send("GET", path)
        while answer.status in (301, 302, 303):
            answer = self._send("GET", answer.where)
        if answer.status != 200:
            raise Unexpected(f"GET {path}: {answer.status} {_said(answer)}")
        return answer

    def post(self, path: str, fields: dict[str, str], files: Files | None = None) -> str:
        """Send a form; the path it leads to. Raises `Unexpected` unless the answer is a redirect."""
        body, kind = _multipart(fields, files) if files else (urlencode(fields).encode(), FORM)
        answer = self._send("POST", path, body, {"Content-Type": kind, "X-CSRFToken": self._cookies["csrftoken"]})
        if answer.status not in (302, 303):
            raise Unexpected(f"POST {path}: {answer.status} {_said(answer)}")
        return answer.where

    def call(
        self, method: str, path: str, fields: dict[str, str], files: Files | None = None, **headers: str
    ) -> Answer:
        """One call as a programme makes it. Raises `Unexpected` unless the answer is 200 or 201."""
        body, kind = _multipart(fields, files) if files else (urlencode(fields).encode(), FORM)
        answer = self._send(method, path, body, {"Content-Type": kind} | headers)
        if answer.status not in (200, 201):
            raise Unexpected(f"{method} {path}: {answer.status} {_said(answer)}")
        return answer

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _send(self, method: str, path: str, body: bytes | None = None, more: dict[str, str] | None = None) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        headers = {"Cookie": cookies, "Accept-Language": "zh-CN", "User-Agent": "bench", **(more or {})}
        self.sent += 1
        status, found, content = self._exchange(method, path.partition("#")[0], body, headers)
        for line in found.get_all("Set-Cookie", ()):
            self._keep(line)
        return Answer(status, found.get("Location", path), content)

    def _exchange(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, Message, bytes]:
        """Send one request; status, headers and body of what comes back."""
        if time.monotonic() - self._used > IDLE:
            self._connection.close()
        self._used = time.monotonic()
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        return response.status, response.headers, response.read()

    def _keep(self, line: str) -> None:
        for name, morsel in SimpleCookie(line).items():
            if morsel["max-age"] == "0":
                self._cookies.pop(name, None)
            else:
                self._cookies[name] = morsel.coded_value


def _said(answer: Answer) -> str:
    """The words of the page, to see what went wrong."""
    page = answer.body.decode(errors="replace")
    main = page.partition("<main")[2].partition("</main>")[0] or page
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())[:300]


def _multipart(fields: dict[str, str], files: Files) -> tuple[bytes, str]:
    edge = secrets.token_hex(16)
    head = f"--{edge}\r\nContent-Disposition: form-data; name="
    parts = [f'{head}"{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items()]
    for name, (filename, content) in files.items():
        named = f'{head}"{name}"; filename="{filename}"\r\nContent-Type: application/octet-stream\r\n\r\n'
        parts.append(named.encode() + content + b"\r\n")
    return b"".join(parts) + f"--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}"
