"""Place and time in a phone's picture, and the picture without them. Pure: bytes in, values out."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PIL import Image, ImageOps

from hexi.kernel.clock import CHINA

GPS, EXIF = 0x8825, 0x8769
TAKEN, DIGITIZED, CHANGED = 0x9003, 0x9004, 0x0132
#: the longest side of a copy
LONGEST = 1600


@dataclass(frozen=True)
class Found:
    """Where (WGS-84) and when a picture was taken; None for what it does not say."""

    lat: float | None = None
    lon: float | None = None
    at: datetime | None = None


def read(content: bytes) -> Found:
    """What the picture says; nothing if it is none, says nothing or nonsense."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            exif = image.getexif()
            lat, lon = _point(exif.get_ifd(GPS))
            return Found(lat, lon, _moment(exif.get_ifd(EXIF).get(TAKEN) or exif.get(CHANGED)))
    except Exception:  # Pillow raises nearly anything on a file made to hurt it
        return Found()


def upright(content: bytes) -> Image.Image:
    """Its pixels alone, upright and at most LONGEST long: nothing of the old file's words can come along."""
    with Image.open(io.BytesIO(content)) as image:
        turned = ImageOps.exif_transpose(image)
        turned.thumbnail((LONGEST, LONGEST))
        plain = Image.new("RGB", turned.size, "white")
        plain.paste(turned.convert("RGBA"), mask=turned.convert("RGBA").getchannel("A"))
        return plain


def stripped(content: bytes) -> bytes:
    """The picture upright, at most LONGEST pixels long, as a JPEG that says nothing of place, time or camera."""
    return as_jpeg(upright(content))


def as_jpeg(image: Image.Image) -> bytes:
    """A picture as it is kept and sent."""
    made = io.BytesIO()
    image.save(made, "JPEG", quality=85)
    return made.getvalue()


def _point(gps: Mapping[int, Any]) -> tuple[float | None, float | None]:
    try:
        lat, lon = _degrees(gps[2], gps[1], "S"), _degrees(gps[4], gps[3], "W")
    except (KeyError, TypeError, ValueError, ZeroDivisionError, IndexError):
        return None, None
    real = -90 <= lat <= 90 and -180 <= lon <= 180 and (lat, lon) != (0.0, 0.0)
    return (round(lat, 6), round(lon, 6)) if real else (None, None)


def _degrees(parts: Any, side: Any, negative: str) -> float:
    degrees, minutes, seconds = (float(one) for one in parts)
    value = degrees + minutes / 60 + seconds / 3600
    return -value if str(side).strip("\x00 ").upper() == negative else value


def _moment(text: Any) -> datetime | None:
    """EXIF keeps no zone; phones here run on China's time."""
    try:
        return datetime.strptime(str(text).strip("\x00 "), "%Y:%m:%d %H:%M:%S").replace(tzinfo=CHINA)
    except ValueError:
        return None
