"""The order beside its case: who had it, what was answered and said about it, photos everybody may see."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hexi.blocks.forms.models import SealedJSON
from hexi.domains.livelihood.requests.models.calls import Call
from hexi.domains.livelihood.requests.states import Refusal, Type
from hexi.kernel import clock


class Request(models.Model):
    """What somebody asked, complained of or reported (诉求工单). State, office, number and clocks are its case's."""

    case = models.OneToOneField("cases.Case", models.CASCADE, related_name="request")
    type = models.CharField(max_length=8, choices=Type, default=Type.HELP)
    text = models.TextField(help_text="as it was said; markup is text")
    hotline = models.ForeignKey("regions.Department", models.PROTECT, related_name="+", help_text="who took it")
    hotline_region = models.CharField(max_length=12, help_text="region the hotline serves")
    # where and when it is
    place_code = models.CharField(max_length=12, db_index=True, help_text="division the matter lies in")
    address = models.CharField(max_length=200, blank=True)
    lat = models.DecimalField(
        max_digits=9, decimal_places=6, null=True, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    lon = models.DecimalField(
        max_digits=9, decimal_places=6, null=True, validators=[MinValueValidator(-180), MaxValueValidator(180)]
    )
    happened_at = models.DateTimeField(null=True)
    urgent = models.BooleanField(default=False, help_text="its words name an emergency")
    # who
    secret = models.BooleanField(default=False, help_text="no office learns who it is, only the hotline")
    contact = SealedJSON(default=dict, help_text="name, phone; sealed")
    caller_lookup = models.CharField(max_length=64, blank=True, help_text="HMAC of the phone")
    source_ref = models.CharField(max_length=120, blank=True, help_text="recording, message or order it came by")
    call = models.ForeignKey(Call, models.SET_NULL, null=True, related_name="orders", help_text="the call it came by")
    # where it went
    designated = models.BooleanField(default=False, help_text="the hotline named the office for good: no return")
    dispatched_at = models.DateTimeField(null=True)
    lead = models.ForeignKey("self", models.PROTECT, null=True, related_name="followers")
    first_at = models.DateTimeField(null=True, help_text="first word to the caller")
    passed_to = models.CharField(max_length=100, blank=True, help_text="two-step answer: who works on it")
    promised = models.DateField(null=True, help_text="two-step answer: by when the result comes")
    extended = models.PositiveSmallIntegerField(default=0, help_text="working days the head added")
    refusal = models.CharField(max_length=12, choices=Refusal, blank=True)
    next_owner = models.CharField(max_length=200, blank=True, help_text="refused: who is in charge, and how to reach")
    # what became of it
    solved = models.BooleanField(null=True)
    satisfied = models.PositiveSmallIntegerField(null=True, help_text="1–5")
    redone = models.PositiveSmallIntegerField(default=0)
    reopened = models.PositiveSmallIntegerField(default=0)
    urged = models.PositiveSmallIntegerField(default=0)
    urged_at = models.DateTimeField(null=True)
    # what everybody reads
    may_publish = models.BooleanField(default=True, help_text="the caller agrees to be read without his name")
    public = models.BooleanField(default=False)
    public_text = models.TextField(blank=True)
    public_answer = models.TextField(blank=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["caller_lookup", "-id"], condition=~Q(caller_lookup=""), name="requests_of_caller"),
            models.Index(fields=["lat", "lon"], condition=Q(lat__isnull=False), name="requests_at_point"),
            models.Index(F("published_at").desc(), condition=Q(public=True), name="requests_published"),
            models.Index(fields=["hotline", "-id"]),
            models.Index(fields=["-id"], condition=Q(solved=False) | Q(satisfied__lt=3), name="requests_bad"),
            models.Index(fields=["case"], condition=Q(urgent=True), name="requests_urgent"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(lead=F("pk")), name="requests_lead_is_another"),
            models.CheckConstraint(
                condition=Q(lat=None, lon=None) | Q(lat__isnull=False, lon__isnull=False), name="requests_point_whole"
            ),
        ]

    def __str__(self) -> str:
        return self.case.number


