"""一件事: handed in once; each item's case begins when those before it are certified; one hand-over at the end."""

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.cases import bundled, numbers, signing, waiting
from hexi.blocks.cases.bundles import CERTIFICATE, NUMBER, Composed, Part
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import (
    Agency,
    Bundle,
    BundlePart,
    BundlePromise,
    BundleVersion,
    Case,
    Item,
    ItemVersion,
    Promise,
)
from hexi.blocks.cases.operations.applying import submit
from hexi.blocks.cases.operations.entering import note_agency
from hexi.blocks.cases.operations.pledging import pledge
from hexi.blocks.cases.operations.promising import sign_deferral
from hexi.blocks.cases.parties import acts_as, represents
from hexi.blocks.cases.states import Outcome, State
from hexi.blocks.certificates.models import Certificate
from hexi.blocks.documents import operations as documents
from hexi.blocks.documents import queries as papers
from hexi.blocks.forms.answers import FILES, Cleaned, clean
from hexi.blocks.forms.conditions import holds
from hexi.blocks.forms.models import Draft
from hexi.blocks.notices.operations import tell
from hexi.blocks.parcels import operations as parcels
from hexi.blocks.parcels.models import Parcel
from hexi.blocks.people import operations as people
from hexi.blocks.people.models import Person
from hexi.blocks.people.queries import RESIDENT, credit_code
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, System
from hexi.kernel.fixed import Fixed, Given
from hexi.kernel.packs import Words

#: who hands in what follows by itself
BY = System("bundle")
KIND, PART = "cases.bundle", "cases.bundlepart"
Waiting, Running, Done = BundlePart.State.WAITING, BundlePart.State.RUNNING, BundlePart.State.DONE
Failed, Dropped = BundlePart.State.FAILED, BundlePart.State.DROPPED


def keep_version(offer: bundled.Offer) -> BundleVersion:
    """The text of a bundle as it is offered now, kept for those who begin with it. Twice is once."""
    found, _new = BundleVersion.objects.get_or_create(
        key=offer.file.key, region_code=offer.region_code, digest=offer.digest,
        defaults={
            "definition": offer.file.model_dump(mode="json"),
            "versions": {key: item.version_id for key, item in offer.items.items()},
        },
    )  # fmt: skip
    return found


def submit_bundle(
    version: BundleVersion, *, applicant: Person, answers: dict[str, Any], submission: str, by: Actor,
    source: tuple[str, str] | None = None, phone: str = "", delivery: str = "online",
    delivery_to: Mapping[str, str] | None = None, channel: str = "portal", signed: Collection[str] = (),
    draft: Draft | None = None,
) -> tuple[Bundle, bool]:  # fmt: skip
    """Hand in several items at once, with the files of `source`; those that wait for none become cases now.

    `draft` is what it was filled in as, which says how the counter came to it.
    `signed` are the promises signed, each for one item: "deferral:<item>", "pledge:<item>". A second call with the
    same `submission` returns the same bundle and False. Raises `ValidationError` with what an item would not take.
    """
    if not acts_as(by, applicant, *version.versions) and not _may_submit(version, by):
        raise Denied(_("您不能以这个人（单位）的名义申请。"))
    if earlier := Bundle.objects.filter(submission=submission).first():
        if earlier.applicant_id != applicant.pk:
            raise ValidationError(_("这份申请已经由别人提交。请重新填写一份。"))
        return earlier, False
    whole = bundled.composed(version)
    if applicant.kind not in whole.audience:
        raise ValidationError(
            _("%(name)s不是这个事项的服务对象，不能申请。请换一个申请人。") % {"name": applicant.name}
        )
    with change(by, "cases.submit_bundle") as note:
        bundle = Bundle.objects.create(
            number=numbers.bundle_number(), version=version, applicant=applicant, submission=submission, phone=phone,
            channel=channel, delivery=delivery, delivery_to=dict(delivery_to) if delivery_to else None,
        )  # fmt: skip
        note.thing, note.facts["number"] = bundle, bundle.number
        if source is not None:
            documents.hand_over(source, bundle, by=by)
        _split(bundle, whole, answers, signed, by=by)
        for part in bundle.parts.filter(item__in=[one.item for one in whole.file.items if not one.after]):
            _begin(part, whole, by=by, draft=draft)
    return bundle, True


