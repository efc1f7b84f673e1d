"""How applications and grants are said: one place for all pages of sharing."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import Item
from hexi.blocks.cases.pages.words import tag as case_tag
from hexi.blocks.catalog.models import Entry, GrantState, Mask, MessageLog, Subsystem
from hexi.domains.livelihood.sharing.models import Application, Use
from hexi.ui.words import day

__all__ = ["answers_of", "day", "fields_of", "grant_tag", "masked", "material_of", "number", "system_of", "tag"]

#: what was done to a grant (`GrantChange.what`)
CHANGES = {
    "given": lambda: _("授权"), "renewed": lambda: _("续期"), "suspended": lambda: _("已暂停"),
    "resumed": lambda: _("恢复"), "revoked": lambda: _("收回"), "expired": lambda: _("到期"),
}  # fmt: skip


def number(text: str) -> int:
    """A primary key from what was posted; 0 for anything else."""
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def tag(found: Application) -> tuple[str, str]:
    """The state of an application as a tag."""
    state, word = case_tag(found.case)
    return state, str(word)


def grant_tag(found: Application) -> tuple[str, str]:
    """The state of its grant as a tag; one nobody uses says so."""
    if found.grant is None:
        return "off", "—"
    if found.grant.state == GrantState.ACTIVE and found.grant.unused_told:
        return "near", _("长期未使用")
    return found.grant.tag


def fields_of(entry: Entry, fields: Mapping[str, str]) -> str:
    """Fields with how each is given."""
    items = {one.name: one.label for one in entry.items.all()}
    return _("、").join(masked(items.get(name, name), mask) for name, mask in fields.items())


def masked(label: str, mask: str) -> str:
    """A field with how it is given, if not as it is."""
    return label if mask == Mask.NONE else _("%(name)s（%(how)s）") % {"name": label, "how": Mask(mask).label}


def system_of(system: Subsystem | None) -> str:
    """The system that calls through the gateways."""
    return f"{system.name}（{system.code}）" if system else _("不经网关，只在本平台使用")


def consumer_of(found: Application) -> str:
    """Whom its grant is for: the office, and the system it calls with."""
    return found.office.title if found.subsystem is None else f"{found.office.title} · {found.subsystem.name}"


def draft_of(use: Use) -> str:
    """Which draft a number in the logs stands for, and what it became."""
    facts = {"draft": use.reference, "item": str(use.draft), "case": use.draft.submitted_ref}  # type: ignore[union-attr]
    if facts["case"]:
        return _("%(draft)s 是“%(item)s”的草稿，已成为办件 %(case)s。") % facts
    return _("%(draft)s 是“%(item)s”的草稿，还没有提交。") % facts


def issue_of(call: MessageLog) -> str:
    """The case a call was made for; of a draft also the case it became."""
    return f"{call.issue} → {call.became}" if call.became else call.issue  # type: ignore[attr-defined]


def answers_of(item: Item | None, entry: Entry, answers: Mapping[str, str]) -> str:
    """Which question of a form is answered by which field."""
    if item is None or not answers:
        return ""
    items = {one.name: one.label for one in entry.items.all()}
    asked = {one.key: str(one.label) for _section, one in definition(item.version).national.form.fields()}
    return _("；").join(f"{asked.get(key, key)} ← {items.get(name, name)}" for key, name in answers.items())


def material_of(item: Item | None, key: str) -> str:
    """What a material is called."""
    if item is None or not key:
        return ""
    return next((str(one.title) for one in definition(item.version).national.materials if one.key == key), key)
