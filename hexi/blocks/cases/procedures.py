"""What must have been done before a decision: reviews given, people heard, visits made. Above definitions."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from hexi.blocks.calendars import queries as calendars
from hexi.blocks.calendars.clocks import Limit
from hexi.blocks.cases import joint, trust
from hexi.blocks.cases.definitions import THIRD_PARTY, answers_of, definition
from hexi.blocks.cases.models import PERMIT, Case, Clock, Event, Hearing, Pause, SiteVisit, ThirdParty
from hexi.blocks.cases.parties import acts
from hexi.blocks.cases.states import Outcome
from hexi.blocks.forms.conditions import holds
from hexi.blocks.notices import queries as notices
from hexi.blocks.notices.models import Delivery
from hexi.blocks.people.models import Account, Person, Post
from hexi.kernel import clock
from hexi.kernel.actors import Actor
from hexi.kernel.fixed import Fixed, Given
from hexi.ui.words import day

#: arts 47, 48: days to ask for a hearing, to hold it, between call and hearing; art. 55: to name who visits
ASK, HOLD, CALL, ASSIGN = Limit(5), Limit(20), 7, Limit(5)
HEARING = "hearing"
#: how long a third party has for its view where the item says nothing; art. 36 names no time
VIEW = Limit(5)
#: what somebody has done who has examined the case, and may not preside over its hearing (art. 48(1)(3))
EXAMINED = ("examine", "review", "pass_up", "joint_report", "visit_found", "visit_confirmed", "hearing_told")


def due(case: Case, at: datetime, limit: Limit) -> datetime:
    """The end of a term of the procedure itself: no pause stops it."""
    moment = calendars.calendar_for(case.region_code).due(at, limit).moment
    assert moment is not None
    return moment


def supplement_until(case: Case) -> datetime | None:
    """The last moment to supplement what the correction notice asked for; None if it named none.

    A day off declared since makes it longer (行政许可法 art. 82); nothing makes it shorter than the letter said.
    """
    asked = case.letters.filter(kind="correction").order_by("pk").last()
    if asked is None or "until_at" not in asked.facts:
        return None
    told = datetime.fromisoformat(asked.facts["until_at"])
    return max(told, due(case, asked.issued_at, definition(case.version).supplement))


def view_limit(case: Case) -> Limit:
    """How long a third party has for its view: as the item's law says."""
    asked = definition(case.version).views
    return asked.limit.limit if asked else VIEW


def view_over(party: ThirdParty) -> datetime:
    """The moment from which this view is not waited for: it was stated, or its term was over before that."""
    return min(party.stated_at or party.until, party.until)


def views_over(case: Case, now: datetime) -> datetime | None:
    """The moment from which no third party's view is waited for any more; None while one is."""
    ends = [view_over(one) for one in case.third_parties.all()]
    waits = any(one.stated_at is None and one.until >= now for one in case.third_parties.all())
    return None if waits else max(ends, default=now)


def reader_of(party: ThirdParty) -> Person | None:
    """Who reads the letter to a third party online: itself, or who represents a body; None without an account."""
    reader = party.person
    if reader is not None and not reader.natural and reader.representative is not None:
        reader = reader.representative
    return reader if reader and Account.objects.filter(person=reader, is_active=True).exists() else None


def told_online(party: ThirdParty) -> bool:
    """True if the letter stands in the inbox of somebody who can sign in."""
    return reader_of(party) is not None and notices.about(party).filter(person__isnull=False).exists()


def reached(party: ThirdParty) -> bool:
    """True if the letter got there: it was served, stands in an inbox, or an SMS or e-mail about it was sent."""
    if party.served_on is not None or told_online(party):
        return True
    return notices.about(party).filter(deliveries__state=Delivery.State.SENT).exists()


_HEARING = Fixed(lambda: Hearing.objects.select_related("presider").filter(case_id=Given("case")))
_PARTIES = Fixed(lambda: ThirdParty.objects.filter(case_id=Given("case")))


def hearing_of(case: Case) -> Hearing | None:
    """The case's hearing, if its right was told."""
    return _HEARING.first(case=case.pk)


def hearing_goes_on(case: Case) -> bool:
    """True if somebody asked for a hearing and the minutes are not there yet."""
    return Hearing.objects.filter(case=case, asked_at__isnull=False, minuted_at=None).exists()


def hearing_holds(case: Case) -> bool:
    """True while the clocks stand for a hearing: asked for, its twenty days not over, no minutes yet."""
    return Hearing.objects.filter(case=case, hold_until__gte=clock.now(), minuted_at=None).exists()


def late_hearings() -> QuerySet[Hearing]:
    """Hearings of open cases that were not held, or not minuted, in their twenty days."""
    return Hearing.objects.filter(minuted_at=None, hold_until__lt=clock.now(), case__ended_at=None)


def title_of(case: Case, pause: Pause) -> str:
    """What a special procedure is called."""
    rules = definition(case.version)
    if rules.views and pause.procedure == THIRD_PARTY:
        return str(rules.views.title)
    return str(rules.procedures.get(pause.procedure, pause.procedure))


def planned_end(case: Case, pause: Pause) -> datetime:
    """When a special procedure is to be over, as was told in writing."""
    return due(case, pause.start, Limit(pause.planned_days))


