"""Open311: classes as services, orders as everybody may read them, posts taken in. Between `operations` and the pages.

Nobody's name, phone or own words are shown; what a secret caller said is not found at all.
"""

import hashlib
import json
import uuid
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db.models import DateTimeField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from hexi.blocks.cases.kinds import kind_of
from hexi.blocks.cases.models import Case, Event
from hexi.blocks.notices import operations as notices
from hexi.blocks.notices.models import Line
from hexi.blocks.people.actors import Outside
from hexi.blocks.regions import queries as regions
from hexi.domains.livelihood.requests import callers, operations, queries
from hexi.domains.livelihood.requests.definitions import named
from hexi.domains.livelihood.requests.models import Hotline, Request, Subject
from hexi.domains.livelihood.requests.operations import Said
from hexi.domains.livelihood.requests.states import INTAKE, OPEN, State, Type
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied
from hexi.wire import open311 as wire
from hexi.wire.open311 import Attribute, Definition, Refused, Search, Service, Update, Value

CHANNEL = "open311"
#: the same post by the same system within these hours is one order
AGAIN = timedelta(hours=24)
YES, NO = "yes", "no"
#: figures behind the point of a coordinate everybody reads: about a hundred metres, not somebody's door
ROUGH = 3


# --- what may be asked ------------------------------------------------------------------------------------------------
def services() -> list[Service]:
    """Every class of the last level. One query."""
    names = {one.code: one for one in queries.subjects()}
    parents = {one.parent_code for one in names.values()}
    return [_service(one, names) for one in names.values() if one.code not in parents]


def _service(one: Subject, names: dict[str, Subject]) -> Service:
    line = [names[one.code[:length]].name for length in range(1, len(one.code) + 1) if one.code[:length] in names]
    return Service(
        one.code, one.name, description=" · ".join(line), metadata=True, keywords=",".join(one.words), group=line[0]
    )


def definition(code: str) -> Definition:
    """The further fields of a class: alike for all. Raises `Refused` 404."""
    _subject(code)
    types = tuple(Value(one.value, str(one.label)) for one in Type)
    choice = (Value(NO, _("否")), Value(YES, _("是")))
    return Definition(
        code,
        (
            Attribute("type", "singlevaluelist", _("诉求类型"), order=1, values=types),
            Attribute("happened_at", "datetime", _("什么时候发生的"), order=2, datatype_description="W3C"),
            Attribute("secret", "singlevaluelist", _("要求保密：被反映的单位看不到是谁"), order=3, values=choice),
            Attribute("publish", "singlevaluelist", _("同意去掉姓名后公开"), order=4, values=choice[::-1]),
        ),
    )


def _subject(code: str) -> Subject:
    found = Subject.objects.filter(code=code, active=True).first()
    if found is None or Subject.objects.filter(parent_code=code, active=True).exists():
        raise Refused(404, f"service_code {code[:20]!r} was not found")
    return found


def region_of(jurisdiction: str) -> str:
    """The region of a jurisdiction; "" for none given. Raises `Refused` 404."""
    if jurisdiction and not Hotline.objects.filter(region_code=jurisdiction).exists():
        raise Refused(404, f"jurisdiction_id {jurisdiction[:20]!r} was not found")
    return jurisdiction


# --- orders as everybody reads them -----------------------------------------------------------------------------------
def found(search: Search, region: str) -> list[wire.Request]:
    """Orders that may be read, newest first; given ids are looked up whenever they came. A fixed number of queries."""
    rows = queries.open_to_all(region)
    if search.ids:
        return shown(rows.filter(case__number__in=search.ids))
    # as the index over the moments has them
    rows = rows.filter(case__submitted_at__gte=search.start, case__submitted_at__lte=search.end)
    rows = rows.order_by("-case__submitted_at", "-case_id")
    if search.codes:
        rows = rows.filter(case__subject__in=search.codes)
    if len(search.statuses) == 1:
        closed = search.statuses[0] == wire.CLOSED
        rows = rows.exclude(case__state__in=OPEN) if closed else rows.filter(case__state__in=OPEN)
    start = (search.page - 1) * search.size
    return shown(rows[start : start + search.size])


def one(number: str, region: str) -> list[wire.Request]:
    """One order, in a list as the specification has it. Raises `Refused` 404."""
    rows = shown(queries.open_to_all(region).filter(case__number=number))
    if not rows:
        raise Refused(404, f"service_request_id {number[:40]!r} was not found")
    return rows


