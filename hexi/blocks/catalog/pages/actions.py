"""CKAN's Action API over the open data sets: `ckanapi` and harvesters of CKAN work with it unchanged. Reading only.

Free SQL is not offered: two holes that needed no sign-in were found in CKAN's own (CVE-2026-42031, -42032).
"""

import csv
import io
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.cache import cache
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, ValidationError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from hexi.blocks.catalog import describing
from hexi.blocks.catalog.models import Entry, ReadWay
from hexi.blocks.catalog.operations import counting
from hexi.blocks.catalog.pages.reads import written
from hexi.blocks.catalog.queries import opened, portal
from hexi.blocks.catalog.store import grammar
from hexi.kernel import clock, networks
from hexi.kernel.options import Option
from hexi.ui import export
from hexi.wire.ckan import answers, asking
from hexi.wire.ckan.answers import Fault, wrong

PER_MINUTE = Option(
    "catalog.per_minute", int, 600,
    "一个网络地址每分钟最多查几次开放数据接口。 / Requests an address may make to the open data interface in a minute.",
)  # fmt: skip
#: titles of facets as CKAN names them
FACETS = {"organization": "提供单位", "groups": "分类", "tags": "关键词", "license_id": "许可", "res_format": "格式"}
Given = Mapping[str, Any]


@csrf_exempt
def action(request: HttpRequest, name: str) -> HttpResponse:
    """One action: its parameters from the address of a GET, or from the body of a POST."""
    known = ACTIONS.get(name)
    if request.method not in ("GET", "POST", "HEAD"):
        return _answer(405, f"Method not allowed: {request.method}")
    if known is None:
        return _answer(400, f"Bad request - Action name not known: {name[:100]}")
    help_url = f"{describing.api()}help_show?{urlencode({'name': name})}"
    try:
        spend(request)
        given = _given(request)
        return written(_answer(200, answers.success(help_url, known(given))))
    except Fault as fault:
        return _answer(fault.status, fault.body(help_url))
    except (ValueError, RequestDataTooBig, SuspiciousOperation, UnreadablePostError) as error:
        return _answer(400, f"Bad request - JSON Error: {error}")


@csrf_exempt
def action_too(request: HttpRequest, name: str) -> HttpResponse:
    """The same without the number of the version, as older clients ask."""
    return action(request, name)


def _given(request: HttpRequest) -> Given:
    """The parameters; none holds a sign no database keeps. Raises `ValueError`."""
    method = "GET" if request.method == "HEAD" else str(request.method)
    said, kind = request.GET, request.headers.get("Content-Type", "")
    if method == "POST" and kind.startswith("multipart/form-data"):
        method, said = "GET", request.POST
    body = b"" if method == "GET" else request.body
    found = asking.data_of(method, dict(said.lists()), body, kind)
    if "\\u0000" in json.dumps(found) or any(
        0xD800 <= ord(sign) <= 0xDFFF for sign in json.dumps(found, ensure_ascii=False)
    ):
        raise ValueError("a sign that is no text")
    found.pop("callback", None)
    return found


def spend(request: HttpRequest, many: int = 1) -> None:
    """Count a request, or what weighs as many, of an address in this minute. Raises `Fault` 429 past the limit."""
    address = networks.counted(str(request.META.get("REMOTE_ADDR", "")))
    key = f"catalog:actions:{address}:{int(clock.now().timestamp()) // 60}"
    cache.add(key, 0, 120)
    try:
        made = cache.incr(key, many)
    except ValueError:  # pushed out of the cache this very moment
        made = many
    if made > PER_MINUTE.value:
        raise Fault("Too Many Requests", f"at most {PER_MINUTE.value} requests a minute; wait a minute")


def _answer(status: int, said: Any) -> HttpResponse:
    response = HttpResponse(
        json.dumps(said, ensure_ascii=False), status=status, content_type="application/json;charset=utf-8"
    )
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


# --- data sets --------------------------------------------------------------------------------------------------------
def package_search(given: Given) -> Any:
    """Data sets by words, conditions and facets, page by page."""
    asked = asking.search(given)
    rows = portal.ordered(portal.open_entries().filter(portal.narrowed(asked.query)), asked.sort)
    page = list(portal.whole(rows)[asked.start : asked.start + asked.rows])
    found = portal.facets(rows, asked.facets, limit=asked.facet_limit, least=asked.facet_least)
    facets = [answers.Facet(name, FACETS.get(name, name), found.get(name, ())) for name in asked.facets]
    sort = ", ".join(f"{name} {'desc' if down else 'asc'}" for name, down in asked.sort)
    return answers.search(rows.count(), map(describing.package, page), facets, sort or "metadata_modified desc")


