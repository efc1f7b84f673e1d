"""Issuing a certificate, and what may become of it: suspended, resumed, revoked, forfeited, cancelled, expired."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
from django.utils.translation import gettext as _

from hexi.blocks.audit import operations as audit
from hexi.blocks.certificates import (
    continuing,
    definitions,
    hooks,
    keys,
    paper,
    proof,
    record,
    requesting,
)
from hexi.blocks.certificates.models import KIND, Certificate, CertificateType, Change, Key, Request, State
from hexi.blocks.certificates.queries import of_case
from hexi.blocks.documents import operations as documents
from hexi.blocks.notices import operations as notices
from hexi.blocks.people.models import Person
from hexi.blocks.people.queries import persons_of
from hexi.blocks.regions.models import Department
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, require
from hexi.kernel.fixed import Fixed, Given, insert
from hexi.kernel.options import Option

REMIND = Option(
    "certificates.remind_days", int, 60,
    "证照到期前几天提醒持证人。 / Days before its end at which a holder is told that a certificate ends.",
)  # fmt: skip
IN_FORCE = (State.VALID, State.SUSPENDED)


def issue(
    type_key: str, *, holder: Person, issuer: Department, facts: Mapping[str, Any], valid_from: date | None = None,
    valid_to: date | None = None, case: models.Model | None = None, item: tuple[str, str] = ("", ""), by: Actor,
) -> Certificate:  # fmt: skip
    """Number, print, sign and keep a certificate (GB/T 36901 to 36906); one a case and type, however often asked.

    `facts` fill the type's fields; `item` is the name and code of the service item it results from. Needs
    `certificates.issue` at the issuer. Raises `ValidationError` naming the field that is missing or unknown.
    """
    require(by, "certificates.issue", issuer.pk, issuer.region_code)
    of_type = _TYPE.get(key=type_key)
    licence = definitions.of(of_type)
    _suits(licence, holder, facts)
    start = valid_from or clock.today()
    try:
        with audit.change(by, "certificates.issue") as entry:
            made = _of_case(of_type, case)
            if made is not None:
                return made
            names = _names(case)
            asked = record.Asked(licence, holder, issuer, dict(facts), start, valid_to, item)
            made = _issued(of_type, asked, names, by)
            entry.thing, entry.facts = made, {"identifier": made.identifier, "sha256": made.sha256}
            hooks.certificate_issued.ring(certificate=made, by=by)
            return made
    except IntegrityError:
        made = _of_case(of_type, case)  # somebody else issued it for the same case this very moment
        if made is None:
            raise
        return made


def suspend(certificate: Certificate, *, reason: str, by: Actor) -> Certificate:
    """Let it not count for a time (暂扣)."""
    return _change(certificate, State.SUSPENDED, (State.VALID,), reason, by)


def resume(certificate: Certificate, *, reason: str, by: Actor) -> Certificate:
    """End a suspension."""
    return _change(certificate, State.VALID, (State.SUSPENDED,), reason, by)


def revoke(certificate: Certificate, *, reason: str, by: Actor) -> Certificate:
    """Take back what should not have been granted (撤销, 行政许可法 art. 69)."""
    return _change(certificate, State.REVOKED, IN_FORCE, reason, by)


def forfeit(certificate: Certificate, *, reason: str, by: Actor) -> Certificate:
    """Take it away as a penalty (吊销, 行政处罚法 art. 9)."""
    return _change(certificate, State.FORFEITED, IN_FORCE, reason, by)


def cancel(certificate: Certificate, *, reason: str, by: Actor) -> Certificate:
    """Strike it off because its purpose is over (注销, 行政许可法 art. 70)."""
    return _change(certificate, State.CANCELLED, (*IN_FORCE, State.EXPIRED), reason, by)


def reissue(
    certificate: Certificate, *, reason: str, facts: Mapping[str, Any] | None = None, valid_from: date | None = None,
    valid_to: date | None = None, case: models.Model | None = None, item: tuple[str, str] | None = None, by: Actor,
    held: bool = False,
) -> Certificate:  # fmt: skip
    """The next version of a certificate (延续, 变更, 更正): the same number, a new term or corrected facts.

    What is not given stays as it was. The version before counts no longer. Once for a case, and once for a version: who
    comes second is told. Needs `certificates.issue`. `held`: one that is suspended too, and its next version stays so.
    """
    require(by, "certificates.issue", certificate.department_id, certificate.region_code)
    _not_own(certificate, by)
    _reasoned(reason)
    with audit.change(by, "certificates.reissue", certificate, reason=reason) as entry:
        old = Certificate.objects.select_for_update().get(pk=certificate.pk)
        if (made := _of_case(old.type, case)) is not None:
            return made
        paused = old.state == State.SUSPENDED
        if old.superseded or not (old.state in (State.VALID, State.EXPIRED) or (held and paused)):
            raise ValidationError(
                _("这张证照现在是“%(state)s”，不能换发。请刷新后再看。") % {"state": State(old.state).label}
            )
        said = (
            {key: text for key, text in old.metadata["extend_info"].items() if text} if facts is None else dict(facts)
        )
        licence = definitions.of(old.type)
        _suits(licence, old.holder, said)
        named = item or (old.metadata["related_item_name"], old.metadata["related_item_code"])
        start, end = valid_from or old.valid_from, valid_to if valid_from else valid_to or old.valid_to
        asked = record.Asked(licence, old.holder, old.department, said, start, end, named)
        Certificate.objects.filter(pk=old.pk).update(superseded=True, state=State.CANCELLED)
        Change.objects.create(
            certificate=old, at=clock.now(), before=old.state, after=State.CANCELLED, actor_key=by.key,
            actor_name=by.name, reason=_("已换发新证：%(reason)s") % {"reason": reason.strip()},
        )  # fmt: skip
        made = _issued(old.type, asked, _names(case), by, before=old)
        entry.facts |= {"identifier": made.identifier, "sha256": made.sha256}
        old.refresh_from_db()
        _end_use(old, by)
        requesting.close(old, Request.Kind.CORRECT, Request.State.DONE, reason.strip(), by)
        hooks.certificate_replaced.ring(certificate=made, reason=reason.strip(), by=by)
        _tell(made, "certificates.replaced", {"reason": reason.strip(), "day": made.valid_to or _("长期")}, by)
        if paused:
            suspend(made, reason=old.changes.filter(after=State.SUSPENDED).last().reason, by=by)
    return made


def correct(certificate: Certificate, *, facts: Mapping[str, Any], reason: str, by: Actor) -> Certificate:
    """更正: put right what was written wrong; everything else, and the term, stays."""
    return reissue(certificate, facts=facts, reason=reason, by=by)


#: what an official may do on a certificate's page
VERBS = {"suspend": suspend, "resume": resume, "revoke": revoke, "forfeit": forfeit, "cancel": cancel}


def expire(certificate: Certificate, *, by: Actor) -> bool:
    """Note that its last day is over; counts from the first moment of the next day, however late. Once; else False."""
    if not certificate.past or certificate.state not in IN_FORCE or continuing.continues(certificate):
        return False
    assert certificate.valid_to is not None
    moment = datetime.combine(certificate.valid_to + timedelta(days=1), time(), clock.CHINA)
    try:
        # held since it was read: whether it goes on is asked anew, by the next run
        _change(certificate, State.EXPIRED, (State(certificate.state),), _("有效期届满"), by, at=moment)
    except ValidationError:
        return False
    return True


def remind(certificate: Certificate, *, by: Actor) -> None:
    """Tell the holder that it ends soon, once."""
    with audit.change(by, "certificates.remind", certificate):
        mine = Certificate.objects.filter(pk=certificate.pk, reminded_at=None).update(reminded_at=clock.now())
        if mine:
            _tell(certificate, "certificates.ends_soon", {"day": certificate.valid_to}, by)


def note_export(by: Actor, count: int) -> None:
    """Log that somebody saved a list of certificates and their holders."""
    with audit.change(by, "certificates.export", "certificates.certificate", count=count):
        pass


def _issued(
    of_type: CertificateType, asked: record.Asked, case: tuple[str, str], by: Actor, before: Certificate | None = None
) -> Certificate:
    """Number (as `before`, if it follows it), print, sign, keep; in the caller's transaction."""
    signer = keys.signer()
    demo = signer.demo or asked.issuer.demo
    if before is None:
        metadata = record.make(asked, record.next_serial(of_type, asked), demo=demo)
    else:
        metadata = record.follow(asked, before.metadata, demo=demo)
    printed = paper.make(asked.licence, metadata)
    signed = proof.sign(printed, metadata, signer.private)
    file = proof.seal(printed, signed)
    identifier = metadata["certificate_identifier"]
    document = documents.keep(
        file, name=f"{of_type.title_zh} {metadata['number']}.pdf", by=by, pages=1, owner=asked.holder,
        thing=(KIND, identifier), title=of_type.title_zh, source=asked.issuer.name, expires=asked.end,
    )  # fmt: skip
    made = Certificate(
        type=of_type, identifier=identifier, number=metadata["number"], holder=asked.holder,
        holder_name=metadata["holder_name"], holder_code=metadata["holder_code"], department=asked.issuer,
        issuer_name=asked.issuer.name, region_code=asked.issuer.region_code, case_kind=case[0], case_ref=case[1],
        valid_from=asked.start, valid_to=asked.end, metadata=metadata, document=document, sha256=signed["sha256"],
        signature=signed["signature"], key=_known(signer), replaces=before,
    )  # fmt: skip
    insert(made)
    insert(Change(certificate=made, at=clock.now(), after=State.VALID, actor_key=by.key, actor_name=by.name))
    return made


