"""Synthetic cases of a year (`hexi demo --cases N`): as many as asked for, and the figures are what the cases say."""

from datetime import timedelta

import pytest

from hexi.blocks.cases import queries, synthetic
from hexi.blocks.cases.models import Case, Event, Item, Letter
from hexi.blocks.cases.tests import make
from hexi.blocks.people.synthetic import inhabitants
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.models import Department
from hexi.blocks.regions.tests import make as regions
from hexi.kernel import clock

pytestmark = pytest.mark.django_db


def test_as_many_as_asked_for_and_the_figures_are_what_they_say(at):
    people.make_types()
    for key in ("tree-felling", "senior-card"):
        office = make.make_item(key).department
        Department.objects.filter(pk=office.pk).update(name=f"演示{key}局")  # numbers of letters begin with it
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
    # handed in online or at the window; every decision numbered, with its opinion, and no number twice
    assert (
        figures.paperless == cases.filter(delivery="online", decided_at__isnull=False).exclude(channel="window").count()
    )
    assert 0 < figures.paperless < figures.ended
    assert figures.visits > 0
    letters = Letter.objects.filter(case__in=ended)
    assert letters.count() == ended.count()
    assert all(one.number and one.facts["reason"] for one in letters)
    refused = letters.filter(kind="refused")
    assert refused.count() == figures.refused
    assert all("复议" in one.facts["remedy"] for one in refused)
    # what is open waits at an office within its time
    assert all(one.open_task() is not None and one.next_due for one in cases.filter(ended_at=None))


def test_silence_accepts_nothing_where_another_law_rules(monkeypatch):
    monkeypatch.setattr(synthetic, "DEEMED", 1.0)
    people.make_types()
    item = make.make_item("info-disclosure")
    synthetic.make(20, by=make.BY, items=[item], persons=inhabitants(4, regions=[regions.YUMEN], by=make.BY))
    assert Case.objects.filter(deemed=True).count() == 0
    assert not Event.objects.filter(action="accept_deemed").exists()


def test_the_public_list_shows_number_and_term_of_synthetic_decisions(client):
    people.make_types()
    item = make.make_item("tree-felling")
    synthetic.make(30, by=make.BY, items=[item], persons=inhabitants(4, regions=[regions.YUMEN], by=make.BY))
    granted = Case.objects.filter(outcome="granted").order_by("-decided_at").first()
    page = client.get(f"/decisions/{granted.pk}/").content.decode()
    letter = granted.letters.get()
    assert letter.number in page
    assert f"许准〔{clock.local_day(granted.decided_at).year}〕" in letter.number
    assert " 至 " in page
