"""Base maps taken in: boundaries with their approval number, buildings, cartograms, made-up blocks. As operations."""

import hashlib
import json
import random
import re
from collections.abc import Iterable, Mapping, Sequence
from math import cos, radians
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.audit import operations as audit
from hexi.blocks.regions import codes
from hexi.blocks.regions.models import BaseMap, Division
from hexi.kernel import clock
from hexi.kernel.actors import Actor, require
from hexi.kernel.remembered import forget
from hexi.ui.words import english
from hexi.wire import geojson

EDIT = "regions.edit"
#: where a place of this country can lie: west, south, east, north; swapped longitude and latitude do not pass
COUNTRY: geojson.Box = (73.0, 3.0, 136.0, 54.0)
LIMITS = geojson.Limits(octets=10_000_000, features=20_000, points=300_000, box=COUNTRY)
#: GS（2019）3266号, 甘S（2021）12号, GS京（2022）0001号
APPROVAL = re.compile(r"[A-Z\u4e00-\u9fff]{2,6}\s?[(（〔\[][0-9]{4}[)）〕\]]\s?[0-9]{1,6}\s?号")
#: metres: of a building whose height is not given, of a storey, and the most that is believed
USUAL, STOREY, TALLEST = 9.0, 3.0, 700.0
Rows = Sequence[Mapping[str, Any]]


def import_boundaries(
    content: bytes, *, region: str, title: str, approval: str, source: str, by: Actor, name: str = ""
) -> BaseMap:
    """Take in the boundaries of divisions of a region as GeoJSON: property `code` (6 to 12 digits) in each feature.

    All or nothing. Raises `Denied`; `ValidationError` with every fault: no approval number, no such division, a ring
    that is open or crosses itself, a point out of range.
    """
    require(by, EDIT, region=region)
    if not APPROVAL.fullmatch(approval.strip()):
        raise ValidationError({"approval": _("请填写审图号，例如 GS（2019）3266号。没有审图号的边界不能使用。")})
    reading = _read(content)
    wanted = {one.number: _code(one.facts.get("code")) for one in reading.features}
    known = set(
        Division.objects.current().under(region).filter(code__in=wanted.values()).values_list("code", flat=True)
    )
    for one in reading.features:
        if wanted[one.number] not in known:
            said = str(one.facts.get("code", ""))[:20]
            reading.say(one.number, f"属性 code“{said}”不是这个地区里现行的区划代码。",
                        f"code {said!r} is no division in force inside the region")  # fmt: skip
    _refuse(reading)
    rows = [{"code": wanted[one.number], "shape": geojson.turned(one.shape)} for one in reading.features]
    return _put(BaseMap.Kind.BOUNDARIES, rows, region=region, title=title, source=source, by=by,
                approval=approval.strip(), file=name)  # fmt: skip


def import_buildings(
    content: bytes, *, region: str, title: str, source: str, by: Actor, approval: str = "", name: str = ""
) -> BaseMap:
    """Take in buildings of a region: property `height` in metres, or `levels`. All or nothing, as for boundaries."""
    require(by, EDIT, region=region)
    if approval.strip() and not APPROVAL.fullmatch(approval.strip()):
        raise ValidationError({"approval": _("审图号的写法不对，例如 GS（2019）3266号。")})
    reading = _read(content)
    _refuse(reading)
    rows = [{"height": _height(one.facts), "shape": geojson.turned(one.shape)} for one in reading.features]
    return _put(BaseMap.Kind.BUILDINGS, rows, region=region, title=title, source=source, by=by,
                approval=approval.strip(), file=name)  # fmt: skip


def put_tiles(places: Mapping[str, tuple[int, int]], *, region: str, title: str, title_en: str, by: Actor) -> BaseMap:
    """Put a cartogram into force: code → column and row. The same one again changes nothing."""
    require(by, EDIT, region=region)
    rows = [{"code": code, "at": list(at)} for code, at in sorted(places.items())]
    source = "自绘示意图，方格不表示真实位置、形状和边界"
    return _put(BaseMap.Kind.TILES, rows, region=region, title=title, title_en=title_en, source=source, by=by)


def put_blocks(
    *, region: str, title: str, title_en: str, west: float, north: float, columns: int, rows: int, by: Actor
) -> BaseMap:
    """Make up blocks of buildings, the same each time, for a demo: marked as synthetic wherever they are shown."""
    require(by, EDIT, region=region)
    made = list(_blocks(west, north, columns, rows))
    return _put(BaseMap.Kind.BUILDINGS, made, region=region, title=title, title_en=title_en,
                source="程序生成，不是真实建筑", synthetic=True, by=by)  # fmt: skip


