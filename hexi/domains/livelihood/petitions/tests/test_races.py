"""Two at once: deciding, concluding, sending, asking for a review: one of each counts."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from hexi.blocks.cases.models import Letter
from hexi.blocks.people.tests import make as people
from hexi.domains.livelihood.petitions.models import Petition, Round
from hexi.domains.livelihood.petitions.operations import handling, intake, petitioning
from hexi.domains.livelihood.petitions.tests import make
from hexi.kernel.actors import Denied

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def at_once(*tasks: Callable[[], object]) -> list[str]:
    """How each ended: "done", or the name of what refused it."""

    def run(task: Callable[[], object]) -> str:
        try:
            task()
            return "done"
        except (ValidationError, Denied) as error:
            return type(error).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


def test_two_officials_decide_and_one_counts() -> None:
    petition = make.make_petition()
    one, two, unit = make.acting("petition_clerk"), make.acting("petition_clerk"), make.make_unit()
    ends = at_once(
        lambda: handling.refuse(make.fresh(petition), way="court", opinion="已经起诉。", by=one),
        lambda: handling.transfer(make.fresh(petition), unit=unit, by=two),
    )
    assert ends.count("done") == 1
    assert Letter.objects.count() == 1


def test_two_write_the_opinion_and_one_counts() -> None:
    petition, by = make.make_handling()
    other = make.make_official("petition_handler")
    handling.name_handler(petition, account=other, by=make.acting("petition_unit_head"))
    ends = at_once(
        *(lambda who=who: handling.conclude(make.fresh(petition), result="support", by=who, **make.OPINION)
          for who in (by, people.acting(other)))
    )  # fmt: skip
    assert sorted(ends) == ["Stale", "done"]
    assert Letter.objects.filter(kind="pet_opinion").count() == 1


def test_sent_twice_it_is_one() -> None:
    make.make_rules()
    make.regions_there()
    account = people.make_citizen()
    by = people.acting(account)
    send = lambda: intake.receive(make.said(), by=by, submission="x", applicant=account.person)  # noqa: E731
    assert at_once(send, send) == ["done", "done"]
    assert Petition.objects.count() == 1


def test_asked_twice_it_is_one_review() -> None:
    account = people.make_citizen()
    petition, _by = make.make_answered(account)
    ask = lambda: petitioning.ask_review(make.fresh(petition), reason="太晚。", by=people.acting(account))  # noqa: E731
    assert sorted(at_once(ask, ask)) == ["Stale", "done"]
    assert Round.objects.filter(petition=petition, level=2).count() == 1
