"""Tables of cases: items and their versions, cases, clocks, tasks, events, letters, numbers, daily counts."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from hexi.blocks.calendars.clocks import Light, Limit, Unit, light
from hexi.blocks.cases.states import OPEN, Outcome, State
from hexi.blocks.forms.models import SealedJSON
from hexi.kernel import clock


class Item(models.Model):
    """A service item (事项) as one department of one region implements it."""

    class Status(models.TextChoices):
        """Whether the public can find it."""

        DRAFT = "draft"
        PUBLISHED = "published"
        WITHDRAWN = "withdrawn"

    key = models.SlugField(max_length=80)
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    region_code = models.CharField(max_length=12, db_index=True)
    department = models.ForeignKey("regions.Department", models.PROTECT, related_name="+")
    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFT)
    version = models.ForeignKey("ItemVersion", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "region_code"], name="cases_item_once")]

    def __str__(self) -> str:
        return self.title


class ItemVersion(models.Model):
    """One published text of an item, named by the hash of its content; running cases keep the one they started with."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="versions")
    digest = models.CharField(max_length=64)
    national = models.JSONField(help_text="ServiceItem: what the law says")
    implementing = models.JSONField(help_text="ImplementingItem: which office, address, promised days")
    published_at = models.DateTimeField(default=clock.now)
    published_by = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "digest"], name="cases_version_once")]


class CaseQuerySet(models.QuerySet["Case"]):
    """Filters of one table."""

    def open(self) -> "CaseQuerySet":
        """Not ended."""
        return self.filter(state__in=OPEN)


class Case(models.Model):
    """One matter (办件) of one applicant."""

    number = models.CharField(max_length=60, unique=True, help_text="31-digit implementation code + yyyymmdd + serial")
    item = models.ForeignKey(Item, models.PROTECT, related_name="cases")
    version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="cases")
    title = models.CharField(max_length=200)
    department = models.ForeignKey("regions.Department", models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=12, help_text="of the office, for rights")
    applicant = models.ForeignKey("people.Person", models.PROTECT, related_name="cases")
    applicant_name = models.CharField(max_length=200)
    phone = models.CharField(max_length=40, blank=True)
    channel = models.CharField(max_length=12, default="portal")
    answers = SealedJSON(default=dict)
    submission = models.CharField(max_length=80, unique=True, help_text="what was submitted, so that it counts once")
    state = models.CharField(max_length=12, choices=State, default=State.SUBMITTED)
    submitted_at = models.DateTimeField()
    received_at = models.DateTimeField(help_text="when the materials now on file came in (after 补正: the supplement)")
    accepted_at = models.DateTimeField(null=True, help_text="legal moment of acceptance")
    deemed = models.BooleanField(default=False, help_text="accepted by the end of the five days, art. 32(4)")
    decided_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)
    ended_at = models.DateTimeField(null=True)
    delivery = models.CharField(max_length=12, default="online", help_text="online, window or courier")
    certificate_ref = models.CharField(max_length=120, blank=True, help_text="identifier of the certificate issued")
    next_due = models.DateTimeField(null=True, help_text="soonest running clock")
    revision = models.IntegerField(default=1, help_text="raised by every change: a stale page is refused")

    objects = CaseQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["applicant", "-id"]),
            models.Index(fields=["department", "state", "next_due"]),
            models.Index(fields=["region_code", "state", "next_due"]),
            models.Index(F("next_due").asc(), name="cases_case_open_due", condition=Q(ended_at=None)),
            models.Index(fields=["-decided_at"], name="cases_case_decided", condition=Q(decided_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.number}"


class Clock(models.Model):
    """One legal clock of a case, its due moment stored so that lists can sort by it."""

    class Kind(models.TextChoices):
        """Of 行政许可法 art. 32 (5 days), art. 42 (legal), the office's promise, and art. 44 (10 days)."""

        NOTICE = "notice"
        LEGAL = "legal"
        PROMISED = "promised"
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


class Task(models.Model):
    """One thing an office has to do now. Claimed by one official; closed with the action taken."""

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

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], name="cases_task_one_open", condition=Q(done_at=None)),
        ]
        indexes = [
            models.Index(fields=["department", "verb", "due"], name="cases_task_todo", condition=Q(done_at=None)),
            models.Index(fields=["region_code", "due"], name="cases_task_region", condition=Q(done_at=None)),
            models.Index(fields=["claimed_by", "due"], name="cases_task_mine", condition=Q(done_at=None)),
        ]


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


class Letter(models.Model):
    """A numbered paper to the applicant (受理, 不受理, 不予受理, 补正告知, 延期, 决定 …), kept as PDF."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="letters")
    kind = models.CharField(max_length=16)
    number = models.CharField(max_length=80, unique=True)
    issued_at = models.DateTimeField()
    facts = models.JSONField(default=dict)
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


class DayCount(models.Model):
    """Roll-up for statistics: how many of one item on one day. Kept by the write path, proved against the cases."""

    COUNTED = ("received", "accepted", "deemed", "granted", "refused", "ended", "in_time", "late")

    day = models.DateField()
    item = models.ForeignKey(Item, models.CASCADE, related_name="+")
    department = models.ForeignKey("regions.Department", models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=12)
    received = models.IntegerField(default=0)
    accepted = models.IntegerField(default=0)
    deemed = models.IntegerField(default=0)
    granted = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    ended = models.IntegerField(default=0)
    in_time = models.IntegerField(default=0)
    late = models.IntegerField(default=0)
    days_used = models.IntegerField(default=0, help_text="working days from acceptance to decision, summed")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "item"], name="cases_daycount_once")]
        indexes = [models.Index(fields=["region_code", "day"])]
