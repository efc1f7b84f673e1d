"""Repeated work on certificates: the end of validity, and telling holders in time."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet

from hexi.blocks.certificates import operations
from hexi.blocks.certificates.models import Certificate, State
from hexi.kernel import clock
from hexi.kernel.actors import System

log = logging.getLogger(__name__)


def expire() -> None:
    """Note for each certificate whose last day is over that it has expired; late runs note the legal moment."""
    by = System("certificates.expire")
    due = Certificate.objects.filter(state__in=operations.IN_FORCE, valid_to__lt=clock.today())
    rows = due.select_related("type", "holder", "document").order_by("valid_to")
    _each(rows, lambda certificate: operations.expire(certificate, by=by))


def remind() -> None:
    """Tell holders of certificates that end within `certificates.remind_days`, once each."""
    by, today = System("certificates.remind"), clock.today()
    soon = Certificate.objects.filter(
        state=State.VALID, reminded_at=None, valid_to__gte=today,
        valid_to__lte=today + timedelta(days=operations.REMIND.value),
    )  # fmt: skip
    _each(soon.select_related("type", "holder"), lambda certificate: operations.remind(certificate, by=by))


def _each(rows: QuerySet[Certificate], do: Callable[[Certificate], Any]) -> None:
    """Do it to each; one that fails is logged, comes again next time, and does not hold up the others."""
    for certificate in rows.iterator():
        try:
            do(certificate)
        except Exception:
            log.exception("certificate %s", certificate.identifier)
