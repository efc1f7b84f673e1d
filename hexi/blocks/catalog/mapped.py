"""Open data sets on a map: rows with coordinates as points, rows of divisions counted by division. Beside queries."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from hexi.blocks.catalog.models import Entry
from hexi.blocks.catalog.queries import opened
from hexi.blocks.catalog.store.grammar import GROUP_ROWS, ROWS, Aggregate, All, Column, Compare, Fault, Query
from hexi.blocks.regions import mapped as grounds
from hexi.blocks.regions import queries as regions
from hexi.kernel import clock
from hexi.kernel.actors import Actor
from hexi.ui.maps import MOST, Drawing, Feature, Found, Layer, Look, Shown, Tile
from hexi.wire import geojson

#: rows held against an outline for one map: one after the other, while somebody waits
LOOKED_AT = 50_000
LON, LAT = ("lon", "lng", "longitude", "经度"), ("lat", "latitude", "纬度")


@dataclass(frozen=True)
class Placed:
    """The columns that say where: longitude and latitude, or a division's code; and one to call a row by."""

    code: str = ""
    lon: str = ""
    lat: str = ""
    name: str = ""


def placed(entry: Entry) -> Placed | None:
    """What of a data set can be put on a map; None if nothing can."""
    titles = {one.name: one.title for one in opened.items_of(entry)}  # Chinese, whatever the language of the page
    columns = [replace(one, title=titles.get(one.name, "")) for one in opened.askable(entry)]
    named = {one.name.lower(): one for one in columns} | {one.title: one for one in columns}
    lon = next((named[name].name for name in LON if name in named and named[name].number), "")
    lat = next((named[name].name for name in LAT if name in named and named[name].number), "")
    texts = [one for one in columns if one.text]
    code = next((one.name for one in texts if _is_code(one)), "")
    name = next((one.name for one in texts if one.name != code and one.name in ("name", "title", "名称")), "")
    if lon and lat and not opened.of_persons(entry):
        return Placed(code, lon, lat, name or (texts[0].name if texts else ""))
    return Placed(code=code, name=name) if code else None


def _is_code(one: Column) -> bool:
    """By its name or title: rows are not looked at for it."""
    plain = one.name.lower()
    return plain in ("region_code", "place_code", "division", "division_code", "area_code") or "区划代码" in one.title \
        or one.title in ("区划", "所在区划")  # fmt: skip


def drawing(entry: Entry, region: str) -> Drawing:
    """The map of a data set for a region. Raises `Fault` for a question that costs too much or cannot be limited."""
    where = placed(entry) or Placed()
    look = Look(region, clock.now())
    found = _points(entry, where, look) if where.lon else _counts(entry, where, look)
    layer = Layer("rows", entry.name, "point", _nothing, "", behind=lambda division: "")
    shown = Shown(layer, found)
    row = regions.find(region)
    base = grounds.base(region, ground=bool(where.lon))
    tiles = () if where.lon else _squares(entry, where, region, shown)
    return Drawing(row.title if row else "", tiles, (shown,), boundaries=base.boundaries, notes=base.notes)


def _nothing(actor: Actor, look: Look, most: int) -> Found:
    """The layer of one data set is found beforehand."""
    return Found()


def _inside(where: Placed, look: Look) -> Compare | None:
    """The rows of the region that is looked at, where a column says in which division each lies."""
    return Compare(where.code, "prefix", look.prefix) if look.prefix and where.code else None


def _points(entry: Entry, where: Placed, look: Look) -> Found:
    names = tuple(dict.fromkeys(name for name in (where.name, where.lon, where.lat) if name))
    ground = _ground(entry, where, look)
    if ground is None:
        page = opened.rows(entry, Query(fields=names, where=_inside(where, look), limit=MOST))
        found = list(_placed_rows(page.rows, names, where))
        return Found({"": page.total or len(found)}, tuple(found))
    inside = [one for one in _placed_rows(_boxed(entry, where, names, ground), names, where)
              if geojson.contains(ground, one.lon or 0, one.lat or 0)]  # fmt: skip
    return Found({"": len(inside)}, tuple(inside[:MOST]))


def _placed_rows(rows: Iterable[tuple[Any, ...]], names: Sequence[str], where: Placed) -> Iterator[Feature]:
    place = {name: number for number, name in enumerate(names)}
    for number, row in enumerate(rows):
        lon, lat = row[place[where.lon]], row[place[where.lat]]
        if _on_earth(lon, lat):
            yield Feature(
                str(number), str(row[place[where.name]] if where.name else number + 1), "", lon=lon, lat=lat
            )  # fmt: skip


def _boxed(entry: Entry, where: Placed, names: tuple[str, ...], ground: geojson.Shape) -> Iterator[tuple[Any, ...]]:
    """Every row in the box around the outline: how many lie inside it nobody knows before all were looked at.

    Raises `Fault` if they are more than one question may look at.
    """
    offset, total = 0, 1
    while offset < total:
        page = opened.rows(entry, Query(fields=names, where=_box(where, ground), limit=ROWS, offset=offset))
        total = page.total or 0
        if total > LOOKED_AT:
            told = _("这一带有 %(n)s 行，太多，不能逐行核对是否在界内。请给数据集加一列区划代码，或下载数据。")
            raise Fault("region", told % {"n": f"{total:,}"})
        yield from page.rows
        offset += ROWS


def _ground(entry: Entry, where: Placed, look: Look) -> geojson.Shape | None:
    """The outline rows must lie in, where no column says their division and less than the whole set is looked at.

    Raises `Fault` where nobody has drawn that outline: rows of elsewhere are not shown as if they were of here.
    """
    if where.code or entry.region_code.startswith(look.prefix):
        return None
    ground = grounds.outline(look.division)
    if ground is None:
        whole = regions.find(entry.region_code)
        told = _("这个数据集没有区划列，也没有导入这个地区的边界，不能只画这个地区。请改看“%(whole)s”的地图。")
        raise Fault("region", told % {"whole": whole.title if whole else entry.region_code})
    return ground


def _box(where: Placed, ground: geojson.Shape) -> All:
    west, south, east, north = geojson.box_of(ground)
    return All((
        Compare(where.lon, ">=", west), Compare(where.lon, "<=", east), Compare(where.lat, ">=", south),
        Compare(where.lat, "<=", north),
    ))  # fmt: skip


def _on_earth(lon: float | None, lat: float | None) -> bool:
    return lon is not None and lat is not None and -180 <= lon <= 180 and -90 <= lat <= 90


def _counts(entry: Entry, where: Placed, look: Look) -> Found:
    """Rows of each division below the one that is looked at."""
    figures = (Aggregate("count", "", "n"),)
    asked = Query(group=(where.code,), aggregates=figures, where=_inside(where, look), limit=GROUP_ROWS)
    counts: dict[str, int] = {}
    for code, n in opened.groups(entry, asked):
        if code:
            part = look.part(str(code).ljust(12, "0"))
            counts[part] = counts.get(part, 0) + n
    return Found(counts)


def _squares(entry: Entry, where: Placed, region: str, shown: Shown) -> tuple[Tile, ...]:
    href: Callable[[str], str] = lambda code: f"{reverse('catalog.dataset_map', args=[entry.slug])}?region={code}"  # noqa: E731
    return tuple(
        Tile(one.code, one.name, one.column, one.row, one.group, href(one.code),
             {shown.layer.key: n} if (n := shown.found.counts.get(one.code, 0)) else {})
        for one in grounds.squares(region)
    )  # fmt: skip


def title(entry: Entry) -> str:
    """The heading of the map."""
    return _("%(name)s：地图") % {"name": entry.name}
