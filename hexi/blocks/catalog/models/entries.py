"""Tables of entries: one data set each with its information items, what was said of it when, who follows it, how good.

The fields are the thirteen core ones of 政务信息资源目录编制指南（试行）(发改高技〔2017〕1272号) over GB/T 21063.
"""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hexi.kernel import clock
from hexi.ui.words import english


class State(models.TextChoices):
    """Where an entry stands. What a draft changes of a published entry waits in its `Revision`."""

    DRAFT = "draft", _("起草")
    PUBLISHED = "published", _("已发布")
    WITHDRAWN = "withdrawn", _("已撤下")

    @property
    def tag(self) -> str:
        """How the state looks: see `ui.tag`."""
        return {"draft": "draft", "published": "done"}.get(self.value, "off")


class Sharing(models.TextChoices):
    """共享类型 (国发〔2016〕51号 arts 9 and 10): what other offices may have of it."""

    UNCONDITIONAL = "unconditional", _("无条件共享")
    CONDITIONAL = "conditional", _("有条件共享")
    NONE = "none", _("不予共享")


class Grading(models.TextChoices):
    """How far a data set or an item may go, lowest first."""

    PUBLIC = "public", pgettext_lazy("grading", "公开")
    INTERNAL = "internal", pgettext_lazy("grading", "内部")
    SENSITIVE = "sensitive", pgettext_lazy("grading", "敏感")
    CORE = "core", pgettext_lazy("grading", "核心")


class Cycle(models.TextChoices):
    """更新周期: how often its provider brings it up to date."""

    REALTIME = "realtime", pgettext_lazy("cycle", "实时")
    DAILY = "daily", pgettext_lazy("cycle", "每日")
    WEEKLY = "weekly", pgettext_lazy("cycle", "每周")
    MONTHLY = "monthly", pgettext_lazy("cycle", "每月")
    QUARTERLY = "quarterly", pgettext_lazy("cycle", "每季度")
    YEARLY = "yearly", pgettext_lazy("cycle", "每年")
    OTHER = "other", pgettext_lazy("cycle", "其他")


class Rows(models.TextChoices):
    """Where the rows of a data set come from."""

    VIEW = "view", _("本平台的登记簿")
    FILE = "file", _("上传的文件")
    DATABASE = "database", _("外部数据库")
    HTTP = "http", _("外部服务")
    NONE = "none", _("只有目录，没有数据")


