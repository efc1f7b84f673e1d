"""Third parties (行政许可法 art. 36): named, told in writing, heard before the decision."""

from datetime import date, datetime, time

from django.core.exceptions import ValidationError
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.cases import deadlines, letters, procedures
from hexi.blocks.cases.definitions import THIRD_PARTY
from hexi.blocks.cases.models import Case, ThirdParty
from hexi.blocks.cases.operations import pauses
from hexi.blocks.cases.operations.proceeding import at_work
from hexi.blocks.cases.parties import acts, acts_as
from hexi.blocks.cases.steps import Step, finish, locked
from hexi.blocks.notices.contacts import Phone
from hexi.blocks.notices.operations import tell
from hexi.blocks.people import queries as people
from hexi.blocks.people.models import Person
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, require
from hexi.kernel.packs import Words
from hexi.ui.words import moment as said


def name_party(case: Case, *, name: str, why: str, by: Actor, phone: str = "", number: str = "") -> ThirdParty:
    """Name somebody whose major interests are concerned; a letter is written, and whoever has an account is told.

    `number` is an identity number or credit code, if it is known: its holder then reads and answers online.
    """
    name, why = name.strip(), why.strip()
    faults = {}
    if not name:
        faults["name"] = _("请填写利害关系人的姓名或者名称。")
    if not why:
        faults["why"] = _("请写明涉及对方什么重大利益。")
    if faults:
        raise ValidationError(faults)
    with at_work(case, "name_party", by=by, opinion=f"{name}：{why}") as one:
        one.public = False
        if ThirdParty.objects.filter(case=one.case, name=name).exists():
            raise ValidationError({"name": _("已经告知过这个利害关系人。")})
        person = _person(number)
        if person and person in (one.case.applicant, one.case.applicant.representative):
            raise ValidationError({"number": _("这是申请人自己，不是利害关系人。")})
        until = procedures.due(one.case, one.at, procedures.view_limit(one.case))
        party = ThirdParty.objects.create(
            case=one.case, name=name, phone=phone.strip(), person=person, why=why, told_at=one.at, until=until
        )
        letters.write(one.case, "third_party", by=by, to=party, reason=why, until=said(until))
        tell_party(party, by)
        pauses.for_views(one.case, at=one.at, by=by)
    return party


def _go_on(one: Step) -> bool:
    """Every view is there, or its time is over: from that moment the clocks run again, unless a hearing holds them.

    False if one is waited for.
    """
    over = procedures.views_over(one.case, one.at)
    held = one.case.pauses.filter(procedure=THIRD_PARTY, end=None)
    if over is None or not held.exists():
        return False
    held.update(end=Greatest("start", over), result="征求意见结束")
    pauses.go_on(one.case, at=over, by=one.by)
    deadlines.recount(one.case, "third parties heard")
    return True


def end_party_pause(case: Case, *, by: Actor) -> bool:
    """The time for a view is over and nobody has stated one. Done by a job that may run late and twice at once."""
    with change(by, "cases.views_over", case) as note:
        one = Step(locked(case), by, "views_over", note)
        if not _go_on(one):
            note.facts["nothing"] = True
            return False
        one.opinion = "第三方提出意见的期限已满，办理期限恢复计算。"
        finish(one)
    return True


def state_view(party: ThirdParty, *, text: str, by: Actor) -> ThirdParty:
    """What a third party says, by himself or his agent online, or written down by the office of the case; once."""
    text = text.strip()
    if not text:
        raise ValidationError({"text": _("请写下您的意见。")})
    with at_work(party.case, "party_view", by=by, opinion=f"{party.name}：{text}", right=False) as one:
        himself = party.person is not None and acts_as(by, party.person, one.case.item.key)
        if not himself:
            if acts(by, one.case):
                raise Denied(_("利害关系人的意见要由本人陈述。"))
            require(by, "cases.examine", one.case.department_id, one.case.region_code)
        one.public, one.office = False, party.name
        stated = ThirdParty.objects.filter(pk=party.pk, stated_at=None)
        if not stated.update(view=text, stated_at=one.at, stated_name=by.name):
            raise ValidationError(_("已经陈述过意见。"))
        _go_on(one)
    party.refresh_from_db()
    return party


def tell_party(party: ThirdParty, by: Actor) -> None:
    """A notice to who has an account: there is something to read and to answer. An SMS to who has only a phone."""
    case, reader = party.case, procedures.reader_of(party)
    title = Words(zh=case.title, en=case.item.title_en)
    if reader is not None:
        facts = {"title": title, "ref": str(party.pk), "due": party.until}
        tell(reader, "cases.third_party", about=party, facts=facts, by=by)
    elif party.phone:
        office = Words(zh=case.department.name, en=case.department.name_en)
        facts = {"title": title, "office": office, "phone": case.department.phone, "due": party.until}
        tell(Phone(party.phone), "cases.third_party_phone", about=party, facts=facts, by=by)


def serve_party(party: ThirdParty, *, how: str, on: date, note: str, by: Actor) -> ThirdParty:
    """Put on record that the letter was handed over by hand or by post: how, on which day, who signed; once.

    Whoever got it late keeps his time: it runs from that day at least, and the clocks stand again while it does.
    """
    with at_work(party.case, "party_served", by=by) as one:
        party = ThirdParty.objects.select_for_update().get(pk=party.pk, case=one.case)
        if faults := _faults(party, how, on, note, clock.local_day(one.at)):
            raise ValidationError(faults)
        if party.served_on is not None:
            raise ValidationError(_("已经登记过送达。"))
        party.served_how, party.served_on, party.served_note, party.served_name = how, on, note.strip(), by.name
        reached = datetime.combine(on, time(12), clock.CHINA)
        party.until = max(party.until, procedures.due(one.case, reached, procedures.view_limit(one.case)))
        party.save()
        if procedures.view_over(party) > one.at:
            pauses.for_views(one.case, at=one.at, by=by)
        one.public, one.opinion = False, f"{party.name}：{party.get_served_how_display()}，{note.strip()}"
    return party


def _faults(party: ThirdParty, how: str, on: date, note: str, today: date) -> dict[str, str]:
    faults = {}
    if how not in ThirdParty.Served:
        faults["how"] = _("请选择送达的方式。")
    if not clock.local_day(party.told_at) <= on <= today:
        faults["on"] = _("送达日期在告知书写好以后、今天以前。")
    if not note.strip():
        faults["note"] = _("请写明谁签收，或者邮件号、见证人。")
    return faults


def _person(number: str) -> Person | None:
    if not number.strip():
        return None
    for kind in (people.RESIDENT, people.CREDIT):
        if found := people.identifier_of(number, type=kind):
            return found.person
    return None
