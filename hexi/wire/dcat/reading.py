"""Bytes to a catalogue: JSON-LD, Turtle, RDF/XML, as other portals really write them. Nothing is fetched meanwhile.

rdflib reads the syntax. Before it does, contexts of JSON-LD that would have to be fetched and DOCTYPEs of XML are
refused; a document of more than LONGEST bytes or MOST facts is, too.
"""

import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from lxml import etree
from rdflib import BNode, Graph, URIRef
from rdflib import Literal as Text
from rdflib.exceptions import ParserError
from rdflib.namespace import RDF
from rdflib.plugins.parsers.jsonld import to_rdf
from rdflib.term import Node

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

LONGEST, MOST = 20_000_000, 500_000
#: MIME type → form; parameters are cut off before
FORMS = {
    "application/ld+json": "jsonld", "application/json": "jsonld", "text/turtle": "ttl", "application/x-turtle": "ttl",
    "application/n-triples": "ttl", "application/rdf+xml": "rdf", "application/xml": "rdf", "text/xml": "rdf",
}  # fmt: skip


class Unreadable(ValueError):
    """Not a catalogue; `zh` and `en` say why and what to do."""

    def __init__(self, zh: str, en: str):
        super().__init__(f"{zh} / {en}")
        self.zh, self.en = zh, en


def form_of(content: bytes, media_type: str = "") -> str:
    """How a document is written: as its MIME type says, else by how it begins."""
    said = FORMS.get(media_type.partition(";")[0].strip().lower())
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start in (b"{", b"["):
        return "jsonld"
    return said or ("rdf" if start == b"<" and re.match(rb"\s*<(\?xml|rdf:|[a-zA-Z]+:RDF)", content[:400]) else "ttl")


def read(content: bytes, media_type: str = "", *, base: str = "") -> Catalogue:
    """The catalogue of a document; one of data sets alone is put into a catalogue without a name.

    `base`: the address it came from, which relative addresses in it lead on from. Raises `Unreadable`.
    """
    graph = _graph(content, form_of(content, media_type), base)
    if len(graph) > MOST:
        raise Unreadable(f"超过 {MOST} 条陈述，请分页提供。", f"more than {MOST} statements: serve it in pages")
    return _Reader(graph).catalogue()


def _graph(content: bytes, form: str, base: str) -> Graph:
    if len(content) > LONGEST:
        raise Unreadable(f"超过 {LONGEST} 字节，请分页提供。", f"longer than {LONGEST} bytes: serve it in pages")
    graph = Graph()
    try:
        if form == "jsonld":
            to_rdf(_json(content), graph, base=base or None)
        elif form == "rdf":
            _no_doctype(content)
            graph.parse(data=content, format="xml", publicID=base or None)
        else:
            graph.parse(data=content.decode("utf-8-sig"), format="turtle", publicID=base or None)
    except Unreadable:
        raise
    except (ParserError, RecursionError, ValueError, KeyError, TypeError, AttributeError, SyntaxError) as error:
        raise _broken(error) from error
    except Exception as error:  # rdflib raises what its parsers happen to: a stranger's document stops nothing of ours
        raise _broken(error) from error
    return graph


def _broken(error: Exception) -> Unreadable:
    said = " ".join(f"{type(error).__name__} {error}".split())[:200]
    return Unreadable(f"内容不是完整的 RDF：{said}", f"this is no well-formed RDF: {said}")


def _json(content: bytes) -> Any:
    found = json.loads(content.decode("utf-8-sig"))
    if not isinstance(found, dict | list):
        raise Unreadable("不是 JSON-LD 对象。", "this is no JSON-LD object")
    for where in _contexts(found):
        raise Unreadable(
            f"@context 要到 {where[:200]} 去取，不取。请把 context 写在文档里，或者提供 Turtle。",
            f"its @context would have to be fetched from {where[:200]}, which is not done: write it into the document",
        )
    return found


def _contexts(part: Any) -> Iterator[str]:
    """Addresses of contexts that would be fetched, however deep they stand."""
    waiting = [part]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            for key in ("@context", "@import"):
                said = one.get(key)
                yield from (each for each in (said if isinstance(said, list) else [said]) if isinstance(each, str))
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


def _no_doctype(content: bytes) -> None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    if etree.fromstring(content, parser).getroottree().docinfo.doctype:
        raise Unreadable("XML 里有 DOCTYPE，不读。请去掉。", "the XML has a DOCTYPE, which is not read: take it out")


