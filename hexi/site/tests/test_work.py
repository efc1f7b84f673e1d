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

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


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
    # one more, which tells how often it ran
    Row.objects.create(
        func=jobs.name_of(noted), kwargs=repr({"path": str(book), "word": "hourly"}), schedule_type=Row.HOURLY,
        repeats=-1, next_run=timezone.now() - timedelta(hours=30),
    )  # fmt: skip
    on_time = Row.objects.filter(next_run__gt=timezone.now())
    with hexi("work"), hexi("work"):
        until(lambda: on_time.count() == len(repeating) + 1 and not Row.objects.filter(name="case:1").exists(), 240)
        until(lambda: not OrmQ.objects.exists())
    told = [line for line in lines(book) if "hourly" not in line]
    assert [line.split()[0] for line in told] == ["begin", "end"]
    assert {datetime.fromisoformat(line.split()[-1]) for line in told} == {moment}
    assert sorted(set(lines(book)) - set(told)) == ["begin hourly ", "end hourly "]
    assert (len(lines(book)), Task.objects.count()) == (4, 0)  # only what failed leaves a row


def test_a_job_that_fails_leaves_a_row_and_one_that_ends_well_none(book):
    enqueue(noted, path=str(book), word="letter")
    enqueue(noted, path=str(book / "nowhere"), word="letter")
    with hexi("work"):
        until(lambda: Task.objects.exists() and OrmQ.objects.count() == 1)
    assert Task.objects.get().success is False


def test_a_job_rolled_back_with_its_change_is_never_run(book):
    with transaction.atomic():
        enqueue(noted, path=str(book), word="letter")
        transaction.set_rollback(True)
    assert OrmQ.objects.count() == 0


def test_only_functions_a_worker_can_find_become_jobs():
    with pytest.raises(TypeError, match="cannot be found by name"):
        enqueue(lambda: None)
