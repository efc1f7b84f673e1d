"""Where an alert holds: divisions, polygons, circles; as stored, as CAP writes it, as `Reach` asks. Beside models."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from hexi.blocks.regions import codes
from hexi.kernel.packs import Words
from hexi.ui.words import english
from hexi.wire.cap import model, shapes
from hexi.wire.cap.faults import Fault

#: areas of one alert, and points of all its polygons: more belong into several alerts
MOST, MOST_POINTS = 50, 2000


@dataclass(frozen=True)
class Piece:
    """One part of an area: a division by its 12-digit code, or a polygon or circle as CAP writes them."""

    name: Words
    code: str = ""
    polygon: str = ""
    circle: str = ""

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Piece":
        """As it lies in the database."""
        return cls(Words(zh=stored["zh"], en=stored["en"]), stored["code"], stored["polygon"], stored["circle"])

    def stored(self) -> dict[str, str]:
        """As it is put into the database."""
        return {
            "zh": self.name.zh, "en": self.name.en, "code": self.code, "polygon": self.polygon, "circle": self.circle,
        }  # fmt: skip

    @property
    def title(self) -> str:
        """Its name in the language of the page."""
        return self.name.en if english() and self.name.en else self.name.zh

    def cap(self, language: str) -> model.Area:
        """As CAP writes it. Down to the county the code is that of GB/T 2260, six digits; below, the twelve digits."""
        coarse = codes.level_of(self.code) <= codes.COUNTY
        pair = model.Pair("GB/T 2260", self.code[:6]) if coarse else model.Pair("统计用区划代码", self.code)
        return model.Area(
            self.name.en if language == "en" and self.name.en else self.name.zh,
            polygons=(self.polygon,) if self.polygon else (), circles=(self.circle,) if self.circle else (),
            geocodes=(pair,) if self.code else (),
        )  # fmt: skip


def checked(piece: Piece) -> Piece:
    """The piece, tidied. Raises `ValidationError` naming `code`, `polygon`, `circle` or `name`."""
    given = [piece.code, piece.polygon, piece.circle]
    if sum(map(bool, given)) != 1:
        raise ValidationError({"shape": _("请给出一个地区、一个多边形或者一个圆。")})
    if not piece.name.zh.strip():
        raise ValidationError({"name": _("请给这块区域起个名字，公众会看到，例如“昌马河下游两岸”。")})
    polygon, circle = " ".join(piece.polygon.split()), " ".join(piece.circle.split())
    if polygon.count(" ") >= MOST_POINTS:
        raise ValidationError({"polygon": _("多边形最多 %(n)s 个点，请简化。") % {"n": MOST_POINTS}})
    for field, faults in (
        ("polygon", shapes.polygon_faults(polygon, "polygon") if polygon else []),
        ("circle", shapes.circle_faults(circle, "circle") if circle else []),
    ):
        if faults:
            raise ValidationError({field: [said(one) for one in faults]})
    return Piece(piece.name, piece.code, polygon, circle)


def said(fault: Fault) -> str:
    """A fault in the language of the page."""
    return fault.en if english() else fault.zh


@dataclass(frozen=True)
class Area:
    """What `Reach` is asked with: the union of all pieces, the issuing region, how bad it is (`rank` of the colour).

    `touched`: divisions of which a shape covers some ground, as far as a `Reach` with `ground` found them.
    """

    codes: tuple[str, ...]
    polygons: tuple[shapes.Polygon, ...]
    circles: tuple[shapes.Circle, ...]
    region: str
    rank: int
    touched: tuple[str, ...] = ()

    def contains(self, latitude: float, longitude: float) -> bool:
        """True if the point lies in one of the shapes. Divisions have no outlines here: ask `covers` with a code."""
        return any(shape.contains(latitude, longitude) for shape in (*self.polygons, *self.circles))

    def covers(self, code: str) -> bool:
        """True if a division lies wholly inside one of the divisions."""
        return any(code.startswith(codes.prefix(one)) for one in self.codes)

    def reaches(self, code: str) -> bool:
        """True for a division inside the issuing region or one of the divisions, or above one of them.

        A shape has no division whose right could be asked: it may be drawn beyond the issuing region and warns nobody
        there.
        """
        start = codes.prefix(code)
        return any(code.startswith(codes.prefix(one)) or one.startswith(start) for one in (self.region, *self.codes))

    def touching(self, column: str = "region_code", least: int = codes.COUNTY) -> Q:
        """A filter for rows of divisions inside the area, and of those above it down from the level `least`."""
        found = Q(pk__in=())
        for code in self.codes:
            start, beyond = codes.span(code)
            above = [one for one in codes.ancestors(code) if codes.level_of(one) >= least]
            found |= Q(**{f"{column}__gte": start, f"{column}__lt": beyond}) | Q(**{f"{column}__in": above})
        if (
            self.polygons or self.circles
        ):  # no outlines of divisions: those found, and who looks after the issuing region
            above = {up for one in self.touched for up in codes.ancestors(one) if codes.level_of(up) >= least}
            found |= Q(**{f"{column}__in": sorted({self.region, *self.touched, *above})})
        return found


def area_of(pieces: Iterable[Mapping[str, Any]], region: str, rank: int) -> Area:
    """The union of stored pieces."""
    found = [Piece.of(one) for one in pieces]
    polygons = [shapes.polygon(one.polygon) for one in found if one.polygon]
    circles = [shapes.circle(one.circle) for one in found if one.circle]
    return Area(
        tuple(one.code for one in found if one.code), tuple(one for one in polygons if one),
        tuple(one for one in circles if one), region, rank,
    )  # fmt: skip


def names(pieces: Iterable[Mapping[str, Any]]) -> Words:
    """The names of the pieces in one line, in both languages."""
    found = [Piece.of(one).name for one in pieces]
    return Words(zh="、".join(one.zh for one in found), en=", ".join(one.en or one.zh for one in found))
