"""Reading the hall: which items a region offers, by topic, life event and department, and the whole guide of one."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from hexi.blocks.cases import codes
from hexi.blocks.cases import queries as cases
from hexi.blocks.cases.definitions import Definition, definition
from hexi.blocks.cases.models import Case, Item
from hexi.blocks.regions.codes import ancestors, prefix
from hexi.blocks.regions.models import Site
from hexi.kernel import clock
from hexi.kernel.actors import Actor
from hexi.kernel.packs import Words

PERSON, CORPORATE = "person", "corporate"
#: 通办范围 that reaches beyond the province
ACROSS = ("cross_province", "nation")
TOPICS = {PERSON: codes.PERSON_TOPICS, CORPORATE: codes.CORPORATE_TOPICS}


def offered(region: str, site: Site | None = None) -> QuerySet[Item]:
    """Published items for somebody in this division: of its own offices, of those above it, and of those inside it."""
    reach = Q(region_code__in=ancestors(region)) | Q(region_code__startswith=prefix(region))
    items = Item.objects.filter(reach, status=Item.Status.PUBLISHED).select_related("version", "department")
    return (cases.at_site(items, site) if site else items).order_by("title", "region_code")


@dataclass(frozen=True)
class Offer:
    """An item with its parsed definition."""

    item: Item
    rules: Definition

    @property
    def title(self) -> Words:
        """Its name in both languages."""
        return self.rules.national.title

    def open_on(self, day: date) -> bool:
        """True if it can be applied for on that day."""
        return self.rules.national.offered(day) and self.rules.local.state == "in_force"


def offers(region: str, site: Site | None = None) -> list[Offer]:
    """Every offered item with its definition, in one query; one item a key (the nearest office stands for it)."""
    found: dict[str, Offer] = {}
    for item in offered(region, site):
        if item.version and (item.key not in found or _nearer(item, found[item.key].item, region)):
            found[item.key] = Offer(item, definition(item.version))
    return [one for one in found.values() if one.open_on(clock.today()) or one.rules.national.ending]


def offices(key: str, region: str, site: Site | None = None) -> list[Item]:
    """The offices that carry out an item for somebody in this division, the nearest first; at a site those it shows."""
    items = list(offered(region, site).filter(key=key))
    return sorted(items, key=lambda item: (not _above(item, region), -len(prefix(item.region_code)), item.region_code))


def to_book_for(key: str, region: str) -> Words | None:
    """The name of an item one can make an appointment for (支持预约办理) in this division; None if one cannot."""
    for item in offices(key, region):
        rules = definition(item.version)
        if rules.local.appointment:
            return rules.national.title
    return None


def open_cases(person_id: int, actor: Actor, most: int = 20) -> QuerySet[Case]:
    """A person's cases that are not over, as far as the actor may open them: his own and his bodies', newest first."""
    theirs = Q(applicant=person_id) | Q(applicant__representative=person_id)
    return cases.for_officials(actor).filter(theirs, ended_at=None).select_related("item").order_by("-pk")[:most]


def by_topic(found: list[Offer], side: str) -> list[tuple[str, Words, int]]:
    """(key, name, number of items) of every topic that has one; nothing empty is shown."""
    counts = Counter(key for one in found for key in getattr(one.rules.national.topics, side))
    return [(key, words, counts[key]) for key, words in TOPICS[side].items() if counts[key]]


def in_topic(found: list[Offer], side: str, key: str) -> list[Offer]:
    """The items of one topic."""
    return [one for one in found if key in getattr(one.rules.national.topics, side)]


def choosable(site: Site) -> list[tuple[str, str]]:
    """(key, name) of every item a site could show: of its region, or of its own office."""
    whole = Site(region_code=site.region_code, department=site.department)
    items = {item.key: item.name for item in offered(site.region_code, whole)}
    return sorted(items.items(), key=lambda pair: pair[1])


def across(found: list[Offer]) -> list[Offer]:
    """Those that people of other provinces can have done here (跨省通办)."""
    return [one for one in found if one.rules.local.reach in ACROSS]


def by_event(found: list[Offer]) -> list[tuple[str, Words, int]]:
    """(key, name, number of items) of every life event that has one."""
    counts = Counter(key for one in found for key in one.rules.national.life_events)
    return [(key, words, counts[key]) for key, words in codes.LIFE_EVENTS.items() if counts[key]]


def in_event(found: list[Offer], key: str) -> list[Offer]:
    """The items of one life event."""
    return [one for one in found if key in one.rules.national.life_events]


def by_department(found: list[Offer]) -> list[tuple[Any, int]]:
    """(department, number of items)."""
    counts = Counter(one.item.department for one in found)
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0].name))


def frequent(found: list[Offer], most: int = 8) -> list[Offer]:
    """The items with most cases, counted; those never used yet follow in order of name."""
    used = cases.received(one.item.pk for one in found)
    return sorted(found, key=lambda one: (-used.get(one.item.pk, 0), one.item.title))[:most]


def _above(item: Item, region: str) -> bool:
    return item.region_code in ancestors(region)


def _nearer(one: Item, other: Item, region: str) -> bool:
    """An office that serves the division comes before one inside it; of two that serve it, the lower one."""
    if _above(one, region) != _above(other, region):
        return _above(one, region)
    return _above(one, region) and len(prefix(one.region_code)) > len(prefix(other.region_code))
