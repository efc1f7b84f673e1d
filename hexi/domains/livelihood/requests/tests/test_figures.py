"""Behind each figure stand the orders it counted: of that moment, office, class and region, as many as it says."""

from datetime import timedelta

import pytest
from django.urls import reverse

from hexi.blocks.indicators import queries as indicators
from hexi.blocks.indicators.counted import Slice, sources
from hexi.domains.livelihood.requests import facts, operations
from hexi.domains.livelihood.requests.tests import make
from hexi.kernel import clock

pytestmark = pytest.mark.django_db
LONG = 40


@pytest.fixture
def lived():
    """Orders of two offices and classes, over forty days: given back, late, done again, refused, ended."""
    water, dispatcher = make.make_office("yumen-water", "玉门市水务局"), make.make_dispatcher()
    with clock.told_at(clock.now() - timedelta(days=LONG)):
        old, lost = make.make_dispatched(), make.make_dispatched()
        operations.give_back(make.fresh(lost), opinion="归水务局。", by=make.make_handler(lost.case.department))
        operations.dispatch(make.fresh(lost), office=water, subject=make.WATER, by=dispatcher)
    operations.reply(make.fresh(old), opinion="修好了。", by=make.BY)
    operations.rate(make.fresh(old), solved=False, satisfied=1, comment="没有", by=make.BY)
    operations.reply(make.fresh(old), opinion="这次修好了。", by=make.BY)
    operations.rate(make.fresh(old), solved=True, satisfied=4, by=make.BY)
    refused = make.make_request()
    operations.refuse(refused, refusal="court", next_owner="法院 12368", opinion="已起诉。", by=dispatcher)
    make.make_closed()
    make.make_answered()
    return water


def slices(water):
    today = clock.today()
    month = Slice(today - timedelta(days=30), today)
    everything = month.but(first=today - timedelta(days=400))
    housing = make.make_office().pk
    return (everything, month, everything.but(department=water.pk), month.but(department=housing),
            everything.but(dimension=make.WATER), everything.but(region=make.YUMEN),
            everything.but(region="620982000000"), everything.but(region=make.YUMEN, own=True),
            everything.but(region="620900000000", own=True))  # fmt: skip


def test_as_many_as_the_figure_says(lived):
    for part in slices(lived):
        said = indicators.totals(part, list(facts.TITLES))
        for name in facts.WHICH:
            assert facts.behind([name], part)[1] == said.get(f"requests.{name}", 0), (name, part)
    assert {f"requests.{name}" for name in facts.WHICH} == set(facts.TITLES)
    everything = slices(lived)[0]
    rows, times = facts.behind(["answered"], everything)
    assert (rows.count(), times) == (3, 4)
    assert facts.behind(["received"], everything, make.WATER[:2])[1] == 4
    assert facts.behind(["received"], everything, facts.UNSORTED)[1] == 1


def test_each_figure_opens_its_list(client, lived):
    client.force_login(make.make_dispatcher().account)
    old = facts.behind(["late"], slices(lived)[0])[0].get()
    page = client.get(reverse("requests.request_figures")).content.decode()
    links = [part.split('"')[0].replace("&amp;", "&") for part in page.split('href="')[1:]]
    links = [one for one in links if "/figures/" in one and "?" in one]
    assert len(links) > 10
    answered = next(one for one in links if "/figures/answered/" in one)
    listed = client.get(answered).content.decode()
    # received before these days, answered within them
    assert old.case.number in listed
    assert "共 4 次，是 3 件诉求" in listed
    received = next(one for one in links if "/figures/received/" in one)
    assert old.case.number not in client.get(received).content.decode()
    assert client.get(reverse("requests.behind", args=["nothing"])).status_code == 404
    # whoever is of one office sees its orders alone
    client.force_login(make.make_handler(lived).account)
    assert old.case.number not in client.get(answered).content.decode()


def test_the_house_asks_by_more_than_one_key(lived):
    address = sources()["requests.received"].behind(("requests.first_late", "requests.late"), slices(lived)[0])
    assert address.startswith(reverse("requests.behind", args=["first_late+late"]))
