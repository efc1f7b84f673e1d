"""The demo's orders: told from the past to today through the very operations a person's clicks call.

`packs/<region>/request_stories/*.yaml`; everything is made up. Beside commands, above operations.
"""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from hexi.blocks.audit.operations import change
from hexi.blocks.calendars.clocks import Unit
from hexi.blocks.calendars.queries import calendar_for
from hexi.blocks.people.actors import Citizen
from hexi.blocks.people.models import Account
from hexi.blocks.people.queries import actor_for
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.requests import callers, operations
from hexi.domains.livelihood.requests.channels import accounts
from hexi.domains.livelihood.requests.models import Call, Hotline, Request, SocialAccount, Subject
from hexi.domains.livelihood.requests.operations import Said
from hexi.domains.livelihood.requests.states import Type
from hexi.kernel import clock, packs
from hexi.kernel.actors import System
from hexi.kernel.packs import Fault, Pack, PackModel
from hexi.wire.telephony_http import ANSWERED, ENDED, RINGING, Event

BY = System("demo")
#: who does what of the hotline in the demo
OPERATOR, DISPATCHER = "operator", "dispatcher"
Step = tuple[datetime, Callable[[], Any]]


class Rated(PackModel):
    """What the caller says of an answer."""

    solved: bool = True
    satisfied: int = Field(5, ge=1, le=5)
    comment: str = ""


class Refused(PackModel):
    """Not accepted."""

    why: str
    owner: str
    text: str


class Told(PackModel):
    """One order: when, by whom (a demo citizen, or a caller by name and phone), what, where; and what became of it."""

    key: str
    by: str = ""
    name: str = ""
    phone: str = "10000000099"
    type: Literal["ask", "help", "complain", "report", "suggest", "praise", "urge"] = "help"
    text: str = Field(min_length=4)
    subject: str
    place: str
    address: str = ""
    point: list[float] = []
    days_ago: int = Field(ge=0)
    at: time
    secret: bool = False
    via: Literal["", "mail", "social", "open311", "weixin", "call"] = Field("", description="channel, if it is no form")
    to: str = ""
    into: str = ""
    refused: Refused | None = None
    note: str = ""
    returned_by: str = ""
    helper: str = ""
    reply: str = ""
    days: int = Field(1, ge=0, description="working days from dispatch to answer")
    rated: list[Rated] = []
    again: str = Field("", description="the second answer, after the first was not good enough")
    public: bool = False


class Lost(PackModel):
    """A call nobody answered."""

    phone: str
    days_ago: int = Field(ge=0)
    at: time


class Social(PackModel):
    """The account that mentions of the story are made to."""

    key: str
    name: str
    platform: str = "weibo"
    office: str


class StoryFile(PackModel):
    """`packs/request_stories/*.yaml`."""

    orders: list[Told] = Field(min_length=1)
    lost: list[Lost] = []
    account: Social | None = None


def check(path: Path, file: StoryFile) -> list[Fault]:
    """Each key once; whom an order follows stands before it."""
    seen: set[str] = set()
    faults = []
    for one in file.orders:
        if one.key in seen or (one.into and one.into not in seen):
            faults.append(Fault(path, 1, f"{one.key}：key 重复，或并入的那件还没有出现 / twice, or before its lead"))
        seen.add(one.key)
    return faults


def tell() -> int:
    """Tell every order, once: in one transaction, so that a demo that was interrupted tells them again."""
    files = [packs.read(path, StoryFile) for path in packs.files("request_stories")]
    orders = [one for file in files for one in file.orders]
    if Request.objects.exists() or not Subject.objects.exists():
        return 0
    # who acts is asked outside the past: the posts of the demo begin today
    actors = {one.username: actor_for(one) for one in Account.objects.select_related("person")}
    numbers: dict[str, str] = {}
    steps = [step for order in orders for step in _Story(order, actors, numbers).steps()]
    with change(BY, "requests.stories") as note:
        for file in files:
            _before(file)
        for moment, do in sorted(steps, key=lambda step: step[0]):
            # what is not yet so late today happens now
            with clock.told_at(min(moment, clock.now())):
                do()
        _to_come()
        note.rows = [one.key for one in orders]
    return len(orders)


def _before(file: StoryFile) -> None:
    """What stands beside the orders: the account that is written to, calls nobody answered."""
    if file.account is not None:
        told = file.account
        office = Department.objects.get(key=told.office)
        accounts.register(told.key, name=told.name, platform=told.platform, department=office, by=BY)
    for number, one in enumerate(file.lost):
        hotline = Hotline.objects.order_by("pk")[0]
        at = min(datetime.combine(clock.today() - timedelta(days=one.days_ago), one.at, clock.CHINA), clock.now())
        for kind, later in ((RINGING, 0), (ENDED, 25)):
            moment = at + timedelta(seconds=later)
            operations.hear(Event(kind, f"story-lost-{number}", moment, one.phone, "8001"), hotline, by=BY)


def _to_come() -> None:
    """A stricter limit of the town that begins in two weeks: until then it can be changed."""
    hotline = Hotline.objects.order_by("pk")[0]
    operations.set_limit(
        hotline, subject="", type=Type.COMPLAIN, first=2, first_unit=Unit.WORKING_HOURS.value, handle=3,
        handle_unit=Unit.WORKING_DAYS.value, valid_from=clock.today() + timedelta(days=14), source="演示：本市自定",
        by=BY,
    )  # fmt: skip


