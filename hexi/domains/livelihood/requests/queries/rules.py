"""Which hotline serves a place, what limits hold, which classes match."""

from datetime import date
from functools import cache
from typing import Any

from hexi.blocks.regions import codes
from hexi.domains.livelihood.requests.models import (
    Hotline,
    Request,
    Subject,
    TimeLimit,
    in_force,
)
from hexi.domains.livelihood.requests.ports import Matter
from hexi.kernel.actors import Actor
from hexi.kernel.fixed import Fixed, Given


def hotline_for(place_code: str) -> Hotline | None:
    """The hotline of a place: that of the nearest region above it."""
    line = codes.ancestors(place_code) if codes.is_code(place_code) else ()
    found = {one.region_code: one for one in _HOTLINES.all()} if line else {}
    return next((found[code] for code in reversed(line) if code in found), None)


#: one a county at most: few, and all of them asked for with the same words
_HOTLINES = Fixed(lambda: Hotline.objects.select_related("department").order_by("region_code"))


def hotlines_of(actor: Actor, verb: str) -> list[Hotline]:
    """The hotlines an official works for."""
    return [one for one in _HOTLINES.all() if actor.may(verb, one.department_id, one.region_code)]


def hotline_of(actor: Actor, verb: str, code: str) -> Hotline | None:
    """The hotline of that region, if an official works for it; else his first."""
    mine = hotlines_of(actor, verb)
    return next((one for one in mine if one.region_code == code), next(iter(mine), None))


def limit_for(region: str, subject: str, type: str, day: date) -> TimeLimit:
    """The most special limit in force: class before type before region before the newest. `LookupError` if none."""
    line = {f"code{n}": code for n, code in enumerate(codes.ancestors(region))}
    rows = _limits(len(line)).all(day=day, type=type, **line)
    fitting = [one for one in rows if subject.startswith(one.subject)]
    if not fitting:
        raise LookupError(f"no limit for {region} {subject} {type}")
    return max(fitting, key=lambda one: (len(one.subject), bool(one.type), codes.level_of(one.region_code or "0" * 12),
                                         one.valid_from))  # fmt: skip


@cache
def _limits(depth: int) -> Fixed[TimeLimit]:
    """Those of a region so deep and those above it."""
    line: list[Any] = ["", *(Given(f"code{n}") for n in range(depth))]
    rows = TimeLimit.objects.filter(in_force(Given("day")), region_code__in=line, type__in=["", Given("type")])
    return Fixed(lambda: rows)


def subjects() -> list[Subject]:
    """The classes in force, parents before children."""
    return list(Subject.objects.filter(active=True))


def subject_path(code: str) -> list[Subject]:
    """A class and those above it, top first. One query."""
    above = {f"code{length}": code[:length] for length in range(1, len(code) + 1)}
    found = {one.code: one for one in _path(len(above)).all(**above)}
    line, row = [], found.get(code)
    while row is not None:
        line.append(row)
        row = found.get(row.parent_code)
    return line[::-1]


@cache
def _path(length: int) -> Fixed[Subject]:
    above = [Given(f"code{n}") for n in range(1, length + 1)]
    return Fixed(lambda: Subject.objects.filter(code__in=above))


def subjects_like(text: str, most: int = 8) -> list[Subject]:
    """Classes whose title or word stands in a text or begins with it: for type-ahead, last level first."""
    text = text.strip()
    if not text:
        return []
    scored = []
    for one in subjects():
        names = [one.title, one.title_en.lower(), *one.words]
        hits = sum(len(name) for name in names if name and (name in text or text.lower() in name))
        if hits:
            scored.append((hits, one.level, one))
    scored.sort(key=lambda row: (-row[0], -row[1], row[2].code))
    return [one for _hits, _level, one in scored[:most]]


def matter(request: Request) -> Matter:
    """What proposers may know of an order."""
    lat, lon = (None if value is None else float(value) for value in (request.lat, request.lon))
    return Matter(
        request.text, request.type, request.case.subject, request.place_code, lat, lon, request.hotline_region
    )
