"""Work done later, repeated, or tried again: a thin face of django-q2 with its ORM broker (survives kill -9)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hexi.kernel.manifest import added

Job = Callable[..., Any]


@dataclass(frozen=True)
class Schedule:
    """Run `job()` every so many minutes, in the worker process. A run missed while all was down happens once, late.

    Jobs must be idempotent and take the due moment from the data, not from the hour they happen to run at.
    """

    job: Job
    minutes: int


def name_of(job: Job) -> str:
    """The dotted name under which a worker finds the job (module-level functions only)."""
    if "<" in job.__qualname__:
        raise TypeError(f"{job!r} cannot be found by name; use a function of a module")
    return f"{job.__module__}.{job.__qualname__}"


def enqueue(job: Job, **facts: Any) -> None:
    """Do `job(**facts)` soon. Written in the caller's transaction: rolled back with it, never lost after it."""
    from django_q.tasks import async_task

    async_task(name_of(job), **facts)


def enqueue_at(job: Job, moment: datetime, *, key: str, **facts: Any) -> None:
    """Do `job(due=<isoformat>, **facts)` at a moment, once for each `key`; later calls with the key move the moment."""
    from django_q.models import Schedule as Row

    Row.objects.update_or_create(
        name=key[:100],
        defaults={
            "func": name_of(job),
            "kwargs": repr(facts),
            "schedule_type": Row.ONCE,
            "repeats": -1,
            "next_run": moment,
            "intended_date_kwarg": "due",
        },
    )


def sync_schedules() -> None:
    """Make the stored repeating schedules those of the manifests; called when the worker starts."""
    from django.utils import timezone
    from django_q.models import Schedule as Row

    wanted = {name_of(schedule.job): schedule for schedule in added(Schedule)}
    Row.objects.filter(schedule_type=Row.MINUTES).exclude(func__in=wanted).delete()
    for name, schedule in wanted.items():
        row, _ = Row.objects.get_or_create(
            name=name[:100],
            defaults={"func": name, "schedule_type": Row.MINUTES, "repeats": -1, "next_run": timezone.now()},
        )
        if row.minutes != schedule.minutes:
            Row.objects.filter(pk=row.pk).update(minutes=schedule.minutes)


def run_schedules() -> None:
    """Run every repeating job now, in this process: after the demo clock was moved, and in tests."""
    for schedule in added(Schedule):
        schedule.job()


def drain() -> int:
    """Run everything enqueued, in this process, and return how much it was: for tests and `hexi demo`."""
    import pydoc

    from django_q.models import OrmQ

    done = 0
    while row := OrmQ.objects.order_by("pk").first():
        task = row.task
        pydoc.locate(task["func"])(*task["args"], **task["kwargs"])  # type: ignore[operator]
        row.delete()
        done += 1
    return done