class Dispatch(models.Model):
    """The order was handed to an office; and, if so, how it came back."""

    class Why(models.TextChoices):
        """What it was handed over for."""

        FIRST = "first", _("派单")
        AGAIN = "again", _("改派")
        DESIGNATED = "designated", _("指定承办")
        REDO = "redo", _("退回重办")
        REOPEN = "reopen", _("再次提出")
        APART = "apart", _("单独办理")

    request = models.ForeignKey(Request, models.CASCADE, related_name="dispatches")
    office = models.ForeignKey("regions.Department", models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=12)
    why = models.CharField(max_length=12, choices=Why, default=Why.FIRST)
    at = models.DateTimeField()
    by_name = models.CharField(max_length=200)
    proposed = models.JSONField(default=list, help_text="what was proposed then: kept to learn from")
    returned_at = models.DateTimeField(null=True)
    return_reason = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["request", "-id"]), models.Index(fields=["at"])]


class Answer(models.Model):
    """What an office said: a first word ("passed on to …, by …") or the result."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="replies")
    office = models.ForeignKey("regions.Department", models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=12)
    at = models.DateTimeField()
    final = models.BooleanField()
    in_time = models.BooleanField()
    first = models.BooleanField(default=False, help_text="the first word the caller got")
    first_in_time = models.BooleanField(default=False)
    text = models.TextField()
    by_name = models.CharField(max_length=200)
    copied = models.BooleanField(default=False, help_text="of the order it follows, where it counts")
    article = models.ForeignKey(
        "articles.Version", models.PROTECT, null=True, related_name="+", help_text="it was said from"
    )

    class Meta:
        indexes = [models.Index(fields=["request", "-id"]), models.Index(fields=["at"])]


class Verdict(models.Model):
    """What the caller says of an answer, by the link or asked on the phone; or that nobody could be reached."""

    class Way(models.TextChoices):
        """How it was asked."""

        LINK = "link", _("本人评价")
        CALL = "call", _("电话回访")

    request = models.ForeignKey(Request, models.CASCADE, related_name="verdicts")
    office = models.ForeignKey("regions.Department", models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=12)
    at = models.DateTimeField()
    round = models.PositiveSmallIntegerField(help_text="of answers: each is rated once")
    way = models.CharField(max_length=4, choices=Way)
    solved = models.BooleanField()
    satisfied = models.PositiveSmallIntegerField(help_text="1–5")
    comment = models.TextField(blank=True)
    by_name = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "round"], name="requests_verdict_once")]
        indexes = [models.Index(fields=["at"])]


class Attempt(models.Model):
    """A call-back that reached nobody."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="attempts")
    at = models.DateTimeField()
    by_name = models.CharField(max_length=200)


class PublicPhoto(models.Model):
    """A photo of an order for everybody: a copy without its words, faces and plates covered, that an official let go.

    `copy` holds the pixels he looks at; the original is reached by nobody through it.
    """

    class Side(models.TextChoices):
        """Whether the trouble is on it, or what the office made of it."""

        BEFORE = "before", _("处理前")
        AFTER = "after", _("处理后")

    class State(models.TextChoices):
        """How far it is."""

        PROPOSED = "proposed", _("待核对")
        RELEASED = "released", _("已放行")
        WITHHELD = "withheld", pgettext_lazy("photo", "不公开")

    request = models.ForeignKey(Request, models.CASCADE, related_name="public_photos")
    source = models.ForeignKey("documents.Document", models.CASCADE, related_name="+")
    copy = models.ForeignKey("documents.Document", models.PROTECT, related_name="+")
    side = models.CharField(max_length=6, choices=Side)
    state = models.CharField(max_length=8, choices=State, default=State.PROPOSED)
    boxes = models.JSONField(default=list, help_text="what is covered, in pixels of the copy")
    detector = models.CharField(max_length=100, help_text="what looked, with its versions")
    found = models.JSONField(default=list, help_text="what it saw")
    alt = models.CharField(max_length=200, blank=True, help_text="what is on it, for who cannot see it")
    key = models.CharField(
        max_length=32, null=True, unique=True, help_text="stands in its address; another one at each release"
    )
    revision = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField(default=clock.now)
    released_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "source"], name="requests_photo_once"),
            models.CheckConstraint(
                condition=Q(state="released", key__isnull=False) | (~Q(state="released") & Q(key=None)),
                name="requests_photo_key_when_released",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.side} {self.pk}"
