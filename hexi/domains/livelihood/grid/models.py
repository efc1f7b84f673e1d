"""Tables of the grid: rules, cells and who is responsible, components, incidents, patrols, video points, homes."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hexi.blocks.calendars.clocks import Limit, Unit
from hexi.blocks.forms.models import SealedJSON
from hexi.kernel import clock
from hexi.ui.words import english


# --- rules: rows of packs, each with the day it counts from -----------------------------------------------------------
class RuleQuerySet(models.QuerySet["Rule"]):
    """Filters of one table."""

    def on(self, day: date) -> Self:
        """Those in force on a day: of each the latest begun."""
        later = Rule.objects.filter(
            what=models.OuterRef("what"), key=models.OuterRef("key"), valid_from__lte=day,
            valid_from__gt=models.OuterRef("valid_from"),
        )  # fmt: skip
        return self.filter(~models.Exists(later), Q(valid_to=None) | Q(valid_to__gt=day), valid_from__lte=day)


class Rule(models.Model):
    """A rule of the packs: a code scheme, a class of incident, the limit of a step, an extent, usual units."""

    class What(models.TextChoices):
        """What it rules."""

        SCHEME = "scheme", _("编码规则")
        CLASS = "class", _("事件、部件类别")
        STEP = "step", _("环节时限")
        EXTENT = "extent", _("区域范围")
        UNIT = "unit", _("处置部门")

    what = models.CharField(max_length=8, choices=What)
    key = models.CharField(max_length=40)
    title = models.CharField(max_length=100)
    title_en = models.CharField(max_length=200)
    facts = models.JSONField(help_text="see `rules`: the schema of the pack it came from")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, help_text="the first day without it")

    objects = RuleQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["what", "key", "valid_from"], name="grid_rule_once")]

    def __str__(self) -> str:
        return self.title_en if english() else self.title


# --- cells ------------------------------------------------------------------------------------------------------------
class Stamp(models.Model):
    """Names the state of the cells: processes that hold an index of them load it anew when it changes."""

    key = models.CharField(primary_key=True, max_length=8)
    token = models.CharField(max_length=32)


class CellQuerySet(models.QuerySet["Cell"]):
    """Filters of one table."""

    def current(self) -> Self:
        """Those in use."""
        return self.filter(ended_on=None)


class Cell(models.Model):
    """网格: a piece of ground that belongs to one village or community and to those responsible for it."""

    class Kind(models.TextChoices):
        """What sort of cell."""

        BASIC = "basic", _("基础网格")
        SPECIAL = "special", _("专属网格")

    code = models.CharField(_("网格编码"), max_length=24)
    scheme = models.CharField(max_length=40, help_text="key of the code scheme")
    title = models.CharField(_("名称"), max_length=100)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.BASIC)
    region_code = models.CharField(max_length=12, db_index=True, help_text="village or community")
    department = models.ForeignKey("regions.Department", models.PROTECT, related_name="+", help_text="the grid centre")
    shape = models.JSONField(help_text="polygons of rings of [longitude, latitude], WGS-84; the outer ring first")
    west = models.FloatField()
    south = models.FloatField()
    east = models.FloatField()
    north = models.FloatField()
    area_m2 = models.FloatField()
    synthetic = models.BooleanField(default=False, help_text="made up for a demo or test; pages say so")
    began_on = models.DateField(default=clock.today)
    ended_on = models.DateField(null=True, help_text="the first day without it")

    objects = CellQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=Q(ended_on=None), name="grid_cell_one_current")
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.code}"


class DutyQuerySet(models.QuerySet["Duty"]):
    """Filters of one table."""

    def now(self) -> Self:
        """Those that hold."""
        return self.filter(ended_at=None)


class Duty(models.Model):
    """网格员: who is responsible for a cell, since when."""

    cell = models.ForeignKey(Cell, models.PROTECT, related_name="duties")
    account = models.ForeignKey("people.Account", models.PROTECT, related_name="+")
    began_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)

    objects = DutyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cell", "account"], condition=Q(ended_at=None), name="grid_duty_once")
        ]
        indexes = [models.Index(fields=["account"], condition=Q(ended_at=None), name="grid_duty_of")]


class Component(models.Model):
    """部件: a thing in public space with a code of its own: a manhole cover, a lamp, a bench."""

    class State(models.TextChoices):
        """How it is."""

        GOOD = "good", _("完好")
        DAMAGED = "damaged", _("破损")
        MISSING = "missing", _("丢失")
        REMOVED = "removed", _("已拆除")

    class Accuracy(models.TextChoices):
        """How exactly its place was measured."""

        A = "A", _("A 级（±0.5 米）")
        B = "B", _("B 级（±1 米）")
        C = "C", _("C 级（±10 米）")

    code = models.CharField(_("部件编码"), max_length=20, unique=True)
    subject = models.CharField(max_length=10, help_text="key of its class")
    title = models.CharField(_("名称"), max_length=100)
    cell = models.ForeignKey(Cell, models.PROTECT, null=True, related_name="components")
    longitude = models.FloatField()
    latitude = models.FloatField()
    accuracy = models.CharField(max_length=1, choices=Accuracy, default=Accuracy.C)
    owner = models.ForeignKey("regions.Department", models.PROTECT, null=True, related_name="+")
    region_code = models.CharField(max_length=12, db_index=True)
    place = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.GOOD)

    def __str__(self) -> str:
        return f"{self.title} {self.code}"


# --- incidents --------------------------------------------------------------------------------------------------------
class Incident(models.Model):
    """网格事件: what was found where. Its steps, clocks and tasks are those of its case."""

    case = models.OneToOneField("cases.Case", models.PROTECT, related_name="+")
    subject = models.CharField(max_length=10, help_text="key of its class; the rule it came under is in `rule`")
    rule = models.ForeignKey(Rule, models.PROTECT, related_name="+")
    cell = models.ForeignKey(Cell, models.PROTECT, null=True, related_name="incidents")
    component = models.ForeignKey(Component, models.PROTECT, null=True, related_name="incidents")
    centre = models.ForeignKey("regions.Department", models.PROTECT, related_name="+", help_text="files and closes it")
    reporter = models.ForeignKey("people.Account", models.PROTECT, null=True, related_name="+")
    text = models.TextField()
    place = models.CharField(max_length=200, blank=True)
    longitude = models.FloatField(null=True)
    latitude = models.FloatField(null=True)
    seen_at = models.DateTimeField(help_text="when it was seen: before it was sent, if there was no line")
    urgent = models.BooleanField(default=False)
    closed_at = models.DateTimeField(null=True)
    unit = models.ForeignKey("regions.Department", models.PROTECT, null=True, related_name="+", help_text="closed with")
    in_time = models.BooleanField(null=True, help_text="the handling clock was kept; settled when it closes")

    class Meta:
        indexes = [
            models.Index(fields=["cell", "-id"]),
            models.Index(fields=["reporter", "-id"]),
            models.Index(fields=["closed_at"], condition=Q(closed_at__isnull=False), name="grid_incident_closed"),
        ]

    def __str__(self) -> str:
        return str(self.case)

    @property
    def limit(self) -> Limit:
        """How long handling may take, by the rule it came under."""
        found = self.rule.facts["urgent" if self.urgent and self.rule.facts.get("urgent") else "limit"]
        return Limit(found["amount"], Unit(found["unit"]))


class Round(models.Model):
    """One dispatch to one unit: when it was sent, what the unit did, and what became of it."""

    class Outcome(models.TextChoices):
        """How it ended."""

        OPEN = "", _("进行中")
        PASSED = "passed", _("核查通过")
        REWORK = "rework", _("返工")
        RETURNED = "returned", _("退回")
        STOPPED = "stopped", _("作废")

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="rounds")
    unit = models.ForeignKey("regions.Department", models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    sent_by = models.CharField(max_length=80)
    handled_at = models.DateTimeField(null=True)
    handled_by = models.CharField(max_length=80, blank=True)
    handled_name = models.CharField(max_length=200, blank=True)
    result = models.TextField(blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True, default=Outcome.OPEN)
    judged_at = models.DateTimeField(null=True)
    judged_by = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["incident"], condition=Q(judged_at=None), name="grid_round_one_open"),
            models.CheckConstraint(
                condition=Q(judged_by="") | Q(handled_by="") | ~Q(judged_by=models.F("handled_by")),
                name="grid_round_not_judged_by_who_handled",
            ),
        ]
        indexes = [models.Index(fields=["unit", "sent_at"])]


class Wish(models.Model):
    """A unit asks for more time (延期), that the clock stand still (挂账), or longer so; somebody else decides."""

    class Kind(models.TextChoices):
        """What is asked for."""

        DELAY = "delay", _("延期")
        HOLD = "hold", _("挂账")
        LONGER = "longer", _("延长挂账")

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="wishes")
    kind = models.CharField(max_length=8, choices=Kind)
    amount = models.PositiveSmallIntegerField(
        help_text="delay: how much more, in the clock's unit; hold and longer: working days"
    )
    reason = models.TextField()
    unit = models.ForeignKey("regions.Department", models.PROTECT, related_name="+")
    asked_by = models.CharField(max_length=80)
    asked_name = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)
    granted = models.BooleanField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["incident"], condition=Q(decided_at=None), name="grid_wish_one_open"),
            models.CheckConstraint(condition=~Q(asked_by=models.F("decided_by")), name="grid_wish_decided_by_another"),
        ]


class Evaluation(models.Model):
    """综合评价: how well a closed incident was handled, by who looked into it; once."""

    incident = models.OneToOneField(Incident, models.CASCADE, related_name="evaluation")
    level = models.PositiveSmallIntegerField(help_text="5 very good … 1 very bad")
    text = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()
    by_key = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(level__gte=1, level__lte=5), name="grid_evaluation_level")]


# --- patrols ----------------------------------------------------------------------------------------------------------
class Patrol(models.Model):
    """巡查计划: a cell is to be walked so often."""

    cell = models.ForeignKey(Cell, models.PROTECT, related_name="patrols")
    title = models.CharField(_("名称"), max_length=100)
    every_days = models.PositiveSmallIntegerField(_("每几天一次"), default=1)
    began_on = models.DateField(default=clock.today)
    ended_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(every_days__gte=1), name="grid_patrol_every"),
            models.UniqueConstraint(fields=["cell", "title"], condition=Q(ended_on=None), name="grid_patrol_once"),
        ]

    def __str__(self) -> str:
        return self.title


class CheckIn(models.Model):
    """打卡: a worker was in a cell; `inside` says whether the place he sent lies in it."""

    cell = models.ForeignKey(Cell, models.PROTECT, related_name="check_ins")
    patrol = models.ForeignKey(Patrol, models.PROTECT, null=True, related_name="check_ins")
    account = models.ForeignKey("people.Account", models.PROTECT, related_name="+")
    at = models.DateTimeField(help_text="when he was there: before it was sent, if there was no line")
    sent_at = models.DateTimeField(default=clock.now)
    longitude = models.FloatField(null=True)
    latitude = models.FloatField(null=True)
    inside = models.BooleanField(default=False)
    note = models.CharField(max_length=200, blank=True)
    submission = models.CharField(max_length=80, unique=True)

    class Meta:
        indexes = [models.Index(fields=["cell", "-at"]), models.Index(fields=["patrol", "-at"])]


# --- video, people ----------------------------------------------------------------------------------------------------
class VideoPoint(models.Model):
    """A camera of the public: where it stands and where its stream is to be had."""

    code = models.CharField(_("编号"), max_length=40, unique=True)
    title = models.CharField(_("名称"), max_length=100)
    stream = SealedJSON(default=dict, help_text="address of the stream, which may hold a password")
    cell = models.ForeignKey(Cell, models.PROTECT, null=True, related_name="video_points")
    longitude = models.FloatField()
    latitude = models.FloatField()
    department = models.ForeignKey("regions.Department", models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=12, db_index=True)

    def __str__(self) -> str:
        return self.title


class Home(models.Model):
    """A home in a cell; who lives there is seen only by those who look after the cell."""

    cell = models.ForeignKey(Cell, models.PROTECT, related_name="homes")
    address = models.CharField(_("地址"), max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cell", "address"], name="grid_home_once")]

    def __str__(self) -> str:
        return self.address


class Resident(models.Model):
    """Somebody who lives in a home."""

    class Care(models.TextChoices):
        """Why somebody looks in on them."""

        NONE = "", _("一般")
        ELDER = "elder", _("独居老人")
        DISABLED = "disabled", _("残疾人")
        CHILD = "child", _("留守儿童")
        POOR = "poor", _("低收入家庭")

    home = models.ForeignKey(Home, models.CASCADE, related_name="residents")
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    care = models.CharField(_("关怀对象"), max_length=10, choices=Care, blank=True, default=Care.NONE)
    since = models.DateField(default=clock.today)
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["home", "person"], condition=Q(until=None), name="grid_resident_once")
        ]


class Import(models.Model):
    """A file of cells or components that was handed in, and what was said about it."""

    what = models.CharField(max_length=12)
    name = models.CharField(max_length=200)
    account = models.ForeignKey("people.Account", models.PROTECT, null=True, related_name="+")
    region_code = models.CharField(max_length=12)
    at = models.DateTimeField(default=clock.now)
    taken = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    faults = models.JSONField(default=list, help_text="[place, sentence]: why nothing (or that row) was taken")
    hints = models.JSONField(default=list, help_text="[place, sentence]: taken, but worth a look: gaps, merged cells")

    def __str__(self) -> str:
        return self.name
