"""Answers: what was posted is read, cleaned and judged field by field, and two versions of it are merged.

Stands above `kinds`, below `operations`; touches no table of its own. Answers are a JSON object, field key to value.
What a condition hides is kept in the draft, asks for nothing and is not submitted.
"""

import math
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as made
from typing import Any

from django.utils.translation import gettext as _

from hexi.blocks.forms import conditions, kinds, typed
from hexi.blocks.forms.definitions import Field, Form

#: facts about a draft that conditions may look at beside the answers; no field may be called so
FACTS = ("applicant", "today")
#: kinds whose answer has parts, each with a control of its own
PARTS = {
    "period": ("from", "to"),
    "address": ("region", "detail"),
    "map_point": ("lon", "lat"),
    "signature": ("strokes", "account"),
}
#: kinds whose answers are documents; their slot is FILES + path ("form:members.r1.photo")
FILED, FILES = ("file", "photo"), "form:"
Raw = dict[str, Any]
Files = Mapping[str, Iterable[str]]


@dataclass
class Cleaned:
    """What became of some answers.

    `values` are those that may be submitted; `kept` is what the draft keeps: good answers in their normal form, wrong
    ones as typed. `errors` lead from a path ("name", "felling.to", "members.r1.name") to the sentence, in the order of
    the page. `shown` are the paths of the fields the conditions show ("members.r1.name" in rows). `unknown` are names
    the form does not have; each has its sentence in `errors`.
    """

    values: Raw = made(default_factory=dict)
    kept: Raw = made(default_factory=dict)
    errors: dict[str, str] = made(default_factory=dict)
    shown: set[str] = made(default_factory=set)
    unknown: list[str] = made(default_factory=list)
    facts: Raw = made(default_factory=dict)

    def at(self, path: str) -> Any:
        """The submitted answer at a path: "name", or inside a row "members.r1.name"."""
        key, _dot, rest = path.partition(".")
        if not rest:
            return self.values.get(key)
        row, _dot, inner = rest.partition(".")
        return next((one.get(inner) for one in self.values.get(key, ()) if one["id"] == row), None)

    def look(self, name: str) -> Any:
        """The submitted answer or fact of this name: what conditions of materials look at."""
        return self.values.get(name, self.facts.get(name))


def clean(
    form: Form, raw: Mapping[str, Any], facts: Mapping[str, Any] | None = None, files: Files | None = None
) -> Cleaned:
    """Every answer judged. `raw` may come from a draft or from JSON; names the form does not know are refused.

    `files` are the names of the documents there are for each path of a file field.
    """
    done, files = Cleaned(facts=dict(facts or {})), files or {}
    fields = [field for _section, field in form.fields()]
    good, faults = _each(fields, raw, done.kept, files)
    # rows look at the form as it is without rows; then formulas of the form see the rows that are filled in
    around = conditions.Sheet(form.rules, good | done.facts)
    groups = {
        field.key: [_row(field, row, around.look, files) for row in good[field.key] or ()]
        for field in fields
        if field.kind == "repeating"
    }
    filled = {key: [row.values for row in rows if not row.blank] for key, rows in groups.items()}
    sheet = conditions.Sheet(form.rules, good | filled | done.facts)
    for field in fields:
        if not sheet.shows(field.key):
            continue
        done.shown.add(field.key)
        if field.kind == "repeating" and not faults[field.key]:
            _judge_rows(field, groups[field.key], sheet.look, done)
        else:
            value = _computed(field, sheet) if field.kind == "computed" else good[field.key]
            _judge(field, value, faults[field.key], sheet.look, field.key, done.values, done.errors)
    _refuse(_strangers(fields, raw), done)
    return done


def _computed(field: Field, sheet: conditions.Sheet) -> Any:
    return kinds.settled(field, sheet.look(field.key))


def _refuse(names: Iterable[str], done: Cleaned) -> None:
    for name in names:
        done.unknown.append(name)
        done.errors[name] = unknown(name)


def _each(
    fields: Iterable[Field], raw: Mapping[str, Any], kept: Raw, files: Files, prefix: str = ""
) -> tuple[Raw, dict[str, list[Any]]]:
    """Good values (None: none, or a wrong one) and faults of each field; fills `kept`."""
    good, faults = {}, {}
    for field in fields:
        if field.kind in FILED:
            good[field.key], faults[field.key] = list(files.get(prefix + field.key, ())) or None, []
            continue
        try:
            good[field.key], faults[field.key] = kinds.clean(field, raw.get(field.key)), []
        except typed.Wrong as error:
            good[field.key], faults[field.key] = None, list(error.faults)
        if field.kind == "repeating" and good[field.key]:
            good[field.key] = _with_ids(good[field.key])
            kept[field.key] = [_kept_row(field, row) for row in good[field.key]]
        elif good[field.key] is not None or faults[field.key]:
            kept[field.key] = good[field.key] if not faults[field.key] else as_typed(field, raw.get(field.key))
    return good, faults


