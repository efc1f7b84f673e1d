"""Words that DCAT borrows: namespaces, and the EU's lists of frequencies, rights, languages, formats of files."""

NAMESPACES = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "spdx": "http://spdx.org/rdf/terms#",
    "adms": "http://www.w3.org/ns/adms#",
    "csvw": "http://www.w3.org/ns/csvw#",
    "schema": "http://schema.org/",
    "hydra": "http://www.w3.org/ns/hydra/core#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_AUTHORITY = "http://publications.europa.eu/resource/authority/"
_IANA = "http://www.iana.org/assignments/media-types/"

#: how often rows are renewed (更新周期)
FREQUENCIES = {
    "continuous": "UPDATE_CONT", "hourly": "HOURLY", "daily": "DAILY", "weekly": "WEEKLY", "monthly": "MONTHLY",
    "quarterly": "QUARTERLY", "semiannual": "ANNUAL_2", "annual": "ANNUAL", "irregular": "IRREG", "other": "OTHER",
    "never": "NEVER", "unknown": "UNKNOWN",
}  # fmt: skip
#: who may have it (共享类型, 开放)
RIGHTS = {"public": "PUBLIC", "restricted": "RESTRICTED", "none": "NON_PUBLIC"}
LANGUAGES = {"zh": "ZHO", "en": "ENG"}
#: words of formats, and what each list calls them
FORMATS = {
    "CSV": "CSV", "XLSX": "XLSX", "XLS": "XLS", "JSON": "JSON", "GEOJSON": "GEOJSON", "PARQUET": "PARQUET",
    "XML": "XML", "PDF": "PDF", "ZIP": "ZIP", "HTML": "HTML", "TXT": "TXT", "RDF": "RDF_XML", "TTL": "RDF_TURTLE",
    "JSONLD": "JSON_LD",
}  # fmt: skip
#: the EU's themes of data, by which portals of the world sort
THEMES = {
    "AGRI": "Agriculture, fisheries, forestry and food", "ECON": "Economy and finance",
    "EDUC": "Education, culture and sport", "ENER": "Energy", "ENVI": "Environment",
    "GOVE": "Government and public sector", "HEAL": "Health", "INTR": "International issues",
    "JUST": "Justice, legal system and public safety", "REGI": "Regions and cities", "SOCI": "Population and society",
    "TECH": "Science and technology", "TRAN": "Transport",
}  # fmt: skip
_LISTS = {
    "frequency": FREQUENCIES, "access-right": RIGHTS, "language": LANGUAGES, "file-type": FORMATS,
}  # fmt: skip


def iri_of(kind: str, key: str) -> str:
    """The IRI of a key of a list ("frequency", "daily"); what is in none of the lists as it is."""
    return f"{_AUTHORITY}{kind}/{_LISTS[kind][key]}" if key in _LISTS[kind] else key


def key_of(kind: str, iri: str) -> str:
    """The other way round: the key of an IRI of the list; any other as it is."""
    start = f"{_AUTHORITY}{kind}/"
    backwards = {value: key for key, value in _LISTS[kind].items()}
    return backwards.get(iri.removeprefix(start), iri) if iri.startswith(start) else iri


def theme_name(iri: str) -> str:
    """What a theme of that list is called; its key where it is not known."""
    key = iri.rpartition("/")[2]
    return THEMES.get(key, key)


def media_iri(media_type: str) -> str:
    """The IRI of a MIME type at IANA."""
    return _IANA + media_type


def media_type(iri: str) -> str:
    """The MIME type of an IRI at IANA, with or without TLS; any other text as it is."""
    for start in (_IANA, _IANA.replace("http://", "https://")):
        if iri.startswith(start):
            return iri[len(start) :]
    return iri


def spelled(name: str) -> str:
    """The IRI of "dct:title"."""
    prefix, _, local = name.partition(":")
    return NAMESPACES[prefix] + local