class Entry(models.Model):
    """One catalogue entry (目录条目): what is published of a data set, or its first draft."""

    once = models.UUIDField(default=uuid.uuid4, unique=True, help_text="of the form: sent twice it stands once")
    origin = models.CharField(max_length=80, blank=True, help_text="part.key of a datasets pack; empty: entered here")
    code = models.CharField(max_length=40, unique=True, help_text="信息资源代码: classification/serial, never changed")
    slug = models.SlugField(max_length=80, unique=True, help_text="ASCII name for addresses and CKAN `name`")
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=300, blank=True)
    provider = models.ForeignKey("regions.Department", models.PROTECT, related_name="+", help_text="信息资源提供方")
    unit = models.CharField(max_length=100, blank=True, help_text="the unit inside the provider")
    region_code = models.CharField(max_length=12, help_text="division of the provider, for rights and lists")
    summary = models.TextField(max_length=4000)
    summary_en = models.TextField(max_length=6000, blank=True)
    keywords = models.TextField(max_length=1000, blank=True, help_text="what people call it, one a line")
    classification = models.CharField(max_length=30, help_text="分类码 without serial: 类 1 + 项 2 + 目 3 + 细目")
    format = models.CharField(max_length=20, help_text="key of a format in the dataset_classes pack")
    format_type = models.CharField(max_length=40, blank=True, help_text="xls, csv, oracle …")
    sharing = models.CharField(max_length=13, choices=Sharing, default=Sharing.CONDITIONAL)
    sharing_condition = models.TextField(max_length=1000, blank=True)
    sharing_way = models.CharField(max_length=20, blank=True, help_text="key of a way in the dataset_classes pack")
    sharing_basis = models.CharField(max_length=500, blank=True, help_text="law and article; 不予共享 must cite one")
    open = models.BooleanField(default=False, help_text="open to society")
    open_condition = models.CharField(max_length=500, blank=True)
    cycle = models.CharField(max_length=10, choices=Cycle, default=Cycle.OTHER)
    published = models.DateField(null=True, blank=True, help_text="发布日期: when first published")
    related = models.ManyToManyField("self", blank=True)
    grading = models.CharField(max_length=10, choices=Grading, default=Grading.INTERNAL)
    license = models.CharField(max_length=40, blank=True, help_text="key of a licence in the dataset_classes pack")
    extra = models.JSONField(default=dict, blank=True, help_text="provincial fields, see ExtraFields")
    kind = models.CharField(max_length=10, choices=Rows, default=Rows.NONE)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    current = models.ForeignKey("Revision", models.PROTECT, null=True, related_name="+", help_text="what is published")
    latest = models.ForeignKey("Revision", models.PROTECT, null=True, related_name="+", help_text="written last")
    refreshed = models.DateTimeField(null=True, help_text="when its rows were last brought up to date")
    due_on = models.DateField(null=True, help_text="day its rows should be up to date by; none: no alarm")
    told_on = models.DateField(null=True, help_text="when its provider was last told that it is overdue")
    quality = models.DecimalField(max_digits=5, decimal_places=2, null=True, help_text="0-100, as last measured")
    created = models.DateTimeField(default=clock.now)
    updated = models.DateTimeField(default=clock.now, help_text="when what is published last changed")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["origin"], condition=~Q(origin=""), name="catalog_origin_once"),
            models.UniqueConstraint(
                fields=["provider", "title"], condition=~Q(state="withdrawn"), name="catalog_title_once"
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | ~Q(sharing="none") | ~Q(sharing_basis=""),
                name="catalog_not_shared_cites_law",
            ),
            models.CheckConstraint(
                condition=Q(open=False) | (Q(grading="public") & ~Q(sharing="none")), name="catalog_open_is_public"
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(current__isnull=False), name="catalog_published_is_approved"
            ),
        ]
        indexes = [
            models.Index(fields=["region_code", "-id"]),
            models.Index(fields=["classification"]),
            models.Index(fields=["due_on"], condition=Q(state="published"), name="catalog_due"),
            models.Index(fields=["-updated"], condition=Q(state="published", open=True), name="catalog_open"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The title in the language of the page."""
        return self.title_en if english() and self.title_en else self.title

    @property
    def about(self) -> str:
        """The summary in the language of the page."""
        return self.summary_en if english() and self.summary_en else self.summary

    @property
    def changed(self) -> datetime:
        """When what is said of it or its rows last changed."""
        return max(filter(None, (self.updated, self.refreshed)))

    @property
    def overdue(self) -> bool:
        """True if it is published and should have been brought up to date before today."""
        return self.state == State.PUBLISHED and self.due_on is not None and self.due_on < clock.today()

    @property
    def tag(self) -> tuple[str, str]:
        """State and word for pages; a published one with a change under way says so."""
        if self.overdue:
            return "overdue", str(_("更新逾期"))
        if self.latest_id and self.latest_id != self.current_id and self.latest.state in OPEN_REVISIONS:
            return RevisionState(self.latest.state).tag, str(RevisionState(self.latest.state).label)
        return State(self.state).tag, str(State(self.state).label)


class ItemType(models.TextChoices):
    """数据类型 of an information item, the letters of the guide."""

    C = "C", _("字符 C")
    N = "N", _("数值 N")
    Y = "Y", _("货币 Y")
    D = "D", _("日期 D")
    T = "T", _("日期时间 T")
    L = "L", _("逻辑 L")
    M = "M", _("备注 M")
    G = "G", _("通用 G")
    B = "B", _("双精度 B")
    I = "I", _("整型 I")  # noqa: E741 - the letter of the guide
    F = "F", _("浮点 F")


class Mask(models.TextChoices):
    """How the value of an item is shown to whoever has no grant that says more."""

    NONE = "none", pgettext_lazy("mask", "原样")
    HIDDEN = "hidden", pgettext_lazy("mask", "不给出")
    PART = "part", pgettext_lazy("mask", "只留首尾")
    HASH = "hash", pgettext_lazy("mask", "换成代号")
    YEAR = "year", pgettext_lazy("mask", "只到年")
    MONTH = "month", pgettext_lazy("mask", "只到月")
    COUNTY = "county", pgettext_lazy("mask", "只到县区")


class Item(models.Model):
    """An information item (信息项): one column of a data set as it is published."""

    entry = models.ForeignKey(Entry, models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=60, help_text="the column")
    title = models.CharField(max_length=100)
    title_en = models.CharField(max_length=150, blank=True)
    type = models.CharField(max_length=1, choices=ItemType, default=ItemType.C)
    length = models.PositiveIntegerField(null=True, blank=True)
    unit = models.CharField(max_length=20, blank=True)
    sensitivity = models.CharField(max_length=10, choices=Grading, default=Grading.INTERNAL)
    personal = models.BooleanField(default=False, help_text="says something of a person")
    key = models.BooleanField(default=False, help_text="part of what tells the rows apart")
    required = models.BooleanField(default=False)
    mask = models.CharField(max_length=10, choices=Mask, default=Mask.NONE)
    open = models.BooleanField(default=False, help_text="leaves the house with the open data set")
    of_body = models.CharField(
        max_length=200, blank=True, help_text="why one that is called like a forbidden one is of a body, not a person"
    )

    class Meta:
        ordering = ["entry", "position"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "name"], name="catalog_item_once"),
            models.CheckConstraint(
                condition=Q(open=False) | Q(sensitivity="public"), name="catalog_open_item_is_public"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The title in the language of the page."""
        return self.title_en if english() and self.title_en else self.title


class RevisionState(models.TextChoices):
    """How far what somebody wrote of an entry is."""

    DRAFT = "draft", _("起草")
    WAITING = "waiting", _("待审核")
    PUBLISHED = "published", _("已发布")
    REPLACED = "replaced", _("已有新版本")
    WITHDRAWN = "withdrawn", _("已撤下")
    DISCARDED = "discarded", _("已作废")

    @property
    def tag(self) -> str:
        """How the state looks: see `ui.tag`."""
        return {"draft": "draft", "waiting": "wait", "published": "done"}.get(self.value, "off")


#: not published yet, and not given up
OPEN_REVISIONS = (RevisionState.DRAFT, RevisionState.WAITING)


class Revision(models.Model):
    """All that is said of an entry at one time, as JSON: written by one official, published by another, then kept."""

    entry = models.ForeignKey(Entry, models.CASCADE, related_name="revisions")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=RevisionState, default=RevisionState.DRAFT)
    content = models.JSONField(help_text="see operations.entries.content_of: fields, items, related codes, extra")
    why = models.CharField(max_length=300, blank=True, help_text="what changed against the one before")
    written_key = models.CharField(max_length=80)
    written_name = models.CharField(max_length=200)
    written_at = models.DateTimeField(default=clock.now)
    submitted_at = models.DateTimeField(null=True)
    returned = models.CharField(max_length=300, blank=True, help_text="why it was last given back")
    published_key = models.CharField(max_length=80, blank=True)
    published_name = models.CharField(max_length=200, blank=True)
    published_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "number"], name="catalog_revision_number"),
            models.UniqueConstraint(
                fields=["entry"], condition=Q(state__in=("draft", "waiting")), name="catalog_one_open_revision"
            ),
            models.UniqueConstraint(fields=["entry"], condition=Q(state="published"), name="catalog_one_published"),
            models.CheckConstraint(
                condition=Q(published_key="") | Q(published_key__startswith="system:")
                | ~Q(published_key=F("written_key")),
                name="catalog_published_by_another",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["state", "submitted_at"])]

    def __str__(self) -> str:
        return f"{self.entry_id}/{self.number}"

    @property
    def tag(self) -> tuple[str, str]:
        """State and word for pages."""
        return RevisionState(self.state).tag, str(RevisionState(self.state).label)


