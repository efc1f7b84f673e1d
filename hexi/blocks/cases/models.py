"""Tables of cases: items and their versions, cases, clocks, tasks, events, letters, numbers."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hexi.blocks.calendars.clocks import Light, Limit, Unit, light
from hexi.blocks.cases.states import OPEN, Outcome, State
from hexi.blocks.forms.models import SealedJSON
from hexi.kernel import clock
from hexi.ui.words import english

#: stage of the tasks of other departments in a joint review: there may be several at once
JOINT = "joint"


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

    @property
    def name(self) -> str:
        """The title in the language of the page."""
        return self.title_en if english() else self.title


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


#: the columns of a case's version that are large and seldom wanted: `definitions` knows most of them by their digest
RULES = ("version__national", "version__implementing")


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
    delivery_to = SealedJSON(null=True, help_text="courier: name, phone, address; sealed")
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

    @property
    def name(self) -> str:
        """What was applied for, in the language of the page: as it was called then, or its English name."""
        return self.item.title_en if english() else self.title

    def open_task(self) -> "Task | None":
        """What the office that has the case is to do now; not what other departments review beside it."""
        return self.tasks.filter(done_at=None).exclude(stage=JOINT).select_related("claimed_by").first()


class Clock(models.Model):
    """One legal clock of a case, its due moment stored so that lists can sort by it."""

    class Kind(models.TextChoices):
        """Of 行政许可法 art. 32 (5 days), 43 (lower office), 42 (legal), the office's promise, 44 (delivery)."""

        NOTICE = "notice"
        LOWER = "lower"
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


class SupervisionOrder(models.Model):
    """督办单: the supervisor asks an office why a case is late and until when it will be done; answered in writing."""

    class State(models.TextChoices):
        """Where the order stands."""

        ISSUED = "issued", _("待答复")
        ANSWERED = "answered", _("已答复")
        CLOSED = "closed", _("已办结")
        REPEATED = "repeated", _("已再次督办")

    number = models.CharField(max_length=80, unique=True)
    case = models.ForeignKey(Case, models.PROTECT, related_name="orders")
    department = models.ForeignKey("regions.Department", models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=12)
    light = models.CharField(max_length=8, help_text="how the case stood when the order was issued")
    reason = models.TextField()
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey("people.Account", models.PROTECT, null=True, related_name="+")
    issued_name = models.CharField(max_length=200)
    due = models.DateTimeField(help_text="until when the office must answer")
    state = models.CharField(max_length=8, choices=State, default=State.ISSUED)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_name = models.CharField(max_length=200, blank=True)
    closed_at = models.DateTimeField(null=True)
    conclusion = models.TextField(blank=True)
    repeats = models.OneToOneField("self", models.PROTECT, null=True, related_name="repeated_by")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], name="cases_order_one_open", condition=Q(state__in=("issued", "answered"))
            ),
        ]
        indexes = [models.Index(fields=["department", "state", "due"]), models.Index(fields=["region_code", "state"])]

    def __str__(self) -> str:
        return self.number

    @property
    def late(self) -> bool:
        """True if it was, or still is, answered after its time."""
        return (self.answered_at or clock.now()) > self.due


class SelfCheck(models.Model):
    """One night's self-check of what is published (people.md §6.1): how much was looked at and what was found."""

    day = models.DateField(unique=True)
    at = models.DateTimeField()
    items = models.PositiveIntegerField(help_text="published items looked at")
    findings = models.JSONField(default=list, help_text="see `selfcheck.Finding`")

    class Meta:
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"


class Promise(models.Model):
    """What the applicant signed: papers that follow (容缺受理), or conditions he says he meets (告知承诺)."""

    class Kind(models.TextChoices):
        """What is promised."""

        DEFERRAL = "deferral"
        PLEDGE = "pledge"

    case = models.ForeignKey(Case, models.CASCADE, related_name="promises")
    kind = models.CharField(max_length=8, choices=Kind)
    text = models.TextField(help_text="as it was signed")
    signed_key = models.CharField(max_length=80)
    signed_name = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "kind"], name="cases_promise_once")]


