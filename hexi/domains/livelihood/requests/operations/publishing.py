"""Question and answer for everybody, names removed, after a person has read them."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.regions.queries import path
from hexi.domains.livelihood.requests import callers, hooks
from hexi.domains.livelihood.requests.models import Request
from hexi.domains.livelihood.requests.operations.parts import require_text
from hexi.domains.livelihood.requests.states import PUBLISH, State
from hexi.kernel import clock
from hexi.kernel.actors import Actor, require


def publish(request: Request, *, text: str, answer: str, by: Actor) -> Request:
    """Let everybody read it. Refused while a phone, number, plate, mailbox or name still stands in it.

    In an answer an office's own mailbox, line and door may stand, but nothing of who called.
    """
    require(by, PUBLISH, request.hotline_id, request.hotline_region)
    text = require_text(text, "text", _("请写明公开的诉求内容。"))
    answer = require_text(answer, "answer", _("请写明公开的答复内容。"))
    faults = {}
    for field, said in (("text", text), ("answer", answer)):
        told = f"{request.text} {request.address}"
        clean = callers.without_caller(said, surely_caller(request), told)
        clean = callers.without_names(clean, office=field == "answer")
        if clean != said:
            faults[field] = _("里面还有电话、证件号、车牌、门牌或姓名。建议改为：%(text)s") % {"text": clean}
    if faults:
        raise ValidationError(faults)
    with change(by, "requests.publish", request, number=request.case.number):
        row = Request.objects.select_for_update(of=("self",)).select_related("case").get(pk=request.pk)
        if row.secret or not row.may_publish:
            raise ValidationError(_("诉求人要求保密或不同意公开，不能公开。"))
        if row.case.state not in (State.ANSWERED, State.CLOSED):
            raise ValidationError(_("有了答复才能公开。"))
        row.public, row.public_text, row.public_answer = True, text, answer
        row.published_at = row.published_at or clock.now()
        row.save(update_fields=["public", "public_text", "public_answer", "published_at"])
        hooks.request_published.ring(request=row, by=by)
    return row


def surely_caller(request: Request) -> dict[str, Any]:
    """Name and phone of who called, as no public text may hold them.

    Without a name that may be any word: a nickname of a social platform, or what the place is called by. A person who
    publishes is shown the text without it, and decides.
    """
    contact, name = request.contact, str(request.contact.get("name") or "").strip()
    place = "/".join(one.name for one in path(request.place_code))
    return {**contact, "name": ""} if request.case.channel == "social" or name in place else contact


def unpublish(request: Request, *, by: Actor) -> Request:
    """Take it back from everybody's eyes."""
    require(by, PUBLISH, request.hotline_id, request.hotline_region)
    with change(by, "requests.unpublish", request, number=request.case.number):
        Request.objects.filter(pk=request.pk).update(public=False)
        request.public = False
        hooks.request_published.ring(request=request, by=by)
    return request
