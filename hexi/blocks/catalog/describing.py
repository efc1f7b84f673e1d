"""Open data sets in the words of others: as CKAN tells of a package, as DCAT does; addresses of all that is offered.

By the crosswalk of the thirteen core fields (政务信息资源目录编制指南) to DCAT. Stands beside queries.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from hexi.blocks.catalog import definitions, taking
from hexi.blocks.catalog.models import Cycle, Entry
from hexi.blocks.catalog.queries import opened, portal
from hexi.blocks.catalog.store import files
from hexi.blocks.notices.operations import SITE_URL
from hexi.blocks.regions.models import Department
from hexi.blocks.regions.queries import place, places
from hexi.wire.ckan import answers
from hexi.wire.ckan.answers import Organization, Package, Resource
from hexi.wire.dcat import model, terms
from hexi.wire.dcat.csvw import ENDING

#: 更新周期 → the words of DCAT
FREQUENCIES = {
    Cycle.REALTIME: "continuous", Cycle.DAILY: "daily", Cycle.WEEKLY: "weekly", Cycle.MONTHLY: "monthly",
    Cycle.QUARTERLY: "quarterly", Cycle.YEARLY: "annual", Cycle.OTHER: "other",
}  # fmt: skip
#: letters of the guide → types of XML Schema
DATATYPES = {
    "C": "string", "N": "double", "Y": "decimal", "D": "date", "T": "dateTime", "L": "boolean", "M": "string",
    "G": "string", "B": "double", "I": "integer", "F": "double",
}  # fmt: skip


@dataclass(frozen=True)
class Form:
    """One kind of file we make of rows: the ending of its address, its word, its MIME type."""

    ending: str
    word: str
    media_type: str


FORMS = {
    one.ending: one
    for one in (
        Form("csv", "CSV", "text/csv"),
        Form("xlsx", "XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        Form("json", "JSON", "application/json"),
        Form("parquet", "PARQUET", "application/vnd.apache.parquet"),
    )
}


def forms() -> list[Form]:
    """The kinds of files this installation can make."""
    return [one for one in FORMS.values() if one.ending != "parquet" or files.available()]


# --- addresses --------------------------------------------------------------------------------------------------------
def base() -> str:
    """The address of this site, without a slash at its end."""
    return SITE_URL.value.rstrip("/")


def page_of(entry: Entry) -> str:
    """The page of a data set."""
    return f"{base()}/data/{entry.slug}/"


def iri_of(entry: Entry) -> str:
    """The name of the data set itself, which is not the page about it."""
    return f"{page_of(entry)}#dataset"


def file_of(entry: Entry, ending: str) -> str:
    """A file of its rows."""
    return f"{page_of(entry)}rows.{ending}"


def api() -> str:
    """Where rows are asked for."""
    return f"{base()}/api/3/action/"


def resource_id(entry: Entry, ending: str) -> str:
    """The id of one file: that of the data set with its last digits turned, so that it leads back."""
    return str(uuid.UUID(int=entry.once.int ^ (list(FORMS).index(ending) + 1)))


def resource(text: str) -> tuple[Entry, str]:
    """The open data set and the ending of a resource's id. Raises `Entry.DoesNotExist`."""
    try:
        given = uuid.UUID(text).int
    except ValueError:
        raise Entry.DoesNotExist from None
    possible = {uuid.UUID(int=given ^ (number + 1)): ending for number, ending in enumerate(FORMS)}
    entry = portal.whole(portal.open_entries()).get(once__in=possible)
    return entry, possible[entry.once]


# --- CKAN -------------------------------------------------------------------------------------------------------------
def organization(one: Department, count: int | None = None) -> Organization:
    """A department."""
    return Organization(one.key, one.key, one.title, f"{one.name} {one.uscc}", count=count)


def group(name: str, count: int | None = None) -> Organization:
    """类 and 项."""
    return Organization(f"group-{name}", name, portal.group_title(name), count=count, is_organization=False)