class Deferred(models.Model):
    """A material left out by promise (容缺): its term, and when it came in. Without a due while not accepted."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="deferred")
    material = models.CharField(max_length=60)
    amount = models.PositiveIntegerField()
    unit = models.CharField(max_length=16, default=Unit.WORKING_DAYS)
    start = models.DateTimeField(null=True, help_text="when the term was told; its day is day 0")
    told = models.DateTimeField(null=True, help_text="the due moment as the letter told it")
    due = models.DateTimeField(null=True, help_text="the same by today's calendar")
    handed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "material"], name="cases_deferred_once")]
        indexes = [models.Index(fields=["due"], name="cases_deferred_waiting", condition=Q(handed_at=None))]

    @property
    def length(self) -> Limit:
        """The term as the calendar counts it."""
        return Limit(self.amount, Unit(self.unit))


class JointReview(models.Model):
    """What one further department says in a joint review (并联审查): asked on acceptance, answered once."""

    class Result(models.TextChoices):
        """What the department says."""

        AGREE = "agree", _("同意")
        CONDITIONS = "conditions", _("有条件同意")
        DISAGREE = "disagree", _("不同意")

    case = models.ForeignKey(Case, models.CASCADE, related_name="reviews")
    department = models.ForeignKey("regions.Department", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    amount = models.PositiveIntegerField()
    unit = models.CharField(max_length=16, default=Unit.WORKING_DAYS)
    due = models.DateTimeField(null=True, help_text="empty while a pause is open")
    result = models.CharField(max_length=12, choices=Result, blank=True)
    opinion = models.TextField(blank=True)
    conditions = models.TextField(blank=True, help_text="what the applicant must keep to; told in the decision")
    given_at = models.DateTimeField(null=True)
    given_name = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["case", "department"], name="cases_review_once"),
            models.CheckConstraint(
                condition=Q(given_at=None, result="") | (Q(given_at__isnull=False) & ~Q(result="")),
                name="cases_review_given",
            ),
        ]

    @property
    def length(self) -> Limit:
        """The term as the calendar counts it."""
        return Limit(self.amount, Unit(self.unit))

    @property
    def late(self) -> bool:
        """True if it was, or still is, given after its term."""
        return self.due is not None and (self.given_at or clock.now()) > self.due


class ItemDraft(models.Model):
    """An item being edited: both elements as the YAML of the packs, right or wrong; one for an item at a time."""

    item = models.OneToOneField(Item, models.CASCADE, null=True, related_name="draft")
    department = models.ForeignKey("regions.Department", models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=12)
    title = models.CharField(max_length=200)
    national = models.TextField(help_text="ServiceItem as YAML")
    implementing = models.TextField(help_text="ImplementingItem as YAML")
    revision = models.PositiveIntegerField(default=1, help_text="counts saves: nobody overwrites what he has not seen")
    publish_on = models.DateField(null=True, help_text="the day it comes into force by itself")
    publisher = models.CharField(max_length=80, blank=True, help_text="who ordered that")
    refused = models.TextField(blank=True, help_text="why it did not come into force on its day")
    updated_at = models.DateTimeField(default=clock.now)
    updated_by = models.CharField(max_length=80)

    def __str__(self) -> str:
        return self.title


class Verification(models.Model):
    """The check that follows a decision made on a pledge (告知承诺): due within the item's term."""

    class State(models.TextChoices):
        """How it stands."""

        WAITING = "waiting", _("待核查")
        RECTIFYING = "rectifying", _("限期整改")
        KEPT = "kept", _("已履行承诺")
        BROKEN = "broken", _("未履行承诺，待撤销")
        REVOKED = "revoked", _("已撤销")

    #: still to be checked by an examiner
    OPEN = (State.WAITING, State.RECTIFYING)

    case = models.OneToOneField(Case, models.CASCADE, related_name="verification")
    department = models.ForeignKey("regions.Department", models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=12)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    opened_at = models.DateTimeField()
    due = models.DateTimeField(help_text="by when it is to be checked")
    rectify_due = models.DateTimeField(null=True, help_text="by when the holder is to put it right")
    finding = models.TextField(blank=True)
    checked_name = models.CharField(max_length=200, blank=True)
    checked_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["department", "state", "due"]), models.Index(fields=["region_code", "state"])]

    def __str__(self) -> str:
        return str(self.case)

    @property
    def next_due(self) -> datetime | None:
        """What it waits for next; None once it has ended."""
        return None if self.ended_at else self.rectify_due or self.due