def _may_submit(version: BundleVersion, by: Actor) -> bool:
    """True for another system that may hand in each of the items for whom it identified, and for the counter."""
    items = {one.key: one for one in Item.objects.filter(versions__in=version.versions.values())}
    first = [items[one.item] for one in bundled.composed(version).file.items if not one.after]
    by_system = all(by.may("cases.submit", one.department_id, one.region_code) for one in items.values())
    return by_system or taken_in_by(by, first)


def taken_in_by(by: Actor, first: Iterable[Item]) -> bool:
    """True if the actor is of the window of an item a bundle begins with: it takes all of it in (一口受理, art. 26)."""
    return any(by.may("cases.accept", one.department_id, one.region_code) for one in first)


_RUNNING = Fixed(
    lambda: (
        BundlePart.objects.filter(case_id=Given("case"), state=Running)
        .order_by("pk")
        .values_list("bundle_id", flat=True)
    )
)


def follow(case: Case, by: Actor) -> None:
    """Listener: a case has ended. If it was part of a bundle, what waited for it begins or is given up.

    The bundle's row is locked, so that what waits for two parts that end at the same moment begins once.
    """
    found = _RUNNING.first(case=case.pk)
    if found is None:
        return
    with change(BY, "cases.bundle_follow", f"{KIND}:{found}", case=case.number) as note:
        bundle = note.thing = (
            Bundle.objects.select_for_update(of=("self",)).select_related("version", "applicant").get(pk=found)
        )
        part = bundle.parts.get(case=case)
        if part.state != Running:
            return
        granted = case.state == State.CLOSED and case.outcome == Outcome.GRANTED
        part.state = Done if granted else Failed
        part.save(update_fields=["state"])
        _go_on(bundle, bundled.composed(bundle.version))
        note.facts["parts"] = dict(bundle.parts.values_list("item", "state"))


def handed(parcel: Parcel, by: Actor) -> None:
    """Listener: the one hand-over of a bundle is done."""
    if parcel.of_kind == KIND:
        with change(by, "cases.bundle_handed", f"{KIND}:{parcel.of_ref}", parcel=parcel.number):
            Bundle.objects.filter(pk=parcel.of_ref, handed_at=None).update(handed_at=parcel.delivered_at)


@dataclass(frozen=True)
class Share:
    """What one item gets of a bundle: its answers, judged by its own form, and what is left to a promise."""

    part: Part
    title: Words
    done: Cleaned
    left: signing.Open


def shares(
    whole: Composed, applicant: Person, answers: Mapping[str, Any], files: Mapping[str, list[str]]
) -> list[Share]:
    """What each item would get of these answers and files (slot to names), in the order of the parts."""
    asked = {slot.removeprefix(FILES): held for slot, held in files.items() if slot.startswith(FILES)}
    found = []
    for part in whole.file.order:
        item, keys = whole.items[part.item], _keys(whole, part.item)
        own = {path: held for path, held in asked.items() if path.partition(".")[0] in keys}
        done = clean(item.form, whole.raw(part.item, dict(answers)), _facts(applicant, part.applicant), own)
        places = {material: one.slot.key for one in whole.papers for of, material in one.of if of == part.item}
        empty = [
            one
            for one in whole.wanted(part.item)
            if one.key in places and not files.get(places[one.key]) and holds(one.when, done.look)
        ]
        found.append(Share(part, item.title, done, signing.left_open(item, empty, applicant)))
    return found


def _split(bundle: Bundle, whole: Composed, answers: dict[str, Any], signed: Collection[str], *, by: Actor) -> None:
    """Each item's own answers, judged by its own form now; later only what an earlier item gives is added."""
    files = {slot: [one.name for one in held] for slot, held in papers.by_slot(KIND, str(bundle.pk)).items()}
    faults = []
    for place, share in enumerate(shares(whole, bundle.applicant, answers, files)):
        item = share.part.item
        wrong = [said for path, said in share.done.errors.items() if path not in whole.later(item)]
        part = bundle.parts.create(
            place=place, item=item, version_id=bundle.version.versions[item], answers=share.done.values
        )
        try:
            _keep_signed(part, share.left, {one for one in Promise.Kind.values if f"{one}:{item}" in signed}, by=by)
        except ValidationError as error:
            wrong += error.messages
        faults += [f"{share.title}：{said}" for said in wrong]
    if faults:
        raise ValidationError(faults)


