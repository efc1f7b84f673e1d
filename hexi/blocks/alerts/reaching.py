"""Finding and telling those in the area after an alert was published, and noting who has confirmed. As `operations`."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from hexi.blocks.alerts import areas, hooks, queries
from hexi.blocks.alerts.areas import Area
from hexi.blocks.alerts.definitions import colour
from hexi.blocks.alerts.foreseen import who
from hexi.blocks.alerts.models import Alert, How, Kind, Reached, State, Status, Why
from hexi.blocks.alerts.reach import LEFT, OWN, Reach, Target, reaches
from hexi.blocks.audit import operations as audit
from hexi.blocks.notices import operations as notices
from hexi.blocks.people.models import Account
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, require
from hexi.kernel.packs import Words

log = logging.getLogger(__name__)
#: rows found and told in one transaction
BATCH = 200
SALT = "alerts.confirm"
#: another message has taken its place
OVERTAKEN = (Why.UPDATED, Why.CANCELLED)


def reach(alert: Alert, *, by: Actor) -> int:
    """Find all in the area, make the call list, tell those who can be told; returns how many were new.

    May be run again or after a crash: whoever stands in the list is not told twice. Tests tell nobody. A kind that
    cannot be asked keeps no other from being found; its error is raised at the end, so that it is asked again. Whom
    the message before had told and who is outside now hears that it no longer concerns him, once all were asked. One
    that was overtaken meanwhile is never noted as done: the message in its place looks further back.
    """
    if alert.state != State.PUBLISHED or alert.status == Status.TEST or alert.reached_at is not None:
        return 0
    new, failed = 0, []
    for kind, one, area in _asked(alert):
        try:
            found = (target for target in one.find(area) if area.reaches(target.region))
            new += sum(_reach_some(alert, kind, part, by) for part in _parts(found))
        except Exception as error:  # a domain's finder, or another job at the same alert
            log.exception("alert %s: %s cannot be found", alert.number, kind)
            failed.append(error)
    _say_where(alert, by)
    if failed:
        raise failed[0]
    new += _tell_left(alert, by)
    with audit.change(by, "alerts.reach", alert, new=new, found=queries.found(alert)):
        done = Alert.objects.filter(pk=alert.pk, reached_at=None).exclude(ended_why__in=OVERTAKEN)
        done.update(reached_at=clock.now())
    return new


def _say_where(alert: Alert, by: Actor) -> None:
    """Whoever listens learns in which divisions the area touches ground, unless the alert was overtaken meanwhile."""
    divisions = _touched(alert)
    with transaction.atomic():
        if divisions and not _overtaken(alert):
            hooks.area_found.ring(alert=alert, divisions=divisions, by=by)


def _touched(alert: Alert) -> tuple[str, ...]:
    """The divisions of the ground found so far."""
    ground = [kind for kind, one in reaches().items() if one.ground]
    found = Reached.objects.filter(alert=alert, kind__in=ground).exclude(region_code="")
    return tuple(sorted(set(found.values_list("region_code", flat=True))))


def _tell_left(alert: Alert, by: Actor) -> int:
    """Those whom the messages before had told and who are outside now: told once, asked for nothing.

    Whoever was found by a division that is inside still is not outside, though he is found no more: the alert became
    too mild for his subscription, or his post ended. An all-clear is told to all who were warned.
    """
    told = Reached.objects.filter(told_at__isnull=False)
    if alert.kind != Kind.CANCEL:
        told = told.exclude(_whole_area(alert).touching(), kind__in=[one.key for one in OWN])
    new, gone = 0, set[str]()
    for before in _told_before(alert):
        gone |= set(Reached.objects.filter(alert=before, kind=LEFT).values_list("ref", flat=True))
        rows = told.filter(alert=before).exclude(kind=LEFT).select_related("account", "person__representative")
        outside = (one for one in map(_outside, rows.order_by("pk").iterator(BATCH)) if one.ref not in gone)
        new += sum(_reach_some(alert, LEFT, part, by) for part in _parts(outside))
    return new


def _told_before(alert: Alert) -> Iterator[Alert]:
    """The messages it follows, the newest first, back to one that had told all it was to tell."""
    before = alert.of
    while before is not None:
        yield before
        before = None if before.reached_at else before.of


def _outside(row: Reached) -> Target:
    """Who was told before, as a target of the message that follows: one human being by one name."""
    whom = row.account or row.person
    kind, pk = who(whom) or ("", 0)
    return Target(f"{kind}:{pk}", Words(zh=row.title_zh, en=row.title_en), row.region_code, whom)


def _asked(alert: Alert) -> Iterator[tuple[str, Reach, Area]]:
    """Every kind with what it is asked: those of the ground first, then the others with the divisions these found."""
    area, kinds = _area(alert), reaches()
    yield from ((kind, one, area) for kind, one in kinds.items() if one.ground)
    area = _whole_area(alert)
    yield from ((kind, one, area) for kind, one in kinds.items() if not one.ground)


def _area(alert: Alert) -> Area:
    return areas.area_of(alert.areas, alert.region_code, colour(alert.colour).rank)


def _whole_area(alert: Alert) -> Area:
    """The area with the divisions its shapes touch, once the kinds of the ground were asked."""
    area = _area(alert)
    return replace(area, touched=_touched(alert)) if area.polygons or area.circles else area


def _parts(targets: Iterable[Target]) -> Iterator[tuple[Target, ...]]:
    rest = iter(targets)
    while part := tuple(islice(rest, BATCH)):
        yield part


def _reach_some(alert: Alert, kind: str, targets: tuple[Target, ...], by: Actor) -> int:
    with transaction.atomic():
        if _overtaken(alert):
            return 0
        known = set(Reached.objects.filter(alert=alert, kind=kind, ref__in=[one.ref for one in targets])
                    .values_list("ref", flat=True))  # fmt: skip
        fresh = {one.ref: one for one in targets if one.ref not in known}
        told = _told(alert, fresh.values())
        rows = [_row(alert, kind, one) for one in fresh.values() if one.confirm or who(one.whom) not in told]
        Reached.objects.bulk_create(rows)
        for row in rows:
            _tell(alert, row, fresh[row.ref], by)
    return len(rows)


def _overtaken(alert: Alert) -> bool:
    """True if another message has taken its place: nobody is told of it any more.

    Holds its row: two jobs at once go one after the other, and what is to take its place waits and knows all who were
    told.
    """
    row = Alert.objects.select_for_update(of=("self",)).only("pk", "ended_why").get(pk=alert.pk)
    return row.ended_why in OVERTAKEN


def _told(alert: Alert, targets: Iterable[Target]) -> set[tuple[str, int] | None]:
    """Those of them who stand in the list already as somebody else, such as a contact who watches his village too."""
    wanted = [who(one.whom) for one in targets if one.whom and not one.confirm]
    accounts = [pk for kind, pk in filter(None, wanted) if kind == "account"]
    persons = [pk for kind, pk in filter(None, wanted) if kind == "person"]
    rows = Reached.objects.filter(alert=alert, told_at__isnull=False)
    rows = rows.filter(Q(account__in=accounts) | Q(person__in=persons) | Q(account__person__in=persons))
    return {who(row.account or row.person) for row in rows.select_related("account", "person")} - {None}


def _row(alert: Alert, kind: str, target: Target) -> Reached:
    field = "account" if isinstance(target.whom, Account) else "person"
    over = alert.kind == Kind.CANCEL  # an all-clear is told, not asked after
    return Reached(
        alert=alert, kind=kind, ref=target.ref, title_zh=target.title.zh[:200], title_en=target.title.en[:200],
        region_code=target.region, must_confirm=target.confirm and not over,
        told_at=clock.now() if target.whom else None, **({field: target.whom} if target.whom else {}),
    )  # fmt: skip


def _tell(alert: Alert, row: Reached, target: Target, by: Actor) -> None:
    if target.whom is None:
        return
    facts: dict[str, Any] = {
        "headline": _headline(alert),
        "area": areas.names(alert.areas),
        "office": Words(zh=alert.department.name, en=alert.department.name_en),
    }
    if alert.kind == Kind.CANCEL:
        notices.tell(target.whom, "alerts.cancelled", about=alert, facts=facts | {"number": alert.number}, by=by)
        return
    if row.kind == LEFT:
        notices.tell(target.whom, "alerts.left", about=alert, facts=facts | {"number": alert.number}, by=by)
        return
    advice = Words(zh=alert.advice_zh[:200], en=(alert.advice_en or alert.advice_zh)[:200])
    facts |= {"colour": colour(alert.colour).title, "expires": alert.expires, "advice": advice}
    key = "alerts.confirm" if row.must_confirm else "alerts.published"
    named = {"token": token(row)} if row.must_confirm else {"number": alert.number}
    notices.tell(target.whom, key, about=alert, facts=facts | named, by=by)


def _headline(alert: Alert) -> Words:
    """Of an exercise it says so first: nobody may take it for the real thing."""
    zh, en = alert.headline_zh, alert.headline_en or alert.headline_zh
    return Words(zh=f"【演练】{zh}", en=f"[Exercise] {en}") if alert.status == Status.EXERCISE else Words(zh=zh, en=en)


# --- confirming -------------------------------------------------------------------------------------------------------
def token(row: Reached) -> str:
    """What stands in the link sent to one target: signed, so that nobody can confirm for another."""
    return signing.dumps(row.pk, salt=SALT)


def by_token(text: str) -> Reached | None:
    """The target a link was sent to; None if it is no link of ours."""
    try:
        pk = signing.loads(text, salt=SALT)
    except signing.BadSignature:
        return None
    return Reached.objects.asked().select_related("alert__department").filter(pk=pk).first()


def confirm_by_link(text: str, *, by: Actor) -> Reached:
    """Whoever holds the link confirms for its target. Twice is once: the first time stands."""
    row = by_token(text)
    if row is None:
        raise ValidationError(_("这个链接不对或不完整。请从短信里重新打开。"))
    return _confirm(row, How.LINK, row.title_zh, by)


def confirm(row: Reached, *, by: Actor) -> Reached:
    """An official confirms in the workbench that he knows: for himself."""
    if row.account_id is None or row.account_id != getattr(by, "account_id", None):
        raise Denied(_("只能确认发给您本人的预警。"))
    return _confirm(row, How.WORKBENCH, by.name, by)


def confirm_by_phone(row: Reached, *, by: Actor) -> Reached:
    """Somebody at the phone notes that he reached the target. Needs `alerts.view` where the alert is."""
    require(by, queries.VIEW, row.alert.department_id, row.alert.region_code)
    return _confirm(row, How.PHONE, by.name, by)


def _confirm(row: Reached, how: How, who: str, by: Actor) -> Reached:
    with audit.change(by, "alerts.confirm", row, how=str(how)) as note:
        waiting = Reached.objects.asked().filter(pk=row.pk, confirmed_at=None)
        first = waiting.update(confirmed_at=clock.now(), confirmed_by=who[:200], confirmed_how=how)
        note.facts["first"] = bool(first)
    row.refresh_from_db()
    return row
