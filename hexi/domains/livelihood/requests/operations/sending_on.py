"""An order that goes on to another city's server: once, with its number there; what is heard of it from there."""

from django.db import transaction
from django.utils.translation import gettext as _

from hexi.blocks.cases.operations.opening import own_step
from hexi.domains.livelihood.requests.models import Request, SentOn
from hexi.domains.livelihood.requests.operations import parts
from hexi.domains.livelihood.requests.states import State
from hexi.kernel.actors import Actor


def begin_sending(request: Request, server: str) -> SentOn | None:
    """The row that says it is on its way, written before it is sent; None if it was sent there already."""
    row, new = SentOn.objects.get_or_create(request=request, server=server)
    return row if new else None


@transaction.atomic
def note_sent(row: SentOn, *, number: str, token: str, by: Actor) -> None:
    """It is there, under this number, or a token by which the number is asked for."""
    SentOn.objects.filter(pk=row.pk).update(number=number[:120], token=token[:120])
    _tell(row, "sent_on", _("%(server)s：%(number)s") % {"server": row.server, "number": number or token}, by)


@transaction.atomic
def note_heard(row: SentOn, *, number: str, status: str, notes: str, by: Actor) -> bool:
    """How it stands there; False if that was known. Our offices read it, the order itself stays as it is."""
    heard = {"number": number[:120], "status": status[:40], "notes": notes}
    if (row.status, row.notes) == (heard["status"], notes):
        return False
    SentOn.objects.filter(pk=row.pk).update(**heard)
    _tell(row, "heard_of", f"{number}：{status}。{notes}", by)
    return True


def _tell(row: SentOn, action: str, text: str, by: Actor) -> None:
    with own_step(row.request.case, action, by=by, states=tuple(State)) as one:
        one.opinion, one.public = text[:2000], False
        one.office = parts.of(one.case).hotline.name
