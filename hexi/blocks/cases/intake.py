"""From a draft to a case: this block's draft kinds, their addresses, submission with files. Beside operations."""

from collections.abc import Collection, Mapping
from contextlib import suppress

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.cases import again, operations, signing
from hexi.blocks.cases.definitions import Definition as Rules
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import RULES, Case, Entry, Item, ItemVersion
from hexi.blocks.cases.operations import entering
from hexi.blocks.cases.parties import require_own
from hexi.blocks.cases.states import State
from hexi.blocks.certificates.models import Certificate
from hexi.blocks.documents import operations as documents
from hexi.blocks.documents import queries as papers
from hexi.blocks.forms import operations as forms
from hexi.blocks.forms import saying
from hexi.blocks.forms.drafts import Definition, DraftKind
from hexi.blocks.forms.models import Draft
from hexi.blocks.parcels import addresses
from hexi.kernel.actors import Actor, Denied
from hexi.kernel.fixed import Fixed, Given

ITEM, MEND = "cases.item", "cases.mend"
DRAFT, CASE = "forms.draft", "cases.case"
_VERSION = Fixed(
    lambda: ItemVersion.objects.defer("national", "implementing").filter(item=Given("item"), digest=Given("digest"))
)
_IN_FORCE = Fixed(
    lambda: Item.objects.filter(pk=Given("item"), status=Item.Status.PUBLISHED).values_list(
        "version__digest", flat=True
    )
)


def find_item(ref: str, digest: str) -> Definition | None:
    """The form of an item's version."""
    version = _VERSION.first(item=int(ref), digest=digest)
    return _form(version) if version else None


def newest_item(ref: str) -> str:
    """The digest in force; "" if the item is no longer offered."""
    return _IN_FORCE.first(item=int(ref)) or ""


def find_mend(ref: str, digest: str) -> Definition | None:
    """The form of the version a case keeps."""
    case = Case.objects.select_related("version").defer(*RULES).filter(pk=ref, version__digest=digest).first()
    return _form(case.version) if case else None


def newest_mend(ref: str) -> str:
    """A case keeps its version."""
    return Case.objects.values_list("version__digest", flat=True).get(pk=ref)


def address(draft: Draft, step: str) -> str:
    """The page of a step."""
    kind, _dot, section = step.partition(".")
    if kind == "form":
        return reverse("cases.section", args=[draft.key, section])
    return reverse(f"cases.{kind}", args=[draft.key])


def became(draft: Draft) -> str:
    """The page that confirms what was handed in: the number, what happens next; at the counter the case itself."""
    counter = Entry.objects.filter(draft=draft).exists()
    return reverse("cases.case" if counter else "cases.sent", args=[draft.submitted_ref])


DRAFTS = (
    DraftKind(ITEM, find_item, newest_item, address, became),
    DraftKind(MEND, find_mend, newest_mend, address, became),
)


def version_of(draft: Draft) -> ItemVersion:
    """The item's version the draft is filled in for; a draft keeps it, so it is asked once for this object."""
    found: ItemVersion | None = draft.__dict__.get("_cases_version")
    if found is None:
        found = draft.__dict__["_cases_version"] = _version_of(draft)
    return found


def _version_of(draft: Draft) -> ItemVersion:
    versions = ItemVersion.objects.select_related("item", "item__department").defer("national", "implementing")
    if draft.definition_kind == MEND:
        return versions.get(cases=draft.definition_ref)
    if draft.definition_kind in again.KINDS:
        return again.version_of(draft)
    return _OF_DRAFT.get(item=int(draft.definition_ref), digest=draft.definition_digest)


_OF_DRAFT = Fixed(
    lambda: (
        ItemVersion.objects.select_related("item", "item__department")
        .defer("national", "implementing")
        .filter(item_id=Given("item"), digest=Given("digest"))
    )
)


