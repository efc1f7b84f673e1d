"""A data set as search engines read it: `Dataset` of schema.org as JSON-LD."""

import json
from typing import Any

from hexi.wire.dcat.model import Agent, Dataset, Distribution, Words

#: what is said of it where there is no text in the language asked for
LANGUAGES = ("zh", "en", "")


def dataset(one: Dataset, *, language: str = "zh", catalogue: str = "") -> bytes:
    """The data set in one language; `catalogue` is the address of what it is part of."""
    licence = next((way.license for way in one.distributions if way.license), None)
    said = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": one.iri,
        "name": _in(one.title, language),
        "description": _in(one.description, language),
        "url": one.landing_page or one.iri,
        "identifier": one.identifier,
        "keywords": [word for tag, word in one.keywords if tag in ("", language)],
        "license": licence.iri or _in(licence.name, language) if licence else "",
        "creator": _agent(one.publisher, language) if one.publisher else None,
        "datePublished": one.issued.isoformat() if one.issued else "",
        "dateModified": one.modified.isoformat() if one.modified else "",
        "version": one.version,
        "inLanguage": list(one.languages),
        "isAccessibleForFree": True,
        "includedInDataCatalog": {"@type": "DataCatalog", "@id": catalogue, "url": catalogue} if catalogue else None,
        "spatialCoverage": [
            {"@type": "Place", "name": _in(place.label, language), "identifier": place.code} for place in one.places
        ],
        "temporalCoverage": _period(one),
        "variableMeasured": _variables(one, language),
        "distribution": [_download(way, language) for way in one.distributions if way.download],
    }
    return json.dumps({name: value for name, value in said.items() if value}, ensure_ascii=False, indent=1).encode()


def _in(words: Words, language: str) -> str:
    return next((words[tag] for tag in (language, *LANGUAGES) if words.get(tag)), next(iter(words.values()), ""))


def _agent(one: Agent, language: str) -> dict[str, Any]:
    said = {"@type": "GovernmentOrganization", "name": _in(one.name, language), "identifier": one.identifier,
            "url": one.homepage, "email": one.email}  # fmt: skip
    return {name: value for name, value in said.items() if value}


def _period(one: Dataset) -> str:
    if one.period is None:
        return ""
    start, end = (moment.isoformat() if moment else ".." for moment in (one.period.start, one.period.end))
    return f"{start}/{end}"


def _variables(one: Dataset, language: str) -> list[dict[str, str]]:
    columns = next((way.columns for way in one.distributions if way.columns), ())
    found = [{"@type": "PropertyValue", "name": _in(column.title, language) or column.name, "unitText": column.unit}
             for column in columns]  # fmt: skip
    return [{name: value for name, value in each.items() if value} for each in found]


def _download(way: Distribution, language: str) -> dict[str, Any]:
    size = f"{way.octets} B" if way.octets is not None else ""
    said = {
        "@type": "DataDownload",
        "name": _in(way.title, language),
        "encodingFormat": way.media_type,
        "contentUrl": way.download,
        "contentSize": size,
        "sha256": way.checksum.value if way.checksum else "",
    }
    return {name: value for name, value in said.items() if value}