def package(entry: Entry) -> Package:
    """The data set as CKAN tells of it; its items have to be fetched before."""
    licence = definitions.licences().get(entry.license)
    return Package(
        id=str(entry.once), name=entry.slug, title=entry.name, notes=entry.about,
        translated={"title": _words(entry.title, entry.title_en), "notes": _words(entry.summary, entry.summary_en)},
        url=page_of(entry), version=str(entry.current.number) if entry.current else "",
        license_id=entry.license, license_title=str(licence.title) if licence else "",
        license_url=licence.url if licence else "", maintainer=entry.provider.title,
        organization=organization(entry.provider), groups=(group(portal.group_of(entry.classification)),),
        tags=portal.tags_of(entry), resources=(*(_resource(entry, one) for one in _files(entry)), *_elsewhere(entry)),
        extras=(
            ("identifier", entry.code), ("frequency", FREQUENCIES[Cycle(entry.cycle)]),
            ("issued", entry.published.isoformat() if entry.published else ""),
            ("modified", entry.changed.isoformat()), ("spatial_code", entry.region_code),
        ),
        created=entry.created, modified=entry.changed,
    )  # fmt: skip


def _files(entry: Entry) -> list[Form]:
    return forms() if opened.has_rows(entry) else []


def _resource(entry: Entry, form: Form) -> Resource:
    return Resource(
        id=resource_id(entry, form.ending), name=f"{entry.name} {form.word}", url=file_of(entry, form.ending),
        format=form.word, mimetype=form.media_type, created=entry.created, modified=entry.refreshed or entry.updated,
        rows=form.ending == "csv",
    )  # fmt: skip


def elsewhere(entry: Entry) -> tuple[model.Distribution, ...]:
    """Files and pages at the catalogue it was harvested from; its entry has to be fetched with `portal.whole`."""
    for met in entry.met:  # type: ignore[attr-defined]
        if ways := met.content.get("ways"):
            return tuple(map(taking.read, ways))
    return ()


def _elsewhere(entry: Entry) -> list[Resource]:
    return [
        Resource(
            id=str(uuid.uuid5(entry.once, way.iri or way.access)), name=_said(way.title) or way.format or way.access,
            url=way.download or way.access, format=way.format, mimetype=way.media_type, size=way.octets,
            created=entry.created, modified=entry.updated,
        )
        for way in elsewhere(entry)
    ]  # fmt: skip


def _said(words: Mapping[str, str]) -> str:
    return words.get("zh") or next(iter(words.values()), "")


def fields(columns: Sequence[Any]) -> list[answers.Field]:
    """Columns as the DataStore tells of them."""
    return [answers.Field(one.name, answers.TYPES[one.type], one.title) for one in columns]


# --- DCAT -------------------------------------------------------------------------------------------------------------
def datasets(entries: Sequence[Entry]) -> tuple[model.Dataset, ...]:
    """Many at once, with the names of their places fetched together."""
    names = places({one.region_code for one in entries})
    return tuple(dataset(one, names.get(one.region_code, "")) for one in entries)


def dataset(entry: Entry, where: str | None = None) -> model.Dataset:
    """The data set as DCAT tells of it; fetched with `portal.whole`. `where`: what its place is called, if known."""
    found = definitions.group_of(entry.classification)
    theme = [_theme(found[1].theme)] if found and found[1].theme else []
    return model.Dataset(
        iri=iri_of(entry), title=_words(entry.title, entry.title_en),
        description=_words(entry.summary, entry.summary_en), identifier=entry.code,
        keywords=tuple(("zh", one) for one in portal.tags_of(entry)), themes=(_class(entry.classification), *theme),
        publisher=agent(entry.provider), contact=_contact(entry.provider),
        issued=entry.published, modified=entry.changed,
        frequency=FREQUENCIES[Cycle(entry.cycle)], rights="public", landing_page=page_of(entry),
        documentation=file_of(entry, "csv") + ENDING if opened.has_rows(entry) else "", languages=("zh",),
        places=(_place(entry.region_code, place(entry.region_code) if where is None else where),),
        version=str(entry.current.number) if entry.current else "",
        version_notes={"zh": entry.current.why} if entry.current and entry.current.why else {},
        relations=tuple(iri_of(one) for one in entry.open_related),  # type: ignore[attr-defined]
        distributions=(*(_distribution(entry, one) for one in _files(entry)), *_asked(entry)),
    )  # fmt: skip


