"""Reading bundles (一件事): what a region offers, one's own, the one a case belongs to. Beside queries."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from django.db.models import Prefetch, Q, QuerySet

from hexi.blocks.calendars.clocks import Limit
from hexi.blocks.cases.bundles import BundleFile, Composed, compose
from hexi.blocks.cases.definitions import Definition, definition
from hexi.blocks.cases.items import said
from hexi.blocks.cases.models import Bundle, BundlePart, BundleVersion, Case, Item, ItemVersion
from hexi.blocks.cases.parties import own, persons, scopes
from hexi.blocks.regions.codes import ancestors, prefix
from hexi.kernel import clock, packs
from hexi.kernel.actors import Actor
from hexi.kernel.fixed import Fixed, Given

_composed: dict[str, Composed] = {}


@dataclass(frozen=True)
class Offer:
    """A bundle as one region offers it now: every item by the region's own office."""

    file: BundleFile
    region_code: str
    items: dict[str, Item]

    @cached_property
    def rules(self) -> dict[str, Definition]:
        """Each item's text."""
        return {key: definition(item.version) for key, item in self.items.items() if item.version}

    @cached_property
    def whole(self) -> Composed:
        """The bundle as one application."""
        return compose(self.file, {key: rules.national for key, rules in self.rules.items()})

    @cached_property
    def digest(self) -> str:
        """The hash of its whole text."""
        versions = {key: item.version.digest for key, item in self.items.items() if item.version}
        return packs.digest({"bundle": said(self.file), "items": versions})


def shipped() -> dict[str, BundleFile]:
    """The bundles of all packs, by key; read again only when a file changed."""
    return _read(tuple((path, path.stat().st_mtime_ns) for path in packs.files("bundles")))


@lru_cache(maxsize=1)
def _read(files: tuple[tuple[Path, int], ...]) -> dict[str, BundleFile]:
    return {one.key: one for one in (packs.read(path, BundleFile) for path, _stamp in files)}


def offers(region: str) -> list[Offer]:
    """What somebody in this division can apply for, each by the nearest region that does all of it. One query."""
    found: dict[str, Offer] = {}
    for offer in everywhere():
        if _serves(offer, region) and (offer.file.key not in found or _nearer(offer, found[offer.file.key], region)):
            found[offer.file.key] = offer
    return list(found.values())


def offer(key: str, region: str) -> Offer | None:
    """One bundle for somebody in this division."""
    return next((one for one in offers(region) if one.file.key == key), None)


def offered_at(key: str, region_code: str) -> Offer | None:
    """A bundle as this very region offers it now."""
    return next((one for one in everywhere() if (one.file.key, one.region_code) == (key, region_code)), None)


def everywhere() -> Iterator[Offer]:
    """Each bundle in each region that offers all its items. One query."""
    files = shipped()
    wanted = {part.item for file in files.values() for part in file.items}
    rows = Item.objects.filter(key__in=wanted, status=Item.Status.PUBLISHED).select_related("version", "department")
    by_region: dict[str, dict[str, Item]] = {}
    today = clock.today()
    for item in rows if wanted else ():
        if item.version and definition(item.version).national.offered(today):
            by_region.setdefault(item.region_code, {})[item.key] = item
    for file in files.values():
        for region, items in sorted(by_region.items()):
            if all(part.item in items for part in file.items):
                yield Offer(file, region, {part.item: items[part.item] for part in file.items})


def composed(version: BundleVersion) -> Composed:
    """The text an application keeps, as one application; parsed once a process."""
    found = _composed.get(version.digest)
    if found is None:
        if len(_composed) > 200:
            _composed.clear()
        rows = ItemVersion.objects.filter(pk__in=version.versions.values()).select_related("item")
        items = {one.item.key: definition(one).national for one in rows}
        found = _composed[version.digest] = compose(BundleFile.model_validate(version.definition), items)
    return found


def mine(actor: Actor) -> QuerySet[Bundle]:
    """One's own bundles, those of bodies one represents and of whom one acts for in all their items, newest first."""
    found = Q(applicant__in=persons(actor))
    for person, items in scopes(actor).items():
        theirs = Q(applicant=person)
        if items is not None:
            beyond = BundlePart.objects.filter(bundle__applicant=person).exclude(item__in=sorted(items))
            theirs &= ~Q(pk__in=beyond.values("bundle"))
        found |= theirs
    return with_parts(Bundle.objects.filter(found)).order_by("-id")


def mine_cases(actor: Actor, bundle: Bundle) -> set[int]:
    """Which of its cases the actor may open as his own: those of the new enterprise too."""
    return set(Case.objects.filter(own(actor), bundle_part__bundle=bundle).values_list("pk", flat=True))


def with_parts(bundles: QuerySet[Bundle]) -> QuerySet[Bundle]:
    """With everything a page of them shows: three queries, whatever their number."""
    parts = BundlePart.objects.select_related("case", "case__department", "version__item", "version__item__department")
    return bundles.select_related("version", "applicant").prefetch_related(Prefetch("parts", parts))


def of_case(case: Case) -> Bundle | None:
    """The bundle a case belongs to."""
    return with_parts(Bundle.objects.filter(parts__case=case)).first()


def promised(case: Case, rules: Definition) -> Limit:
    """承诺办结时限 of this case: within a bundle it may be shorter."""
    part = _PART.first(case=case.pk)
    if part is not None and (limit := composed(part.bundle.version).file.part(part.item).promised):
        return limit.limit
    return rules.promised


_PART = Fixed(lambda: BundlePart.objects.filter(case_id=Given("case")).select_related("bundle__version").order_by("pk"))


def _serves(offer: Offer, region: str) -> bool:
    return offer.region_code in ancestors(region) or offer.region_code.startswith(prefix(region))


def _nearer(one: Offer, other: Offer, region: str) -> bool:
    above = ancestors(region)
    if (one.region_code in above) != (other.region_code in above):
        return one.region_code in above
    return one.region_code in above and len(prefix(one.region_code)) > len(prefix(other.region_code))
