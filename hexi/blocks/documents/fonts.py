"""The Chinese fonts that PDFs embed: Noto Sans SC from the build, else one the machine has. Knows no table."""

from functools import cache
from pathlib import Path
from threading import Lock

from reportlab import rl_config
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont, TTFontFace

from hexi.ui.assets import FONTS

BODY, BOLD = "Hexi", "Hexi-Bold"
#: one thread at a time while the two files of 10 MB are read
_LOCK = Lock()
_FILES = {BODY: "NotoSansSC-Regular.ttf", BOLD: "NotoSansSC-Bold.ttf"}
#: Debian's fonts-wqy-microhei: a checkout whose assets were not built
_SPARE = Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc")


def register() -> None:
    """Make the fonts `BODY` and `BOLD` known to reportlab; once a process."""
    with _LOCK:
        # binary streams: a fifth smaller, and a third of the time goes into writing them as text
        rl_config.useA85 = 0
        _register()


def file_of(name: str = BODY) -> Path:
    """The file of a font. Raises `FileNotFoundError` with the remedy."""
    for path in (FONTS / _FILES[name], _SPARE):
        if path.exists():
            return path
    raise FileNotFoundError(f"没有中文字体 {FONTS / _FILES[name]}：请运行 hexi setup / no Chinese font: run hexi setup")


class _Glyphs:
    """The table of all glyphs, of which only what is asked for is copied."""

    def __init__(self, data: bytes, start: int):
        self._data, self._start = data, start

    def __getitem__(self, piece: slice) -> bytes:
        return self._data[self._start + piece.start : self._start + piece.stop]


def _spare(face: TTFontFace) -> None:
    """Let a subset be made without copying ten megabytes for it: it was a quarter of the work of a page."""
    whole, glyphs = face.get_table, _Glyphs(face._ttf_data, face.get_table_pos("glyf")[0])
    face.get_table = lambda tag: glyphs if tag == "glyf" else whole(tag)


@cache
def _register() -> None:
    for name in _FILES:
        font = TTFont(name, str(file_of(name)), subfontIndex=0)
        _spare(font.face)
        pdfmetrics.registerFont(font)
    pdfmetrics.registerFontFamily(BODY, normal=BODY, bold=BOLD, italic=BODY, boldItalic=BOLD)
