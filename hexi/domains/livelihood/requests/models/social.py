"""The government's accounts at social networks: who spoke to them, what goes back."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hexi.domains.livelihood.requests.models.orders import Request
from hexi.kernel import clock


class SocialAccount(models.Model):
    """An account of an office on a social platform (微博矩阵): what is said to it becomes orders."""

    class Platform(models.TextChoices):
        """Where it is."""

        WEIBO = "weibo", _("微博")
        WECHAT = "wechat", _("微信公众号")
        VIDEO = "video", _("短视频")
        OTHER = "other", _("其他平台")

    key = models.SlugField(max_length=60, unique=True, help_text="as the adapter names it")
    platform = models.CharField(max_length=8, choices=Platform)
    name = models.CharField(max_length=80)
    department = models.ForeignKey("regions.Department", models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=12)
    followers = models.PositiveIntegerField(default=0, help_text="as the adapter told last")
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class Mention(models.Model):
    """What somebody wrote to an account; the order it became."""

    account = models.ForeignKey(SocialAccount, models.PROTECT, related_name="mentions")
    key = models.CharField(max_length=120, help_text="the platform's own name of the post")
    request = models.OneToOneField(Request, models.CASCADE, related_name="mention")
    url = models.URLField(max_length=300, blank=True)
    answered_at = models.DateTimeField(null=True, help_text="the answer stands under the post")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="requests_mention_once")]


class Outgoing(models.Model):
    """A text that goes out by an account: under a post, or by itself. Sent again under the same key it stands once."""

    key = models.CharField(max_length=80, unique=True)
    account = models.ForeignKey(SocialAccount, models.PROTECT, related_name="outgoing")
    mention = models.ForeignKey(Mention, models.CASCADE, null=True, related_name="+")
    text = models.TextField()
    made_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    failed = models.CharField(max_length=200, blank=True, help_text="given up: why")
    reads = models.PositiveIntegerField(default=0, help_text="as the adapter told last")

    class Meta:
        indexes = [models.Index(fields=["id"], condition=Q(sent_at=None, failed=""), name="requests_outgoing_waiting")]
