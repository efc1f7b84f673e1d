"""Tables of cases that several handle or are heard in: joint review, hearings, visits, two levels, quotas."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hexi.blocks.calendars.clocks import Limit, Unit
from hexi.blocks.cases.models.case import Case
from hexi.blocks.cases.models.items import Item
from hexi.kernel import clock


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


class ThirdParty(models.Model):
    """利害关系人 (art. 36): somebody else whose major interests are concerned; told, and heard before the decision.

    Whoever has an account here is told there, whose phone is known by SMS; all others are handed the letter.
    """

    class Served(models.TextChoices):
        """How the letter was handed over by hand (民事诉讼法 ch. 7)."""

        HANDED = "handed", _("当面送交")
        LEFT = "left", _("留置送达")
        POSTED = "posted", _("邮寄送达")
        ANNOUNCED = "announced", _("公告送达")

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
    served_how = models.CharField(max_length=10, choices=Served, blank=True, default="")
    served_on = models.DateField(null=True, help_text="the day it reached them")
    served_note = models.CharField(
        max_length=200, blank=True, default="", help_text="who signed, or the number of the post"
    )
    served_name = models.CharField(max_length=200, blank=True, default="", help_text="who put it on record")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "name"], name="cases_third_party_once"),
            models.CheckConstraint(
                condition=Q(served_on=None, served_how="") | (Q(served_on__isnull=False) & ~Q(served_how="")),
                name="cases_third_party_served",
            ),
        ]

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
