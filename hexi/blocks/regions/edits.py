"""Sites and departments changed at the workbench: what stood there is kept, and the last change can be undone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http.request import validate_host
from django.utils.translation import gettext as _

from hexi.blocks.audit import operations as audit
from hexi.blocks.regions.models import Department, Edit, Site
from hexi.kernel import clock
from hexi.kernel.actors import Actor, require
from hexi.kernel.remembered import forget

RIGHT = "regions.edit"
MODELS: dict[str, type[Site] | type[Department]] = {"site": Site, "department": Department}
#: what the forms change; what a thing is known by (key, region, credit code) stays with its pack
COLUMNS = {
    "site": (
        "host", "name", "name_en", "header", "header_en", "item_keys", "record", "site_code", "contact", "contact_en",
    ),
    "department": ("name", "name_en", "address", "address_en", "phone", "hours", "hours_en"),
}  # fmt: skip


@dataclass(frozen=True)
class Choosable:
    """In a manifest: what a site may choose to show. `of(site)` gives (key, name) of all it could show."""

    of: Callable[[Site], list[tuple[str, str]]]


def may_move(by: Actor) -> bool:
    """True if he may give sites their addresses: else an editor of one county could take the main address for it."""
    return by.may(RIGHT, None, settings.HEXI_REGION)


def kind_of(thing: Site | Department) -> str:
    """site or department."""
    return "site" if isinstance(thing, Site) else "department"


def edits(thing: Site | Department) -> QuerySet[Edit]:
    """Its changes, the newest first."""
    return Edit.objects.filter(kind=kind_of(thing), key=thing.key)


def edited(kind: str) -> set[str]:
    """Keys of those that stand otherwise than their packs say."""
    return set(Edit.objects.filter(kind=kind, undone_at=None).values_list("key", flat=True))


def change(thing: Site | Department, *, facts: Mapping[str, Any], by: Actor, seen: int = 0) -> Edit | None:
    """Change a site or a department; None if nothing differs.

    `seen` is the key of the last change its editor had before his eyes (0: none): whoever comes second is refused.
    Another address for a site needs the right for the whole house: see `may_move`. Raises `Denied`, and
    `ValidationError` that names the field.
    """
    kind = kind_of(thing)
    require(by, RIGHT, region=thing.region_code)
    facts = {column: facts[column] for column in COLUMNS[kind] if column in facts}
    _check(kind, facts)
    with audit.change(by, f"regions.{kind}", thing) as note:
        row = _locked(thing)
        if _last(row) != seen:
            raise ValidationError(_("别人刚改过。请核对最新内容后再保存。"))
        now = {column: getattr(row, column) for column in facts}
        before = {column: was for column, was in now.items() if _differs(column, was, facts[column])}
        if not before:
            note.facts["nothing"] = True
            return None
        after = {column: facts[column] for column in before}
        note.facts |= {"before": before, "after": after}
        _write(row, after, by)
        return Edit.objects.create(kind=kind, key=row.key, before=before, after=after, by_name=by.name, at=note.at)


def undo(edit: Edit, *, by: Actor) -> None:
    """Put back what stood there before the last change. Twice is once; an earlier change is refused."""
    thing = MODELS[edit.kind].objects.get(key=edit.key)
    require(by, RIGHT, region=thing.region_code)
    with audit.change(by, "regions.undo", thing) as note:
        row = _locked(thing)
        edit.refresh_from_db()
        if edit.undone_at:
            note.facts["nothing"] = True
            return
        if _last(row) != edit.pk:
            raise ValidationError(_("之后还改过。请先撤销后来的改动。"))
        note.facts |= {"before": edit.after, "after": edit.before}
        _write(row, edit.before, by)
        Edit.objects.filter(pk=edit.pk).update(undone_at=clock.now())


def _locked(thing: Site | Department) -> Any:
    return MODELS[kind_of(thing)].objects.select_for_update().get(pk=thing.pk)


def _last(thing: Site | Department) -> int:
    """The key of its last change that stands; 0 if there is none."""
    return edits(thing).filter(undone_at=None).values_list("pk", flat=True).first() or 0


def last_of(thing: Site | Department) -> int:
    """The same for its form, which hands it back as `seen`."""
    return _last(thing)


def _check(kind: str, facts: Mapping[str, Any]) -> None:
    for column in ("name", "name_en"):
        if column in facts and not str(facts[column]).strip():
            raise ValidationError({column: _("请填写名称，中文和英文都要有。")})
    host = facts.get("host")
    if kind == "site" and host and not validate_host(host, settings.ALLOWED_HOSTS):
        raise ValidationError({"host": _("这个域名不在选项 site.hosts 里。请先让系统管理员加上。")})


def _differs(column: str, was: Any, now: Any) -> bool:
    """Which items a site shows has no order: the form gives them as they are offered, not as they are stored."""
    return sorted(was) != sorted(now) if column == "item_keys" else was != now


def _write(row: Any, values: Mapping[str, Any], by: Actor) -> None:
    if "host" in values:
        require(by, RIGHT, region=settings.HEXI_REGION)
    for column, value in values.items():
        setattr(row, column, value)
    try:
        with transaction.atomic():
            row.save(update_fields=list(values))
    except IntegrityError:
        raise ValidationError({"host": _("这个域名已经给了别的网站。")}) from None
    transaction.on_commit(forget)
