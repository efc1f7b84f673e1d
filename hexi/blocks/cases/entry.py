"""Applications that another system hands in for an identified person: judged, filed and submitted. Beside `intake`."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as made
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.cases import operations
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.intake import deliveries
from hexi.blocks.cases.models import Case, ItemVersion
from hexi.blocks.cases.states import State
from hexi.blocks.documents import operations as documents
from hexi.blocks.documents import queries as papers
from hexi.blocks.documents.models import Document
from hexi.blocks.documents.readers import Reader
from hexi.blocks.forms import answers, conditions
from hexi.blocks.forms.definitions import Slot
from hexi.blocks.parcels import addresses
from hexi.blocks.people.models import Person
from hexi.kernel import clock
from hexi.kernel.actors import Actor

#: what files belong to until their case is there, and the channel of such a case
KIND, CHANNEL = "cases.entry", "api"
CASE = "cases.case"


def may(actor: Actor, document: Document) -> bool:
    """Until the case is there, the files are those of the system that sent them."""
    return document.made_by == actor.key


READER = Reader(KIND, may)


@dataclass(frozen=True)
class Given:
    """A file handed in: the place it is for (key of a material, or "form:" and the path of a question)."""

    slot: str
    name: str
    content: bytes


@dataclass
class Filing:
    """Files on their way into a case: stored before its transaction, taken away again if nothing came of it."""

    once: str
    by: Actor
    stored: list[Document] = made(default_factory=list)

    def store(self, files: list[Given], owner: Person, rooms: Mapping[str, int]) -> None:
        """Take the files; a wrong one is told by its slot, and then none is kept."""
        faults: dict[str, Any] = {}
        for one in files:
            try:
                document = documents.store(
                    io.BytesIO(one.content), name=one.name, by=self.by, owner=owner, thing=(KIND, self.once),
                    slot=one.slot, most=rooms[one.slot],
                )  # fmt: skip
                self.stored.append(document)
            except ValidationError as error:
                faults[f"file.{one.slot}"] = f"{one.name}：{' '.join(error.messages)}"
        if faults:
            self.drop()
            raise ValidationError(faults)

    def hand_over(self, case: Case) -> None:
        """They belong to the case now."""
        documents.hand_over((KIND, self.once), case, by=self.by)

    def drop(self) -> None:
        """Nothing came of it."""
        for document in papers.of_thing(KIND, self.once):
            documents.remove(document, by=self.by)


def apply(
    version: ItemVersion, *, applicant: Person, raw: Mapping[str, Any], files: list[Given], once: str, by: Actor,
    answer: Callable[[Callable[[], Case]], Any], delivery: str = "online", to: Mapping[str, str] | None = None,
) -> Any:  # fmt: skip
    """Hand in an application. `answer(make)` calls `make()` inside the transaction that remembers what was answered.

    Raises `ValidationError` by field, and "file.<slot>" for materials.
    """
    rules = definition(version)
    if delivery not in deliveries(rules):
        raise ValidationError({"delivery": _("请选择一种送达方式。")})
    values, rooms = judge(version, applicant, raw, files, {})
    where = addresses.checked(to or addresses.of_person(applicant)) if delivery == "courier" else {}
    filing = Filing(once, by)
    filing.store(files, applicant, rooms)

    def make() -> Case:
        case, _new = operations.submit(
            version, applicant=applicant, answers=values, submission=once, by=by, phone=applicant.phone,
            delivery=delivery, delivery_to=where, channel=CHANNEL,
        )  # fmt: skip
        filing.hand_over(case)
        return case

    return _done(filing, answer, make)


def supplement(
    case: Case, *, raw: Mapping[str, Any], files: list[Given], once: str, by: Actor,
    answer: Callable[[Callable[[], Case]], Any],
) -> Any:  # fmt: skip
    """Hand in what the office asked for: answers given replace those of the case, files those in their place."""
    if case.state not in (State.CORRECTING, State.RETURNED):
        raise ValidationError(_("这件办件现在不需要补充。"))
    there = {slot: [one.name for one in held] for slot, held in papers.by_slot(CASE, str(case.pk)).items()}
    values, rooms = judge(case.version, case.applicant, {**case.answers, **raw}, files, there)
    filing = Filing(once, by)
    filing.store(files, case.applicant, rooms)

    def make() -> Case:
        do = operations.supplement if case.state == State.CORRECTING else operations.mend
        changed = do(case, answers=values, by=by, revision=case.revision)
        filing.hand_over(changed)
        return changed

    return _done(filing, answer, make)


def _done(filing: Filing, answer: Callable[[Callable[[], Case]], Any], make: Callable[[], Case]) -> Any:
    try:
        return answer(make)
    finally:
        filing.drop()  # what was handed over is no longer here


def judge(
    version: ItemVersion, applicant: Person, raw: Mapping[str, Any], files: list[Given],
    there: Mapping[str, list[str]],
) -> tuple[dict[str, Any], dict[str, int]]:  # fmt: skip
    """The answers that may be submitted, and how many files each place takes. Raises `ValidationError` by field."""
    national = definition(version).national
    named: dict[str, list[str]] = {slot: list(names) for slot, names in there.items()}
    for one in files:
        named.setdefault(one.slot, []).append(one.name)
    facts = {"applicant": "person" if applicant.natural else "body", "today": clock.today().isoformat()}
    asked = {slot.removeprefix(answers.FILES): names for slot, names in named.items() if slot.startswith(answers.FILES)}
    cleaned = answers.clean(national.form, raw, facts, asked)
    for stop in national.form.stops:
        if conditions.holds(stop.when, cleaned.look):
            raise ValidationError(f"{stop.title} {stop.text}")
    slots = {one.key: one for one in national.slots() if conditions.holds(one.when, cleaned.look)}
    faults = {f"answers.{path}": said for path, said in cleaned.errors.items()}
    faults |= _missing(slots, named, cleaned.look) | _strange(files, slots, cleaned)
    if faults:
        raise ValidationError(faults)
    rooms = {key: slot.max_files for key, slot in slots.items()}
    return cleaned.values, rooms | dict.fromkeys((one.slot for one in files if one.slot not in rooms), 1)


def _missing(slots: Mapping[str, Slot], named: Mapping[str, list[str]], look: Any) -> dict[str, str]:
    return {
        f"file.{key}": _("请上传“%(title)s”。") % {"title": slot.title}
        for key, slot in slots.items()
        if not named.get(key) and conditions.holds(slot.required, look)
    }


def _strange(files: list[Given], slots: Mapping[str, Slot], cleaned: answers.Cleaned) -> dict[str, str]:
    """Files for places that this application does not have."""
    good = {*slots, *(f"{answers.FILES}{path}" for path in cleaned.shown if cleaned.at(path) is not None)}
    sentence = _("没有“%(name)s”这一项材料。请对照事项的 slots 上传。")
    return {f"file.{one.slot}": sentence % {"name": one.slot[:60]} for one in files if one.slot not in good}
