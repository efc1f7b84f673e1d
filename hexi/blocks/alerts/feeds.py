"""The feeds of this site: what is real and recent, as Atom and RSS, with a style sheet for whoever opens them."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from hexi.blocks.alerts import areas, queries
from hexi.blocks.alerts.definitions import colour, hazards
from hexi.blocks.alerts.models import Alert
from hexi.blocks.notices.operations import SITE_URL
from hexi.blocks.regions.queries import site_of
from hexi.kernel import clock
from hexi.ui.assets import asset
from hexi.ui.words import english
from hexi.wire.cap import feeds


def base() -> str:
    """The address of this site, as links outside it name it."""
    return SITE_URL.value.rstrip("/")


def feed(request: HttpRequest, name: str) -> feeds.Feed:
    """All that feeds list, in the language of the request; `name` is the feed's own path."""
    rows = list(queries.feed())
    site = site_of(request)
    updated = max((one.published_at for one in rows if one.published_at), default=clock.now())
    return feeds.Feed(
        id=f"{base()}/alerts/", title=_("%(site)s预警") % {"site": site.title}, updated=updated.astimezone(clock.CHINA),
        self_url=f"{base()}{name}", page=f"{base()}/alerts/", author=site.run_by or site.title,
        entries=tuple(map(_entry, rows)), style=asset("feed.css"), way=_("在网页上看全部预警"),
        language="en" if english() else "zh-CN",
    )  # fmt: skip


def _entry(alert: Alert) -> feeds.Entry:
    assert alert.published_at, "only published ones are listed"
    at, page = alert.published_at.astimezone(clock.CHINA), f"{base()}/alerts/{alert.number}/"
    shade, hazard = colour(alert.colour, clock.local_day(alert.published_at)), hazards()[alert.hazard]
    return feeds.Entry(
        id=page, title=alert.headline, summary=f"{alert.text}\n{alert.advice}".strip(), updated=at, published=at,
        document=f"{page}cap.xml", page=page, author=alert.department.title,
        facts=(
            ("msgType", alert.kind), ("category", hazard.category), ("event", str(hazard.title)),
            ("urgency", alert.urgency), ("severity", shade.severity), ("certainty", alert.certainty),
            ("expires", alert.expires.astimezone(clock.CHINA).isoformat(timespec="seconds")),
            ("areaDesc", str(areas.names(alert.areas))),
        ),
    )  # fmt: skip