def _read(content: bytes) -> geojson.Reading:
    reading = geojson.read(content, LIMITS)
    if not reading.features:
        _refuse(reading)
    return reading


def _refuse(reading: geojson.Reading) -> None:
    if reading.wrong:
        said = [one.en if english() else one.zh for one in reading.wrong]
        places = [_("第 %(n)s 个要素：") % {"n": one.number} if one.number else "" for one in reading.wrong]
        raise ValidationError({"file": [place + words for place, words in zip(places, said, strict=True)]})


def _code(given: Any) -> str:
    text = str(given if isinstance(given, (int, str)) else "")
    return text.ljust(12, "0") if text.isascii() and text.isdecimal() and 2 <= len(text) <= 12 else ""


def _height(facts: Mapping[str, Any]) -> float:
    for key, metres in (("height", 1.0), ("levels", STOREY)):
        value = facts.get(key)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value <= TALLEST / metres:
            return round(float(value) * metres, 1)
    return USUAL


def _put(
    kind: BaseMap.Kind, rows: Rows, *, region: str, title: str, source: str, by: Actor, approval: str = "",
    title_en: str = "", synthetic: bool = False, file: str = "",
) -> BaseMap:  # fmt: skip
    """Let a base map take the place of the one in force; who, when and what is logged. The same one again stays."""
    if not codes.is_code(region) or not title.strip() or not source.strip():
        raise ValidationError(_("请填写地区、名称和来源。"))
    digest = hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()
    facts = {"region": region, "features": len(rows), "approval": approval, "file": file, "digest": digest}
    with audit.change(by, f"regions.{kind}", **facts) as note:
        held = BaseMap.objects.select_for_update().filter(kind=kind, region_code=region, ended_at=None).first()
        if held is not None and (held.digest, held.title, held.approval) == (digest, title, approval):
            note.thing = held
            return held
        if held is not None:
            held.ended_at = clock.now()
            held.save(update_fields=["ended_at"])
        made = BaseMap(
            kind=kind, region_code=region, title=title.strip(), title_en=title_en, approval=approval,
            source=source.strip(), synthetic=synthetic, features=list(rows), box=_box(rows), digest=digest,
            by_name=by.name, at=clock.now(),
        )  # fmt: skip
        made.full_clean(exclude=["features", "box", "ended_at"])
        made.save()
        note.thing = made
    forget()
    return made


def end(row: BaseMap, *, by: Actor) -> None:
    """Take a base map out of force: pages show the cartogram again. Ended twice, it stays as it was."""
    require(by, EDIT, region=row.region_code)
    with audit.change(by, "regions.end_base_map", row):
        BaseMap.objects.filter(pk=row.pk, ended_at=None).update(ended_at=clock.now())
    forget()


def _box(rows: Rows) -> list[float]:
    boxes = [geojson.box_of(row["shape"]) for row in rows if "shape" in row]
    if not boxes:
        return []
    return [min(one[0] for one in boxes), min(one[1] for one in boxes),
            max(one[2] for one in boxes), max(one[3] for one in boxes)]  # fmt: skip


#: degrees of latitude of one block with its street, and how much of it is built on
BLOCK, BUILT = 0.00125, 0.72


def _blocks(west: float, north: float, columns: int, rows: int) -> Iterable[dict[str, Any]]:
    """Blocks in rows along streets: each cut into one to four buildings of two to nine storeys."""
    dice = random.Random(f"{west}:{north}:{columns}:{rows}")  # noqa: S311 - made up, the same each time
    wide = BLOCK / cos(radians(north))
    for row in range(rows):
        for column in range(columns):
            if dice.random() < 0.12:
                continue  # a square or a park
            x, y = west + column * wide, north - row * BLOCK
            yield from _block(dice, x, y, wide * BUILT, BLOCK * BUILT)


def _block(dice: random.Random, x: float, y: float, wide: float, high: float) -> Iterable[dict[str, Any]]:
    across, down = dice.choice(((1, 1), (2, 1), (1, 2), (2, 2)))
    for i in range(across):
        for j in range(down):
            a, b = x + wide * i / across, y - high * j / down
            c, d = a + wide / across * 0.8, b - high / down * 0.8
            ring = [[a, d], [c, d], [c, b], [a, b], [a, d]]
            corners = [[round(p, geojson.DIGITS), round(q, geojson.DIGITS)] for p, q in ring]
            yield {"height": STOREY * dice.choice((2, 3, 3, 4, 5, 6, 6, 9)), "shape": [[corners]]}
