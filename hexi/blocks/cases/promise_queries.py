"""Reading promises: the checks an office has to make. Beside queries."""

from django.db.models import QuerySet

from hexi.blocks.audit.operations import look
from hexi.blocks.cases.models import Verification
from hexi.blocks.cases.parties import strange
from hexi.kernel.actors import Actor, within


def verifications(actor: Actor) -> QuerySet[Verification]:
    """Checks of the offices where the actor examines or revokes, soonest due first; not of his own matters (回避)."""
    scopes = (*actor.scopes("cases.examine"), *actor.scopes("certificates.revoke"))
    rows = Verification.objects.filter(within(scopes), strange(actor, "case"))
    return rows.select_related("case__item", "case__version", "case__department", "case__applicant").order_by(
        "due", "pk"
    )


def verification_for(pk: int, actor: Actor) -> Verification:
    """One of them in full, with whose it is and what he pledged; the look is logged. Raises `DoesNotExist`."""
    found = verifications(actor).get(pk=pk)
    look(actor, found, purpose=f"核查承诺 {found.case.title}", person_id=found.case.applicant_id)
    return found