class _Story:
    """One order on its way, and the moment it stands at."""

    def __init__(self, told: Told, actors: dict[str, Citizen], numbers: dict[str, str]):
        self.told, self.actors, self.numbers = told, actors, numbers
        region = told.place[:6] + "000000"
        self.calendar = calendar_for(region)
        day = self.calendar.back(clock.today() + timedelta(days=1), told.days_ago + 1)
        self.moment = datetime.combine(day, told.at, clock.CHINA)
        self.found: list[Step] = []

    def steps(self) -> list[Step]:
        """What happens to it, each with its moment."""
        told = self.told
        self._at(self._receive)
        dispatcher = self.actors[DISPATCHER]
        if told.refused:
            no = told.refused
            facts = {"refusal": no.why, "next_owner": no.owner, "opinion": no.text}
            self._later(minutes=50)
            self._at(lambda: operations.refuse(self._fresh(), by=dispatcher, **facts))
        elif told.into:
            self._later(minutes=10)
            self._at(lambda: operations.merge(self._fresh(), number=self.numbers[told.into], by=dispatcher))
        elif told.to:
            self._handled(dispatcher)
        return self.found

    def _receive(self) -> None:
        told = self.told
        citizen = self.actors.get(told.by)
        lat, lon = told.point or (None, None)
        person = citizen.account.person if citizen else None
        said = Said(
            text=told.text, place_code=told.place, type=told.type, subject=told.subject, address=told.address, lat=lat,
            lon=lon, secret=told.secret, name=told.name or (person.name if person else ""),
            phone=person.phone if person else told.phone,
        )  # fmt: skip
        request = self._said(said, citizen, person)
        self.numbers[told.key] = request.case.number

    def _said(self, said: Said, citizen: Citizen | None, person: Any) -> Request:
        """Take it in by the channel it came by."""
        told, key = self.told, f"story:{self.told.key}"
        if told.via == "social":
            account = SocialAccount.objects.order_by("pk")[0]
            data = {"id": told.key, "text": told.text, "author": told.name, "url": ""}
            return accounts.mentioned(account, data)
        if told.via == "call":
            call = self._call()
            operator = self.actors[OPERATOR]
            return operations.receive(said, by=operator, submission=key, channel="phone", call=call)[0]
        if told.via:
            return operations.receive(said, by=BY, submission=key, channel=told.via, applicant=person)[0]
        by, channel = (citizen, "portal") if citizen else (self.actors[OPERATOR], "phone")
        return operations.receive(said, by=by, submission=key, channel=channel, applicant=person)[0]

    def _call(self) -> Call:
        """The call it came by, from ringing to its end."""
        hotline, call, now = Hotline.objects.order_by("pk")[0], f"story-{self.told.key}", clock.now()
        for kind, seconds in ((RINGING, -130), (ANSWERED, -121), (ENDED, -2)):
            moment = now + timedelta(seconds=seconds)
            row = operations.hear(Event(kind, call, moment, self.told.phone, "8001"), hotline, by=BY)
        return row

    def _handled(self, dispatcher: Citizen) -> None:
        told = self.told
        if told.returned_by:
            self._dispatch(told.returned_by, dispatcher)
            self._later(minutes=90)
            reason = "经核对，这件事不属本单位职责，请改派。"
            self._at(lambda: operations.give_back(self._fresh(), opinion=reason, by=BY))
        self._dispatch(told.to, dispatcher)
        if told.helper:
            other = Department.objects.get(key=told.helper)
            self._at(lambda: operations.ask_help(self._fresh(), office=other, opinion="请一起到现场看一下。", by=BY))
        if told.note:
            self._later(minutes=55)
            until = self.calendar.add(clock.local_day(self.moment), 2)
            self._at(lambda: operations.note(self._fresh(), opinion=told.note, promised=until, by=BY))
        for text, verdict in zip([told.reply, told.again], [*told.rated, None, None], strict=False):
            if text:
                self._answered(text, verdict)
        if told.public:
            self._later(minutes=30)
            self._at(lambda: self._publish(dispatcher))

    def _answered(self, text: str, verdict: Rated | None) -> None:
        self._later(days=self.told.days, minutes=120)
        self._at(lambda: operations.reply(self._fresh(), opinion=text, by=BY))
        if verdict is not None:
            self._later(minutes=300)
            said = verdict.model_dump()
            citizen = self.actors.get(self.told.by)
            if citizen is not None:
                self._at(lambda: operations.rate(self._fresh(), by=citizen, **said))
            else:
                said["opinion"] = said.pop("comment")
                operator = self.actors[OPERATOR]
                self._at(lambda: operations.call(self._fresh(), reached=True, by=operator, **said))

    def _publish(self, by: Citizen) -> None:
        order = self._fresh()
        last = order.replies.filter(final=True).order_by("-pk")[0].text
        operations.publish(
            order, text=callers.without_names(self.told.text), answer=callers.without_names(last, office=True), by=by
        )

    def _dispatch(self, office: str, by: Citizen) -> None:
        self._later(minutes=25)
        found = Department.objects.get(key=office)
        self._at(lambda: operations.dispatch(self._fresh(), office=found, subject=self.told.subject, by=by))

    def _fresh(self) -> Request:
        return Request.objects.select_related("case__department", "case__applicant").get(
            case__number=self.numbers[self.told.key]
        )

    def _later(self, *, days: int = 0, minutes: int = 0) -> None:
        if days:
            day = self.calendar.add(clock.local_day(self.moment), days)
            self.moment = datetime.combine(day, self.moment.astimezone(clock.CHINA).timetz())
        self.moment += timedelta(minutes=minutes)

    def _at(self, do: Callable[[], Any]) -> None:
        self.found.append((self.moment, do))


PACK = Pack("request_stories", StoryFile, lambda path, file: None, rank=91, check=check)
