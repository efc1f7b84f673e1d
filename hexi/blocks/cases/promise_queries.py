"""Reading promises: the checks an office has to make. Beside queries."""

from django.db.models import QuerySet

from hexi.blocks.cases.models import Verification
from hexi.blocks.cases.parties import persons
from hexi.kernel.actors import Actor, within


def verifications(actor: Actor) -> QuerySet[Verification]:
    """Checks of the offices where the actor examines or revokes, soonest due first; not of his own matters (回避)."""
    scopes = (*actor.scopes("cases.examine"), *actor.scopes("certificates.revoke"))
    rows = Verification.objects.filter(within(scopes)).exclude(case__applicant__in=persons(actor))
    return rows.select_related("case__item", "case__version", "case__department", "case__applicant").order_by(
        "due", "pk"
    )
