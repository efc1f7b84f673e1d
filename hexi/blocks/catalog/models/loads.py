"""Tables of the rows kept here: where they come from, each load with what was wrong in it, the versions kept."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hexi.blocks.catalog.models.entries import Entry
from hexi.kernel import clock


class Way(models.TextChoices):
    """How the rows of a data set get here."""

    FILE = "file", _("上传或放进文件夹的文件")
    POSTGRES = "postgres", _("PostgreSQL 数据库的表")
    MARIADB = "mariadb", _("MariaDB 或 MySQL 数据库的表")
    HTTP = "http", _("网络服务（JSON、CSV）")
    EXCHANGE = "exchange", _("别处的数据集（数据交换，有推送就更新）")


class LoadState(models.TextChoices):
    """How far a load is."""

    SEEN = "seen", pgettext_lazy("load", "待确认数据项")
    WAITING = "waiting", pgettext_lazy("load", "等待装载")
    RUNNING = "running", pgettext_lazy("load", "正在装载")
    DONE = "done", pgettext_lazy("load", "已装载")
    SAME = "same", pgettext_lazy("load", "没有新数据")
    REFUSED = "refused", pgettext_lazy("load", "不合要求，未装载")
    FAILED = "failed", pgettext_lazy("load", "中断，未装载")
    DROPPED = "dropped", pgettext_lazy("load", "已放弃")

    @property
    def tag(self) -> str:
        """How the state looks: see `ui.tag`."""
        looks = {"seen": "near", "waiting": "wait", "running": "doing", "done": "done", "same": "done"}
        return looks.get(self.value, "off" if self.value == "dropped" else "refused")


#: loads under way: one a source
UNDER_WAY = (LoadState.SEEN, LoadState.WAITING, LoadState.RUNNING)


class Source(models.Model):
    """Where the rows of a data set come from, what each row must be, and how many may be bad."""

    entry = models.OneToOneField(Entry, models.CASCADE, related_name="source")
    way = models.CharField(max_length=10, choices=Way, default=Way.FILE)
    settings = models.JSONField(
        default=dict, help_text="host, port, database, user, table; url, inside: never a secret"
    )
    secret = models.CharField(max_length=500, blank=True, help_text="password or token, sealed")
    fields = models.JSONField(default=list, help_text="what each row must be (store.checking.Field), confirmed")
    confirmed_name = models.CharField(max_length=200, blank=True)
    confirmed_at = models.DateTimeField(null=True)
    most_bad = models.PositiveSmallIntegerField(default=1, help_text="rows in a thousand that may be bad")
    key = models.JSONField(
        default=list, help_text="columns that tell the rows apart; with a watermark: what is replaced"
    )
    watermark = models.CharField(
        max_length=60, blank=True, help_text="column that only grows; empty: all rows each time"
    )
    mark = models.CharField(max_length=200, blank=True, help_text="its largest value so far")
    minutes = models.PositiveIntegerField(default=0, help_text="between two askings; 0: only when somebody asks")
    asked_at = models.DateTimeField(null=True)
    active = models.BooleanField(default=True)
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [
            models.Index(fields=["asked_at"], condition=Q(active=True, minutes__gt=0), name="catalog_source_due")
        ]

    def __str__(self) -> str:
        return str(self.entry)


class Version(models.Model):
    """The rows of a data set as they were loaded once: a file that never changes."""

    entry = models.ForeignKey(Entry, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    fields = models.JSONField(help_text="store.checking.Field, in the order of the file's columns")
    rows = models.BigIntegerField()
    bytes = models.BigIntegerField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file")
    current = models.BooleanField(default=False, help_text="the one that is shown")
    open = models.BooleanField(default=False, help_text="everybody may have it when it is an older one")
    withheld_at = models.DateTimeField(null=True, help_text="it was open, and somebody stopped that")
    asked_why = models.CharField(max_length=300, blank=True, help_text="why somebody wants it open again")
    asked_key = models.CharField(max_length=80, blank=True)
    asked_name = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField(default=clock.now)
    made_name = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "number"], name="catalog_version_number"),
            models.UniqueConstraint(fields=["entry"], condition=Q(current=True), name="catalog_one_version"),
        ]

    def __str__(self) -> str:
        return f"{self.entry} {self.number}"


class Load(models.Model):
    """One try to make a version: a file handed in, or an asking of a database or service."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="loads")
    once = models.UUIDField(default=uuid.uuid4, unique=True, help_text="of the form: sent twice it stands once")
    state = models.CharField(max_length=10, choices=LoadState)
    name = models.CharField(max_length=200, help_text="of the file, or of the table")
    file = models.CharField(max_length=80, blank=True, help_text="where it waits, below the folder of incoming files")
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the file")
    bytes = models.BigIntegerField(default=0)
    seen = models.JSONField(default=dict, help_text="what the file seems to be: fields, first rows, encoding, changes")
    rows = models.BigIntegerField(default=0, help_text="taken; while it runs: so far")
    bad = models.BigIntegerField(default=0, help_text="left out")
    told = models.TextField(blank=True, help_text="why it was refused or broke off")
    tries = models.PositiveSmallIntegerField(default=0)
    by_key = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)
    made_at = models.DateTimeField(default=clock.now)
    beat_at = models.DateTimeField(null=True, help_text="when it last went on")
    ended_at = models.DateTimeField(null=True)
    version = models.OneToOneField(Version, models.SET_NULL, null=True, related_name="load")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source"], condition=Q(state__in=("seen", "waiting", "running")), name="catalog_one_load"
            )
        ]
        indexes = [
            models.Index(fields=["source", "-id"]),
            models.Index(
                fields=["state", "beat_at"], condition=Q(state__in=("waiting", "running")), name="catalog_load_waits"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def tag(self) -> tuple[str, str]:
        """State and word for pages."""
        return LoadState(self.state).tag, str(LoadState(self.state).label)


class BadRow(models.Model):
    """A row that was not taken: the first thousand of a load."""

    load = models.ForeignKey(Load, models.CASCADE, related_name="bads")
    line = models.BigIntegerField(help_text="in the file; of a database: the number of the row")
    column = models.CharField(max_length=60, blank=True)
    value = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=10, help_text="key of store.checking.REASONS")

    class Meta:
        indexes = [models.Index(fields=["load", "line"])]

    def __str__(self) -> str:
        return f"{self.line}: {self.column}"


class Asked(models.Model):
    """A figure about persons told to an outsider: what he asks next may not differ from it by a few of them."""

    version = models.ForeignKey(Version, models.CASCADE, null=True, related_name="+", help_text="none: an own table")
    entry = models.ForeignKey(Entry, models.CASCADE, related_name="+")
    asker = models.CharField(max_length=64, help_text="hash of who was told: `queries.loads.consumer`")
    question = models.JSONField(help_text="where and group, as the grammar reads them; region of the grant")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["entry", "asker", "-at"])]
