"""Tables: a calendar per region that wants its own, its days, its announced years, its office hours."""

import uuid

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hexi.blocks.calendars.workdays import Kind
from hexi.blocks.regions.codes import NATION
from hexi.ui.words import english


def fresh_version() -> str:
    """A new name for the state of a calendar's rows."""
    return uuid.uuid4().hex


class Calendar(models.Model):
    """The working days of a region. A region inherits every row of the calendars above it, up to the nation's.

    `version` is renamed with each change; caches go by it. (A counter would repeat itself after a rollback.)
    """

    region_code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=100)
    version = models.CharField(max_length=32, default=fresh_version)

    class Meta:
        ordering = ["region_code"]

    def __str__(self) -> str:
        return self.name

    @property
    def title(self) -> str:
        """The region's name in the language of the page."""
        if self.region_code == NATION:
            return gettext("全国")
        return getattr(self, "name_en", None) or self.name if english() else self.name


class Day(models.Model):
    """A day that is named: rest (放假, 补休) or work (调休上班)."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="days")
    date = models.DateField()
    kind = models.CharField(max_length=4, choices=[(Kind.REST.value, _("放假")), (Kind.WORK.value, _("上班"))])
    name = models.CharField(max_length=100, blank=True)
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["date"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "date"], name="calendars_day_once"),
            models.CheckConstraint(condition=models.Q(kind__in=["rest", "work"]), name="calendars_day_kind"),
        ]


class Year(models.Model):
    """Whether the holidays of a year are announced, and by what."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="years")
    year = models.PositiveSmallIntegerField()
    announced = models.BooleanField(default=False)
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["year"]
        constraints = [models.UniqueConstraint(fields=["calendar", "year"], name="calendars_year_once")]


class OfficeHours(models.Model):
    """One stretch of office time on a weekday (0 Monday … 6 Sunday), in force from and to these days (included)."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="office_hours")
    weekday = models.PositiveSmallIntegerField()
    start = models.TimeField()
    end = models.TimeField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["valid_from", "weekday", "start"]
        constraints = [
            models.CheckConstraint(condition=models.Q(start__lt=models.F("end")), name="calendars_hours_forward"),
            models.CheckConstraint(condition=models.Q(weekday__lte=6), name="calendars_hours_weekday"),
            models.UniqueConstraint(fields=["calendar", "weekday", "start", "valid_from"], name="calendars_hours_once"),
        ]
