"""Tables of articles: the article and who keeps it, each version of what it said, what readers found wrong."""

import uuid
from datetime import date, datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hexi.kernel import clock
from hexi.ui.words import english


class Audience(models.TextChoices):
    """Who may read it."""

    PUBLIC = "public", _("所有人")
    OFFICIALS = "officials", _("仅工作人员")


class State(models.TextChoices):
    """How far a version is."""

    DRAFT = "draft", _("起草")
    WAITING = "waiting", _("待核准")
    PUBLISHED = "published", _("已发布")
    REPLACED = "replaced", _("已有新版本")
    WITHDRAWN = "withdrawn", _("已撤下")
    DISCARDED = "discarded", _("已作废")

    @property
    def tag(self) -> str:
        """How the state looks: see `ui.tag`."""
        return {"draft": "draft", "waiting": "wait", "published": "done"}.get(self.value, "off")


#: not public yet, and not given up
OPEN = (State.DRAFT, State.WAITING)


def words_of(text: str) -> list[str]:
    """The lines of a column that holds one word a line."""
    return [line for line in text.splitlines() if line]


class Article(models.Model):
    """One piece of knowledge: whose it is, where it holds, when it must be looked at again. Texts are its versions'."""

    once = models.UUIDField(default=uuid.uuid4, unique=True, help_text="of the form: sent twice it stands once")
    origin = models.CharField(max_length=80, blank=True, help_text="key in an articles pack; empty: written here")
    department = models.ForeignKey("regions.Department", models.PROTECT, related_name="+", help_text="its owner")
    region_code = models.CharField(max_length=12, help_text="division it holds in")
    current = models.ForeignKey("Version", models.PROTECT, null=True, related_name="+", help_text="what is published")
    latest = models.ForeignKey("Version", models.PROTECT, null=True, related_name="+", help_text="written last")
    review_months = models.PositiveSmallIntegerField(default=12)
    review_on = models.DateField(null=True, help_text="day its owner must have looked at it again; set when published")
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.CharField(max_length=200, blank=True)
    told_on = models.DateField(null=True, help_text="when its owner was last told that it is overdue")
    helpful = models.PositiveIntegerField(default=0)
    unhelpful = models.PositiveIntegerField(default=0)
    used = models.PositiveIntegerField(default=0, help_text="times an operator or office answered from it")
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["origin"], condition=~Q(origin=""), name="articles_origin_once"),
        ]
        indexes = [
            models.Index(fields=["region_code", "-id"]),
            models.Index(fields=["review_on"], condition=Q(current__isnull=False), name="articles_due"),
        ]

    def __str__(self) -> str:
        shown = self.latest or self.current
        return shown.name if shown else str(self.pk)

    @property
    def overdue(self) -> bool:
        """True if it is published and its day of review is over."""
        return self.current_id is not None and self.review_on is not None and self.review_on < clock.today()

    @property
    def tag(self) -> tuple[str, str]:
        """State and word for pages: of what was written last, and of a published one whether it was looked at."""
        last = self.latest
        if last is not None and last.state in OPEN:
            return last.tag
        if self.overdue:
            return "overdue", str(_("该复核了"))
        return (self.current or last).tag if last else ("off", "")  # type: ignore[union-attr]


class VersionQuerySet(models.QuerySet["Version"]):
    """Filters of one table."""

    def published(self) -> "VersionQuerySet":
        """Approved, and the last that was."""
        return self.filter(state=State.PUBLISHED)

    def holding(self, day: date | None = None) -> "VersionQuerySet":
        """Those in force on a day (default: today)."""
        day = day or clock.today()
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=day), valid_from__lte=day)

    def shown(self) -> "VersionQuerySet":
        """What everybody may read today."""
        return self.published().holding().filter(audience=Audience.PUBLIC)


