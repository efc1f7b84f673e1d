"""What a data set of another catalogue says, as the content of an entry of ours. Pure; stands beside operations."""

import json
import re
from typing import Any

from hexi.blocks.catalog import content
from hexi.blocks.catalog.definitions import licences
from hexi.blocks.catalog.models import HarvestSource
from hexi.wire.dcat.model import Dataset, Distribution, License, Words

#: words of DCAT → 更新周期
CYCLES = {"continuous": "realtime", "hourly": "realtime", "daily": "daily", "weekly": "weekly", "monthly": "monthly",
          "quarterly": "quarterly", "annual": "yearly"}  # fmt: skip
#: types of XML Schema → letters of the guide
TYPES = {"string": "C", "double": "B", "float": "F", "decimal": "N", "integer": "I", "int": "I", "long": "I",
         "date": "D", "dateTime": "T", "boolean": "L"}  # fmt: skip
#: words of formats by the kind of format they are
FORMATS = {
    "table": ("CSV", "XLS", "XLSX", "ODS", "TSV"),
    "described": ("JSON", "XML", "RDF", "PARQUET", "TTL", "JSONLD"),
    "image": ("GEOJSON", "SHP", "TIFF", "PNG", "JPG", "KML"),
}


def said_of(one: Dataset, source: HarvestSource) -> dict[str, Any]:
    """The content. It is open to everybody only under a licence that we know to let it be handed on."""
    licence = licence_of(one)
    summary = text_in(one.description, "zh") or text_in(one.title, "zh")
    where = one.landing_page or one.iri or source.url
    title = text_in(one.title, "zh")
    return {
        "title": title[:200], "title_en": one.title.get("en", "")[:300],
        "summary": f"{summary[:3400]}\n来源：{source.name} {where}"[:4000],
        "summary_en": one.description.get("en", "")[:6000],
        "keywords": "\n".join(dict.fromkeys(word[:60] for _tag, word in one.keywords[:15])),
        "format": format_of(one), "sharing": "unconditional", "open": bool(licence), "grading": "public",
        "license": licence, "cycle": CYCLES.get(one.frequency, "other"), "kind": "none", "items": items_of(one),
    }  # fmt: skip


def text_in(words: Words, language: str) -> str:
    """The text in a language, else without one, else in any."""
    return words.get(language) or words.get("") or next(iter(words.values()), "")


def licence_of(one: Dataset) -> str:
    """The key of its licence, the same for all of its files; "" for one we do not know, or several."""
    found = {_key(way.license) for way in one.distributions if way.license is not None}
    return found.pop() if len(found) == 1 else ""


def _key(said: License) -> str:
    address = _plain(said.iri)
    for known in licences().values():
        names = {name.lower() for name in said.name.values()}
        if (address and address == _plain(known.url)) or names & {known.key, known.title.en.lower(), known.title.zh}:
            return known.key
    return ""


def _plain(address: str) -> str:
    """Without what the same licence is written with or without."""
    return re.sub(r"(/(legalcode|deed)[^/]*)?/?$", "", re.sub(r"^https?://(www\.)?", "", address.strip().lower()))


def format_of(one: Dataset) -> str:
    """The kind of format of most of its files."""
    words = [way.format.upper() for way in one.distributions] + [
        way.media_type.rpartition("/")[2].upper() for way in one.distributions
    ]
    return next((kind for kind, known in FORMATS.items() if set(known) & set(words)), "file")


def items_of(one: Dataset) -> list[dict[str, Any]]:
    """Its columns, where it tells them (CSVW)."""
    columns = next((way.columns for way in one.distributions if way.columns), ())
    found = []
    for column in columns[: content.MOST_ITEMS]:
        name = re.sub(r"\W", "_", column.name)[:60]
        found.append({
            "name": name if re.fullmatch(r"[^\W\d]\w*", name) else f"c_{name}"[:60],
            "title": (text_in(column.title, "zh") or column.name)[:100], "title_en": column.title.get("en", "")[:150],
            "type": TYPES.get(column.datatype, "C"), "unit": column.unit[:20], "length": column.length,
            "required": column.required, "sensitivity": "public", "open": True,
        })  # fmt: skip
    return found


def kept(way: Distribution) -> dict[str, Any]:
    """A file of the other catalogue as plain JSON."""
    licence = way.license or License()
    said = {
        "access": way.access, "iri": way.iri, "title": dict(way.title), "description": dict(way.description),
        "download": way.download, "media_type": way.media_type, "format": way.format, "octets": way.octets,
        "license": licence.iri, "license_name": dict(licence.name),
    }  # fmt: skip
    return json.loads(json.dumps(said).replace("\\u0000", ""))


def read(said: dict[str, Any]) -> Distribution:
    """The other way round."""
    licence = License(said["license"], said["license_name"]) if said["license"] or said["license_name"] else None
    plain = {name: value for name, value in said.items() if name not in ("license", "license_name")}
    return Distribution(license=licence, **plain)
