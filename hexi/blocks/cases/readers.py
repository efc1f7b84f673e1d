"""Who may read the documents of a case: posts that may see the case. Beside queries."""

from hexi.blocks.cases.models import Case
from hexi.blocks.cases.queries import OFFICIAL_VERBS
from hexi.blocks.documents.models import Document
from hexi.kernel.actors import Actor


def may(actor: Actor, document: Document) -> bool:
    """True if a post of the actor may see the case; its applicant reads his documents as their owner."""
    case = Case.objects.filter(pk=document.of_ref).values("department_id", "region_code").first()
    return case is not None and any(
        actor.may(verb, case["department_id"], case["region_code"]) for verb in OFFICIAL_VERBS
    )


def changeable(ref: str, slot: str) -> bool:
    """What was handed in stays as it was; mending goes through a new draft."""
    return False


def purpose(document: Document) -> str:
    """What the owner reads under "who looked at my data"."""
    case = Case.objects.filter(pk=document.of_ref).first()
    return f"办理 {case}" if case else ""
