"""The few marks a text may have: `## heading`, `- list`, `1. list`, addresses. Parsed to dataclasses, never to HTML.

Templates write the pieces and escape each; whatever else looks like markup (HTML, Markdown links) stays text.
"""

import re
from dataclasses import dataclass

_HEAD = re.compile(r"(#{2,3})\s+(\S.*)")
_BULLET = re.compile(r"[-•·]\s+(\S.*)")
#: 3.15 is no step
_NUMBER = re.compile(r"(\d{1,3})(?:[、)）]|\.(?!\d))\s*(\S.*)")
#: http and https alone; Chinese marks and brackets end an address
_ADDRESS = re.compile(r"https?://[A-Za-z0-9\-._~:/?#@!$&'*+,;=%\[\]]+[A-Za-z0-9/_~=\-]")
#: characters of what lists and the phone show of an article
SHORT = 200

Piece = tuple[str, str]


@dataclass(frozen=True)
class Block:
    """One part of a text. `kind`: "h2", "h3", "p", "ul", "ol"; each line in pieces (text, address or "").

    `first`: number of the first step of an "ol", which may go on after a paragraph.
    """

    kind: str
    lines: tuple[tuple[Piece, ...], ...]
    first: int = 1


def parse(text: str) -> list[Block]:
    """The blocks of a text in their order. Empty lines part paragraphs; each line of a paragraph stands by itself."""
    found: list[tuple[str, list[str], int]] = []
    for raw in text.splitlines():
        line = raw.strip()
        if not line:
            found.append(("", [], 1))
            continue
        kind, words, number = _kind(line)
        if found and found[-1][0] == kind and kind in ("p", "ul", "ol"):
            found[-1][1].append(words)
        else:
            found.append((kind, [words], number))
    return [Block(kind, tuple(pieces(line) for line in lines), first) for kind, lines, first in found if kind]


def _kind(line: str) -> tuple[str, str, int]:
    if match := _HEAD.fullmatch(line):
        return f"h{len(match[1])}", match[2], 1
    if match := _BULLET.fullmatch(line):
        return "ul", match[1], 1
    if match := _NUMBER.fullmatch(line):
        return "ol", match[2], int(match[1])
    return "p", line, 1


def pieces(line: str) -> tuple[Piece, ...]:
    """A line in pieces; those with an address are links to it."""
    found: list[Piece] = []
    end = 0
    for hit in _ADDRESS.finditer(line):
        found += [(line[end : hit.start()], ""), (hit.group(), hit.group())]
        end = hit.end()
    found.append((line[end:], ""))
    return tuple(piece for piece in found if piece[0])


def plain(text: str) -> str:
    """The words alone, one block a line: what is searched and shown in short."""
    return "\n".join("".join(words for words, _address in line) for block in parse(text) for line in block.lines)


def short(text: str, most: int = SHORT) -> str:
    """The beginning, without headings, cut after a sentence where one ends in time."""
    lines = [line for block in parse(text) if block.kind[0] != "h" for line in block.lines]
    said = " ".join("".join(words for words, _address in line) for line in lines)
    if len(said) <= most:
        return said
    cut = said[:most]
    stop = max(cut.rfind(sign) for sign in "。；.;")
    return cut[: stop + 1] if stop > most // 2 else f"{cut}…"
