"""Two at once: one dispatch, one answer, one order, one verdict; joined into each other at the same moment."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from hexi.domains.livelihood.requests import operations, rates
from hexi.domains.livelihood.requests.models import Allowance, Request
from hexi.domains.livelihood.requests.operations import receive
from hexi.domains.livelihood.requests.states import State
from hexi.domains.livelihood.requests.tests import make

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def at_once(*tasks) -> list[object]:
    """What each gives, or the class of what it refuses with."""

    def run(task):
        try:
            return task()
        except ValidationError as error:
            return type(error).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


@pytest.fixture(autouse=True)
def hotline():
    return make.make_hotline()


def test_the_same_report_three_times():
    citizen = make.make_citizen()
    said = make.said()
    found = at_once(*[lambda: receive(said, by=citizen, submission="key", network="10.0.0.1")] * 3)
    assert sorted(new for _request, new in found) == [False, False, True]
    assert Request.objects.count() == 1
    # what was sent thrice counts once
    assert sorted(Allowance.objects.values_list("used", flat=True)) == [1]


def test_guesses_at_once_are_no_more_than_one_after_the_other(monkeypatch):
    monkeypatch.setattr(rates, "GUESSES_OF_NUMBER", 2)
    visitor = make.people.queries.Nobody()
    found = at_once(*[lambda: rates.spend_guess(by=visitor, number="H1", network="10.0.0.1")] * 6)
    assert found.count("ValidationError") == 4


def test_two_dispatchers():
    request = make.make_request()
    offices = [make.make_office(), make.make_office("yumen-water", "玉门市水务局")]
    tasks = [
        lambda office=office: operations.dispatch(make.fresh(request), office=office, subject=make.LAMP, by=make.BY)
        for office in offices
    ]
    found = at_once(*tasks)
    assert sum(one == "Stale" for one in found) == 1
    assert request.dispatches.count() == 1
    assert make.fresh(request).case.department in offices


def test_two_answers():
    request = make.make_dispatched()
    found = at_once(*[lambda: operations.reply(make.fresh(request), opinion="修好了。", by=make.BY)] * 2)
    assert sum(one == "Stale" for one in found) == 1
    assert request.replies.count() == 1


def test_two_verdicts():
    request = make.make_answered()
    good = lambda: operations.rate(make.fresh(request), solved=True, satisfied=5, by=make.BY)  # noqa: E731
    bad = lambda: operations.rate(make.fresh(request), solved=False, satisfied=1, by=make.BY)  # noqa: E731
    found = at_once(good, bad)
    assert sum(one == "Stale" for one in found) == 1
    assert request.verdicts.count() == 1


def test_joined_into_each_other():
    first, second = make.make_request(), make.make_request()
    found = at_once(
        lambda: operations.merge(make.fresh(first), number=second.case.number, by=make.BY),
        lambda: operations.merge(make.fresh(second), number=first.case.number, by=make.BY),
    )
    assert sum(isinstance(one, str) for one in found) == 1
    states = sorted(Request.objects.values_list("case__state", flat=True))
    assert states == [State.MERGED, State.NEW]


def test_a_lead_that_is_merged_meanwhile_leaves_nobody_behind():
    """One joins the follower of a lead while that lead itself joins another: all end at the same one."""
    last, lead, follower, late = (make.make_request() for _ in range(4))
    operations.merge(make.fresh(follower), number=lead.case.number, by=make.BY)
    for _round in range(3):
        at_once(
            lambda: operations.merge(make.fresh(late), number=follower.case.number, by=make.BY),
            lambda: operations.merge(make.fresh(lead), number=last.case.number, by=make.BY),
        )
    operations.merge(make.fresh(late), number=follower.case.number, by=make.BY) if make.fresh(
        late
    ).lead is None else None
    assert {make.fresh(one).lead_id for one in (lead, follower, late)} == {last.pk}


def test_many_reports_of_one_pipe_get_numbers_of_their_own():
    tasks = [lambda place=place: make.make_request(submission=f"pipe:{place}") for place in range(6)]
    at_once(*tasks)
    numbers = sorted(Request.objects.values_list("case__number", flat=True))
    assert len(set(numbers)) == 6
    assert [int(number[-4:]) for number in numbers] == [1, 2, 3, 4, 5, 6]
