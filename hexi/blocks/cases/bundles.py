"""一件事: several items asked for at once. Pure: the pack's schema, one merged form, what each item gets of it.

`compose` makes of a bundle and its items (`ServiceItem` by key) the form that is asked and the places for files; `raw`
gives back what one item's own form would have been told. `bundle_lint` says what makes that impossible.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

from pydantic import Field as Given
from pydantic import StringConstraints

from hexi.blocks.cases.items import ServiceItem, Slug
from hexi.blocks.cases.parts import ACCOUNT, Code, Material, TimeLimit
from hexi.blocks.forms.conditions import evaluate, names, nothing
from hexi.blocks.forms.definitions import Field, Form, Key, Section, Slot
from hexi.kernel.packs import PackModel, Words

#: what an earlier item gives beside its answers: its certificate's identifier; the number of whom it establishes, or
#: else of its certificate
CERTIFICATE, NUMBER = "certificate", "number"
LATER = (CERTIFICATE, NUMBER)
#: questions that are not told but made, or whose answers are files
UNTOLD = ("computed", "note", "file", "photo")
#: what two questions of one key may differ in
FREE = {"label", "hint", "example", "required", "when", "prefill", "messages", "fields", "choices", "min"}
Take = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9\-]*\.[a-z][a-z0-9_]*$")]
Items = Mapping[str, ServiceItem]
Raw = dict[str, Any]


class Part(PackModel):
    """One item of a bundle, begun when those it is `after` are granted and certified.

    `takes` fills a question from an earlier item: "item.field", "item.certificate", "item.number"; `given` are answers
    this bundle settles: neither is asked. `applicant` names the earlier item that establishes who applies here.
    `promised` is the office's time where it is shorter within the bundle.
    """

    item: Slug
    after: tuple[Slug, ...] = ()
    takes: dict[Key, Take] = {}
    given: dict[Key, bool | str] = {}
    applicant: Slug | None = None
    promised: TimeLimit | None = None


class BundleFile(PackModel):
    """One file of `packs/bundles/`: what people come for, and the items it takes."""

    key: Slug
    title: Words
    sentence: Words
    aliases: tuple[str, ...] = ()
    life_event: Code("LIFE_EVENTS")
    items: tuple[Part, ...] = Given(min_length=2)

    def part(self, item: str) -> Part:
        """The part of this item; `KeyError` if there is none."""
        for one in self.items:
            if one.item == item:
                return one
        raise KeyError(item)

    @cached_property
    def order(self) -> tuple[Part, ...]:
        """The parts so that each stands behind those it is after. Raises `ValueError` for a circle."""
        left, done = list(self.items), []
        while left:
            ready = [one for one in left if set(one.after) <= {part.item for part in done}]
            if not ready:
                raise ValueError("、".join(one.item for one in left))
            done.append(ready[0])
            left.remove(ready[0])
        return tuple(done)

    def earlier(self, item: str) -> tuple[str, ...]:
        """Every item that is finished before this one begins."""
        found: dict[str, None] = {}
        for one in self.part(item).after:
            found |= dict.fromkeys((*self.earlier(one), one))
        return tuple(found)


@dataclass(frozen=True)
class Paper:
    """A material of the bundle, asked once; `of` are the items it is for, with its key there."""

    material: Material
    slot: Slot
    of: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Saved:
    """What asking once saves: (one by one, together)."""

    forms: tuple[int, int]
    questions: tuple[int, int]
    materials: tuple[int, int]


@dataclass(frozen=True)
class Composed:
    """A bundle with its items' texts, as one application."""

    file: BundleFile
    items: Items

    @cached_property
    def form(self) -> Form:
        """The items' questions in their order, each once; what is taken or given is left out."""
        asked = self._asked
        sections, placed, used = [], set(), set()
        for part in self.file.order:
            for section in self.items[part.item].form.sections:
                keys = [one.key for one in section.fields if one.key in asked and one.key not in placed]
                fields = [merged for key in keys if (merged := _merged(asked[key])) is not None]
                placed |= set(keys)
                if fields:
                    key = _free(section.key, used)
                    sections.append(Section(key=key, title=section.title, about=section.about, fields=tuple(fields)))
        stops = {
            stop.key: stop.model_copy(update={"when": rewrite(stop.when, self.meaning(part.item))})
            for part in reversed(self.file.order)
            for stop in reversed(self.items[part.item].form.stops)
        }
        return Form(sections=tuple(sections), stops=tuple(reversed(stops.values())))

    @cached_property
    def papers(self) -> tuple[Paper, ...]:
        """The materials to hand in, each once: not what an earlier item of the bundle issues."""
        same: dict[tuple[str, str], list[tuple[ServiceItem, Material, Any]]] = {}
        for part in self.file.order:
            for one in self.wanted(part.item):
                if (when := settled(rewrite(one.when, self.meaning(part.item)))) is not False:
                    same.setdefault((one.key, one.title.zh), []).append((self.items[part.item], one, when))
        used: set[str] = set()
        return tuple(_paper(rows, _free(key, used)) for (key, _title), rows in same.items())

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """The places for files."""
        return tuple(one.slot for one in self.papers)

    @cached_property
    def saved(self) -> Saved:
        """How much less it is than one application after another."""
        forms = [self.items[part.item] for part in self.file.items]
        questions = sum(len(list(one.form.fields())) for one in forms)
        papers = sum(len(list(_files(one))) for one in forms)
        return Saved((len(forms), 1), (questions, len(list(self.form.fields()))), (papers, len(self.papers)))

    @cached_property
    def audience(self) -> tuple[str, ...]:
        """Kinds of person who may apply for all of it."""
        own = [set(self.items[part.item].audience) for part in self.file.items if part.applicant is None]
        return tuple(sorted(set.intersection(*own))) if own else ()

    def wanted(self, item: str) -> Iterator[Material]:
        """Materials of an item that the bundle has to ask for."""
        issued = {self.items[one].result.certificate for one in self.file.earlier(item)}
        return (one for one in _files(self.items[item]) if not issued & set(one.have_it))

    def issued_for(self, item: str) -> dict[str, str]:
        """Materials of an item that an earlier one issues: key to that item."""
        by_type = {self.items[one].result.certificate: one for one in self.file.earlier(item)}
        return {one.key: by_type[kind] for one in _files(self.items[item]) for kind in one.have_it if kind in by_type}

    def later(self, item: str) -> dict[str, tuple[str, str]]:
        """Questions of an item that only the end of an earlier one answers: field to (item, what)."""
        sources = {key: _source(take) for key, take in self.file.part(item).takes.items()}
        return {key: source for key, source in sources.items() if source[1] in LATER}

    def meaning(self, item: str) -> Raw:
        """What the names in an item's conditions stand for in the merged form, where it is something else."""
        part = self.file.part(item)
        found: Raw = dict(part.given)
        for key, take in part.takes.items():
            source, what = _source(take)
            found[key] = None if what in LATER else self.meaning(source).get(what, {"var": what})
        if part.applicant is not None:
            found["applicant"] = "body"
        return found

    def raw(self, item: str, answers: Raw, results: Mapping[str, Mapping[str, Any]] = {}) -> Raw:
        """What the item's own form would have been told. `results` are the `LATER` of items that are finished."""
        part, found = self.file.part(item), {}
        for _section, one in self.items[item].form.fields():
            if one.kind in UNTOLD:
                continue
            if one.key in part.given:
                value = part.given[one.key]
            elif one.key in part.takes:
                source, what = _source(part.takes[one.key])
                later = results.get(source, {})
                value = later.get(what) if what in LATER else self.raw(source, answers, results).get(what)
            else:
                value = _own(one, answers.get(one.key))
            if value is not None:
                found[one.key] = value
        return found

    @cached_property
    def _asked(self) -> dict[str, list[tuple[Field, Any, Any]]]:
        """Each key with the questions of that key: the field, when it is asked, when an answer is required."""
        found: dict[str, list[tuple[Field, Any, Any]]] = {}
        for part in self.file.order:
            meaning = self.meaning(part.item)
            for section, one in self.items[part.item].form.fields():
                if one.key in meaning:
                    continue
                when = all_of(rewrite(section.when, meaning), rewrite(one.when, meaning))
                copy = _in_words(one, meaning)
                found.setdefault(one.key, []).append((copy, when, settled(copy.required)))
        return found


