"""Versions of rows chosen, withheld, and opened again: one asks for it with his reason, another agrees."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.audit import operations as audit
from hexi.blocks.catalog.models import Entry, Source, Version
from hexi.blocks.catalog.operations import entries
from hexi.blocks.catalog.queries import entries as queries
from hexi.blocks.catalog.queries import portal
from hexi.blocks.catalog.store import files
from hexi.blocks.notices import operations as notices
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, require
from hexi.kernel.packs import Words

#: nobody asks for it to be opened
NOT_ASKED = {"asked_why": "", "asked_key": "", "asked_name": "", "asked_at": None}


def use(version: Version, *, by: Actor) -> Version:
    """Show this version from now on, an older one, too. Twice is once.

    Raises `ValidationError` if its file is gone, and for a withheld one everybody would have: that takes two.
    """
    entry = version.entry
    require(by, queries.WRITE, entry.provider_id, entry.region_code)
    if not files.place(entry.code, version.number).exists():
        raise ValidationError(_("这个版本的数据文件读不出。请联系管理员，或换一个版本。"))
    with audit.change(by, "catalog.use_version", entry, number=version.number):
        entry, version = _locked(version)
        if version.withheld_at is not None and not version.current and portal.open_rows(entry):
            raise ValidationError(_("这个版本已停止公开，使用它就等于重新公开。请先申请重新公开，由另一位审核。"))
        entry.versions.filter(current=True).exclude(pk=version.pk).update(current=False)
        entry.versions.filter(pk=version.pk).update(current=True)
        gone_back_from = entry.versions.filter(number__gt=version.number)  # something was wrong with them
        gone_back_from.update(open=False, **NOT_ASKED)  # one withheld by hand stays so: it would be used by one again
        Source.objects.filter(entry=entry).update(mark="")  # the next asking takes all rows: these are older
    version.refresh_from_db()
    return version


def withhold(version: Version, *, by: Actor) -> None:
    """Nobody outside gets this version any more, once it is an older one. Twice is once."""
    entry = version.entry
    require(by, queries.WRITE, entry.provider_id, entry.region_code)
    with audit.change(by, "catalog.withhold_version", entry, number=version.number):
        entry = entries.locked(entry)
        entry.versions.filter(pk=version.pk, open=True).update(open=False, withheld_at=clock.now())


def ask_to_open(version: Version, *, reason: str, by: Actor) -> Version:
    """Ask for a withheld version to be opened again; those who publish are told. Twice is once.

    Only what was withheld by hand: what was only gone back from, or was there when the set was closed, stays inside.
    """
    entry = version.entry
    require(by, queries.WRITE, entry.provider_id, entry.region_code)
    reason = reason.strip()[:300]
    if not reason:
        raise ValidationError({"reason": _("请写明为什么重新公开，审核的人会看到。")})
    with audit.change(by, "catalog.ask_to_open_version", entry, number=version.number, reason=reason):
        entry, version = _locked(version)
        if version.open or version.asked_key == by.key:
            return version
        _openable(entry, version)
        if version.asked_key:
            raise ValidationError(_("%(who)s已经申请，等另一位审核。") % {"who": version.asked_name})
        version.asked_why, version.asked_key, version.asked_name = reason, by.key, by.name[:200]
        version.asked_at = clock.now()
        version.save()
        whom = [one for one in queries.holders(entry.provider, queries.PUBLISH) if f"account:{one.pk}" != by.key]
        if whom:
            title = Words(zh=entry.title, en=entry.title_en or entry.title)
            facts = {"title": title, "n": version.number, "who": by.name, "reason": reason, "version": version.pk}
            notices.tell(whom, "catalog.to_open", about=entry, facts=facts, by=by)  # type: ignore[arg-type]
    return version


def open_again(version: Version, *, by: Actor) -> Version:
    """Agree: everybody may have it again. Needs `catalog.publish`, never by who asked. Twice is once."""
    entry = version.entry
    require(by, queries.PUBLISH, entry.provider_id, entry.region_code)
    with audit.change(by, "catalog.open_version", entry, number=version.number) as note:
        entry, version = _locked(version)
        if version.open:
            return version
        _waits(version)
        if version.asked_key == by.key:
            raise Denied(_("申请的人不能自己同意，请由另一位审核。"))
        _openable(entry, version)
        note.facts |= {"asked": version.asked_name, "reason": version.asked_why}
        entry.versions.filter(pk=version.pk).update(open=True, withheld_at=None, **NOT_ASKED)
    version.refresh_from_db()
    return version


def refuse_to_open(version: Version, *, by: Actor) -> Version:
    """It stays inside: said by who might have agreed, or by who asked. Twice is once."""
    entry = version.entry
    with audit.change(by, "catalog.refuse_to_open_version", entry, number=version.number):
        entry, version = _locked(version)
        if version.asked_key != by.key:
            require(by, queries.PUBLISH, entry.provider_id, entry.region_code)
        entry.versions.filter(pk=version.pk).update(**NOT_ASKED)
    version.refresh_from_db()
    return version


def _locked(version: Version) -> tuple[Entry, Version]:
    entry = entries.locked(version.entry)
    return entry, Version.objects.get(pk=version.pk)


def _waits(version: Version) -> None:
    if not version.asked_key:
        raise ValidationError(_("没有人申请重新公开这个版本。"))


def _openable(entry: Entry, version: Version) -> None:
    if version.withheld_at is None:
        raise ValidationError(_("只有以前公开、后来停止公开的版本能重新公开。"))
    if not portal.open_rows(entry):
        raise ValidationError(_("这个数据集现在不开放，或含个人信息，不能公开它的旧版本。"))
