"""What a granted case ends in: the certificate, filled from the answers. Beside operations."""

from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta
from django.utils import translation

from hexi.blocks.cases import renewals
from hexi.blocks.cases.definitions import code_of, definition
from hexi.blocks.cases.establishing import establish
from hexi.blocks.cases.models import Case, Concern
from hexi.blocks.cases.parts import Validity
from hexi.blocks.certificates import definitions as licences
from hexi.blocks.certificates import operations as certificates
from hexi.blocks.certificates.models import Certificate
from hexi.blocks.certificates.models import State as Standing
from hexi.blocks.forms import saying
from hexi.kernel import clock
from hexi.kernel.actors import Actor
from hexi.kernel.fixed import Fixed, Given
from hexi.ui.words import on_paper


def issue(case: Case, *, by: Actor) -> str:
    """Issue the certificate of a granted case and return its identifier (GB/T 36904)."""
    rules = definition(case.version)
    assert rules.certificate is not None
    about = _about(case)
    if about is not None:
        return _reissue(about, by=by)
    if held := _held(case):
        # of another item: what the case leaves empty stays as it was
        given = {key: text for key, text in facts_of(case).items() if text}
        reason, start = str(Concern.Kind.CHANGE.label), clock.today()
        return _following(held, case, given, reason=reason, start=start, end=held.valid_to, by=by)
    start, holder, facts = clock.today(), case.applicant, facts_of(case)
    if made := rules.national.result.establishes:
        person, number = establish(case, made, by=by)
        holder = holder if person.natural else person
        facts |= {made.fact: number} if made.fact else {}
    certificate = certificates.issue(
        rules.certificate,
        holder=holder,
        issuer=case.department,
        facts=facts,
        valid_from=start,
        valid_to=end_of(start, rules.national.result.validity),
        case=case,
        item=(case.title, code_of(case.version)),
        by=by,
    )
    return certificate.identifier


def waits(case: Case) -> bool:
    """True while the certificate whose next version it is to be is held (暂扣): until then nothing can be made."""
    about = _about(case)
    held = about.certificate if about else _held(case)
    return held is not None and held.state == Standing.SUSPENDED


def _about(case: Case) -> Concern | None:
    about = _CONCERN.first(case=case.pk)
    if about is not None:
        about.case = case
    return about


_CONCERN = Fixed(lambda: Concern.objects.select_related("certificate").filter(case_id=Given("case")).order_by("pk"))


def _reissue(about: Concern, *, by: Actor) -> str:
    """The next version of a certificate: a renewed term follows the old one, a change keeps it."""
    held, today, case = about.certificate, clock.today(), about.case
    start, end = today, held.valid_to
    if about.kind == Concern.Kind.RENEW and held.valid_to is not None:
        after = held.valid_to + relativedelta(days=1)
        start = after if about.deemed else today
        end = end_of(max(after, start), definition(case.version).national.result.validity)
    reason = str(about.get_kind_display())
    return _following(held, case, facts_of(case), reason=reason, start=start, end=end, by=by)


def _following(
    held: Certificate, case: Case, given: dict[str, str], *, reason: str, start: date, end: date | None, by: Actor
) -> str:
    """Its next version. What the case does not say stays: the number once allotted, fields of another item."""
    fields = {field.key for field in licences.of(held.type).fields}
    kept = {key: text for key, text in held.metadata["extend_info"].items() if text and key in fields}
    made = certificates.reissue(
        held, reason=reason, facts=kept | given, valid_from=start, valid_to=end, case=case,
        item=(case.title, code_of(case.version)), by=by,
    )  # fmt: skip
    return made.identifier


def before(case: Case) -> dict[str, str] | None:
    """What the newest version would say without this case's change; None if its certificate replaced none."""
    made = Certificate.objects.select_related("replaces").filter(identifier=case.certificate_ref).first()
    newest = renewals.newest(case.certificate_ref)
    if made is None or made.replaces is None or newest is None or not definition(case.version).national.result.replaces:
        return None
    old, own, now = (one.metadata["extend_info"] for one in (made.replaces, made, newest))
    back = {key: old.get(key, "") if text == own.get(key) else text for key, text in now.items()}
    return {key: text for key, text in back.items() if text}


def _held(case: Case) -> Certificate | None:
    """The applicant's newest certificate that the item replaces, of this office; one that is held (暂扣) as well."""
    rules = definition(case.version)
    if rules.certificate is None or not rules.national.result.replaces:
        return None
    found = Certificate.objects.filter(type__key=rules.certificate, holder=case.applicant, department=case.department)
    return found.filter(superseded=False, state__in=certificates.IN_FORCE).order_by("-pk").first()


def facts_of(case: Case) -> dict[str, str]:
    """The certificate's fields: each from an answer, or from the applicant, the case or the office."""
    sources = definition(case.version).national.result.facts
    with translation.override("zh-hans"), on_paper():  # the law's language, whoever presses the button
        return {name: _fact(case, source) for name, source in sources.items()}


def end_of(start: date, validity: Validity) -> date | None:
    """The last day a result is good for; None if it does not end."""
    if validity.amount is None:
        return None
    return start + relativedelta(**{validity.unit: validity.amount}) - relativedelta(days=1)


def _fact(case: Case, source: str) -> str:
    thing, _, name = source.partition(".")
    if name:
        owner: Any = {"applicant": case.applicant, "case": case, "office": case.department}[thing]
        return str(getattr(owner, name) or "")
    return answer_text(case, source)


def answer_text(case: Case, key: str) -> str:
    """An answer as people read it: a choice by its words, a place by its name, money in yuan; empty if not given."""
    form = definition(case.version).national.form
    field = next(field for _, field in form.fields() if field.key == key)
    return saying.say(field, case.answers.get(key))