def _keep_signed(part: BundlePart, left: signing.Open, signed: Collection[str], *, by: Actor) -> None:
    """What the applicant signed for this item, until its case begins."""
    signing.require_signed(left, signed)
    kept: dict[str, Any] = {"part": part, "signed_key": by.key, "signed_name": by.name, "at": clock.now()}
    if Promise.Kind.PLEDGE in signed:
        BundlePromise.objects.create(kind=Promise.Kind.PLEDGE, text=str(left.pledge), **kept)
    elif left.missing:
        keys = [one.key for one in left.missing]
        text = waiting.promise_text(left.missing)
        BundlePromise.objects.create(kind=Promise.Kind.DEFERRAL, text=text, materials=keys, **kept)


def _go_on(bundle: Bundle, whole: Composed) -> None:
    """Begin what can begin, give up what cannot any more; at the end hand over, once."""
    stopped: list[BundlePart] = []
    for part in bundle.parts.filter(state=Waiting).select_related("version__item"):
        states = dict(bundle.parts.values_list("item", "state"))
        if states[part.item] != Waiting:
            continue  # what was just begun ended on the spot (告知承诺), and this with it
        before = [states[one] for one in whole.file.part(part.item).after]
        if Failed in before or Dropped in before:
            part.state = Dropped
            part.save(update_fields=["state"])
            stopped.append(part)
        elif set(before) == {Done}:
            _try(part, whole)
    states = dict(bundle.parts.values_list("item", "state"))
    failed = [one for one in bundle.parts.all() if one.state == Failed]
    over = not set(states.values()) & set(BundlePart.OPEN)
    first = over and Bundle.objects.filter(pk=bundle.pk, ended_at=None).exists()  # not ended by what began here
    if stopped or (failed and first):
        _tell(bundle, "cases.bundle_stopped", step=_named(failed), rest=_named(stopped))
    if first:
        _end(bundle, states)


def _try(part: BundlePart, whole: Composed) -> None:
    """Begin a part; what forbids it does not undo the step before, it is told."""
    try:
        with transaction.atomic(), translation.override(settings.LANGUAGE_CODE):
            _begin(part, whole, by=BY)
    except ValidationError as error:
        part.state, part.case, part.why = Failed, None, " ".join(error.messages)
        part.save(update_fields=["state", "case", "why"])


def _begin(part: BundlePart, whole: Composed, *, by: Actor, draft: Draft | None = None) -> None:
    """Hand in the part's case with its answers and files; that the actor may was seen for the bundle as a whole."""
    bundle, asked = part.bundle, whole.file.part(part.item)
    applicant = bundle.applicant
    if asked.applicant is not None:
        established = bundle.parts.get(item=asked.applicant).established
        if established is None:
            raise ValidationError(_("前一步没有登记企业，不能以它的名义申请。"))
        applicant = established
    part.answers |= {key: _given(bundle, *source) for key, source in whole.later(part.item).items()}
    version = ItemVersion.objects.select_related("item", "item__department").get(pk=part.version_id)
    case, _new = submit(
        version, applicant=applicant, answers=part.answers, submission=_submission(part), by=by,
        phone=bundle.phone, channel=bundle.channel, entitled=True,
    )  # fmt: skip
    _hand_in(part, whole)
    documents.hand_over((PART, str(part.pk)), case, by=BY)
    part.case, part.state = case, Running
    part.save(update_fields=["case", "state", "answers"])
    _note_agency(part, case, draft, by=by)
    _promise(part, case, whole)


def _submission(part: BundlePart) -> str:
    """Under which name the part's case counts once. A system's cases bear its key: it follows and mends them."""
    bundle = part.bundle
    return f"{bundle.submission}:{part.place}" if bundle.channel == "api" else f"bundle:{bundle.pk}:{part.item}"


def _promise(part: BundlePart, case: Case, whole: Composed) -> None:
    """The case carries on what was signed for it; a pledge is decided on at once."""
    for one in part.promises.order_by("pk"):
        if one.kind == Promise.Kind.PLEDGE:
            pledge(case, by=BY, signed=one.signed)
        else:
            missing = [whole.items[part.item].material(key) for key in one.materials]
            sign_deferral(case, missing, by=BY, signed=one.signed)


