"""`/health/`: one word for whoever watches the installation; it tells a stranger nothing about it."""

from datetime import timedelta

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django_q.models import OrmQ, Schedule

#: later than this, work that is due shows that no worker is running (it looks every 30 seconds)
LATE = timedelta(minutes=15)


@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """200 `ok`; 503 `database` if it does not answer, `jobs` if work has been due for a quarter of an hour."""
    try:
        word = "jobs" if late() else "ok"
    except (DatabaseError, OSError):
        word = "database"
    return HttpResponse(f"{word}\n", status=200 if word == "ok" else 503, content_type="text/plain")


def late() -> bool:
    """True if a job or a schedule has been waiting too long."""
    since = timezone.now() - LATE
    waiting = OrmQ.objects.filter(lock__lt=since)  # a worker that takes a job moves its lock into the future
    return waiting.exists() or Schedule.objects.filter(next_run__lt=since).exclude(repeats=0).exists()
