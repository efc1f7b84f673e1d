"""Whether a photographed paper can be read: too small, dark, pale, blurred or cut off. Hints, never a refusal.

Measured on a grey picture of at most 640 pixels; the bounds are ours, tried on synthetic papers (tests/test_looks.py).
"""

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageFilter, ImageStat

SIDE = 640
#: what is said beside the file
HINTS = {
    "small": _("图片很小，字可能看不清。能重拍的话，请靠近一些。"),
    "dark": _("图片太暗。请到亮处重拍。"),
    "pale": _("图片太亮，字发白。请避开反光重拍。"),
    "blurred": _("图片模糊。请拿稳、对焦后重拍。"),
    "cut": _("像是没有拍全。请把纸的四角都拍进来。"),
}
LEAST_PIXELS = 600
DARK, PALE = 45, 252
#: spread of the second derivative: a sharp line of print gives hundreds, a picture out of focus a few
SHARP = 18.0
#: a paper is light; ink in the outermost rows or columns of the picture is print that runs out of it
PAPER, INK, EDGE, SHARE = 170, 110, 3, 0.04
_LAPLACE = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)


def look(image: Image.Image) -> str:
    """The key of the first hint that fits; "" if nothing seems wrong."""
    if min(image.size) < LEAST_PIXELS:
        return "small"
    grey = image.convert("L")
    grey.thumbnail((SIDE, SIDE))
    median = ImageStat.Stat(grey).median[0]
    if median < DARK:
        return "dark"
    bends = ImageStat.Stat(grey.filter(_LAPLACE).crop((1, 1, grey.width - 1, grey.height - 1))).var[0]
    if median > PALE and bends < SHARP:
        return "pale"
    if bends < SHARP:
        return "blurred"
    return "cut" if median > PAPER and _runs_out(grey) else ""


def _runs_out(grey: Image.Image) -> bool:
    """Ink along at least one whole edge."""
    wide, high = grey.size
    edges = ((0, 0, wide, EDGE), (0, high - EDGE, wide, high), (0, 0, EDGE, high), (wide - EDGE, 0, wide, high))
    return any(_inked(grey.crop(box)) > SHARE for box in edges)


def _inked(strip: Image.Image) -> float:
    counts = strip.histogram()
    return sum(counts[:INK]) / (strip.width * strip.height)
