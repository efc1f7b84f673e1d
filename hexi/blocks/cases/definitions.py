"""A published item as the code asks for it: limits, stages, points, remedy. Stands above models and items."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from hexi.blocks.calendars.clocks import Limit
from hexi.blocks.cases.items import ImplementingItem, ServiceItem, task_code
from hexi.blocks.cases.models import Case, ItemVersion
from hexi.blocks.cases.parts import Decision, SpecialProcedure
from hexi.blocks.cases.states import PROCEDURES, STAGES, State
from hexi.blocks.forms.conditions import holds
from hexi.blocks.people.models import Person
from hexi.blocks.regions.models import Department
from hexi.kernel.options import Option
from hexi.kernel.packs import Words

SUPPLEMENT_DAYS = Option(
    "cases.supplement_days", int, 30,
    "补正告知后几个工作日内补正；事项另有规定的从其规定。 / "
    "Working days to supplement what was asked for, unless the item says otherwise.",
)  # fmt: skip

#: 行政许可法 art. 32(4): five working days to tell what is missing, else deemed accepted
NOTICE = Limit(5)
#: 行政许可法 art. 42(1): one extension of at most ten working days, unless another law says so
PERMIT_EXTENSION = Limit(10)
#: art. 42(2): fifteen where departments handle it together
JOINT_EXTENSION = Limit(15)
#: art. 44: ten working days from the decision to deliver the certificate, unless another law says so
DELIVERY = Limit(10)
#: the special procedure that begins when a third party is named
THIRD_PARTY = "third_party"
#: the states between acceptance and decision, in order, by the stage an item may or may not have
EXAMINATION = {"examine": State.EXAMINING, "review": State.REVIEWING, "decide": State.DECIDING}


#: what conditions ask: the answer to a question, and what a form knows beside
Answers = Callable[[str], Any]


@dataclass(frozen=True)
class Stage:
    """What is to be done in a state, and the right that may do it."""

    key: str
    verb: str


@dataclass(frozen=True)
class Definition:
    """The national element and the implementing item of one version, together."""

    national: ServiceItem
    local: ImplementingItem

    @property
    def legal(self) -> Limit:
        """法定办结时限 (行政许可法 art. 42)."""
        return self.national.legal_limit.limit

    @property
    def notice(self) -> Limit:
        """By when it must be told what is missing."""
        return self.national.notice_limit.limit if self.national.notice_limit else NOTICE

    @property
    def deems(self) -> bool:
        """True if an application is accepted by law when nothing was told in time (行政许可法 art. 32(4))."""
        return self.national.notice_limit is None

    @property
    def supplement(self) -> Limit:
        """How long the applicant has for what the one correction notice asked for; the notice tells it."""
        return self.national.supplement_limit.limit if self.national.supplement_limit else Limit(SUPPLEMENT_DAYS.value)

    @property
    def promised(self) -> Limit:
        """承诺办结时限."""
        return self.local.promised_limit.limit

    @property
    def extension(self) -> Limit | None:
        """The one extension there may be, in the unit of the legal limit; None if the law knows none."""
        if self.national.extension:
            return self.national.extension.limit
        if self.national.joint:
            return JOINT_EXTENSION
        return PERMIT_EXTENSION if self.national.is_permit else None

    @property
    def delivery(self) -> Limit:
        """From the decision until the result is in the applicant's hands."""
        return self.national.delivery_limit.limit if self.national.delivery_limit else DELIVERY

    @property
    def procedures(self) -> dict[str, object]:
        """Special procedures whose time does not count: those of art. 45 for permits, and what the item's law names."""
        listed = self.national.special_procedures
        own = {one.kind: one.title for one in listed if not one.counts and one.kind != THIRD_PARTY}
        return (PROCEDURES if self.national.is_permit else {}) | own

    @property
    def views(self) -> SpecialProcedure | None:
        """The time a third party has for its view, where the item's law names one."""
        return next((one for one in self.national.special_procedures if one.kind == THIRD_PARTY), None)

    @property
    def certificate(self) -> str | None:
        """Key of the certificate type the item ends in, if any."""
        return self.national.result.certificate

    @property
    def granting(self) -> tuple[Decision, ...]:
        """The decisions that grant, wholly or in part; the first is the usual one."""
        return tuple(one for one in self.national.decisions if one.grants)

    @property
    def ways(self) -> list[tuple[str, Words]]:
        """The same to choose from."""
        return [(one.key, one.title) for one in self.granting]

    @property
    def remedy(self) -> str:
        """How to appeal: what the law says, and the two addresses (art. 38(2)); in Chinese, for letters."""
        parts = (self.national.remedies, self.local.reconsideration, self.local.court)
        return " ".join(words.zh for words in parts)

    @cached_property
    def points(self) -> dict[str, Words]:
        """Everything that can be asked to be corrected: fields and materials by key."""
        fields = {field.key: field.label for _, field in self.national.form.fields()}
        return fields | {material.key: material.title for material in self.national.materials}

    @cached_property
    def stages(self) -> tuple[str, ...]:
        """Keys of the stages that are tasks, in order."""
        return tuple(step.stage for step in self.national.stages if step.stage)

    def next_state(self, after: State | None, answers: Answers) -> State:
        """The state that follows `after` (None: acceptance) on the way to the decision, for these answers."""
        asked = {step.stage for step in self.national.stages if holds(step.when, answers)}
        wanted = [state for key, state in EXAMINATION.items() if key in asked or key == "decide"]
        later = wanted[wanted.index(after) + 1 :] if after in wanted else wanted
        return later[0] if later else State.DECIDING