def _iri(name: str) -> URIRef:
    return URIRef(terms.spelled(name))


class _Reader:
    """The facts of one graph, asked for by the names of `terms`."""

    def __init__(self, graph: Graph):
        self.graph = graph

    # --- single facts -------------------------------------------------------------------------------------------------
    def all(self, thing: Node, *names: str) -> list[Node]:
        """Every value of the first name that has any, in a fixed order."""
        for name in names:
            found = list(self.graph.objects(thing, _iri(name)))
            if found:
                return sorted(found, key=lambda one: (isinstance(one, BNode), str(one)))
        return []

    def one(self, thing: Node, *names: str) -> Node | None:
        """The first of them."""
        return next(iter(self.all(thing, *names)), None)

    def text(self, thing: Node, *names: str) -> str:
        """A text, whatever its language: of a literal, or the IRI."""
        found = self.one(thing, *names)
        return "" if found is None or isinstance(found, BNode) else str(found).strip()

    def words(self, thing: Node, *names: str) -> Words:
        """Texts by language; of several in one language the first."""
        found: dict[str, str] = {}
        for one in self.all(thing, *names):
            if isinstance(one, Text) and str(one).strip():
                found.setdefault(_language(one.language), str(one).strip())
        return found

    def iris(self, thing: Node, *names: str) -> tuple[str, ...]:
        """IRIs, and literals that stand where one should."""
        return tuple(str(one) for one in self.all(thing, *names) if not isinstance(one, BNode) and str(one).strip())

    def moment(self, thing: Node, *names: str) -> Moment | None:
        """A day or a moment; None if it is none."""
        return moment(self.text(thing, *names))

    def number(self, thing: Node, *names: str) -> int | None:
        """A whole number of 0 or more."""
        found = self.text(thing, *names)
        return int(float(found)) if re.fullmatch(r"\d{1,18}(\.\d*)?", found) else None

    def name(self, thing: Node) -> str:
        """The IRI of a thing; "" if it has none."""
        return "" if isinstance(thing, BNode) else str(thing)

    # --- things -------------------------------------------------------------------------------------------------------
    def catalogue(self) -> Catalogue:
        """The catalogue, with every data set and service of the document, listed by it or not."""
        root = min(self.graph.subjects(RDF.type, _iri("dcat:Catalog")), key=str, default=None)
        thing: Node = BNode() if root is None else root
        datasets = sorted(set(self.graph.subjects(RDF.type, _iri("dcat:Dataset"))), key=str)
        services = sorted(set(self.graph.subjects(RDF.type, _iri("dcat:DataService"))), key=str)
        if root is None and not datasets:
            raise Unreadable(
                "里面没有 dcat:Catalog，也没有 dcat:Dataset。", "it holds no dcat:Catalog and no dcat:Dataset"
            )
        return Catalogue(
            iri=self.name(thing), title=self.words(thing, "dct:title"),
            description=self.words(thing, "dct:description"),
            publisher=self.agent(self.one(thing, "dct:publisher")), homepage=self.text(thing, "foaf:homepage"),
            issued=self.moment(thing, "dct:issued"), modified=self.moment(thing, "dct:modified"),
            languages=self.languages(thing), license=self.license(self.one(thing, "dct:license")),
            places=self.places(thing), themes=self.schemes(thing),
            datasets=tuple(map(self.dataset, datasets)), services=tuple(map(self.service, services)),
            paged=self.paged(),
        )  # fmt: skip

    def dataset(self, thing: Node) -> Dataset:
        """One data set. Its licence holds for distributions that name none."""
        own = self.license(self.one(thing, "dct:license"))
        return Dataset(
            iri=self.name(thing), title=self.words(thing, "dct:title"),
            description=self.words(thing, "dct:description"),
            identifier=self.text(thing, "dct:identifier"), keywords=self.keywords(thing),
            themes=tuple(self.concept(one) for one in self.all(thing, "dcat:theme")),
            publisher=self.agent(self.one(thing, "dct:publisher")),
            contact=self.contact(self.one(thing, "dcat:contactPoint", "adms:contactPoint")),
            issued=self.moment(thing, "dct:issued"), modified=self.moment(thing, "dct:modified"),
            frequency=terms.key_of("frequency", self.text(thing, "dct:accrualPeriodicity")),
            rights=terms.key_of("access-right", self.text(thing, "dct:accessRights")),
            landing_page=self.text(thing, "dcat:landingPage"), documentation=self.text(thing, "foaf:page"),
            languages=self.languages(thing), places=self.places(thing),
            period=self.period(self.one(thing, "dct:temporal")),
            version=self.text(thing, "dcat:version", "owl:versionInfo"),
            version_notes=self.words(thing, "adms:versionNotes"), provenance=self.label(thing, "dct:provenance"),
            conforms_to=self.iris(thing, "dct:conformsTo"), relations=self.iris(thing, "dct:relation"),
            distributions=tuple(self.distribution(one, own) for one in self.all(thing, "dcat:distribution")),
        )  # fmt: skip

    def distribution(self, thing: Node, inherited: License | None) -> Distribution:
        """One way to get it; an address alone serves as access and as download."""
        download = self.text(thing, "dcat:downloadURL")
        schema = self.one(thing, "csvw:tableSchema")
        return Distribution(
            iri=self.name(thing), access=self.text(thing, "dcat:accessURL") or download, download=download,
            title=self.words(thing, "dct:title"), description=self.words(thing, "dct:description"),
            media_type=terms.media_type(self.text(thing, "dcat:mediaType")), format=self.format(thing),
            octets=self.number(thing, "dcat:byteSize"),
            license=self.license(self.one(thing, "dct:license")) or inherited,
            checksum=self.checksum(self.one(thing, "spdx:checksum")),
            issued=self.moment(thing, "dct:issued"), modified=self.moment(thing, "dct:modified"),
            conforms_to=self.iris(thing, "dct:conformsTo"), service=self.text(thing, "dcat:accessService"),
            documentation=self.text(thing, "foaf:page"),
            columns=() if schema is None else self.columns(schema),
        )  # fmt: skip

    def service(self, thing: Node) -> DataService:
        """A data service."""
        return DataService(
            iri=self.name(thing), title=self.words(thing, "dct:title"),
            description=self.words(thing, "dct:description"),
            endpoint=self.text(thing, "dcat:endpointURL"),
            endpoint_description=self.text(thing, "dcat:endpointDescription"),
            serves=self.iris(thing, "dcat:servesDataset"), publisher=self.agent(self.one(thing, "dct:publisher")),
            contact=self.contact(self.one(thing, "dcat:contactPoint")),
            license=self.license(self.one(thing, "dct:license")), conforms_to=self.iris(thing, "dct:conformsTo"),
            rights=terms.key_of("access-right", self.text(thing, "dct:accessRights")),
        )  # fmt: skip

    def agent(self, thing: Node | None) -> Agent | None:
        """Who publishes: a thing with a name, a name alone, or an IRI alone."""
        if thing is None:
            return None
        if isinstance(thing, Text):
            return Agent({_language(thing.language): str(thing)})
        name = self.words(thing, "foaf:name", "skos:prefLabel", "rdfs:label", "vcard:fn", "dct:title")
        return Agent(
            name, self.name(thing), self.text(thing, "dct:identifier"), self.text(thing, "foaf:homepage"),
            _bare(self.text(thing, "foaf:mbox"), "mailto:"),
        )  # fmt: skip

    def contact(self, thing: Node | None) -> Contact | None:
        """Whom to ask."""
        if thing is None or isinstance(thing, Text):
            return None if thing is None else Contact(str(thing))
        return Contact(
            self.text(thing, "vcard:fn", "vcard:organization-name", "foaf:name"),
            _bare(self.text(thing, "vcard:hasEmail"), "mailto:"), _bare(self.text(thing, "vcard:hasTelephone"), "tel:"),
            self.text(thing, "vcard:hasURL"),
        )  # fmt: skip

    def concept(self, thing: Node) -> Concept:
        """A subject."""
        if isinstance(thing, Text):
            return Concept("", {_language(thing.language): str(thing)})
        label = self.words(thing, "skos:prefLabel", "rdfs:label")
        return Concept(self.name(thing), label, self.text(thing, "skos:notation"), self.text(thing, "skos:inScheme"))

    def schemes(self, thing: Node) -> tuple[Scheme, ...]:
        """Lists of subjects."""
        found = [one for one in self.all(thing, "dcat:themeTaxonomy") if isinstance(one, URIRef)]
        return tuple(Scheme(str(one), self.words(one, "dct:title", "rdfs:label")) for one in found)

    def keywords(self, thing: Node) -> tuple[tuple[str, str], ...]:
        """Words with their language, each once."""
        found = [one for one in self.all(thing, "dcat:keyword") if isinstance(one, Text) and str(one).strip()]
        return tuple(sorted({(_language(one.language), str(one).strip()) for one in found}))

    def languages(self, thing: Node) -> tuple[str, ...]:
        """Languages, ours by their keys."""
        return tuple(terms.key_of("language", one) for one in self.iris(thing, "dct:language"))

    def places(self, thing: Node) -> tuple[Place, ...]:
        """What part of the world is covered."""
        found = []
        for one in self.all(thing, "dct:spatial"):
            if isinstance(one, Text):
                found.append(Place("", {_language(one.language): str(one)}))
            else:
                label = self.words(one, "skos:prefLabel", "rdfs:label", "dct:title")
                found.append(Place(self.name(one), label, self.text(one, "dct:identifier")))
        return tuple(found)

    def period(self, thing: Node | None) -> Period | None:
        """What time is covered."""
        if thing is None or isinstance(thing, Text):
            return None
        start = self.moment(thing, "dcat:startDate", "schema:startDate")
        return Period(start, self.moment(thing, "dcat:endDate", "schema:endDate"))

    def license(self, thing: Node | None) -> License | None:
        """Terms: an IRI, a name, or both."""
        if thing is None:
            return None
        if isinstance(thing, Text):
            return License("", {_language(thing.language): str(thing)})
        return License(self.name(thing), self.words(thing, "rdfs:label", "dct:title", "skos:prefLabel"))

    def label(self, thing: Node, name: str) -> Words:
        """The words of a statement, said at once or in a thing of its own."""
        found = self.one(thing, name)
        if found is None or isinstance(found, Text):
            return self.words(thing, name)
        return self.words(found, "rdfs:label", "dct:description")

    def format(self, thing: Node) -> str:
        """A short word: of the list, of a MIME type, or as it is said."""
        found = self.one(thing, "dct:format")
        if isinstance(found, BNode):
            return self.text(found, "rdfs:label", "rdf:value")
        return terms.key_of("file-type", terms.media_type(str(found))) if found is not None else ""

    def checksum(self, thing: Node | None) -> Checksum | None:
        """A digest."""
        if thing is None or isinstance(thing, Text):
            return None
        algorithm = self.text(thing, "spdx:algorithm").rpartition("_")[2].upper()
        return Checksum(self.text(thing, "spdx:checksumValue"), algorithm)

    def columns(self, schema: Node) -> tuple[Column, ...]:
        """The columns of a table from left to right."""
        ordered = sorted(self.all(schema, "csvw:column"), key=lambda one: self.number(one, "schema:position") or 0)
        return tuple(map(self.column, ordered))

    def column(self, thing: Node) -> Column:
        """A column of the table."""
        return Column(
            self.text(thing, "csvw:name"), self.words(thing, "csvw:title"),
            self.text(thing, "csvw:datatype").rpartition("#")[2] or "string", self.text(thing, "schema:unitText"),
            self.words(thing, "dct:description"), self.text(thing, "csvw:required") == "true",
            self.number(thing, "csvw:maxLength"),
        )  # fmt: skip

    def paged(self) -> Paged | None:
        """Where the page stands among its pages, in the newer or the older words of Hydra."""
        kinds = ("hydra:PartialCollectionView", "hydra:PagedCollection", "hydra:Collection")
        found = [one for kind in kinds for one in self.graph.subjects(RDF.type, _iri(kind))]
        if not found:
            return None
        thing = found[0]
        return Paged(
            self.name(thing), self.number(thing, "hydra:totalItems") or 0,
            self.number(thing, "hydra:itemsPerPage") or 0,
            self.text(thing, "hydra:first", "hydra:firstPage"), self.text(thing, "hydra:last", "hydra:lastPage"),
            self.text(thing, "hydra:next", "hydra:nextPage"), self.text(thing, "hydra:previous", "hydra:previousPage"),
        )  # fmt: skip


def moment(text: str) -> Moment | None:
    """A day, a moment, a month or a year as catalogues write them; None for anything else."""
    text = text.strip()
    if re.fullmatch(r"\d{4}(-\d{2})?", text):
        text = f"{text}-01" if len(text) == 7 else f"{text}-01-01"
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        return None


def _language(tag: str | None) -> str:
    """The key of a language: "zh-CN", "zh-Hans" are Chinese as "zh" is."""
    return (tag or "").partition("-")[0].lower()


def _bare(text: str, start: str) -> str:
    return text[len(start) :] if text.lower().startswith(start) else text
