"""The watermarked copy of a document as A4 PDF: the page made smaller, marks across it, a note and a QR code below.

The marks are drawn over the page, not burnt into a picture: whoever forges the file is found out by its number, since
the public page compares the file itself. Above `pdf`; knows no table.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.utils.translation import gettext as _
from pypdf import PageObject, PdfReader, PdfWriter, Transformation
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from hexi.blocks.documents import fonts, pdf, previews, seal
from hexi.blocks.documents.kinds import JPEG, PDF, PNG, WEBP, Refused
from hexi.blocks.documents.pdf import chinese_day
from hexi.blocks.documents.typeset import Face, Text

#: what a copy can be made of
COPYABLE = (PDF, JPEG, PNG, WEBP)
MOST_PAGES = 60
#: the strip with the note and the code, the margin round the page, and pixels of a picture's longer side
STRIP, MARGIN, PIXELS = 30 * mm, 8 * mm, 2200
Size = tuple[float, float]


@dataclass(frozen=True)
class Note:
    """What stands on a copy."""

    title: str
    purpose: str
    recipient: str
    made: date
    expires: date
    code: str
    url: str
    origin: str = ""

    @property
    def marks(self) -> tuple[str, str]:
        """The two lines across the page."""
        days = f"日期：{chinese_day(self.made)}　失效日：{chinese_day(self.expires)}　编号：{self.code}"
        return f"用途：{self.purpose}", days

    @property
    def sentence(self) -> str:
        """The annotation below the page."""
        until = f"有效期至 {chinese_day(self.expires)}。编号 {self.code}。"
        return (
            f"此件是“{self.title}”的复制件，持有人于 {chinese_day(self.made)} 制作，"
            f"仅供{self.recipient}用于{self.purpose}，他用无效，{until}{self.origin}"
        )


def make(path: Path, media_type: str, note: Note) -> tuple[bytes, int]:
    """The copy and its number of pages. Raises `Refused` for what cannot be copied whole."""
    if media_type not in COPYABLE:
        raise Refused("not_copyable", _("这种文件不能制作复制件。请打印成 PDF 后上传，再制作。"))
    fonts.register()
    if media_type != PDF:
        return _of_picture(path, note), 1
    try:
        return _of_pdf(path, note)
    except Refused:
        raise
    except Exception as error:  # pypdf raises nearly anything on a file made to hurt it
        raise Refused("broken", _("这份 PDF 不能制作复制件。请打印成 PDF 后上传，再制作。")) from error


def _of_picture(path: Path, note: Note) -> bytes:
    image = previews.small(path, PIXELS)
    packed, made = io.BytesIO(), io.BytesIO()
    image.save(packed, "JPEG", quality=85)
    sheet = _sheet(*image.size)
    x, y, scale = _fitted(*image.size, sheet)
    canvas = _canvas(made, sheet, note)
    canvas.drawImage(ImageReader(packed), x, y, image.width * scale, image.height * scale)
    _annotate(canvas, sheet, note, "1 / 1")
    canvas.showPage()
    canvas.save()
    return made.getvalue()


def _of_pdf(path: Path, note: Note) -> tuple[bytes, int]:
    writer, made = PdfWriter(), io.BytesIO()
    pages = list(_upright(PdfReader(path)))
    sheets = [_sheet(float(page.trimbox.width), float(page.trimbox.height)) for page in pages]
    marks = PdfReader(io.BytesIO(_marks(sheets, note)))
    for page, sheet, marked in zip(pages, sheets, marks.pages, strict=True):
        box, whole = page.trimbox, PageObject.create_blank_page(width=sheet[0], height=sheet[1])
        x, y, scale = _fitted(float(box.width), float(box.height), sheet)
        moved = Transformation().translate(-float(box.left), -float(box.bottom)).scale(scale).translate(x, y)
        whole.merge_transformed_page(page, moved)
        whole.merge_page(marked)
        writer.add_page(whole)
    writer.add_metadata({"/Title": f"{note.title} {note.code}"})
    writer.write(made)
    return made.getvalue(), len(pages)


def _upright(reader: PdfReader) -> Iterator[PageObject]:
    """The pages, each turned as it is shown. What is drawn by form fields or stamps would be lost: refused."""
    if len(reader.pages) > MOST_PAGES:
        raise Refused("too_long", _("页数太多，最多 %(most)s 页。请分成几份。") % {"most": MOST_PAGES})
    for page in PdfWriter(clone_from=reader).pages:
        for one in page.get("/Annots") or ():
            if "/AP" in one.get_object():
                raise Refused("fields", _("这份 PDF 带有表单或批注，复制会丢内容。请打印成 PDF 后上传，再制作。"))
        page.pop("/Annots", None)
        page.transfer_rotation_to_content()
        yield page


def _marks(sheets: list[Size], note: Note) -> bytes:
    """A PDF of nothing but marks, notes and codes: one page for each sheet."""
    made = io.BytesIO()
    canvas = _canvas(made, sheets[0], note)
    for number, sheet in enumerate(sheets, 1):
        canvas.setPageSize(sheet)
        _annotate(canvas, sheet, note, f"{number} / {len(sheets)}")
        canvas.showPage()
    canvas.save()
    return made.getvalue()


def _canvas(made: io.BytesIO, sheet: Size, note: Note) -> Canvas:
    canvas = Canvas(made, pagesize=sheet, invariant=1, pageCompression=1, lang="zh-CN")
    canvas.setTitle(f"{note.title} {note.code}")
    return canvas


def _sheet(width: float, height: float) -> Size:
    return landscape(A4) if width > height else A4


def _fitted(width: float, height: float, sheet: Size) -> tuple[float, float, float]:
    """Lower left corner and scale of a page or picture in the room above the strip, in its middle."""
    if width <= 0 or height <= 0:
        raise Refused("broken", _("这份 PDF 不能制作复制件。请打印成 PDF 后上传，再制作。"))
    wide, high = sheet[0] - 2 * MARGIN, sheet[1] - STRIP - 2 * MARGIN
    scale = min(wide / width, high / height)
    return MARGIN + (wide - width * scale) / 2, STRIP + MARGIN + (high - height * scale) / 2, scale


def _annotate(canvas: Canvas, sheet: Size, note: Note, page: str) -> None:
    _across(canvas, sheet, note)
    canvas.saveState()
    canvas.setStrokeColor(seal.CINNABAR)
    canvas.setLineWidth(0.6)
    canvas.line(MARGIN, STRIP, sheet[0] - MARGIN, STRIP)
    pdf.qr(canvas, note.url, MARGIN, 3 * mm, 26 * mm)
    x, width = MARGIN + 29 * mm, sheet[0] - 2 * MARGIN - 29 * mm
    text = Text(note.sentence, Face(9, 13, align="left"))
    _wide, high = text.wrap(width, STRIP)
    text.drawOn(canvas, x, STRIP - 2 * mm - high)
    canvas.setFillColor(pdf.GREY)
    canvas.setFont(fonts.BODY, 8)
    canvas.drawString(x, 3 * mm, "扫码核对真假、用途和是否仍有效")
    canvas.drawRightString(sheet[0] - MARGIN, 3 * mm, page)
    canvas.restoreState()


def _across(canvas: Canvas, sheet: Size, note: Note) -> None:
    """The marks, slanting across the page four times."""
    longest = max(stringWidth(line, fonts.BODY, 1) for line in note.marks)
    size = min(17.0, 1.02 * sheet[0] / longest)
    for row in range(4):
        canvas.saveState()
        canvas.setFillColor(seal.CINNABAR)
        canvas.setFillAlpha(0.28)
        canvas.setFont(fonts.BODY, size)
        canvas.translate(sheet[0] / 2, STRIP + (sheet[1] - STRIP) * (row + 0.6) / 4)
        canvas.rotate(28)
        for line, text in enumerate(note.marks):
            canvas.drawCentredString(0, -line * 1.4 * size, text)
        canvas.restoreState()