class Breach(models.Model):
    """A pledge that was not kept: whoever has one is not offered another, until it is repaired (信用修复)."""

    person = models.ForeignKey("people.Person", models.PROTECT, related_name="breaches")
    case = models.OneToOneField(Case, models.PROTECT, related_name="breach")
    reason = models.TextField()
    at = models.DateTimeField()
    noted_key = models.CharField(max_length=80)
    noted_name = models.CharField(max_length=200)
    repaired_at = models.DateTimeField(null=True, help_text="from when it bars no longer")
    repaired_reason = models.TextField(blank=True, default="")
    repaired_name = models.CharField(max_length=200, blank=True, default="")


class ThirdParty(models.Model):
    """利害关系人 (art. 36): somebody else whose major interests are concerned; told, and heard before the decision."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="third_parties")
    name = models.CharField(max_length=200)
    phone = models.CharField(max_length=40, blank=True)
    person = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    why = models.TextField(help_text="which of their interests is concerned; told in the letter")
    told_at = models.DateTimeField()
    until = models.DateTimeField(help_text="no decision before it, unless the view was stated")
    view = models.TextField(blank=True)
    stated_at = models.DateTimeField(null=True)
    stated_name = models.CharField(max_length=200, blank=True, help_text="who stated it, or wrote it down")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "name"], name="cases_third_party_once")]

    def __str__(self) -> str:
        return self.name


class Hearing(models.Model):
    """A hearing (arts 46–48): its right is told; asked for within 5 days, held within 20, decided by its minutes."""

    case = models.OneToOneField(Case, models.CASCADE, related_name="hearing")
    reason = models.TextField()
    told_at = models.DateTimeField()
    ask_until = models.DateTimeField(help_text="five working days from being told")
    asked_at = models.DateTimeField(null=True)
    asked_by = models.CharField(max_length=200, blank=True)
    hold_until = models.DateTimeField(null=True, help_text="twenty working days from being asked")
    called_at = models.DateTimeField(null=True)
    held_on = models.DateTimeField(null=True, help_text="at least seven working days after the call")
    place = models.CharField(max_length=200, blank=True)
    presider = models.ForeignKey("people.Account", models.PROTECT, null=True, related_name="+")
    minutes = models.TextField(blank=True)
    signed_by = models.TextField(blank=True, help_text="who confirmed the minutes by signing them")
    minuted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(minuted_at=None) | Q(asked_at__isnull=False, presider__isnull=False),
                name="cases_hearing_in_order",
            )
        ]


class SiteVisit(models.Model):
    """现场核查 (arts 34(3), 55): two distinct officers, named in time, see the place and agree on what they found."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="visits")
    assign_until = models.DateTimeField(help_text="five working days from acceptance")
    first = models.ForeignKey("people.Account", models.PROTECT, null=True, related_name="+")
    second = models.ForeignKey("people.Account", models.PROTECT, null=True, related_name="+")
    assigned_at = models.DateTimeField(null=True)
    visited_at = models.DateTimeField(null=True)
    place = models.CharField(max_length=300, blank=True)
    latitude = models.DecimalField(max_digits=8, decimal_places=5, null=True)
    longitude = models.DecimalField(max_digits=8, decimal_places=5, null=True)
    findings = models.TextField(blank=True)
    passed = models.BooleanField(null=True)
    found_by = models.ForeignKey("people.Account", models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, help_text="by the other officer")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(first=None) | ~Q(first=F("second")), name="cases_visit_two_officers"),
            models.UniqueConstraint(fields=["case"], name="cases_visit_one_open", condition=Q(confirmed_at=None)),
        ]


class FirstLevel(models.Model):
    """The lower office of a two-level case (arts 35, 43): it accepted, examined first, and passed everything up."""

    case = models.OneToOneField(Case, models.CASCADE, related_name="first_level")
    department = models.ForeignKey("regions.Department", models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=12)
    passed_at = models.DateTimeField()
    passed_name = models.CharField(max_length=200)
    opinion = models.TextField()


