"""Who else wants to hear of an order, or of a division."""

from django.db import models

from hexi.blocks.forms.models import SealedJSON
from hexi.domains.livelihood.requests.models.orders import Request
from hexi.kernel import clock


class Follow(models.Model):
    """Somebody else who wants to hear how it goes on; he may ask for it to be taken up again."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="follows")
    account = models.ForeignKey("people.Account", models.CASCADE, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "account"], name="requests_follow_once")]


class Digest(models.Model):
    """Somebody wants a letter each Monday about the public reports of a division (每周汇总)."""

    account = models.ForeignKey("people.Account", models.CASCADE, related_name="+")
    region_code = models.CharField(max_length=12)
    at = models.DateTimeField(default=clock.now)
    week = models.DateField(null=True, help_text="Monday of the last letter: each goes out once")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "region_code"], name="requests_digest_once")]


class MailFollow(models.Model):
    """Somebody without an account who hears of an order by e-mail, once he has said so from that mailbox (双重确认)."""

    key = models.CharField(max_length=32, unique=True, help_text="cannot be guessed; stands in the links of letters")
    request = models.ForeignKey(Request, models.CASCADE, related_name="mail_follows")
    mail = SealedJSON(default=str, help_text="his address; sealed")
    lookup = models.CharField(max_length=64, help_text="HMAC of the address")
    language = models.CharField(max_length=10, default="zh-hans")
    at = models.DateTimeField(default=clock.now, help_text="when it was asked for, last")
    confirmed_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    told = models.BigIntegerField(default=0, help_text="the last event of the case he was told of: each goes out once")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "lookup"], name="requests_mail_follow_once")]
        indexes = [models.Index(fields=["at"], condition=models.Q(confirmed_at=None), name="requests_mail_unconfirmed")]
