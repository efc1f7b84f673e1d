"""The demo's story: a few cases told from the past to today, through the very operations a person's clicks call.

`packs/<region>/stories/*.yaml`. Everything is made up; pictures of materials say so on themselves.
"""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw, ImageFont
from pydantic import Field

from hexi.blocks.audit.operations import change
from hexi.blocks.calendars.queries import calendar_for
from hexi.blocks.cases import bundle_intake, bundled, intake, operations
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import Case, Item
from hexi.blocks.cases.operations import publishing
from hexi.blocks.documents import fonts
from hexi.blocks.documents import operations as documents
from hexi.blocks.forms import operations as forms
from hexi.blocks.forms.models import Draft
from hexi.blocks.forms.queries import Standing
from hexi.blocks.notices import operations as notices
from hexi.blocks.notices.models import Line
from hexi.blocks.people import queries as people
from hexi.blocks.people.actors import Citizen
from hexi.blocks.people.models import Account, Person
from hexi.kernel import clock, packs
from hexi.kernel.actors import System
from hexi.kernel.packs import Absent, Fault, PackModel, line_of
from hexi.site import happenings

BY = System("demo")
#: "+30d" in an answer: so many days after the day it is given
RELATIVE = re.compile(r"([+-]\d+)d")
Do = Literal[
    "accept", "give_back", "ask_correction", "not_needed", "reject", "examine", "review", "send_back", "grant",
    "refuse", "extend", "pause", "resume", "certify", "deliver", "withdraw", "claim", "answer", "say",
    "report", "pay", "rate", "contact", "answer_rating", "rate_again",
]  # fmt: skip


class Happening(PackModel):
    """One thing somebody did: an action of the case, or one of `happenings.SPECIAL`, or `answer` (what was asked for).

    `part` is the item of a bundle whose case it is done to.
    """

    do: Do
    by: str
    part: str = ""
    days: int = Field(0, ge=0, description="working days after what happened before")
    at: time
    facts: dict[str, Any] = {}


class Story(PackModel):
    """One application: who, for what, so many working days before today, with which answers, and what became of it.

    For one `item`, or for a `bundle` of them (一件事).
    """

    key: str
    by: str
    body: str = Field("", description="credit code of the body it is for")
    item: str = ""
    bundle: str = ""
    days_ago: int = Field(ge=0)
    at: time
    answers: dict[str, Any] = {}
    delivery: str = ""
    sent: bool = True
    then: list[Happening] = []


class Visit(PackModel):
    """An appointment for a window: the first free time at least so many days ahead."""

    by: str
    hall: str
    queue: str
    matter: str = ""
    days: int = Field(ge=1)


class StoryFile(PackModel):
    """`packs/stories/*.yaml`."""

    stories: list[Story]
    visits: list[Visit] = []


def load(path: Path, file: StoryFile) -> None:
    """Nothing to put into tables when an installation is set up: `hexi demo` tells the stories."""


def check(path: Path, file: StoryFile) -> list[Fault]:
    """Everybody in a story is one of the demo people, every item is shipped."""
    from hexi.blocks.people.shipped import DemoFile

    demo = [packs.read(one, DemoFile) for one in packs.files("people")]
    known = {one.username for one_file in demo for one in (*one_file.citizens, *one_file.officials)}
    node = packs.nodes(path)
    faults = []
    for place, story in enumerate(file.stories):
        for name in {story.by, *(one.by for one in story.then)} - known:
            faults.append(Fault(path, line_of(node, ("stories", place)), f"没有用户 {name} / no such demo person"))
        if not story.bundle and not _here(story):
            line = line_of(node, ("stories", place, "item"))
            faults.append(Absent(path, line, f"没有事项 {story.item} / no such item"))
        if story.bundle and not _here(story):
            line = line_of(node, ("stories", place, "bundle"))
            faults.append(Absent(path, line, f"没有这件事 {story.bundle} / no such bundle"))
    for place, visit in enumerate(file.visits):
        if visit.by not in known:
            faults.append(Fault(path, line_of(node, ("visits", place)), f"没有用户 {visit.by} / no such demo person"))
    return faults


def tell() -> int:
    """Tell every story, once: all in one transaction, so that a demo that was interrupted tells them again."""
    files = [packs.read(path, StoryFile) for path in packs.files("stories")]
    stories = [one for file in files for one in file.stories if _here(one)]
    if Draft.objects.exists() or Case.objects.exclude(submission__startswith="synthetic:").exists():
        return 0  # told already, or people have begun to live here
    with change(BY, "demo.stories") as note:
        for story in stories:
            _tell(story)
        for visit in [one for file in files for one in file.visits]:
            happenings.book(_actor(visit.by), visit.hall, visit.queue, visit.matter, visit.days, by=BY)
        note.rows = [story.key for story in stories]
    return len(stories)


def _here(story: Story) -> bool:
    """True unless the domain that brings what it is about is switched off."""
    return story.bundle in bundled.shipped() if story.bundle else story.item in publishing.shipped()


def _tell(story: Story) -> None:
    what = _bundle(story.bundle) if story.bundle else _item(story.item)
    calendar = calendar_for(what.region_code)
    # who acts is asked outside the past: the posts of the demo begin today
    actors = {name: _actor(name) for name in {story.by, *(one.by for one in story.then)}}
    day = calendar.back(clock.today() + timedelta(days=1), story.days_ago + 1)
    with _at(datetime.combine(day, story.at, clock.CHINA)):
        number = _apply(story, what, actors[story.by])
    for one in story.then:
        day = calendar.add(day, one.days)
        with _at(datetime.combine(day, one.at, clock.CHINA)):
            _happen(_case(number, one.part), one, actors[one.by])


