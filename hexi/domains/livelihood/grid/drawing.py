"""A cell's outline as inline SVG, in true proportion; for those who cannot see it the page says it in words."""

from math import cos, radians

from markupsafe import Markup

from hexi.domains.livelihood.grid.shapes import Shape, box_of

SIZE, EDGE = 240, 6


def outline(shape: Shape, label: str) -> Markup:
    """The rings of a shape, north above."""
    west, south, east, north = box_of(shape)
    narrow = cos(radians((south + north) / 2))
    scale = (SIZE - 2 * EDGE) / max((east - west) * narrow, north - south, 1e-9)
    paths = "".join(
        "M" + "L".join(
            f"{EDGE + (x - west) * narrow * scale:.1f} {EDGE + (north - y) * scale:.1f}" for x, y in ring[:-1]
        ) + "Z"
        for polygon in shape
        for ring in polygon
    )  # fmt: skip
    return Markup(
        '<svg class="trend" role="img" aria-label="{}" width="{}" height="{}" viewBox="0 0 {} {}">'
        '<path class="trend-line" d="{}"/></svg>'
    ).format(label, SIZE, SIZE, SIZE, SIZE, paths)
