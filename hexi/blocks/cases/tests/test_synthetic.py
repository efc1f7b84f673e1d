"""Synthetic cases of a year (`hexi demo --cases N`): as many as asked for, and the figures are what the cases say."""

from datetime import timedelta

import pytest

from hexi.blocks.cases import queries, synthetic
from hexi.blocks.cases.models import Case, Item
from hexi.blocks.cases.tests import make
from hexi.blocks.people.synthetic import inhabitants
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.tests import make as regions
from hexi.kernel import clock

pytestmark = pytest.mark.django_db


def test_as_many_as_asked_for_and_the_figures_are_what_they_say(at):
    people.make_types()
    for key in ("tree-felling", "senior-card"):
        make.make_item(key)
    items = list(Item.objects.select_related("version__item__department", "department").order_by("pk"))
    persons = inhabitants(12, regions=[regions.YUMEN], by=make.BY)
    assert synthetic.make(150, by=make.BY, items=items, persons=persons) == 150
    # again, on the same days and with other fates: no number twice
    assert synthetic.make(50, by=make.BY, items=items, persons=persons, seed=1) == 50
    first, last = clock.today() - timedelta(days=400), clock.today()
    figures = queries.figures("", first, last)
    assert figures == queries.recounted("", first, last)
    cases = Case.objects.all()
    ended = cases.exclude(ended_at=None)
    assert (figures.received, figures.ended, cases.count()) == (200, ended.count(), 200)
    assert (figures.granted, figures.refused) == tuple(
        ended.filter(outcome=one).count() for one in ("granted", "refused")
    )
    assert figures.granted > figures.refused > 0
    # what is open waits at an office within its time
    assert all(one.open_task() is not None and one.next_due for one in cases.filter(ended_at=None))