class CodeCounter(models.Model):
    """The last serial given out under a classification; its row lock makes serials unique."""

    classification = models.CharField(max_length=30, primary_key=True)
    value = models.BigIntegerField(default=0)


class Subscription(models.Model):
    """Somebody who is told when a data set is brought up to date, changed or withdrawn."""

    entry = models.ForeignKey(Entry, models.CASCADE, related_name="subscriptions")
    account = models.ForeignKey("people.Account", models.CASCADE, related_name="+")
    created = models.DateTimeField(default=clock.now)
    told_at = models.DateTimeField(null=True, help_text="of new rows; at most once a day")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "account"], name="catalog_subscription_once")]

    def __str__(self) -> str:
        return f"{self.entry_id}:{self.account_id}"


class Quality(models.Model):
    """How good a data set was on a day: five shares of 0 to 100, none where nothing can be said."""

    entry = models.ForeignKey(Entry, models.CASCADE, related_name="qualities")
    day = models.DateField()
    rows = models.BigIntegerField(null=True)
    complete = models.DecimalField(max_digits=5, decimal_places=2, null=True, help_text="cells filled in")
    fresh = models.DecimalField(max_digits=5, decimal_places=2, null=True, help_text="brought up to date in its cycle")
    valid = models.DecimalField(max_digits=5, decimal_places=2, null=True, help_text="cells of their type and length")
    unique = models.DecimalField(max_digits=5, decimal_places=2, null=True, help_text="rows whose key stands once")
    used = models.DecimalField(max_digits=5, decimal_places=2, null=True, help_text="against the set used most")
    uses = models.BigIntegerField(default=0, help_text="uses, and reads in the thirty days before")
    score = models.DecimalField(max_digits=5, decimal_places=2, null=True, help_text="mean of what can be said")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "day"], name="catalog_quality_once")]
        indexes = [models.Index(fields=["entry", "-day"])]

    def __str__(self) -> str:
        return f"{self.entry_id}@{self.day}"


