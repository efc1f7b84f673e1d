"""From the model to nodes: each with its types and facts in a fixed order, which every way of writing goes through.

Things of lists of others (languages, licences, formats) carry their type with them, as the shapes of DCAT-AP want
(`sh:class`): who reads the document alone knows what they are.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import singledispatch

from hexi.wire.dcat import terms
from hexi.wire.dcat.model import (
    Agent,
    Catalogue,
    Checksum,
    Column,
    Concept,
    Contact,
    DataService,
    Dataset,
    Distribution,
    License,
    Moment,
    Paged,
    Period,
    Place,
    Scheme,
    Words,
)


@dataclass(frozen=True)
class Ref:
    """An IRI that stands for itself."""

    iri: str


@dataclass(frozen=True)
class Literal:
    """A text with its language or its type ("xsd:date")."""

    text: str
    language: str = ""
    type: str = ""


@dataclass(frozen=True)
class Node:
    """A thing: `iri` "" for one without a name of its own."""

    types: tuple[str, ...]
    facts: tuple[tuple[str, "Ref | Literal | Node"], ...] = ()
    iri: str = ""


Value = Ref | Literal | Node
Facts = Iterator[tuple[str, Value]]


@singledispatch
def node_of(thing: object) -> Node:
    """The node of a thing of the model."""
    raise TypeError(type(thing).__name__)


def _node(types: str, facts: Iterable[tuple[str, Value]] = (), iri: str = "") -> Node:
    return Node(tuple(types.split()), tuple(facts), iri)


def _words(name: str, words: Words) -> Facts:
    return ((name, Literal(text, language)) for language, text in words.items() if text)


def _text(name: str, text: str, type: str = "") -> Facts:
    if text:
        yield name, Literal(text, type=type)


def _ref(name: str, *iris: str) -> Facts:
    return ((name, Ref(iri)) for iri in iris if iri)


def _typed(name: str, type: str, *iris: str) -> Facts:
    """Things named elsewhere, with their type."""
    return ((name, _node(type, iri=iri)) for iri in iris if iri)


def _moment(name: str, moment: Moment | None) -> Facts:
    if moment is not None:
        yield name, Literal(moment.isoformat(), type="xsd:dateTime" if isinstance(moment, datetime) else "xsd:date")


def _inner(name: str, *things: object) -> Facts:
    return ((name, node_of(thing)) for thing in things if thing is not None)


def _listed(name: str, type: str, kind: str, *keys: str) -> Facts:
    """Things of one of the Publications Office's lists."""
    return _typed(name, type, *(terms.iri_of(kind, key) for key in keys if key))


def _rights(key: str) -> Facts:
    return _listed("dct:accessRights", "dct:RightsStatement", "access-right", key)


@node_of.register
def _agent(one: Agent) -> Node:
    facts = [
        *_words("foaf:name", one.name),
        *_text("dct:identifier", one.identifier),
        *_typed("foaf:homepage", "foaf:Document", one.homepage),
        *_ref("foaf:mbox", f"mailto:{one.email}" if one.email else ""),
    ]
    return _node("foaf:Agent foaf:Organization", facts, one.iri)


@node_of.register
def _contact(one: Contact) -> Node:
    facts = [
        *_text("vcard:fn", one.name),
        *_ref("vcard:hasEmail", f"mailto:{one.email}" if one.email else ""),
        *_ref("vcard:hasTelephone", f"tel:{_digits(one.phone)}" if one.phone else ""),
        *_ref("vcard:hasURL", one.url),
    ]
    return _node("vcard:Kind vcard:Organization", facts)


def _digits(phone: str) -> str:
    """A number as RFC 3966 writes it."""
    return "".join(sign for sign in phone if sign in "+-0123456789")


@node_of.register
def _scheme(one: Scheme) -> Node:
    return _node("skos:ConceptScheme", _words("dct:title", one.title), one.iri)


@node_of.register
def _concept(one: Concept) -> Node:
    facts = [
        *_words("skos:prefLabel", one.label),
        *_text("skos:notation", one.notation),
        *_ref("skos:inScheme", one.scheme),
    ]
    return _node("skos:Concept", facts, one.iri)


@node_of.register
def _place(one: Place) -> Node:
    facts = [*_words("skos:prefLabel", one.label), *_text("dct:identifier", one.code)]
    return _node("dct:Location", facts, one.iri)


@node_of.register
def _period(one: Period) -> Node:
    return _node("dct:PeriodOfTime", [*_moment("dcat:startDate", one.start), *_moment("dcat:endDate", one.end)])


@node_of.register
def _checksum(one: Checksum) -> Node:
    algorithm = terms.spelled(f"spdx:checksumAlgorithm_{one.algorithm.lower()}")
    facts = [
        *_typed("spdx:algorithm", "spdx:ChecksumAlgorithm", algorithm),
        *_text("spdx:checksumValue", one.value, "xsd:hexBinary"),
    ]
    return _node("spdx:Checksum", facts)


@node_of.register
def _license(one: License) -> Node:
    return _node("dct:LicenseDocument", _words("rdfs:label", one.name), one.iri)


def _column(one: Column, place: int) -> Node:
    facts = [
        *_text("schema:position", str(place), "xsd:integer"),
        *_text("csvw:name", one.name),
        *_words("csvw:title", one.title),
        *_ref("csvw:datatype", terms.spelled(f"xsd:{one.datatype}")),
        *_words("dct:description", one.description),
        *_text("schema:unitText", one.unit),
        *_text("csvw:required", "true" if one.required else "", "xsd:boolean"),
        *_text("csvw:maxLength", "" if one.length is None else str(one.length), "xsd:nonNegativeInteger"),
    ]
    return _node("csvw:Column", facts)


