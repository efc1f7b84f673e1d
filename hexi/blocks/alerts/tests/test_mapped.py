"""Alerts in force on maps: counted once, on the part they name; their shapes closed; figures and their lists."""

from datetime import timedelta

import pytest
from django.test import Client

from hexi.blocks.alerts import mapped
from hexi.blocks.alerts.models import Reached
from hexi.blocks.alerts.tests import make
from hexi.blocks.people.tests.make import acting, make_citizen, make_official
from hexi.blocks.regions.tests.make import GANSU, XIAXIHAO, YUMEN
from hexi.kernel import clock
from hexi.ui.maps import Look, collection
from hexi.wire.cap import shapes

pytestmark = pytest.mark.django_db


def look(division=YUMEN, **facts):
    return Look(division, **({"until": clock.now() + timedelta(seconds=1)} | facts))


def test_counted_on_the_part_named():
    make.make_published()
    make.make_draft()
    actor = make.make_officer()
    assert mapped.alerts(actor, look(), 10).counts == {XIAXIHAO: 1}
    assert mapped.alerts(actor, look(GANSU), 10).counts == {YUMEN: 1}
    assert mapped.alerts(actor, look("620982000000"), 10).counts == {}
    assert mapped.alerts(acting(make_citizen()), look(), 10).counts == {}


def test_an_alert_of_two_pieces_is_one_with_both_shapes():
    make.make_published(make.POLYGON, make.CIRCLE)
    found = mapped.alerts(make.make_officer(), look(), 10)
    assert (found.total, len(found.features)) == (1, 1)
    (one,) = collection(found.features)["features"]
    assert one["geometry"]["type"] == "MultiPolygon"
    square, circle = (polygon[0] for polygon in one["geometry"]["coordinates"])
    assert square[0] == square[-1] == [97.0, 39.8]
    assert circle[0] == circle[-1]
    far = [shapes.distance((39.85, 97.05), (lat, lon)) for lon, lat in circle]
    assert (round(min(far), 2), round(max(far), 2)) == (5.0, 5.0)


def test_exercises_and_what_has_ended_are_left_out():
    make.make_published(status="Exercise", note="演练")
    alert = make.make_published()
    make.make_follower(alert, "Cancel", note="已过去")
    assert mapped.alerts(make.make_officer(), look(), 10).total == 0


def test_figures_are_what_their_lists_hold():
    alert = make.make_published()
    account = make_official("alert_officer")
    actor, client = acting(account), Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    assert (mapped.in_force(actor, YUMEN), mapped.unconfirmed(actor, YUMEN)) == (1, 0)
    assert alert.number not in client.get(mapped.behind("calls", YUMEN)).text
    Reached.objects.create(alert=alert, kind="contact", ref="1", title_zh="甲", title_en="A", must_confirm=True)
    assert mapped.unconfirmed(actor, YUMEN) == 1
    for view in ("calls", "now"):
        assert alert.number in client.get(mapped.behind(view, YUMEN)).text
        assert alert.number not in client.get(mapped.behind(view, "620982000000")).text
        assert alert.number not in client.get(mapped.behind(view, "nothing")).text


@pytest.mark.parametrize("many", [1, 3])
def test_one_query_however_many(many, django_assert_num_queries):
    for _ in range(many):
        make.make_published()
    actor = make.make_officer()
    with django_assert_num_queries(1):
        assert mapped.alerts(actor, look(), 10).total == many
