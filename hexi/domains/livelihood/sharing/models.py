"""Tables of applications for data: the term of a decision, what is being written, the application, its use in cases."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hexi.blocks.calendars.clocks import Limit, Unit
from hexi.kernel import clock

UNITS = [(one.value, one.value) for one in Unit if one is not Unit.MINUTES]


class Term(models.Model):
    """How long a step may take, from a day on, by which law; of a region if one has its own."""

    step = models.CharField(max_length=8, help_text="key of a clock")
    region_code = models.CharField(max_length=12, blank=True, default="")
    amount = models.PositiveSmallIntegerField(_("期限"), validators=[MinValueValidator(1)])
    unit = models.CharField(max_length=16, choices=UNITS)
    law = models.CharField(_("依据"), max_length=100)
    clause = models.CharField(_("条款"), max_length=100, blank=True)
    verified = models.BooleanField(_("已核对原文"), default=False)
    valid_from = models.DateField(_("启用日期"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["step", "region_code", "valid_from"], name="sharing_term_once",
                violation_error_message=_("这一天起已有这一步的期限。请换启用日期。"),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.step} {self.amount} {self.unit}"

    @property
    def limit(self) -> Limit:
        """As the calendar counts it."""
        return Limit(self.amount, Unit(self.unit))


class Application(models.Model):
    """One office asks for data another keeps (共享申请). State, number and clock are its case's."""

    case = models.OneToOneField("cases.Case", models.CASCADE, related_name="sharing")
    entry = models.ForeignKey("catalog.Entry", models.PROTECT, related_name="applications")
    office = models.ForeignKey("regions.Department", models.PROTECT, related_name="+", help_text="who asks")
    office_region = models.CharField(max_length=12, help_text="region of who asks, for rights")
    item = models.ForeignKey(
        "cases.Item", models.PROTECT, null=True, related_name="+", help_text="service item the data serve"
    )
    purpose = models.CharField(max_length=300)
    law = models.CharField(max_length=300, help_text="law and article by which the office may have the data")
    fields = models.JSONField(help_text="item → how it is to be shown")
    region = models.CharField(max_length=12, blank=True, help_text="only rows of this division and below; empty: all")
    region_field = models.CharField(max_length=60, blank=True)
    expires = models.DateField(help_text="last day asked for")
    quota = models.PositiveIntegerField(null=True, help_text="calls a day; none: as many as needed")
    subsystem = models.ForeignKey(
        "catalog.Subsystem", models.PROTECT, null=True, related_name="+",
        help_text="system of the office that calls through the gateways; none: used inside the house alone",
    )  # fmt: skip
    answers = models.JSONField(default=dict, help_text="question of the service item's form → field that answers it")
    spares = models.CharField(max_length=40, blank=True, help_text="material of the item that need not be handed in")
    corrections = models.PositiveSmallIntegerField(default=0, help_text="times it was given back: once at most")
    needed = models.CharField(max_length=1000, blank=True, help_text="refused: what would be needed")
    grant = models.OneToOneField("catalog.Grant", models.PROTECT, null=True, related_name="application")
    asked_key = models.CharField(max_length=80)
    asked_name = models.CharField(max_length=200)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(corrections__lte=1), name="sharing_corrected_once")]
        indexes = [models.Index(fields=["entry", "-id"]), models.Index(fields=["item"])]

    def __str__(self) -> str:
        return self.case.number


class Writing(models.Model):
    """An application being written step by step, kept until it is sent; or one given back, being corrected."""

    key = models.CharField(max_length=24, unique=True, help_text="stands in addresses; cannot be guessed")
    account = models.ForeignKey("people.Account", models.PROTECT, related_name="+")
    entry = models.ForeignKey("catalog.Entry", models.CASCADE, related_name="+")
    office = models.ForeignKey("regions.Department", models.PROTECT, related_name="+")
    written = models.JSONField(default=dict)
    saved_at = models.DateTimeField(default=clock.now)
    corrects = models.ForeignKey(Application, models.CASCADE, null=True, related_name="+")
    sent = models.ForeignKey(Application, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "entry", "office"], condition=Q(sent=None), name="sharing_writing_one_open"
            )
        ]

    def __str__(self) -> str:
        return self.key


class Tally(models.Model):
    """How far a chain of the message log has been looked through for calls under applications' grants."""

    stream = models.CharField(max_length=40, primary_key=True)
    seq = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.stream} {self.seq}"


class Called(models.Model):
    """Signed calls through the provider's gateway under the grant of an application, on one day."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="called")
    day = models.DateField()
    calls = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "day"], name="sharing_called_day")]
        indexes = [models.Index(fields=["day"])]

    def __str__(self) -> str:
        return f"{self.application_id} {self.day:%F} {self.calls}"


class Use(models.Model):
    """Data fetched through a grant for somebody's application for a service (用数): what, when, with what outcome."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="uses")
    grant = models.ForeignKey("catalog.Grant", models.PROTECT, related_name="+")
    draft = models.ForeignKey("forms.Draft", models.SET_NULL, null=True, related_name="+")
    case = models.ForeignKey("cases.Case", models.SET_NULL, null=True, related_name="+")
    reference = models.CharField(max_length=60, help_text="as the message log names it (X-Road-Issue)")
    fields = models.JSONField(help_text="names of the items that were read")
    found = models.BooleanField(help_text="there was one row of the person")
    why = models.CharField(max_length=300, blank=True, help_text="not found: why not")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["grant", "reference"], name="sharing_use_once")]
        indexes = [models.Index(fields=["case"]), models.Index(fields=["at"])]

    def __str__(self) -> str:
        return f"{self.reference} {self.at:%F %T}"