_TYPE = Fixed(lambda: CertificateType.objects.filter(key=Given("key")))
_KEY = Fixed(lambda: Key.objects.filter(pk=Given("id")))


def _known(signer: keys.Signer) -> Key:
    """The public key's row, and its file for checking offline: written at its first use, kept for ever."""
    keys.publish(signer)
    columns = {"algorithm": proof.algorithm(signer.private.public_key()), "public": signer.public, "demo": signer.demo}
    return _KEY.first(id=signer.id) or Key.objects.get_or_create(pk=signer.id, defaults=columns)[0]


def _suits(licence: definitions.Licence, holder: Person, facts: Mapping[str, Any]) -> None:
    fields = {field.key: field for field in licence.fields}
    faults = {name: _("证照“%(title)s”没有这一栏。") % {"title": licence.title} for name in facts if name not in fields}
    for key, field in fields.items():
        if field.required and facts.get(key) in (None, ""):
            faults[key] = _("证照上的“%(label)s”是空的，请补上。") % {"label": field.label}
    if licence.holder != "any" and (licence.holder == "natural") != holder.natural:
        faults["holder"] = _("“%(title)s”不能发给这一类持证人。") % {"title": licence.title}
    if faults:
        raise ValidationError(faults)


def _names(case: models.Model | None) -> tuple[str, str]:
    return (case._meta.label_lower, str(case.pk)) if case is not None else ("", "")


