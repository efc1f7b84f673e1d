"""好差评: rate a matter once; a bad rating is answered, mended or reviewed (services.md §2.8)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hexi.blocks.audit.operations import Note, change
from hexi.blocks.calendars.clocks import Limit
from hexi.blocks.calendars.queries import calendar_for
from hexi.blocks.cases import counts, hooks, numbers, telling
from hexi.blocks.cases.models import Case, Rating
from hexi.blocks.cases.operations.applying import at_counter
from hexi.blocks.cases.parties import require_own, require_stranger
from hexi.blocks.cases.states import ENDED
from hexi.blocks.cases.steps import Step, write_line
from hexi.blocks.regions.codes import prefix
from hexi.kernel import clock
from hexi.kernel.actors import Actor, require
from hexi.kernel.options import Option

CONTACT_DAYS = Option(
    "cases.contact_days", int, 1, "差评后几个工作日内回访。 / Working days in which a bad rating is answered by a call."
)
MEND_DAYS = Option(
    "cases.mend_days", int, 15,
    "差评的原因几个工作日内整改。 / Working days in which the cause of a bad rating is mended.",
)  # fmt: skip
#: what a matter handled online, and one handled at the counter, is rated by
ONLINE = {
    "speed": gettext_lazy("办事效率"),
    "guide": gettext_lazy("办事指南准确"),
    "ease": gettext_lazy("办事方便"),
    "platform": gettext_lazy("平台好用"),
}
COUNTER = {
    "speed": gettext_lazy("服务效率"),
    "skill": gettext_lazy("服务水平"),
    "manner": gettext_lazy("服务态度"),
}
LEVELS = range(1, 6)
WINDOW = "window"
State = Rating.State


def aspects_of(case: Case) -> Mapping[str, object]:
    """The indicators this matter is rated by."""
    return COUNTER if case.channel == WINDOW else ONLINE


def rate(
    case: Case,
    *,
    level: int,
    by: Actor,
    aspects: Mapping[str, int] | None = None,
    text: str = "",
    public: bool = False,
    channel: str = "portal",
    seen: bool = False,
) -> Rating:
    """The applicant's one rating of an ended matter. A bad one opens a work order with its two clocks.

    The window may write down what somebody who came in person says (`seen`: his document); the timeline says who did.
    """
    stood_in = require_own(by, case, seen=seen)
    aspects = {name: given for name, given in (aspects or {}).items() if name in aspects_of(case)}
    if level not in LEVELS or any(given not in LEVELS for given in aspects.values()):
        raise ValidationError({"level": _("请选一个满意程度。")})
    if case.state not in ENDED:
        raise ValidationError(_("办结以后再评价：一事一评。"))
    try:
        with change(by, "cases.rate", case) as note:
            rating = Rating.objects.create(
                case=case, level=level, aspects=aspects, text=text.strip()[:1000], public=public,
                channel=WINDOW if stood_in else channel,
            )  # fmt: skip
            note.thing, note.facts["level"] = rating, level
            if stood_in:
                _written_down(case, note, by)
            counts.add(case, clock.today(), {"rated": 1, "satisfied": int(level >= 3)})
            if rating.bad:
                _open(rating)
                hooks.rated_bad.ring(rating=rating, by=by)
    except IntegrityError:
        raise ValidationError(_("这件已经评价过，一件只评一次。")) from None
    return rating


def _written_down(case: Case, note: Note, by: Actor) -> None:
    """On record that the window wrote down what the applicant said there; he is told."""
    line = Step(case, by, "rated_here", note)
    at_counter(line)
    write_line(line)
    telling.stood_in(case, "cases.rated_here", by)


def _open(rating: Rating) -> None:
    case, calendar, year = rating.case, calendar_for(rating.case.region_code), clock.today().year
    place = prefix(case.region_code)
    rating.number = f"差评{place}〔{year}〕{numbers.allocate(f'rating:{place}:{year}'):04d}号"
    rating.state = State.OPEN
    rating.contact_days = CONTACT_DAYS.value
    rating.contact_due = calendar.due(rating.at, Limit(rating.contact_days)).moment
    _mend_from(rating, rating.at)
    rating.save()


def _mend_from(rating: Rating, at: datetime) -> None:
    """Let the days to mend run from `at`."""
    rating.mend_from, rating.mend_days = at, MEND_DAYS.value
    rating.mend_due = calendar_for(rating.case.region_code).due(at, Limit(rating.mend_days)).moment


@contextmanager
def _order(rating: Rating, action: str, states: tuple[str, ...], verb: str, by: Actor) -> Iterator[Rating]:
    """The rating's row locked, in one of the states, for somebody who has the right in the case's office."""
    with change(by, f"cases.{action}", rating):
        held = Rating.objects.select_for_update(of=("self",)).select_related("case").get(pk=rating.pk)
        require(by, verb, held.case.department_id, held.case.region_code)
        require_stranger(by, held.case)
        if held.state not in states:
            raise ValidationError(_("这张差评单刚被处理过。请刷新页面查看。"))
        yield held
        held.save()


def contact(rating: Rating, *, said: str, by: Actor) -> Rating:
    """The office got in touch with the rater: within one working day."""
    if not said.strip():
        raise ValidationError({"said": _("请写明联系的情况。")})
    with _order(rating, "rating_contact", (State.OPEN,), "cases.answer", by) as held:
        held.state, held.contact, held.contacted_at = State.CONTACTED, said.strip(), clock.now()
    return held


def answer_rating(rating: Rating, *, reply: str, by: Actor) -> Rating:
    """What was found and mended, told to the rater, who may rate again. Not before the rater was contacted."""
    if not reply.strip():
        raise ValidationError({"reply": _("请写明查实的情况和整改的结果，评价人会看到。")})
    with _order(rating, "rating_mend", (State.CONTACTED,), "cases.answer", by) as held:
        held.state, held.reply, held.mended_at = State.MENDED, reply.strip(), clock.now()
        hooks.rating_answered.ring(rating=held, by=by)
    return held


def rate_again(rating: Rating, *, level: int, by: Actor, seen: bool = False) -> Rating:
    """The rater's word on the mending; the first rating stays. The order ends, or is open again if it is still bad.

    Once for each answer of the office: sent back by the supervisor and answered again, his last word counts. The window
    writes it down for who came in person, as the first one.
    """
    stood_in = require_own(by, rating.case, seen=seen)
    if level not in LEVELS:
        raise ValidationError({"level": _("请选一个满意程度。")})
    with change(by, "cases.rate_again", rating, level=level) as note:
        held = Rating.objects.select_for_update(of=("self",)).select_related("case").get(pk=rating.pk)
        if held.state != State.MENDED:
            raise ValidationError(_("整改答复以后可以再评一次，每次答复一次。"))
        held.again, held.again_at, held.state, held.closed_at = level, clock.now(), State.CLOSED, clock.now()
        if level <= 2:  # not mended in the rater's eyes: the supervisor looks
            held.state, held.closed_at = State.REVIEW, None
        held.save()
        if stood_in:
            _written_down(held.case, note, by)
    return held


def plead(rating: Rating, *, why: str, by: Actor) -> Rating:
    """The office holds a rating unfair or malicious and asks for a review; the contact is owed all the same."""
    if not why.strip():
        raise ValidationError({"why": _("请写明理由和依据。")})
    with _order(rating, "rating_plead", (State.CONTACTED,), "cases.answer", by) as held:
        held.state, held.plea = State.REVIEW, why.strip()
    return held


def rule(rating: Rating, *, annul: bool, ruling: str, by: Actor) -> Rating:
    """The supervisor annuls a rating that is unfair, or sends it back to be mended; it stays in the log either way."""
    if not ruling.strip():
        raise ValidationError({"ruling": _("请写明复核的结论和理由。")})
    with _order(rating, "rating_rule", (State.REVIEW,), "cases.supervise", by) as held:
        held.ruling = ruling.strip()
        if annul:
            held.annulled, held.state, held.closed_at = True, State.CLOSED, clock.now()
            day = clock.local_day(held.at)
            counts.add(held.case, day, {"rated": -1, "satisfied": -int(held.level >= 3)})
        else:
            held.state = State.CONTACTED
            if held.again is not None:  # mended once, and not well: from here it has its days anew
                _mend_from(held, clock.now())
    return held
