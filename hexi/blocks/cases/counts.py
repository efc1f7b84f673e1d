"""The roll-up, raised in the transaction of the change it counts. Beside operations."""

from collections.abc import Mapping
from datetime import date

from hexi.blocks.cases import facts
from hexi.blocks.cases.kinds import kind_of
from hexi.blocks.cases.models import Case
from hexi.blocks.documents.models import Document
from hexi.blocks.indicators import operations as indicators
from hexi.kernel import clock
from hexi.kernel.actors import Actor


def add(case: Case, day: date, numbers: Mapping[str, int]) -> None:
    """Add what one step counts to the figures of this day, of the case's office and item, if its kind has figures."""
    if not (owner := kind_of(case).counted):
        return
    indicators.add(
        {f"{owner}.{name}": number for name, number in numbers.items()},
        region=case.region_code, day=day, department=case.department_id,
        dimension=case.item.key if case.item else case.subject,
    )  # fmt: skip


def shown_late(document: Document, by: Actor) -> None:
    """Listener: an original was shown at the window after the case had ended; the figures of its end follow."""
    if document.of_kind != "cases.case" or document.level != Document.Level.B or document.copied_from_id:
        return
    ended = Case.objects.permits().filter(pk=document.of_ref, ended_at__isnull=False)
    case = ended.select_related("item").first()
    before = Document.objects.filter(of_kind="cases.case", of_ref=document.of_ref, level="B", copied_from=None)
    if case is None or before.exclude(pk=document.pk).exists():
        return
    paperless = Case.objects.filter(facts.ONLINE, pk=case.pk).exists()
    add(case, clock.local_day(case.ended_at), {"visits": 1, "paperless": -int(paperless)})  # type: ignore[arg-type]
