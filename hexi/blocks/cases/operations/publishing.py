"""Service items: taken in from packs, published after lint, withdrawn."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db.models import Value
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.cases import lint
from hexi.blocks.cases.definitions import remember
from hexi.blocks.cases.hooks import item_withdrawn, items_published
from hexi.blocks.cases.items import ImplementingItem, ServiceFile, ServiceItem, version
from hexi.blocks.cases.models import RULES, Item, ItemVersion
from hexi.blocks.regions.models import Department
from hexi.kernel import clock, packs
from hexi.kernel.actors import Actor, System, require


def publish(national: ServiceItem, local: ImplementingItem, *, by: Actor) -> tuple[Item, bool]:
    """Put a version of an item into force for its office; running cases keep theirs.

    Refused with every finding if lint has an error. Publishing the same text again changes nothing and returns False.
    """
    department = Department.objects.filter(key=local.department).first()
    if department is None:
        raise ValidationError({"department": _("没有部门「%(key)s」。") % {"key": local.department}})
    _require_offices(local)
    require(by, "items.publish", department.pk, local.region)
    findings = [one for one in lint.lint(national, local) if one.severity == "error"]
    if findings:
        raise ValidationError([str(one) for one in findings])
    return put(national, local, department, by=by)


@dataclass(frozen=True)
class Ready:
    """What has passed lint: both elements of an item, its office, the hash of its whole text."""

    national: ServiceItem
    local: ImplementingItem
    department: Department
    digest: str

    @property
    def place(self) -> tuple[str, str]:
        """What an item is known by."""
        return self.national.key, self.local.region


def put(national: ServiceItem, local: ImplementingItem, department: Department, *, by: Actor) -> tuple[Item, bool]:
    """Put into force what has passed lint already."""
    ready = Ready(national, local, department, version(national, local))
    with change(by, "items.publish") as note:
        ((item, changed),) = put_all([ready], by=by)
        note.thing, note.facts = item, {"digest": ready.digest} if changed else {"unchanged": True}
    return item, changed


def put_all(things: list[Ready], *, by: Actor) -> list[tuple[Item, bool]]:
    """The same for many, in the caller's transaction, which logs them: a few statements, however many there are.

    Each item with whether it changed. Rows are made and locked in one order, so that two at once do not cross.
    """
    for one in things:
        require(by, "items.publish", one.department.pk, one.local.region)
        remember(one.digest, one.national, one.local)
    wanted = {one.place: one for one in sorted(things, key=lambda one: one.place)}
    items = _locked(wanted)
    changed = {
        place: one
        for place, one in wanted.items()
        if items[place].status != Item.Status.PUBLISHED or _digest(items[place]) != one.digest
    }
    versions = _versions([(items[place], one) for place, one in changed.items()], by)
    for place, one in changed.items():
        item = items[place]
        item.version, item.status, item.department = versions[item.pk], Item.Status.PUBLISHED, one.department
        item.title, item.title_en = one.national.title.zh, one.national.title.en
    if changed:
        rows = [items[place] for place in changed]
        fields = ["version", "status", "department", "title", "title_en"]
        Item.objects.bulk_create(rows, update_conflicts=True, unique_fields=["pk"], update_fields=fields)
        items_published.ring(items=rows, by=by)
    return [(items[place], place in changed) for place in wanted]


def _digest(item: Item) -> str:
    return item.version.digest if item.version else ""


def _locked(wanted: dict[tuple[str, str], Ready]) -> dict[tuple[str, str], Item]:
    """The items, those that were not there made, all locked."""
    keys, regions = {key for key, _region in wanted}, {region for _key, region in wanted}
    asked = Item.objects.filter(key__in=keys, region_code__in=regions)
    there = set(asked.values_list("key", "region_code"))
    Item.objects.bulk_create(
        [
            Item(
                key=key, region_code=region, title=one.national.title.zh, title_en=one.national.title.en,
                department=one.department,
            )
            for (key, region), one in wanted.items()
            if (key, region) not in there
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    locked = asked.select_for_update(of=("self",)).select_related("version").defer(*RULES).order_by("pk")
    return {(one.key, one.region_code): one for one in locked}


def _versions(things: list[tuple[Item, Ready]], by: Actor) -> dict[int, ItemVersion]:
    """The version of each item with this text, by the item; made if there is none yet."""
    # an expression: else Django sends arrays (UNNEST), in which psycopg quotes these large texts sign by sign
    name = Value(by.name)
    ItemVersion.objects.bulk_create(
        [
            ItemVersion(
                item=item, digest=one.digest, national=one.national.model_dump(mode="json"),
                implementing=one.local.model_dump(mode="json"), published_at=clock.now(), published_by=name,
            )
            for item, one in things
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    wanted = {item.pk: (item, one.digest) for item, one in things}
    digests = {digest for _item, digest in wanted.values()}
    rows = ItemVersion.objects.filter(item__in=wanted, digest__in=digests).defer("national", "implementing")
    found = {one.item_id: one for one in rows if wanted[one.item_id][1] == one.digest}
    for pk, one in found.items():
        one.item = wanted[pk][0]
    return found


def withdraw_item(item: Item, *, by: Actor, reason: str) -> Item:
    """Offer an item no longer, for a reason; its running cases go on."""
    require(by, "items.publish", item.department_id, item.region_code)
    if not reason.strip():
        raise ValidationError({"reason": _("请写明停止办理的原因。")})
    with change(by, "items.withdraw", item, reason=reason.strip()):
        published = Item.objects.filter(pk=item.pk, status=Item.Status.PUBLISHED)
        if not published.update(status=Item.Status.WITHDRAWN):
            raise ValidationError(_("这个事项已经停止办理。"))
        item.refresh_from_db()
        item_withdrawn.ring(item=item, by=by)
    return item


def _require_offices(local: ImplementingItem) -> None:
    """Every office an item hands work to is there."""
    wanted = [local.lower.department] if local.lower else []
    if local.joint:
        wanted += [*(one.department for one in local.joint.reviews), local.joint.government]
    known = set(Department.objects.filter(key__in=wanted).values_list("key", flat=True))
    for key in wanted:
        if key not in known:
            raise ValidationError({"department": _("没有部门「%(key)s」。") % {"key": key}})


def take_in(path: Path, file: ServiceFile) -> Item | None:
    """Load one pack file: an implementing item is published with its national element; nothing if that is not here."""
    if isinstance(file.root, ServiceItem):
        return None
    national = shipped().get(file.root.item)
    return publish(national, file.root, by=System("packs"))[0] if national else None


def check(path: Path, file: ServiceFile) -> list[packs.Fault]:
    """Lint of one pack file, for `hexi check`."""
    return lint.check_file(path, file, shipped())


def shipped() -> dict[str, ServiceItem]:
    """The national elements of all packs, by key; read again only when a file changed."""
    return _read(tuple((path, path.stat().st_mtime_ns) for path in packs.files("services")))


@lru_cache(maxsize=1)
def _read(files: tuple[tuple[Path, int], ...]) -> dict[str, ServiceItem]:
    things = [packs.read(path, ServiceFile).root for path, _stamp in files]
    return {one.key: one for one in things if isinstance(one, ServiceItem)}
