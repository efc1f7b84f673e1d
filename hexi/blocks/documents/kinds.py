"""Which kinds of files are taken, how much work one may make, and names made harmless. Pure; knows no table."""

import re
import unicodedata
from dataclasses import dataclass

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Kind:
    """A checked file: its media type, and its pages (PDF) or pixels (pictures); `look` is the key of a hint."""

    media_type: str
    pages: int | None = None
    width: int | None = None
    height: int | None = None
    look: str = ""


class Refused(Exception):
    """A file that is not taken. `code` is for programs, `sentence` says what it is and what to do."""

    def __init__(self, code: str, sentence: str):
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True)
class Limits:
    """How much work a file may make."""

    pixels: int
    unpacked: int = 300_000_000
    members: int = 10_000
    objects: int = 100_000


PDF, JPEG, PNG, WEBP = "application/pdf", "image/jpeg", "image/png", "image/webp"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OFD = "application/ofd"
#: what is taken, with the ending its names get (the first) and may have
ENDINGS = {
    PDF: (".pdf",),
    JPEG: (".jpg", ".jpeg"),
    PNG: (".png",),
    WEBP: (".webp",),
    DOCX: (".docx",),
    XLSX: (".xlsx",),
    OFD: (".ofd",),
}
#: for `<input accept>`: phones that keep pictures as HEIC turn them into JPEG when they read this
ACCEPT = ",".join((PDF, JPEG, PNG, WEBP, ".docx", ".xlsx", ".ofd"))
PICTURES = ",".join((JPEG, PNG, WEBP))


def safe_name(name: str, media_type: str) -> str:
    """A file name without path, control signs, signs that turn the reading direction, or a wrong ending."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    name = "".join(sign for sign in name if unicodedata.category(sign)[0] != "C")
    stem, _dot, ending = name.rpartition(".")
    endings = ENDINGS.get(media_type, (".bin",))
    if not stem or f".{ending.lower()}" not in {one for group in ENDINGS.values() for one in group}:
        stem, ending = name, ""
    stem = re.sub(r'[<>:"/|?*\s]+', " ", stem).strip(" .")[:120] or _("文件")
    return stem + (f".{ending.lower()}" if f".{ending.lower()}" in endings else endings[0])
