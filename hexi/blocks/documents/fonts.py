"""The Chinese fonts that PDFs embed: Noto Sans SC from the build, else one the machine has. Knows no table."""

from functools import cache
from pathlib import Path
from threading import Lock

from reportlab import rl_config
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

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


@cache
def _register() -> None:
    for name, file in _FILES.items():
        path = FONTS / file
        if not path.exists():
            path = _SPARE
        if not path.exists():
            raise FileNotFoundError(f"没有中文字体 {FONTS / file}：请运行 hexi setup / no Chinese font: run hexi setup")
        pdfmetrics.registerFont(TTFont(name, str(path), subfontIndex=0))
    pdfmetrics.registerFontFamily(BODY, normal=BODY, bold=BOLD, italic=BODY, boldItalic=BOLD)
