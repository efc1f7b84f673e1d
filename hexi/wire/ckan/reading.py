"""What other CKANs answer: pages of `package_search`, and each data set in them as a `Dataset` of DCAT."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from hexi.wire.dcat.model import Agent, Contact, Dataset, Distribution, License, Moment, Words
from hexi.wire.dcat.reading import Unreadable, moment

#: data sets of one page, as CKAN's own harvester asks
PAGE = 100


@dataclass(frozen=True)
class Found:
    """One page: how many there are in all, and the data sets as they were told."""

    count: int
    packages: tuple[dict[str, Any], ...]
    listed: int  # things on the page, those that are no data sets included


def search_url(base: str, *, start: int = 0, since: datetime | None = None) -> str:
    """What is asked, in the order of ids so that pages do not shift; `since`: only what changed from then on."""
    asked = {"rows": PAGE, "start": start, "sort": "id asc"}
    if since is not None:
        asked["fq"] = f"metadata_modified:[{since.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z TO *]"
    return f"{base.rstrip('/')}/api/3/action/package_search?{urlencode(asked)}"


def result(status: int, body: bytes) -> Any:
    """The result inside an answer. Raises `Unreadable` with what the other side said of its refusal."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"HTTP {status}，不是 JSON。", f"HTTP {status}, and no JSON") from error
    if not isinstance(said, dict) or "success" not in said:
        raise Unreadable(f"HTTP {status}，不是 CKAN 的回答。", f"HTTP {status}, and no answer of a CKAN")
    if not said["success"] or status != 200:
        why = json.dumps(said.get("error", ""), ensure_ascii=False)[:200]
        raise Unreadable(f"对方拒绝：HTTP {status} {why}", f"refused: HTTP {status} {why}")
    return said.get("result")


def page(status: int, body: bytes) -> Found:
    """A page of `package_search`. Raises `Unreadable`."""
    found = result(status, body)
    if not isinstance(found, dict) or not isinstance(found.get("results"), list):
        raise Unreadable("result 里没有 results。", "its result holds no results")
    count = found.get("count")
    packages = tuple(one for one in found["results"] if isinstance(one, dict))
    return Found(count if isinstance(count, int) else len(packages), packages, len(found["results"]))


def identity(package: Mapping[str, Any]) -> str:
    """What a data set is known by over there. Raises `Unreadable` if by nothing."""
    found = package.get("id") or package.get("name")
    if not isinstance(found, str) or not found.strip():
        raise Unreadable("没有 id。", "it has no id")
    return found.strip()[:300]


def dataset(package: Mapping[str, Any], base: str) -> Dataset:
    """A data set of DCAT; what is of another kind than it should be counts as not said. Raises `Unreadable`."""
    key = identity(package)
    title = _words(package, "title") or ({"": _text(package, "name")} if _text(package, "name") else {})
    if not title:
        raise Unreadable("没有标题。", "it has no title")
    home = f"{base.rstrip('/')}/dataset/{_text(package, 'name') or key}"
    terms = _license(package)
    return Dataset(
        iri=home, title=title, description=_words(package, "notes"), identifier=key, keywords=_keywords(package),
        publisher=_agent(package), contact=_contact(package),
        issued=_moment(package, "metadata_created"), modified=_moment(package, "metadata_modified"), rights="public",
        landing_page=_text(package, "url") or home, version=_text(package, "version"),
        frequency=_extra(package, "frequency"),
        distributions=tuple(_distribution(one, home, terms) for one in _objects(package, "resources")),
    )  # fmt: skip


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    return value.strip() if isinstance(value, str) else ""


def _objects(said: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    value = said.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _object(said: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = said.get(name)
    return value if isinstance(value, dict) else {}


def _words(package: Mapping[str, Any], name: str) -> Words:
    """A text in its languages where ckanext-fluent is used, else as it is."""
    translated = {
        str(tag).partition("-")[0].partition("_")[0].lower(): text.strip()
        for tag, text in _object(package, f"{name}_translated").items()
        if isinstance(text, str) and text.strip()
    }
    return translated or ({"": _text(package, name)} if _text(package, name) else {})


def _extra(package: Mapping[str, Any], name: str) -> str:
    return next((_text(one, "value") for one in _objects(package, "extras") if one.get("key") == name), "")


def _moment(said: Mapping[str, Any], name: str) -> Moment | None:
    """CKAN's moments are UTC and do not say so."""
    found = moment(_text(said, name))
    return found.replace(tzinfo=UTC) if isinstance(found, datetime) and found.tzinfo is None else found


def _keywords(package: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    found = {_text(one, "display_name") or _text(one, "name") for one in _objects(package, "tags")}
    return tuple(sorted(("", one) for one in found if one))


def _agent(package: Mapping[str, Any]) -> Agent | None:
    organization = _object(package, "organization")
    name = _text(organization, "title") or _text(organization, "name") or _text(package, "author")
    return Agent({"": name}) if name else None


def _contact(package: Mapping[str, Any]) -> Contact | None:
    name = _text(package, "maintainer") or _text(package, "author")
    email = _text(package, "maintainer_email") or _text(package, "author_email")
    return Contact(name, email) if name or email else None


def _license(package: Mapping[str, Any]) -> License | None:
    title = _text(package, "license_title") or _text(package, "license_id")
    url = _text(package, "license_url")
    return License(url, {"": title} if title else {}) if url or title else None


def _distribution(said: Mapping[str, Any], home: str, terms: License | None) -> Distribution:
    url, size = _text(said, "url"), said.get("size")
    return Distribution(
        access=url or home, iri=f"{home}/resource/{_text(said, 'id')}" if _text(said, "id") else "", download=url,
        title={"": _text(said, "name")} if _text(said, "name") else {},
        description={"": _text(said, "description")} if _text(said, "description") else {},
        media_type=_text(said, "mimetype"), format=_text(said, "format").upper()[:30],
        octets=size if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else None, license=terms,
        issued=_moment(said, "created"), modified=_moment(said, "last_modified"),
    )  # fmt: skip
