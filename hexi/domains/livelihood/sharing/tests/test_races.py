"""Two at once: two heads decide, one presses twice: one of each counts."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from hexi.blocks.catalog.models import Grant
from hexi.domains.livelihood.sharing.models import Application
from hexi.domains.livelihood.sharing.operations import applying, deciding
from hexi.domains.livelihood.sharing.tests import make
from hexi.kernel.actors import Denied

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def at_once(*tasks):
    """How each ended: "done", or the name of what refused it."""

    def run(task):
        try:
            task()
            return "done"
        except (ValidationError, Denied) as error:
            return type(error).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


def test_two_heads_decide_and_one_counts():
    found = make.make_application()
    one, two = make.make_head(), make.make_head()
    ends = at_once(
        lambda: deciding.grant(make.fresh(found), by=one),
        lambda: deciding.refuse(make.fresh(found), opinion="不足", needed="依据", by=two),
        lambda: deciding.grant(make.fresh(found), by=two),
    )
    assert sorted(ends) == ["Stale", "Stale", "done"]
    assert Grant.objects.count() == int(make.fresh(found).case.state == "granted")


def test_sent_twice_at_once_it_is_one():
    entry, office = make.make_data(), make.make_office()
    account = make.make_account("share_applicant", office)
    by = make.people.acting(account)
    writing = applying.begin(account, entry, office, by=by)
    assert at_once(*[lambda: applying.send(writing, make.said(), by=by)] * 3) == ["done"] * 3
    assert Application.objects.count() == 1
