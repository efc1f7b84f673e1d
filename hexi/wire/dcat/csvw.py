"""CSV on the Web: what the columns of a CSV file mean, as the JSON beside it (W3C tabular metadata, 2015)."""

import json
from typing import Any
from urllib.parse import quote

from hexi.wire.dcat.model import Column, Dataset, License, Words

#: the file beside "wells.csv" (tabular data model §5.2)
ENDING = "-metadata.json"
MEDIA_TYPE = "application/csvm+json"
LANGUAGE = "zh"


def metadata(dataset: Dataset, columns: tuple[Column, ...], *, url: str, keys: tuple[str, ...] = ()) -> bytes:
    """The metadata of the CSV file at `url`, whose first line holds the titles of `columns` in LANGUAGE.

    `keys`: names of the columns that tell its rows apart.
    """
    schema: dict[str, Any] = {"columns": [_column(one) for one in columns]}
    if keys:
        schema["primaryKey"] = [_name(one) for one in keys]
    said = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": LANGUAGE}],
        "url": url,
        "lang": LANGUAGE,
        **_words("dc:title", dataset.title),
        **_words("dc:description", dataset.description),
        **({"dc:identifier": dataset.identifier} if dataset.identifier else {}),
        **({"dc:publisher": _spoken(dataset.publisher.name)} if dataset.publisher else {}),
        **({"dc:modified": dataset.modified.isoformat()} if dataset.modified else {}),
        **_license(dataset),
        "dialect": {"encoding": "utf-8", "header": True, "delimiter": ",", "quoteChar": '"', "doubleQuote": True},
        "tableSchema": schema,
    }
    return json.dumps(said, ensure_ascii=False, indent=1).encode()


def _column(one: Column) -> dict[str, Any]:
    base: dict[str, Any] = {"base": one.datatype}
    if one.length is not None and one.datatype == "string":
        base["maxLength"] = one.length
    return {
        "name": _name(one.name),
        "titles": dict(one.title) or one.name,
        "datatype": base if len(base) > 1 else one.datatype,
        **({"required": True} if one.required else {}),
        **_words("dc:description", one.description),
        **({"schema:unitText": one.unit} if one.unit else {}),
    }


def _name(name: str) -> str:
    """As the standard lets a column be called: a variable of RFC 6570, everything else in percent signs."""
    escaped = quote(name, safe="").replace("-", "%2D").replace("~", "%7E").replace(".", "%2E")
    return f"%5F{escaped[1:]}" if escaped.startswith("_") else escaped


def _words(name: str, words: Words) -> dict[str, Any]:
    return {name: _spoken(words)} if words else {}


def _spoken(words: Words) -> Any:
    said = [{"@value": text, "@language": language} if language else text for language, text in words.items()]
    return said[0] if len(said) == 1 else said


def _license(dataset: Dataset) -> dict[str, Any]:
    found: License | None = next((one.license for one in dataset.distributions if one.license), None)
    return {"dc:license": {"@id": found.iri}} if found and found.iri else {}
