"""Service items: taken in from packs, published after lint, withdrawn."""

from functools import lru_cache
from pathlib import Path

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.cases import lint
from hexi.blocks.cases.definitions import remember
from hexi.blocks.cases.hooks import item_published, item_withdrawn
from hexi.blocks.cases.items import ImplementingItem, ServiceFile, ServiceItem, version
from hexi.blocks.cases.models import Item, ItemVersion
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


def put(national: ServiceItem, local: ImplementingItem, department: Department, *, by: Actor) -> tuple[Item, bool]:
    """Put into force what has passed lint already (`publish`, an import of many)."""
    require(by, "items.publish", department.pk, local.region)
    with change(by, "items.publish") as note:
        item, _new = Item.objects.get_or_create(
            key=national.key, region_code=local.region,
            defaults={"title": national.title.zh, "title_en": national.title.en, "department": department},
        )  # fmt: skip
        note.thing = item
        item = Item.objects.select_for_update(of=("self",)).get(pk=item.pk)
        digest = version(national, local)
        remember(digest, national, local)
        if item.version and item.version.digest == digest and item.status == Item.Status.PUBLISHED:
            note.facts["unchanged"] = True
            return item, False
        item.version, _new = ItemVersion.objects.get_or_create(
            item=item, digest=digest,
            defaults={
                "national": national.model_dump(mode="json"), "implementing": local.model_dump(mode="json"),
                "published_at": clock.now(), "published_by": by.name,
            },
        )  # fmt: skip
        item.title, item.title_en, item.department = national.title.zh, national.title.en, department
        item.status = Item.Status.PUBLISHED
        item.save()
        note.facts["digest"] = digest
        item_published.ring(item=item, by=by)
    return item, True


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
    """Load one pack file: an implementing item is published together with its national element."""
    if isinstance(file.root, ServiceItem):
        return None
    national = shipped().get(file.root.item)
    if national is None:
        raise packs.PackError(
            [packs.Fault(path, 1, f"没有国家事项「{file.root.item}」/ there is no such service item")]
        )
    return publish(national, file.root, by=System("packs"))[0]


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
