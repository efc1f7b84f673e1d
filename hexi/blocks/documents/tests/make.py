"""Sample files and documents, for the tests of all blocks and for the demo. Nothing here shows a real person's paper."""

import io
import random
import struct
import zipfile
import zlib
from contextlib import contextmanager

from openpyxl import Workbook
from PIL import Image, ImageDraw
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject
from reportlab.pdfgen.canvas import Canvas

from hexi.blocks.documents import fonts, operations, readers
from hexi.blocks.documents.models import Document
from hexi.kernel.actors import System

BY = System("make")
#: the harmless text that every scanner must find (EICAR), put together so that this file is not found itself
EICAR = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def make_image(
    form: str = "JPEG", width: int = 640, height: int = 400, *, seed: int = 1, turned: bool = False
) -> bytes:
    """A picture with shapes that `seed` decides; `turned` notes an orientation and a place in its EXIF."""
    chance = random.Random(seed)
    image = Image.new("RGB", (width, height), "white")
    brush = ImageDraw.Draw(image)
    for _ in range(8):
        left, top = chance.randrange(width), chance.randrange(height)
        color = tuple(chance.randrange(256) for _ in range(3))
        brush.rectangle((left, top, left + width // 4, top + height // 4), fill=color)
    made = io.BytesIO()
    image.save(made, form, **({"exif": _exif()} if turned else {}))
    return made.getvalue()


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright: show turned by a quarter
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[1] = "N"
    return exif


def make_bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG of a few bytes that claims to be huge."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")


def make_pdf(pages: int = 1, text: str = "sample") -> bytes:
    """A plain PDF; other texts give other contents."""
    made = io.BytesIO()
    canvas = Canvas(made, invariant=1)
    for number in range(pages):
        canvas.drawString(72, 720, f"{text} {number + 1}")
        canvas.showPage()
    canvas.save()
    return made.getvalue()


def make_text_pdf(*lines: str) -> bytes:
    """A PDF with Chinese text."""
    fonts.register()
    made = io.BytesIO()
    canvas = Canvas(made, invariant=1)
    canvas.setFont(fonts.BODY, 14)
    for number, line in enumerate(lines):
        canvas.drawString(72, 720 - 24 * number, line)
    canvas.showPage()
    canvas.save()
    return made.getvalue()


def make_two_in_one(width: int, height: int) -> bytes:
    """A JPEG with a smaller picture behind it."""
    made = io.BytesIO()
    first, second = (Image.open(io.BytesIO(make_image("JPEG", width // part, height // part))) for part in (1, 2))
    first.save(made, "MPO", save_all=True, append_images=[second])
    return made.getvalue()


#: an empty page and what leads to it: objects 1 to 3
_LEAST = (
    b"<</Type/Catalog/Pages 2 0 R>>",
    b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
)


def _numbered(things: list[bytes]) -> tuple[bytearray, list[int]]:
    """The body of a PDF with these objects, and where each begins."""
    made, places = bytearray(b"%PDF-1.5\n"), []
    for number, thing in enumerate(things, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, thing)
    return made, places


def make_pdf_of_numbers(many: int) -> bytes:
    """A PDF with so many objects that are nothing but a number."""
    made, places = _numbered([*_LEAST, *[b"1"] * many])
    start, size = len(made), len(places) + 1
    made += b"xref\n0 %d\n0000000000 65535 f \n" % size + b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(made) + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, start)


def make_pdf_stream(thing: bytes, blanks: int = 0) -> bytes:
    """A PDF with object 5 ("5 0 …") in a compressed stream, `blanks` behind it: few bytes that may unfold to many."""
    packer = zlib.compressobj(9)
    packed = packer.compress(thing)
    for _ in range(blanks // 1_000_000):
        packed += packer.compress(b" " * 1_000_000)
    packed += packer.flush()
    head = b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>\nstream\n" % len(packed)
    made, places = _numbered([*_LEAST, head + packed + b"\nendstream"])
    start = len(made)
    rows = [(0, 0, 65535), *((1, place, 0) for place in places), (2, 4, 0), (1, start, 0)]
    table = b"".join(struct.pack(">BIH", *row) for row in rows)
    made += b"6 0 obj\n<</Type/XRef/Size 7/W[1 4 2]/Root 1 0 R/Length %d>>\nstream\n" % len(table) + table
    return bytes(made) + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % start


def make_bad_pdf(fault: str) -> bytes:
    """A PDF with one fault: script, script_on_page, launch, embedded, encrypted."""
    writer = PdfWriter(io.BytesIO(make_pdf()))
    if fault == "script":
        action = DictionaryObject(
            {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("x")}
        )
        writer.root_object[NameObject("/OpenAction")] = writer._add_object(action)
    elif fault == "script_on_page":
        action = DictionaryObject(
            {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("x")}
        )
        writer.pages[0][NameObject("/AA")] = DictionaryObject({NameObject("/O"): action})
    elif fault == "launch":
        action = DictionaryObject(
            {NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("cmd.exe")}
        )
        writer.root_object[NameObject("/OpenAction")] = action
    elif fault == "embedded":
        writer.add_attachment("virus.exe", b"MZ")
    elif fault == "encrypted":
        writer.encrypt("secret", algorithm="AES-256")
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def make_zip(parts: dict[str, bytes | str]) -> bytes:
    """A zip of these parts."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return made.getvalue()


def make_docx(**more: bytes) -> bytes:
    """The least Word document; `more` parts by name, "__" standing for "/"."""
    types = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    parts = {name.replace("__", "/"): content for name, content in more.items()}
    return make_zip({"[Content_Types].xml": types, "word/document.xml": "<document/>", **parts})


def make_xlsx() -> bytes:
    """A workbook."""
    made = io.BytesIO()
    book = Workbook()
    book.active["A1"] = "林种"
    book.save(made)
    return made.getvalue()


def make_ofd() -> bytes:
    """The least OFD package (GB/T 33190-2016)."""
    return make_zip({"OFD.xml": "<ofd:OFD/>", "Doc_0/Document.xml": "<ofd:Document/>"})


def make_document(owner=None, *, content: bytes = b"", name: str = "photo.jpg", by=BY, **facts) -> Document:
    """A document somebody handed in. `facts`: thing, slot, level, title, source, purpose, expires."""
    return operations.store(io.BytesIO(content or make_image()), name=name, by=by, owner=owner, **facts)


@contextmanager
def reader(kind: str, may=lambda actor, document: False, **more):
    """For the length of a `with`, a manifest says who may read documents of this kind of thing."""
    added, told = readers.added, readers.Reader(kind, may, **more)
    readers.added = lambda wanted: (*added(wanted), told)
    try:
        yield told
    finally:
        readers.added = added
