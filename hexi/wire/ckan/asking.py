"""What clients ask: the parameters of `package_search` and `datastore_search`, from JSON, a form or the address."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hexi.wire.ckan import lucene
from hexi.wire.ckan.answers import Fault, wrong

#: rows of a page of data sets, and of a page of rows, at most (CKAN's own limits)
MOST_PACKAGES, MOST_ROWS = 1000, 32_000
USUAL_PACKAGES, USUAL_ROWS = 10, 100
FORMATS = ("objects", "lists", "csv", "tsv")
Order = tuple[tuple[str, bool], ...]
EVERYTHING = lucene.All(())


@dataclass(frozen=True)
class Search:
    """`package_search`. `sort`: pairs of field and whether it goes down."""

    query: lucene.Query = EVERYTHING
    sort: Order = ()
    rows: int = USUAL_PACKAGES
    start: int = 0
    facets: tuple[str, ...] = ()
    facet_limit: int = 50
    facet_least: int = 1


@dataclass(frozen=True)
class Rows:
    """`datastore_search`. `filters`: field → pairs of operator (in, lt, lte, gt, gte) and value, which all hold."""

    resource: str
    filters: Mapping[str, tuple[tuple[str, Any], ...]] = field(default_factory=dict)
    q: str = ""
    fields: tuple[str, ...] = ()
    sort: Order = ()
    limit: int = USUAL_ROWS
    offset: int = 0
    total: bool = True
    form: str = "objects"


def search(given: Mapping[str, Any]) -> Search:
    """Raises `Fault` naming the parameter."""
    parts = [lucene.parse(_text(given, "q"))]
    parts += [lucene.parse(one) for name in ("fq", "fq_list") for one in _texts(given, name)]
    facet = str(given.get("facet", "true")).lower() in ("true", "1")
    names = _names(given, "facet.field") if facet else ()
    return Search(
        query=lucene.All(tuple(parts)), sort=_order(given),
        rows=min(_number(given, "rows", USUAL_PACKAGES), MOST_PACKAGES), start=_number(given, "start", 0), facets=names,
        facet_limit=_number(given, "facet.limit", 50, least=-1), facet_least=_number(given, "facet.mincount", 1),
    )  # fmt: skip


def rows(given: Mapping[str, Any]) -> Rows:
    """Raises `Fault` naming the parameter. Asked for more than MOST_ROWS one is given MOST_ROWS, as CKAN does."""
    resource = _text(given, "resource_id") or _text(given, "id")
    if not resource:
        raise wrong("resource_id", "缺少 resource_id。 / Missing value")
    form = _text(given, "records_format") or "objects"
    if form not in FORMATS:
        raise wrong("records_format", f"应为 {'、'.join(FORMATS)} 之一。 / one of {', '.join(FORMATS)}")
    if _yes(given, "distinct", False):
        raise wrong(
            "distinct",
            "不支持 distinct，请自行去重。 / not offered: drop doubles yourself",
        )
    return Rows(
        resource=resource, filters=_filters(_object(given, "filters")), q=_words(given), fields=_names(given, "fields"),
        sort=_order(given), limit=min(_number(given, "limit", USUAL_ROWS), MOST_ROWS),
        offset=_number(given, "offset", 0),
        total=_yes(given, "include_total", True), form=form,
    )  # fmt: skip


# --- parameters -------------------------------------------------------------------------------------------------------
def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    if isinstance(value, list):
        value = value[-1] if value else ""
    if value is None:
        return ""
    if not isinstance(value, str | int):
        raise wrong(name, "应为文字。 / must be text")
    return str(value).strip()


def _texts(given: Mapping[str, Any], name: str) -> list[str]:
    """A text, or several: a JSON list, a list of JSON, or the parameter more than once."""
    value = given.get(name)
    if isinstance(value, str) and value.lstrip().startswith("[") and name != "fq":
        value = _decoded(value, name)
    found = value if isinstance(value, list) else [value]
    return [str(one) for one in found if isinstance(one, str) and one.strip()]


def _names(given: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Names: a JSON list, or divided by commas."""
    value = given.get(name)
    if isinstance(value, str):
        value = _decoded(value, name) if value.lstrip().startswith("[") else value.split(",")
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise wrong(name, "应为名称的列表。 / must be a list of names")
    return tuple(dict.fromkeys(one.strip().strip('"') for one in value if one.strip()))


