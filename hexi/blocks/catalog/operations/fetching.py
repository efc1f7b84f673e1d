"""Reading rows through a grant: from inside the house and for the provider gateway; written down, counted, told."""

import json
import os
import threading
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from hexi.blocks.catalog import sources
from hexi.blocks.catalog.models import Asked, Grant, Kind, Side
from hexi.blocks.catalog.operations import looking
from hexi.blocks.catalog.operations.messages import Line, sign, write
from hexi.blocks.catalog.queries import loads
from hexi.blocks.catalog.queries.exchange import USE
from hexi.blocks.catalog.store import engine, grammar
from hexi.blocks.catalog.store.grammar import All, Compare, Query, Where, both, tests
from hexi.blocks.people.models import Identifier
from hexi.blocks.people.queries import RESIDENT
from hexi.blocks.people.vault import ring
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, System
from hexi.wire.xroad import messages, names
from hexi.wire.xroad.errors import CLIENT, Fault

#: chains of calls inside the house: writers of different cases do not wait for each other
CHAINS = 8
#: rows about persons one call may give: each of them is written down for the person
MOST_PERSONS = 500
#: different questions about figures of persons a consumer may ask of a version: each is compared with all before it
QUESTIONS = 100
#: instance and class of offices that call inside the house
INSTANCE, OFFICE = "HEXI", "OFFICE"


def fetch(
    grant: Grant, question: Mapping[str, Any], *, by: Actor, purpose: str = "", case: str = "",
    person: int | None = None,
) -> engine.Page:  # fmt: skip
    """Rows of a grant for an office of this house. `question`: as `store.grammar` reads it, never SQL.

    `person` (a key of `people.Person`): the rows of this person alone, none if the set does not say whose a row is.

    Data of persons needs `purpose` and the number of the case. Call and answer are signed, chained and counted against
    the quota before anything is given; each person finds it under "who looked". In the caller's transaction, if there
    is one. Raises `Denied` for who may not use the grant and for a grant that has ended, `ValidationError` for a
    question that cannot be asked.
    """
    grant = Grant.objects.select_related("entry__provider", "department", "subsystem__member").get(pk=grant.pk)
    consumer = grant.department or grant.subsystem.member.department
    if not isinstance(by, System) and not (consumer and by.may(USE, consumer.pk, consumer.region_code)):
        raise Denied(_("这项授权是给“%(office)s”的。") % {"office": grant.consumer})
    if _of_persons(grant, person) and not (purpose.strip() and case.strip()):
        raise ValidationError({"purpose": _("含个人信息：每次都要写明用途和办件编号。")})
    asked = _asked(grant, question, purpose, case, by)
    reading = Reading(grant, grammar.parse(question, _columns(grant)), person)
    line = Line(Side.INSIDE, Kind.REQUEST, asked, sign(asked), grant.subsystem_id, grant.pk)
    # one thread, one chain: two readings in one transaction never lock two chains in different orders
    stream = f"inside-{hash((os.getpid(), threading.get_ident())) % CHAINS}"
    if fault := write(stream, [line])[0]:
        raise Denied(fault.message)
    page = reading.page()
    answer = messages.response(asked, 200, "OK", [("content-type", "application/json")], body_of(page))
    fault = write(stream, [Line(Side.INSIDE, Kind.RESPONSE, asked, sign(answer), grant.subsystem_id, grant.pk, 200)])[0]
    if fault:
        raise Denied(fault.message)
    reading.tell(by, purpose or grant.purpose, case, asked.request_id)
    return page


def answer(asked: messages.Request, grant_id: int) -> messages.Response:
    """What the rows of an entry answer to a call through the provider gateway, already written down and counted.

    The question stands in the address or, of a POST, as JSON in the body. Raises `Fault` for one that cannot be asked.
    """
    grant = Grant.objects.select_related("entry", "subsystem__member").get(pk=grant_id)
    purpose = looking.purpose_of(asked)
    if asked.method not in ("GET", "POST") or asked.target.path not in ("", "/", "/rows"):
        raise Fault(f"{CLIENT}BadRequest", "Ask GET or POST /rows")
    if _of_persons(grant):
        looking.require_purpose(asked)
    try:
        columns = _columns(grant)
        if asked.method == "POST":
            query = grammar.parse(asked.body, columns)
        else:
            query = grammar.from_address(parse_qs(asked.target.query, keep_blank_values=True), columns)
        reading = Reading(grant, query)
        page = reading.page()
    except ValidationError as error:
        raise Fault(f"{CLIENT}BadRequest", " ".join(error.messages)) from error
    by = looking.consumer(grant.subsystem)
    reading.tell(by, purpose or grant.purpose, asked.header(messages.ISSUE), asked.request_id)
    return messages.response(asked, 200, "OK", [("content-type", "application/json")], body_of(page))