def shown(rows: QuerySet[Request]) -> list[wire.Request]:
    """Rows as requests of the specification."""
    last = Event.objects.filter(case=OuterRef("case"), public=True).order_by("-pk").values("at")[:1]
    told = queries.worded(rows).annotate(
        changed=Coalesce(Subquery(last), "case__submitted_at", output_field=DateTimeField())
    )
    orders = list(told)
    places = regions.places({one.place_code for one in orders})
    return [_shown(one, places.get(one.place_code, "")) for one in orders]


def _shown(order: Request, place: str) -> wire.Request:
    case = order.case
    return wire.Request(
        service_request_id=case.number, status=_status(case), service_code=case.subject,
        service_name=order.subject_title,  # type: ignore[attr-defined]
        description=order.public_text if order.public else order.subject_title,  # type: ignore[attr-defined]
        status_notes=order.public_answer if order.public else str(State(case.state).label),
        agency_responsible=case.department.title, requested_datetime=case.submitted_at,
        updated_datetime=order.changed,  # type: ignore[attr-defined]
        expected_datetime=case.next_due, address=place, address_id=order.place_code, lat=_rough(order.lat),
        long=_rough(order.lon),
    )  # fmt: skip


def _status(case: Case) -> str:
    return wire.OPEN if case.state in OPEN else wire.CLOSED


def _rough(value: object) -> float | None:
    return None if value is None else round(float(value), ROUGH)  # type: ignore[arg-type]


def updates(search: Search, region: str) -> list[Update]:
    """What happened to orders that may be read, newest first: the step, never who said what. Two queries."""
    rows = queries.open_to_all(region).order_by()
    events = Event.objects.filter(public=True).select_related("case")
    if search.ids:
        events = events.filter(case__in=rows.filter(case__number__in=search.ids).values("case"))
    else:
        events = events.filter(case__in=rows.values("case"), at__gte=search.start, at__lte=search.end)
    start = (search.page - 1) * search.size
    return [_update(event) for event in events.order_by("-pk")[start : start + search.size]]


def _update(event: Event) -> Update:
    case = event.case
    over = case.ended_at is not None and event.at >= case.ended_at
    return Update(
        str(event.pk), case.number, wire.CLOSED if over else wire.OPEN, event.at,
        str(kind_of(case).title_of(event.action)),
    )  # fmt: skip


# --- what comes in ----------------------------------------------------------------------------------------------------
def take(post: wire.Post, *, by: Outside) -> wire.Receipt:
    """A post becomes an order; sent again within a day it is the same order. Raises `Refused`."""
    subject = _subject(post.service_code)
    said = _said(post, subject, region_of(post.jurisdiction_id) or by.api_key.region_code)
    submission = _earlier(post, by)
    try:
        order, _new = operations.receive(said, by=by, submission=submission, channel=CHANNEL)
    except ValidationError as error:
        raise Refused(400, _sentences(error)) from error
    except Denied as error:
        raise Refused(403, str(error) or "this api_key may not create requests here") from error
    return wire.Receipt(order.case.number, service_notice=_notice(said.text), account_id=post.account_id)


def _said(post: wire.Post, subject: Subject, region: str) -> Said:
    chosen = {code: values[0] for code, values in post.attributes.items()}
    text = post.description or " ".join(filter(None, [subject.title, post.address_string]))
    if post.media_url.startswith(("https://", "http://")):
        text += "\n" + _("照片：%(url)s") % {"url": post.media_url[:500]}
    try:
        happened = wire.moment(chosen["happened_at"]) if chosen.get("happened_at") else None
    except ValueError as error:
        raise Refused(400, f"attribute[happened_at]: {error}") from error
    secret = _choice(chosen, "secret", NO)
    return Said(
        text=text, place_code=post.address_id or region, type=chosen.get("type", Type.HELP), subject=subject.code,
        address=post.address_string, lat=post.lat, lon=post.long, happened_at=happened,
        name=_name(post.first_name, post.last_name), phone=post.phone, secret=secret,
        may_publish=_choice(chosen, "publish", YES), source_ref="" if secret else post.device_id, mail=post.email,
    )  # fmt: skip