def _judge(
    field: Field, value: Any, faults: list[Any], look: conditions.Look, path: str, values: Raw, errors: dict[str, str]
) -> None:
    if value is not None:
        values[field.key] = value
    elif faults:
        errors.update({join(path, part): sentence for part, _code, sentence in faults})
    elif field.kind != "note" and conditions.holds(field.required, look):
        errors[join(path, PARTS.get(field.kind, ("",))[0])] = typed.missing(field)


@dataclass
class _Row:
    """One row of a group as it stands."""

    path: str
    raw: Raw
    good: Raw
    faults: dict[str, list[Any]]
    sheet: conditions.Sheet
    values: Raw

    @property
    def blank(self) -> bool:
        """True if nothing was filled in: no answer."""
        return all(value is None for value in self.good.values()) and not any(self.faults.values())


def _row(field: Field, raw: Raw, outer: conditions.Look, files: Files) -> _Row:
    path = f"{field.key}.{raw['id']}"
    good, faults = _each(field.fields, raw, {}, files, f"{path}.")
    sheet = conditions.Sheet({one.key: one.rule() for one in field.fields}, good, outer)
    values: Raw = {"id": raw["id"]}
    for one in field.fields:
        if sheet.shows(one.key):
            value = _computed(one, sheet) if one.kind == "computed" else good[one.key]
            values |= {} if value is None else {one.key: value}
    return _Row(path, raw, good, faults, sheet, values)


def _judge_rows(field: Field, rows: list[_Row], look: conditions.Look, done: Cleaned) -> None:
    filled: list[Raw] = []
    for row in rows:
        done.shown |= {f"{row.path}.{key}" for key in row.sheet.shown}
        _refuse((f"{row.path}.{name}" for name in _strangers(field.fields, row.raw) if name != "id"), done)
        if row.blank:
            continue
        for one in field.fields:
            if row.sheet.shows(one.key):
                _judge(
                    one, row.values.get(one.key), row.faults[one.key], row.sheet.look, f"{row.path}.{one.key}", {},
                    done.errors,
                )  # fmt: skip
        filled.append(row.values)
    try:
        kinds.counted_rows(field, filled, conditions.holds(field.required, look))
    except typed.Wrong as error:
        done.errors[field.key] = error.faults[0][2]
    if filled:
        done.values[field.key] = filled


def _kept_row(field: Field, row: Raw) -> Raw:
    kept: Raw = {"id": row["id"]}
    _each(field.fields, row, kept, {})
    return kept


def _with_ids(rows: list[Any]) -> list[Raw]:
    """Rows as objects, each with an id of its own: what errors, merges and files hold on to."""
    found: dict[str, Raw] = {}
    for number, row in enumerate(rows, 1):
        given = row if isinstance(row, dict) else {}
        key = str(given.get("id") or "")
        if not (key.isalnum() and key.isascii() and len(key) <= 20) or key in found:
            key = next(new for new in (f"r{n}" for n in range(number, number + len(rows) + 1)) if new not in found)
        found[key] = {**given, "id": key}
    return list(found.values())


def _strangers(fields: Iterable[Field], raw: Mapping[str, Any]) -> Iterator[str]:
    """Names in `raw` that no field has."""
    known = {field.key: field for field in fields}
    for name, value in raw.items():
        if name not in known:
            yield str(name)
        elif known[name].kind in PARTS and isinstance(value, dict):
            yield from (f"{name}.{part}" for part in value if part not in PARTS[known[name].kind])


def unknown(name: str) -> str:
    """The sentence for a name the form does not know."""
    return _("表单里没有“%(name)s”这一项。请删去它，或核对名称。") % {"name": name[:60]}


def join(path: str, part: str) -> str:
    """The path of a part of a field."""
    return f"{path}.{part}" if part else path


def as_typed(field: Field, raw: Any) -> Any:
    """A wrong answer as the draft keeps it: what its controls can show again."""
    if field.kind not in PARTS:
        return plain(raw)
    given = raw if isinstance(raw, dict) else {PARTS[field.kind][field.kind == "address"]: raw}
    return {part: plain(given[part]) for part in PARTS[field.kind] if given.get(part) is not None}


def plain(raw: Any, depth: int = 4) -> Any:
    """Something typed as it may be stored: JSON, without what a database refuses."""
    if isinstance(raw, dict) and depth:
        return {typed.tidy(key): plain(value, depth - 1) for key, value in raw.items()}
    if isinstance(raw, list | tuple) and depth:
        return [plain(value, depth - 1) for value in raw]
    if raw is None or isinstance(raw, bool | int) or (isinstance(raw, float) and math.isfinite(raw)):
        return raw
    return typed.tidy(raw)


