"""Orders that follow another one hear what it is told, end with it, and are rated by their own callers."""

from django.utils.translation import gettext as _

from hexi.blocks.cases.operations.opening import give, own_step
from hexi.blocks.cases.steps import Stale
from hexi.domains.livelihood.requests import hooks
from hexi.domains.livelihood.requests.models import Answer, Request
from hexi.domains.livelihood.requests.operations import parts
from hexi.domains.livelihood.requests.states import State
from hexi.kernel.actors import Actor

#: where an order stands that has something to pass on
_OVER = (State.ANSWERED, State.CLOSED, State.REFUSED)


def pass_on(request: Request, *, by: Actor) -> bool:
    """Let an order that follows another hear the first word that one was told; False if it has. May run again."""
    lead = _lead(request)
    word = lead.replies.filter(final=False).order_by("-pk").first() if lead else None
    if lead is None or word is None or lead.case.state != State.HANDLING:
        return False
    try:
        with own_step(request.case, "led_noted", by=by, states=(State.MERGED,)) as one:
            row = parts.of(one.case)
            if _knows(row, word):
                raise Stale(one.case)
            one.opinion = word.text
            give(one, lead.case.department)
            row.passed_to, row.promised = lead.passed_to, lead.promised
            _told(row, word, one)
            row.save()
            hooks.request_noted.ring(request=row, by=by)
            hooks.request_led.ring(request=row, by=by)
    except Stale:
        return False
    return True


def pass_extension(request: Request, *, by: Actor) -> bool:
    """Let an order that follows another hear that this one got more time; False if it has. May run again."""
    lead = _lead(request)
    if lead is None or not lead.extended or lead.case.state != State.HANDLING:
        return False
    why = lead.case.events.filter(action="extend").order_by("-pk").values_list("opinion", flat=True).first()
    try:
        with own_step(request.case, "led_extended", by=by, states=(State.MERGED,)) as one:
            row = parts.of(one.case)
            if row.extended == lead.extended:
                raise Stale(one.case)
            one.opinion, row.extended = why or "", lead.extended
            row.save()
            hooks.request_extended.ring(request=row, by=by)
    except Stale:
        return False
    return True


def again(request: Request, *, by: Actor) -> bool:
    """The lead is to be done again: who was told its answer and has not ended follows it again; False if not so."""
    lead = _lead(request)
    if lead is None or lead.case.state not in (State.NEW, State.HANDLING):
        return False
    try:
        with own_step(request.case, "led_again", by=by, states=(State.ANSWERED,)) as one:
            row = parts.of(one.case)
            one.opinion = _("%(number)s 没有解决，正在接着办。") % {"number": lead.case.number}
            give(one, lead.case.department)
            one.case.state = State.MERGED
            row.solved = row.satisfied = row.promised = None
            row.extended = 0
            row.save()
            hooks.request_again.ring(request=row, by=by)
            hooks.request_led.ring(request=row, by=by)
    except Stale:
        return False
    return True


def _lead(request: Request) -> Request | None:
    return Request.objects.select_related("case__department").filter(followers=request).first()


def carry(request: Request, *, by: Actor) -> bool:
    """Let an order that follows another go where that one went; False if there is nothing to do. May run again."""
    lead = _lead(request)
    if lead is None or lead.case.state not in _OVER:
        return False
    # refused after an answer that did not hold: the refusal is the last word
    refused = lead.case.state == State.REFUSED
    last = None if refused else lead.replies.filter(final=True).order_by("-pk").first()
    try:
        with own_step(request.case, "led", by=by, states=(State.MERGED, State.ANSWERED)) as one:
            row = parts.of(one.case)
            # one that was told an earlier answer: the lead was done again and answered before `again` was run
            if one.case.state == State.ANSWERED and not refused and (last is None or _knows(row, last)):
                raise Stale(one.case)
            one.opinion = last.text if last else _refusal(lead)
            give(one, lead.case.department)
            if last is None:
                row.refusal, row.next_owner = lead.refusal, lead.next_owner
                parts.end(one, row, State.REFUSED)
                hooks.request_refused.ring(request=row, by=by)
            else:
                _told(row, last, one)
                one.case.state = State.ANSWERED
                row.solved = row.satisfied = None
                hooks.request_answered.ring(request=row, by=by)
            row.save()
            hooks.request_led.ring(request=row, by=by)
    except Stale:
        return False
    return True


def _knows(request: Request, word: Answer) -> bool:
    """True if the order was told this word of its lead."""
    return request.replies.filter(copied=True, final=word.final, text=word.text, at__gte=word.at).exists()


def _told(request: Request, last: Answer, one: parts.Step) -> None:
    """What the lead was told is this order's too, an answer for its caller to rate; it counts for the office once."""
    Answer.objects.create(
        request=request, office_id=last.office_id, region_code=last.region_code, at=one.at, final=last.final,
        in_time=last.in_time, text=last.text, by_name=last.by_name, copied=True,
    )  # fmt: skip


def _refusal(lead: Request) -> str:
    return f"{lead.get_refusal_display()}。{lead.next_owner}"
