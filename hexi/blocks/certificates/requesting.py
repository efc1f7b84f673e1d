"""What a holder asks of the office that issued: to strike a certificate off, to correct it; and the answer."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from hexi.blocks.audit import operations as audit
from hexi.blocks.certificates import definitions
from hexi.blocks.certificates.models import Certificate, Request, State
from hexi.blocks.notices import operations as notices
from hexi.blocks.people.queries import persons_of
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, require


def ask(certificate: Certificate, kind: str, *, reason: str, by: Actor) -> Request:
    """Ask for cancellation or correction; one open request of a kind. Asked twice it is the same one."""
    if certificate.holder_id not in persons_of(by):
        raise Denied(_("这不是您的证照。"))
    if kind not in Request.Kind.values:
        raise ValidationError(_("请选择注销或者更正。"))
    if not reason.strip():
        raise ValidationError({"reason": _("请写明理由；更正的写明哪里错了、应当是什么。")})
    if certificate.superseded or certificate.state not in (State.VALID, State.SUSPENDED, State.EXPIRED):
        raise ValidationError(_("这张证照现在是“%(state)s”，不能再申请。") % {"state": certificate.get_state_display()})
    waiting = Request.objects.filter(certificate=certificate, kind=kind, state=Request.State.OPEN)
    if found := waiting.first():
        return found
    try:
        with audit.change(by, "certificates.ask", certificate, kind=kind), transaction.atomic():
            return Request.objects.create(
                certificate=certificate, kind=kind, reason=reason.strip(), asked_key=by.key, asked_name=by.name,
                at=clock.now(),
            )  # fmt: skip
    except IntegrityError:  # asked twice at the same moment
        return waiting.get()


def refuse(request: Request, *, answer: str, by: Actor) -> Request:
    """Say no, with the reason; the holder is told."""
    certificate = request.certificate
    require(by, "certificates.issue", certificate.department_id, certificate.region_code)
    if certificate.holder_id in persons_of(by):
        raise Denied(_("这是您自己（或您代表的单位）的证照，应当回避，由其他人员办理。"))
    if not answer.strip():
        raise ValidationError({"answer": _("请写明不同意的理由，持证人会看到。")})
    with audit.change(by, "certificates.refuse_request", certificate, kind=request.kind):
        if not close(certificate, request.kind, Request.State.REFUSED, answer.strip(), by):
            raise ValidationError(_("这项申请已经处理，请刷新后再看。"))
        facts = {"title": definitions.of(certificate.type).title, "number": certificate.number}
        facts |= {"identifier": certificate.identifier, "answer": answer.strip()}
        notices.tell(certificate.holder, "certificates.request_refused", about=certificate, facts=facts, by=by)
    request.refresh_from_db()
    return request


def close(certificate: Certificate, kind: str, state: str, answer: str, by: Actor) -> int:
    """Note the answer to an open request; for operations that do what was asked."""
    waiting = Request.objects.filter(certificate=certificate, kind=kind, state=Request.State.OPEN)
    return waiting.update(state=state, answer=answer, answered_name=by.name, answered_at=clock.now())
