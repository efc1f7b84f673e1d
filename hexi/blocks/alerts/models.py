"""Tables of alerts: message and approval, whom it reaches and who confirmed, contacts, other people's alerts."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hexi.kernel import clock
from hexi.ui.words import english


class Kind(models.TextChoices):
    """What a message does: `msgType` of CAP."""

    ALERT = "Alert", _("首次发布")
    UPDATE = "Update", _("更新")
    CANCEL = "Cancel", pgettext_lazy("alert", "解除")


class Status(models.TextChoices):
    """Whether it is meant: `status` of CAP."""

    ACTUAL = "Actual", _("实际")
    EXERCISE = "Exercise", _("演练")
    TEST = "Test", _("测试")


class State(models.TextChoices):
    """How far a message is."""

    DRAFT = "draft", _("起草")
    WAITING = "waiting", _("待核准")
    APPROVED = "approved", _("已核准，待发布")
    PUBLISHED = "published", _("已发布")
    WITHDRAWN = "withdrawn", _("已作废")

    @property
    def tag(self) -> str:
        """How the state looks: see `ui.tag`."""
        return {"draft": "draft", "waiting": "wait", "approved": "doing", "published": "done"}.get(self.value, "off")


class Why(models.TextChoices):
    """Why a published alert is no longer in force."""

    EXPIRED = "expired", pgettext_lazy("alert", "到期")
    UPDATED = "updated", _("已更新")
    CANCELLED = "cancelled", pgettext_lazy("alert", "已解除")


class AlertQuerySet(models.QuerySet["Alert"]):
    """Filters of one table."""

    def published(self) -> "AlertQuerySet":
        """Signed and public."""
        return self.filter(state=State.PUBLISHED)

    def in_force(self) -> "AlertQuerySet":
        """Published, neither expired nor followed by another; a cancellation itself warns of nothing."""
        return self.published().filter(ended_at=None, expires__gt=clock.now()).exclude(kind=Kind.CANCEL)

    def meant(self) -> "AlertQuerySet":
        """No exercise, no test."""
        return self.filter(status=Status.ACTUAL)


class Alert(models.Model):
    """One message: composed by one official, approved by another, then signed and published."""

    number = models.CharField(max_length=60, unique=True, help_text="CAP identifier: division, day, serial")
    once = models.UUIDField(default=uuid.uuid4, help_text="of the form: sent twice it stands once")
    kind = models.CharField(_("类型"), max_length=6, choices=Kind, default=Kind.ALERT)
    status = models.CharField(_("性质"), max_length=8, choices=Status, default=Status.ACTUAL)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.DRAFT)
    of = models.ForeignKey("self", models.PROTECT, null=True, related_name="followers")
    department = models.ForeignKey("regions.Department", models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=12, help_text="of the issuing office, for rights")
    hazard = models.CharField(max_length=40, help_text="key in the hazards pack")
    colour = models.CharField(max_length=20, help_text="key in the colours pack")
    urgency = models.CharField(max_length=10)
    certainty = models.CharField(max_length=10)
    responses = models.JSONField(default=list)
    headline_zh = models.CharField(max_length=160)
    headline_en = models.CharField(max_length=160, blank=True)
    text_zh = models.TextField(max_length=4000)
    text_en = models.TextField(max_length=4000, blank=True)
    advice_zh = models.TextField(max_length=4000, blank=True)
    advice_en = models.TextField(max_length=4000, blank=True)
    note = models.CharField(max_length=200, blank=True, help_text="name of the exercise; why it is cancelled")
    onset = models.DateTimeField(null=True)
    expires = models.DateTimeField()
    areas = models.JSONField(default=list, help_text="see areas.Piece")
    composed_key = models.CharField(max_length=80)
    composed_name = models.CharField(max_length=200)
    composed_at = models.DateTimeField(default=clock.now)
    submitted_at = models.DateTimeField(null=True)
    returned = models.CharField(max_length=300, blank=True, help_text="why it was last given back")
    approved_key = models.CharField(max_length=80, blank=True)
    approved_name = models.CharField(max_length=200, blank=True)
    approved_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    document = models.TextField(blank=True, help_text="the signed CAP document as it was published")
    signer = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=10, choices=Why, blank=True)
    reached_at = models.DateTimeField(null=True, help_text="when all in its area had been found and told")

    objects = AlertQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["composed_key", "once"], name="alerts_alert_once"),
            models.UniqueConstraint(
                fields=["of"], condition=Q(of__isnull=False) & ~Q(state="withdrawn"), name="alerts_one_follower"
            ),
            models.CheckConstraint(
                condition=Q(approved_key="") | ~Q(approved_key=F("composed_key")), name="alerts_approved_by_another"
            ),
            models.CheckConstraint(
                condition=~Q(state="published")
                | (~Q(document="") & ~Q(approved_key="") & Q(published_at__isnull=False)),
                name="alerts_published_is_signed_and_approved",
            ),
            models.CheckConstraint(condition=Q(kind="Alert") | Q(of__isnull=False), name="alerts_follower_of_one"),
        ]
        indexes = [
            models.Index(fields=["-published_at"], condition=Q(state="published"), name="alerts_newest"),
            models.Index(fields=["expires"], condition=Q(state="published", ended_at=None), name="alerts_open"),
            models.Index(fields=["region_code", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.headline} {self.number}"

    @property
    def headline(self) -> str:
        """In the language of the page."""
        return self.headline_en if english() and self.headline_en else self.headline_zh

    @property
    def text(self) -> str:
        """In the language of the page."""
        return self.text_en if english() and self.text_en else self.text_zh

    @property
    def advice(self) -> str:
        """In the language of the page."""
        return self.advice_en if english() and self.advice_en else self.advice_zh

    @property
    def tag(self) -> tuple[str, str]:
        """State and word for pages: of a published one whether it is in force."""
        if self.state != State.PUBLISHED:
            return State(self.state).tag, str(State(self.state).label)
        if self.ended_why:
            return "off", str(Why(self.ended_why).label)
        if self.kind == Kind.CANCEL:
            return "done", str(Kind.CANCEL.label)
        return ("near", str(_("生效中"))) if self.expires > clock.now() else ("off", str(Why.EXPIRED.label))

    @property
    def in_force(self) -> bool:
        """True while it warns."""
        alive = self.state == State.PUBLISHED and self.ended_at is None and self.kind != Kind.CANCEL
        return alive and self.expires > clock.now()


class How(models.TextChoices):
    """By which way somebody confirmed that he knows."""

    LINK = "link", _("点链接")
    WORKBENCH = "workbench", _("工作台")
    PHONE = "phone", _("电话")


class ReachedQuerySet(models.QuerySet["Reached"]):
    """Filters of one table."""

    def asked(self) -> "ReachedQuerySet":
        """The call list: those who must confirm."""
        return self.filter(must_confirm=True)


class Reached(models.Model):
    """One thing or person found in an alert's area: a village, a cell, a contact; told, perhaps asked to confirm."""

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="reached")
    kind = models.CharField(max_length=40, help_text="key of the Reach that found it")
    ref = models.CharField(max_length=120)
    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    region_code = models.CharField(max_length=12, blank=True)
    account = models.ForeignKey("people.Account", models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    must_confirm = models.BooleanField(default=False)
    told_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.CharField(max_length=200, blank=True)
    confirmed_how = models.CharField(max_length=10, choices=How, blank=True)

    objects = ReachedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["alert", "kind", "ref"], name="alerts_reached_once"),
            models.CheckConstraint(
                condition=Q(confirmed_at=None) | ~Q(confirmed_how=""), name="alerts_confirmed_somehow"
            ),
        ]
        indexes = [
            models.Index(fields=["alert", "confirmed_at"], condition=Q(must_confirm=True), name="alerts_call_list"),
            models.Index(fields=["account"], condition=Q(must_confirm=True, confirmed_at=None), name="alerts_my_calls"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """In the language of the page."""
        return self.title_en if english() and self.title_en else self.title_zh

    @property
    def tag(self) -> tuple[str, str]:
        """Confirmed or not, for pages."""
        return ("done", str(_("已确认"))) if self.confirmed_at else ("wait", str(_("未确认")))


class Contact(models.Model):
    """Who in a division must know at once: a village's head, a school's caretaker. He is told and asked to confirm."""

    person = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=12)
    duty = models.CharField(_("职责"), max_length=60)
    department = models.ForeignKey("regions.Department", models.PROTECT, related_name="+", help_text="who keeps him")
    made_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "region_code"], condition=Q(ended_at=None), name="alerts_contact_once"
            )
        ]
        indexes = [models.Index(fields=["region_code"], condition=Q(ended_at=None), name="alerts_contacts_in")]

    def __str__(self) -> str:
        return f"{self.person} {self.duty}"


