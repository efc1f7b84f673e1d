"""A row to the CAP message it is published as: one block a language, the colour as a parameter. Beside queries."""

from datetime import datetime
from urllib.parse import urlsplit

from hexi.blocks.alerts.areas import Piece
from hexi.blocks.alerts.definitions import colour, hazards
from hexi.blocks.alerts.models import Alert, Kind
from hexi.blocks.notices.operations import SITE_URL
from hexi.kernel import clock
from hexi.kernel.options import Option
from hexi.wire.cap import model, reading
from hexi.wire.cap.times import written

SENDER = Option(
    "alerts.sender", str, "",
    "本站发布 CAP 预警的署名，全球唯一；留空为 alerts@<notices.site_url 的主机名>。 / "
    "Name under which this site sends CAP alerts, unique in the world; empty: alerts@<host of notices.site_url>.",
)  # fmt: skip
#: what the parameter with the colour is called (people.md §4.3)
COLOUR = "预警颜色"


def sender() -> str:
    """Who sends: see SENDER."""
    return SENDER.value or f"alerts@{urlsplit(SITE_URL.value).hostname or 'localhost'}"


def make(alert: Alert, *, sent: datetime) -> model.Alert:
    """The message as sent at a moment, not yet signed."""
    languages = ["zh", "en"] if alert.headline_en and alert.text_en else ["zh"]
    return model.Alert(
        identifier=alert.number, sender=sender(), sent=_written(sent), status=alert.status, kind=alert.kind,
        scope="Public", source=alert.department.name, note=alert.note or None, references=_references(alert) or None,
        infos=tuple(_info(alert, language, sent) for language in languages),
    )  # fmt: skip


def _written(at: datetime) -> str:
    return written(at.astimezone(clock.CHINA))


def _references(alert: Alert) -> str:
    """Every earlier message of the same warning, the first one first."""
    earlier, one = [], alert.of
    while one is not None:
        earlier.append(str(reading.parse(one.document.encode()).name))  # as it was really sent
        one = one.of
    return " ".join(reversed(earlier))


def _info(alert: Alert, language: str, sent: datetime) -> model.Info:
    shade, hazard = colour(alert.colour, clock.local_day(sent)), hazards()[alert.hazard]
    english, over = language == "en", alert.kind == Kind.CANCEL
    office = alert.department
    return model.Info(
        language="en" if english else "zh-CN", categories=(hazard.category,),
        event=hazard.title.en if english else hazard.title.zh,
        responses=("AllClear",) if over else tuple(alert.responses), urgency="Past" if over else alert.urgency,
        severity=shade.severity, certainty=alert.certainty, event_codes=(model.Pair("hexi:hazard", alert.hazard),),
        effective=_written(sent), onset=_written(alert.onset) if alert.onset else None,
        expires=_written(alert.expires), sender_name=office.name_en if english else office.name,
        headline=alert.headline_en if english else alert.headline_zh,
        description=alert.text_en if english else alert.text_zh,
        instruction=(alert.advice_en if english else alert.advice_zh) or None,
        web=f"{SITE_URL.value.rstrip('/')}/alerts/{alert.number}/", contact=office.phone or None,
        parameters=(model.Pair(COLOUR, shade.title.zh),),
        areas=tuple(Piece.of(one).cap(language) for one in alert.areas),
    )  # fmt: skip
