"""Changing divisions, departments and sites: import of a published list, renaming, merging, what packs say."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from hexi.blocks.audit import operations as audit
from hexi.blocks.regions import codes, naming
from hexi.blocks.regions.edits import edited
from hexi.blocks.regions.lists import Unit
from hexi.blocks.regions.models import UNRECORDED, Department, Division, Site
from hexi.kernel import clock
from hexi.kernel.actors import Actor, require
from hexi.kernel.remembered import forget

#: rows written at once, and units read between two words of progress
BATCH = 2000


class Past(NamedTuple):
    """A name a unit had from `since` until the day `until`, when the unit with the code `successor` took its place.

    `successor` "": the same code. `fresh`: the successor began on that day; false if the unit was merged into it.
    """

    code: str
    name: str
    until: date
    since: date = UNRECORDED
    successor: str = ""
    fresh: bool = True


@dataclass(frozen=True)
class Loaded:
    """What an import did: units added, renamed, histories written; and codes in force that the list lacks."""

    added: int
    renamed: int
    past: int
    gone: tuple[str, ...]


def load_divisions(
    units: Iterable[Unit],
    *,
    by: Actor,
    covers: str,
    as_of: date,
    source: str,
    past: Iterable[Past] = (),
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> Loaded:
    """Bring the divisions up to a published list that was true on `as_of`; loading it again changes nothing.

    A code nobody knew is added. A unit called otherwise on that day is renamed from that day on, unless a later change
    is known: history written here wins over an older list. Units inside the code `covers` that the list no longer has
    are reported, not closed, because a list does not say into what they went (`merge` does). One log entry for all.
    `tell(done, total)` hears of progress.
    """
    require(by, "regions.load", region=covers)
    given = _checked(units)
    known = _known(given, covers)
    ended = set(Division.objects.exclude(valid_to=None).values_list("code", flat=True))
    new = [code for code in sorted(given) if code not in known and code not in ended]
    other = [row for code, row in known.items() if given.get(code, row.name) != row.name and row.valid_from < as_of]
    # the latest first: an earlier name is followed by a later one
    unwritten = [one for one in sorted(past, key=lambda one: one.until, reverse=True) if not _written(one)]
    gone = tuple(sorted(code for code in known if code not in given))
    rows = _made(new, given, tell)  # readings take most of the time: before the transaction
    if new or other or unwritten:
        with audit.change(by, "regions.load", source, as_of=as_of, renamed=len(other), past=len(unwritten)) as entry:
            entry.rows = [[code, given[code]] for code in new]
            # two imports at once: whoever comes second finds the row there, which is what it wanted
            Division.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
            for row in other:
                _rename(row, given[row.code], as_of)
            for one in unwritten:
                _write_past(one)
            transaction.on_commit(forget)
    return Loaded(len(new), len(other), len(unwritten), gone)


def _checked(units: Iterable[Unit]) -> dict[str, str]:
    given = {unit.code: unit.name for unit in units}
    wrong = next((code for code in given if not codes.is_code(code)), None)
    if wrong is not None:
        raise ValidationError({"code": _("“%(code)s”不是 12 位区划代码，请检查名单。") % {"code": wrong}})
    return given


def _known(given: dict[str, str], covers: str) -> dict[str, Division]:
    """Units in force that the list speaks of: inside `covers` down to its deepest level, and those named above it."""
    deepest = max(map(codes.level_of, given), default=0)
    outside = [code for code in given if not code.startswith(codes.prefix(covers))]
    inside = Division.objects.current().under(covers).filter(level__lte=deepest)
    return {row.code: row for row in [*inside, *Division.objects.current().filter(code__in=outside)]}


def _made(new: Sequence[str], given: dict[str, str], tell: Callable[[int, int], None]) -> list[Division]:
    rows = []
    for done, code in enumerate(new, 1):
        rows.append(row_of(code, given[code]))
        if done % BATCH == 0 or done == len(new):
            tell(done, len(new))
    return rows


def row_of(code: str, name: str, since: date = UNRECORDED) -> Division:
    """A division as it would be stored: level, parent, readings and English name follow from code and name."""
    read = naming.names(name)
    return Division(
        code=code, level=codes.level_of(code), parent_code=codes.parent(code), name=name, valid_from=since,
        name_en=read.english, pinyin=read.pinyin, initials=read.initials,
    )  # fmt: skip


def _written(one: Past) -> bool:
    rows = Division.objects.filter(code=one.code, name=one.name, valid_from=one.since, valid_to=one.until)
    return rows.exists()


def _write_past(one: Past) -> None:
    """Write a former name, or mend its dates where the pack was corrected."""
    heir = one.successor or one.code
    old = Division.objects.filter(code=one.code, name=one.name).exclude(valid_to=None).first()
    heirs = Division.objects.select_for_update().filter(code=heir).exclude(pk=old and old.pk).order_by("valid_from")
    rows = list(heirs)
    after = next((row for row in rows if row.valid_to is None or row.valid_to > one.until), None)
    if after is None:
        sentence = _("曾用名“%(name)s”：没有代码为 %(code)s 的区划接替它。请改正代码或日期。")
        raise ValidationError({"code": sentence % {"name": one.name, "code": heir}})
    begins = UNRECORDED if old is None else old.valid_to
    if one.fresh and after.valid_from == begins:
        Division.objects.filter(pk=after.pk).update(valid_from=one.until)
    row = old or row_of(one.code, one.name)
    row.valid_from, row.valid_to, row.replaced_by = one.since, one.until, after
    row.save()


def rename(division: Division, *, name: str, on: date, by: Actor, name_en: str = "") -> Division:
    """Give a unit another name from the day `on`; returns the new row, the old one keeps the old name.

    The English name is made from the Chinese one unless given. Raises ValidationError if the division is no longer in
    force (somebody else was first), the name is the same, or the day is in the future or not after the last change.
    """
    require(by, "regions.edit", region=division.code)
    name = name.strip()
    with audit.change(by, "regions.rename", division, name=name, on=on, before=division.name) as entry:
        row = _in_force(division, on)
        if not name or name == row.name:
            raise ValidationError({"name": _("请填写与现名不同的新名称。")})
        entry.thing = new = _rename(row, name, on, name_en.strip())
        transaction.on_commit(forget)
    return new


def _rename(row: Division, name: str, on: date, name_en: str = "") -> Division:
    Division.objects.filter(pk=row.pk).update(valid_to=on)  # first, so that one row a code stays in force
    new = row_of(row.code, name, on)
    new.name_en = name_en or new.name_en
    new.save()
    Division.objects.filter(pk=row.pk).update(replaced_by=new)
    return new


def merge(divisions: Sequence[Division], *, into: Division, on: date, by: Actor) -> None:
    """Let units end on the day `on`; `into` takes their place.

    Units that still have others inside them are refused: a township's villages get new codes in the next published
    list, so that list is loaded and the villages are merged first. All must be of one level. Raises ValidationError.
    """
    for division in (*divisions, into):
        require(by, "regions.edit", region=division.code)
    with audit.change(by, "regions.merge", into, merged=[one.code for one in divisions], on=on):
        target = Division.objects.current().select_for_update().filter(pk=into.pk, valid_from__lte=on).first()
        if target is None:
            raise ValidationError({"into": _("%(name)s在这一天不是现行区划。") % {"name": into.name}})
        for division in divisions:
            row = _in_force(division, on)
            _check_merge(row, target)
            Division.objects.filter(pk=row.pk).update(valid_to=on, replaced_by=target)
        transaction.on_commit(forget)


def _check_merge(row: Division, target: Division) -> None:
    if row.pk == target.pk or row.level != target.level:
        raise ValidationError({"into": _("请选择另一个同级的区划作为并入对象。")})
    inside = Division.objects.current().filter(parent_code=row.code).count()
    if inside:
        sentence = _("%(name)s还有 %(n)s 个下级区划。请先导入新名单，再把它们逐个并入。")
        raise ValidationError({"into": sentence % {"name": row.name, "n": inside}})


def _in_force(division: Division, on: date) -> Division:
    """The division's row, locked. Raises ValidationError if it ended meanwhile or cannot end on that day."""
    if on > clock.today():
        raise ValidationError({"on": _("生效日期不能晚于今天。")})
    row = Division.objects.current().select_for_update().filter(pk=division.pk).first()
    if row is None:
        raise ValidationError(_("%(name)s已被更名或合并，请刷新页面后再操作。") % {"name": division.name})
    if on <= row.valid_from:
        raise ValidationError({"on": _("生效日期应晚于上一次变更的日期。")})
    return row


