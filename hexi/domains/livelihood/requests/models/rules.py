"""Who takes an order, what it is about, how fast it must go: hotlines, classes, limits, rules of dispatch."""

from datetime import date

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hexi.blocks.calendars.clocks import Limit, Unit
from hexi.domains.livelihood.requests.states import Type
from hexi.kernel.fixed import Given
from hexi.ui.words import english

#: what limits of the hotline are counted in
UNITS = [(one.value, one.value) for one in Unit if one is not Unit.MINUTES]


class Hotline(models.Model):
    """The centre that takes the calls of a region and what lies inside it (一号对外), and the square it serves."""

    region_code = models.CharField(max_length=12, unique=True)
    department = models.ForeignKey("regions.Department", models.PROTECT, related_name="+")
    phone = models.CharField(max_length=20, default="12345")
    west = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    south = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    east = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    north = models.DecimalField(max_digits=9, decimal_places=6, null=True)

    def __str__(self) -> str:
        return f"{self.region_code} {self.phone}"

    @property
    def box(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north of the square it serves; None if it is not known."""
        sides = (self.west, self.south, self.east, self.north)
        return None if None in sides else tuple(map(float, sides))  # type: ignore[arg-type, return-value]

    def covers(self, lat: float, lon: float) -> bool:
        """True if a point (WGS-84) lies in the square of the region, or none is known."""
        west, south, east, north = self.box or (-180.0, -90.0, 180.0, 90.0)
        return west <= lon <= east and south <= lat <= north


class Subject(models.Model):
    """A class of the tree (诉求分类); three levels ship. One that is gone stays for the orders it named."""

    code = models.CharField(max_length=12, unique=True, help_text="two digits a level in the tree that ships")
    parent_code = models.CharField(max_length=12, blank=True)
    level = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=80)
    title_en = models.CharField(max_length=120, blank=True)
    words = models.JSONField(default=list, help_text="what people call it")
    active = models.BooleanField(default=True)
    described_at = models.DateTimeField(null=True, help_text="when somebody here last said what it is called")

    class Meta:
        ordering = ["code"]
        indexes = [models.Index(fields=["parent_code", "code"])]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The title in the language of the page."""
        return self.title_en if english() and self.title_en else self.title


class TimeLimit(models.Model):
    """How long a first answer and the handling may take, from a day on: of a region, a class, a type; "" is any."""

    region_code = models.CharField(max_length=12, blank=True, default="")
    subject = models.CharField(max_length=12, blank=True, default="", help_text="beginning of the class code")
    type = models.CharField(max_length=8, blank=True, default="", choices=Type)
    first = models.PositiveSmallIntegerField(_("首次回应"), validators=[MinValueValidator(1)])
    first_unit = models.CharField(max_length=16, default=Unit.HOURS, choices=UNITS)
    handle = models.PositiveSmallIntegerField(_("办结答复"), validators=[MinValueValidator(1)])
    handle_unit = models.CharField(max_length=16, default=Unit.WORKING_DAYS, choices=UNITS)
    valid_from = models.DateField(_("启用日期"))
    valid_to = models.DateField(null=True, blank=True, help_text="first day it no longer holds")
    source = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region_code", "subject", "type", "valid_from"], name="requests_limit_once",
                violation_error_message=_("这一天起已有同样范围的时限。请改那一条，或换启用日期。"),
            )
        ]  # fmt: skip

    @property
    def first_limit(self) -> Limit:
        """As the calendar counts it."""
        return Limit(self.first, Unit(self.first_unit))

    @property
    def handle_limit(self) -> Limit:
        """As the calendar counts it."""
        return Limit(self.handle, Unit(self.handle_unit))


class DispatchRule(models.Model):
    """Which office an order goes to, by place, class, type and words (派单规则); the first in order that fits counts.

    "" is any. A row holds from a day on and is never changed: it ends, and another begins.
    """

    region_code = models.CharField(max_length=12, help_text="region of the hotline")
    position = models.PositiveIntegerField(_("顺序"), validators=[MinValueValidator(1)])
    place_code = models.CharField(max_length=12, blank=True, default="", help_text="division it lies in")
    subject = models.CharField(max_length=12, blank=True, default="", help_text="beginning of the class code")
    type = models.CharField(max_length=8, blank=True, default="", choices=Type)
    words = models.JSONField(default=list, help_text="one of them stands in the text")
    office = models.ForeignKey("regions.Department", models.PROTECT, related_name="+")
    duty = models.CharField(_("职责依据"), max_length=200, help_text="line of the office's duty list (权责清单)")
    valid_from = models.DateField(_("启用日期"))
    valid_to = models.DateField(null=True, blank=True, help_text="first day it no longer holds")

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["region_code", "position", "valid_from"], name="requests_rule_once",
                violation_error_message=_("这一天起已有同样顺序的规则。请换一个顺序号或启用日期。"),
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="requests_rule_ends_after"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.position} {self.duty}"


def in_force(day: date | Given) -> Q:
    """Limits and rules that hold on a day."""
    return Q(valid_from__lte=day) & (Q(valid_to=None) | Q(valid_to__gt=day))