def _of_case(of_type: CertificateType, case: models.Model | None) -> Certificate | None:
    if case is None:
        return None
    kind, ref = _names(case)
    return next((one for one in of_case(kind, ref) if one.type_id == of_type.pk), None)


def _change(
    certificate: Certificate, to: State, allowed: Collection[State], reason: str, by: Actor, at: datetime | None = None
) -> Certificate:
    """One change of state; whoever comes second, on a certificate that has moved on, is told."""
    require(by, "certificates.revoke", certificate.department_id, certificate.region_code)
    _not_own(certificate, by)
    _reasoned(reason)
    with audit.change(by, f"certificates.{to.name.lower()}", certificate, reason=reason) as entry:
        before = Certificate.objects.select_for_update().get(pk=certificate.pk).state
        if before not in allowed:
            facts = {"state": State(before).label, "to": to.label}
            raise ValidationError(_("这张证照现在是“%(state)s”，不能改为“%(to)s”。请刷新后再看。") % facts)
        Certificate.objects.filter(pk=certificate.pk).update(state=to)
        entry.facts["before"] = before
        Change.objects.create(
            certificate=certificate, at=at or clock.now(), before=before, after=to, reason=reason.strip(),
            actor_key=by.key, actor_name=by.name,
        )  # fmt: skip
        certificate.refresh_from_db()
        _end_use(certificate, by)
        if to == State.CANCELLED:
            requesting.close(certificate, Request.Kind.CANCEL, Request.State.DONE, reason.strip(), by)
        hooks.certificate_changed.ring(certificate=certificate, before=before, by=by)
        _tell(certificate, "certificates.changed", {"state": to.label, "reason": reason.strip()}, by)
    return certificate


def _not_own(certificate: Certificate, by: Actor) -> None:
    if certificate.holder_id in persons_of(by):
        raise Denied(_("这是您自己（或您代表的单位）的证照，应当回避，由其他人员办理。"))


def _reasoned(reason: str) -> None:
    if not reason.strip():
        raise ValidationError({"reason": _("请写明理由和依据，持证人会看到。")})


def _end_use(certificate: Certificate, by: Actor) -> None:
    """A file that counts for nothing cannot be handed in again; a resumed one can."""
    ends = certificate.state in (State.VALID, State.EXPIRED)
    last = certificate.valid_to if ends else clock.today() - timedelta(days=1)
    documents.limit_use(certificate.document, expires=last, by=by)


def _tell(certificate: Certificate, key: str, facts: dict[str, Any], by: Actor) -> None:
    named = {
        "title": definitions.of(certificate.type).title,
        "number": certificate.number,
        "identifier": certificate.identifier,
    }
    notices.tell(certificate.holder, key, about=certificate, facts=named | facts, by=by)
