"""A drawn street with a drawn face: nobody's, and one the detector takes for a face. PIL alone, for walks too."""

import io

from PIL import Image, ImageDraw, ImageFilter

SIZE = (800, 600)
#: middle of the face, and half its width
FACE, HALF = (400, 260), 80
LAMP = (570, 40, 646, 80)


def drawn_street(*, face: bool = True, place: bool = False) -> bytes:
    """A JPEG of a lamp-post by a road; with somebody before it, and if asked with where it was taken."""
    image = Image.new("RGB", SIZE, (150, 160, 170))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 420, *SIZE), fill=(110, 108, 104))
    draw.rectangle((600, 60, 616, 480), fill=(70, 72, 76))
    draw.ellipse(LAMP, fill=(240, 236, 210) if not face else (120, 118, 110))
    if face:
        _face(draw)
        image = image.filter(ImageFilter.GaussianBlur(2))
    exif = Image.Exif()
    if place:
        gps = exif.get_ifd(0x8825)
        gps[1], gps[2], gps[3], gps[4] = "N", (40, 18, 0.0), "E", (97, 2, 0.0)
    made = io.BytesIO()
    image.save(made, "JPEG", quality=92, exif=exif)
    return made.getvalue()


def _face(draw: ImageDraw.ImageDraw) -> None:
    x, y = FACE
    r = HALF / 0.8
    draw.rounded_rectangle((x - r * 1.3, y + r * 1.15, x + r * 1.3, y + r * 3), r * 0.6, fill=(60, 80, 120))
    draw.rectangle((x - r * 0.35, y + r * 0.9, x + r * 0.35, y + r * 1.4), fill=(200, 150, 120))
    draw.ellipse((x - r * 0.98, y - r * 1.35, x + r * 0.98, y + r * 0.9), fill=(40, 30, 26))
    draw.ellipse((x - r * 0.8, y - r, x + r * 0.8, y + r * 1.15), fill=(222, 176, 146))
    for side in (-1, 1):
        eye, high = x + side * r * 0.36, y - r * 0.12
        for wide, tall, colour in (
            (0.22, 0.13, (190, 140, 116)), (0.17, 0.085, (245, 240, 236)), (0.08, 0.08, (40, 26, 20)),
        ):  # fmt: skip
            draw.ellipse((eye - r * wide, high - r * tall, eye + r * wide, high + r * tall), fill=colour)
        brow = [(eye - r * 0.24, high - r * 0.12), (eye, high - r * 0.19), (eye + r * 0.24, high - r * 0.12)]
        draw.line(brow, fill=(50, 36, 30), width=8)
        nose = x + side * r * 0.1
        draw.ellipse((nose - r * 0.05, y + r * 0.3, nose + r * 0.05, y + r * 0.4), fill=(140, 96, 80))
    draw.ellipse((x - r * 0.33, y + r * 0.56, x + r * 0.33, y + r * 0.78), fill=(176, 92, 84))
    draw.line([(x - r * 0.33, y + r * 0.66), (x + r * 0.33, y + r * 0.66)], fill=(120, 50, 48), width=5)
