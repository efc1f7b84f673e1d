"""Whom an alert would find if it were published now: counted, nobody told. Beside queries."""

import logging
from dataclasses import dataclass, replace

from django.db import transaction

from hexi.blocks.alerts import areas
from hexi.blocks.alerts.areas import Area, Piece
from hexi.blocks.alerts.definitions import colour
from hexi.blocks.alerts.models import Alert, Kind, Status
from hexi.blocks.alerts.reach import OWN, Reach, reaches
from hexi.blocks.people.models import Account, Person
from hexi.blocks.regions.models import Division

log = logging.getLogger(__name__)
#: of one kind no more are counted
MOST = 20_000


@dataclass(frozen=True)
class Foreseen:
    """Divisions named or touched, how many of each kind (by key), different people told.

    `cut`: the kinds of which there are more than are counted.
    """

    divisions: int
    kinds: dict[str, int]
    people: int
    cut: frozenset[str] = frozenset()


def who(whom: Account | Person | None) -> tuple[str, int] | None:
    """One human being, whether by account or as a person."""
    if isinstance(whom, Account):
        return ("person", whom.person_id) if whom.person_id else ("account", whom.pk)
    return ("person", whom.pk) if whom else None


def foreseen(alert: Alert) -> Foreseen:
    """Ask every kind, those of the ground first, as `reaching.reach` does."""
    area, kinds = _area(alert), reaches()
    counts: dict[str, int] = {}
    cut: set[str] = set()
    touched: set[str] = set()
    people: set[tuple[str, int] | None] = set()
    for key, one in sorted(kinds.items(), key=lambda pair: not pair[1].ground):
        if not one.ground and (area.polygons or area.circles):
            area = replace(area, touched=tuple(sorted(touched)))
        found = _found(key, one, area)
        cut |= {key} if len(found) > MOST else set()
        for region, whom in found[:MOST]:
            counts[key] = counts.get(key, 0) + 1
            touched |= {region} - {""} if one.ground else set()
            people.add(whom)
    divisions = {*_current(area), *touched}
    told = {key: counts[key] for key in kinds if key in counts}
    return Foreseen(len(divisions), told, len(people - {None}), frozenset(cut))


def finds_nothing(alert: Alert) -> bool:
    """True for a first alert that touches no division in force and nothing drawn, though its region has ground drawn.

    Where no ground is drawn a shape touches none wherever it lies: that is no sign of a wrong shape, and those who look
    after the region hear of it all the same. What cannot be asked just now may well be there. A test tells nobody
    anyway.
    """
    if alert.kind != Kind.ALERT or alert.status == Status.TEST:
        return False
    area = _area(alert)
    return not _current(area) and not _on_ground(area) and _has_ground(area)


def idle(alert: Alert) -> list[str]:
    """The names of its shapes that touch nothing this site knows, be there others that do."""
    drawn = [one for one in alert.areas if one["polygon"] or one["circle"]]
    rank = colour(alert.colour).rank
    return [Piece.of(one).title for one in drawn if not _on_ground(areas.area_of([one], alert.region_code, rank))]


def _on_ground(area: Area) -> bool:
    """True if anything that knows its place is found; villages, posts and contacts are found by division alone."""
    own = {one.key for one in OWN}
    return any(_finds(one, area) for key, one in reaches().items() if key not in own)


def _has_ground(area: Area) -> bool:
    """True if ground is drawn anywhere in the issuing region."""
    whole = Area((area.region,), (), (), area.region, area.rank)
    return any(_finds(one, whole, unknown=False) for one in reaches().values() if one.ground)


def _area(alert: Alert) -> Area:
    return areas.area_of(alert.areas, alert.region_code, colour(alert.colour).rank)


def _current(area: Area) -> set[str]:
    return set(Division.objects.current().filter(code__in=area.codes).values_list("code", flat=True))


def _found(key: str, one: Reach, area: Area) -> list[tuple[str, tuple[str, int] | None]]:
    """Division and person of each target once, one more than MOST at most.

    A kind that cannot be asked finds none here, and is asked again when it is published. In a savepoint: an error of
    the database ends no more than the question.
    """
    found: dict[str, tuple[str, tuple[str, int] | None]] = {}
    try:
        with transaction.atomic():
            for target in one.find(area):
                if area.reaches(target.region):
                    found.setdefault(target.ref, (target.region, who(target.whom)))
                if len(found) > MOST:
                    break
    except Exception:
        log.exception("%s cannot be foreseen", key)
        return []
    return list(found.values())


def _finds(one: Reach, area: Area, unknown: bool = True) -> bool:
    """True if it finds any; `unknown` if it cannot be asked."""
    try:
        with transaction.atomic():
            return any(area.reaches(target.region) for target in one.find(area))
    except Exception:
        log.exception("%s cannot be foreseen", one.key)
        return unknown