def _number(given: Mapping[str, Any], name: str, usual: int, *, least: int = 0) -> int:
    text = _text(given, name)
    if not text:
        return usual
    if not re.fullmatch(r"-?\d{1,12}", text) or int(text) < least:
        raise wrong(name, f"应为不小于 {least} 的整数。 / must be a whole number of {least} or more")
    return int(text)


def _yes(given: Mapping[str, Any], name: str, usual: bool) -> bool:
    value = given.get(name)
    return usual if value in (None, "") else str(value).lower() in ("true", "1", "yes", "t")


def _decoded(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise wrong(name, f"不是 JSON：{error}。 / Cannot parse JSON") from error


def _object(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = given.get(name)
    if isinstance(value, str) and value.strip():
        value = _decoded(value, name)
    if value in (None, ""):
        return {}
    if not isinstance(value, dict):
        raise wrong(name, '应为 JSON 对象，如 {"字段": "值"}。 / must be a JSON object')
    return value


#: words of operators that clients use
_OPERATORS = {"lt": "lt", "lte": "lte", "gt": "gt", "gte": "gte", "<": "lt", "<=": "lte", ">": "gt", ">=": "gte",
              "eq": "in", "=": "in", "in": "in"}  # fmt: skip


def _filters(said: Mapping[str, Any]) -> dict[str, tuple[tuple[str, Any], ...]]:
    return {name: tuple(_conditions(name, value)) for name, value in said.items()}


def _conditions(name: str, value: Any) -> list[tuple[str, Any]]:
    """A value, a list of values of which one holds, or an object of operators; objects in a list all hold."""
    ranges = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]
    plain = [one for one in (value if isinstance(value, list) else [value]) if not isinstance(one, dict)]
    if any(isinstance(one, list) for one in plain):
        raise wrong("filters", f"「{name}」的值不能是列表里的列表。 / no list inside a list")
    found = [("in", plain)] if plain else []
    for one in ranges:
        for operator, limit in one.items():
            if operator not in _OPERATORS:
                raise wrong("filters", f"「{name}」没有「{operator}」这种比较。 / unknown operator {operator!r}")
            kind = _OPERATORS[operator]
            found.append((kind, limit if kind != "in" or isinstance(limit, list) else [limit]))
    return found


def _words(given: Mapping[str, Any]) -> str:
    """The words looked for; of an object by field, all of its words."""
    value = given.get("q")
    if isinstance(value, str) and value.lstrip().startswith("{"):
        value = _decoded(value, "q")
    if isinstance(value, dict):
        return " ".join(str(one) for one in value.values() if str(one).strip())
    return _text(given, "q")


def _order(given: Mapping[str, Any]) -> Order:
    """ "a desc, b" as pairs; a name with signs of its own stands in quotes."""
    value = given.get("sort")
    parts = value if isinstance(value, list) else re.split(r",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", str(value or ""))
    found = []
    for part in parts:
        if not str(part).strip():
            continue
        match = re.fullmatch(
            r'\s*(?:"(?P<quoted>[^"]+)"|(?P<name>[^\s"]+))(?:\s+(?P<way>asc|desc))?(?:\s+nulls\s+(?:first|last))?\s*',
            str(part), re.IGNORECASE,
        )  # fmt: skip
        if match is None:
            raise wrong("sort", f"写法不对：{part}。应为“字段 asc”或“字段 desc”。 / write field asc or field desc")
        found.append((match["quoted"] or match["name"], (match["way"] or "").lower() == "desc"))
    return tuple(found)


def data_of(method: str, query: Mapping[str, list[str]], body: bytes, content_type: str) -> dict[str, Any]:
    """The parameters of a request, as CKAN takes them: of a GET from the address, else JSON or a form in the body.

    Raises `ValueError` with CKAN's sentence for what is no JSON object.
    """
    if method == "GET" or not body.strip():
        return _mixed(query)
    if content_type.partition(";")[0].strip().lower() == "application/x-www-form-urlencoded" and body[:1] not in b"{":
        from urllib.parse import parse_qs

        return _mixed(parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=1000))
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"Error decoding JSON data. Error: {error!r}") from error
    if not isinstance(found, dict):
        raise ValueError(f"Request data JSON decoded to {type(found).__name__} but it needs to be a dictionary.")
    return found


def _mixed(given: Mapping[str, list[str]]) -> dict[str, Any]:
    return {name: values[0] if len(values) == 1 else values for name, values in given.items()}


__all__ = ["MOST_PACKAGES", "MOST_ROWS", "Fault", "Rows", "Search", "data_of", "rows", "search"]
