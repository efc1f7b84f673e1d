"""A round seal in cinnabar, 42 mm: the office's name on an arc, a five-pointed star (国发〔1999〕25号)."""

from math import cos, pi, radians, sin

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from hexi.blocks.documents import fonts

CINNABAR = HexColor("#B3372B")
DIAMETER = 42 * mm
_RING, _STAR, _GAP = 1.2 * mm, 6.5 * mm, 1.6 * mm
#: the name spans at most so many degrees of the ring
_WIDEST = 250


def draw(canvas: Canvas, x: float, y: float, office: str, *, demo: bool, below: str = "") -> None:
    """The seal with its middle at x, y. `demo` writes 演示 into it; `below` is a second line (专用章)."""
    canvas.saveState()
    canvas.translate(x, y)
    canvas.setStrokeColor(CINNABAR)
    canvas.setFillColor(CINNABAR)
    canvas.setStrokeAlpha(0.9)
    canvas.setFillAlpha(0.9)
    canvas.setLineWidth(_RING)
    canvas.circle(0, 0, DIAMETER / 2 - _RING / 2)
    _star(canvas)
    _name(canvas, office)
    _line(canvas, "演示专用" if demo else below)
    canvas.restoreState()


def _star(canvas: Canvas) -> None:
    path = canvas.beginPath()
    for corner in range(10):
        reach = _STAR if corner % 2 == 0 else _STAR * 0.382
        angle = pi / 2 + corner * pi / 5
        spot = (reach * cos(angle), reach * sin(angle))
        if corner:
            path.lineTo(*spot)
        else:
            path.moveTo(*spot)
    path.close()
    canvas.drawPath(path, stroke=0, fill=1)


def _name(canvas: Canvas, office: str) -> None:
    """The characters along the upper arc, upright outwards, made smaller and closer if there are many."""
    size = min(5.2 * mm, 74 * mm / max(len(office), 1))
    reach = DIAMETER / 2 - _RING - _GAP - size
    step = min(_WIDEST / max(len(office) - 1, 1), 24 if len(office) > 6 else 30)
    start = 90 + step * (len(office) - 1) / 2
    for place, sign in enumerate(office):
        angle = start - place * step
        canvas.saveState()
        canvas.translate(reach * cos(radians(angle)), reach * sin(radians(angle)))
        canvas.rotate(angle - 90)
        canvas.setFont(fonts.BOLD, size)
        canvas.drawString(-stringWidth(sign, fonts.BOLD, size) / 2, 0, sign)
        canvas.restoreState()


def _line(canvas: Canvas, text: str) -> None:
    if text:
        canvas.setFont(fonts.BOLD, 3 * mm)
        canvas.drawCentredString(0, -DIAMETER / 2 + _RING + 1.9 * mm, text)
