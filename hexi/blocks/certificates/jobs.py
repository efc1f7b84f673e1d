"""Repeated work on certificates: the end of validity, and telling holders in time."""

from datetime import timedelta

from hexi.blocks.certificates import operations
from hexi.blocks.certificates.models import Certificate, State
from hexi.kernel import clock
from hexi.kernel.actors import System


def expire() -> None:
    """Note for each certificate whose last day is over that it has expired; late runs note the legal moment."""
    by = System("certificates.expire")
    due = Certificate.objects.filter(state__in=operations.IN_FORCE, valid_to__lt=clock.today())
    for certificate in due.select_related("type", "holder", "document").order_by("valid_to").iterator():
        operations.expire(certificate, by=by)


def remind() -> None:
    """Tell holders of certificates that end within `certificates.remind_days`, once each."""
    by, today = System("certificates.remind"), clock.today()
    soon = Certificate.objects.filter(
        state=State.VALID, reminded_at=None, valid_to__gte=today,
        valid_to__lte=today + timedelta(days=operations.REMIND.value),
    )  # fmt: skip
    for certificate in soon.select_related("type", "holder").iterator():
        operations.remind(certificate, by=by)