def _of_persons(grant: Grant, person: int | None = None) -> bool:
    """True if what the grant gives is told of persons, as the catalogue stands now; one person's rows always are."""
    return person is not None or grant.personal or sources.of_persons(grant.entry, grant.fields)


def body_of(page: engine.Page) -> bytes:
    """A page as JSON."""
    said = {"columns": [one.name for one in page.columns], "rows": page.rows, "total": page.total}
    return json.dumps(said, ensure_ascii=False, default=str).encode()


class Reading:
    """One reading of a grant's rows: only its fields, only its region, and whose rows they were."""

    def __init__(self, grant: Grant, query: Query, only: int | None = None):
        self.grant = grant
        self.opened = sources.opened(grant.entry, region_field=grant.region_field, region=grant.region)
        shown = {one.name: grant.fields[one.name] for one in _columns(grant)}  # jsonb keeps no order of keys
        if not shown:
            raise ValidationError(_("现在的数据里没有授权的信息项。请提供单位核对数据项。"))
        self.personal = _of_persons(grant, only)
        if self.personal and not self.opened.person:
            told = _("现在的数据没有写明每行是谁的，本人无从知道谁看过，不能给出。请提供单位核对数据项。")
            raise ValidationError(told)
        #: rows of persons, each written down for the person; otherwise figures, in which nobody may stand out
        self.single = self.personal and not query.grouped
        self.person = self.opened.person if self.single else ""
        if self.single and not 0 < query.limit <= MOST_PERSONS:
            raise grammar.Fault("limit", _("含个人信息：一次请求 1 到 %(n)s 行。") % {"n": MOST_PERSONS})
        self.query = query.within(shown, self.opened.kept if only is None else self._only(only))
        self.persons: set[Any] = set()
        #: rows given out that say nobody's number: no person can find them in his log, so their number is kept
        self.nobodys = 0

    def _only(self, person: int) -> Where:
        """The rows of one person, of those the grant gives."""
        value: Any = person
        if not self.opened.known:
            held = Identifier.objects.filter(person=person, type=RESIDENT).first()
            if held is None:
                raise ValidationError(_("没有登记这个人的身份证号码，不能按人查询。"))
            value = ring().open(held.number, held.type_id)
        mine = Compare(self.opened.person, "=", value)
        return All((self.opened.kept, mine)) if self.opened.kept else mine

    def page(self) -> engine.Page:
        """The rows; who they are of, and who was asked about by number, is kept for `tell`.

        Of rows about persons no more is told than the rows themselves: a count of others would answer questions about
        somebody who then finds nothing in his log.
        """
        if self.personal and self.query.grouped:
            return self._figures()
        found = engine.rows(self.opened.source, self.query, count=not self.single, aside=self.person)
        if not self.single:
            return found
        self.persons = {one for one in (*found.aside, *self._named()) if _somebody(one)}
        self.nobodys = sum(not _somebody(one) for one in found.aside)
        whole = not self.query.offset and len(found.rows) < self.query.limit
        return engine.Page(found.rows, len(found.rows) if whole else None, found.columns, found.withheld)

    def _named(self) -> Iterator[Any]:
        """Persons the question names by their number: also an empty answer tells something of them."""
        if (asked := both(self.query.kept, self.query.where)) is None:
            return
        for test in tests(asked):
            if self.person and test.field == self.person and test.op in ("=", "!=", "in"):
                yield from test.value if test.op == "in" else (test.value,)

    def _figures(self) -> engine.Page:
        """Figures of persons: small groups kept back, also by way of what the consumer was told before of these rows.

        Through whatever grant: two grants of one office are one asker. Two questions at once are answered one after
        the other, so that each knows of the other. One asked again is compared with those before its first time alone:
        it tells nothing new.
        """
        source, entry, who = self.opened.source, self.grant.entry, loads.consumer(self.grant)
        region = {"region": self.grant.region, "region_field": self.grant.region_field} if self.grant.region else {}
        question = grammar.said(self.query) | region
        with transaction.atomic():
            list(loads.grants_of(self.grant).select_for_update(of=("self",), no_key=True).only("pk"))
            version = entry.versions.filter(current=True).first() if isinstance(source, engine.Stored) else None
            told = loads.told_before(entry, version, who)
            known = question in told
            if len(told) >= QUESTIONS and not known:
                raise grammar.Fault("query", _too_many(version is None))
            earlier = self._again(told[: told.index(question)] if known else told)
            page = engine.rows(source, self.query, guard=engine.Guard(earlier=earlier, whose=self.opened.person))
            if page.total and not known:
                Asked.objects.create(entry=entry, version=version, asker=who, question=question, at=clock.now())
        return page

    def _again(self, told: Iterable[Mapping[str, Any]]) -> tuple[Query, ...]:
        """Earlier questions as they were asked, each of the rows its grant gave."""
        found = []
        for one in told:
            said = {name: one[name] for name in ("where", "group")}
            if asked := loads.asked_again([said], self.opened.source.columns):
                kept = sources.kept(self.grant.entry, one.get("region", ""), one.get("region_field", ""))
                found.append(replace(asked[0], kept=kept))
        return tuple(found)

    def tell(self, by: Actor, purpose: str, case: str, request_id: str) -> None:
        """Each person's own log of who looked; of rows without a person's number how many there were."""
        if not self.persons and not self.nobodys:
            return
        numbers = {} if self.opened.known else looking.hashed(map(str, self.persons))
        known = self._known() if self.opened.known else looking.registered(numbers)
        given = looking.Given(purpose, case, request_id, entry=self.grant.entry, grant=self.grant)
        looking.write(given, known, numbers, by=by, rows_without_person=self.nobodys)

    def _known(self) -> list[tuple[str, int | None]]:
        """Hash of the number and primary key of each person, where rows hold our own keys.

        The resident's number, else whatever number there is ("" none: the look alone is kept).
        """
        held = Identifier.objects.filter(person__in=self.persons).order_by("pk")
        rows = sorted(held.values_list("person", "type", "lookup"), key=lambda row: row[1] == RESIDENT)
        lookups = {person: lookup for person, _type, lookup in rows}
        return [(lookups.get(person, ""), person) for person in self.persons]


