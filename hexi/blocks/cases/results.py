"""What a granted case ends in: the certificate, filled from the answers. Beside operations."""

from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta
from django.utils import translation

from hexi.blocks.cases.definitions import code_of, definition
from hexi.blocks.cases.establishing import establish
from hexi.blocks.cases.models import Case, Concern
from hexi.blocks.cases.parts import Validity
from hexi.blocks.certificates import operations as certificates
from hexi.blocks.forms import saying
from hexi.kernel import clock
from hexi.kernel.actors import Actor
from hexi.ui.words import on_paper


def issue(case: Case, *, by: Actor) -> str:
    """Issue the certificate of a granted case and return its identifier (GB/T 36904)."""
    rules = definition(case.version)
    assert rules.certificate is not None
    about = Concern.objects.select_related("certificate", "case").filter(case=case).first()
    if about is not None:
        return _reissue(about, by=by)
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


def _reissue(about: Concern, *, by: Actor) -> str:
    """The next version of a certificate: a renewed term follows the old one, a change keeps it."""
    held, today, case = about.certificate, clock.today(), about.case
    start, end = today, held.valid_to
    if about.kind == Concern.Kind.RENEW and held.valid_to is not None:
        after = held.valid_to + relativedelta(days=1)
        start = after if about.deemed else today
        end = end_of(max(after, start), definition(case.version).national.result.validity)
    made = certificates.reissue(
        held, reason=str(about.get_kind_display()), facts=facts_of(case), valid_from=start, valid_to=end, case=case,
        item=(case.title, code_of(case.version)), by=by,
    )  # fmt: skip
    return made.identifier


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
