"""Trend line and QR code are inline SVG without inline style, said in words."""

import re

import pytest

from hexi.ui.charts import qr, trend


def spots(svg):
    return [
        tuple(map(float, pair.split(",")))
        for pair in re.search(r'polyline class="trend-line" points="([^"]+)"', svg)[1].split()
    ]


def test_trend_runs_over_the_whole_width_from_zero():
    assert spots(trend([0, 5, 10], "x")) == [(3.0, 29.0), (60.0, 16.0), (117.0, 3.0)]


def test_trend_below_zero_starts_at_the_least():
    assert spots(trend([-10, 10], "x")) == [(3.0, 29.0), (117.0, 3.0)]


def test_trend_of_nothing_but_zero_lies_on_the_base():
    assert spots(trend([0, 0], "x")) == [(3.0, 29.0), (117.0, 29.0)]


@pytest.mark.parametrize("points", [[], [7]])
def test_no_line_without_two_points(points):
    assert trend(points, "x") == ""


def test_label_is_escaped():
    assert 'aria-label="&lt;b&gt;"' in trend([1, 2], "<b>")
    assert 'aria-label="&lt;b&gt;"' in qr("x", "<b>")


def test_qr_can_be_read_back():
    svg = qr("https://localhost/verify/0001", "核验")
    size = int(re.search(r'viewBox="0 0 (\d+) \1"', svg)[1])
    dark = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", svg)}
    import segno

    wanted = segno.make("https://localhost/verify/0001", error="m", micro=False).matrix
    assert size == len(wanted) + 8
    assert dark == {(4 + x, 4 + y) for y, row in enumerate(wanted) for x, bit in enumerate(row) if bit}
    assert "style" not in svg
