"""What applicants are told when, in the transaction of the change: listens to this block's hooks. Beside operations."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import override

from hexi.blocks.calendars.queries import may_move
from hexi.blocks.calendars.wording import with_warning
from hexi.blocks.cases import letters, procedures, waiting, watching
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import Agency, Case, Clock, Letter, Pause, Rating, clocks_of
from hexi.blocks.cases.parties import represents
from hexi.blocks.notices.operations import tell
from hexi.blocks.notices.wording import Fact
from hexi.blocks.people.mandates import mandate_for
from hexi.blocks.people.models import Mandate, Person
from hexi.kernel import clock
from hexi.kernel.actors import Actor
from hexi.kernel.fixed import Fixed, Given
from hexi.kernel.packs import Words
from hexi.ui.words import moment

#: letters that ask the applicant to do something
ASKING = ("give_back", "correction")
#: letters already told of by another notice
TOLD_OTHERWISE = ("acceptance", "deemed", "deferral", "revocation", "cancellation", "forfeiture", "amended")
#: decisions of which the certificate tells, where one follows
GRANTING = ("granted", "partly")


def submitted(case: Case, by: Actor) -> None:
    """The application came in; only where a law says so does silence accept it.

    An agent who hands it in himself is told as well: his mandate is noted after this.
    """
    own = represents(by, case.applicant)
    mandate = None if own else mandate_for(by, case.applicant_id, case.item.key)
    also = [mandate.agent] if mandate else []
    key = "cases.submitted" if definition(case.version).deems else "cases.received"
    _tell(case, key, by, also=also, due=_due(case, Clock.Kind.NOTICE))


def accepted(case: Case, by: Actor) -> None:
    """Accepted, by the window or by law."""
    if follows := waiting.promised(case):
        _tell(case, "cases.deferred", by, due=_said(follows[0].due, may_move(case.region_code, follows[0].due)))
        return
    office = Words(zh=case.department.name, en=case.department.name_en)
    _tell(case, "cases.accepted", by, office=office, due=_due(case, Clock.Kind.PROMISED))


def letter_written(letter: Letter, by: Actor) -> None:
    """A letter was written that no other notice speaks of."""
    reason = str(letter.facts.get("reason", ""))
    if letter.kind in ASKING:
        _tell(letter.case, "cases.to_do", by, reason=reason)
    elif letter.kind in GRANTING and definition(letter.case.version).certificate:
        return
    elif letter.kind not in TOLD_OTHERWISE:
        _tell(letter.case, "cases.letter", by, letter=letters.title_of(letter), reason=reason)


def ended(case: Case, by: Actor) -> None:
    """The certificate is there."""
    if case.certificate_ref:
        _tell(case, "cases.certified", by)


def stood_in(case: Case, key: str, by: Actor) -> None:
    """The window wrote something down for him (`key`: the notice): who never stood there learns of it."""
    _tell(case, key, by)


def rated_bad(rating: Rating, by: Actor) -> None:
    """Whoever may answer for the office: call within a day."""
    case = rating.case
    title = Words(zh=case.title, en=case.item.title_en)
    facts = {
        "number": rating.number, "title": title, "contact": rating.contact_due, "mend": rating.mend_due,
        "pk": str(rating.pk),
    }  # fmt: skip
    tell(watching.answering(case.department_id, case.region_code), "cases.rated_bad", about=rating, facts=facts, by=by)


def rating_answered(rating: Rating, by: Actor) -> None:
    """What the office found and mended."""
    case = rating.case
    title = Words(zh=case.title, en=case.item.title_en)
    facts = {"title": title, "reply": rating.reply, "case": case.number}
    tell(readers(case), "cases.rating_answered", about=rating, facts=facts, by=by)


def procedure_over(case: Case, pause: Pause, by: Actor) -> None:
    """A special procedure has outlived its plan: who has the task, or whoever may take it, and who answers for it."""
    task = case.open_task()
    place = (case.department_id, case.region_code)
    officers = [task.claimed_by] if task and task.claimed_by else watching.officials("cases.examine", *place)
    whom = {one.pk: one for one in (*officers, *watching.answering(*place))}
    title = Words(zh=case.title, en=case.item.title_en)
    with override("zh-hans"):
        zh = procedures.title_of(case, pause)
    with override("en"):
        named = Words(zh=zh, en=procedures.title_of(case, pause))
    facts = {"title": title, "number": case.number, "procedure": named, "day": procedures.planned_end(case, pause)}
    tell(list(whom.values()), "cases.procedure_over", about=case, facts=facts, by=by)


def readers(case: Case) -> list[Person]:
    """Who hears of a case: the applicant, for a body the person who represents it, and the agent who applied.

    The agent only while a mandate for the matter is in force: afterwards it is no longer his to know.
    """
    applicant = case.applicant
    own = applicant if applicant.natural or applicant.representative is None else applicant.representative
    return [own, *_agents(case)]


def _agents(case: Case) -> list[Person]:
    agency = _AGENCY.first(case=case.pk)
    if agency is None:
        return []
    held = Mandate.objects.in_force(clock.today()).filter(principal=case.applicant_id, agent=agency.agent_id)
    return [agency.agent] if any(one.covers(case.item.key) for one in held) else []


_AGENCY = Fixed(lambda: Agency.objects.select_related("agent").filter(case_id=Given("case"), agent__isnull=False))


def _tell(case: Case, key: str, by: Actor, also: Iterable[Person] = (), **facts: Fact) -> None:
    title = Words(zh=case.title, en=case.item.title_en)
    whom = [*readers(case), *also]
    tell(whom, key, about=case, facts={"title": title, "number": case.number, **facts}, by=by)


def _due(case: Case, kind: Clock.Kind) -> Fact:
    found = next((one for one in clocks_of(case) if one.kind == kind), None)
    return _said(found.due, found.uncertain) if found else ""


def _said(due: datetime | None, uncertain: bool) -> Fact:
    """A due moment, and that it may move where a year's holidays are not announced."""
    if due is None or not uncertain:
        return due or ""
    said = {}
    for language, field in (("zh-hans", "zh"), ("en", "en")):
        with override(language):
            said[field] = with_warning(moment(due), uncertain)
    return Words(**said)
