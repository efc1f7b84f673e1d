"""Notices in people's inboxes, their deliveries by other channels, what people want, and talks about a thing."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Notice(models.Model):
    """One thing one account or person was told; kept in both languages, shown in the reader's.

    With `person` everybody who may act for this person or enterprise reads it; with `account` that account alone. With
    `phone` it stands in no inbox: it is sent to somebody of whom nothing else is known.
    """

    account = models.ForeignKey("people.Account", models.CASCADE, null=True, related_name="notices")
    person = models.ForeignKey("people.Person", models.CASCADE, null=True, related_name="notices")
    phone = models.CharField(_("电话"), max_length=40, blank=True, default="")
    key = models.CharField(_("模板"), max_length=80)
    title_zh = models.CharField(_("标题"), max_length=300)
    title_en = models.CharField(_("英文标题"), max_length=300)
    body_zh = models.TextField(_("内容"))
    body_en = models.TextField(_("英文内容"))
    link = models.CharField(_("链接"), max_length=500, blank=True)
    stop = models.CharField(max_length=500, blank=True, help_text="whole address by which a reader stops such notices")
    about_kind = models.CharField(_("所关事物的类别"), max_length=80, blank=True)
    about_ref = models.CharField(_("所关事物的编号"), max_length=80, blank=True)
    by_key = models.CharField(_("发出者"), max_length=120)
    at = models.DateTimeField(_("时间"))
    read_at = models.DateTimeField(_("阅读时间"), null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(account=None, person__isnull=False, phone="")
                | Q(account__isnull=False, person=None, phone="")
                | (Q(account=None, person=None) & ~Q(phone="")),
                name="notices_notice_one_reader",
            )
        ]
        indexes = [
            models.Index(fields=["account", "-at"], name="notices_of_account"),
            models.Index(fields=["person", "-at"], name="notices_of_person"),
            models.Index(fields=["account"], condition=Q(read_at=None), name="notices_new_of_account"),
            models.Index(fields=["person"], condition=Q(read_at=None), name="notices_new_of_person"),
            models.Index(fields=["about_kind", "about_ref"], name="notices_about"),
        ]
        verbose_name = verbose_name_plural = _("消息")

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """In the reader's language."""
        return self.title_en if (get_language() or "").startswith("en") else self.title_zh

    @property
    def body(self) -> str:
        """In the reader's language."""
        return self.body_en if (get_language() or "").startswith("en") else self.body_zh


class Delivery(models.Model):
    """A notice on its way by one more channel. It is tried at `due`, later each time, until sent or given up.

    `once` is given to the channel with every try, so that the other side can drop what it already has.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("待发送")
        SENT = "sent", _("已发送")
        FAILED = "failed", _("未送达")

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="deliveries")
    channel = models.CharField(_("渠道"), max_length=20)
    once = models.UUIDField(_("幂等号"), default=uuid.uuid4, unique=True)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(_("次数"), default=0)
    due = models.DateTimeField(_("下次发送时间"))
    answer = models.CharField(_("对方答复"), max_length=300, blank=True)
    made_at = models.DateTimeField(_("登记时间"))
    sent_at = models.DateTimeField(_("发送时间"), null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "channel"], name="notices_delivery_once")]
        indexes = [
            models.Index(fields=["due"], condition=Q(state="waiting"), name="notices_delivery_due"),
            models.Index(fields=["-made_at"], condition=Q(state="failed"), name="notices_delivery_failed"),
        ]
        verbose_name = verbose_name_plural = _("发送")

    def __str__(self) -> str:
        return f"{self.channel} {self.notice_id}"


class Preference(models.Model):
    """One channel an account does not want to be told by (the inbox cannot be switched off)."""

    account = models.ForeignKey("people.Account", models.CASCADE, related_name="+")
    channel = models.CharField(_("渠道"), max_length=20)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "channel"], name="notices_preference_once")]
        verbose_name = verbose_name_plural = _("不接收的渠道")

    def __str__(self) -> str:
        return self.channel


class Talk(models.Model):
    """What an office and a citizen say to each other about one topic of one thing, such as one material of a case."""

    about_kind = models.CharField(_("所关事物的类别"), max_length=80)
    about_ref = models.CharField(_("所关事物的编号"), max_length=80)
    topic = models.CharField(_("话题"), max_length=80, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["about_kind", "about_ref", "topic"], name="notices_talk_once")]
        verbose_name = verbose_name_plural = _("对话")

    def __str__(self) -> str:
        return f"{self.about_kind} {self.about_ref} {self.topic}"


class Line(models.Model):
    """One thing said. The author stays by value, as in the audit log. Lines are never changed."""

    class Side(models.TextChoices):
        OFFICE = "office", _("经办单位")
        CITIZEN = "citizen", _("申请人")

    talk = models.ForeignKey(Talk, models.CASCADE, related_name="lines")
    author_key = models.CharField(_("作者"), max_length=120)
    author = models.CharField(_("作者姓名"), max_length=120)
    side = models.CharField(_("一方"), max_length=10, choices=Side)
    text = models.TextField(_("内容"), max_length=2000)
    at = models.DateTimeField(_("时间"))
    once = models.UUIDField(_("幂等号"), default=uuid.uuid4)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.UniqueConstraint(fields=["talk", "author_key", "once"], name="notices_line_once")]
        verbose_name = verbose_name_plural = _("留言")

    def __str__(self) -> str:
        return self.text


class Webhook(models.Model):
    """What another system wants to be told of, and where; `secret` is sealed and signs what is sent."""

    api_key = models.ForeignKey("people.ApiKey", models.PROTECT, related_name="+")
    url = models.URLField(_("地址"), max_length=500)
    events = models.JSONField(_("事件"), default=list)
    secret = models.CharField(max_length=300)
    made_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["api_key", "url"], condition=Q(withdrawn_at=None), name="notices_webhook_once",
                violation_error_message=_("这个地址已经订阅。请先停止旧的，再新建。"),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.url


class WebhookDelivery(models.Model):
    """One event on its way to one webhook: made in the transaction of what happened, tried until taken or given up."""

    class State(models.TextChoices):
        WAITING = "waiting", _("待发送")
        SENT = "sent", _("已发送")
        DEAD = "dead", _("未送达")

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    event = models.UUIDField(help_text="id of the event: the same for every webhook and at every try")
    type = models.CharField(_("事件"), max_length=80)
    subject = models.CharField(_("所关事物的编号"), max_length=120)
    at = models.DateTimeField(_("时间"))
    data = models.JSONField()
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(_("次数"), default=0)
    since = models.DateTimeField(help_text="from when the two days count: made, or sent again by hand")
    due = models.DateTimeField(_("下次发送时间"))
    answer = models.CharField(_("对方答复"), max_length=300, blank=True)
    sent_at = models.DateTimeField(_("发送时间"), null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["webhook", "event"], name="notices_webhook_event_once")]
        indexes = [
            models.Index(fields=["due"], condition=Q(state="waiting"), name="notices_webhook_due"),
            models.Index(fields=["-at"], condition=Q(state="dead"), name="notices_webhook_dead"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.subject}"


class WeixinToken(models.Model):
    """The access token of an account at WeChat, one for all workers: a new one ends the old."""

    app_id = models.CharField(max_length=40, unique=True)
    token = models.CharField(max_length=1000, blank=True, help_text="sealed")
    renew_at = models.DateTimeField(null=True, help_text="from when a new one is asked for")
    ends_at = models.DateTimeField(null=True)
    asking_until = models.DateTimeField(null=True, help_text="a worker is asking; after that another may")

    def __str__(self) -> str:
        return self.app_id
