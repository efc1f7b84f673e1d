"""Service items (事项): what the law says (`ServiceItem`), how one office does it (`ImplementingItem`). Pure data.

Every element of the national implementation list (GB/T 39554.2, services.md §2.7) has its place here; `elements` maps
them, `lint` holds the rules of publication. Parts of an item stand in `parts`.
"""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Discriminator, RootModel, StringConstraints, Tag
from pydantic import Field as Given

from hexi.blocks.cases import codes
from hexi.blocks.cases.parts import (
    ACCOUNT,
    Basis,
    Body,
    Check,
    Code,
    Condition,
    Contact,
    Decision,
    Excluded,
    Fee,
    Joint,
    LetterKind,
    LetterText,
    Lower,
    Material,
    Online,
    Penalty,
    Place,
    Pledge,
    Question,
    Quota,
    Renewal,
    Result,
    SpecialProcedure,
    Stage,
    Step,
    TimeLimit,
    Topics,
)
from hexi.blocks.forms.definitions import Form, Slot
from hexi.kernel.packs import PackModel, Words, digest

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=80)]
RegionCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]
#: what may stand where national serial numbers are unknown: main items from 99001 on are made up
DEMO_MAIN_ITEM = "99"


class ServiceItem(PackModel):
    """The national element of a service: what law and standards say, the same in every region.

    `base_code` is 基本编码 (12: region 00, type 2, main item 5, sub-item 3); `base_code_source` says where it was
    read, empty if it is made up (then its main item begins with 99). `aliases` are the words people really type.
    `promise_allowed` is 告知承诺; `joint` that several departments handle it together (art. 26, 45 + 15 days).
    `asks` gives, for a question that touches private life, why the law needs it (art. 29).
    `counts_from` is the moment from which the limits run; `notice_limit` replaces the five days of art. 32(4) where
    another law rules, and then silence accepts nothing. `supplement_limit` is the time to supplement what was asked
    for, where a law or the office names one. `notices` are paragraphs that a kind of letter gets for this item,
    `letters` the whole text of a kind in the item's own words. It is offered from `valid_from` through `valid_to`;
    `ending` tells what follows.
    """

    key: Slug
    title: Words
    aliases: tuple[str, ...] = ()
    sentence: Words
    item_type: Code("ITEM_TYPES")
    base_code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{12}$")]
    base_code_source: str = ""
    basis: tuple[Basis, ...] = ()
    audience: tuple[Code("AUDIENCES"), ...] = Given(min_length=1)
    topics: Topics
    life_events: tuple[Code("LIFE_EVENTS"), ...] = ()
    conditions: tuple[Condition, ...] = Given(min_length=1)
    legal_limit: TimeLimit
    counts_from: Literal["acceptance", "receipt"] = "acceptance"
    notice_limit: TimeLimit | None = None
    supplement_limit: TimeLimit | None = None
    extension: TimeLimit | None = None
    delivery_limit: TimeLimit | None = None
    quantity_limit: Words | None = None
    intermediary: tuple[Words, ...] = ()
    fee: Fee
    special_procedures: tuple[SpecialProcedure, ...] = ()
    promise_allowed: bool = False
    pledge: Pledge | None = None
    touches: tuple[Excluded, ...] = ()
    renewal: Renewal | None = None
    joint: bool = False
    result: Result
    steps: tuple[Step, ...] = Given(min_length=1)
    materials: tuple[Material, ...] = ()
    form: Form
    asks: dict[str, Words] = {}
    checklist: tuple[Check, ...] = ()
    decisions: tuple[Decision, ...] = Given(min_length=1)
    notices: dict[LetterKind, Words] = {}
    letters: dict[LetterKind, LetterText] = {}
    faq: tuple[Question, ...] = ()
    rights: tuple[Words, ...] = ()
    duties: tuple[Words, ...] = ()
    remedies: Words
    penalties: tuple[Penalty, ...] = ()
    valid_from: date
    valid_to: date | None = None
    ending: Words | None = None

    @property
    def is_permit(self) -> bool:
        """True if 行政许可法 rules it."""
        return self.item_type == codes.PERMIT

    @property
    def is_demo(self) -> bool:
        """True if the base code is made up."""
        return not self.base_code_source

    @property
    def stages(self) -> tuple[Step, ...]:
        """The steps that are an official's task, in order: accept, examine, review, decide, certify, deliver."""
        return tuple(step for step in self.steps if step.stage)

    def material(self, key: str) -> Material:
        """The material of this key; `KeyError` if there is none."""
        return _named(self.materials, key)

    def decision(self, key: str) -> Decision:
        """The decision of this key; `KeyError` if there is none."""
        return _named(self.decisions, key)

    def slots(self) -> tuple[Slot, ...]:
        """The places for files: every material but the form itself and what the sign-in proves.

        What a pledge may replace is not required here; without the pledge the intake asks for it.
        """
        wanted = [one for one in self.materials if not one.is_form and ACCOUNT not in one.have_it]
        spared = self.pledge.replaces if self.pledge else ()
        return tuple(
            slot.model_copy(update={"required": False}) if slot.key in spared else slot
            for slot in (one.slot() for one in wanted)
        )

    def offered(self, day: date) -> bool:
        """True if the item can be applied for on that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class ImplementingItem(PackModel):
    """How one office of one region carries out a service item: where, when, how fast, through which channels.

    `department` is the key of a department of the region's pack; its credit code, `use_level` and the base code make
    the implementation code. `plan` is the office's own time for each stage, together not longer than the promise.
    `joint` names the departments that review side by side, `lower` the office that examines first, `quota` what may be
    granted a year. `reconsideration` and `court` are where to go against the decision in words, the two bodies with
    address and telephone. `power_content` and `power_division` are 行使内容 and 权限划分. `demo` says what is invented.
    """

    item: Slug
    region: RegionCode
    department: Slug
    use_level: Code("LEVELS")
    nature: Code("NATURES")
    entrusted_by: Words | None = None
    power_source: Code("POWER_SOURCES") = "statutory"
    state: Code("ITEM_STATES") = "in_force"
    local_code: str = ""
    local_task_code: str = ""
    handling_number: Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")] = "01"
    case_type: Code("CASE_TYPES")
    promised_limit: TimeLimit
    plan: dict[Stage, TimeLimit] = {}
    handling: tuple[Code("HANDLING"), ...] = Given(min_length=1)
    places: tuple[Place, ...] = Given(min_length=1)
    consult: Contact
    complain: Contact
    visits: int = Given(ge=0, le=9)
    visit_reason: Words | None = None
    online: Online
    express: bool
    express_note: Words | None = None
    appointment: bool
    terminal: bool = False
    pay_online: bool
    hall: bool
    reach: Code("REACH")
    promise: Words
    joint_departments: tuple[Words, ...] = ()
    joint: Joint | None = None
    lower: Lower | None = None
    quota: Quota | None = None
    town_code: RegionCode | None = None
    village_code: RegionCode | None = None
    power_content: Words | None = None
    power_division: Words | None = None
    reconsideration: Words
    court: Words
    reconsideration_body: Body | None = None
    court_body: Body | None = None
    demo: Words | None = None

    @property
    def is_online(self) -> bool:
        """是否网办: an application can be sent in online."""
        return self.online.depth in ("3", "4")


def _which(content: Any) -> str:
    if isinstance(content, dict):
        return "implementing" if "item" in content else "national"
    return "implementing" if isinstance(content, ImplementingItem) else "national"


class ServiceFile(
    RootModel[
        Annotated[
            Annotated[ServiceItem, Tag("national")] | Annotated[ImplementingItem, Tag("implementing")],
            Discriminator(_which),
        ]
    ]
):
    """One file of `packs/services/`: a national element, or (with `item:`) the implementing item of a region."""


def task_code(credit_code: str, level: str, base_code: str) -> str:
    """实施编码, 31 characters: credit code of the office (18) + level (1) + base code (12). Raises `ValueError`."""
    if (len(credit_code), len(level), len(base_code)) != (18, 1, 12):
        raise ValueError(f"18 + 1 + 12 characters wanted, got {credit_code!r}, {level!r}, {base_code!r}")
    return f"{credit_code}{level}{base_code}"


def handling_code(task: str, number: str) -> str:
    """业务办理项编码, 33 characters: implementation code + two digits."""
    if len(task) != 31 or len(number) != 2:
        raise ValueError(f"31 + 2 characters wanted, got {task!r}, {number!r}")
    return task + number


def version(item: ServiceItem, local: ImplementingItem) -> str:
    """事项版本: the hash of the whole text; a changed comma is another version."""
    return digest({"national": said(item), "implementing": said(local)})


def said(thing: PackModel) -> dict[str, Any]:
    """What an element's text says, and nothing that the schema adds by itself."""
    return thing.model_dump(mode="json", exclude_defaults=True)


def _named(things: tuple[Any, ...], key: str) -> Any:
    for thing in things:
        if thing.key == key:
            return thing
    raise KeyError(key)
