"""Repeated and hot topics of a hotline, found anew from the orders of the last weeks and written down."""

from collections import Counter
from datetime import timedelta
from statistics import fmean

from hexi.blocks.audit.operations import change
from hexi.domains.livelihood.requests import options, topics
from hexi.domains.livelihood.requests.models import Hotline, Request, Topic, TopicOrder
from hexi.domains.livelihood.requests.states import State, Type
from hexi.kernel import clock
from hexi.kernel.actors import Actor


def find_topics(hotline: Hotline, *, by: Actor) -> int:
    """Replace the topics of a hotline by those its orders show now; how many. Two at once run one after the other."""
    now = clock.now()
    with change(by, "requests.find_topics", region=hotline.region_code) as note:
        Hotline.objects.select_for_update().get(pk=hotline.pk)
        rows = _orders(hotline)
        found = topics.find(
            [said for said, _caller in rows.values()],
            gap=timedelta(days=options.TOPIC_GAP.value), least=options.TOPIC_LEAST.value,
        )  # fmt: skip
        Topic.objects.filter(region_code=hotline.region_code).delete()
        made = Topic.objects.bulk_create([_topic(one, rows, hotline, now) for one in found], batch_size=500)
        TopicOrder.objects.bulk_create(
            [
                TopicOrder(topic=topic, request_id=said.key, alike=round(alike, 3))
                for topic, one in zip(made, found, strict=True)
                for said, alike in one.orders
            ],
            batch_size=1000,
        )
        note.facts = {"topics": len(made), "orders": len(rows)}
    return len(made)


def _orders(hotline: Hotline) -> dict[int, tuple[topics.Said, str]]:
    """What is compared, by key, each with the sign of its caller's phone. Praise and what was refused are left out.

    A secret caller is somebody of his own in each order: how many callers a topic has must not tell whose he is.
    """
    since = clock.now() - timedelta(days=options.TOPIC_DAYS.value)
    rows = Request.objects.filter(hotline_region=hotline.region_code, case__submitted_at__gte=since)
    rows = rows.exclude(case__state__in=(State.REFUSED, State.WITHDRAWN)).exclude(type=Type.PRAISE)
    columns = (
        "pk",
        "text",
        "case__submitted_at",
        "place_code",
        "case__subject",
        "lat",
        "lon",
        "caller_lookup",
        "secret",
    )
    return {
        pk: (
            topics.Said(
                pk, text, at, place, subject, None if lat is None else float(lat), None if lon is None else float(lon)
            ),
            f"secret:{pk}" if secret else caller,
        )
        for pk, text, at, place, subject, lat, lon, caller, secret in rows.values_list(*columns).iterator(5000)
    }


def _topic(one: topics.Found, rows: dict[int, tuple[topics.Said, str]], hotline: Hotline, now: object) -> Topic:
    said = [order for order, _alike in one.orders]
    phones = [rows[order.key][1] for order in said]
    points = [(order.lat, order.lon) for order in said if order.lat is not None and order.lon is not None]
    classes = Counter(order.subject for order in said if order.subject)
    return Topic(
        lead_id=one.lead.key, region_code=hotline.region_code, orders=len(said),
        callers=len({phone for phone in phones if phone}) + phones.count(""),
        place_code=topics.common_place(order.place for order in said),
        subject=classes.most_common(1)[0][0] if classes else "", first_at=one.lead.at, last_at=one.last,
        heat=topics.heat(said, now),  # type: ignore[arg-type]
        lat=round(fmean(lat for lat, _lon in points), 6) if points else None,
        lon=round(fmean(lon for _lat, lon in points), 6) if points else None,
    )  # fmt: skip