def _item(key: str) -> Item:
    return Item.objects.select_related("version", "department").get(key=key, status=Item.Status.PUBLISHED)


def _bundle(key: str) -> bundled.Offer:
    return next(one for one in bundled.everywhere() if one.file.key == key)


def _case(number: str, part: str) -> Case:
    """The case of this number, or of this part of the bundle."""
    return (
        Case.objects.get(bundle_part__bundle__number=number, bundle_part__item=part)
        if part
        else Case.objects.get(number=number)
    )


@contextmanager
def _at(moment: datetime) -> Iterator[None]:
    """What is not yet so late today happens now."""
    with clock.told_at(min(moment, clock.now())):
        yield


def _apply(story: Story, what: Item | bundled.Offer, citizen: Citizen) -> str:
    """Fill in, hand in, send; the number, or "" if it stays a draft."""
    body = people.identifier_of(story.body, type=people.CREDIT) if story.body else None
    person = body.person_id if body else citizen.person_id
    assert person is not None
    draft = _begun(what, person, citizen)
    forms.save_step(draft, raw=_dated(story.answers), version=draft.version, by=citizen)
    draft.refresh_from_db()
    if not story.sent:
        return ""
    _hand_in(draft, citizen, _optional(what))
    if isinstance(what, bundled.Offer):
        way = story.delivery or bundle_intake.deliveries(what)[0]
        return bundle_intake.submit(draft, version=draft.version, by=citizen, delivery=way)
    way = story.delivery or intake.deliveries(definition(what.version))[0]  # type: ignore[arg-type]
    return intake.submit(draft, version=draft.version, by=citizen, delivery=way)


def _begun(what: Item | bundled.Offer, person: int, citizen: Citizen) -> Draft:
    if isinstance(what, bundled.Offer):
        return bundle_intake.start(what, person_id=person, by=citizen)
    return forms.start(
        intake.ITEM, ref=str(what.pk), digest=what.version.digest, by=citizen, region_code=what.region_code,  # type: ignore[union-attr]
        person_id=person,
    )  # fmt: skip


def _optional(what: Item | bundled.Offer) -> set[str]:
    """The places for files that need none."""
    if isinstance(what, bundled.Offer):
        return {one.slot.key for one in what.whole.papers if one.material.need == "optional"}
    return {one.key for one in definition(what.version).national.materials if one.need == "optional"}  # type: ignore[arg-type]


def _hand_in(draft: Draft, citizen: Citizen, optional: set[str]) -> None:
    """A picture for every material that is not optional."""
    owner = Person.objects.get(pk=draft.person_id)
    for wanted in Standing(draft).materials:
        if wanted.slot.key not in optional:
            content = ContentFile(picture(str(wanted.slot.title), owner.name))
            documents.store(
                content, name=f"{wanted.slot.title}.jpg", by=citizen, owner=owner, thing=(intake.DRAFT, str(draft.pk)),
                slot=wanted.slot.key,
            )  # fmt: skip


def _happen(case: Case, one: Happening, actor: Citizen) -> None:
    special: dict[str, Callable[[], Any]] = {
        "claim": lambda: operations.claim(case.tasks.get(done_at=None), by=actor),
        "answer": lambda: _answer(case, actor, one.facts),
        "say": lambda: notices.say(case, topic="", side=_side(actor), by=actor, **one.facts),
    }
    if one.do in happenings.SPECIAL:
        happenings.SPECIAL[one.do](case, actor, one.facts)
    else:
        special.get(one.do, lambda: getattr(operations, one.do)(case, by=actor, **one.facts))()


def _answer(case: Case, citizen: Citizen, facts: dict[str, Any]) -> None:
    """Send in what the office asked for."""
    draft = intake.reopen(case, by=citizen)
    forms.save_step(draft, raw=_dated(facts), version=draft.version, by=citizen)
    draft.refresh_from_db()
    intake.submit(draft, version=draft.version, by=citizen)


def _side(actor: Citizen) -> Line.Side:
    return Line.Side.OFFICE if actor.official else Line.Side.CITIZEN


def _actor(username: str) -> Citizen:
    return people.actor_for(Account.objects.select_related("person").get(username=username))


def _dated(value: Any) -> Any:
    """Answers with "+30d" turned into days."""
    if isinstance(value, dict):
        return {key: _dated(one) for key, one in value.items()}
    found = RELATIVE.fullmatch(value) if isinstance(value, str) else None
    return (clock.today() + timedelta(days=int(found[1]))).isoformat() if found else value


def picture(title: str, name: str) -> bytes:
    """A page that stands for a material: its title, whose it is, and that it is no real paper. A JPEG."""
    page = Image.new("RGB", (900, 1240), "#F4F1EA")
    brush = ImageDraw.Draw(page)
    large, small = (ImageFont.truetype(str(fonts.file_of()), size) for size in (44, 26))
    brush.rectangle((60, 60, 840, 1180), fill="#FFFFFF", outline="#C9C0AC", width=2)
    brush.text((450, 150), title, fill="#1F2933", font=large, anchor="mm")
    brush.line((120, 200, 780, 200), fill="#B3372B", width=3)
    for row, width in enumerate((620, 580, 640, 520, 600, 440)):
        brush.rectangle((130, 300 + row * 70, 130 + width, 314 + row * 70), fill="#DDD6C8")
    brush.text((130, 240), f"申请人：{name}", fill="#1F2933", font=small)
    brush.text((450, 1110), "演示材料，不是真实文件 · DEMO, NOT A REAL PAPER", fill="#B3372B", font=small, anchor="mm")
    file = io.BytesIO()
    page.save(file, "JPEG", quality=82)
    return file.getvalue()
