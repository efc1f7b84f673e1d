"""Catalogues as JSON-LD 1.1, Turtle and RDF/XML: UTF-8, in a fixed order, the same bytes for the same facts."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

from hexi.wire.dcat.model import Catalogue, DataService, Dataset
from hexi.wire.dcat.nodes import Literal, Named, Node, Ref, Value, nodes_of
from hexi.wire.dcat.terms import NAMESPACES, spelled

Thing = Catalogue | Dataset | DataService
#: ending of an address → MIME type
MEDIA_TYPES = {"jsonld": "application/ld+json", "ttl": "text/turtle", "rdf": "application/rdf+xml"}
#: texts said without a language of ours are Chinese for whoever asks by language
_LANGUAGES = {"zh": "zh-CN"}


def write(thing: Thing, form: str) -> bytes:
    """The document of a catalogue, data set or service; `form` is a key of MEDIA_TYPES."""
    return WRITERS[form](nodes_of(thing))


def iri(text: str) -> str:
    """An IRI with the signs escaped that none may have (RFC 3987): what a person typed never ends it early."""
    return re.sub(r'[\x00-\x20<>"{}|\\^`]', lambda sign: f"%{ord(sign[0]):02X}", text)


def _language(key: str) -> str:
    return _LANGUAGES.get(key, key)


# --- JSON-LD ----------------------------------------------------------------------------------------------------------
def jsonld(nodes: list[Node]) -> bytes:
    """One object with its context inside: nothing has to be fetched to understand it."""
    named = Named()
    graph = [_json_node(node, named) for node in nodes]
    said = {"@context": NAMESPACES, **(graph[0] if len(graph) == 1 else {"@graph": graph})}
    return json.dumps(said, ensure_ascii=False, indent=1).encode()


def _json_node(node: Node, named: Named) -> dict[str, Any]:
    if not named.first(node):
        return {"@id": iri(node.iri)}
    found: dict[str, Any] = {"@id": iri(node.iri)} if node.iri else {}
    found["@type"] = node.types[0] if len(node.types) == 1 else list(node.types)
    for name, value in node.facts:
        found.setdefault(name, []).append(_json_value(value, named))
    return {name: one[0] if isinstance(one, list) and len(one) == 1 else one for name, one in found.items()}


def _json_value(value: Value, named: Named) -> Any:
    if isinstance(value, Node):
        return _json_node(value, named)
    if isinstance(value, Ref):
        return {"@id": iri(value.iri)}
    if value.type:
        return {"@value": value.text, "@type": value.type}
    return {"@value": value.text, "@language": _language(value.language)} if value.language else value.text


# --- Turtle -----------------------------------------------------------------------------------------------------------
def turtle(nodes: list[Node]) -> bytes:
    """Named things each at the outermost level, others where they are used."""
    named, waiting, parts = Named(), list(nodes), []
    while waiting:
        node = waiting.pop(0)
        if node.iri and not named.first(node):
            continue
        inner: list[Node] = []
        parts.append(f"{_ttl_iri(node.iri)} {_ttl_facts(node, inner, 1)} .")
        waiting = inner + waiting
    head = [f"@prefix {prefix}: <{where}> ." for prefix, where in NAMESPACES.items()]
    return ("\n".join(head) + "\n\n" + "\n\n".join(parts) + "\n").encode()


def _ttl_iri(text: str) -> str:
    return f"<{iri(text)}>" if text else "[]"


def _ttl_facts(node: Node, inner: list[Node], depth: int) -> str:
    indent = "    " * depth
    lines = [f"a {', '.join(node.types)}"]
    lines += [f"{name} {_ttl_value(value, inner, depth)}" for name, value in node.facts]
    return f" ;\n{indent}".join(lines)


def _ttl_value(value: Value, inner: list[Node], depth: int) -> str:
    if isinstance(value, Ref):
        return _ttl_iri(value.iri)
    if isinstance(value, Literal):
        return _ttl_literal(value)
    if value.iri:
        inner.append(value)
        return _ttl_iri(value.iri)
    return f"[ {_ttl_facts(value, inner, depth + 1)} ]"


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _ttl_literal(value: Literal) -> str:
    text = "".join(_ESCAPES.get(sign, sign if sign >= " " else f"\\u{ord(sign):04X}") for sign in value.text)
    if value.type:
        return f'"{text}"^^{value.type}'
    return f'"{text}"@{_language(value.language)}' if value.language else f'"{text}"'


# --- RDF/XML ----------------------------------------------------------------------------------------------------------
_RDF, _XML = NAMESPACES["rdf"], "http://www.w3.org/XML/1998/namespace"
Element = Any


def rdfxml(nodes: list[Node]) -> bytes:
    """Things inside the facts that lead to them, named ones whole only the first time."""
    root = etree.Element(f"{{{_RDF}}}RDF", nsmap=NAMESPACES)
    named = Named()
    for node in nodes:
        named.first(node)
        _xml_node(root, node, named)
    etree.indent(root)
    document: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return document


def _xml_node(parent: Element, node: Node, named: Named) -> None:
    element = etree.SubElement(parent, _qname(node.types[0]))
    if node.iri:
        element.set(f"{{{_RDF}}}about", iri(node.iri))
    for kind in node.types[1:]:
        etree.SubElement(element, f"{{{_RDF}}}type").set(f"{{{_RDF}}}resource", spelled(kind))
    for name, value in node.facts:
        _xml_value(etree.SubElement(element, _qname(name)), value, named)


def _xml_value(element: Element, value: Value, named: Named) -> None:
    if isinstance(value, Ref):
        element.set(f"{{{_RDF}}}resource", iri(value.iri))
    elif isinstance(value, Literal):
        element.text = "".join(_xml_signs(value.text))
        if value.type:
            element.set(f"{{{_RDF}}}datatype", spelled(value.type))
        elif value.language:
            element.set(f"{{{_XML}}}lang", _language(value.language))
    elif not named.first(value):
        element.set(f"{{{_RDF}}}resource", iri(value.iri))
    else:
        _xml_node(element, value, named)


def _xml_signs(text: str) -> Iterator[str]:
    """What XML 1.0 can say; control signs have no way into it."""
    return (
        sign
        for sign in text
        if sign in "\t\n\r" or (sign >= " " and sign not in "\ufffe\uffff" and not "\ud800" <= sign <= "\udfff")
    )


def _qname(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


WRITERS: dict[str, Callable[[list[Node]], bytes]] = {"jsonld": jsonld, "ttl": turtle, "rdf": rdfxml}
