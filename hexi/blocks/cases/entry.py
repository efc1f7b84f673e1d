"""Applications that another system hands in for an identified person: judged, filed and submitted. Beside `intake`."""

import io
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as made
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.cases import operations, signing, waiting
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.intake import deliveries
from hexi.blocks.cases.items import ServiceItem
from hexi.blocks.cases.models import Case, ItemVersion
from hexi.blocks.cases.states import State
from hexi.blocks.documents import operations as documents
from hexi.blocks.documents import queries as papers
from hexi.blocks.documents.models import Document
from hexi.blocks.documents.readers import Reader
from hexi.blocks.documents.reading import Wanted
from hexi.blocks.forms import answers, conditions
from hexi.blocks.forms.definitions import Form, Slot
from hexi.blocks.forms.saying import listed
from hexi.blocks.parcels import addresses
from hexi.blocks.people.models import Person
from hexi.kernel import clock
from hexi.kernel.actors import Actor

#: what files belong to until their case is there, and the channel of such a case
KIND, CHANNEL = "cases.entry", "api"
CASE = "cases.case"
#: no request is on its way so long
CUT_OFF = timedelta(days=1)


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


@dataclass(frozen=True)
class Room:
    """How many files a place takes, and what paper it asks for."""

    most: int
    wanted: Wanted | None = None


@dataclass(frozen=True)
class Judged:
    """What may be submitted: the answers, room for each file that came, and the places left empty."""

    values: dict[str, Any]
    rooms: dict[str, Room]
    empty: tuple[str, ...]

    def left_open(self, national: ServiceItem, person: Person) -> signing.Open:
        """What of it the applicant may promise."""
        return signing.left_open(national, [national.material(key) for key in self.empty], person)


@dataclass
class Filing:
    """Files on their way into a case: stored before its transaction, taken away again if nothing came of it.

    Each request has a place of its own for them: under one Idempotency-Key another may be on its way with other files.
    """

    by: Actor
    place: str = made(default_factory=lambda: secrets.token_hex(16))
    stored: list[Document] = made(default_factory=list)

    def store(self, files: list[Given], owner: Person, rooms: Mapping[str, Room]) -> None:
        """Take the files; a wrong one is told by its slot, and then none is kept."""
        faults: dict[str, Any] = {}
        for one in files:
            try:
                document = documents.store(
                    io.BytesIO(one.content), name=one.name, by=self.by, owner=owner, thing=self.source,
                    slot=one.slot, most=rooms[one.slot].most, wanted=rooms[one.slot].wanted,
                )  # fmt: skip
                self.stored.append(document)
            except ValidationError as error:
                faults[f"file.{one.slot}"] = f"{one.name}：{' '.join(error.messages)}"
        if faults:
            self.drop()
            raise ValidationError(faults)

    @property
    def source(self) -> tuple[str, str]:
        """What the files belong to for now."""
        return (KIND, self.place)

    def hand_over(self, case: Case) -> None:
        """They belong to the case now."""
        documents.hand_over(self.source, case, by=self.by)

    def drop(self) -> None:
        """Nothing came of it."""
        for held in papers.by_slot(*self.source).values():
            for document in held:
                documents.remove(document, by=self.by)


def apply(
    version: ItemVersion, *, applicant: Person, raw: Mapping[str, Any], files: list[Given], once: str, by: Actor,
    answer: Callable[[Callable[[], Case]], Any], delivery: str = "online", to: Mapping[str, str] | None = None,
    signed: Collection[str] = (),
) -> Any:  # fmt: skip
    """Hand in an application. `answer(make)` calls `make()` inside the transaction that remembers what was answered.

    `signed` are the promises the applicant signed (`Promise.Kind`) where the asking system identified him.
    Raises `ValidationError` by field, and "file.<slot>" for materials.
    """
    rules = definition(version)
    if delivery not in deliveries(rules):
        raise ValidationError({"delivery": _("请选择一种送达方式。")})
    national = rules.national
    judged = judge(national.form, national.slots(), applicant, raw, files)
    left = judged.left_open(national, applicant)
    require_signed(left, signed)
    where = addresses.checked(to or addresses.of_person(applicant)) if delivery == "courier" else {}
    filing = Filing(by)
    filing.store(files, applicant, judged.rooms)

    def make() -> Case:
        case, _new = operations.submit(
            version, applicant=applicant, answers=judged.values, submission=once, by=by, phone=applicant.phone,
            delivery=delivery, delivery_to=where, channel=CHANNEL,
        )  # fmt: skip
        filing.hand_over(case)
        signing.keep(case, left, signed, by=by)
        return case

    return done(filing, answer, make)


