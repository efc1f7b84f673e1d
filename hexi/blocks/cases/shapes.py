"""What the hall's JSON endpoints take and give. Beside `api`."""

from datetime import datetime
from typing import Any, Literal

from ninja import Field, Schema
from pydantic import ConfigDict

from hexi.ui.api import Page


class Told(Schema):
    """A text in both languages."""

    zh: str
    en: str


class Office(Schema):
    """A department."""

    key: str
    uscc: str
    name: Told


class ItemLine(Schema):
    """An item in a list; `id` is what other calls name it by."""

    id: int
    key: str
    region: str
    title: Told
    sentence: Told
    department: Office
    task_code: str = Field(description="实施编码, 31 characters")
    version: str
    online: bool


class SlotLine(Schema):
    """A place for files; `required` and `when` are true, false or a JsonLogic condition on the answers."""

    key: str
    title: Told
    required: Any
    when: Any
    max_files: int


class ItemFull(ItemLine):
    """An item with every national element under its public column name, and its form."""

    elements: dict[str, Any]
    form: dict[str, Any]
    slots: list[SlotLine]
    deliveries: list[str]


class Items(Page):
    """A page of items."""

    items: list[ItemLine]


Clocks = Literal["notice", "lower", "legal", "promised", "special", "delivery"]


class ClockLine(Schema):
    """A legal clock; without `due` it stands still."""

    kind: Clocks
    due: datetime | None
    uncertain: bool = Field(description="due reaches into a year whose holidays are not announced: it may still move")
    stopped_at: datetime | None
    light: str


class DueMoved(Schema):
    """A due moment that moved; null: the clock stood still then."""

    kind: Clocks
    at: datetime
    why: str
    old: datetime | None
    new: datetime | None


class LetterLine(Schema):
    """A numbered paper to the applicant."""

    kind: str
    number: str
    issued_at: datetime


class Asked(Schema):
    """One thing the applicant is to mend: key of a field or material, and how."""

    point: str
    sentence: str


class EventLine(Schema):
    """A line of the timeline that the applicant sees."""

    at: datetime
    action: str
    office: str
    opinion: str


class CaseLine(Schema):
    """A case in a list; a natural person's name is masked."""

    number: str
    title: str
    item: int
    applicant: str
    state: str
    state_name: str
    outcome: str
    outcome_name: str = Field(description="in words; a granted case that ended before its certificate says so")
    submitted_at: datetime
    next_due: datetime | None
    next_due_uncertain: bool = Field(description="a year whose holidays are not announced may still move it")


class Certified(Schema):
    """A certificate: its directory record (GB/T 36902) and what it counts for now."""

    identifier: str
    number: str
    type: str
    state: str
    state_name: str
    valid_from: str
    valid_to: str | None
    sha256: str = Field(description="of the page that was signed, without its record")
    record: dict[str, Any]


class CaseFull(CaseLine):
    """A case; parts asked for by `expand` are null where this key may not see them."""

    revision: int
    received_at: datetime
    accepted_at: datetime | None
    deemed: bool
    decided_at: datetime | None
    ended_at: datetime | None
    delivery: str
    clocks: list[ClockLine]
    due_changes: list[DueMoved] = Field(description="newest first")
    letters: list[LetterLine]
    asked: list[Asked]
    events: list[EventLine] | None = None
    item_full: ItemFull | None = None
    certificate: Certified | None = None


class Cases(Page):
    """A page of cases."""

    items: list[CaseLine]


class Decision(Schema):
    """What was decided, with the letter's number; `reason`, `remedy` and `parts` (left out) as in the letter."""

    outcome: Literal["granted", "refused"]
    decided_at: datetime
    letter: LetterLine | None
    reason: str
    remedy: str
    parts: str = ""


class Hint(Schema):
    """What speaks against a file that came: the wrong paper, expired, blurred. It was taken all the same."""

    slot: str
    name: str
    hint: str


class Received(Schema):
    """What became of an application or a supplement."""

    hints: list[Hint] = []

    number: str
    state: str
    notice_due: datetime | None = Field(description="by when the office must say whether it accepts")
    notice_due_uncertain: bool = Field(False, description="a year whose holidays are not announced may still move it")


class Strict(Schema):
    """Names nobody knows are refused."""

    model_config = ConfigDict(extra="forbid")


class Who(Strict):
    """The applicant, whom the asking system has identified."""

    type: str = Field("111", max_length=8, description="GA/T 2000.156: 111 identity card; 001 credit code of a body")
    number: str = Field(min_length=1, max_length=40)
    name: str = Field(min_length=1, max_length=200)
    kind: Literal["1", "2", "3", "4", "5", "6"] = "1"
    phone: str = Field("", max_length=20)


class FileIn(Strict):
    """A file in Base64; for large ones use the multipart call."""

    slot: str = Field(max_length=120)
    name: str = Field(max_length=200)
    content: str


class Materials(Strict):
    """What was promised to follow."""

    files: list[FileIn] = Field(min_length=1, max_length=50)


class Supplement(Strict):
    """What replaces or completes what was handed in."""

    answers: dict[str, Any] = {}
    files: list[FileIn] = Field([], max_length=50)


class Asking(Supplement):
    """Who applies, and how what comes of it reaches him."""

    applicant: Who
    delivery: Literal["online", "window", "courier"] = "online"
    delivery_to: dict[str, str] | None = None


class Application(Asking):
    """An application."""

    item: int = Field(ge=1, le=2**31)
    signed: list[Literal["deferral", "pledge"]] = Field(
        [],
        description="promises the applicant signed: that papers follow (容缺), that he meets the conditions (告知承诺)",
    )


class BundleApplication(Asking):
    """An application for a bundle."""

    region: str = Field(pattern=r"^[0-9]{12}$", description="the division whose offices do it, from the catalogue")
    signed: list[str] = Field(
        [], max_length=40, description="promises the applicant signed, for each item: deferral:<item>, pledge:<item>"
    )


class BundleItem(Schema):
    """One item of a bundle: begun when those it is `after` are granted. `may_sign`: what may be left to a promise."""

    item: str
    title: Told
    department: Office
    after: list[str]
    may_sign: list[str]


class BundleLine(Schema):
    """A bundle (一件事) in a list; it is named by `key` and `region`."""

    key: str
    region: str
    title: Told
    sentence: Told
    version: str
    items: list[BundleItem]


class BundleFull(BundleLine):
    """A bundle with the one form for all its items and the places for files."""

    form: dict[str, Any]
    slots: list[SlotLine]
    deliveries: list[str]


class Bundles(Schema):
    """The bundles on offer."""

    items: list[BundleLine]


class PartLine(Schema):
    """How one item of an application for a bundle stands; `case` is its number once it has begun."""

    item: str
    title: str
    state: Literal["waiting", "running", "done", "failed", "dropped"]
    case: str | None
    why: str


class BundleReceived(Schema):
    """An application for a bundle, and how its parts stand; hints when it comes."""

    hints: list[Hint] = []

    number: str
    submitted_at: datetime
    ended_at: datetime | None
    parts: list[PartLine]