class QuotaYear(models.Model):
    """How much of a quantity-limited item was granted in a year (art. 57); locked while a share is taken."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="quota_years")
    year = models.PositiveSmallIntegerField()
    amount = models.DecimalField(max_digits=14, decimal_places=3, help_text="the quota when the last share was taken")
    granted = models.DecimalField(max_digits=14, decimal_places=3, default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "year"], name="cases_quota_year_once"),
            models.CheckConstraint(condition=Q(granted__lte=F("amount")), name="cases_quota_kept"),
        ]


class Rating(models.Model):
    """好差评: what the applicant thought of one matter, once; a bad one is a work order of the office until mended."""

    class State(models.TextChoices):
        """Where the order of a bad rating stands; "" for the others."""

        NONE = "", ""
        OPEN = "open"
        CONTACTED = "contacted"
        MENDED = "mended"
        REVIEW = "review", "the office says it is unfair"
        CLOSED = "closed"

    case = models.OneToOneField(Case, models.PROTECT, related_name="rating")
    number = models.CharField(max_length=40, unique=True, null=True, help_text="of the work order of a bad one")
    level = models.PositiveSmallIntegerField(help_text="5 very satisfied … 1 very dissatisfied; GB/T 39046 counts up")
    aspects = models.JSONField(default=dict, help_text="level by indicator")
    text = models.CharField(max_length=1000, blank=True)
    public = models.BooleanField(default=False, help_text="the rater lets the words be shown, without a name")
    channel = models.CharField(max_length=12, default="portal")
    at = models.DateTimeField(default=clock.now)
    state = models.CharField(max_length=10, choices=State, default=State.NONE, blank=True)
    contact_due = models.DateTimeField(null=True)
    contacted_at = models.DateTimeField(null=True)
    contact = models.CharField(max_length=1000, blank=True, help_text="what was said when the office got in touch")
    mend_due = models.DateTimeField(null=True)
    mended_at = models.DateTimeField(null=True)
    reply = models.CharField(max_length=1000, blank=True, help_text="what was found and mended, as the rater reads it")
    again = models.PositiveSmallIntegerField(null=True, help_text="level given after the mending")
    again_at = models.DateTimeField(null=True)
    plea = models.CharField(max_length=1000, blank=True, help_text="why the office holds it unfair")
    annulled = models.BooleanField(default=False, help_text="does not count; stays in the log")
    ruling = models.CharField(max_length=1000, blank=True, help_text="what the supervisor ruled, and why")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "mend_due"], name="cases_rating_orders"),
            models.Index(fields=["-at"], name="cases_rating_latest"),
        ]
        constraints = [models.CheckConstraint(condition=Q(level__gte=1, level__lte=5), name="cases_rating_level")]

    def __str__(self) -> str:
        return self.number or f"{self.case_id}: {self.level}"

    @property
    def bad(self) -> bool:
        """差评: dissatisfied or very dissatisfied."""
        return self.level <= 2


class Concern(models.Model):
    """The certificate a case is about to renew (延续) or change (变更), and whether it was asked for in time."""

    class Kind(models.TextChoices):
        """What is to become of it."""

        RENEW = "renew", _("延续")
        CHANGE = "change", _("变更")

    case = models.OneToOneField(Case, models.CASCADE, related_name="concern")
    certificate = models.ForeignKey("certificates.Certificate", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=6, choices=Kind)
    expires = models.DateField(null=True, help_text="last day of the certificate when it was asked for")
    in_time = models.BooleanField(default=False, help_text="early enough for art. 50")
    deemed = models.BooleanField(default=False, help_text="renewed by law: not decided when the old term ended")

    class Meta:
        indexes = [models.Index(fields=["expires"], name="cases_concern_renewals", condition=Q(kind="renew"))]


class BundleVersion(models.Model):
    """一件事 as one region offers it: its text and the version of each item; applications keep theirs."""

    key = models.SlugField(max_length=60)
    region_code = models.CharField(max_length=12)
    digest = models.CharField(max_length=64)
    definition = models.JSONField(help_text="BundleFile")
    versions = models.JSONField(help_text="item: primary key of its ItemVersion")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "region_code", "digest"], name="cases_bundle_version_once")
        ]

    def __str__(self) -> str:
        return str(self.definition["title"]["en" if english() else "zh"])


class Bundle(models.Model):
    """One application for several items (一件事): handed in once, each part a case, one hand-over at the end."""

    number = models.CharField(max_length=40, unique=True, help_text="B + yyyymmdd + serial, without gaps")
    version = models.ForeignKey(BundleVersion, models.PROTECT, related_name="bundles")
    applicant = models.ForeignKey("people.Person", models.PROTECT, related_name="bundles")
    phone = models.CharField(max_length=40, blank=True)
    channel = models.CharField(max_length=12, default="portal")
    submission = models.CharField(max_length=80, unique=True, help_text="what was submitted, so that it counts once")
    delivery = models.CharField(max_length=12, default="online", help_text="online, window or courier")
    delivery_to = SealedJSON(null=True, help_text="courier: name, phone, address; sealed")
    submitted_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, help_text="every part is over")
    handed_at = models.DateTimeField(null=True, help_text="what was to be handed over has been")

    class Meta:
        indexes = [models.Index(fields=["applicant", "-id"])]

    def __str__(self) -> str:
        return f"{self.version} {self.number}"


class BundlePart(models.Model):
    """One item of a bundle: its own answers, and the case it has become."""

    class State(models.TextChoices):
        """How it stands."""

        WAITING = "waiting", _("等前一步办完")
        RUNNING = "running", _("办理中")
        DONE = "done", _("已办好")
        FAILED = "failed", _("没有办成")
        DROPPED = "dropped", _("不再办理")

    OPEN = (State.WAITING, State.RUNNING)

    bundle = models.ForeignKey(Bundle, models.CASCADE, related_name="parts")
    place = models.PositiveSmallIntegerField(help_text="order in which the parts are told")
    item = models.SlugField(max_length=80)
    version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    case = models.OneToOneField(Case, models.PROTECT, null=True, related_name="bundle_part")
    answers = SealedJSON(default=dict, help_text="what the item's own form was told, judged when it was handed in")
    established = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    why = models.TextField(blank=True, help_text="why it could not go on")

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["bundle", "item"], name="cases_bundle_part_once"),
            models.CheckConstraint(
                condition=Q(case__isnull=False) | Q(state__in=("waiting", "failed", "dropped")),
                name="cases_bundle_part_has_case",
            ),
        ]


class Entry(models.Model):
    """A draft begun at the counter for whoever stands there; his document was seen."""

    class How(models.TextChoices):
        """In which way somebody applies for another."""

        WINDOW = "window", _("窗口按纸质申请录入")
        OPERATOR = "operator", _("工作人员代为操作")
        MANDATE = "mandate", _("受托人代办")

    draft = models.OneToOneField("forms.Draft", models.CASCADE, related_name="+")
    how = models.CharField(max_length=8, choices=How)
    note = models.CharField(max_length=200, blank=True)
    by_key = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()


class Agency(models.Model):
    """Who applied for the applicant of a case, in which way, by which mandate."""

    case = models.OneToOneField(Case, models.CASCADE, related_name="agency")
    how = models.CharField(max_length=8, choices=Entry.How)
    agent = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    mandate = models.ForeignKey("people.Mandate", models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=200, blank=True)
    by_key = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()


class ItemImport(models.Model):
    """A sheet of items handed in at the workbench: looked over, then taken in; its report stays for who ran it."""

    class State(models.TextChoices):
        """How far it is."""

        CHECKING = "checking", _("正在核对")
        CHECKED = "checked", _("已核对")
        TAKING = "taking", _("正在导入")
        DONE = "done", _("已导入")
        REFUSED = "refused", _("没有导入")

    WORKING = (State.CHECKING, State.TAKING)

    key = models.CharField(max_length=32, unique=True, help_text="stands in the address, and names the file")
    account = models.ForeignKey("people.Account", models.PROTECT, related_name="+")
    name = models.CharField(max_length=200, help_text="of the file")
    language = models.CharField(max_length=10, help_text="of the report")
    state = models.CharField(max_length=8, choices=State, default=State.CHECKING)
    whole = models.BooleanField(default=False, help_text="nothing unless every row is good")
    why = models.TextField(blank=True, help_text="why it was refused")
    total = models.PositiveIntegerField(default=0, help_text="items in the sheet")
    done = models.PositiveIntegerField(default=0, help_text="of them, counted in the transaction of their batch")
    counts = models.JSONField(default=dict, help_text="items by state: new, changed, same, wrong")
    notes = models.JSONField(default=list, help_text="line, column, sentence, error: of the sheet, then of its rows")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["account", "-at"])]

    def __str__(self) -> str:
        return self.name

    @property
    def working(self) -> bool:
        """True while a job has it."""
        return self.state in self.WORKING
