"""Tables of items: service items, their versions, drafts and imports, and what the nightly self-check found."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hexi.kernel import clock
from hexi.ui.words import english


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
