"""Made-up maps for the gallery: squares of a cartogram, things on the ground in their states, ground under a pin."""

from django.utils.translation import gettext as _

from hexi.ui.maps import Drawing, Feature, Found, Ground, Layer, Shown, Tile
from hexi.wire.geojson import Shape

WEST, SOUTH, STEP = 97.0, 40.3, 0.01
STATES = ("done", "doing", "near", "overdue")
PLACE = "620981000000"


def _square(column: int, row: int) -> Shape:
    west, south = WEST + column * STEP, SOUTH + row * STEP
    return [[[[west, south], [west + STEP, south], [west + STEP, south + STEP], [west, south + STEP], [west, south]]]]


#: the shape that is drawn in the gallery: the third piece of ground, with one corner pulled out
SHAPE: Shape = [[[*_square(2, 0)[0][0][:2], [WEST + 3.3 * STEP, SOUTH + 0.5 * STEP], *_square(2, 0)[0][0][2:]]]]


def _layer(key: str, found: Found, kind: str = "point", colour: str = "azurite", *, standing: bool = False) -> Shown:
    title = _("网格") if kind == "polygon" else _("在办诉求")
    layer = Layer(key, title, kind, lambda actor, look, most: found, "", colour, standing=standing)
    return Shown(layer, found)


def _pieces() -> tuple[Feature, ...]:
    return tuple(
        Feature(f"piece{place}", _("第 %(n)s 片") % {"n": place + 1}, PLACE, shape=_square(place, 0),
                state="near" if place else "done", weight=1 + place)
        for place in range(2)
    )  # fmt: skip


def _things() -> tuple[Feature, ...]:
    return tuple(
        Feature(f"thing{place}", _("路灯不亮"), PLACE, "#ground", WEST + (place + 0.7) * STEP / 2, SOUTH + STEP / 2,
                state=state, word=str(place + 1), weight=1 + 4 * place)
        for place, state in enumerate(STATES)
    )  # fmt: skip


def map_drawings() -> dict[str, Drawing]:
    """The states by name."""
    counts = (0, 1, 12, 160)
    names = (_("玉门市"), _("敦煌市"), _("瓜州县"), _("金塔县"))
    made_up = (_("示例数据，不是真实的地方。"),)
    tiles = tuple(
        Tile(f"62098{n}000000", name, n % 2, n // 2, href="#tiles", counts={"counted": count} if count else {})
        for n, (name, count) in enumerate(zip(names, counts, strict=True))
    )
    found = Found({one.code: one.counts["counted"] for one in tiles if one.counts})
    pieces = Found({PLACE: 2}, _pieces())
    ground = (
        _layer("pieces", pieces, "polygon", "malachite", standing=True),
        _layer("things", Found({PLACE: 4}, _things())),
    )
    calm = Tile(PLACE, names[0], 0, 0)
    return {
        "tiles": Drawing(_("酒泉市"), tiles, (_layer("counted", found),), notes=made_up),
        "ground": Drawing(_("下西号镇"), layers=ground, notes=made_up),
        "empty": Drawing(_("玉门市"), (calm,), (_layer("nothing", Found()),), notes=made_up),
        "beside": Drawing(_("酒泉市"), tiles, (_layer("counted-beside", found),), notes=made_up),
    }


def map_ground() -> Ground:
    """Two named pieces of ground."""
    box = (WEST - STEP, SOUTH - STEP, WEST + 4 * STEP, SOUTH + 2 * STEP)
    return Ground("", _pieces(), box, notes=(_("示例数据，不是真实的地方。"),))
