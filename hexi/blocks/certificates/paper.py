"""The page of a certificate: hairline borders, a fine rosette, title, fields, seal over office and day, QR code."""

import io
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from math import cos, pi, sin
from typing import Any

from django.urls import reverse
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.pathobject import PDFPathObject

from hexi.blocks.certificates import proof
from hexi.blocks.certificates.definitions import Licence
from hexi.blocks.documents import fonts, pdf, seal
from hexi.blocks.documents.typeset import Face, Text
from hexi.blocks.people.queries import RESIDENT

INK, SOFT, LINE = HexColor("#1F2933"), HexColor("#52606D"), HexColor("#D8CBAA")
OCHRE, ROSETTE = HexColor("#B08D4A"), HexColor("#EFE7D3")
EDGE, INSIDE = 9 * mm, 30 * mm
SCALES = (1, 0.9, 0.8, 0.7, 0.6)


def make(licence: Licence, record: Mapping[str, Any]) -> bytes:
    """The PDF of a record: one A4 page; the same record always gives the same bytes."""
    fonts.register()
    made = io.BytesIO()
    size = landscape(A4) if licence.layout == "landscape" else A4
    canvas = _canvas(made, size)
    canvas.setTitle(f"{record['name']} {record['number']}")
    canvas.setAuthor(record["issuing_authority_name"])
    canvas.setSubject(record["certificate_identifier"])
    Page(canvas, size, licence, record, _scale(size, licence, record)).draw()
    canvas.showPage()
    canvas.save()
    return made.getvalue()


def _canvas(made: io.BytesIO, size: tuple[float, float]) -> Canvas:
    return Canvas(made, pagesize=size, invariant=1, pageCompression=1, lang="zh-CN")


def _scale(size: tuple[float, float], licence: Licence, record: Mapping[str, Any]) -> float:
    """The largest type at which the text stays above the seal."""
    for scale in SCALES:
        tried = Page(_canvas(io.BytesIO(), size), size, licence, record, scale)
        tried.write()
        if tried.y >= tried.seal_top:
            return scale
    return SCALES[-1]


def address(record: Mapping[str, Any]) -> str:
    """What the QR code leads to: the public page of this certificate, with ten digits only this record gives."""
    identifier = record["certificate_identifier"]
    return f"{record['file_url']}{reverse('certificates.verified', args=[identifier])}?c={proof.short(record)}"


