"""Small pictures made on the server as inline SVG, without inline style: trend line, bars, QR code."""

import segno
from markupsafe import Markup, escape

WIDTH, HEIGHT, EDGE = 120, 32, 3


def trend(points: list[float], label: str) -> Markup:
    """A line of `points` 120 px wide over a baseline at zero (or at the least value, if negative); `label` says it."""
    if len(points) < 2:
        return Markup("")
    low, high = min(0.0, *points), max(points)
    reach = (high - low) or 1.0
    step = (WIDTH - 2 * EDGE) / (len(points) - 1)
    spots = [
        (EDGE + place * step, HEIGHT - EDGE - (value - low) / reach * (HEIGHT - 2 * EDGE))
        for place, value in enumerate(points)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
    x, y = spots[-1]
    return Markup(
        '<svg class="trend" role="img" aria-label="{}" width="{}" height="{}" viewBox="0 0 {} {}">'
        '<line class="trend-base" x1="0" x2="{}" y1="{}" y2="{}"/>'
        '<polyline class="trend-line" points="{}"/><circle class="trend-end" cx="{:.1f}" cy="{:.1f}" r="2.5"/></svg>'
    ).format(label, WIDTH, HEIGHT, WIDTH, HEIGHT, WIDTH, HEIGHT - EDGE, HEIGHT - EDGE, line, x, y)


def curve(points: list[float], label: str) -> Markup:
    """A line of `points` as wide as the page over a baseline at zero (or at the least value, if negative).

    Its figures stand in a table beside it: the line shows their course alone.
    """
    wide, high, edge = 640, 160, 6
    low, top = min(0.0, *points), max(0.0, *points)
    reach, step = (top - low) or 1.0, (wide - 2 * edge) / max(1, len(points) - 1)
    spots = [(edge + place * step, high - edge - (value - low) / reach * (high - 2 * edge))
             for place, value in enumerate(points)]  # fmt: skip
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
    zero = high - edge + low / reach * (high - 2 * edge)
    x, y = spots[-1]
    return Markup(
        '<svg class="trend" role="img" aria-label="{}" width="100%" viewBox="0 0 {} {}">'
        '<line class="trend-base" x1="0" x2="{}" y1="{:.1f}" y2="{:.1f}"/>'
        '<polyline class="trend-line" points="{}"/><circle class="trend-end" cx="{:.1f}" cy="{:.1f}" r="3"/></svg>'
    ).format(label, wide, high, wide, zero, zero, line, x, y)


def qr(text: str, label: str) -> Markup:
    """A QR code of `text` (error correction M, quiet zone 4) as inline SVG; `label` is read to those who cannot see."""
    code = segno.make(text, error="m", micro=False)
    width, height = code.symbol_size(border=4)
    body = "".join(
        f"M{4 + x} {4 + y}h1v1h-1z" for y, row in enumerate(code.matrix) for x, dark in enumerate(row) if dark
    )
    return Markup(  # noqa: S704 numbers only; the label is escaped
        f'<svg class="qr" role="img" aria-label="{escape(label)}" viewBox="0 0 {width} {height}" '
        f'shape-rendering="crispEdges"><rect class="qr-paper" width="{width}" height="{height}"/>'
        f'<path class="qr-ink" d="{body}"/></svg>'
    )
