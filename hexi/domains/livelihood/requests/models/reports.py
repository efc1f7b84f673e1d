"""A report on its way, and how often somebody may send one."""

from datetime import datetime

from django.db import models

from hexi.blocks.forms.models import SealedJSON
from hexi.domains.livelihood.requests.models.orders import Request
from hexi.kernel import clock


class Report(models.Model):
    """A report being written, before it is sent. Its key is what is submitted: sent three times, it is one order."""

    key = models.CharField(max_length=32, unique=True, help_text="cannot be guessed; stands in addresses")
    owner_key = models.CharField(max_length=80, help_text="account, or the sign in the visitor's session")
    said = SealedJSON(default=dict)
    made_at = models.DateTimeField(default=clock.now)
    sent = models.ForeignKey(Request, models.CASCADE, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["made_at"])]


class Allowance(models.Model):
    """How often somebody has sent something in an hour (wrong keys: a minute); whose it is is compared, not read."""

    key = models.CharField(max_length=64, help_text="HMAC of account, phone or address")
    hour = models.DateTimeField()
    used = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "hour"], name="requests_allowance_once")]
        indexes = [models.Index(fields=["hour"])]


def hour_of(moment: datetime) -> datetime:
    """The hour a moment lies in."""
    return moment.replace(minute=0, second=0, microsecond=0)