def supplement(
    case: Case, *, raw: Mapping[str, Any], files: list[Given], by: Actor,
    answer: Callable[[Callable[[], Case]], Any],
) -> Any:  # fmt: skip
    """Hand in what the office asked for: answers given replace those of the case, files those in their place."""
    if case.state not in (State.CORRECTING, State.RETURNED):
        raise ValidationError(_("这件办件现在不需要补充。"))
    there = {slot: [one.name for one in held] for slot, held in papers.by_slot(CASE, str(case.pk)).items()}
    national = definition(case.version).national
    judged = judge(national.form, national.slots(), case.applicant, {**case.answers, **raw}, files, there)
    filing = Filing(by)
    filing.store(files, case.applicant, judged.rooms)

    def make() -> Case:
        do = operations.supplement if case.state == State.CORRECTING else operations.mend
        changed = do(case, answers=judged.values, by=by, revision=case.revision)
        filing.hand_over(changed)
        return changed

    return done(filing, answer, make)


def follow(case: Case, *, files: list[Given], by: Actor, answer: Callable[[Callable[[], Case]], Any]) -> Any:
    """Hand in what was promised to follow (容缺受理), while its term runs."""
    national = definition(case.version).national
    open_ = {one.material: national.material(one.material).slot() for one in waiting.outstanding(case)}
    strange = {one.slot for one in files} - set(open_)
    if strange or not files:
        named = listed(str(slot.title) for slot in open_.values()) or "—"
        raise ValidationError(_("现在要补交的材料是：%(names)s。请只交这些。") % {"names": named})
    filing = Filing(by)
    filing.store(files, case.applicant, {key: Room(slot.max_files, slot.wanted) for key, slot in open_.items()})

    def make() -> Case:
        filing.hand_over(case)
        return operations.hand_in(case, by=by)

    return done(filing, answer, make)


def drop_left(*, by: Actor) -> int:
    """Take away the files of requests that were cut off in the middle, days ago; how many."""
    left = Document.objects.present().filter(of_kind=KIND, made_at__lt=clock.now() - CUT_OFF)
    for document in left:
        documents.remove(document, by=by)
    return len(left)


def require_signed(left: signing.Open, signed: Collection[str]) -> None:
    """Nothing is left out without the promise; refused under the name of the field."""
    try:
        signing.require_signed(left, signed)
    except ValidationError as error:
        raise ValidationError({"signed": error.messages}) from None


def done(filing: Filing, answer: Callable[[Callable[[], Any]], Any], make: Callable[[], Any]) -> Any:
    """Answer by making it; the files go with it, or are taken away."""
    try:
        return answer(make)
    finally:
        filing.drop()  # what was handed over is no longer here


def judge(
    form: Form, places: Iterable[Slot], applicant: Person, raw: Mapping[str, Any], files: list[Given],
    there: Mapping[str, list[str]] = {},
) -> Judged:  # fmt: skip
    """What may be submitted of these answers and files, beside those that are `there`. `ValidationError` by field."""
    named: dict[str, list[str]] = {slot: list(names) for slot, names in there.items()}
    for one in files:
        named.setdefault(one.slot, []).append(one.name)
    facts = {"applicant": "person" if applicant.natural else "body", "today": clock.today().isoformat()}
    asked = {slot.removeprefix(answers.FILES): names for slot, names in named.items() if slot.startswith(answers.FILES)}
    cleaned = answers.clean(form, raw, facts, asked)
    for stop in form.stops:
        if conditions.holds(stop.when, cleaned.look):
            raise ValidationError(f"{stop.title} {stop.text}")
    slots = {one.key: one for one in places if conditions.holds(one.when, cleaned.look)}
    faults = {f"answers.{path}": said for path, said in cleaned.errors.items()}
    faults |= _missing(slots, named, cleaned.look) | _strange(files, slots, cleaned)
    if faults:
        raise ValidationError(faults)
    rooms = {one.slot: Room(1) for one in files}
    rooms |= {key: Room(slot.max_files, slot.wanted) for key, slot in slots.items()}
    return Judged(cleaned.values, rooms, tuple(key for key in slots if not named.get(key)))


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