def _choice(chosen: dict[str, str], name: str, usual: str) -> bool:
    value = chosen.get(name, usual)
    if value not in (YES, NO):
        raise Refused(400, f"attribute[{name}] must be {YES} or {NO}")
    return value == YES


def _name(first: str, last: str) -> str:
    """Family name first without a space as Chinese writes it, else last."""
    if any("\u4e00" <= sign <= "\u9fff" for sign in first + last):
        return last + first
    return f"{first} {last}".strip()


def _earlier(post: wire.Post, by: Outside) -> str:
    """The name of this submission: that of the same post of yesterday if a day has not gone by since."""
    content = json.dumps([*vars(post).items()], ensure_ascii=False, default=dict)
    mark = f"{by.key}:{hashlib.sha256(content.encode()).hexdigest()[:32]}"
    now = clock.now()
    today, before = (f"{mark}:{clock.local_day(moment):%Y%m%d}" for moment in (now, now - AGAIN))
    kept = Case.objects.filter(submission=f"{CHANNEL}:{before}", submitted_at__gt=now - AGAIN)
    return before if kept.exists() else today


def _notice(text: str) -> str:
    """What the sender is told at once: an emergency needs a call."""
    return " ".join(f"{one.title.zh}：{one.advice.zh}（{one.call}）" for one in named(text))


def tell(update: Update, *, by: Outside) -> Update:
    """What a system says about an order: a line in its talk, once for each update_id; "open" takes it up again."""
    order = _reached(update.service_request_id, by)
    mark = update.update_id or hashlib.sha256(update.description.encode()).hexdigest()
    once = uuid.uuid5(uuid.NAMESPACE_URL, f"open311:{by.key}:{update.service_request_id}:{mark}")
    try:
        notices.say(order.case, topic="", text=update.description, side=Line.Side.CITIZEN, by=by, once=once)
        if update.status == wire.OPEN and order.case.state == State.CLOSED:
            order = operations.reopen(order, why=update.description, by=by, own=False)
    except ValidationError as error:
        raise Refused(400, _sentences(error)) from error
    return Update(str(once), update.service_request_id, _status(order.case))


def _reached(number: str, by: Outside) -> Request:
    """An order this system handed in, or one that everybody may read, where its key may hand in."""
    order = Request.objects.select_related("case__department", "hotline").filter(case__number=number).first()
    if order is not None and by.may(INTAKE, order.hotline_id, order.hotline_region):
        own = order.case.submission.startswith(f"{CHANNEL}:{by.key}:")
        if own or queries.open_to_all("").filter(pk=order.pk).exists():
            return order
    raise Refused(404, f"service_request_id {number[:40]!r} was not found")


def _sentences(error: ValidationError) -> str:
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    return " ".join(f"{name}: {' '.join(said)}" for name, said in error.message_dict.items())


def require_intake(by: Actor) -> None:
    """Raise `Refused` 403 unless the key may hand in orders somewhere."""
    if not by.scopes(INTAKE):
        raise Refused(403, "this api_key may not create requests")


# --- another server ---------------------------------------------------------------------------------------------------
def bring(one: wire.Request, server: str, place: str, *, by: Actor) -> tuple[Request, bool]:
    """A request of another server becomes an order; the same one again is the same order."""
    mark = hashlib.sha256(f"{server.rstrip('/')} {one.service_request_id}".encode()).hexdigest()[:40]
    known = Subject.objects.filter(code=one.service_code, active=True).exists()
    text = " ".join(filter(None, [one.service_name, one.description])) or one.service_request_id
    said = Said(
        text=text, place_code=place or one.address_id, subject=one.service_code if known else "", address=one.address,
        lat=one.lat, lon=one.long, source_ref=f"{one.service_request_id} {server}",
    )  # fmt: skip
    return operations.receive(said, by=by, submission=mark, channel=CHANNEL, at=one.requested_datetime)


def going_out(order: Request, code: str, jurisdiction: str = "") -> wire.Post:
    """An order as another server gets it: no name, no phone; words only without them."""
    lat, lon = (None if value is None else float(value) for value in (order.lat, order.lon))
    text = f"{callers.without_names(order.text)}\n（{order.case.number}）"
    return wire.Post(
        code, text[: wire.LONGEST], lat, lon, address_string=regions.place(order.place_code),
        account_id=order.case.number, jurisdiction_id=jurisdiction,
    )  # fmt: skip