def _too_many(own: bool) -> str:
    if own:
        told = _(
            "贵单位 %(days)s 天内对这个数据集已统计过 %(n)s 个不同的问题，再多会推出个别人。请重复以前的，或改天再问。"
        )
        return told % {"n": QUESTIONS, "days": loads.REMEMBERED.days}
    told = _("贵单位对这个数据集已统计过 %(n)s 个不同的问题，再多会推出个别人。请重复以前的问题，或等数据更新。")
    return told % {"n": QUESTIONS}


def _somebody(person: Any) -> bool:
    return person is not None and str(person).strip() != ""


def _columns(grant: Grant) -> tuple[grammar.Column, ...]:
    """What may be named in a question: the grant's fields alone, in the order of the rows (jsonb keeps none)."""
    return tuple(one for one in sources.opened(grant.entry).source.columns if one.name in grant.fields)


def _asked(grant: Grant, question: Mapping[str, Any], purpose: str, case: str, by: Actor) -> messages.Request:
    """A call inside the house in the words of the exchange, so that one log and one check serve all."""
    office = grant.department or grant.subsystem.member.department
    provider = grant.entry.provider
    client = names.Client(INSTANCE, OFFICE, office.uscc, "INSIDE")
    service = names.Service(names.Client(INSTANCE, OFFICE, provider.uscc, "CATALOG"), f"ENTRY-{grant.entry_id}")
    body = json.dumps({"question": dict(question), "purpose": purpose}, ensure_ascii=False, sort_keys=True, default=str)
    number = str(uuid.uuid4())
    headers = [(messages.CLIENT, str(client)), (messages.USER, by.key)] + [(messages.ISSUE, case)] * bool(case)
    return messages.request(
        "POST", f"/r1/{service}/rows", headers, body.encode(), id=number, request_id=number,
        more=[("x-hexi-date", clock.now().isoformat()), ("x-hexi-grant", str(grant.number))],
    )  # fmt: skip
