"""Applications made for somebody else: at the counter from paper, by an operator for an elder, by a mandate."""

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import Agency, Case, Entry, Item
from hexi.blocks.cases.parties import acts_as, represents
from hexi.blocks.forms import operations as forms
from hexi.blocks.forms.definitions import Form
from hexi.blocks.forms.models import Draft
from hexi.blocks.notices.operations import tell
from hexi.blocks.people import mandates
from hexi.blocks.people import operations as people
from hexi.blocks.people.models import Person
from hexi.blocks.people.queries import CREDIT, RESIDENT
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, require
from hexi.kernel.packs import Words

ITEM = "cases.item"


def enter(
    item: Item, *, name: str, number: str, kind: str, how: str, seen: bool, by: Actor, phone: str = "", note: str = ""
) -> Draft:
    """Begin an application at the counter in the name of whoever stands there; he is found, or written down now.

    `how`: "window" from his paper form, "operator" for somebody who cannot do it himself. The original of his document
    must have been `seen`. Needs `cases.accept` at the item's office and `people.register`.
    """
    require(by, "cases.accept", item.department_id, item.region_code)
    require_shown(how, seen, note)
    if item.version is None or item.status != Item.Status.PUBLISHED:
        raise ValidationError({"item": _("这个事项已停止办理。")})
    with change(by, "cases.enter", item, how=how) as entry:
        person = who_stands_there(
            name, number=number, kind=kind, phone=phone, region_code=item.region_code, items=(item.key,), by=by
        )
        draft = forms.start(
            ITEM, ref=str(item.pk), digest=item.version.digest, by=by, person_id=person.pk, entitled=True,
            region_code=item.region_code,
        )  # fmt: skip
        put_on_record(draft, how, note, by=by)
        fill_number(draft, definition(item.version).national.form, number, by=by)
        entry.facts["person"] = person.pk
    return draft


def require_shown(how: str, seen: bool, note: str) -> None:
    """Refuse to enter for somebody whose document was not seen, or of whom nobody says why he does not do it."""
    if how not in (Entry.How.WINDOW, Entry.How.OPERATOR):
        raise ValidationError({"how": _("请选择录入的方式。")})
    if not seen:
        raise ValidationError({"seen": _("请先核对身份证件（或营业执照）原件，再录入。")})
    if how == Entry.How.OPERATOR and not note.strip():
        raise ValidationError({"note": _("代为操作的，请写明原因，例如：老年人不便使用手机。")})


def who_stands_there(
    name: str, *, number: str, kind: str, phone: str, region_code: str, items: Collection[str], by: Actor
) -> Person:
    """The person of the document that was seen, found or written down now; never somebody the actor acts for."""
    person = people.register_person(
        name, number=number, type=RESIDENT if kind == Person.Kind.NATURAL else CREDIT, kind=kind, phone=phone,
        region_code=region_code, by=by,
    )  # fmt: skip
    if any(acts_as(by, person, item) for item in items):
        raise Denied(_("不能给自己、您代表的单位或者委托您代办的人录入，请由其他人员办理。"))
    return person


def put_on_record(draft: Draft, how: str, note: str, *, by: Actor) -> None:
    """Who began the draft at the counter, in which way, and why."""
    with change(by, "cases.entry", draft, how=how):
        facts = {"how": how, "note": note.strip(), "by_key": by.key, "by_name": by.name, "at": clock.now()}
        Entry.objects.update_or_create(draft=draft, defaults=facts)


def fill_number(draft: Draft, form: Form, number: str, *, by: Actor) -> None:
    """Answer with the number just read from a human being's document what asks for it; a body has no such number."""
    if draft.version == 1 and draft.person and draft.person.natural:
        known = {field.key: number for _section, field in form.fields() if field.prefill == "person.identity"}
        forms.save_step(draft, raw=known, version=1, by=by)
        draft.refresh_from_db()


def note_agency(case: Case, draft: Draft | None = None, *, by: Actor) -> None:
    """Put on record who applied for whom, and tell the principal; nothing if he did it himself. For the intake."""
    if represents(by, case.applicant) or Agency.objects.filter(case=case).exists():
        return
    entry = Entry.objects.filter(draft=draft).first() if draft else None
    mandate = None if entry else mandates.mandate_for(by, case.applicant_id, case.item.key)
    with change(by, "cases.agency", case):
        Agency.objects.create(
            case=case, how=entry.how if entry else Entry.How.MANDATE, mandate=mandate, note=entry.note if entry else "",
            agent=mandate.agent if mandate else None, by_key=by.key, by_name=by.name, at=clock.now(),
        )  # fmt: skip
        applicant = case.applicant
        whom = applicant if applicant.natural or applicant.representative is None else applicant.representative
        title = Words(zh=case.title, en=case.item.title_en)
        tell(whom, "cases.for_you", about=case, facts={"title": title, "number": case.number, "who": by.name}, by=by)


def may_apply(by: Actor, item: Item, person: Person) -> bool:
    """True if the actor may apply in this person's name: himself, his body, or by a mandate that covers the item."""
    return acts_as(by, person, item.key)