def save_departments(rows: Iterable[dict[str, Any]], *, by: Actor, source: str) -> int:
    """Make the departments with these keys as described (`parent` is a key), but those changed at the workbench.

    Returns how many changed.
    """
    return _save(Department, list(rows), "parent", by, "regions.departments", source)


def save_sites(rows: Iterable[dict[str, Any]], *, by: Actor, source: str) -> int:
    """Make the sites with these keys as described (`department` is a key), but those changed at the workbench.

    Returns how many changed.
    """
    return _save(Site, list(rows), "department", by, "regions.sites", source)


def _save(model: Any, rows: list[dict[str, Any]], link: str, by: Actor, verb: str, source: str) -> int:
    """Save what differs; when nothing does, nothing is written, not even to the log. `link` is given by its key."""
    for row in rows:
        require(by, "regions.load", region=row["region_code"])
    columns = {column for row in rows for column in row} - {link}
    there = {row["key"]: row for row in model.objects.values(*columns, f"{link}__key")}
    held = edited(model._meta.model_name)  # what was changed at the workbench stays as it is there
    changed = [row for row in rows if row["key"] not in held and there.get(row["key"]) != _flat(row, link)]
    if changed:
        with audit.change(by, verb, source) as entry:
            entry.rows = changed
            for row in changed:
                facts = {**row, link: _department(row[link])}
                model.objects.update_or_create(key=facts.pop("key"), defaults=facts)
            transaction.on_commit(forget)
    return len(changed)


def _flat(row: dict[str, Any], link: str) -> dict[str, Any]:
    return {f"{link}__key" if name == link else name: value for name, value in row.items()}


def _department(key: str | None) -> Department | None:
    if key is None:
        return None
    found = Department.objects.filter(key=key).first()
    if found is None:
        sentence = _("没有标识为 %(key)s 的部门。请先在 departments 数据包里写它。")
        raise ValidationError({"department": sentence % {"key": key}})
    return found
