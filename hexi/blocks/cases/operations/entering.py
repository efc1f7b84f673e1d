"""Applications made for somebody else: at the counter from paper, by an operator for an elder, by a mandate."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import Agency, Case, Entry, Item
from hexi.blocks.cases.parties import represents
from hexi.blocks.forms import operations as forms
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
    if how not in Entry.How.values:
        raise ValidationError({"how": _("请选择录入的方式。")})
    if not seen:
        raise ValidationError({"seen": _("请先核对身份证件（或营业执照）原件，再录入。")})
    if how == Entry.How.OPERATOR and not note.strip():
        raise ValidationError({"note": _("代为操作的，请写明原因，例如：老年人不便使用手机。")})
    if item.version is None or item.status != Item.Status.PUBLISHED:
        raise ValidationError({"item": _("这个事项已停止办理。")})
    with change(by, "cases.enter", item, how=how) as entry:
        person = people.register_person(
            name, number=number, type=RESIDENT if kind == Person.Kind.NATURAL else CREDIT, kind=kind, phone=phone,
            region_code=item.region_code, by=by,
        )  # fmt: skip
        if represents(by, person):
            raise Denied(_("不能给自己（或您代表的单位）录入，请由其他人员办理。"))
        draft = forms.start(
            ITEM, ref=str(item.pk), digest=item.version.digest, by=by, person_id=person.pk, entitled=True,
            region_code=item.region_code,
        )  # fmt: skip
        facts = {"how": how, "note": note.strip(), "by_key": by.key, "by_name": by.name, "at": clock.now()}
        Entry.objects.update_or_create(draft=draft, defaults=facts)
        if draft.version == 1:  # the number has just been read from his document
            asked = [field for _section, field in definition(item.version).national.form.fields()]
            known = {field.key: number for field in asked if field.prefill == "person.identity"}
            forms.save_step(draft, raw=known, version=1, by=by)
            draft.refresh_from_db()
        entry.facts["person"] = person.pk
    return draft


def note_agency(case: Case, draft: Draft, *, by: Actor) -> None:
    """Put on record who applied for whom, and tell the principal; nothing if he did it himself. For the intake."""
    if represents(by, case.applicant) or Agency.objects.filter(case=case).exists():
        return
    entry = Entry.objects.filter(draft=draft).first()
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
    return represents(by, person) or mandates.mandate_for(by, person.pk, item.key) is not None
