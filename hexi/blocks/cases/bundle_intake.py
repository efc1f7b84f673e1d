"""From one draft to several cases: the draft kind of bundles (一件事), addresses, submission. Beside operations."""

from collections.abc import Collection, Mapping

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from hexi.blocks.cases import bundled
from hexi.blocks.cases.intake import DRAFT, address
from hexi.blocks.cases.models import Bundle, BundlePart, BundleVersion, Case, Entry
from hexi.blocks.cases.operations import bundling
from hexi.blocks.cases.parties import persons, scopes
from hexi.blocks.documents.models import Document
from hexi.blocks.forms import operations as forms
from hexi.blocks.forms import saying
from hexi.blocks.forms.drafts import Definition, DraftKind
from hexi.blocks.forms.models import Draft
from hexi.blocks.forms.queries import standing_of
from hexi.blocks.parcels import addresses
from hexi.blocks.people.models import Person
from hexi.blocks.people.queries import actor_for
from hexi.kernel.actors import Actor

BUNDLE = "cases.bundle"


def ref_of(key: str, region_code: str) -> str:
    """How a draft names a bundle of a region."""
    return f"{key}@{region_code}"


def version_of(ref: str, digest: str) -> BundleVersion | None:
    """The text a draft was begun with."""
    key, _at, region = ref.partition("@")
    return BundleVersion.objects.filter(key=key, region_code=region, digest=digest).first()


def find(ref: str, digest: str) -> Definition | None:
    """The merged form."""
    version = version_of(ref, digest)
    if version is None:
        return None
    whole = bundled.composed(version)
    return Definition(title=whole.file.title, form=whole.form, slots=whole.slots)


def newest(ref: str) -> str:
    """The digest in force; "" if the bundle is no longer offered."""
    key, _at, region = ref.partition("@")
    offer = bundled.offered_at(key, region)
    return offer.digest if offer else ""


def page(draft: Draft, step: str) -> str:
    """The page of a step: those of any draft, but for the last."""
    return reverse("cases.bundle_check", args=[draft.key]) if step == "check" else address(draft, step)


def became(draft: Draft) -> str:
    """The page of the bundle; at the counter that of the case its window has."""
    if Entry.objects.filter(draft=draft).exists():
        return reverse("cases.case", args=[_at_window(draft).number])
    return reverse("cases.my_bundle", args=[draft.submitted_ref])


def _at_window(draft: Draft) -> Case:
    """The first of its cases that is with the window that took it in."""
    by = actor_for(draft.account)
    found = Case.objects.filter(bundle_part__bundle__number=draft.submitted_ref).order_by("bundle_part__place")
    cases = list(found)
    mine = (one for one in cases if by.may("cases.accept", one.department_id, one.region_code))
    return next(mine, cases[0])


KIND = DraftKind(BUNDLE, find, newest, page, became)


def start(offer: bundled.Offer, *, person_id: int, by: Actor, entitled: bool = False) -> Draft:
    """The actor's open draft of this bundle. `entitled`: the caller has seen that he may (a counter)."""
    version = bundling.keep_version(offer)
    entitled = entitled or any(one.pk == person_id for one in applicants(offer, by))
    return forms.start(
        BUNDLE, ref=ref_of(version.key, version.region_code), digest=version.digest, by=by, person_id=person_id,
        region_code=version.region_code, entitled=entitled,
    )  # fmt: skip


def applicants(offer: bundled.Offer, by: Actor) -> list[Person]:
    """In whose name the actor may ask for all of it: himself, his bodies, and whom he acts for in every item."""
    wanted = {part.item for part in offer.file.items}
    principals = [one for one, items in scopes(by).items() if items is None or items >= wanted]
    found = Person.objects.filter(Q(pk__in=persons(by).values("pk")) | Q(pk__in=principals))
    return list(found.filter(kind__in=offer.whole.audience).order_by("kind", "pk"))


def deliveries(offer: bundled.Offer | BundleVersion) -> tuple[str, ...]:
    """How what a bundle ends in reaches the applicant, all at once."""
    whole = offer.whole if isinstance(offer, bundled.Offer) else bundled.composed(offer)
    region = offer.region_code
    now = offer if isinstance(offer, bundled.Offer) else bundled.offered_at(whole.file.key, region)
    express = now is not None and any(one.local.express for one in now.rules.values())
    return ("online", "window", *(["courier"] if express else []))


def address_for(draft: Draft) -> dict[str, str]:
    """Where a courier finds the applicant: as the form says it, else as the person's record does."""
    known = addresses.of_person(draft.person)
    version = version_of(draft.definition_ref, draft.definition_digest)
    for _section, field in bundled.composed(version).form.fields() if version else ():
        source, _dot, what = str(field.prefill or "").partition(".")
        value = draft.answers.get(field.key)
        if source == "person" and what in addresses.FIELDS and value:
            known[what] = value if isinstance(value, str) else saying.say(field, value)
    return known


def submit(
    draft: Draft, *, version: int, by: Actor, delivery: str = "online", to: Mapping[str, str] | None = None,
    channel: str = "portal", signed: Collection[str] = (),
) -> str:  # fmt: skip
    """Hand in a bundle with its files; returns its number. Twice is once: the second gets the same number.

    `signed` are the promises the applicant signed, as `bundling.submit_bundle` takes them.
    Raises `ValidationError` by field or slot for what is missing or wrong; nothing is lost.
    """

    def create(submission: forms.Submission) -> str:
        held = submission.draft
        text = version_of(held.definition_ref, held.definition_digest)
        if text is None or newest(held.definition_ref) == "":
            raise ValidationError(_("这件事已停止办理，不能提交。您填写的内容还在草稿里。"))
        if delivery not in deliveries(text):
            raise ValidationError({"delivery": _("请选择一种送达方式。")})
        if held.person is None:
            raise ValidationError(_("请先完成实名认证，再提交申请。"))
        where = addresses.checked(to or address_for(held)) if delivery == "courier" else {}
        bundle, _new = bundling.submit_bundle(
            text, applicant=held.person, answers=submission.values, submission=f"draft:{held.key}", by=by,
            source=(DRAFT, str(held.pk)), phone=held.person.phone, delivery=delivery, delivery_to=where,
            channel=channel, signed=signed, draft=held,
        )  # fmt: skip
        return bundle.number

    return forms.submit(draft, version=version, by=by, create=create)


def left_open(draft: Draft) -> list[bundling.Share]:
    """The items of a bundle of which something may be signed instead of being handed in now."""
    version = version_of(draft.definition_ref, draft.definition_digest)
    if version is None or draft.person is None:
        return []
    held = standing_of(draft)
    files = {slot: [one.name for one in rows] for slot, rows in held.files.items()}
    found = bundling.shares(bundled.composed(version), draft.person, held.cleaned.values, files)
    return [one for one in found if one.left.pledge or one.left.barred or one.left.missing]


def nobody(actor: Actor, document: Document) -> bool:
    """Offices read what their own case was given, not the rest of the bundle."""
    return False


def closed(ref: str, slot: str) -> bool:
    """What was handed in stays as it was."""
    return False


def not_begun(ref: str, slot: str) -> bool:
    """A part gets its files until its case begins."""
    return BundlePart.objects.filter(pk=ref, case=None).exists()


def purpose(document: Document) -> str:
    """What the owner reads under "who looked at my data"."""
    bundle = Bundle.objects.select_related("version").filter(pk=document.of_ref).first()
    return f"办理{bundle}" if bundle else ""
