"""Answers of the Action API: envelopes, errors in CKAN's own form, data sets, organisations, rows of the DataStore."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

#: kind of error → HTTP status (ckan/views/api.py)
STATUSES = {
    "Validation Error": 409, "Search Query Error": 400, "Search Error": 409, "Not Found Error": 404,
    "Authorization Error": 403, "Too Many Requests": 429, "Internal Server Error": 500,
}  # fmt: skip
#: letters of the guide's data types (发改高技〔2017〕1272号) → types of the DataStore
TYPES = {
    "C": "text", "N": "numeric", "Y": "numeric", "D": "date", "T": "timestamp", "L": "bool", "M": "text", "G": "text",
    "B": "float8", "I": "int", "F": "float8",
}  # fmt: skip


@dataclass
class Fault(Exception):
    """An error as CKAN tells it: its kind (a key of STATUSES), a sentence, and what is wrong with which parameter."""

    kind: str
    message: str = ""
    fields: dict[str, list[str]] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """The HTTP status it is answered with."""
        return STATUSES[self.kind]

    def body(self, help_url: str) -> dict[str, Any]:
        """The JSON object."""
        said: dict[str, Any] = {"__type": self.kind, **self.fields}
        if self.message:
            said["message"] = self.message
        return {"help": help_url, "success": False, "error": said}


def wrong(name: str, sentence: str) -> Fault:
    """One parameter is wrong."""
    return Fault("Validation Error", fields={name: [sentence]})


def success(help_url: str, result: Any) -> dict[str, Any]:
    """The JSON object of an answer."""
    return {"help": help_url, "success": True, "result": result}


@dataclass(frozen=True)
class Organization:
    """Who publishes; also a group of data sets of one subject, where `is_organization` is false."""

    id: str
    name: str
    title: str
    description: str = ""
    created: datetime | None = None
    count: int | None = None
    is_organization: bool = True

    def brief(self) -> dict[str, Any]:
        """As it stands inside a data set."""
        return {
            "id": self.id, "name": self.name, "title": self.title, "description": self.description, "image_url": "",
            "type": "organization" if self.is_organization else "group", "is_organization": self.is_organization,
            "state": "active", "approval_status": "approved", "created": moment(self.created),
        }  # fmt: skip

    def whole(self) -> dict[str, Any]:
        """As `organization_show` and `group_show` tell it."""
        return {
            **self.brief(), "display_name": self.title, "image_display_url": "", "num_followers": 0, "users": [],
            "tags": [], "groups": [], "extras": [], "package_count": self.count or 0,
        }  # fmt: skip


@dataclass(frozen=True)
class Resource:
    """One file or interface of a data set. `rows`: it can be asked for by `datastore_search`."""

    id: str
    name: str
    url: str
    format: str = ""
    mimetype: str = ""
    description: str = ""
    size: int | None = None
    hash: str = ""
    created: datetime | None = None
    modified: datetime | None = None
    rows: bool = False

    def whole(self, package: str, position: int) -> dict[str, Any]:
        """As `resource_show` tells it; `package` is the id of its data set."""
        return {
            "id": self.id, "package_id": package, "position": position, "name": self.name, "url": self.url,
            "format": self.format, "mimetype": self.mimetype or None, "mimetype_inner": None,
            "description": self.description, "size": self.size, "hash": self.hash, "state": "active", "url_type": None,
            "resource_type": None, "cache_url": None, "cache_last_updated": None, "created": moment(self.created),
            "last_modified": moment(self.modified), "metadata_modified": moment(self.modified or self.created),
            "datastore_active": self.rows,
        }  # fmt: skip


@dataclass(frozen=True)
class Package:
    """A data set. `translated`: titles and notes by language, as ckanext-fluent has them."""

    id: str
    name: str
    title: str
    notes: str = ""
    translated: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    url: str = ""
    version: str = ""
    license_id: str = ""
    license_title: str = ""
    license_url: str = ""
    maintainer: str = ""
    maintainer_email: str = ""
    organization: Organization | None = None
    groups: tuple[Organization, ...] = ()
    tags: tuple[str, ...] = ()
    resources: tuple[Resource, ...] = ()
    extras: tuple[tuple[str, str], ...] = ()
    created: datetime | None = None
    modified: datetime | None = None

    def whole(self) -> dict[str, Any]:
        """As `package_show` tells it."""
        resources = [one.whole(self.id, place) for place, one in enumerate(self.resources)]
        return {
            "id": self.id, "name": self.name, "title": self.title, "notes": self.notes, "url": self.url,
            "type": "dataset",
            **{f"{part}_translated": dict(words) for part, words in self.translated.items()},
            "version": self.version, "author": "", "author_email": "", "maintainer": self.maintainer,
            "maintainer_email": self.maintainer_email, "license_id": self.license_id,
            "license_title": self.license_title, "license_url": self.license_url,
            "isopen": bool(self.license_id), "private": False, "state": "active",
            "creator_user_id": None, "owner_org": self.organization.id if self.organization else None,
            "organization": self.organization.brief() if self.organization else None,
            "groups": [{**one.brief(), "display_name": one.title} for one in self.groups],
            "tags": [tag(one) for one in self.tags], "num_tags": len(self.tags),
            "resources": resources, "num_resources": len(resources),
            "extras": [{"key": key, "value": value} for key, value in self.extras],
            "metadata_created": moment(self.created), "metadata_modified": moment(self.modified or self.created),
            "relationships_as_subject": [], "relationships_as_object": [],
        }  # fmt: skip


def tag(name: str) -> dict[str, Any]:
    """A keyword."""
    return {"id": name, "name": name, "display_name": name, "state": "active", "vocabulary_id": None}


def moment(at: datetime | None) -> str | None:
    """A moment as CKAN writes it: UTC, without saying so."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") if at else None


@dataclass(frozen=True)
class Facet:
    """How many of the data sets found have which value of a field."""

    name: str
    title: str
    items: tuple[tuple[str, str, int], ...]


def search(count: int, packages: Iterable[Package], facets: Iterable[Facet], sort: str) -> dict[str, Any]:
    """The result of `package_search`."""
    found = list(facets)
    return {
        "count": count,
        "sort": sort,
        "results": [one.whole() for one in packages],
        "facets": {facet.name: {value: n for value, _title, n in facet.items} for facet in found},
        "search_facets": {
            facet.name: {
                "title": facet.title,
                "items": [{"name": value, "display_name": title, "count": n} for value, title, n in facet.items],
            }
            for facet in found
        },
    }


@dataclass(frozen=True)
class Field:
    """A column of the DataStore: its id, its type (a value of TYPES), what it is called."""

    id: str
    type: str
    label: str = ""
    notes: str = ""
    unit: str = ""

    def whole(self) -> dict[str, Any]:
        """As `datastore_search` tells it; what it means where something is said."""
        info = {"label": self.label, "notes": self.notes, "unit": self.unit}
        said = {name: value for name, value in info.items() if value}
        return {"id": self.id, "type": self.type, **({"info": said} if said else {})}
