"""Tables of the duty desk: events, their tasks, calls, and the log that only grows; the roster and handing over."""

import hashlib
import json
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hexi.domains.livelihood.emergency.states import Source
from hexi.kernel import clock
from hexi.ui.words import english


class Event(models.Model):
    """One emergency event. State, number, desk and the clock of its soonest task are its case's."""

    case = models.OneToOneField("cases.Case", models.CASCADE, related_name="emergency")
    kind = models.CharField(max_length=20, help_text="key in the emergency_kinds pack")
    level = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(4)])
    place_code = models.CharField(max_length=12, db_index=True)
    address = models.CharField(max_length=200, blank=True)
    text = models.TextField(help_text="what was known when it was opened")
    source = models.CharField(max_length=8, choices=Source, default=Source.CALL)
    alert = models.OneToOneField("alerts.Alert", models.PROTECT, null=True, related_name="+")
    plan = models.CharField(max_length=40, blank=True, help_text="key of the plan it was opened by")
    happened_at = models.DateTimeField()
    closing = models.TextField(blank=True, help_text="the closing report as it stands")
    closing_by = models.CharField(max_length=80, blank=True, help_text="who handed it in: another approves")
    letter = models.ForeignKey("cases.Letter", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=4), name="emergency_event_level"),
        ]

    def __str__(self) -> str:
        return self.case.title


class Task(models.Model):
    """What a unit is to do within so many minutes."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="tasks")
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200, blank=True)
    unit = models.ForeignKey("regions.Department", models.PROTECT, related_name="+")
    minutes = models.PositiveIntegerField(validators=[MinValueValidator(1), MaxValueValidator(30 * 24 * 60)])
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=80, blank=True)
    done_name = models.CharField(max_length=200, blank=True)
    note = models.TextField(blank=True)
    once = models.CharField(
        max_length=40, blank=True, help_text="of the form: sent twice it stands once; plans have none"
    )

    class Meta:
        ordering = ["due_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["event", "once"], condition=~Q(once=""), name="emergency_task_once")
        ]

    @property
    def name(self) -> str:
        """The title in the language of the page."""
        return self.title_en if english() and self.title_en else self.title

    @property
    def in_time(self) -> bool | None:
        """None while it is open."""
        return None if self.done_at is None else self.done_at <= self.due_at


class Contact(models.Model):
    """Somebody to ring: from the plan, or added."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="contacts")
    name = models.CharField(_("姓名"), max_length=60)
    role = models.CharField(_("做什么"), max_length=100, blank=True)
    role_en = models.CharField(max_length=100, blank=True)
    phone = models.CharField(_("电话"), max_length=20)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def does(self) -> str:
        """His part in the language of the page."""
        return self.role_en if english() and self.role_en else self.role


class EntryQuerySet(models.QuerySet["Entry"]):
    """Rows that are neither changed nor deleted."""

    def update(self, **changes: Any) -> int:
        """Refused."""
        raise TypeError("an entry of the log is never changed: write another that corrects it")

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refused."""
        raise TypeError("an entry of the log is never deleted")


class Entry(models.Model):
    """One line of the running log. Never changed: a mistake is corrected by another line that names it."""

    class Kind(models.TextChoices):
        """What is written down."""

        NOTE = "note", _("记录")
        REPORT = "report", _("续报")
        LEVEL = "level", _("级别")
        TASK = "task", _("任务")
        CALL = "call", _("电话")
        FIX = "fix", _("更正")

    event = models.ForeignKey(Event, models.CASCADE, related_name="entries")
    at = models.DateTimeField()
    kind = models.CharField(max_length=8, choices=Kind)
    text = models.TextField()
    by_key = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)
    facts = models.JSONField(default=dict, help_text="figures of a report: dead, injured, missing, moved")
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrections")
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="calls")
    answered = models.BooleanField(null=True, help_text="of a call")
    once = models.CharField(max_length=40, help_text="of the form: sent twice it stands once")

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["event", "once"], name="emergency_entry_once")]

    def save(self, *arguments: Any, **more: Any) -> None:
        """Once."""
        if self.pk is not None:
            raise TypeError("an entry of the log is never changed: write another that corrects it")
        super().save(*arguments, **more)

    def delete(self, *arguments: Any, **more: Any) -> tuple[int, dict[str, int]]:
        """Refused."""
        raise TypeError("an entry of the log is never deleted")

    @property
    def digest(self) -> str:
        """What the chained log of the house keeps of it: a changed line no longer fits."""
        parts = (
            self.event_id, self.at.isoformat(timespec="microseconds"), self.kind, self.text, self.by_key, self.by_name,
            json.dumps(self.facts, sort_keys=True), self.corrects_id, self.contact_id, self.answered,
        )  # fmt: skip
        return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()


class Shift(models.Model):
    """Who is on duty at a desk from when to when (值班表)."""

    desk = models.ForeignKey("regions.Department", models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=12, help_text="of the desk, for rights")
    start = models.DateTimeField(_("从"))
    end = models.DateTimeField(_("到"))
    account = models.ForeignKey("people.Account", models.PROTECT, related_name="+", verbose_name=_("值班员"))
    leader = models.ForeignKey(
        "people.Account", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("带班领导")
    )
    handover = models.TextField(blank=True, help_text="what the next shift must know")
    handed_at = models.DateTimeField(null=True, blank=True)
    handed_name = models.CharField(max_length=200, blank=True)
    taken_at = models.DateTimeField(null=True, blank=True)
    taken_name = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["start"]
        constraints = [
            models.UniqueConstraint(
                fields=["desk", "start", "account"], name="emergency_shift_once",
                violation_error_message=_("这一班已经排了这个人。"),
            ),
            models.CheckConstraint(
                condition=Q(end__gt=F("start")), name="emergency_shift_forward",
                violation_error_message=_("结束时间要晚于开始时间。"),
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["desk", "start"])]

    @property
    def now(self) -> bool:
        """True while it lasts."""
        return self.start <= clock.now() < self.end
