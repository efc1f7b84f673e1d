"""Tables of the telephone: who sits at which extension, and each call with what became of it. Part of `models`."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hexi.blocks.forms.models import SealedJSON
from hexi.kernel import clock


class Seat(models.Model):
    """Where an operator sits: his extension at the exchange, and whether calls may be put through to it."""

    class State(models.TextChoices):
        """Whether calls are put through."""

        READY = "ready", _("可以接听")
        PAUSED = "paused", _("暂停接听")

    account = models.OneToOneField("people.Account", models.CASCADE, related_name="+")
    extension = models.CharField(_("分机号"), max_length=20, unique=True)
    region_code = models.CharField(max_length=12, help_text="region of the hotline")
    state = models.CharField(max_length=8, choices=State, default=State.PAUSED)
    since = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.extension


class Call(models.Model):
    """One call, as the exchange told it: events may come late, twice, in any order. The number rests sealed."""

    class Way(models.TextChoices):
        """Who rang whom."""

        IN = "in", _("来电")
        OUT = "out", _("去电")

    key = models.CharField(max_length=80, unique=True, help_text="the exchange's name of it; ours if we asked for it")
    way = models.CharField(max_length=3, choices=Way, default=Way.IN)
    hotline = models.ForeignKey("regions.Department", models.PROTECT, related_name="+")
    hotline_region = models.CharField(max_length=12)
    contact = SealedJSON(default=dict, help_text="phone, recording; sealed")
    phone_lookup = models.CharField(max_length=64, blank=True, help_text="HMAC of the phone")
    extension = models.CharField(max_length=20, blank=True, help_text="where it rings or was answered")
    extension_at = models.DateTimeField(null=True, help_text="since when it rings there")
    began_at = models.DateTimeField(help_text="first told of")
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    recorded = models.BooleanField(default=False)
    about = models.ForeignKey("requests.Request", models.CASCADE, null=True, related_name="callbacks",
                              help_text="the order its caller is rung back about")  # fmt: skip
    returned_at = models.DateTimeField(null=True, help_text="lost: somebody spoke to him since, or gave it up")
    returned_by = models.CharField(max_length=200, blank=True)
    refused = models.CharField(
        max_length=200, blank=True, help_text="asked for by us: what the exchange said against it"
    )

    class Meta:
        indexes = [
            models.Index(fields=["extension", "-id"], condition=Q(ended_at=None), name="requests_call_open"),
            models.Index(fields=["hotline_region", "-id"]),
            models.Index(fields=["phone_lookup", "-id"], condition=~Q(phone_lookup=""), name="requests_call_phone"),
            models.Index(
                fields=["hotline_region", "began_at"],
                condition=Q(way="in", answered_at=None, returned_at=None, ended_at__isnull=False),
                name="requests_call_lost",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def phone(self) -> str:
        """The other side's number; "" if it was withheld."""
        return str(self.contact.get("phone", ""))

    @property
    def lost(self) -> bool:
        """True if it rang and nobody ever answered."""
        return self.way == self.Way.IN and self.ended_at is not None and self.answered_at is None
