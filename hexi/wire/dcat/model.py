"""A catalogue of data sets as dataclasses (DCAT 3, in the profile DCAT-AP 3): what is written is read back the same.

Texts are mappings from a language ("zh", "en", "" where none is said) to the sentence.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

Words = Mapping[str, str]
Moment = date | datetime


@dataclass(frozen=True)
class Agent:
    """Who publishes. `identifier`: the unified social credit code (GB 32100), where there is one."""

    name: Words
    iri: str = ""
    identifier: str = ""
    homepage: str = ""
    email: str = ""


@dataclass(frozen=True)
class Contact:
    """Whom to ask about a data set."""

    name: str
    email: str = ""
    phone: str = ""
    url: str = ""


@dataclass(frozen=True)
class Scheme:
    """A list of subjects: the classes of the catalogue (分类)."""

    iri: str
    title: Words


@dataclass(frozen=True)
class Concept:
    """A subject: a class of the catalogue (分类), or one of another scheme, which is named by its IRI."""

    iri: str
    label: Words = field(default_factory=dict)
    notation: str = ""
    scheme: str = ""


@dataclass(frozen=True)
class Place:
    """What part of the world is covered. `code`: the 12-digit division code."""

    iri: str = ""
    label: Words = field(default_factory=dict)
    code: str = ""


@dataclass(frozen=True)
class Period:
    """What time is covered; None: open."""

    start: Moment | None = None
    end: Moment | None = None


@dataclass(frozen=True)
class Checksum:
    """The digest of a file, in hexadecimal digits."""

    value: str
    algorithm: str = "SHA256"


@dataclass(frozen=True)
class Column:
    """A column of the table (信息项). `datatype`: a type of XML Schema, as CSVW names them."""

    name: str
    title: Words = field(default_factory=dict)
    datatype: str = "string"
    unit: str = ""
    description: Words = field(default_factory=dict)
    required: bool = False
    length: int | None = None


@dataclass(frozen=True)
class License:
    """Under which terms: an address, a name, or both."""

    iri: str = ""
    name: Words = field(default_factory=dict)


@dataclass(frozen=True)
class DataService:
    """Where data sets are asked for, row by row. `serves`: the IRIs of data sets."""

    iri: str
    title: Words
    endpoint: str
    description: Words = field(default_factory=dict)
    endpoint_description: str = ""
    serves: tuple[str, ...] = ()
    publisher: Agent | None = None
    contact: Contact | None = None
    license: License | None = None
    conforms_to: tuple[str, ...] = ()
    rights: str = ""


@dataclass(frozen=True)
class Distribution:
    """One way to get the rows. `media_type` is a MIME type, `format` a short word ("CSV"), `octets` the size."""

    access: str
    iri: str = ""
    title: Words = field(default_factory=dict)
    description: Words = field(default_factory=dict)
    download: str = ""
    media_type: str = ""
    format: str = ""
    octets: int | None = None
    license: License | None = None
    checksum: Checksum | None = None
    issued: Moment | None = None
    modified: Moment | None = None
    conforms_to: tuple[str, ...] = ()
    service: str = ""
    documentation: str = ""
    columns: tuple[Column, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """One data set. `frequency` and `rights` are keys of `terms.FREQUENCIES` and `terms.RIGHTS`, or IRIs of others.

    `keywords`: pairs of language and word. `versions`: what the newest version is called, and what changed in it.
    """

    iri: str
    title: Words
    description: Words
    identifier: str = ""
    keywords: tuple[tuple[str, str], ...] = ()
    themes: tuple[Concept, ...] = ()
    publisher: Agent | None = None
    contact: Contact | None = None
    issued: Moment | None = None
    modified: Moment | None = None
    frequency: str = ""
    rights: str = ""
    landing_page: str = ""
    documentation: str = ""
    languages: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    period: Period | None = None
    version: str = ""
    version_notes: Words = field(default_factory=dict)
    provenance: Words = field(default_factory=dict)
    conforms_to: tuple[str, ...] = ()
    relations: tuple[str, ...] = ()
    distributions: tuple[Distribution, ...] = ()


@dataclass(frozen=True)
class Paged:
    """Where this page of a catalogue stands among its pages (Hydra); "" where there is no such page."""

    here: str
    total: int
    per_page: int
    first: str = ""
    last: str = ""
    next: str = ""
    previous: str = ""


@dataclass(frozen=True)
class Catalogue:
    """A catalogue, or one page of it."""

    iri: str
    title: Words
    description: Words
    publisher: Agent | None = None
    homepage: str = ""
    issued: Moment | None = None
    modified: Moment | None = None
    languages: tuple[str, ...] = ()
    license: License | None = None
    places: tuple[Place, ...] = ()
    themes: tuple[Scheme, ...] = ()
    datasets: tuple[Dataset, ...] = ()
    services: tuple[DataService, ...] = ()
    paged: Paged | None = None