def package_show(given: Given) -> Any:
    """One data set by its name or id."""
    return describing.package(_entry(given)).whole()


def package_list(given: Given) -> Any:
    """The names of all."""
    limit, offset = _cut(given)
    return list(portal.open_entries().order_by("slug").values_list("slug", flat=True)[offset : offset + limit])


def current_package_list_with_resources(given: Given) -> Any:
    """All, each whole, the one changed last first."""
    limit, offset = _cut(given)
    rows = portal.whole(portal.open_entries())
    return [describing.package(one).whole() for one in rows[offset : offset + min(limit, asking.MOST_PACKAGES)]]


def _cut(given: Given) -> tuple[int, int]:
    asked = asking.rows({"resource_id": "-", "limit": given.get("limit") or 32_000, "offset": given.get("offset")})
    return asked.limit, asked.offset


def _text(given: Given, *names: str) -> str:
    for name in names:
        value = given.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
        if value not in (None, "", []) and not isinstance(value, str):
            raise wrong(name, "应为文字。 / must be text")
    raise wrong(names[0], "缺少这一项。 / Missing value")


def _entry(given: Given) -> Entry:
    name = _text(given, "id", "name_or_id")
    try:
        return portal.open_entry(name)
    except Entry.DoesNotExist:
        raise Fault("Not Found Error", "Not found") from None


# --- lists ------------------------------------------------------------------------------------------------------------
def organization_list(given: Given) -> Any:
    """Offices with open data sets: names, or whole with `all_fields`."""
    found = [describing.organization(*one) for one in portal.offices()]
    return [one.whole() if _all_fields(given) else one.name for one in found]


def organization_show(given: Given) -> Any:
    """One office."""
    name = _text(given, "id")
    for office, count in portal.offices():
        if office.key == name:
            packages = _packages(given, portal.open_entries().filter(provider=office))
            return describing.organization(office, count).whole() | packages
    raise Fault("Not Found Error", "Not found")


def group_list(given: Given) -> Any:
    """类 and 项 with open data sets."""
    found = [describing.group(*one) for one in portal.groups()]
    return [one.whole() if _all_fields(given) else one.name for one in found]


def group_show(given: Given) -> Any:
    """One of them."""
    name = _text(given, "id").removeprefix("group-")
    counts = dict(portal.groups())
    if name not in counts:
        raise Fault("Not Found Error", "Not found")
    packages = _packages(given, portal.open_entries().filter(classification__startswith=name))
    return describing.group(name, counts[name]).whole() | packages


def _packages(given: Given, rows: Any) -> dict[str, Any]:
    if str(given.get("include_datasets", "")).lower() not in ("true", "1"):
        return {}
    found = portal.whole(rows)[: asking.MOST_PACKAGES]
    return {"packages": [describing.package(one).whole() for one in found]}


def tag_list(given: Given) -> Any:
    """Keywords; `query`: those that hold it."""
    query = str(given.get("query") or given.get("q") or "")
    found = [one for one in portal.tags() if query in one]
    return [answers.tag(one) if _all_fields(given) else one for one in found]


def license_list(given: Given) -> Any:
    """The licences there are."""
    from hexi.blocks.catalog.definitions import licences

    return [{"id": one.key, "title": str(one.title), "url": one.url, "status": "active", "is_generic": False}
            for one in licences().values()]  # fmt: skip


def _all_fields(given: Given) -> bool:
    return str(given.get("all_fields", "")).lower() in ("true", "1")


# --- rows -------------------------------------------------------------------------------------------------------------
def resource_show(given: Given) -> Any:
    """One file."""
    entry, ending = _resource(_text(given, "id"))
    for one in describing.package(entry).whole()["resources"]:
        if one["id"] == describing.resource_id(entry, ending):
            return one
    raise Fault("Not Found Error", "Not found: Resource was not found.")


def _resource(name: str) -> tuple[Entry, str]:
    try:
        return describing.resource(name)
    except Entry.DoesNotExist:
        raise Fault("Not Found Error", f'Not found: Resource "{name[:100]}" was not found.') from None


