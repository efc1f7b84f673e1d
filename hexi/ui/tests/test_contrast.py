"""Every pair of text and ground in every theme reaches 4.5:1, computed from the tokens themselves; high contrast 7:1."""

import re

import pytest

from hexi.ui.assets import HOME

TOKENS = (HOME / "static/ui/src/scss/_tokens.scss").read_text("utf-8")
GROUNDS = ("paper", "card")
COLOURS = ("azurite", "malachite", "ochre", "cinnabar")
PAIRS = [
    *(
        (text, ground)
        for ground in GROUNDS
        for text in ("ink", "ink-soft", *COLOURS, "azurite-hover", "cinnabar-hover")
    ),
    *((colour, f"{colour}-tint") for colour in COLOURS),
    *((text, f"{colour}-tint") for colour in COLOURS for text in ("ink", "ink-soft")),
    *(("on", ground) for ground in (*COLOURS, "azurite-hover", "cinnabar-hover")),
    ("azurite-hover", "azurite-tint"),
    ("azurite", "azurite-tint"),
    ("indigo-ink", "indigo"),
    ("indigo-soft", "indigo"),
]


def theme(name):
    block = re.search(rf"\${name}: \((.*?)\);", TOKENS, re.DOTALL)[1]
    return dict(re.findall(r"([a-z-]+): (#[0-9A-Fa-f]{6})", block))


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    """WCAG 2.2, relative luminance."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_formula():
    assert contrast("#000000", "#FFFFFF") == 21
    assert round(contrast("#767676", "#FFFFFF"), 2) == 4.54


@pytest.mark.parametrize("name", ["light", "dark", "contrast", "wall"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_can_be_read(name, text, ground):
    values = theme(name)
    assert contrast(values[text], values[ground]) >= (7 if name == "contrast" else 4.5)


def test_themes_have_the_same_names():
    assert set(theme("light")) == set(theme("dark")) == set(theme("contrast")) == set(theme("wall"))


def test_light_values_are_those_of_the_look():
    wanted = {
        "paper": "#FBF8F2", "card": "#FFFFFF", "line": "#E4DCCB", "ink": "#1F2933", "ink-soft": "#52606D",
        "azurite": "#1D4E89", "azurite-hover": "#163D6C", "azurite-tint": "#E8EEF6",
        "malachite": "#2A7052", "malachite-tint": "#E6F1EB", "ochre": "#8A5A12", "ochre-tint": "#F7EEDC",
        "cinnabar": "#B3372B", "cinnabar-tint": "#FBE9E6", "indigo": "#14213D",
    }  # fmt: skip
    assert {name: theme("light")[name] for name in wanted} == wanted


def test_no_colour_is_written_outside_the_tokens():
    allowed = {"#fff", "#000", "#999"}  # paper under codes, scans and print
    found = {
        colour
        for path in (HOME / "static/ui/src").rglob("*.scss")
        if path.name != "_tokens.scss"
        for colour in re.findall(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)", path.read_text("utf-8"))
    }
    assert found <= allowed
