"""Sample entries with their writers and publishers, for the tests of all blocks and of the domains."""

from pathlib import Path
from typing import Any

from hexi.blocks.catalog import definitions
from hexi.blocks.catalog.models import Entry
from hexi.blocks.catalog.operations import entries
from hexi.blocks.people import shipped
from hexi.blocks.people.models import Role
from hexi.blocks.people.tests.make import acting, make_department, make_official, make_roles
from hexi.blocks.regions.models import Department, Division
from hexi.blocks.regions.tests.make import YUMEN, make_divisions
from hexi.kernel.actors import Actor, System
from hexi.kernel.packs import read

BY = System("make")
CLASSIFICATION = "207001"
ITEMS = [
    {"name": "station", "title": "站点", "title_en": "Station", "type": "C", "length": 20, "key": True, "required": True,
     "sensitivity": "public", "open": True},
    {"name": "day", "title": "日期", "title_en": "Day", "type": "D", "key": True, "required": True,
     "sensitivity": "public", "open": True},
    {"name": "power", "title": "发电量", "title_en": "Electricity", "type": "N", "unit": "kWh", "sensitivity": "public",
     "open": True},
    {"name": "phone", "title": "值班电话", "title_en": "Telephone on duty", "type": "C", "personal": True, "mask": "hidden"},
]  # fmt: skip
WORDS = {
    "title": "风电场发电量", "title_en": "Electricity of wind farms", "summary": "各风电场每天的发电量。",
    "summary_en": "Electricity each wind farm makes a day.", "keywords": "风力\n绿电", "format": "table",
    "format_type": "csv", "sharing": "unconditional", "sharing_way": "platform_service", "open": True, "cycle": "monthly",
    "grading": "public", "license": "cc-by-4.0", "kind": "file", "items": ITEMS,
}  # fmt: skip


def make_rules() -> None:
    """Divisions, roles and classes, unless they are there."""
    if not Division.objects.exists():
        make_divisions()
    make_roles()
    definitions.load_classes(Path(), None)  # type: ignore[arg-type]
    if not Role.objects.filter(pk="data_steward").exists():
        for path in sorted((Path(__file__).parent.parent / "packs" / "roles").glob("*.yaml")):
            shipped.load_roles(path, read(path, shipped.RolesFile))


def make_provider(key: str = "yumen-energy", region: str = YUMEN, name: str = "玉门市能源局") -> Department:
    """The office that provides the sample."""
    make_rules()
    return make_department(key, region, name=name, name_en=key)


def make_steward(provider: Department | None = None, role: str = "data_steward") -> Actor:
    """Somebody who writes for a provider (or publishes, by the role)."""
    provider = provider or make_provider()
    return acting(make_official(role, department=provider, region_code=provider.region_code))


def make_head(provider: Department | None = None) -> Actor:
    """Somebody who publishes for it."""
    return make_steward(provider, "data_head")


def make_draft(provider: Department | None = None, *, by: Actor | None = None, **said: Any) -> Entry:
    """An entry just begun."""
    provider = provider or make_provider()
    given = {name: said.pop(name) for name in ("code", "once") if name in said}
    given["classification"] = said.pop("classification", CLASSIFICATION)
    return entries.write(provider, by=by or BY, **given, **(WORDS | said))


def make_waiting(provider: Department | None = None, *, by: Actor | None = None, **said: Any) -> Entry:
    """One that waits to be published."""
    by = by or make_steward(provider)
    entry = make_draft(provider, by=by, **said)
    entries.submit(entry, by=by)
    return fresh(entry)


def make_entry(provider: Department | None = None, *, by: Actor | None = None, **said: Any) -> Entry:
    """One that is published."""
    by = by or BY
    entry = make_draft(provider, by=by, **said)
    entries.submit(entry, by=by)
    entries.publish(entry, by=BY)
    return fresh(entry)


def revised(entry: Entry, *, by: Actor = BY, **said: Any) -> Entry:
    """The next revision, published."""
    entries.revise(entry, by=by, **said)
    entries.submit(entry, by=by)
    entries.publish(entry, by=BY)
    return fresh(entry)


def fresh(entry: Entry) -> Entry:
    """As it stands now."""
    return Entry.objects.select_related("provider", "latest", "current").get(pk=entry.pk)
