"""The JSON API: every `Api` of the manifests under /api/v1/, spoken with by key; its schema and its page."""

import hashlib
import json
from functools import cache, wraps
from typing import Any

from django.core.cache import cache as counts
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as Refusal
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.parser import Parser
from ninja.security import HttpBearer

from hexi.blocks.people import keys
from hexi.blocks.people.actors import Outside
from hexi.kernel import clock
from hexi.kernel.manifest import added_by
from hexi.kernel.networks import counted
from hexi.kernel.options import Option
from hexi.ui import api as ours
from hexi.ui.api import Api, Problem

PER_MINUTE = Option(
    "site.api_per_minute", int, 600, "一个接口密钥每分钟最多请求几次。 / Requests one API key may make in a minute."
)
ROOT = "api/v1/"
PROBLEM_JSON = "application/problem+json"
#: wrong keys from one address in a minute
GUESSES = 60
METHODS = ("get", "post", "put", "patch", "delete")


class Key(HttpBearer):
    """`Authorization: Bearer hexi_…`: the key becomes the request's actor, and its requests are counted."""

    def authenticate(self, request: HttpRequest, token: str) -> Outside | None:
        """The actor; None for a key that is wrong, withdrawn or past its last day."""
        actor = keys.spoken_by(token)
        if actor is None:
            _guessed(counted(request.META.get("REMOTE_ADDR", "")))
            return None
        if keys.count(actor.api_key) >= PER_MINUTE.value:
            raise too_many(PER_MINUTE.value)
        request.actor = actor  # type: ignore[attr-defined]
        return actor


def _guessed(address: str) -> None:
    """A wrong key more from this address in this minute. Raises `Problem` 429 past the limit."""
    key = f"api:guess:{address}:{int(clock.now().timestamp()) // 60}"
    counts.add(key, 0, 120)
    try:
        made = counts.incr(key)
    except ValueError:  # pushed out of the cache this very moment
        made = 1
    if made > GUESSES:
        raise too_many(GUESSES)


def too_many(most: int) -> Problem:
    """What is said past a limit of a minute."""
    wait = str(60 - int(clock.now().timestamp()) % 60)
    detail = _("请求太多：每分钟最多 %(most)s 次。") % {"most": most}
    remedy = _("请等 %(wait)s 秒后再试。") % {"wait": wait}
    return Problem(429, "too-many", _("请求太多"), detail, remedy, headers={"Retry-After": wait})


class Strict(Parser):
    """JSON that every database can keep: no NUL, no half of a surrogate pair, no NaN."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The object. Raises `ValueError` for anything else."""
        found = json.loads(request.body, parse_constant=_refused)
        if "\0" in json.dumps(found, ensure_ascii=False).encode("utf-8").decode().replace("\\u0000", "\0"):
            raise ValueError("NUL")
        return found


def _refused(constant: str) -> None:
    raise ValueError(constant)


class Interface(NinjaAPI):
    """With ETags, and the problems in the schema."""

    def create_response(self, request: HttpRequest, data: Any, **more: Any) -> HttpResponse:
        """The answer; 304 if the asker has it."""
        return ours.fresh(request, super().create_response(request, data, **more))

    def get_openapi_schema(self, **more: Any) -> Any:
        """OpenAPI 3.1, each operation with how it refuses."""
        schema = super().get_openapi_schema(**more)
        schema["components"]["schemas"]["Problem"] = PROBLEM
        refused = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        for operations in schema["paths"].values():
            for method, one in operations.items():
                bodies = one.get("requestBody", {}).get("content", {})
                if "multipart/form-data" in bodies:  # ninja offers the other kind of form as well, which has no files
                    bodies.pop("application/x-www-form-urlencoded", None)
                one["responses"]["4XX"] = {"description": "Problem", "content": refused}
                if method == "get":
                    one["responses"][304] = {"description": "Not modified (If-None-Match)"}
        return schema


