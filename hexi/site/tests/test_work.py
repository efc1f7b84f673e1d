"""The worker in its real process: killed with -9 it loses nothing; what was due while all was down runs once, late."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ, Task
from django_q.models import Schedule as Row

from hexi.kernel import jobs
from hexi.kernel.jobs import enqueue, enqueue_at
from hexi.kernel.manifest import added
from hexi.site.tests.running import hexi, kill, noted, until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def book(tmp_path):
    return tmp_path / "book"


def lines(book):
    return book.read_text().splitlines() if book.exists() else []


def time_passes():
    """As if the time had passed after which a job that never ended is taken up again (Q_CLUSTER["retry"])."""
    OrmQ.objects.exclude(lock=None).update(lock=timezone.now() - timedelta(days=1))


def test_a_job_that_was_killed_runs_again_and_ends_once(book):
    enqueue(noted, path=str(book), word="letter", seconds=3)
    with hexi("work") as worker:
        until(lambda: lines(book) == ["begin letter "])
        kill(worker)
    assert OrmQ.objects.count() == 1
    time_passes()
    with hexi("work"):
        until(lambda: "end letter " in lines(book))
        until(lambda: not OrmQ.objects.exists())
    assert lines(book) == ["begin letter ", "begin letter ", "end letter "]


def test_what_was_due_while_all_was_down_runs_once_late_with_its_due_date(book):
    """Two workers come back at once: a single job with a moment, and the repeating jobs that missed a day of runs."""
    moment = datetime(2026, 11, 2, 15, 59, 59, tzinfo=UTC)
    enqueue_at(noted, moment - timedelta(days=9), key="case:1", path=str(book), word="deemed")
    enqueue_at(noted, moment, key="case:1", path=str(book), word="deemed")  # the moment moved
    jobs.sync_schedules()
    repeating = {jobs.name_of(one.job) for one in added(jobs.Schedule)}
    Row.objects.filter(func__in=repeating).update(next_run=timezone.now() - timedelta(hours=30))
    on_time = Row.objects.filter(func__in=repeating, next_run__gt=timezone.now())
    with hexi("work"), hexi("work"):
        until(lambda: on_time.count() == len(repeating) and not Row.objects.filter(name="case:1").exists(), 80)
        until(lambda: not OrmQ.objects.exists())
    assert [line.split()[0] for line in lines(book)] == ["begin", "end"]
    assert {datetime.fromisoformat(line.split()[-1]) for line in lines(book)} == {moment}
    ran = Task.objects.filter(func__in=repeating)
    assert sorted(ran.values_list("func", flat=True)) == sorted(repeating)
    assert not ran.exclude(success=True).exists()


def test_a_job_rolled_back_with_its_change_is_never_run(book):
    with transaction.atomic():
        enqueue(noted, path=str(book), word="letter")
        transaction.set_rollback(True)
    assert OrmQ.objects.count() == 0


def test_only_functions_a_worker_can_find_become_jobs():
    with pytest.raises(TypeError, match="cannot be found by name"):
        enqueue(lambda: None)