class Page:
    """One page being drawn, from the top down: `y` is where the next part begins."""

    def __init__(
        self, canvas: Canvas, size: tuple[float, float], licence: Licence, record: Mapping[str, Any], scale: float
    ):
        self.canvas, self.licence, self.record, self.scale = canvas, licence, record, scale
        self.width, self.height = size
        self.wide = self.width > self.height
        self.y = self.height - (24 if self.wide else 34) * mm
        self.seal_base = EDGE + (28 if self.wide else 62) * mm

    @property
    def seal_top(self) -> float:
        """The text must not come lower than this."""
        return self.seal_base + seal.DIAMETER / 2 + 1 * mm

    def draw(self) -> None:
        """All of it."""
        self._ground()
        self.write()
        self._foot()

    def write(self) -> None:
        """Title, sentence and fields, from the top down."""
        self._title()
        self._sentence()
        self._fields()

    def _ground(self) -> None:
        canvas, width, height = self.canvas, self.width, self.height
        _rosette(canvas, width / 2, height / 2, min(width, height) * 0.34)
        if self.record["demo"]:
            pdf.mark_demo(canvas, width, height)
        canvas.setStrokeColor(OCHRE)
        for inset, line in ((EDGE, 1.4), (EDGE + 2 * mm, 0.3)):
            canvas.setLineWidth(line)
            canvas.rect(inset, inset, width - 2 * inset, height - 2 * inset)
        _corners(canvas, width, height, EDGE + 2 * mm)

    def _title(self) -> None:
        title, english = self.licence.title.zh, self.licence.title.en
        size = min(34, 0.62 * self.width / max(len(title), 1))
        self.y -= size
        self._spaced(title, fonts.BOLD, size, INK, size * 0.18)
        self.y -= 20
        self._spaced(english, fonts.BODY, 10.5, SOFT, 0.6)
        self.y -= 24
        self._spaced(f"编号 {self.record['number']}", fonts.BODY, 12, INK, 0)
        self.y -= 16

    def _spaced(self, text: str, font: str, size: float, color: HexColor, space: float) -> None:
        canvas = self.canvas
        canvas.setFillColor(color)
        width = canvas.stringWidth(text, font, size) + space * (len(text) - 1)
        writer = canvas.beginText((self.width - width) / 2, self.y)
        writer.setFont(font, size)
        writer.setCharSpace(space)
        writer.textOut(text)
        canvas.drawText(writer)

    def _sentence(self) -> None:
        if self.licence.text:
            facts = {"holder": self.record["holder_name"], **self.record["extend_info"]}
            face = Face(14 * self.scale, 25 * self.scale, indent=28 * self.scale, color=INK)
            self.y -= 6 + self._text(self.licence.text.format_map(facts), face, INSIDE, self.width - 2 * INSIDE) + 4

    def _text(self, text: str, face: Face, x: float, width: float) -> float:
        """Draw a paragraph whose top is at `y`; its height."""
        paragraph = Text(text, face)
        _, height = paragraph.wrap(width, 0)
        paragraph.drawOn(self.canvas, x, self.y - height)
        return height

    def _fields(self) -> None:
        """Two beside each other on a wide page, unless a field wants the whole width."""
        waiting: list[tuple[str, str]] = []
        for label, value, whole in self._shown():
            if waiting and (whole or len(waiting) == 2):
                self._row(waiting)
                waiting = []
            waiting.append((label, value))
            if whole:
                self._row(waiting)
                waiting = []
        self._row(waiting)

    def _shown(self) -> Iterator[tuple[str, str, bool]]:
        """(label, value, whole width) of each line."""
        for label, value in self._first():
            yield label, value, not self.wide
        for field in self.licence.fields:
            yield field.label.zh, self.record["extend_info"][field.key], field.wide or not self.wide
        if self.licence.note:
            yield "备注", self.licence.note, True

    def _first(self) -> list[tuple[str, str]]:
        """What every certificate says: holder, number of the holder, from when to when."""
        record = self.record
        holder = ("持证人" if record["holder_type"] == RESIDENT else "持证单位", record["holder_name"])
        until = _day(record["validate_end"]) if record["validate_end"] else "长期"
        number = [(record["holder_type_name"], record["holder_code"])] if record["holder_code"] else []
        return [holder, *number, ("有效期限", f"{_day(record['validate_start'])}至{until}")]

    def _row(self, cells: list[tuple[str, str]]) -> None:
        """One or two fields beside each other, a hairline under each."""
        if not cells:
            return
        gap = 8 * mm
        each = (self.width - 2 * INSIDE - gap * (len(cells) - 1)) / len(cells)
        heights, face = [], Face(13 * self.scale, 22 * self.scale, color=INK, align="left")
        for place, (label, value) in enumerate(cells):
            x = INSIDE + place * (each + gap)
            self.canvas.setFillColor(SOFT)
            self.canvas.setFont(fonts.BODY, 10.5 * self.scale)
            self.canvas.drawString(x, self.y - face.pitch + face.drop, label)
            heights.append(self._text(value, face, x + 30 * mm, each - 30 * mm) + 3 * self.scale)
        self.y -= max(heights)
        self.canvas.setStrokeColor(LINE)
        self.canvas.setLineWidth(0.4)
        for place in range(len(cells)):
            x = INSIDE + place * (each + gap)
            self.canvas.line(x, self.y, x + each, self.y)

    def _foot(self) -> None:
        canvas, record, base = self.canvas, self.record, self.seal_base
        middle = self.width - INSIDE - 38 * mm
        canvas.setFillColor(INK)
        canvas.setFont(fonts.BODY, 14)
        canvas.drawCentredString(middle, base - 11, record["issuing_authority_name"])
        canvas.drawCentredString(middle, base - 33, _day(record["issuing_authority_date"]))
        seal.draw(canvas, middle, base, record["issuing_authority_name"], demo=record["demo"])
        pdf.qr(canvas, address(record), INSIDE - 3 * mm, EDGE + 7 * mm, 30 * mm)
        self._notes(INSIDE + 30 * mm, EDGE + 30 * mm, (66 if self.wide else 0) * mm)

    def _notes(self, x: float, top: float, free: float) -> None:
        """Small print beside the QR code; `free` is kept for the seal."""
        record = self.record
        lines = [
            "扫描二维码，或在政务服务网“证照查验”输入标识，可核对真伪与当前状态。",
            f"证照标识 {record['certificate_identifier']}",
        ]
        if record["holder_type"] == RESIDENT and record["holder_code"]:
            lines.append("为保护个人信息，证件号码部分隐藏。")
        self.y = top
        for line in lines:
            self.y -= self._text(line, Face(8, 12, color=SOFT, align="left"), x, self.width - x - INSIDE - free)
        if record["demo"]:
            self._text("演示证照，无法律效力。", Face(8, 12, color=seal.CINNABAR), x, self.width - x - INSIDE - free)


def _day(text: str) -> str:
    return pdf.chinese_day(date.fromisoformat(text))


def _rosette(canvas: Canvas, x: float, y: float, reach: float) -> None:
    """Fine interlaced lines behind the text."""
    canvas.saveState()
    canvas.translate(x, y)
    canvas.setStrokeColor(ROSETTE)
    canvas.setLineWidth(0.35)
    canvas.drawPath(_petals(reach), stroke=1, fill=0)
    canvas.restoreState()


@lru_cache(maxsize=4)
def _petals(reach: float) -> PDFPathObject:
    """Hypotrochoids in three sizes round the origin; the same for every certificate of a layout."""
    path = PDFPathObject()
    for part, petals in ((1.0, 24), (0.7, 18), (0.42, 12)):
        for step in range(721):
            angle = step * 2 * pi / 720
            radius = reach * part * (0.84 + 0.16 * cos(petals * angle))
            draw = path.lineTo if step else path.moveTo
            draw(radius * cos(angle * 7), radius * sin(angle * 7))
    return path


def _corners(canvas: Canvas, width: float, height: float, inset: float) -> None:
    """A stepped corner, as on the ceilings of Dunhuang, in each of the four."""
    canvas.setLineWidth(0.5)
    for right in (False, True):
        for top in (False, True):
            canvas.saveState()
            canvas.translate(width - inset if right else inset, height - inset if top else inset)
            canvas.scale(-1 if right else 1, -1 if top else 1)
            for step in (3 * mm, 5 * mm):
                path = canvas.beginPath()
                path.moveTo(0, step * 1.6)
                path.lineTo(step * 0.6, step * 1.6)
                path.lineTo(step * 0.6, step * 0.6)
                path.lineTo(step * 1.6, step * 0.6)
                path.lineTo(step * 1.6, 0)
                canvas.drawPath(path, stroke=1, fill=0)
            canvas.restoreState()
