"""Orders that were sent on to another city's server."""

from django.db import models

from hexi.domains.livelihood.requests.models.orders import Request
from hexi.kernel import clock


class SentOn(models.Model):
    """An order sent on to another Open311 server (转出): its number there, and how it stands as we heard last."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="sent_on")
    server = models.CharField(max_length=300, help_text="address of the server: https://…/open311/v2")
    number = models.CharField(max_length=120, blank=True, help_text="what it is called there")
    token = models.CharField(max_length=120, blank=True, help_text="by which the number is asked for")
    at = models.DateTimeField(default=clock.now)
    status = models.CharField(max_length=40, blank=True, help_text="as it stands there")
    notes = models.TextField(blank=True, help_text="what is said there about it")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "server"], name="requests_sent_on_once")]
