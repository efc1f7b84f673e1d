"""Sample alerts, officers, contacts and other people's messages, for the tests of all blocks and for the demo."""

from datetime import timedelta
from pathlib import Path

from hexi.blocks.alerts import keeping, keys, operations, outside
from hexi.blocks.alerts.areas import Piece
from hexi.blocks.alerts.models import Alert, Contact, Source
from hexi.blocks.people import shipped
from hexi.blocks.people.models import Role
from hexi.blocks.people.tests.make import acting, make_department, make_official, make_person, make_roles
from hexi.blocks.regions.models import Division
from hexi.blocks.regions.tests.make import SHIHEZI, XIAXIHAO, make_divisions
from hexi.kernel import clock
from hexi.kernel.actors import Actor, System
from hexi.kernel.packs import Words, read

BY = System("make")
SQUARE = "39.8,97.0 39.8,97.1 39.9,97.1 39.9,97.0 39.8,97.0"
TOWNSHIP = Piece(Words(zh="下西号镇", en="Xiaxihao Town"), code=XIAXIHAO)
POLYGON = Piece(Words(zh="昌马河下游两岸", en="Lower Changma River"), polygon=SQUARE)
CIRCLE = Piece(Words(zh="水库周围", en="Around the reservoir"), circle="39.85,97.05 5")
WORDS = {
    "hazard": "rainstorm", "colour": "orange", "urgency": "Expected", "certainty": "Likely", "responses": ["Avoid"],
    "headline_zh": "下西号镇暴雨橙色预警", "headline_en": "Orange rainstorm alert for Xiaxihao",
    "text_zh": "三小时内降雨 50 毫米以上 <局部> & 山洪。", "text_en": "Over 50 mm of rain within three hours.",
    "advice_zh": "远离河道。", "advice_en": "Keep away from rivers.",
}  # fmt: skip


def make_places() -> None:
    """Divisions and roles of alerts, unless they are there; and a key that signs."""
    if not Division.objects.exists():
        make_divisions()
    make_roles()
    if not Role.objects.filter(pk="alert_officer").exists():
        path = Path(__file__).parent.parent / "packs" / "roles" / "alerts.yaml"
        shipped.load_roles(path, read(path, shipped.RolesFile))
    keys.prepare()


def make_officer(role: str = "alert_officer", **given) -> Actor:
    """An official of the Yumen forestry bureau who composes (or approves, or is on duty)."""
    make_places()
    return acting(make_official(role, **given))


def make_draft(*pieces: Piece, by: Actor | None = None, **said) -> Alert:
    """A draft of an alert for a township."""
    make_places()
    by = by or make_officer()
    given = WORDS | {"expires": clock.now() + timedelta(hours=6)} | said
    return operations.compose(make_department(), pieces=pieces or (TOWNSHIP,), by=by, **given)


def make_waiting(*pieces: Piece, by: Actor | None = None, **said) -> Alert:
    """One that waits for approval."""
    by = by or make_officer()
    return operations.submit(make_draft(*pieces, by=by, **said), by=by)


def make_published(*pieces: Piece, by: Actor | None = None, **said) -> Alert:
    """One in force."""
    alert = make_waiting(*pieces, by=by, **said)
    boss = make_officer("alert_approver")
    return operations.publish(operations.approve(alert, by=boss), by=boss)


def make_follower(alert: Alert, kind: str, **said) -> Alert:
    """An update or cancellation, published."""
    by, boss = make_officer(), make_officer("alert_approver")
    draft = operations.submit(operations.follow(alert, kind, by=by, **said), by=by)
    return operations.publish(operations.approve(draft, by=boss), by=boss)


def make_contact(region_code: str = SHIHEZI, **given) -> Contact:
    """A village's head, registered."""
    make_places()
    facts = {"person": make_person(), "duty": "村主任", "by": BY} | given
    return keeping.add_contact(make_department(), region_code=region_code, **facts)


def make_source(certificate: str = "", *, url: str = "", **given) -> Source:
    """Somebody else who warns."""
    make_places()
    facts = {"name": "甘肃省气象局", "by": BY} | given
    return outside.add_source(make_department(), url=url, certificate=certificate, **facts)