class Subscription(models.Model):
    """Somebody wants to be told of alerts in a division, from a severity on."""

    account = models.ForeignKey("people.Account", models.CASCADE, related_name="+")
    region_code = models.CharField(max_length=12)
    rank = models.PositiveSmallIntegerField(help_text="of the lowest colour: see definitions.Colour")
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "region_code"], name="alerts_subscription_once")]
        indexes = [models.Index(fields=["region_code"], name="alerts_subscribed_in")]


class Source(models.Model):
    """Somebody else who publishes alerts: where they are, and the certificate they are signed with."""

    name = models.CharField(_("名称"), max_length=100)
    url = models.URLField(_("地址"), max_length=500, blank=True)
    certificate = models.TextField(_("签名证书"), blank=True, help_text="PEM; empty: nothing it sends counts as proven")
    department = models.ForeignKey("regions.Department", models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=12)
    active = models.BooleanField(default=True)
    asked_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=300, blank=True, help_text="what the last asking came to")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["url"], condition=Q(active=True) & ~Q(url=""), name="alerts_source_once",
                violation_error_message=_("这个地址已经登记。请改用已有的来源。"),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class Received(models.Model):
    """A message of somebody else as it came, with all that is wrong with it; broken ones are kept and counted."""

    source = models.ForeignKey(Source, models.PROTECT, related_name="received")
    url = models.CharField(max_length=500, blank=True, help_text="empty: uploaded")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the document")
    document = models.BinaryField()
    at = models.DateTimeField(default=clock.now)
    by_name = models.CharField(max_length=200)
    good = models.BooleanField()
    faults = models.JSONField(default=list)
    signature = models.CharField(max_length=10)
    signer = models.CharField(max_length=300, blank=True)
    version = models.CharField(max_length=4, blank=True)
    identifier = models.CharField(max_length=300, blank=True)
    sender = models.CharField(max_length=300, blank=True)
    sent = models.DateTimeField(null=True)
    kind = models.CharField(max_length=20, blank=True)
    status = models.CharField(max_length=20, blank=True)
    scope = models.CharField(max_length=20, blank=True)
    headline = models.CharField(max_length=300, blank=True)
    severity = models.CharField(max_length=20, blank=True)
    expires = models.DateTimeField(null=True)
    replaced_by = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "digest"], name="alerts_received_once")]
        indexes = [
            models.Index(fields=["source", "-at"]),
            models.Index(fields=["sender", "identifier"], name="alerts_received_name"),
        ]

    def __str__(self) -> str:
        return self.headline or self.identifier or str(_("读不出的消息"))

    @property
    def refusals(self) -> int:
        """Rules broken for which it is not used."""
        return sum(1 for one in self.faults if one["must"])

    @property
    def tag(self) -> tuple[str, str]:
        """What it is worth, for pages."""
        if not self.good:
            return "refused", str(_("有误，不采用"))
        return ("done", str(_("签名有效"))) if self.signature == "good" else ("near", str(_("来源未核实")))


class Counter(models.Model):
    """The last serial given out under a key; its row lock makes serials unique and, with rollbacks, free of gaps."""

    key = models.CharField(max_length=80, primary_key=True)
    value = models.BigIntegerField()