def compose(file: BundleFile, items: Items) -> Composed:
    """The bundle as one application."""
    return Composed(file, {part.item: items[part.item] for part in file.items})


# --- conditions -------------------------------------------------------------------------------------------------------
def rewrite(condition: Any, meaning: Mapping[str, Any]) -> Any:
    """The condition with names replaced by what they stand for."""
    if isinstance(condition, list):
        return [rewrite(part, meaning) for part in condition]
    if not isinstance(condition, dict) or not meaning:
        return condition
    ((operator, operands),) = condition.items()
    if operator == "var":
        name = operands[0] if isinstance(operands, list) else operands
        return meaning.get(name, condition)
    return {operator: rewrite(operands, meaning)}


def settled(condition: Any) -> Any:
    """True or false if nobody's answer can change it, else the condition."""
    return condition if next(names(condition), None) is not None else bool(evaluate(condition, nothing))


def all_of(*conditions: Any) -> Any:
    """One condition that holds if all do."""
    left = [one for one in map(settled, conditions) if one is not True]
    if False in left:
        return False
    return {"and": left} if len(left) > 1 else (left[0] if left else True)


def any_of(*conditions: Any) -> Any:
    """One condition that holds if any does."""
    left: list[Any] = []
    for one in map(settled, conditions):
        if one is True:
            return True
        if one is not False and one not in left:
            left.append(one)
    return {"or": left} if len(left) > 1 else (left[0] if left else False)


