"""Tables of what an applicant promised and what became of it, of what a case renews, and of fees not owed."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hexi.blocks.calendars.clocks import Limit, Unit
from hexi.blocks.cases.models.case import Case
from hexi.kernel import clock


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


class FeeWaiver(models.Model):
    """The fee of a granted case that is not owed after all: who says so, and why."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="fee_waivers")
    charge = models.CharField(max_length=40, unique=True, help_text="number of the charge")
    fen = models.PositiveBigIntegerField(help_text="its sum")
    reason = models.CharField(max_length=1000)
    by_key = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.charge
