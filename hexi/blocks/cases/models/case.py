"""Tables of a case: itself, its clocks and their changes, pauses, tasks, events, letters; counters of numbers."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from hexi.blocks.calendars.clocks import Light, Limit, Unit, light
from hexi.blocks.cases.models.items import Item, ItemVersion
from hexi.blocks.cases.states import Outcome, State
from hexi.blocks.forms.models import SealedJSON
from hexi.kernel import clock
from hexi.kernel.fixed import Fixed, Given
from hexi.ui.words import english, mask_name

#: the kind of case that this block knows itself; others are declared by domains (`kinds.CaseKind`)
PERMIT = "permit"
#: the columns of a case's version that are large and seldom wanted: `definitions` knows most of them by their digest
RULES = ("version__national", "version__implementing")


class CaseQuerySet(models.QuerySet["Case"]):
    """Filters of one table."""

    def open(self) -> "CaseQuerySet":
        """Not ended."""
        return self.filter(ended_at=None)

    def permits(self) -> "CaseQuerySet":
        """Those that stand on a service item."""
        return self.filter(kind=PERMIT)


class Case(models.Model):
    """One matter (办件): of a permit always by an item and for an applicant; others may have neither."""

    kind = models.CharField(max_length=12, default=PERMIT, help_text="see `kinds.CaseKind`")
    number = models.CharField(max_length=60, unique=True, help_text="permit: 31-digit code + yyyymmdd + serial")
    item = models.ForeignKey(Item, models.PROTECT, null=True, related_name="cases")
    version = models.ForeignKey(ItemVersion, models.PROTECT, null=True, related_name="cases")
    subject = models.CharField(max_length=80, blank=True, help_text="what figures split it by; permits have their item")
    title = models.CharField(max_length=200)
    department = models.ForeignKey("regions.Department", models.PROTECT, related_name="+", db_index=False)
    region_code = models.CharField(max_length=12, help_text="of the office, for rights")
    applicant = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="cases", db_index=False)
    applicant_name = models.CharField(max_length=200)
    phone = models.CharField(max_length=40, blank=True)
    channel = models.CharField(max_length=12, default="portal")
    answers = SealedJSON(default=dict)
    submission = models.CharField(max_length=80, unique=True, help_text="what was submitted, so that it counts once")
    state = models.CharField(max_length=12, choices=State, default=State.SUBMITTED, help_text="of its kind's states")
    submitted_at = models.DateTimeField()
    received_at = models.DateTimeField(help_text="when the materials now on file came in (after 补正: the supplement)")
    accepted_at = models.DateTimeField(null=True, help_text="legal moment of acceptance")
    deemed = models.BooleanField(default=False, help_text="accepted by the end of the five days, art. 32(4)")
    decided_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)
    decision = models.CharField(max_length=40, blank=True, default="", help_text="which of the item's own decisions")
    ended_at = models.DateTimeField(null=True)
    delivery = models.CharField(max_length=12, default="online", help_text="online, window or courier")
    delivery_to = SealedJSON(null=True, help_text="courier: name, phone, address; sealed")
    certificate_ref = models.CharField(max_length=120, blank=True, help_text="identifier of the certificate issued")
    next_due = models.DateTimeField(null=True, help_text="soonest running clock")
    revision = models.IntegerField(default=1, help_text="raised by every change: a stale page is refused")

    objects = CaseQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["applicant", "-id"]),
            # lists: each ends in the key, as their order does, so that a page is read off the index
            models.Index(fields=["next_due", "id"], name="cases_case_soonest"),
            models.Index(fields=["submitted_at", "id"], name="cases_case_latest"),
            models.Index(fields=["department", "next_due", "id"], name="cases_case_office"),
            models.Index(fields=["region_code", "next_due", "id"], name="cases_case_region"),
            models.Index(fields=["state", "next_due", "id"], name="cases_case_state"),
            # few of all cases are open: what rights ask stands beside, so that they are counted without the rows
            models.Index(
                fields=["next_due", "id", "department", "region_code", "applicant", "state", "kind"],
                name="cases_case_open",
                condition=Q(ended_at=None),
            ),
            models.Index(fields=["-decided_at"], name="cases_case_decided", condition=Q(decided_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind=PERMIT) | Q(item__isnull=False, version__isnull=False, applicant__isnull=False),
                name="cases_case_permit_whole",
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.number}"

    @property
    def name(self) -> str:
        """What was applied for, in the language of the page: as it was called then, or its English name."""
        return self.item.title_en if english() and self.item else self.title

    @property
    def applicant_masked(self) -> str:
        """Who applies, as lists for more than the office at work show it: a person by the surname only."""
        body = self.applicant is not None and not self.applicant.natural
        return self.applicant_name if body else mask_name(self.applicant_name)

    def open_task(self) -> "Task | None":
        """What the office that has the case is to do now; not what other departments review beside it."""
        task = _OPEN_TASK.first(case=self.pk)
        if task is not None:
            task.case = self
        return task


class Clock(models.Model):
    """One legal clock of a case, its due moment stored so that lists can sort by it."""

    class Kind(models.TextChoices):
        """Of 行政许可法 art. 32 (5 days), 43 (lower office), 42 (legal), the office's promise, 45, 44 (delivery).

        The special one is what a special procedure was said to need (art. 45); it runs while the others stand still.
        """

        NOTICE = "notice"
        LOWER = "lower"
        LEGAL = "legal"
        PROMISED = "promised"
        SPECIAL = "special"
        DELIVERY = "delivery"

    case = models.ForeignKey(Case, models.CASCADE, related_name="clocks")
    kind = models.CharField(max_length=8, choices=Kind)
    start = models.DateTimeField(help_text="the event; its day is day 0")
    amount = models.PositiveIntegerField()
    unit = models.CharField(max_length=16, default=Unit.WORKING_DAYS)
    due = models.DateTimeField(null=True, help_text="empty while a pause is open")
    near = models.DateTimeField(null=True, help_text="from here the light is ochre")
    uncertain = models.BooleanField(default=False, help_text="reaches into a year whose calendar is not announced")
    stopped_at = models.DateTimeField(null=True)
    met = models.BooleanField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "kind"], name="cases_clock_once")]
        indexes = [
            models.Index(fields=["kind", "due"], name="cases_clock_running", condition=Q(stopped_at=None)),
            models.Index(fields=["near", "due", "case"], name="cases_clock_near", condition=Q(stopped_at=None)),
        ]

    @property
    def length(self) -> Limit:
        """The limit as the calendar counts it."""
        return Limit(self.amount, Unit(self.unit))

    def light(self, now: datetime | None = None) -> Light:
        """How the clock stands: at its end if it was stopped, else now."""
        return light(self.due, self.near, self.stopped_at or now or clock.now())


class DueChange(models.Model):
    """Why a due moment moved: the old one stays on record."""

    clock = models.ForeignKey(Clock, models.CASCADE, related_name="changes")
    at = models.DateTimeField()
    why = models.CharField(max_length=200)
    old = models.DateTimeField(null=True)
    new = models.DateTimeField(null=True)


class Pause(models.Model):
    """A special procedure: its time does not count (art. 45)."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="pauses")
    procedure = models.CharField(max_length=16)
    reason = models.TextField()
    planned_days = models.PositiveSmallIntegerField(help_text="working days told to the applicant in writing")
    start = models.DateTimeField()
    end = models.DateTimeField(null=True)
    result = models.TextField(blank=True)
    reminded_at = models.DateTimeField(null=True, help_text="when the office was told that its planned end had passed")
    met = models.BooleanField(null=True, help_text="whether it ended as planned; null: it runs, or the law times it")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], name="cases_pause_one_open", condition=Q(end=None)),
        ]


