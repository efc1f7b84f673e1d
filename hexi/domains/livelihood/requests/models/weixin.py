"""Table of who writes by WeChat: his pictures wait there for his words. Part of `models`."""

from django.db import models

from hexi.kernel import clock


class WeixinSender(models.Model):
    """Somebody at WeChat, by a sign that can be compared, not read; the report his pictures were put into."""

    sign = models.CharField(max_length=64, unique=True, help_text="HMAC of his openid")
    report = models.ForeignKey("requests.Report", models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["at"])]

    def __str__(self) -> str:
        return self.sign[:8]
