"""Official documents as A4 PDFs in the proportions of GB/T 9704-2012: the same facts always give the same bytes."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import groupby

import segno
from reportlab.lib.colors import HexColor, black
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.pathobject import PDFPathObject
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Spacer, TableStyle
from reportlab.platypus import Table as Grid

from hexi.blocks.documents import fonts, seal
from hexi.blocks.documents.typeset import Face, Text
from hexi.blocks.notices.operations import SITE_URL

#: GB/T 9704-2012 §5: margins (天头 37, 订口 28; the type area is 156 × 225), 22 lines of 28 characters a page
TOP, LEFT, RIGHT, BOTTOM = 37 * mm, 28 * mm, 26 * mm, 35 * mm
SIZE, PITCH = 15.75, 28.95
TITLE, SMALL = 22, 9
WIDTH = A4[0] - LEFT - RIGHT
#: of QR codes: the mask, and the empty dots round the code
MASK, QUIET = 3, 4
GREY, FAINT = HexColor("#52606D"), HexColor("#E4DCCB")
BODY = Face(SIZE, PITCH, indent=2 * SIZE)
HEAD = Face(TITLE, 32, fonts.BOLD, align="center")
SUBHEAD = Face(SIZE, PITCH, fonts.BOLD, indent=2 * SIZE)
CELL, CELL_HEAD = Face(12, 18, align="left"), Face(12, 18, fonts.BOLD, align="left")


@dataclass(frozen=True)
class Heading:
    """A heading between paragraphs."""

    text: str


@dataclass(frozen=True)
class Table:
    """Rows of text; the first is the head if `head`. `widths` are parts of the type area (empty: equal)."""

    rows: Sequence[Sequence[str]]
    widths: Sequence[float] = ()
    head: bool = True


Part = str | Heading | Table


def official(
    title: str, number: str, to: str, body: Sequence[Part], office: str, day: date, qr_url: str, demo: bool
) -> bytes:
    """One document: title, number, addressee, body, office and day under its seal, QR code and number at the foot.

    `body` holds paragraphs as text, `Heading` and `Table`. `qr_url` is a whole address or a path of this site.
    `demo` marks paper and seal 演示. The bytes depend on the arguments alone.
    """
    fonts.register()
    made = io.BytesIO()
    document = BaseDocTemplate(
        made, pagesize=A4, leftMargin=LEFT, rightMargin=RIGHT, topMargin=TOP, bottomMargin=BOTTOM,
        title=f"{title} {number}".strip(), author=office, lang="zh-CN", invariant=1,
    )  # fmt: skip
    frame = Frame(LEFT, BOTTOM, WIDTH, A4[1] - TOP - BOTTOM, 0, 0, 0, 0)
    foot = _Foot(number, whole(qr_url), demo)
    document.addPageTemplates(PageTemplate(frames=[frame], onPage=foot.draw))
    document.build(
        [*_head(title, number, to), *(part for one in body for part in _flow(one)), _Signed(office, day, demo)]
    )
    return made.getvalue()


def whole(url: str) -> str:
    """A path of this site as the whole address that a QR code needs."""
    return SITE_URL.value.rstrip("/") + url if url.startswith("/") else url


def chinese_day(day: date) -> str:
    """2026年11月24日, the form of GB/T 9704-2012 §7.3.5.4."""
    return f"{day.year}年{day.month}月{day.day}日"


def qr(canvas: Canvas, url: str, x: float, y: float, side: float) -> None:
    """A QR code (error correction M, quiet zone 4) with its lower left corner at x, y.

    Any of the eight masks is read by every scanner. Trying all for the evenest one takes segno longer than the rest of
    the page, and an address is mixed enough, so the mask is fixed.
    """
    runs, dots_wide = _runs(url)
    canvas.saveState()
    canvas.translate(x, y + side)
    # counted in dots: reportlab takes a quarter of a page's time to write the fractions of a code in points
    canvas.scale(side / dots_wide, side / dots_wide)
    canvas.setFillColor(black)
    canvas.drawPath(PDFPathObject(["n", *runs]), stroke=0, fill=1)
    canvas.restoreState()


@lru_cache(maxsize=64)
def _runs(url: str) -> tuple[list[str], int]:
    """The code's dark runs as PDF draws them, and how many dots it is wide; the letters of a case share one code."""
    rows = segno.make(url, error="m", micro=False, mask=MASK).matrix
    runs = []
    for line, row in enumerate(rows, QUIET):
        start = QUIET
        for dark, dots in groupby(row):
            length = len(list(dots))
            if dark:
                runs.append(f"{start} {-line - 1} {length} 1 re")
            start += length
    return runs, len(rows) + 2 * QUIET


