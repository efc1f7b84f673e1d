"""Questions with answers that everybody may read: pages, class, place, words; a fixed number of queries."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hexi.domains.livelihood.requests.models import Request
from hexi.domains.livelihood.requests.tests import make
from hexi.kernel import clock

pytestmark = pytest.mark.django_db
SHIHEZI, HEDONG = "620981106203", "620981106200"


def make_answers(number: int, **facts) -> None:
    """So many, published a minute apart."""
    for place in range(number):
        one = make.make_request(**facts)
        at = clock.now() - timedelta(minutes=place)
        text = {"public_text": f"第 {place} 问：路灯为什么不亮？", "public_answer": f"第 {place} 答。"}
        Request.objects.filter(pk=one.pk).update(public=True, published_at=at, **text)


def shown(client: Client, **asked: str) -> str:
    return client.get(reverse("requests.answers"), asked).content.decode()


def test_the_thirty_first_is_on_the_next_page(client: Client):
    make_answers(31)
    pages = [shown(client, page=str(number)) for number in (1, 2)]
    assert "共 31 件" in pages[0]
    found = [{n for n in range(31) if f"第 {n} 问" in page} for page in pages]
    assert (found[0] | found[1], found[0] & found[1]) == (set(range(31)), set())


def test_by_class_place_and_words(client: Client):
    make_answers(1, subject=make.LAMP, place_code=SHIHEZI)
    other = make.make_request(subject=make.WATER, place_code=HEDONG)
    said = {"public_text": "几点来水？", "public_answer": "早上六点来水。"}
    Request.objects.filter(pk=other.pk).update(public=True, published_at=clock.now(), **said)
    for asked, lamp, water in (
        ({}, True, True), ({"q": "六点"}, False, True), ({"q": "路灯"}, True, False), ({"q": "没有这个词"}, False, False),
    ):  # fmt: skip
        page = shown(client, **asked)
        assert ("路灯为什么不亮" in page, "几点来水" in page) == (lamp, water)
    page = shown(client)
    classes, places = (re.findall('value="([0-9]+)"', part) for part in page.split('id="filter-')[2:4])
    assert (make.LAMP[:2] in classes, len(places) > 1) == (True, True)
    for asked, named in (("class", classes), ("place", places)):
        # each stands under one class and one place of those offered, and under no other
        found = [code for code in named if "路灯为什么不亮" in shown(client, **{asked: code})]
        assert [(make.LAMP if asked == "class" else SHIHEZI).startswith(code.rstrip("0")) for code in found] == [True]


def test_as_many_queries_for_many_as_for_one(client: Client):
    counts = []
    for more in (1, 4):
        make_answers(more)
        shown(client)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            shown(client)
        counts.append(len(seen))
    assert counts[0] == counts[1]
