"""Checks JPEG, PNG and WebP pictures by decoding them, within a limit of pixels. Beside `kinds`."""

import warnings
from pathlib import Path

from django.utils.translation import gettext as _
from PIL import Image

from hexi.blocks.documents import looks
from hexi.blocks.documents.kinds import JPEG, PNG, WEBP, Kind, Limits, Refused

#: what is decoded at all, and what it is; MPO is a JPEG with a second picture behind it, as phones make them
DECODED = ("JPEG", "PNG", "WEBP")
FORMATS = {"JPEG": JPEG, "MPO": JPEG, "PNG": PNG, "WEBP": WEBP}


def read(path: Path, limits: Limits) -> Kind:
    """Width and height of a picture that can be decoded to its last line. Raises `Refused`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path, formats=DECODED) as image:
                width, height = image.size
                if width * height > limits.pixels:
                    raise _too_many(limits, width, height)
                # of a JPEG only the brightness, of a large one no more than the look needs: each line is still read
                image.draft("L", (2 * looks.SIDE, 2 * looks.SIDE))
                image.load()
                return Kind(FORMATS[str(image.format)], width=width, height=height, look=looks.look(image))
    except Refused:
        raise
    except Image.DecompressionBombError as error:
        raise _too_many(limits) from error
    except Exception as error:  # Pillow raises nearly anything on a file made to hurt it
        raise Refused("broken", _("图片不完整或已损坏，打不开。请重新拍照或重新导出后上传。")) from error


def _too_many(limits: Limits, width: int = 0, height: int = 0) -> Refused:
    size = f"（{width}×{height}）" if width else ""
    sentence = _("图片像素太多%(size)s，最多 %(most)s 万像素。请缩小后上传，一般手机照片即可。")
    return Refused("pixels", sentence % {"size": size, "most": limits.pixels // 10_000})