@node_of.register
def _service(one: DataService) -> Node:
    facts = [
        *_words("dct:title", one.title),
        *_words("dct:description", one.description),
        *_ref("dcat:endpointURL", one.endpoint),
        *_ref("dcat:endpointDescription", one.endpoint_description),
        *_ref("dcat:servesDataset", *one.serves),
        *_inner("dct:publisher", one.publisher),
        *_inner("dcat:contactPoint", one.contact),
        *_inner("dct:license", one.license),
        *_typed("dct:conformsTo", "dct:Standard", *one.conforms_to),
        *_rights(one.rights),
    ]
    return _node("dcat:DataService", facts, one.iri)


@node_of.register
def _distribution(one: Distribution) -> Node:
    columns = [("csvw:column", _column(column, place)) for place, column in enumerate(one.columns, 1)]
    facts = [
        *_words("dct:title", one.title),
        *_words("dct:description", one.description),
        *_ref("dcat:accessURL", one.access),
        *_ref("dcat:downloadURL", one.download),
        *_typed("dcat:mediaType", "dct:MediaType", terms.media_iri(one.media_type) if one.media_type else ""),
        *_listed("dct:format", "dct:MediaTypeOrExtent", "file-type", one.format),
        *_text("dcat:byteSize", "" if one.octets is None else str(one.octets), "xsd:nonNegativeInteger"),
        *_inner("dct:license", one.license),
        *_inner("spdx:checksum", one.checksum),
        *_moment("dct:issued", one.issued),
        *_moment("dct:modified", one.modified),
        *_typed("dct:conformsTo", "dct:Standard", *one.conforms_to),
        *_ref("dcat:accessService", one.service),
        *_typed("foaf:page", "foaf:Document", one.documentation),
        *([("csvw:tableSchema", _node("csvw:Schema", columns))] if columns else []),
    ]
    return _node("dcat:Distribution", facts, one.iri)


@node_of.register
def _dataset(one: Dataset) -> Node:
    origin = _node("dct:ProvenanceStatement", _words("rdfs:label", one.provenance))
    facts = [
        *_words("dct:title", one.title),
        *_words("dct:description", one.description),
        *_text("dct:identifier", one.identifier),
        *(("dcat:keyword", Literal(word, language)) for language, word in one.keywords),
        *_inner("dcat:theme", *one.themes),
        *_inner("dct:publisher", one.publisher),
        *_inner("dcat:contactPoint", one.contact),
        *_moment("dct:issued", one.issued),
        *_moment("dct:modified", one.modified),
        *_listed("dct:accrualPeriodicity", "dct:Frequency", "frequency", one.frequency),
        *_rights(one.rights),
        *_typed("dcat:landingPage", "foaf:Document", one.landing_page),
        *_typed("foaf:page", "foaf:Document", one.documentation),
        *_listed("dct:language", "dct:LinguisticSystem", "language", *one.languages),
        *_inner("dct:spatial", *one.places),
        *_inner("dct:temporal", one.period),
        *_text("dcat:version", one.version),
        *_words("adms:versionNotes", one.version_notes),
        *([("dct:provenance", origin)] if one.provenance else []),
        *_typed("dct:conformsTo", "dct:Standard", *one.conforms_to),
        *_ref("dct:relation", *one.relations),
        *_inner("dcat:distribution", *one.distributions),
    ]
    return _node("dcat:Dataset", facts, one.iri)


@node_of.register
def _paged(one: Paged) -> Node:
    """Both the words of Hydra that are in force and the older ones that harvesters of CKAN read."""
    facts = [
        *_text("hydra:totalItems", str(one.total), "xsd:integer"),
        *_text("hydra:itemsPerPage", str(one.per_page), "xsd:integer"),
        *_ref("hydra:first", one.first), *_ref("hydra:firstPage", one.first),
        *_ref("hydra:last", one.last), *_ref("hydra:lastPage", one.last),
        *_ref("hydra:next", one.next), *_ref("hydra:nextPage", one.next),
        *_ref("hydra:previous", one.previous), *_ref("hydra:previousPage", one.previous),
    ]  # fmt: skip
    return _node("hydra:PagedCollection hydra:PartialCollectionView", facts, one.here)


@node_of.register
def _catalogue(one: Catalogue) -> Node:
    facts = [
        *_words("dct:title", one.title),
        *_words("dct:description", one.description),
        *_inner("dct:publisher", one.publisher),
        *_typed("foaf:homepage", "foaf:Document", one.homepage),
        *_moment("dct:issued", one.issued),
        *_moment("dct:modified", one.modified),
        *_listed("dct:language", "dct:LinguisticSystem", "language", *one.languages),
        *_inner("dct:license", one.license),
        *_inner("dct:spatial", *one.places),
        *_inner("dcat:themeTaxonomy", *one.themes),
        *_inner("dcat:service", *one.services),
        *_inner("dcat:dataset", *one.datasets),
    ]
    return _node("dcat:Catalog", facts, one.iri)


def nodes_of(thing: Catalogue | Dataset | DataService) -> list[Node]:
    """The nodes a document begins with."""
    found = [node_of(thing)]
    if isinstance(thing, Catalogue) and thing.paged is not None:
        found.append(node_of(thing.paged))
    return found


@dataclass
class Named:
    """Which named things were written already: the first time with all that is said of them, then by name alone.

    One name may stand for several things (a data set and the page about it): each is written once.
    """

    known: dict[str, list[Node]] = field(default_factory=dict)

    def first(self, node: Node) -> bool:
        """True if the node has to be written whole."""
        before = self.known.setdefault(node.iri, []) if node.iri else []
        if any(one == node for one in before):
            return False
        before.append(node)
        return True
