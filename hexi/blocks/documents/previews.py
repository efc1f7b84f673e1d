"""Small pictures of pictures: turned upright, without EXIF, kept beside the contents. Stands on `shelf`."""

import os
import tempfile
from pathlib import Path

from django.conf import settings
from PIL import Image, ImageOps

from hexi.blocks.documents import shelf
from hexi.blocks.documents.models import Blob

#: longest side in pixels: in a list, and on a screen
THUMB, SCREEN = 320, 1600
_QUALITY = 82


def of(blob: Blob, side: int) -> Path:
    """A JPEG of a picture, at most `side` pixels long and wide; made when first asked for."""
    target = _path(blob.pk, side)
    if not target.exists():
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, part = tempfile.mkstemp(dir=target.parent, suffix=".part")
        with os.fdopen(descriptor, "wb") as file:
            small(shelf.path(blob.pk), side).save(file, "JPEG", quality=_QUALITY, optimize=True)
        os.replace(part, target)
    return target


def forget(sha256: str) -> None:
    """Delete every preview of a content."""
    for file in _path(sha256, 0).parent.glob(f"{sha256}-*"):
        file.unlink(missing_ok=True)


def _path(sha256: str, side: int) -> Path:
    return Path(settings.DATA) / "previews" / sha256[:2] / sha256[2:4] / f"{sha256}-{side}.jpg"


def small(source: Path, side: int) -> Image.Image:
    """A checked picture, upright, at most `side` pixels long and wide."""
    with Image.open(source) as image:
        image.draft("RGB", (side, side))  # a JPEG is decoded at the scale needed, not at 50 megapixels
        upright = _upright(image)
        upright.thumbnail((side, side), reducing_gap=2)
        return _on_white(upright)


def _upright(image: Image.Image) -> Image.Image:
    """The picture as the camera noted that it was held; as it lies if the note is damaged."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # Pillow raises nearly anything on a damaged EXIF
        return image


def _on_white(image: Image.Image) -> Image.Image:
    """The picture without transparency, profile and EXIF."""
    image = image.convert("RGBA")
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground
