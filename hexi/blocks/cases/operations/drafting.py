"""Items edited in the workbench: begun, kept, published now or on a day, put away. Their text is YAML as in packs."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.cases import texts
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.items import ImplementingItem, ServiceItem
from hexi.blocks.cases.models import Item, ItemDraft
from hexi.blocks.cases.operations.publishing import publish
from hexi.blocks.regions.models import Department
from hexi.kernel import clock
from hexi.kernel.actors import Actor, System, require
from hexi.kernel.packs import PackError

#: characters one element may have
LONGEST = 200_000


def begin(item: Item, *, by: Actor) -> ItemDraft:
    """The draft of an item, begun with the text in force; begun twice at once it is one draft."""
    require(by, "items.edit", item.department_id, item.region_code)
    rules = definition(item.version)  # type: ignore[arg-type]
    facts = {
        "department_id": item.department_id, "region_code": item.region_code, "title": item.title,
        "national": texts.write(rules.national), "implementing": texts.write(rules.local), "updated_by": by.name,
    }  # fmt: skip
    with change(by, "items.begin", item) as note:
        draft, new = ItemDraft.objects.get_or_create(item=item, defaults=facts)
        note.facts["nothing"] = not new
    return draft


def bring(national: str, implementing: str, *, by: Actor) -> ItemDraft | None:
    """Both elements from files, as a draft of the item they speak of, or of a new one.

    None if they say exactly what is in force: an import that brings nothing makes nothing. Raises `PackError` for texts
    that cannot be read, `ValidationError` for an office that is not there.
    """
    element = texts.read(national, ServiceItem, "national.yaml")
    local = texts.read(implementing, ImplementingItem, "implementing.yaml")
    department = Department.objects.filter(key=local.department).first()
    if department is None:
        raise ValidationError(_("没有部门「%(key)s」。") % {"key": local.department})
    require(by, "items.edit", department.pk, local.region)
    item = Item.objects.filter(key=element.key, region_code=local.region).select_related("version").first()
    if item is not None and item.version is not None:
        require(by, "items.edit", item.department_id, item.region_code)
        rules = definition(item.version)
        if (rules.national, rules.local) == (element, local) and item.status == Item.Status.PUBLISHED:
            return None
    with change(by, "items.bring", item) as note:
        if item is not None and ItemDraft.objects.filter(item=item).exists():
            raise ValidationError(_("这个事项正在修改，先发布或放弃那份草稿，再导入。"))
        draft = _made(item, department, local.region, element.title.zh, national, implementing, by)
        note.thing = item or draft
    return draft


def _made(
    item: Item | None, department: Department, region: str, title: str, national: str, implementing: str, by: Actor
) -> ItemDraft:
    try:
        with transaction.atomic():
            return ItemDraft.objects.create(
                item=item, department=department, region_code=region, title=title[:200], national=national,
                implementing=implementing, updated_by=by.name,
            )  # fmt: skip
    except IntegrityError:
        raise ValidationError(_("这个事项正在修改，先发布或放弃那份草稿，再导入。")) from None


def keep(draft: ItemDraft, *, national: str, implementing: str, revision: int, by: Actor) -> ItemDraft:
    """Keep both texts as they are, right or wrong. Refused if somebody else has saved since the page was read.

    A day it was to come into force by itself was ordered for the text as it was: who may not publish takes it away.
    """
    require(by, "items.edit", draft.department_id, draft.region_code)
    for text in (national, implementing):
        if len(text) > LONGEST:
            raise ValidationError(_("文本太长，最多 %(n)s 个字。") % {"n": LONGEST})
    may_publish = by.may("items.publish", draft.department_id, draft.region_code)
    order: dict[str, Any] = {} if may_publish else {"publish_on": None, "publisher": ""}
    with change(by, "items.keep", draft) as note:
        saved = ItemDraft.objects.filter(pk=draft.pk, revision=revision).update(
            national=national.replace("\r\n", "\n"), implementing=implementing.replace("\r\n", "\n"),
            revision=revision + 1, updated_at=clock.now(), updated_by=by.name, refused="", **order,
        )  # fmt: skip
        if not saved:
            raise ValidationError(_("这份草稿刚被别人改过或已发布。请复制您的改动，刷新后再保存。"))
        note.facts["revision"] = revision + 1
    draft.refresh_from_db()
    return draft


def plan(draft: ItemDraft, *, day: date | None, revision: int, by: Actor) -> ItemDraft:
    """Let it come into force by itself on a day to come; None takes that back."""
    require(by, "items.publish", draft.department_id, draft.region_code)
    if day is not None and day <= clock.today():
        raise ValidationError({"publish_on": _("请选明天或以后的一天；今天生效请直接发布。")})
    if day is not None:
        read(draft)
    with change(by, "items.plan", draft, day=day.isoformat() if day else ""):
        planned = ItemDraft.objects.filter(pk=draft.pk, revision=revision)
        if not planned.update(publish_on=day, publisher=by.name if day else "", refused=""):
            raise ValidationError(_("这份草稿刚被别人改过或已发布。请刷新后再试。"))
    draft.refresh_from_db()
    return draft


def read(draft: ItemDraft) -> tuple[ServiceItem, ImplementingItem]:
    """Both elements. Raises `PackError` with every fault of both texts."""
    faults, found = [], []
    parts = ((draft.national, ServiceItem, "国家要素"), (draft.implementing, ImplementingItem, "实施要素"))
    for text, wanted, name in parts:
        try:
            found.append(texts.read(text, wanted, name))
        except PackError as error:
            faults += error.faults
    if faults:
        raise PackError(faults)
    return found[0], found[1]


def publish_draft(draft: ItemDraft, *, revision: int, by: Actor) -> tuple[Item, bool]:
    """Put the draft into force and away; False if it says what is in force already. Lint has the last word.

    The office it speaks of must be the draft's own: a text does not carry an item to where its writer has no right.
    """
    with change(by, "items.publish_draft", draft):
        held = (
            ItemDraft.objects.select_for_update(of=("self",))
            .select_related("item", "department")
            .filter(pk=draft.pk)
            .first()
        )
        if held is None or held.revision != revision:
            raise ValidationError(_("这份草稿刚被别人改过或已发布。请刷新后再试。"))
        national, local = read(held)
        if (local.department, local.region) != (held.department.key, held.region_code):
            raise ValidationError(_("部门和地区不能在这里换。请由那个部门的事项管理员导入。"))
        if held.item is not None and held.item.key != national.key:
            raise ValidationError(_("标识（key）不能换：它是事项的身份。要新事项，请另外导入。"))
        item, changed = publish(national, local, by=by)
        held.delete()
    return item, changed


def discard_draft(draft: ItemDraft, *, by: Actor) -> None:
    """Put the draft away; what is in force stays."""
    require(by, "items.edit", draft.department_id, draft.region_code)
    with change(by, "items.discard", draft, national=draft.national, implementing=draft.implementing):
        ItemDraft.objects.filter(pk=draft.pk).delete()


def publish_planned() -> dict[str, int]:
    """Put into force what was planned for today or a day before; what lint refuses stays with its reason."""
    done = {"published": 0, "refused": 0}
    for draft in ItemDraft.objects.filter(publish_on__lte=clock.today(), refused=""):
        try:
            with transaction.atomic():
                publish_draft(draft, revision=draft.revision, by=System(f"plan of {draft.publisher}"))
            done["published"] += 1
        except (ValidationError, PackError) as error:
            said = error.messages if isinstance(error, ValidationError) else [str(one) for one in error.faults]
            ItemDraft.objects.filter(pk=draft.pk, revision=draft.revision).update(refused="\n".join(said))
            done["refused"] += 1
    return done