class ExtraFields(models.Model):
    """The fields a province adds to the thirteen (DB51/T 2847, DB37/T 2885 …), as a JSON schema, for a time."""

    region_code = models.CharField(max_length=12, help_text="the division whose entries have them, with all below it")
    standard = models.CharField(max_length=100, help_text="number of the standard and its clause")
    schema = models.JSONField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True, help_text="first day it no longer holds")
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region_code", "valid_from"], name="catalog_extra_once"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")), name="catalog_extra_in_order"
            ),
        ]

    def __str__(self) -> str:
        return self.standard


class SheetImport(models.Model):
    """A large file of entries handed in: taken in batch by batch; its report stays for who brought it."""

    key = models.CharField(max_length=32, unique=True, help_text="stands in the address, and names the file")
    account = models.ForeignKey("people.Account", models.PROTECT, related_name="+")
    name = models.CharField(max_length=200, help_text="of the file")
    language = models.CharField(max_length=10, help_text="of the report")
    total = models.PositiveIntegerField(help_text="entries in the file")
    done = models.PositiveIntegerField(default=0, help_text="of them, counted in the transaction of their batch")
    outcomes = models.JSONField(default=list, help_text="line, name, what became of it, sentences, entry")
    beat_at = models.DateTimeField(default=clock.now, help_text="when it was begun or got on last")
    tries = models.PositiveSmallIntegerField(default=0, help_text="begun without getting on by a batch")
    stopped = models.CharField(max_length=500, blank=True, help_text="why the rest is not taken in")
    at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["account", "-at"])]

    def __str__(self) -> str:
        return self.name
