"""Tables of petitions: what was said, by whom, who handles and who must not know; opinions, terms, offices."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hexi.blocks.calendars.clocks import Limit, Unit
from hexi.blocks.forms.models import SealedJSON
from hexi.domains.livelihood.petitions.states import Result, Type
from hexi.kernel import clock

#: 信访工作条例 art. 20(3)
MOST_REPRESENTATIVES = 5
UNITS = [(one.value, one.value) for one in Unit if one is not Unit.MINUTES]


class Term(models.Model):
    """How long a step may take, from a day on, by which law; of a region if one has its own."""

    step = models.CharField(max_length=12, help_text="key of a clock, or `extend`: the most that may be added")
    region_code = models.CharField(max_length=12, blank=True, default="")
    amount = models.PositiveSmallIntegerField(_("期限"), validators=[MinValueValidator(1)])
    unit = models.CharField(max_length=16, choices=UNITS)
    law = models.CharField(_("依据"), max_length=100)
    clause = models.CharField(_("条款"), max_length=100, blank=True)
    verified = models.BooleanField(_("已核对原文"), default=False)
    valid_from = models.DateField(_("启用日期"))
    valid_to = models.DateField(null=True, blank=True, help_text="first day it no longer holds")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["step", "region_code", "valid_from"], name="petitions_term_once",
                violation_error_message=_("这一天起已有这一步的期限。请换启用日期。"),
            )
        ]  # fmt: skip

    @property
    def limit(self) -> Limit:
        """As the calendar counts it."""
        return Limit(self.amount, Unit(self.unit))


class Office(models.Model):
    """The petition office of a region and what lies inside it."""

    region_code = models.CharField(max_length=12, unique=True)
    department = models.ForeignKey("regions.Department", models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return str(self.department)


class Higher(models.Model):
    """Which organ reviews the opinions of a unit (上一级机关、单位, arts 35 and 36)."""

    unit = models.OneToOneField("regions.Department", models.PROTECT, related_name="+")
    organ = models.ForeignKey("regions.Department", models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(unit=models.F("organ")), name="petitions_higher_other")]

    def __str__(self) -> str:
        return f"{self.unit} → {self.organ}"


class Petition(models.Model):
    """One petition. State, number, clocks and the office it lies with are its case's; what it says rests sealed."""

    case = models.OneToOneField("cases.Case", models.CASCADE, related_name="petition")
    office = models.ForeignKey("regions.Department", models.PROTECT, related_name="+", help_text="petition office")
    office_region = models.CharField(max_length=12, help_text="region of that office, for rights")
    type = models.CharField(max_length=8, choices=Type)
    content = SealedJSON(default=dict, help_text="title, text, wish; sealed")
    contact = SealedJSON(default=dict, help_text="name, phone, address; sealed")
    lookup = models.CharField(max_length=64, blank=True, db_index=True, help_text="HMAC of who petitions")
    against = SealedJSON(default=dict, help_text="unit and person complained of, as written; sealed")
    place_code = models.CharField(max_length=12, help_text="division the matter lies in")
    people = models.PositiveIntegerField(default=1, help_text="how many petition together")
    representatives = SealedJSON(default=list, help_text="name and phone of each; sealed")
    speakers = models.PositiveSmallIntegerField(
        default=0, validators=[MaxValueValidator(MOST_REPRESENTATIVES)], help_text="how many representatives"
    )
    unit = models.ForeignKey("regions.Department", models.PROTECT, null=True, related_name="+", help_text="handles it")
    level = models.PositiveSmallIntegerField(default=1, help_text="1 handling, 2 review, 3 re-review")
    lead = models.ForeignKey("self", models.PROTECT, null=True, related_name="followers")
    way = models.CharField(max_length=16, blank=True, help_text="refused: where the matter belongs")
    extended = models.PositiveSmallIntegerField(default=0, help_text="days the head added")
    satisfied = models.PositiveSmallIntegerField(
        null=True, validators=[MinValueValidator(1), MaxValueValidator(5)], help_text="the petitioner's verdict, 5 best"
    )
    said = SealedJSON(default=str, help_text="what the petitioner said with the verdict; sealed")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(speakers__lte=MOST_REPRESENTATIVES), name="petitions_at_most_five"),
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=3), name="petitions_level"),
        ]

    def __str__(self) -> str:
        return self.case.number


class Round(models.Model):
    """Handling, review or re-review: by whom, why it was asked for, what the opinion says, when it was received."""

    petition = models.ForeignKey(Petition, models.CASCADE, related_name="rounds")
    level = models.PositiveSmallIntegerField()
    unit = models.ForeignKey("regions.Department", models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    reason = SealedJSON(default=str, help_text="why a review is asked for; sealed")
    result = models.CharField(max_length=8, choices=Result, blank=True)
    opinion = SealedJSON(default=dict, help_text="facts, opinion, basis; sealed")
    answered_at = models.DateTimeField(null=True)
    in_time = models.BooleanField(null=True)
    letter = models.ForeignKey("cases.Letter", models.PROTECT, null=True, related_name="+")
    served_at = models.DateTimeField(null=True, help_text="when the petitioner got it: from here days count")
    served_how = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["petition", "level"], name="petitions_round_once")]
        ordering = ["level"]


class Handler(models.Model):
    """Somebody who may read and handle a petition, named by the head of his unit or by the petition office."""

    petition = models.ForeignKey(Petition, models.CASCADE, related_name="handlers")
    account = models.ForeignKey("people.Account", models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField()
    named_by = models.CharField(max_length=80)
    named_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["petition", "account"], name="petitions_handler_once", condition=Q(ended_at=None)
            )
        ]


class Recusal(models.Model):
    """Somebody, or everybody of a unit, who must not know of a petition (arts 28 and 30)."""

    class Why(models.TextChoices):
        """What keeps him out."""

        COMPLAINED = "complained", _("被反映的人或者单位")
        NAMED = "named", _("内容里提到的姓名与本地区工作人员相同")
        INTEREST = "interest", _("有直接利害关系")

    petition = models.ForeignKey(Petition, models.CASCADE, related_name="recusals")
    account = models.ForeignKey("people.Account", models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey("regions.Department", models.PROTECT, null=True, related_name="+")
    why = models.CharField(max_length=12, choices=Why)
    by = models.CharField(max_length=80)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["petition", "account"], name="petitions_recusal_person"),
            models.UniqueConstraint(fields=["petition", "unit"], name="petitions_recusal_unit"),
            models.CheckConstraint(
                condition=Q(account__isnull=False, unit=None) | Q(account=None, unit__isnull=False),
                name="petitions_recusal_one",
            ),
        ]
        indexes = [models.Index(fields=["account", "petition"]), models.Index(fields=["unit", "petition"])]


class Writing(models.Model):
    """A petition being written on the portal, kept until it is sent."""

    key = models.CharField(max_length=24, unique=True, help_text="stands in addresses; cannot be guessed")
    account = models.ForeignKey("people.Account", models.PROTECT, related_name="+")
    written = SealedJSON(default=dict)
    saved_at = models.DateTimeField(default=clock.now)
    sent = models.OneToOneField(Petition, models.SET_NULL, null=True, related_name="writing")

    def __str__(self) -> str:
        return self.key
