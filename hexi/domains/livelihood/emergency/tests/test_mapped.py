"""Events on maps and the wall: counted where they are, by right, until they are over; the figure opens their list."""

from datetime import timedelta

import pytest
from django.test import Client

from hexi.domains.livelihood.emergency import mapped
from hexi.domains.livelihood.emergency.operations import events
from hexi.domains.livelihood.emergency.tests import make
from hexi.kernel import clock
from hexi.ui.maps import Gauge, Look, gauges_for, layers_for

pytestmark = pytest.mark.django_db


def look() -> Look:
    return Look(make.YUMEN, clock.now() + timedelta(seconds=1))


def test_events_are_counted_where_they_are_until_they_are_over() -> None:
    event, desk = make.make_event(level=1), make.acting("duty_leader")
    found = mapped.events(desk, look(), 10)
    assert found.counts == {"620981106000": 1}
    assert [(one.key, one.state, one.placed) for one in found.features] == [(event.case.number, "refused", False)]
    assert [mapped.open_events(desk, place) for place in (make.SHIHEZI, "620982000000", "x")] == [1, 0, 0]
    assert mapped.open_events(make.acting("emergency_unit", "yumen-water"), make.YUMEN) == 0
    events.void(make.fresh(event), by=desk, opinion="误报。")
    assert mapped.events(desk, look(), 10).total == mapped.open_events(desk, make.YUMEN) == 0


def test_the_figure_of_the_command_centre_opens_the_list_it_counted() -> None:
    here, there = make.make_event(), make.make_event(place_code=make.YUMEN)
    account = make.make_official(make.make_commander_role())
    actor = make.people.acting(account)
    assert "emergency" in [one.key for one in layers_for(actor)]
    gauge: Gauge = next(one for one in gauges_for(actor) if one.key == "emergency")
    client = Client()
    client.force_login(account)
    listed = client.get(gauge.behind(make.SHIHEZI)).content.decode()
    assert gauge.count(actor, make.SHIHEZI) == 1
    assert (here.case.number in listed, there.case.number in listed) == (True, False)
