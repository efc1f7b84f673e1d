"""JSON endpoints as manifests add them (`Api`): errors as problem+json, paging by cursor, ETags."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from ninja import Router, Schema

#: rows in one answer: at most, and where nothing is asked
MOST, USUAL = 200, 50


@dataclass(frozen=True)
class Api:
    """Endpoints under /api/v1/<path>: a router of django-ninja; `request.actor` is the key that asks.

    `title` is their chapter on the documentation page. A domain's path is its key, a block may have its own words.
    """

    router: Router
    title: Any
    path: str = ""


@dataclass
class Problem(Exception):
    """An answer of RFC 9457: what is wrong, in which field, and what to do."""

    status: int
    code: str
    title: str
    detail: str
    remedy: str = ""
    errors: list[dict[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def content(self, request: HttpRequest) -> dict[str, Any]:
        """The JSON object."""
        said: dict[str, Any] = {"type": f"urn:hexi:problem:{self.code}", "title": self.title, "status": self.status}
        said |= {"detail": self.detail, "instance": request.path, "remedy": self.remedy, "errors": self.errors}
        return said


class Page(Schema):
    """Where a list goes on."""

    next: str | None = None
    total: int | None = None


def not_found(detail: str) -> Problem:
    """Nothing here, or nothing for this key: the two are not told apart."""
    return Problem(404, "not-found", _("没有找到"), detail, _("请核对编号，或确认这把密钥的权限范围。"))


def wrong(name: str, detail: str, *, status: int = 422) -> Problem:
    """One field is wrong."""
    errors = [{"field": name, "detail": detail}]
    return Problem(status, "invalid", _("内容有误"), detail, _("请按 errors 里每一项的说明改正后再发送。"), errors)


def page_of(
    rows: QuerySet, cursor: str, limit: int, line: Callable[[Any], Any], *, count: bool = False
) -> dict[str, Any]:
    """One page of rows, newest first by primary key; `next` is the cursor of the one after it, None at the end.

    Rows that come while somebody reads do not shift the pages.
    """
    shown = rows.order_by("-pk")
    after = int(read_cursor(cursor)) if cursor else None
    found = list((shown.filter(pk__lt=after) if after is not None else shown)[: limit + 1])
    more = write_cursor(str(found[limit - 1].pk)) if len(found) > limit else None
    return {"items": [line(one) for one in found[:limit]], "next": more, "total": rows.count() if count else None}


def read_cursor(text: str) -> str:
    """The digits inside a cursor. Raises `Problem` for what is none of ours."""
    try:
        found = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)).decode("ascii")
    except (ValueError, binascii.Error, UnicodeError):
        found = ""
    if not found.isdigit() or len(found) > 18:
        raise wrong("cursor", _("cursor 不是本接口给出的。请用上一页的 next，或从第一页开始。"), status=400)
    return found


def write_cursor(digits: str) -> str:
    """A cursor as it is given out."""
    return base64.urlsafe_b64encode(digits.encode()).decode().rstrip("=")


def fresh(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The answer with its ETag; 304 without content if the asker has this very content already."""
    if request.method not in ("GET", "HEAD") or response.status_code != 200:
        return response
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "private, no-cache"
    found: HttpResponse = get_conditional_response(request, etag=etag, response=response) or response
    return found


def file(request: HttpRequest, content: bytes, media_type: str, name: str) -> HttpResponse:
    """A file, with its ETag."""
    response = HttpResponse(content, content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return fresh(request, response)


def listed(errors: dict[str, Sequence[str]]) -> list[dict[str, str]]:
    """Errors by field as a problem lists them."""
    return [{"field": name, "detail": " ".join(sentences)} for name, sentences in errors.items()]
