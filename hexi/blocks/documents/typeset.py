"""Lines of Chinese text: no opening bracket ends one, no closing sign begins one, words stay whole, edges are even.

reportlab's own wrapping knows only the second of these rules (GB/T 15834-2011 §5.1, 标点符号的位置).
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from reportlab.lib.colors import Color, black
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable

from hexi.blocks.documents import fonts

_OPENERS = "（《〈「『【〔“‘([{"
_CLOSERS = "，。、；：？！）》〉」』】〕”’…—,.;:?!)]}%％"
_WORDS = re.compile(
    rf"[{re.escape(_OPENERS)}]*(?:[A-Za-z0-9@/#&+=_.:~\-]+| +|[^{re.escape(_OPENERS)}]|$)[{re.escape(_CLOSERS)}]*"
)
#: a line is stretched to the edge if each sign moves by no more than this part of its size
_STRETCH = 0.12
#: a word longer than this part of a line is broken inside
_LONG = 0.4


@dataclass(frozen=True)
class Face:
    """How text looks: sizes in points; `indent` is the first line's, `align` "both", "left" or "center"."""

    size: float
    pitch: float
    font: str = fonts.BODY
    indent: float = 0
    align: str = "both"
    color: Color = field(default_factory=lambda: black)

    @property
    def drop(self) -> float:
        """Height of the base line above the bottom of its line."""
        return (self.pitch - self.size) / 2 + self.size * 0.12


def break_lines(text: str, face: Face, width: float) -> list[str]:
    """The lines of a paragraph; new lines in the text are kept."""
    lines: list[str] = []
    for one in text.split("\n"):
        line, used, room = "", 0.0, width - (face.indent if not lines else 0)
        for word in _pieces(one, face, width):
            if line and used + _wide(word.rstrip(), face.font, face.size) > room:
                lines.append(line.rstrip())
                line, used, room = "", 0.0, width
            piece = word if line else word.lstrip()
            line, used = line + piece, used + _wide(piece, face.font, face.size)
        lines.append(line.rstrip())
    return lines


@lru_cache(maxsize=20_000)
def _wide(piece: str, font: str, size: float) -> float:
    """How wide a piece is; those of a paragraph add up, as nothing is kerned. Most are a single sign, met again."""
    return float(stringWidth(piece, font, size))


def _pieces(text: str, face: Face, width: float) -> list[str]:
    """What a line may be broken between; a long word (a case number) may be broken inside."""
    pieces: list[str] = []
    for word in _WORDS.findall(text):
        long = _wide(word, face.font, face.size) > _LONG * width
        pieces += _signs(word) if long else [word]
    return pieces


def _signs(word: str) -> list[str]:
    """Sign by sign, opening and closing marks kept with their neighbours."""
    start = len(word) - len(word.lstrip(_OPENERS)) + 1
    end = max(len(word.rstrip(_CLOSERS)) - 1, start)
    return [word[:start], *word[start:end], word[end:]]


class Text(Flowable):
    """A paragraph."""

    def __init__(self, text: str, face: Face, *, keep_with_next: bool = False, lines: list[str] | None = None):
        super().__init__()
        self.text, self.face, self.lines = text, face, lines
        self.continued = lines is not None
        self.keepWithNext = keep_with_next

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.width = width
        if self.lines is None:
            self.lines = break_lines(self.text, self.face, width)
        self.height = len(self.lines) * self.face.pitch
        return width, self.height

    def split(self, width: float, height: float) -> list[Flowable]:
        self.wrap(width, height)
        fit = int(height // self.face.pitch)
        if not self.lines or fit < 1:
            return []
        first, rest = Text("", self.face, lines=self.lines[:fit]), Text("", self.face, lines=self.lines[fit:])
        first.continued = self.continued
        return [first, rest]

    def draw(self) -> None:
        face, lines = self.face, self.lines or []
        self.canv.setFillColor(face.color)
        for number, line in enumerate(lines):
            indent = face.indent if number == 0 and not self.continued else 0
            room = self.width - indent - stringWidth(line, face.font, face.size)
            last = number == len(lines) - 1 or "\n" in self.text
            writer = self.canv.beginText(
                indent + (room / 2 if face.align == "center" else 0),
                self.height - (number + 1) * face.pitch + face.drop,
            )
            writer.setFont(face.font, face.size)
            if face.align == "both" and not last and 0 < room <= _STRETCH * face.size * (len(line) - 1):
                writer.setCharSpace(room / (len(line) - 1))
            writer.textOut(line)
            self.canv.drawText(writer)