# --- from a page ----------------------------------------------------------------------------------------------------


def read(fields: Iterable[Field], posted: Any, prefix: str = "") -> Raw:
    """The answers in a posted page (a QueryDict); a field that was not on the page is left out."""
    raw: Raw = {}
    for field in fields:
        name = prefix + field.key
        if field.kind in PARTS:
            parts = {part: _last(posted, f"{name}.{part}") for part in PARTS[field.kind]}
            if any(value is not None for value in parts.values()):
                raw[field.key] = parts if any(parts.values()) else None
        elif field.kind == "repeating" and name in posted:
            rows = [row for row in posted.getlist(name) if row]
            raw[field.key] = [{"id": row, **read(field.fields, posted, f"{name}.{row}.")} for row in rows]
        elif name in posted:
            raw[field.key] = posted.getlist(name) if field.kind == "choices" else _last(posted, name)
    return raw


def _last(posted: Any, name: str) -> str | None:
    """The last value that is not empty: a region picker sends one for each level chosen so far."""
    given = posted.getlist(name)
    return next((value for value in reversed(given) if value), "") if given else None


def change_rows(
    fields: Iterable[Field], raw: Raw, *, add: str = "", remove: str = "", up: str = "", down: str = ""
) -> None:
    """Add an empty row to the group `add`, take out the row `remove` ("members.r1"), or move one, in what `read` gave.

    A row keeps its id wherever it stands, and with it its files.
    """
    for field in fields:
        if field.kind != "repeating":
            continue
        rows = [row for row in raw.get(field.key) or () if f"{field.key}.{row['id']}" != remove]
        if field.key == add:
            rows.append({"id": secrets.token_hex(4)})
        for path, step in ((up, -1), (down, 1)):
            _moved(rows, path.removeprefix(f"{field.key}."), step)
        if field.key in raw or rows:
            raw[field.key] = rows


def _moved(rows: list[Raw], key: str, step: int) -> None:
    """Let a row change places with the one before (-1) or after it (1); nothing at the ends, or if it is gone."""
    place = next((place for place, row in enumerate(rows) if row["id"] == key), None)
    if place is not None and 0 <= place + step < len(rows):
        rows[place], rows[place + step] = rows[place + step], rows[place]


def strangers(fields: Iterable[Field], posted: Any) -> list[str]:
    """Names in a posted page that no field of it has; the page's own names begin with an underscore."""
    known = set(names(fields, posted))
    return [name for name in posted if name not in known and name != "csrfmiddlewaretoken" and name[:1] != "_"]


def names(fields: Iterable[Field], posted: Any, prefix: str = "") -> Iterator[str]:
    """Names of all controls of some fields, rows included."""
    for field in fields:
        name = prefix + field.key
        yield name
        yield from (f"{name}.{part}" for part in PARTS.get(field.kind, ()))
        for row in posted.getlist(name) if field.kind == "repeating" else ():
            yield from names(field.fields, posted, f"{name}.{row}.")


# --- two tabs -------------------------------------------------------------------------------------------------------


def merge(base: Raw, stored: Raw, posted: Raw) -> tuple[Raw, dict[str, Any]]:
    """What to keep when a page that was loaded at `base` is posted while the draft already says `stored`.

    Only what the page changed is taken over; where both changed the same field the page wins, as the later one, and
    the other value is returned under the field's path so that its writer can be told. Rows are merged one by one.
    """
    merged, lost = dict(stored), {}
    for key, value in posted.items():
        before, now = base.get(key), stored.get(key)
        if _is_rows(value) and _is_rows(now):
            merged[key], others = _merge_rows(before if _is_rows(before) else [], now, value)
            lost |= {f"{key}.{path}": other for path, other in others.items()}
        elif not conditions.same(value, before):
            merged[key] = value
            if not conditions.same(now, before) and not conditions.same(now, value):
                lost[key] = now
    return {key: value for key, value in merged.items() if value is not None}, lost


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(row, dict) and "id" in row for row in value)


def _merge_rows(base: list[Raw], stored: list[Raw], posted: list[Raw]) -> tuple[list[Raw], dict[str, Any]]:
    old, now = ({row["id"]: row for row in rows} for rows in (base, stored))
    merged, lost = {}, {}
    for row in posted:
        key = row["id"]
        if key in old and key not in now and conditions.same(old[key], row):
            continue  # removed elsewhere, untouched here
        empty = dict.fromkeys({*old.get(key, {}), *now.get(key, {})})
        merged[key], others = merge(old.get(key, {}), now.get(key, {}), {**empty, **row})
        lost |= {f"{key}.{path}": other for path, other in others.items()}
    for key, row in now.items():
        if key not in merged and not (key in old and conditions.same(old[key], row)):
            merged[key] = row  # added or changed elsewhere: kept, although the page does not have it
    return list(merged.values()), lost
