"""What the nightly self-check finds here: questions asked through 12345 that nobody has answered in time."""

from collections.abc import Iterator

from django.urls import reverse

from hexi.blocks.cases.models import Case
from hexi.blocks.cases.selfcheck import Finding
from hexi.domains.livelihood.requests.kind import ORDER
from hexi.domains.livelihood.requests.states import State, Type
from hexi.kernel import clock


def overdue() -> Iterator[Finding]:
    """Without the words of whoever asked: findings are read by more people than orders."""
    waits = Case.objects.filter(kind=ORDER.key, state__in=(State.NEW, State.HANDLING), request__type=Type.ASK)
    for case in waits.filter(next_due__lt=clock.now()).order_by("pk"):
        yield Finding(
            "answer", "12345 咨询", "Question to 12345", f"{case.number} 咨询逾期没有答复",
            f"{case.number}: the question is overdue", reverse("requests.order", args=[case.number]),
            case.region_code, case.department_id,
        )  # fmt: skip
