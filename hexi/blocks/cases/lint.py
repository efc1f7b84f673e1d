"""Lint of service items: what must be mended before an item may be published. Pure; above the rules.

`lint(item, local)` runs every rule over one item as one office carries it out; with an error it cannot be published.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from hexi.blocks.cases import rules_handling, rules_national, rules_office, rules_words
from hexi.blocks.cases.findings import Finding
from hexi.blocks.cases.items import ImplementingItem, ServiceFile, ServiceItem
from hexi.blocks.cases.rules_promises import RULES as PROMISING
from hexi.kernel import packs
from hexi.kernel.packs import Absent, Fault, line_of

#: rules of the implementing item
OFFICE = (*rules_office.RULES, *rules_handling.RULES)
__all__ = ["Finding", "check_file", "errors", "faults", "lint", "lint_item", "publishable"]


def lint(item: ServiceItem, local: ImplementingItem) -> list[Finding]:
    """Everything wrong with an item as one office implements it."""
    found = [replace(one, rule=rule.__name__) for rule in OFFICE for one in rule(item, local)]
    return _national(item) + found + _wording(item, local)


def lint_item(item: ServiceItem) -> list[Finding]:
    """Everything wrong with a national element alone."""
    return _national(item) + _wording(item, None)


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """Those that forbid publication."""
    return [one for one in findings if one.severity == "error"]


def publishable(findings: Iterable[Finding]) -> bool:
    """True if nothing found forbids publication."""
    return not errors(findings)


def check_file(path: Path, file: ServiceFile, items: Mapping[str, ServiceItem]) -> list[Fault]:
    """What forbids publishing one file of `packs/services/`, with lines; `items` are the national elements by key."""
    thing = file.root
    if isinstance(thing, ServiceItem):
        return faults(path, errors(lint_item(thing)))
    item = items.get(thing.item)
    if item is None:
        sentence = f"没有国家事项「{thing.item}」/ there is no service item “{thing.item}”"
        return [Absent(path, line_of(packs.nodes(path), ("item",)), sentence)]
    return faults(path, [one for one in errors(lint(item, thing)) if one.side == "office"])


def faults(path: Path, findings: Iterable[Finding]) -> list[Fault]:
    """Findings as faults of a file: path, line, sentence."""
    return faults_at(path, [(one.where, str(one)) for one in findings])


def faults_at(path: Path, places: list[tuple[tuple[str | int, ...], str]]) -> list[Fault]:
    """Sentences with the lines of the places they speak of, top of the file first."""
    node = packs.nodes(path)
    found = [Fault(path, line_of(node, where), sentence) for where, sentence in places]
    return sorted(found, key=lambda fault: fault.line)


def _national(item: ServiceItem) -> list[Finding]:
    return [replace(one, rule=rule.__name__) for rule in (*rules_national.RULES, *PROMISING) for one in rule(item)]


def _wording(item: ServiceItem, local: ImplementingItem | None) -> list[Finding]:
    return [replace(one, rule=rule.__name__) for rule in rules_words.RULES for one in rule(item, local)]
