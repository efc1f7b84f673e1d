"""The demo's catalogue: a region's story of entries, told through the operations. All made up; stands beside jobs."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import Field

from hexi.blocks.catalog import jobs
from hexi.blocks.catalog.models import Entry
from hexi.blocks.catalog.operations import entries, exchange, following
from hexi.blocks.people.models import Account
from hexi.blocks.people.queries import actor_for
from hexi.blocks.regions.models import Department
from hexi.kernel import clock, packs
from hexi.kernel.actors import Actor, System
from hexi.kernel.packs import PackModel

BY = System("demo")
#: of a line, what is not said of the entry itself
ABOUT = {"department", "classification", "refreshed_days", "waits", "keywords"}


class EntryLine(PackModel, extra="allow"):
    """One entry: whose, and what is said of it (`content.FIELDS`, checked when it is written)."""

    department: str
    classification: str
    refreshed_days: int | None = Field(None, description="days since its rows were last brought up to date")
    waits: bool = False
    keywords: list[str] = []
    items: list[dict[str, Any]] = []

    @property
    def said(self) -> dict[str, Any]:
        """What is said of the entry."""
        return self.model_dump(exclude=ABOUT) | {"keywords": "\n".join(self.keywords)}


class ChangeLine(PackModel):
    """A change of a published entry that waits to be checked: items it adds."""

    title: str
    why: str
    items: list[dict[str, Any]]


class ServiceLine(PackModel):
    """What a system offers: an address, or the rows of an entry (by its title)."""

    code: str
    title: str
    title_en: str
    url: str = ""
    entry: str = ""


class SystemLine(PackModel):
    """A system of a department that takes part in the exchange."""

    department: str
    code: str
    title: str
    title_en: str
    services: list[ServiceLine] = []


class GroupLine(PackModel):
    """Systems, by their codes, that may call a service (system/service) together."""

    code: str
    title: str
    title_en: str
    systems: list[str]
    may: list[str]


class ExchangeStory(PackModel):
    """Our own gateway, who takes part behind it, who may call what."""

    code: str
    title: str
    title_en: str
    url: str
    region: str
    systems: list[SystemLine]
    groups: list[GroupLine] = []


class StoryFile(PackModel):
    """A file `packs/<region>/dataset_stories/*.yaml`; the people by their user names."""

    steward: str
    head: str
    follower: str
    entries: list[EntryLine]
    changes: list[ChangeLine] = []
    exchange: ExchangeStory | None = None


def load(path: Path, story: StoryFile) -> None:
    """Nothing: a story is told by `hexi demo` alone; here it is only checked."""


def tell() -> int:
    """Once, where its departments and people are there; how many entries and changes were told."""
    if Entry.objects.filter(origin="").exists():
        return 0
    told = sum(_tell(packs.read(path, StoryFile)) for path in packs.files("dataset_stories"))
    if told:
        jobs.measure()
    return told


def _tell(story: StoryFile) -> int:
    offices = {one.key: one for one in Department.objects.filter(active=True)}
    names = {story.steward, story.head, story.follower}
    accounts = Account.objects.filter(username__in=names).select_related("person")
    people = {one.username: actor_for(one) for one in accounts}
    lines = [line for line in story.entries if line.department in offices]
    if len(people) < len(names):
        return 0
    for line in lines:
        _entry(offices[line.department], line, people[story.steward] if line.waits else BY)
    if story.exchange:
        _exchange(story.exchange, offices)
    return len(lines) + sum(_change(line, people[story.steward], people[story.follower]) for line in story.changes)


def _entry(office: Department, line: EntryLine, by: Actor) -> None:
    entry = entries.write(office, classification=line.classification, by=by, **line.said)
    entries.submit(entry, by=by)
    if line.waits:
        return
    entries.publish(entry, by=BY)
    if line.refreshed_days is not None:
        following.refreshed(entry, at=clock.now() - timedelta(days=line.refreshed_days), by=BY)


def _change(line: ChangeLine, steward: Actor, follower: Actor) -> int:
    entry = Entry.objects.filter(title=line.title).select_related("current").first()
    if entry is None:
        return 0
    following.subscribe(entry, by=follower)
    held = entry.current.content["items"]  # type: ignore[union-attr]
    entries.revise(entry, items=[*held, *line.items], why=line.why, by=steward)
    entries.submit(entry, by=steward)
    return 1


def _exchange(story: ExchangeStory, offices: dict[str, Department]) -> None:
    said = story.model_dump(include={"title", "title_en", "url"})
    exchange.open_own(story.code, by=BY, **said)
    members, systems, services = {}, {}, {}
    for line in story.systems:
        if (office := offices.get(line.department)) is None:
            continue
        if office.key not in members:
            titles = {"title": office.name, "title_en": office.name_en}
            members[office.key] = exchange.add_member(
                office, instance="CN", member_class="GOV", code=office.uscc, by=BY, **titles
            )
        made = exchange.add_subsystem(members[office.key], by=BY, **line.model_dump(exclude={"department", "services"}))
        systems[line.code] = made
        for one in line.services:
            entry = Entry.objects.get(title=one.entry) if one.entry else None
            facts = one.model_dump(exclude={"entry"})
            services[f"{line.code}/{one.code}"] = exchange.add_service(made, entry=entry, by=BY, **facts)
    for group in story.groups:
        titles = group.model_dump(include={"code", "title", "title_en"})
        together = exchange.add_group(region_code=story.region, by=BY, **titles)
        for code in group.systems:
            exchange.put_in_group(together, systems[code], by=BY)
        for code in group.may:
            exchange.allow(services[code], group=together, by=BY)
