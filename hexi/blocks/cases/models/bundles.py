"""Tables of several items asked at once (一件事)."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hexi.blocks.cases.models.case import Case
from hexi.blocks.cases.models.items import ItemVersion
from hexi.blocks.cases.models.promises import Promise
from hexi.blocks.cases.states import State
from hexi.blocks.forms.models import SealedJSON
from hexi.kernel import clock
from hexi.ui.words import english


class BundleVersion(models.Model):
    """一件事 as one region offers it: its text and the version of each item; applications keep theirs."""

    key = models.SlugField(max_length=60)
    region_code = models.CharField(max_length=12)
    digest = models.CharField(max_length=64)
    definition = models.JSONField(help_text="BundleFile")
    versions = models.JSONField(help_text="item: primary key of its ItemVersion")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "region_code", "digest"], name="cases_bundle_version_once")
        ]

    def __str__(self) -> str:
        return str(self.definition["title"]["en" if english() else "zh"])


class Bundle(models.Model):
    """One application for several items (一件事): handed in once, each part a case, one hand-over at the end."""

    number = models.CharField(max_length=40, unique=True, help_text="B + yyyymmdd + serial, without gaps")
    version = models.ForeignKey(BundleVersion, models.PROTECT, related_name="bundles")
    applicant = models.ForeignKey("people.Person", models.PROTECT, related_name="bundles")
    phone = models.CharField(max_length=40, blank=True)
    channel = models.CharField(max_length=12, default="portal")
    submission = models.CharField(max_length=80, unique=True, help_text="what was submitted, so that it counts once")
    delivery = models.CharField(max_length=12, default="online", help_text="online, window or courier")
    delivery_to = SealedJSON(null=True, help_text="courier: name, phone, address; sealed")
    submitted_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, help_text="every part is over")
    handed_at = models.DateTimeField(null=True, help_text="what was to be handed over has been")

    class Meta:
        indexes = [models.Index(fields=["applicant", "-id"])]

    def __str__(self) -> str:
        return f"{self.version} {self.number}"


class BundlePart(models.Model):
    """One item of a bundle: its own answers, and the case it has become."""

    class State(models.TextChoices):
        """How it stands."""

        WAITING = "waiting", _("等前一步办完")
        RUNNING = "running", _("办理中")
        DONE = "done", _("已办好")
        FAILED = "failed", _("没有办成")
        DROPPED = "dropped", _("不再办理")

    OPEN = (State.WAITING, State.RUNNING)

    bundle = models.ForeignKey(Bundle, models.CASCADE, related_name="parts")
    place = models.PositiveSmallIntegerField(help_text="order in which the parts are told")
    item = models.SlugField(max_length=80)
    version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    case = models.OneToOneField(Case, models.PROTECT, null=True, related_name="bundle_part")
    answers = SealedJSON(default=dict, help_text="what the item's own form was told, judged when it was handed in")
    established = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    why = models.TextField(blank=True, help_text="why it could not go on")

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["bundle", "item"], name="cases_bundle_part_once"),
            models.CheckConstraint(
                condition=Q(case__isnull=False) | Q(state__in=("waiting", "failed", "dropped")),
                name="cases_bundle_part_has_case",
            ),
        ]

    @property
    def reason(self) -> str:
        """Why it could not go on, in the reader's language; what refused to begin it is kept in Chinese."""
        if self.state == self.State.DROPPED:
            return gettext("前一步没有办成。")
        if self.state == self.State.FAILED and self.case:
            return str(State(self.case.state).label)
        return self.why


class BundlePromise(models.Model):
    """What was signed for one item of a bundle, until its case begins and carries it on as a `Promise`."""

    part = models.ForeignKey(BundlePart, models.CASCADE, related_name="promises")
    kind = models.CharField(max_length=8, choices=Promise.Kind)
    text = models.TextField(help_text="as it was signed")
    materials = models.JSONField(default=list, help_text="keys of the materials that follow (容缺)")
    signed_key = models.CharField(max_length=80)
    signed_name = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["part", "kind"], name="cases_bundle_promise_once")]

    @property
    def signed(self) -> dict[str, Any]:
        """The same as a case keeps it."""
        return {"text": self.text, "signed_key": self.signed_key, "signed_name": self.signed_name, "at": self.at}