def timed_by_law(case: Case, pause: Pause) -> bool:
    """True for hearings and views: the law itself says how long they take (arts 36, 48), no office makes it longer."""
    return pause.procedure == THIRD_PARTY or (pause.procedure == HEARING and hearing_of(case) is not None)


def may_prolong(case: Case) -> bool:
    """True while a special procedure is under way whose time the office itself has planned."""
    return any(one.end is None and not timed_by_law(case, one) for one in case.pauses.all())


def late_clocks() -> QuerySet[Clock]:
    """The clocks of special procedures that are past their planned end."""
    return Clock.objects.filter(kind=Clock.Kind.SPECIAL, stopped_at=None, due__lt=clock.now())


def over() -> QuerySet[Pause]:
    """Special procedures of permits past their planned end without a result, not told to the office since.

    What other kinds of case do at the end of a pause is their domain's to say.
    """
    late = late_clocks().filter(case=OuterRef("case"), case__kind=PERMIT)
    since = Q(reminded_at=None) | Q(reminded_at__lt=Subquery(late.values("due")))
    return Pause.objects.filter(since, Exists(late), end=None).select_related("case")


def colleagues(case: Case) -> QuerySet[Account]:
    """Officials who hold a post in the office that has the case today."""
    posts = Post.objects.held_on(clock.today()).filter(department=case.department_id)
    return Account.objects.filter(pk__in=posts.values("account")).order_by("pk")


def presiders(case: Case) -> QuerySet[Account]:
    """Who may preside over its hearing: colleagues who have not examined it and do not hold its task."""
    keys = Event.objects.filter(case=case, action__in=EXAMINED).values_list("actor_key", flat=True)
    busy = [int(key.removeprefix("account:")) for key in keys if key.startswith("account:")]
    task = case.open_task()
    return colleagues(case).exclude(pk__in=[*busy, *([task.claimed_by_id] if task and task.claimed_by_id else [])])


def may_see(actor: Actor, case: Case) -> bool:
    """True for who may see the inner papers of a case: its office and supervisors, not whoever applied."""
    verbs = ("cases.view", "cases.supervise")
    inside = any(actor.may(verb, case.department_id, case.region_code) for verb in verbs)
    return inside and not acts(actor, case)


def require_ready(case: Case, outcome: Outcome, opinion: str) -> None:
    """Raise `ValidationError` with what is missing and who can mend it."""
    joint.require_heard(case, opinion)
    _require_views(case, opinion)
    _require_hearing(case, opinion)
    if outcome == Outcome.GRANTED:
        _require_always(case)
        trust.require_checked(case)


def _require_views(case: Case, opinion: str) -> None:
    now = clock.now()
    for one in _PARTIES.all(case=case.pk):
        if one.stated_at is None and now <= one.until:
            words = _("利害关系人%(name)s还可以在 %(day)s 前陈述意见，之后才能决定。")
            raise ValidationError(words % {"name": one, "day": day(one.until)})
        if one.stated_at is None and not reached(one):
            words = _("利害关系人%(name)s还没有收到告知书。请当面或者邮寄送达并登记，陈述期限过后才能决定。")
            raise ValidationError(words % {"name": one})
        if one.stated_at and one.name not in opinion:
            words = _("利害关系人%(name)s陈述了意见。请在理由里写明怎样处理，写出对方的名称。")
            raise ValidationError({"opinion": words % {"name": one}})


def _require_hearing(case: Case, opinion: str) -> None:
    hearing = hearing_of(case)
    if hearing is None:
        return
    if hearing.asked_at is None and clock.now() <= hearing.ask_until:
        words = _("已告知听证权利，%(day)s 前还可以要求听证，之后才能决定。")
        raise ValidationError(words % {"day": day(hearing.ask_until)})
    if hearing_goes_on(case):
        raise ValidationError(_("有人要求听证，听证笔录完成后才能决定。"))
    if hearing.minuted_at and _MINUTES not in opinion:
        words = _("应当根据听证笔录作出决定，请在理由里写明听证笔录的要点（写出“听证笔录”）。")
        raise ValidationError({"opinion": words})


def _require_always(case: Case) -> None:
    """What the item always demands before it may be granted."""
    for one in definition(case.version).national.special_procedures:
        if not one.always or not holds(one.when, answers_of(case)):
            continue
        if one.kind != "site_visit":
            done = case.pauses.filter(procedure=one.kind, end__isnull=False).exists()
        else:
            done = passed(case)
        if not done:
            raise ValidationError(_("准予之前必须完成“%(title)s”，并且结果合格。") % {"title": one.title})


def passed(case: Case) -> bool:
    """True if two officers have seen the place and the last visit was good."""
    last = SiteVisit.objects.filter(case=case, confirmed_at__isnull=False).last()
    return last is not None and bool(last.passed)


def visits_always(case: Case) -> bool:
    """True if the item demands a visit of every case like this one."""
    listed, answers = definition(case.version).national.special_procedures, answers_of(case)
    return any(one.kind == "site_visit" and one.always and holds(one.when, answers) for one in listed)


#: the law's word that the reason of a decision after a hearing must contain
_MINUTES = "听证笔录"