def datastore_search(given: Given) -> Any:
    """Rows by conditions and words, page by page."""
    asked = asking.rows(given)
    entry, _ending = _resource(asked.resource)
    columns = opened.columns_of(entry)
    try:
        query = grammar.parse(_question(asked), columns)
        page = opened.rows(entry, query, count=asked.total)
    except ValidationError as error:
        raise _wrong(error) from error
    counting.read(entry, ReadWay.API)
    found: dict[str, Any] = {
        "include_total": asked.total, "limit": asked.limit, "offset": asked.offset, "records_format": asked.form,
        "resource_id": asked.resource, "total_estimation_threshold": None,
        "fields": [one.whole() for one in describing.fields(page.columns)],
        "records": _records(asked.form, page), "_links": _links(asked, given),
    }  # fmt: skip
    if asked.total:
        found |= {"total": page.total, "total_was_estimated": False}
    return found


_SIGNS = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}


def _question(asked: asking.Rows) -> dict[str, Any]:
    tests: list[Any] = []
    for name, conditions in asked.filters.items():
        for operator, value in conditions:
            tests.append(
                _one_of(name, value) if operator == "in" else {"field": name, "op": _SIGNS[operator], "value": value}
            )
    return {
        "fields": list(asked.fields), "where": {"and": tests} if tests else None, "q": asked.q, "limit": asked.limit,
        "offset": asked.offset, "sort": [f"{name} {'desc' if down else 'asc'}" for name, down in asked.sort],
    }  # fmt: skip


def _one_of(name: str, values: list[Any]) -> dict[str, Any]:
    """None among the values is an empty cell."""
    test: dict[str, Any] = {"field": name, "op": "in", "value": [one for one in values if one is not None]}
    return {"or": [test, {"field": name, "op": "null"}]} if None in values else test


_NAMES = {"where": "filters", "limit": "limit", "offset": "offset", "sort": "sort", "fields": "fields", "q": "q"}


def _wrong(error: ValidationError) -> Fault:
    """A fault of the grammar in CKAN's form, under the name of its parameter."""
    if not hasattr(error, "error_dict"):
        return Fault("Validation Error", " ".join(error.messages))
    return Fault("Validation Error", fields={_NAMES.get(name, name): said for name, said in error.message_dict.items()})


def _records(form: str, page: opened.Page) -> Any:
    rows = [tuple(plain(value) for value in row) for row in page.rows]
    names = [one.name for one in page.columns]
    if form == "objects":
        return [dict(zip(names, row, strict=True)) for row in rows]
    if form == "lists":
        return [list(row) for row in rows]
    target = io.StringIO()
    cells = [[export.disarm(value) for value in row] for row in rows]
    csv.writer(target, delimiter="\t" if form == "tsv" else ",").writerows(cells)
    return target.getvalue()


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _links(asked: asking.Rows, given: Given) -> dict[str, str]:
    """Where the first and the next page are, as CKAN tells it."""
    kept = {name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            for name, value in given.items() if name != "offset"}  # fmt: skip
    start = f"/api/3/action/datastore_search?{urlencode(kept)}"
    return {"start": start, "next": f"{start}&{urlencode({'offset': asked.offset + asked.limit})}"}


# --- about the interface ----------------------------------------------------------------------------------------------
def help_show(given: Given) -> Any:
    """What an action does."""
    known = ACTIONS.get(_text(given, "name"))
    if known is None:
        raise Fault("Not Found Error", "Not found: Action name not known")
    return known.__doc__


def status_show(given: Given) -> Any:
    """What clients look for first: the version whose interface this is."""
    return {"ckan_version": "2.11.0", "site_url": describing.base(), "site_title": "河西 Hexi",
            "extensions": ["datastore"], "locale_default": "zh_Hans_CN", "error_emails_to": None}  # fmt: skip


def site_read(given: Given) -> Any:
    """Everybody may read."""
    return True


ACTIONS: dict[str, Callable[[Given], Any]] = {
    one.__name__: one
    for one in (
        package_search, package_show, package_list, current_package_list_with_resources, organization_list,
        organization_show, group_list, group_show, tag_list, license_list, resource_show, datastore_search, help_show,
        status_show, site_read,
    )
}  # fmt: skip
