"""How much `blurring.found` finds: real faces of scikit-image, drawn plates on its photos. Prints; asserts nothing.

pip install scikit-image==0.26.0, then DJANGO_SETTINGS_MODULE=hexi.site.settings python -m
hexi.domains.livelihood.requests.tests.measure_photos. The figures of docs/decisions/photos.md come from it.
"""

import io
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from hexi.domains.livelihood.requests import blurring
from hexi.ui.assets import FONTS

COLOURS = (("blue", (22, 66, 168), "white", 440), ("green", (120, 200, 130), "black", 480),
           ("yellow", (236, 186, 26), "black", 440), ("white", (240, 240, 240), "black", 440))  # fmt: skip


def found(image: Image.Image) -> list[blurring.Box]:
    made = io.BytesIO()
    image.convert("RGB").save(made, "PNG")
    return blurring.found(made.getvalue())


def covers(boxes: Iterable[blurring.Box], x: float, y: float, w: float, h: float, share: float) -> bool:
    """True if one of the boxes hides so much of a part."""
    for one in boxes:
        across = min(x + w, one.x + one.w) - max(x, one.x)
        along = min(y + h, one.y + one.h) - max(y, one.y)
        if across > 0 and along > 0 and across * along >= share * w * h:
            return True
    return False


def faces(grounds: list[Image.Image], data: Any, numpy: Any) -> Iterator[tuple[str, int, int]]:
    """The 100 faces of `lfw_subset`, 25 by 25 pixels, drawn larger and smaller, each on a photo without a face."""
    rows = numpy.load(Path(data.__file__).parent / "lfw_subset.npy")[:100]
    for size in (20, 25, 30, 40, 60, 100):
        dice, hits = numpy.random.default_rng(1), 0
        for place, row in enumerate(rows):
            face = Image.fromarray((numpy.clip(row, 0, 1) * 255).astype("uint8")).resize((size, size))
            image = grounds[place % len(grounds)].crop((0, 0, 500, 400))
            x, y = int(dice.integers(20, 380)), int(dice.integers(20, 280))
            image.paste(face.convert("RGB"), (x, y))
            hits += covers(found(image), x + size * 0.15, y + size * 0.15, size * 0.7, size * 0.7, 0.9)
        yield f"faces {size} px", hits, len(rows)


def turned(data: Any) -> Iterator[tuple[str, int, int]]:
    """One portrait, its head turned and made smaller: 80, 40, 20 and 12 pixels from brow to chin."""
    portrait = Image.fromarray(data.astronaut())
    for angle in (0, 15, 30, 45, 90, 180):
        hits, radians = 0, math.radians(-angle)
        for scale in (1.0, 0.5, 0.25, 0.15):
            image = portrait.rotate(angle, fillcolor=(120, 120, 120)).resize((int(512 * scale), int(512 * scale)))
            x, y = 224 - 256, 115 - 256
            across = (x * math.cos(radians) - y * math.sin(radians) + 256) * scale
            along = (x * math.sin(radians) + y * math.cos(radians) + 256) * scale
            half = 40 * scale
            hits += covers(found(image), across - half, along - half, 2 * half, 2 * half, 0.8)
        yield f"turned {angle}°", hits, 4


def plates(grounds: list[Image.Image], numpy: Any) -> Iterator[tuple[str, int, int]]:
    """Drawn plates, turned by up to eight degrees: no photos of plates were to be had."""
    dice = numpy.random.default_rng(2)
    font = ImageFont.truetype(str(FONTS / "NotoSansSC-Bold.ttf"), 92)
    for name, paint, ink, wide in COLOURS:
        for width in (40, 80, 160):
            hits = 0
            for place in range(50):
                plate = Image.new("RGB", (wide, 140), paint)
                draw = ImageDraw.Draw(plate)
                draw.rounded_rectangle((6, 6, wide - 6, 134), 10, outline=ink, width=4)
                signs = "".join(dice.choice(list("ABCDEFGHJK0123456789"), 5 if wide == 440 else 6))
                draw.text((wide / 2, 70), f"甘F{signs}", ink, font=font, anchor="mm")
                plate = plate.resize((width, round(width * 140 / wide)), Image.Resampling.LANCZOS)
                plate = plate.rotate(float(dice.uniform(-8, 8)), expand=True, fillcolor=(60, 60, 62))
                image = grounds[place % len(grounds)].copy()
                x, y = int(dice.integers(20, 700)), int(dice.integers(20, 520))
                image.paste(plate, (x, y))
                hits += covers(found(image), x + 4, y + 4, plate.width - 8, plate.height - 8, 0.85)
            yield f"drawn plate, {name}, {width} px", hits, 50


def main() -> None:
    import numpy
    from skimage import data

    folder = Path(data.__file__).parent
    named = ("coffee.png", "chelsea.png", "rocket.jpg", "motorcycle_left.png")
    grounds = [Image.open(folder / name).convert("RGB").resize((960, 640)) for name in named]
    print("boxes on photos with no face and no plate:", [len(found(one)) for one in grounds])
    for rows in (faces(grounds, data, numpy), turned(data), plates(grounds, numpy)):
        for title, hits, whole in rows:
            print(f"{title:28} {hits:4} of {whole}", flush=True)


if __name__ == "__main__":
    main()