class Version(models.Model):
    """What an article says, or said from `approved_at` to `ended_at`. Written by one official, approved by another."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    kind = models.CharField(max_length=20, help_text="key in the article_kinds pack")
    audience = models.CharField(max_length=10, choices=Audience, default=Audience.PUBLIC)
    title = models.CharField(max_length=120)
    title_en = models.CharField(max_length=200, blank=True)
    body = models.TextField(max_length=20_000, help_text="see markup.py")
    body_en = models.TextField(max_length=20_000, blank=True)
    reply = models.TextField(max_length=2000, blank=True, help_text="standard text an office copies into an answer")
    source = models.CharField(max_length=200, blank=True, help_text="where it is written: law and article, notice")
    source_url = models.URLField(max_length=500, blank=True)
    keywords = models.TextField(max_length=1000, blank=True, help_text="what people call it, one a line")
    items = models.TextField(max_length=1000, blank=True, help_text="keys of service items, one a line")
    subjects = models.TextField(max_length=1000, blank=True, help_text="codes of classes of requests, one a line")
    formed_on = models.DateField(default=clock.today, help_text="public within 20 working days (信息公开条例 art. 26)")
    valid_from = models.DateField(default=clock.today)
    valid_to = models.DateField(null=True, blank=True, help_text="first day it no longer holds")
    why = models.CharField(max_length=300, blank=True, help_text="what changed against the version before")
    digest = models.CharField(max_length=64, blank=True, help_text="of the pack it came from")
    written_key = models.CharField(max_length=80)
    written_name = models.CharField(max_length=200)
    written_at = models.DateTimeField(default=clock.now)
    submitted_at = models.DateTimeField(null=True)
    returned = models.CharField(max_length=300, blank=True, help_text="why it was last given back")
    approved_key = models.CharField(max_length=80, blank=True)
    approved_name = models.CharField(max_length=200, blank=True)
    approved_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=300, blank=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "number"], name="articles_version_number"),
            models.UniqueConstraint(
                fields=["article"], condition=Q(state__in=("draft", "waiting")), name="articles_one_open_version"
            ),
            models.UniqueConstraint(fields=["article"], condition=Q(state="published"), name="articles_one_published"),
            models.CheckConstraint(
                condition=Q(approved_key="") | ~Q(approved_key=F("written_key")), name="articles_approved_by_another"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("published", "replaced", "withdrawn"))
                | (~Q(approved_key="") & Q(approved_at__isnull=False)),
                name="articles_published_is_approved",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")), name="articles_valid_in_order"
            ),
        ]
        indexes = [
            models.Index(fields=["-approved_at"], condition=Q(state="published"), name="articles_newest"),
            models.Index(fields=["state", "submitted_at"]),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The title in the language of the page."""
        return self.title_en if english() and self.title_en else self.title

    @property
    def text(self) -> str:
        """The body in the language of the page."""
        return self.body_en if english() and self.body_en else self.body

    @property
    def public(self) -> bool:
        """True if it is meant for everybody."""
        return self.audience == Audience.PUBLIC

    @property
    def expired(self) -> bool:
        """True if it no longer holds."""
        return self.valid_to is not None and self.valid_to <= clock.today()

    @property
    def tag(self) -> tuple[str, str]:
        """State and word for pages."""
        if self.state == State.PUBLISHED and self.expired:
            return "off", str(pgettext_lazy("article", "已失效"))
        return State(self.state).tag, str(State(self.state).label)


class Side(models.TextChoices):
    """Who says what is wrong."""

    PUBLIC = "public", _("公众")
    OFFICIAL = "official", _("工作人员")


class Feedback(models.Model):
    """What a reader says of a version: of use or not, and what is wrong. The owner answers what has words."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="feedback")
    version = models.ForeignKey(Version, models.PROTECT, related_name="+")
    once = models.UUIDField(unique=True, help_text="of the form: sent twice it counts once")
    side = models.CharField(max_length=10, choices=Side)
    helpful = models.BooleanField(null=True)
    text = models.TextField(max_length=1000, blank=True)
    by_key = models.CharField(max_length=80, blank=True, help_text="empty: a visitor, of whom nothing is kept")
    by_name = models.CharField(max_length=200, blank=True, help_text="of officials alone")
    at = models.DateTimeField(default=clock.now)
    open = models.BooleanField(default=False, help_text="waits for the owner's answer")
    answer = models.TextField(max_length=1000, blank=True)
    answered_by = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(open=False) | Q(answered_at=None), name="articles_open_is_unanswered"),
            models.CheckConstraint(condition=~Q(helpful=None) | ~Q(text=""), name="articles_feedback_says_something"),
        ]
        indexes = [
            models.Index(fields=["article", "-id"]),
            models.Index(fields=["at"], condition=Q(open=True), name="articles_to_answer"),
        ]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def tag(self) -> tuple[str, str]:
        """Answered or not, for pages."""
        if self.open:
            return "wait", str(_("待答复"))
        return ("done", str(_("已答复"))) if self.answered_at else ("info", str(_("已计数")))


class Allowance(models.Model):
    """How often somebody has given feedback in an hour; whose it is can be compared, not read."""

    key = models.CharField(max_length=64, help_text="HMAC of account or address")
    hour = models.DateTimeField()
    used = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "hour"], name="articles_allowance_once")]
        indexes = [models.Index(fields=["hour"])]


def hour_of(moment: datetime) -> datetime:
    """The hour a moment lies in."""
    return moment.replace(minute=0, second=0, microsecond=0)