def _distribution(entry: Entry, form: Form) -> model.Distribution:
    return model.Distribution(
        access=page_of(entry), iri=f"{page_of(entry)}#{form.ending}", download=file_of(entry, form.ending),
        title=_words(f"{entry.title} {form.word}", f"{entry.title_en} {form.word}" if entry.title_en else ""),
        description={"zh": f"全部数据，{form.word} 文件", "en": f"all rows as a {form.word} file"},
        media_type=form.media_type, format=form.word, license=licence(entry), issued=entry.published,
        modified=entry.refreshed or entry.updated, columns=columns(entry) if form.ending == "csv" else (),
        conforms_to=("http://www.w3.org/ns/csvw",) if form.ending == "csv" else (),
    )  # fmt: skip


def _asked(entry: Entry) -> list[model.Distribution]:
    """The interface, where there are rows; where there are none, the page."""
    if ways := elsewhere(entry):
        return [replace(way, license=way.license or licence(entry)) for way in ways]
    if not opened.has_rows(entry):
        about = {"zh": "说明页", "en": "page that describes it"}
        return [model.Distribution(
            access=page_of(entry), iri=f"{page_of(entry)}#page", format="HTML", description=about,
            license=licence(entry),
        )]  # fmt: skip
    asked = f"{api()}datastore_search?resource_id={resource_id(entry, 'csv')}"
    return [model.Distribution(
        access=asked, iri=f"{page_of(entry)}#api", title={"zh": "查询接口", "en": "query interface"}, format="JSON",
        description={"zh": "按条件逐页查询", "en": "rows by condition, page by page"}, media_type="application/json",
        license=licence(entry), service=f"{base()}/data/#api",
    )]  # fmt: skip


def columns(entry: Entry) -> tuple[model.Column, ...]:
    """The columns of its files. A masked value is a text, and may be missing."""
    plain = {one.name: one for one in opened.items_of(entry)}
    found = []
    for one in opened.columns_of(entry):
        item = plain.get(one.name)
        title = _words(item.title, item.title_en) if item else {"zh": one.title, "en": "persons"}
        kept = item is not None and item.mask == "none" and item.required
        found.append(model.Column(one.name, title, DATATYPES[one.type], item.unit if item else "", required=kept))
    return tuple(found)


def service(entries: Sequence[Entry]) -> model.DataService:
    """The interface of all."""
    return model.DataService(
        f"{base()}/data/#api", {"zh": "开放数据接口", "en": "Open data interface"}, api(),
        {"zh": "与 CKAN 的 Action API 相同", "en": "the same as CKAN's Action API"}, f"{base()}/data/api/",
        tuple(iri_of(one) for one in entries if opened.has_rows(one)), None, None, None,
        ("https://docs.ckan.org/en/2.11/api/",), "public",
    )  # fmt: skip


def licence(entry: Entry) -> model.License | None:
    """Under what it may be used."""
    known = definitions.licences().get(entry.license)
    return model.License(known.url, {"zh": known.title.zh, "en": known.title.en}) if known else None


def agent(one: Department) -> model.Agent:
    """A department, by its credit code."""
    return model.Agent(_words(one.name, one.name_en), f"{base()}/data/?organization={quote(one.key)}", one.uscc)


def _contact(one: Department) -> model.Contact:
    return model.Contact(one.name, phone=one.phone)


def _class(classification: str) -> model.Concept:
    found = definitions.group_of(classification)
    name = portal.group_of(classification)
    label = {"zh": name}
    if found:
        label = {"zh": f"{found[0].title.zh} · {found[1].title.zh}", "en": f"{found[0].title.en} · {found[1].title.en}"}
    scheme = f"{base()}/data/#classes"
    return model.Concept(f"{base()}/data/?groups={name}", label, classification, scheme)


def _theme(iri: str) -> model.Concept:
    return model.Concept(iri, {"en": terms.theme_name(iri)}, scheme=iri.rpartition("/")[0])


def scheme() -> model.Scheme:
    """The classes themselves."""
    return model.Scheme(f"{base()}/data/#classes", {"zh": "政务信息资源分类", "en": "Classes of government data"})


def _place(code: str, name: str) -> model.Place:
    return model.Place(f"urn:cn:division:{code}", {"zh": name or code}, code)


def _words(zh: str, en: str) -> dict[str, str]:
    return {tag: text for tag, text in (("zh", zh), ("en", en)) if text}