class Extension(models.Model):
    """The one extension of the legal clock, approved by the head of the office (art. 42)."""

    case = models.OneToOneField(Case, models.CASCADE, related_name="extension")
    days = models.PositiveSmallIntegerField()
    reason = models.TextField()
    approved_by = models.CharField(max_length=200)
    at = models.DateTimeField()


#: stage of the tasks of other departments in a joint review: there may be several at once
JOINT = "joint"


class Task(models.Model):
    """One thing an office has to do now, one for a case but those of a joint review. Claimed by one official."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="tasks")
    stage = models.CharField(max_length=12)
    verb = models.CharField(max_length=40, help_text="right that may claim it")
    department = models.ForeignKey("regions.Department", models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=12)
    opened_at = models.DateTimeField()
    due = models.DateTimeField(null=True, help_text="soonest clock of the case, copied for sorting")
    claimed_by = models.ForeignKey("people.Account", models.PROTECT, null=True, related_name="+")
    claimed_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=80, blank=True)
    action = models.CharField(max_length=16, blank=True)
    checked = models.JSONField(default=list, help_text="keys of the checklist that are ticked")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], name="cases_task_one_open", condition=Q(done_at=None) & ~Q(stage="joint")
            ),
            models.UniqueConstraint(
                fields=["case", "department"], name="cases_task_joint_once", condition=Q(done_at=None, stage="joint")
            ),
        ]
        indexes = [
            models.Index(
                fields=["department", "verb", "due", "id", "region_code", "case"],
                name="cases_task_todo",
                condition=Q(done_at=None),
            ),
            models.Index(fields=["region_code", "due"], name="cases_task_region", condition=Q(done_at=None)),
            models.Index(fields=["claimed_by", "due"], name="cases_task_mine", condition=Q(done_at=None)),
        ]


_CLOCKS = Fixed(lambda: Clock.objects.filter(case_id=Given("case")))


def clocks_of(case: Case) -> list[Clock]:
    """Every clock of a case, as it is now."""
    return _CLOCKS.all(case=case.pk)


_OPEN_TASK = Fixed(
    lambda: (
        Task.objects.filter(case_id=Given("case"), done_at=None)
        .exclude(stage=JOINT)
        .select_related("claimed_by")
        .order_by("pk")
    )
)


class Event(models.Model):
    """One line of the timeline: who did what, when, with which opinion and paper."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="events")
    at = models.DateTimeField()
    action = models.CharField(max_length=24)
    actor_key = models.CharField(max_length=80)
    actor_name = models.CharField(max_length=200)
    office = models.CharField(max_length=200, blank=True)
    opinion = models.TextField(blank=True)
    public = models.BooleanField(default=True, help_text="the applicant sees it")
    letter = models.ForeignKey("Letter", models.PROTECT, null=True, related_name="+")


_EVENTS = Fixed(lambda: Event.objects.filter(case_id=Given("case")))


def events_of(case: Case) -> list[Event]:
    """The whole timeline of a case."""
    return _EVENTS.all(case=case.pk)


class Letter(models.Model):
    """A numbered paper to the applicant (受理, 不受理, 不予受理, 补正告知, 延期, 决定 …), kept as PDF."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="letters")
    kind = models.CharField(max_length=16)
    number = models.CharField(max_length=80, unique=True)
    issued_at = models.DateTimeField()
    facts = models.JSONField(default=dict)
    third_party = models.ForeignKey("ThirdParty", models.CASCADE, null=True, related_name="letters")
    document = models.ForeignKey("documents.Document", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            # art. 32(4): everything to be supplemented is told once
            models.UniqueConstraint(fields=["case"], name="cases_correction_once", condition=Q(kind="correction")),
        ]


class Counter(models.Model):
    """The last number given out under a key; its row lock makes numbers unique and, with rollbacks, free of gaps."""

    key = models.CharField(primary_key=True, max_length=120)
    value = models.BigIntegerField()
