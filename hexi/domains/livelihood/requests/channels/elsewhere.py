"""Another city's Open311 server as a client sees it: its services, its requests, what is sent there."""

from dataclasses import dataclass
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from hexi.wire import open311 as wire

#: seconds to wait for an answer
PATIENCE = 20


class Failed(OSError):
    """The server did not do it; the text is its reason."""


class Refused(Failed):
    """It did not take it; of other failures nobody knows whether it did."""


class _Stay(HTTPRedirectHandler):
    """A key is never carried elsewhere."""

    def redirect_request(self, *given: object, **more: object) -> None:
        """No redirect."""


@dataclass(frozen=True)
class Server:
    """Where it answers (".../open311/v2"), the key it gave us, which of its jurisdictions, and json or xml."""

    url: str
    key: str = ""
    jurisdiction: str = ""
    form: str = "json"

    def services(self) -> list[wire.Service]:
        """What may be sent there."""
        return wire.read(self._get("services"), wire.Service, self.form)

    def definition(self, code: str) -> wire.Definition:
        """The further fields of one of them."""
        return wire.read_one(self._get(f"services/{quote(code, safe='')}"), wire.Definition, self.form)

    def requests(self, **given: str) -> list[wire.Request]:
        """Requests by the parameters of the specification."""
        return wire.read(self._get("requests", given), wire.Request, self.form)

    def request(self, number: str) -> wire.Request:
        """One request. Raises `Failed` if there is none."""
        found = wire.read(self._get(f"requests/{quote(number, safe='')}"), wire.Request, self.form)
        if not found:
            raise Failed(f"{number}: no such request")
        return found[0]

    def number(self, token: str) -> str:
        """The number a token has become; "" while it has none."""
        found = wire.read(self._get(f"tokens/{quote(token, safe='')}"), wire.Receipt, self.form)
        return found[0].service_request_id if found else ""

    def updates(self, **given: str) -> list[wire.Update]:
        """What happened there."""
        return wire.read(self._get("servicerequestupdates", given), wire.Update, self.form)

    def send(self, post: wire.Post) -> wire.Receipt:
        """Hand a request in: its number, or the token for it."""
        found = wire.read(self._ask("requests", wire.form_of(post, self.key)), wire.Receipt, self.form)
        if not found or not (found[0].service_request_id or found[0].token):
            raise Failed("no number in the answer")
        return found[0]

    def _get(self, path: str, given: dict[str, str] | None = None) -> bytes:
        asked = {**(given or {}), **({"jurisdiction_id": self.jurisdiction} if self.jurisdiction else {})}
        return self._ask(path, None, f"?{urlencode(asked)}" if asked else "")

    def _ask(self, path: str, body: bytes | None, query: str = "") -> bytes:
        address = f"{self.url.rstrip('/')}/{path}.{self.form}{query}"
        if not address.startswith(("https://", "http://")):
            raise Refused(f"{self.url}: 地址应以 https:// 开头 / must begin with https://")
        headers = {"Accept": wire.MEDIA[self.form]}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            with build_opener(_Stay).open(Request(address, body, headers), timeout=PATIENCE) as answer:  # noqa: S310
                return bytes(answer.read(wire.MOST_BYTES + 1))
        except HTTPError as error:
            raise (Refused if error.code < 500 else Failed)(self._said(error)) from error

    def _said(self, error: HTTPError) -> str:
        said = wire.read_errors(error.read(10_000), self.form)
        return f"{error.code} " + ("; ".join(text for _code, text in said) or str(error.reason))