# --- pieces -----------------------------------------------------------------------------------------------------------
def _source(take: str) -> tuple[str, str]:
    item, _dot, what = take.partition(".")
    return item, what


def _own(field: Field, value: Any) -> Any:
    """Of an answer to a joined question, what this item offers to choose."""
    if field.kind == "choices" and isinstance(value, list):
        keys = {choice.key for choice in field.choices}
        return [one for one in value if one in keys]
    return value


def _in_words(field: Field, meaning: Raw) -> Field:
    """The field with its conditions in the words of the merged form; a row's own names stay its own."""
    inner = {key: value for key, value in meaning.items() if key not in {one.key for one in field.fields}}
    changed: Raw = {"required": rewrite(field.required, meaning), "formula": rewrite(field.formula, meaning)}
    if field.fields:
        changed["fields"] = tuple(
            _in_words(one, inner).model_copy(update={"when": settled(rewrite(one.when, inner))}) for one in field.fields
        )
    return field.model_copy(update=changed)


def _merged(asked: Sequence[tuple[Field, Any, Any]]) -> Field | None:
    """One question for all that are asked under one key; None if it can never be shown."""
    first = asked[0][0]
    when = any_of(*(one for _field, one, _required in asked))
    if when is False:
        return None
    demands = {str(required): required for _field, _when, required in asked}
    required = next(iter(demands.values())) if len(demands) == 1 else any_of(*(all_of(w, r) for _f, w, r in asked))
    changed: Raw = {"when": when, "required": required}
    if first.kind == "choices":
        choices = {choice.key: choice for one, _when, _required in asked for choice in one.choices}
        if len(choices) > len(first.choices):
            changed |= {"choices": tuple(choices.values()), "min": len(choices)}
    return first.model_copy(update=changed)


def _files(item: ServiceItem) -> Iterator[Material]:
    """Materials of an item that somebody has to hand in."""
    return (one for one in item.materials if not one.is_form and ACCOUNT not in one.have_it)


def _holds_up(item: ServiceItem, material: Material) -> bool:
    """True if the item cannot be asked for without the material; the intake asks for what is left to a promise."""
    replaced = item.pledge.replaces if item.pledge else ()
    return material.slot().required is True and material.key not in replaced


def _paper(rows: Sequence[tuple[ServiceItem, Material, Any]], key: str) -> Paper:
    """One place for files of all these; what may follow or be pledged for by every item holds nothing up here."""
    first = rows[0][1]
    when = any_of(*(one for _item, _material, one in rows))
    needed = any_of(*(one for item, material, one in rows if _holds_up(item, material)))
    required = True if needed == when else needed
    most = min(material.files for _item, material, _when in rows)
    slot = Slot(
        key=key, title=first.title, required=required, when=when, hint=first.filling, max_files=most,
        wanted_words=first.says, wanted_types=first.types,
    )  # fmt: skip
    return Paper(first, slot, tuple((item.key, material.key) for item, material, _when in rows))


def _free(key: str, used: set[str]) -> str:
    """The key, or with a figure behind it where another has it."""
    found = key if key not in used else next(name for n in range(2, 99) if (name := f"{key[:37]}_{n}") not in used)
    used.add(found)
    return found
