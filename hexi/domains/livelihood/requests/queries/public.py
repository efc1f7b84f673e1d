"""What is near or alike, what everybody may read, topics, what belongs to an order."""

import math
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from hexi.blocks.cases.parties import strange
from hexi.blocks.regions import codes
from hexi.blocks.regions.models import Division
from hexi.domains.livelihood.requests import options
from hexi.domains.livelihood.requests.models import (
    Answer,
    Request,
    Subject,
    Topic,
    TopicOrder,
)
from hexi.domains.livelihood.requests.queries.seen import reach
from hexi.domains.livelihood.requests.states import OPEN, VIEW, State
from hexi.kernel import clock
from hexi.kernel.actors import Actor, within
from hexi.kernel.fixed import Fixed, Given
from hexi.ui.words import english

METRES = 111_320.0


def near(
    lat: float, lon: float, *, subject: str = "", metres: int | None = None, most: int = 5, public: bool = False
) -> list[Request]:
    """Open reports of the same class (second level) round a point in the last days, nearest first. One query.

    `public`: for everybody, so nothing of what a secret caller said.
    """
    metres = options.NEAR_METRES.value if metres is None else metres
    high = metres / METRES
    wide = high / max(0.01, math.cos(math.radians(lat)))
    since = clock.now() - timedelta(days=options.NEAR_DAYS.value)
    found = Request.objects.filter(
        lat__range=(lat - high, lat + high), lon__range=(lon - wide, lon + wide), case__submitted_at__gte=since,
        case__state__in=(State.NEW, State.HANDLING), lead=None,
    ).select_related("case__department")  # fmt: skip
    if public:
        found = found.filter(secret=False)
    if subject:
        found = found.filter(case__subject__startswith=subject[:4])
    rows = [(metres_between(lat, lon, one), one) for one in found[:200]]
    rows = [row for row in rows if row[0] <= metres]
    return [one for _metres, one in sorted(rows, key=lambda row: (row[0], row[1].pk))[:most]]


def metres_between(lat: float, lon: float, request: Request) -> float:
    """Metres from a point to an order's, on the plane, which is right to a thousandth within a town."""
    north = (float(request.lat or 0) - lat) * METRES
    east = (float(request.lon or 0) - lon) * METRES * math.cos(math.radians(lat))
    return math.hypot(north, east)


def open_to_all(region: str) -> QuerySet[Request]:
    """Orders everybody may read of, newest first: class, place, office, state; words only once published.

    What was refused or withdrawn is left out, and so is what a secret caller said. Praise stays: it has an office and
    an answer as every order has, the public figures count it, and a system that sent it by Open311 reads it back.
    """
    start, beyond = codes.span(region)
    found = Request.objects.filter(secret=False).exclude(case__state__in=(State.REFUSED, State.WITHDRAWN))
    if codes.prefix(region):
        found = found.filter(place_code__gte=start, place_code__lt=beyond)
    return found.select_related("case__department").order_by("-pk")


def public_order(number: str) -> Request | None:
    """One of them by its number."""
    return _PUBLIC.first(number=number)


_PUBLIC = Fixed(lambda: open_to_all("").filter(case__number=Given("number")).select_related("case__applicant"))


def answered_between(begin: datetime, end: datetime) -> QuerySet[Answer, int]:
    """Orders that got their answer in a time."""
    return Answer.objects.filter(final=True, at__gte=begin, at__lt=end).values("request")


def worded(rows: QuerySet[Request]) -> QuerySet[Request]:
    """The rows with `subject_title` and `place_title` beside them, in the language of the page; no further query."""
    title, name = ("title_en", "name_en") if english() else ("title", "name")
    subject = Subject.objects.filter(code=OuterRef("case__subject")).values(title)[:1]
    place = Division.objects.current().filter(code=OuterRef("place_code")).values(name)[:1]
    return rows.annotate(
        subject_title=Coalesce(Subquery(subject), Value(_("未分类"))), place_title=Coalesce(Subquery(place), Value(""))
    )


def published(region: str) -> QuerySet[Request]:
    """Questions with answers, names removed, newest first."""
    start, beyond = codes.span(region)
    found = Request.objects.filter(public=True)
    if codes.prefix(region):
        found = found.filter(place_code__gte=start, place_code__lt=beyond)
    return found.select_related("case__department").order_by("-published_at", "-pk")


def answered_like(text: str, region: str, most: int = 5) -> list[Request]:
    """Published answers that share the most two-character words with a text: for the operator while he types."""
    grams = {text[place : place + 2] for place in range(len(text) - 1)} - {"  "}
    grams = {one for one in grams if not one.isspace() and len(one.strip()) == 2}
    if not grams:
        return []
    wanted = Q(pk__in=())
    for one in sorted(grams)[:24]:
        wanted |= Q(public_text__contains=one)
    rows = published(region).filter(wanted)[:200]
    scored = [(sum(one in row.public_text for one in grams), row) for row in rows]
    scored.sort(key=lambda pair: (-pair[0], -pair[1].pk))
    return [row for hits, row in scored[:most] if hits >= 2]


def waiting(actor: Actor) -> int:
    """Orders at the dispatch desk the actor works at: its hotline's, for no office has them yet."""
    at_desk = within(actor.scopes(VIEW), "hotline_id", "hotline_region") & strange(actor, "case")
    return int(Request.objects.filter(at_desk, case__state=State.NEW).count())


def topics(actor: Actor) -> QuerySet[Topic]:
    """Topics whose first order the posts may see, the hottest first."""
    seen = Request.objects.filter(reach(actor), pk=OuterRef("lead"))
    found = Topic.objects.filter(Exists(seen)).select_related("lead__case__department")
    return found.order_by("-heat", "pk")


def topics_worded(rows: QuerySet[Topic]) -> QuerySet[Topic]:
    """The rows with `subject_title` and `place_title` beside them, in the language of the page."""
    title, name = ("title_en", "name_en") if english() else ("title", "name")
    subject = Subject.objects.filter(code=OuterRef("subject")).values(title)[:1]
    place = Division.objects.current().filter(code=OuterRef("place_code")).values(name)[:1]
    return rows.annotate(
        subject_title=Coalesce(Subquery(subject), Value(_("未分类"))), place_title=Coalesce(Subquery(place), Value(""))
    )


def topic_orders(topic: Topic, actor: Actor, most: int = 500) -> QuerySet[TopicOrder]:
    """The orders of a topic that the posts may see, oldest first."""
    seen = Request.objects.filter(reach(actor), pk=OuterRef("request"))
    found = TopicOrder.objects.filter(Exists(seen), topic=topic).select_related("request__case__department")
    return found.order_by("request__case__submitted_at", "pk")[:most]


def open_count(region: str) -> int:
    """Open orders of a region, as of a minute ago at most: everybody's first page shows it."""
    key = f"requests.open:{region}"
    found = cache.get(key)
    if found is None:
        found = open_to_all(region).filter(case__state__in=OPEN, case__ended_at=None).count()
        cache.set(key, found, 60)
    return int(found)
