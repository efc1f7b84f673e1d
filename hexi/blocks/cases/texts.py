"""Items as the YAML of the packs, and back; what two texts differ in. Pure; above `items`."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from hexi.blocks.cases.items import ImplementingItem, ServiceFile, ServiceItem, said
from hexi.kernel import packs

#: a pair of words longer than this stands on lines of its own
SHORT = 90


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """As people write packs: two languages on one line, lists of words on one line, no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _mapping(dumper: yaml.SafeDumper, data: dict[str, Any]) -> yaml.Node:
    flat = set(data) == {"zh", "en"} and len(f"{data['zh']}{data['en']}") <= SHORT
    return dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=flat)


def _sequence(dumper: yaml.SafeDumper, data: list[Any]) -> yaml.Node:
    flat = all(isinstance(one, str | int | float) for one in data) and len("".join(map(str, data))) <= SHORT
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=flat)


_Dumper.add_representer(dict, _mapping)
_Dumper.add_representer(list, _sequence)


def write(thing: ServiceItem | ImplementingItem | dict[str, Any]) -> str:
    """An element as a pack file says it."""
    content = thing if isinstance(thing, dict) else said(thing)
    return yaml.dump(content, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)


def read(text: str, wanted: type[ServiceItem | ImplementingItem], name: str) -> Any:
    """The element a text is. Raises `PackError`: each fault with its line; `name` is what the faults call the text."""
    path = Path(name)
    found = packs.parse(text, ServiceFile, path).root
    if not isinstance(found, wanted):
        zh = (
            "这是实施要素，请放到实施要素一栏"
            if isinstance(found, ImplementingItem)
            else "这是国家要素，请放到国家要素一栏"
        )
        raise packs.PackError([packs.Fault(path, 1, f"{zh} / this is the other element")])
    return found


@dataclass(frozen=True)
class Line:
    """One line of a comparison: `sign` "+" new, "-" gone, " " both, "@" where lines are left out."""

    sign: str
    text: str


def differences(old: str, new: str) -> list[Line]:
    """What changed, each change with three lines round it; empty if nothing did."""
    return list(_lines(difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=3)))


def _lines(diff: Iterator[str]) -> Iterator[Line]:
    for number, line in enumerate(diff):
        if number >= 2:  # after the two names of files
            yield Line("@", "…") if line.startswith("@@") else Line(line[0], line[1:])
