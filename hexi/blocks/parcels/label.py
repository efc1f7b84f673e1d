"""The label of a parcel: 100 × 150 mm, both ends of the way, bar code of the tracking number, QR code of ours."""

import io

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.colors import HexColor, black
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from hexi.blocks.documents import fonts, pdf
from hexi.blocks.documents.typeset import Face, Text
from hexi.blocks.parcels.couriers import couriers, title_of
from hexi.blocks.parcels.models import Parcel
from hexi.blocks.parcels.tracking import label_of

WIDTH, HEIGHT = 100 * mm, 150 * mm
EDGE = 6 * mm
GREY = HexColor("#52606D")
SMALL, TEXT = Face(8, 11, color=GREY, align="left"), Face(11, 15, align="left")
NAME, LARGE = Face(13, 18, fonts.BOLD, align="left"), Face(16, 20, fonts.BOLD, align="left")


def make(parcel: Parcel) -> bytes:
    """The PDF; the same parcel always gives the same bytes."""
    fonts.register()
    made = io.BytesIO()
    canvas = Canvas(made, pagesize=(WIDTH, HEIGHT), invariant=1, pageCompression=1, lang="zh-CN")
    canvas.setTitle(f"面单 {parcel.number}")
    courier = couriers().get(parcel.courier)
    if courier is None or courier.synthetic:
        pdf.mark_demo(canvas, WIDTH, HEIGHT)
    _Label(canvas, parcel).draw()
    canvas.showPage()
    canvas.save()
    return made.getvalue()


class _Label:
    """Drawn from the top down: `y` is where the next part begins."""

    def __init__(self, canvas: Canvas, parcel: Parcel):
        self.canvas, self.parcel, self.y = canvas, parcel, HEIGHT - EDGE

    def draw(self) -> None:
        """All of it."""
        label = label_of(self.parcel)
        self._write(title_of(self.parcel.courier).zh, LARGE)
        self._bars(self.parcel.tracking)
        for word, end, face in (("收", label.receiver, NAME), ("寄", label.sender, TEXT)):
            self._line()
            self._write(f"{word}　{end.name}　{end.phone}", face)
            self._write(end.address, TEXT)
        self._line()
        side = 26 * mm
        pdf.qr(self.canvas, self.parcel.number, WIDTH - EDGE - side, self.y - side, side)
        room = WIDTH - 3 * EDGE - side
        self._write(f"内件　{label.content}", TEXT, room)
        self._write(f"编号　{self.parcel.number}", TEXT, room)
        self._write("请当面核对收件人，由其签名。签收人姓名和时间会告知寄件机关。", SMALL, room)

    def _write(self, text: str, face: Face, width: float = WIDTH - 2 * EDGE) -> None:
        paragraph = Text(text, face)
        _, height = paragraph.wrap(width, 0)
        paragraph.drawOn(self.canvas, EDGE, self.y - height)
        self.y -= height + 1 * mm

    def _line(self) -> None:
        self.y -= 1.5 * mm
        self.canvas.setStrokeColor(black)
        self.canvas.setLineWidth(0.6)
        self.canvas.line(EDGE, self.y, WIDTH - EDGE, self.y)
        self.y -= 2 * mm

    def _bars(self, text: str) -> None:
        """Code 128 as wide as the label allows, with ten modules of quiet on each side."""
        plain = Code128(text, barWidth=1, quiet=0)
        dot = min(0.5 * mm, (WIDTH - 2 * EDGE) / (plain.width + 20))
        bars = Code128(text, barWidth=dot, barHeight=16 * mm, quiet=0)
        self.y -= 16 * mm + 1 * mm
        self.canvas.setFillColor(black)
        bars.drawOn(self.canvas, (WIDTH - bars.width) / 2, self.y)
        self._write(text, TEXT)