def reopen(case: Case, *, by: Actor, seen: bool = False) -> Draft:
    """A draft with the case's answers and files, while the office waits for the applicant.

    The window begins it for somebody who came in person once it has `seen` his document.
    """
    stood_in = require_own(by, case, seen=seen)
    if case.state not in (State.CORRECTING, State.RETURNED):
        raise ValidationError(_("这件办件现在不需要补充。"))
    with change(by, "cases.reopen", case):
        draft = forms.start(
            MEND, ref=str(case.pk), digest=case.version.digest, by=by, person_id=case.applicant_id,
            region_code=case.region_code, entitled=True,
        )  # fmt: skip
        if stood_in:
            entering.put_on_record(draft, case.agency.how, "", by=by)
        if draft.version == 1 and not papers.of_thing(DRAFT, str(draft.pk)).exists():
            forms.save_step(draft, raw=case.answers, version=1, by=by)
            for document in papers.of_thing(CASE, str(case.pk)).exclude(slot__startswith="letter:"):
                # what has expired since is asked for anew
                with suppress(ValidationError, Denied):
                    documents.attach(document, thing=(DRAFT, str(draft.pk)), slot=document.slot, by=by)
    draft.refresh_from_db()
    return draft


def submit(
    draft: Draft, *, version: int, by: Actor, delivery: str = "online", to: Mapping[str, str] | None = None,
    channel: str = "portal", signed: Collection[str] = (),
) -> str:  # fmt: skip
    """Hand in a draft with its files; returns the case's number. Twice is once: the second gets the same number.

    `signed` are the promises the applicant signed (`Promise.Kind`).
    `to` is where a courier finds the applicant (name, phone, address); not given, it is as `address_for` knows it.
    Raises `ValidationError` by field or slot for what is missing or wrong; nothing is lost.
    """

    def create(submission: forms.Submission) -> str:
        left = left_open(submission.draft)
        signing.require_signed(left, signed)
        case = _case(submission, delivery=delivery, to=to, channel=channel, by=by)
        documents.hand_over((DRAFT, str(draft.pk)), case, by=by)
        operations.note_agency(case, submission.draft, by=by)
        signing.keep(case, left, signed, by=by)
        return case.number

    return forms.submit(draft, version=version, by=by, create=create)


def left_open(draft: Draft) -> signing.Open:
    """What the applicant may sign instead of handing it in now."""
    return signing.standing(draft, definition(version_of(draft)).national, first=draft.definition_kind == ITEM)


def deliveries(rules: Rules) -> tuple[str, ...]:
    """How the result of an item can reach the applicant."""
    ways = ["online"] if rules.national.result.format in ("electronic", "either") or rules.certificate else []
    return (*ways, "window", *(["courier"] if rules.local.express else []))


def address_for(draft: Draft) -> dict[str, str]:
    """Where a courier finds the applicant: as the form says it, else as the person's record does."""
    known = addresses.of_person(draft.person)
    for _section, field in definition(version_of(draft)).national.form.fields():
        source, _dot, what = str(field.prefill or "").partition(".")
        value = draft.answers.get(field.key)
        if source == "person" and what in addresses.FIELDS and value:
            known[what] = value if isinstance(value, str) else saying.say(field, value)
    return known


def _case(
    submission: forms.Submission, *, delivery: str, to: Mapping[str, str] | None, channel: str, by: Actor
) -> Case:
    draft, answers = submission.draft, submission.values
    if draft.definition_kind == MEND:
        case = Case.objects.get(pk=draft.definition_ref)
        do = operations.supplement if case.state == State.CORRECTING else operations.mend
        return do(case, answers=answers, by=by)
    version = version_of(draft)
    if delivery not in deliveries(definition(version)):
        raise ValidationError({"delivery": _("请选择一种送达方式。")})
    if draft.person is None:
        raise ValidationError(_("请先完成实名认证，再提交申请。"))
    where = addresses.checked(to or address_for(draft)) if delivery == "courier" else {}
    case, new = operations.submit(
        version, applicant=draft.person, answers=answers, submission=f"draft:{draft.key}", by=by,
        phone=draft.person.phone, delivery=delivery, delivery_to=where, channel=channel,
    )  # fmt: skip
    if new and draft.definition_kind in again.KINDS:
        held = Certificate.objects.get(pk=draft.definition_ref)
        operations.concern(case, held, again.KINDS[draft.definition_kind], by=by)
    return case


def _form(version: ItemVersion) -> Definition:
    national = definition(version).national
    return Definition(title=national.title, form=national.form, slots=national.slots())