def definition(version: ItemVersion) -> Definition:
    """The parsed text of a version; parsed once a process, and only then read if its columns were deferred."""
    found = _parsed.get(version.digest)
    if found is None:
        if version.get_deferred_fields():
            version.refresh_from_db(fields=["national", "implementing"])
        found = Definition(
            ServiceItem.model_validate(version.national), ImplementingItem.model_validate(version.implementing)
        )
        _keep(version.digest, found)
    return found


#: texts that a process keeps parsed
KEPT = 2000
_parsed: dict[str, Definition] = {}


def remember(digest: str, national: ServiceItem, local: ImplementingItem) -> None:
    """What was just published need not be parsed again by who listens."""
    _keep(digest, Definition(national, local))


def _keep(digest: str, found: Definition) -> None:
    """Keep it, and let the oldest go: an import that publishes a batch still finds the whole batch."""
    while len(_parsed) >= KEPT:
        _parsed.pop(next(iter(_parsed)), None)
    _parsed[digest] = found


def answers_to(answers: dict[str, Any], applicant: Person | None) -> Answers:
    """What conditions of the item ask of these answers."""
    kind = "person" if applicant is None or applicant.natural else "body"
    return ({"applicant": kind} | answers).get


def answers_of(case: Case) -> Answers:
    """The same of a case."""
    return answers_to(case.answers, case.applicant)


def code_of(version: ItemVersion) -> str:
    """实施编码, 31 characters."""
    rules = definition(version)
    return task_code(version.item.department.uscc, rules.local.use_level, rules.national.base_code)


def stage_of(case: Case) -> Stage | None:
    """The task the case's state asks of an office; None while the applicant is to act, and at the end."""
    found = STAGES.get(State(case.state))
    return Stage(*found) if found else None


def first_office(version: ItemVersion) -> tuple[Department, str]:
    """The office that accepts, and the region its rights hold in: the lower one of two levels, else the item's own."""
    lower, item = definition(version).local.lower, version.item
    if lower is None:
        return item.department, item.region_code
    office = Department.objects.get(key=lower.department)
    return office, office.region_code


def first_stage(case: Case) -> State:
    """The state acceptance leads to: the lower office's examination if there is one."""
    rules = definition(case.version)
    return State.LOWER if rules.local.lower else rules.next_state(None, answers_of(case))


def stage_after(case: Case) -> State:
    """The state the present stage leads to."""
    return definition(case.version).next_state(State(case.state), answers_of(case))
