"""Tables of those who watch and judge: supervision orders and ratings."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hexi.blocks.cases.models.case import Case
from hexi.kernel import clock


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
    days = models.PositiveSmallIntegerField(null=True, help_text="working days it gives; older orders do not say")
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
    contact_days = models.PositiveSmallIntegerField(null=True, help_text="working days it is; older orders do not say")
    contacted_at = models.DateTimeField(null=True)
    contact = models.CharField(max_length=1000, blank=True, help_text="what was said when the office got in touch")
    mend_due = models.DateTimeField(null=True)
    mend_from = models.DateTimeField(null=True, help_text="from when its days run: the rating, or being sent back")
    mend_days = models.PositiveSmallIntegerField(null=True)
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