def _note_agency(part: BundlePart, case: Case, draft: Draft | None, *, by: Actor) -> None:
    """Who applied for the applicant of the bundle applied for each of its cases; the principal is told once."""
    before = Agency.objects.filter(case__bundle_part__bundle=part.bundle).order_by("pk").first()
    if before is not None:
        before.pk, before.case = None, case
        before.save(force_insert=True)
    elif (draft is not None or getattr(by, "person_id", None)) and not represents(by, part.bundle.applicant):
        note_agency(case, draft, by=by)


def _hand_in(part: BundlePart, whole: Composed) -> None:
    """The part's share of the files, and the certificates of the items before it."""
    keys, places = _keys(whole, part.item), {one.slot.key: dict(one.of).get(part.item) for one in whole.papers}
    given: list[tuple[Any, str]] = []
    for document in papers.of_thing(KIND, str(part.bundle_id)).select_related("owner"):
        path = document.slot.removeprefix(FILES)
        own = path != document.slot and path.partition(".")[0] in keys
        slot = document.slot if own else places.get(document.slot)
        given += [(document, slot)] if slot else []
    for slot, item in whole.issued_for(part.item).items():
        given += [(one.document, slot) for one in _certificates(part.bundle, item)]
    for document, slot in given:
        with suppress(ValidationError):  # expired meanwhile: the window asks for it
            documents.attach(document, thing=(PART, str(part.pk)), slot=slot, by=BY)


def _given(bundle: Bundle, item: str, what: str) -> str:
    """What the end of an earlier item gives."""
    part = bundle.parts.select_related("case", "established").get(item=item)
    if what == CERTIFICATE:
        return part.case.certificate_ref if part.case else ""
    assert what == NUMBER
    if part.established is None:
        return next((one.number for one in _certificates(bundle, item)), "")
    if not part.established.natural:
        return credit_code(part.established)
    held = part.established.identifiers.select_related("person").get(type_id=RESIDENT)
    return people.unmask(held, purpose=f"办理{bundle}", by=BY)


def _certificates(bundle: Bundle, item: str) -> list[Certificate]:
    case = bundle.parts.get(item=item).case
    refs = [case.certificate_ref] if case and case.certificate_ref else []
    return list(Certificate.objects.filter(identifier__in=refs).select_related("document", "document__owner"))


def _end(bundle: Bundle, states: dict[str, str]) -> None:
    """Every part is over: what is to be handed over goes in one parcel."""
    bundle.ended_at = clock.now()
    bundle.save(update_fields=["ended_at"])
    done = [one for one in bundle.parts.select_related("version__item__department") if one.state == Done]
    if len(done) == len(states):
        _tell(bundle, "cases.bundle_done")
    if not done or bundle.delivery == "online":
        return
    last = done[-1].version
    place = definition(last).local.places[0]
    written = bundle.version.definition["title"]
    parcels.make(
        bundle, title=Words(**written), way=bundle.delivery, receiver=bundle.applicant, sender=last.item.department,
        to=bundle.delivery_to, place="，".join(one.zh for one in (place.title, place.address, place.window)), by=BY,
    )  # fmt: skip


def _keys(whole: Composed, item: str) -> set[str]:
    return {one.key for _section, one in whole.items[item].form.fields()} - set(whole.meaning(item))


def _facts(applicant: Person, established: str | None) -> dict[str, str]:
    kind = "person" if applicant.natural and established is None else "body"
    return {"applicant": kind, "today": clock.today().isoformat()}


def _named(parts: list[BundlePart]) -> Words:
    items = [one.version.item for one in parts]
    return Words(zh="、".join(one.title for one in items), en=", ".join(one.title_en for one in items))


def _tell(bundle: Bundle, key: str, **facts: object) -> None:
    applicant = bundle.applicant
    reader = applicant if applicant.natural or applicant.representative is None else applicant.representative
    title = Words(**bundle.version.definition["title"])
    tell([reader], key, about=bundle, facts={"title": title, "number": bundle.number, **facts}, by=BY)
