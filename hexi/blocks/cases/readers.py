"""Who may read the documents of a case: posts that may see the case. Beside queries."""

from hexi.blocks.cases import joint, procedures
from hexi.blocks.cases.models import RULES, Case, Deferred, Letter, SiteVisit
from hexi.blocks.cases.parties import acts
from hexi.blocks.cases.queries import handles, passed_up
from hexi.blocks.cases.rulings import RESULTS, may_put
from hexi.blocks.cases.states import UNDER_EXAMINATION, Outcome
from hexi.blocks.documents.models import Document
from hexi.kernel import clock
from hexi.kernel.actors import Actor

#: what the office itself puts to a case: level A, and no official's own paper
OFFICIAL = (RESULTS, "letter")


def may(actor: Actor, document: Document) -> bool:
    """True if a post of the actor may see the case; its applicant reads his documents as their owner."""
    columns = ("kind", "department_id", "region_code", "decided_at", "outcome")
    case = Case.objects.filter(pk=document.of_ref).only(*columns).first()
    if case is None:
        return False
    posted = handles(actor, case) or passed_up(actor).filter(pk=document.of_ref).exists()
    if not _for_applicant(document, case):
        return posted and not acts(actor, _case(document))  # an official who applied himself is an applicant
    return posted or acts(actor, _case(document)) or joint.may_read(actor, int(document.of_ref), document.slot)


def checks(actor: Actor, document: Document) -> bool:
    """Only the office that has the case compares with originals, not one that sent it up."""
    return handles(actor, _case(document))


def _case(document: Document) -> Case:
    return Case.objects.select_related("applicant", "item").get(pk=document.of_ref)


def _for_applicant(document: Document, case: Case) -> bool:
    """Letters to third parties are not; files that go out with the decision are once it grants."""
    if document.slot == RESULTS:
        granted = case.decided_at is not None and case.outcome == Outcome.GRANTED
        return granted and document.made_at <= case.decided_at
    return not Letter.objects.filter(document=document, third_party__isnull=False).exists()


def adds(actor: Actor, ref: str) -> bool:
    """Whoever examines or decides the case may take out what a colleague put in to go out with the decision."""
    case = Case.objects.permits().select_related("version").defer(*RULES).filter(pk=ref).first()
    return case is not None and may_put(actor, case)


def changeable(ref: str, slot: str) -> bool:
    """What was handed in stays as it was (mending goes through a new draft); what was promised may still come.

    What goes out with the decision is put together until it is made.
    """
    if slot == RESULTS:
        return Case.objects.filter(pk=ref, state__in=UNDER_EXAMINATION).exists()
    promised = Deferred.objects.filter(case=ref, material=slot, handed_at=None, due__gte=clock.now())
    return promised.filter(case__ended_at=None).exists()


def may_visit(actor: Actor, document: Document) -> bool:
    """Photographs of a visit: who may see the case."""
    visit = SiteVisit.objects.filter(pk=document.of_ref).select_related("case__applicant", "case__item").first()
    return visit is not None and procedures.may_see(actor, visit.case)


def visit_open(ref: str, slot: str) -> bool:
    """Photographs are added until the visit is written down."""
    return SiteVisit.objects.filter(pk=ref, found_by=None, case__ended_at=None).exists()


def visit_purpose(document: Document) -> str:
    """They are the office's own: no owner reads who looked."""
    return ""


def purpose(document: Document) -> str:
    """What the owner reads under "who looked at my data"."""
    case = Case.objects.filter(pk=document.of_ref).first()
    return f"办理 {case}" if case else ""
