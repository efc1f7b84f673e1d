"""Tables of the harvest: catalogues of others, each run through one, each data set met there."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hexi.kernel import clock


class HarvestKind(models.TextChoices):
    """How another catalogue speaks."""

    CKAN = "ckan", "CKAN"
    DCAT = "dcat", "DCAT"


class HarvestSource(models.Model):
    """A catalogue of others, asked every so many hours; what is there is taken in for `provider`."""

    name = models.CharField(max_length=100)
    url = models.URLField(max_length=500, unique=True)
    kind = models.CharField(max_length=4, choices=HarvestKind)
    provider = models.ForeignKey("regions.Department", models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=12)
    classification = models.CharField(max_length=30, help_text="分类码 of what is taken in")
    hours = models.PositiveSmallIntegerField(default=24)
    active = models.BooleanField(default=True)
    next_at = models.DateTimeField(default=clock.now)
    clean_from = models.DateTimeField(null=True, help_text="begin of the last run without a fault")
    created = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(hours__gte=1), name="catalog_harvest_hours")]

    def __str__(self) -> str:
        return self.name


class JobState(models.TextChoices):
    """How far a run is."""

    GATHER = "gather", _("正在列目录")
    IMPORT = "import", _("正在取入")
    DONE = "done", _("完成")
    FAILED = "failed", _("失败")

    @property
    def tag(self) -> str:
        """How it looks: see `ui.tag`."""
        return {"done": "done", "failed": "refused"}.get(self.value, "doing")


class HarvestJob(models.Model):
    """One run through a catalogue: gathered page by page, then fetched and taken in one by one. One at a time a source.

    `place` is where the gathering stands: the offset at a CKAN, the address of the next page at a DCAT.
    """

    source = models.ForeignKey(HarvestSource, models.CASCADE, related_name="jobs")
    state = models.CharField(max_length=6, choices=JobState, default=JobState.GATHER)
    since = models.DateTimeField(null=True, help_text="only what changed from then on; none: everything")
    place = models.CharField(max_length=1000, blank=True)
    pages = models.PositiveIntegerField(default=0)
    fault = models.CharField(max_length=500, blank=True)
    started = models.DateTimeField(default=clock.now)
    ended = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source"], condition=Q(state__in=("gather", "import")), name="catalog_harvest_one_run"
            )
        ]
        indexes = [models.Index(fields=["source", "-id"])]

    def __str__(self) -> str:
        return f"{self.source_id}@{self.started:%Y-%m-%d}"

    @property
    def tag(self) -> tuple[str, str]:
        """State and word for pages."""
        return JobState(self.state).tag, str(JobState(self.state).label)


class ObjectState(models.TextChoices):
    """What became of one data set in its last run."""

    WAITING = "waiting", _("等待")
    TAKEN = "taken", _("已取入")
    SAME = "same", _("没有变化")
    GONE = "gone", _("对方已删除")
    BAD = "bad", _("没有取入")

    @property
    def tag(self) -> str:
        """How it looks: see `ui.tag`."""
        return {"waiting": "wait", "taken": "done", "same": "info", "gone": "off"}.get(self.value, "refused")


class HarvestObject(models.Model):
    """A data set of a source: known by what it is called there, and what it became here."""

    source = models.ForeignKey(HarvestSource, models.CASCADE, related_name="objects_met")
    guid = models.CharField(max_length=500)
    job = models.ForeignKey(
        HarvestJob, models.CASCADE, related_name="objects_met", help_text="the run it was last met in"
    )
    state = models.CharField(max_length=8, choices=ObjectState, default=ObjectState.WAITING)
    title = models.CharField(max_length=200, blank=True)
    content = models.JSONField(default=dict, help_text="as it was told, in our words of DCAT")
    digest = models.CharField(max_length=64, blank=True, help_text="of what was last taken in")
    entry = models.ForeignKey("Entry", models.SET_NULL, null=True, related_name="harvested")
    fault = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "guid"], name="catalog_harvest_object_once"),
        ]
        indexes = [models.Index(fields=["job", "state"])]

    def __str__(self) -> str:
        return self.title or self.guid

    @property
    def tag(self) -> tuple[str, str]:
        """State and word for pages."""
        return ObjectState(self.state).tag, str(ObjectState(self.state).label)
