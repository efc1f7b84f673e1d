"""Many processes count at once: nothing is lost."""

from functools import partial

import pytest

from hexi.blocks.indicators import queries
from hexi.blocks.indicators.counted import Slice
from hexi.blocks.indicators.models import Fact
from hexi.blocks.indicators.tests.make import DAY, make_facts
from tests.races.together import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
THREADS, EACH = 16, 20


def test_sixteen_threads_add_to_the_same_figure():
    def many():
        for _ in range(EACH):
            make_facts(received=1, accepted=2)

    together(*(partial(many) for _ in range(THREADS)))
    part = Slice(DAY, DAY)
    assert queries.totals(part, ["cases.received", "cases.accepted"]) == {
        "cases.received": THREADS * EACH, "cases.accepted": 2 * THREADS * EACH,
    }  # fmt: skip
    assert Fact.objects.count() == 4
    assert queries.totals(Slice(DAY.replace(day=1), DAY.replace(day=30)), ["cases.received"]) == {
        "cases.received": THREADS * EACH
    }
