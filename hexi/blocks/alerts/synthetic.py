"""Alerts of a demo: one in force, one to approve, one begun, one of somebody else. All made up; stands beside jobs."""

from dataclasses import replace
from datetime import timedelta

from hexi.blocks.alerts import keeping, keys, message, operations, outside, reaching
from hexi.blocks.alerts.areas import Piece
from hexi.blocks.alerts.definitions import hazards
from hexi.blocks.alerts.models import Alert, Source
from hexi.blocks.people.models import Person
from hexi.blocks.regions.models import Department
from hexi.blocks.regions.queries import find
from hexi.kernel import clock
from hexi.kernel.actors import Actor, System
from hexi.kernel.packs import Words
from hexi.wire.cap import signing, writing

#: hazard, colour, headline and text in both languages
DUST = (
    "sandstorm", "yellow", "沙尘暴黄色预警（演示）", "Yellow sandstorm alert (demo)",
    "未来十二小时有沙尘暴，能见度不足 1000 米。这是演示数据。",
    "A sandstorm within twelve hours, visibility below 1,000 m. Demo data.",
)  # fmt: skip
RAIN = (
    "rainstorm", "orange", "暴雨橙色预警（演示）", "Orange rainstorm alert (demo)",
    "三小时内降雨将达 50 毫米以上，沟谷有山洪危险。这是演示数据。",
    "Over 50 mm of rain within three hours, danger of flash floods. Demo data.",
)  # fmt: skip
COLD = (
    "cold_wave", "blue", "寒潮蓝色预警（演示）", "Blue cold wave alert (demo)",
    "四十八小时内气温下降 8 摄氏度以上。这是演示数据。", "The temperature falls by over 8 °C in 48 hours. Demo data.",
)  # fmt: skip
RIVER = Piece(
    Words(zh="昌马河下游两岸（演示）", en="Lower Changma River (demo)"),
    polygon="39.86,96.72 39.90,96.90 40.02,97.05 40.06,96.98 39.95,96.80 39.88,96.68 39.86,96.72",
)
#: days the one in force lasts
DAYS = 3


def make(office: Department, region: str, *, officer: Actor, boss: Actor, contact: Person | None) -> bool:
    """All of it, unless there are alerts already. `region` is a division of the office; `contact` looks after it."""
    division = find(region)
    if Alert.objects.exists() or division is None:
        return False
    piece = Piece(Words(zh=division.name, en=division.name_en), code=region)
    alert = operations.submit(_draft(office, DUST, (piece, RIVER), officer, timedelta(days=DAYS)), by=officer)
    alert = operations.publish(operations.approve(alert, by=boss), by=boss)
    reaching.reach(alert, by=System("demo"))
    operations.submit(_draft(office, RAIN, (piece,), officer, timedelta(days=30)), by=officer)
    _draft(office, COLD, (piece,), officer, timedelta(days=30))
    _somebody_else(office, alert, officer)
    if contact is not None:
        keeping.add_contact(office, person=contact, region_code=region, duty="村联络人（演示）", by=officer)
    return True


def _draft(
    office: Department, said: tuple[str, ...], pieces: tuple[Piece, ...], by: Actor, lasts: timedelta
) -> Alert:  # fmt: skip
    hazard, colour, headline_zh, headline_en, text_zh, text_en = said
    advice = hazards()[hazard].advice
    return operations.compose(
        office, pieces=pieces, by=by, hazard=hazard, colour=colour, headline_zh=headline_zh, headline_en=headline_en,
        text_zh=text_zh, text_en=text_en, advice_zh=advice.zh, advice_en=advice.en, urgency="Expected",
        certainty="Likely", responses=["Monitor"], expires=clock.now() + lasts,
    )  # fmt: skip


def _somebody_else(office: Department, alert: Alert, by: Actor) -> Source:
    """A source that signs with our own demo key, one proven message of it and one broken one."""
    signer, now = keys.signer(), clock.now()
    source = outside.add_source(
        office, name="甘肃省气象局（演示）", url="", certificate=signing.pem_of(signer.certificate), by=by
    )
    ours = message.make(alert, sent=now)
    chinese = replace(
        ours.infos[0], headline="大风蓝色预警（演示）", description="阵风 7 级以上。这是演示数据。", severity="Minor",
        sender_name="甘肃省气象局（演示）", event="大风", event_codes=(), parameters=(), web=None,
    )  # fmt: skip
    theirs = replace(
        ours, identifier=f"demo-{alert.number}", sender="demo@weather.invalid", source=None, infos=(chinese,)
    )
    outside.take_in(source, signing.sign(theirs, signer.private, signer.certificate), by=by)
    outside.take_in(source, writing.write(replace(theirs, kind="Update", identifier="demo broken")), by=by)
    return source