def _head(title: str, number: str, to: str) -> list[Flowable]:
    parts: list[Flowable] = [Text(title, HEAD), Spacer(1, 10)]
    if number:
        parts += [Text(number, Face(SIZE, PITCH, align="center")), _Rule()]
    if to:
        parts.append(Text(f"{to}：", Face(SIZE, PITCH)))
    return parts


def _flow(part: Part) -> list[Flowable]:
    if isinstance(part, Heading):
        return [Text(part.text, SUBHEAD, keep_with_next=True)]
    if isinstance(part, Table):
        return [Spacer(1, 6), _grid(part), Spacer(1, 10)]
    return [Text(part, BODY)]


def _grid(table: Table) -> Grid:
    parts = table.widths or [1] * max(len(row) for row in table.rows)
    widths = [WIDTH * part / sum(parts) for part in parts]
    cells = [
        [Text(cell, CELL_HEAD if table.head and not line else CELL) for cell in row]
        for line, row in enumerate(table.rows)
    ]
    grid = Grid(cells, widths, repeatRows=1 if table.head else 0)
    grid.setStyle(
        TableStyle([
            ("LINEABOVE", (0, 0), (-1, 0), 0.8, black),
            ("LINEBELOW", (0, -1), (-1, -1), 0.8, black),
            ("LINEBELOW", (0, 0), (-1, -2), 0.3, GREY),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ])
    )  # fmt: skip
    return grid


class _Rule(Flowable):
    """The red line under the number."""

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        return width, 4 * mm

    def draw(self) -> None:
        self.canv.setStrokeColor(seal.CINNABAR)
        self.canv.setLineWidth(0.8)
        self.canv.line(0, 2 * mm, WIDTH, 2 * mm)


class _Signed(Flowable):
    """Office and day on the right under the seal, a little below its middle (GB/T 9704-2012 §7.3.5.1)."""

    def __init__(self, office: str, day: date, demo: bool):
        super().__init__()
        self.office, self.day, self.demo = office, chinese_day(day), demo

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        return width, seal.DIAMETER + 6 * mm

    def draw(self) -> None:
        middle = WIDTH - 4 * SIZE - 36 * mm / 2
        base = seal.DIAMETER / 2
        self.canv.setFont(fonts.BODY, SIZE)
        self.canv.drawCentredString(middle, base - 13, self.office)
        self.canv.drawCentredString(middle, base - 37, self.day)
        seal.draw(self.canv, middle, base, self.office, demo=self.demo)


class _Foot:
    """What stands on every page: QR code, number, page number, and in a demo a faint 演示 across it."""

    def __init__(self, number: str, url: str, demo: bool):
        self.number, self.url, self.demo = number, url, demo

    def draw(self, canvas: Canvas, document: BaseDocTemplate) -> None:
        canvas.saveState()
        if self.demo:
            mark_demo(canvas, *A4)
        if self.url:
            qr(canvas, self.url, LEFT - 2 * mm, 9 * mm, 20 * mm)
        canvas.setFillColor(GREY)
        canvas.setFont(fonts.BODY, SMALL)
        canvas.drawString(LEFT + 20 * mm, 20 * mm, self.number)
        canvas.drawString(LEFT + 20 * mm, 15 * mm, "扫描二维码可核对本文书" if self.url else "")
        canvas.setFillColor(black)
        canvas.setFont(fonts.BODY, 12)
        canvas.drawRightString(A4[0] - RIGHT - SIZE, BOTTOM - 7 * mm - 12, f"— {document.page} —")
        canvas.restoreState()


def mark_demo(canvas: Canvas, width: float, height: float) -> None:
    """A faint 演示 across the page."""
    canvas.saveState()
    canvas.setFillColor(FAINT)
    canvas.setFillAlpha(0.55)
    canvas.translate(width / 2, height / 2)
    canvas.rotate(35)
    canvas.setFont(fonts.BOLD, 110)
    canvas.drawCentredString(0, -40, "演  示")
    canvas.restoreState()
