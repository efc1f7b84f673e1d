"""Topics: near in time, place and meaning; found as a naive comparison would, shown to who may see the orders."""

from datetime import datetime, timedelta

import pytest

from hexi.blocks.people.tests import make as people
from hexi.domains.livelihood.requests import operations, topics
from hexi.domains.livelihood.requests.models import Topic, TopicOrder
from hexi.domains.livelihood.requests.tests import make
from hexi.kernel import clock

pytestmark = pytest.mark.django_db
GAP = timedelta(days=14)
PLACE = make.VILLAGE
SAME = (
    "新市区迎宾小区三号楼暖气不热，屋里只有十四度",
    "迎宾小区三号楼的暖气一直不热，请派人来看",
    "我住迎宾小区三号楼，暖气不热三天了",
)
OTHER = ("花海镇修路扬尘很大，窗户不敢开", "老年卡坐公交司机不认，要求刷钱", "孩子上学名额怎么报名", "农贸市场缺斤少两")


def said(key: int, text: str, day: int = 0, **given) -> topics.Said:
    return topics.Said(
        key, text, datetime(2026, 11, 1, tzinfo=clock.CHINA) + timedelta(days=day), **({"place": PLACE} | given)
    )


def keys(found) -> list[list[int]]:
    return [[order.key for order, _alike in topic.orders] for topic in found]


def test_the_same_matter_in_other_words_is_one_topic():
    rows = [said(n, text, n) for n, text in enumerate(SAME + OTHER)]
    assert keys(topics.find(rows, gap=GAP)) == [[0, 1, 2]]


def test_another_county_or_another_month_is_another_topic():
    rows = [said(0, SAME[0]), said(1, SAME[1], place="620902001001"), said(2, SAME[2], 40)]
    rows += [said(10 + n, text) for n, text in enumerate(OTHER)]
    assert keys(topics.find(rows, gap=GAP)) == []


def test_the_index_finds_what_the_naive_comparison_finds():
    rows = [said(10 * turn + n, text, turn) for turn in range(4) for n, text in enumerate(SAME[:1] + OTHER)]
    found = {frozenset(pair) for pair in topics.naive(rows, gap=GAP)}
    mine = {frozenset((a, b)) for topic in keys(topics.find(rows, gap=GAP)) for a in topic for b in topic if a != b}
    assert mine == found
    assert len(found) == 5 * 6


def test_five_hundred_reports_of_one_pipe_are_one_topic():
    rows = [said(n, f"{n}号楼前自来水管爆了，水流了一地", 0) for n in range(500)]
    rows += [said(1000 + n, text) for n, text in enumerate(OTHER)]
    assert [len(one) for one in keys(topics.find(rows, gap=GAP))] == [500]


def test_a_burst_in_other_words_is_one_topic_but_another_place_or_class_is_not():
    at = {"lat": 40.35, "lon": 97.1, "subject": "010301"}
    ways = ("号楼前自来水管爆了，水流了一地", "水管爆裂门口全是水快来修", "新市路停水了水管坏了")
    rows = [said(n, f"{n % 40}{ways[n % 3]}", 0, **at) for n in range(60)]
    assert [len(one) for one in keys(topics.find(rows, gap=GAP))] == [60]
    away = "新市场停电三小时，冰柜化了"
    for change in ({"lat": 40.37}, {"subject": "010401"}):
        others = [said(100 + n, f"{n}{away}", 0, **(at | change)) for n in range(20)]
        assert [len(one) for one in keys(topics.find(rows + others, gap=GAP))] == [60, 20]
    later = [said(200 + n, f"{n}{away}", 3, **at) for n in range(20)]
    assert [len(one) for one in keys(topics.find(rows + later, gap=GAP))] == [60, 20]


def test_common_place_and_heat():
    assert topics.common_place(["620981106203", "620981106204"]) == "620981106000"
    assert topics.common_place(["620981106203", "630000000000"]) == "000000000000"
    now = datetime(2026, 11, 8, tzinfo=clock.CHINA)
    assert topics.heat([said(1, "x"), said(2, "x", 7)], now) == 1.5


def test_topics_are_written_anew_and_count_callers():
    phone = people.phone_number()
    rows = [make.make_request(text=text, phone=phone) for text in SAME[:2]]
    rows += [make.make_request(text=SAME[2])]
    for text in OTHER:
        make.make_request(text=text)
    hotline = make.make_hotline()
    for _twice in range(2):
        assert operations.find_topics(hotline, by=make.BY) == 1
    topic = Topic.objects.get()
    assert (topic.lead, topic.orders, topic.callers, topic.place_code) == (rows[0], 3, 2, PLACE)
    assert sorted(TopicOrder.objects.values_list("request_id", flat=True)) == [one.pk for one in rows]


def test_how_many_callers_does_not_tell_whose_a_secret_order_is(client):
    """One complains by name, then in secret: the office has both and must not read that they are the same man's."""
    phone, office = people.phone_number(), make.make_office()
    rows = [make.make_request(text=text, phone=phone, secret=secret) for text, secret in zip(SAME[:2], (False, True))]
    again = make.make_request(text=SAME[2], phone=phone, secret=True)
    for one in (*rows, again):
        operations.dispatch(one, office=office, subject=make.LAMP, by=make.BY)
    for text in OTHER:
        make.make_request(text=text)
    assert operations.find_topics(make.make_hotline(), by=make.BY) == 1
    assert (Topic.objects.get().orders, Topic.objects.get().callers) == (3, 3)
    client.force_login(make.make_handler(office).account)
    assert rows[0].case.title not in client.get("/work/requests/topics/?view=again").content.decode()


def test_refused_orders_and_praise_are_no_topic():
    first = make.make_request(text=SAME[0])
    make.make_request(text=SAME[1], type="praise")
    third = make.make_request(text=SAME[2])
    operations.refuse(third, refusal="elsewhere", next_owner="供热公司 12345", opinion="不归热线", by=make.BY)
    assert first.pk
    assert operations.find_topics(make.make_hotline(), by=make.BY) == 0


def test_the_list_and_one_topic_with_its_orders(client, django_assert_max_num_queries):
    rows = [make.make_request(text=text, phone=people.phone_number()) for text in SAME]
    [make.make_request(text=text) for text in OTHER]
    operations.find_topics(make.make_hotline(), by=make.BY)
    client.force_login(make.make_dispatcher().account)
    page = client.get("/work/requests/topics/?view=all").content.decode()
    assert rows[0].case.title in page
    page = client.get(f"/work/requests/topics/{rows[0].case.number}/").content.decode()
    assert [one.case.number in page for one in rows] == [True, True, True]
    assert client.get("/work/requests/topics/H404/").status_code == 404


def test_an_office_sees_no_topic_of_orders_it_does_not_have(client):
    rows = [make.make_request(text=text) for text in SAME]
    operations.find_topics(make.make_hotline(), by=make.BY)
    handler = make.make_handler()
    client.force_login(handler.account)
    assert rows[0].case.title not in client.get("/work/requests/topics/?view=all").content.decode()
    assert client.get(f"/work/requests/topics/{rows[0].case.number}/").status_code == 404
    operations.dispatch(rows[0], office=make.make_office(), subject=make.LAMP, by=make.BY)
    page = client.get(f"/work/requests/topics/{rows[0].case.number}/").content.decode()
    assert [one.case.number in page for one in rows] == [True, False, False]