PROBLEM = {
    "title": "Problem",
    "type": "object",
    "required": ["type", "title", "status", "detail", "remedy", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "remedy": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "detail"],
                "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}


@cache
def interface() -> Interface:
    """The API, put together once from the manifests."""
    api = Interface(
        title="河西 Hexi", version="1.0.0", auth=Key(), parser=Strict(), docs_url=None, openapi_url="openapi.json",
        urls_namespace="api", description="政务服务接口 / the service hall's interface. Errors: RFC 9457.",
    )  # fmt: skip
    for manifest, one in added_by(Api):
        api.add_router(f"/{one.path}", one.router, tags=[manifest.key])
    handlers = {
        Problem: lambda request, error: answer(request, error),
        Refusal: lambda request, error: answer(request, _refusal(error)),
        ValidationError: lambda request, error: answer(request, _unfit(error)),
        AuthenticationError: lambda request, error: answer(request, _no_key()),
        PermissionDenied: lambda request, error: answer(request, _denied(error)),
        Http404: lambda request, error: answer(request, ours.not_found(str(error) or _("没有这个地址。"))),
        HttpError: lambda request, error: answer(request, _unreadable(error.status_code)),
        keys.OtherRequest: lambda request, error: answer(request, _other_request()),
        DataError: lambda request, error: answer(request, _unreadable(400)),
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)
    return api


def answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    """A problem as JSON."""
    content = json.dumps(problem.content(request), ensure_ascii=False)
    response = HttpResponse(content, status=problem.status, content_type=PROBLEM_JSON, headers=problem.headers)
    response.headers["Cache-Control"] = "no-store"
    return response


def _refusal(error: Refusal) -> Problem:
    """What an operation refused, field by field."""
    if getattr(error, "code", None) == "stale":
        return Problem(409, "stale", _("已有变化"), " ".join(error.messages), _("请重新读取这件办件，再决定。"))
    if not hasattr(error, "error_dict"):
        return Problem(422, "refused", _("没有办成"), " ".join(error.messages), _("请按说明改正后再发送。"))
    found = {("" if name == NON_FIELD_ERRORS else name): said for name, said in error.message_dict.items()}
    detail = " ".join(sentence for said in found.values() for sentence in said)
    remedy = _("请按 errors 里每一项的说明改正后再发送。")
    return Problem(422, "invalid", _("内容有误"), detail, remedy, ours.listed(found))


def _unfit(error: ValidationError) -> Problem:
    """What does not fit the schema."""
    found = {}
    for one in error.errors:
        name = ".".join(str(part) for part in one["loc"][1:]) or str(one["loc"][0])
        found[name] = [_sentence(one["type"], name, str(one["msg"]))]
    detail = " ".join(sentence for said in found.values() for sentence in said)
    return Problem(422, "invalid", _("内容有误"), detail, _("请对照接口说明（/api/v1/）改正。"), ours.listed(found))


def _sentence(kind: str, name: str, said: str) -> str:
    if kind == "missing":
        return _("缺少「%(name)s」。请补上。") % {"name": name}
    if kind == "extra_forbidden":
        return _("没有「%(name)s」这一项。请删去或改名。") % {"name": name}
    return _("「%(name)s」写法不对（%(said)s）。请改正。") % {"name": name, "said": said}


def _no_key() -> Problem:
    return Problem(
        401, "no-key", _("密钥无效"), _("没有密钥，或密钥写错、已收回、已过期。"),
        _("请在请求头写 Authorization: Bearer 加密钥；密钥由本部门管理员在工作台发放。"),
        headers={"WWW-Authenticate": 'Bearer realm="hexi"'},
    )  # fmt: skip


def _denied(error: PermissionDenied) -> Problem:
    said = str(error) or _("这把密钥没有这项权限。")
    return Problem(403, "denied", _("没有权限"), said, _("请联系发放密钥的管理员，换一把有这项权限的密钥。"))


def _other_request() -> Problem:
    return Problem(
        409, "idempotency", _("幂等号重复"), _("这个 Idempotency-Key 用过，但那次请求的内容不同。"),
        _("重试请发送完全相同的内容；新的申请请换一个 Idempotency-Key。"),
        [{"field": "Idempotency-Key", "detail": _("已用于另一个请求。")}],
    )  # fmt: skip


def _unreadable(status: int) -> Problem:
    if status == 413:
        detail = _("请求太大。")
        return Problem(
            413, "too-large", _("请求太大"), detail, _("大文件请用 multipart 接口（/api/v1/cases/form）上传。")
        )
    return Problem(status, "unreadable", _("无法识别"), _("请求无法识别。"), _("请检查 JSON 或表单的写法。"))


# --- addresses ------------------------------------------------------------------------------------------------------


def patterns() -> list[URLPattern | URLResolver]:
    """The addresses of the API; what none of them knows is a problem too."""
    addresses, app, namespace = interface().urls
    for one in addresses:
        one.callback = speaking(one.callback)
    return [
        path(ROOT, documentation, name="api"),
        path(ROOT, (addresses, app, namespace)),
        path(f"{ROOT}<path:rest>", csrf_exempt(nothing)),
    ]


def speaking(view: Any) -> Any:
    """The view, whose every refusal is a problem: a wrong method, a body too large, signs nobody can keep."""

    @wraps(view)
    def speak(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "\0" in request.path or any("\0" in text for _name, texts in request.GET.lists() for text in texts):
            return answer(request, _unreadable(400))
        try:
            response = view(request, *args, **kwargs)
        except RequestDataTooBig:
            return answer(request, _unreadable(413))
        except (SuspiciousOperation, UnreadablePostError):
            return answer(request, _unreadable(400))
        except Problem as problem:
            return answer(request, problem)
        if response.status_code == 405:
            return answer(request, _no_method(response.headers.get("Allow", "")))
        return response

    return csrf_exempt(speak)


def _no_method(allowed: str) -> Problem:
    return Problem(
        405, "method", _("不支持"), _("这个地址不支持这种请求方法。"), _("可用：%(allowed)s。") % {"allowed": allowed},
        headers={"Allow": allowed},
    )  # fmt: skip


def nothing(request: HttpRequest, rest: str) -> HttpResponse:
    """An address the API does not have."""
    return answer(request, ours.not_found(_("没有这个地址。")))


def documentation(request: HttpRequest) -> HttpResponse:
    """Every endpoint on one plain page, made from the schema."""
    schema = interface().get_openapi_schema(path_prefix=f"/{ROOT}")
    chapters: dict[str, Any] = {manifest.key: {"title": one.title, "operations": []} for manifest, one in added_by(Api)}
    for address, operations in schema["paths"].items():
        for method, one in operations.items():
            if method in METHODS:
                chapters[one["tags"][0]]["operations"].append(_shown(address, method, one, schema))
    facts = {"title": _("接口说明"), "chapters": list(chapters.values()), "most": PER_MINUTE.value}
    return render(request, "site/api.html", facts)


def _shown(address: str, method: str, one: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    bodies = one.get("requestBody", {}).get("content", {})
    return {
        "id": hashlib.sha256(f"{method} {address}".encode()).hexdigest()[:8],
        "method": method.upper(),
        "address": address,
        "title": one.get("summary", ""),
        "about": one.get("description", ""),
        "parameters": one.get("parameters", []),
        "bodies": [(kind, _fields(body.get("schema", {}), schema)) for kind, body in bodies.items()],
        "answers": [
            (status, _fields(next(iter(given["content"].values()))["schema"], schema) if given.get("content") else [])
            for status, given in one["responses"].items()
            if str(status).startswith("2")
        ],
    }


def _fields(
    part: dict[str, Any], schema: dict[str, Any], depth: int = 3, before: str = ""
) -> list[tuple[str, str, bool]]:
    """The fields of a body: (path, kind, required), groups opened to some depth."""
    part = _resolved(part, schema)
    if part.get("type") == "array":
        return _fields(part.get("items", {}), schema, depth, f"{before}[]")
    found = []
    for name, value in part.get("properties", {}).items():
        inner = _resolved(value, schema)
        where = f"{before}.{name}".lstrip(".")
        found.append((where, _kind(inner), name in part.get("required", ())))
        if depth > 1:
            found += _fields(inner, schema, depth - 1, where)
    return found


def _resolved(part: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    for choice in part.get("anyOf", ()):
        if choice.get("type") != "null":
            return _resolved(choice, schema)
    if "$ref" in part:
        found: dict[str, Any] = schema["components"]["schemas"][part["$ref"].rpartition("/")[2]]
        return found
    return part


def _kind(part: dict[str, Any]) -> str:
    if "enum" in part:
        return " | ".join(map(str, part["enum"]))
    return str(part.get("format") or part.get("type") or "object")
