"""Ratings read: those of one's offices, and what the public may see. Beside queries."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Avg, Count, Q, QuerySet

from hexi.blocks.audit.operations import look
from hexi.blocks.cases import facts
from hexi.blocks.cases.models import Rating
from hexi.blocks.cases.parties import strange
from hexi.kernel import clock
from hexi.kernel.actors import Actor, within

OPEN = (Rating.State.OPEN, Rating.State.CONTACTED, Rating.State.REVIEW)


def of_offices(actor: Actor) -> QuerySet[Rating]:
    """Ratings of the offices the actor answers or supervises; not of matters of his own (回避)."""
    scopes = (*actor.scopes("cases.answer"), *actor.scopes("cases.supervise"))  # type: ignore[attr-defined]
    rows = Rating.objects.filter(within(scopes, department="case__department", region="case__region_code"))
    return rows.filter(strange(actor, "case")).select_related("case", "case__item", "case__department")


def rating_for(pk: int, actor: Actor) -> Rating:
    """One of them, with what the rater wrote and the number of his case; the look is logged. Raises `DoesNotExist`."""
    found = of_offices(actor).get(pk=pk)
    look(actor, found, purpose=f"办理评价 {found.case.title}", person_id=found.case.applicant_id)
    return found


def late() -> Q:
    """Orders past one of their two clocks."""
    now = clock.now()
    contact = Q(state=Rating.State.OPEN, contact_due__lt=now)
    return contact | Q(state__in=OPEN, mend_due__lt=now)


@dataclass(frozen=True)
class Result:
    """Ratings of one office or item: how many of each level, the share of 3 to 5, the mean."""

    name: str
    total: int
    levels: tuple[int, ...]
    mean: float

    @property
    def satisfied(self) -> float | None:
        """Share of ratings of "basically satisfied" and better, in per cent."""
        return 100 * sum(self.levels[2:]) / self.total if self.total else None


def counted(region_prefix: str, first: date, last: date) -> QuerySet[Rating]:
    """Ratings that count, of a region and its subtree, given from first to last day."""
    rows = Rating.objects.filter(annulled=False, case__region_code__startswith=region_prefix)
    return rows.filter(at__range=facts.span(first, last))


def results(rows: QuerySet[Rating], by: str) -> list[Result]:
    """By "case__department__name" or "case__title", most rated first."""
    each = {f"n{level}": Count("pk", filter=Q(level=level)) for level in range(1, 6)}
    found = rows.order_by().values(by).annotate(total=Count("pk"), mean=Avg("level"), **each)
    made = [
        Result(row[by], row["total"], tuple(row[f"n{level}"] for level in range(1, 6)), row["mean"]) for row in found
    ]
    return sorted(made, key=lambda one: (-one.total, one.name))


def shown(rows: QuerySet[Rating]) -> QuerySet[Rating]:
    """Those whose words the rater lets be shown, with the office's reply, newest first; never a name."""
    rows = rows.filter(public=True).exclude(text="")
    return rows.select_related("case", "case__item", "case__department").order_by("-at")
