"""Tables of parcels: what is handed over to whom and how, what the courier told of it, the last number given out."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hexi.blocks.forms.models import SealedJSON
from hexi.kernel import clock
from hexi.ui.words import english


class Way(models.TextChoices):
    """How something reaches its receiver."""

    ONLINE = "online", _("网上送达")
    WINDOW = "window", _("窗口领取")
    COURIER = "courier", _("快递送达")


class State(models.TextChoices):
    """Where a parcel is."""

    PICKUP = "pickup", _("待领取")
    TO_SEND = "to_send", _("待寄出")
    ORDERING = "ordering", _("正在下单")
    ORDERED = "ordered", _("待揽收")
    COLLECTED = "collected", _("已揽收")
    TRANSIT = "transit", _("运输中")
    OUT = "out", _("派送中")
    FAILED = "failed", _("投递未成功")
    DELIVERED = "delivered", pgettext_lazy("parcel", "已送达")
    RETURNED = "returned", pgettext_lazy("parcel", "已退回")
    CANCELLED = "cancelled", pgettext_lazy("parcel", "已取消")

    @property
    def tag(self) -> str:
        """How the state looks: see `ui.tag`."""
        looks = {"pickup": "wait", "to_send": "wait", "ordering": "wait", "failed": "near", "delivered": "done"}
        return looks.get(self.value, "refused" if self.value == "returned" else _rest(self))


def _rest(state: State) -> str:
    return "off" if state == State.CANCELLED else "doing"


class Problem(models.TextChoices):
    """Why somebody must look after a parcel."""

    REFUSED = "refused", _("快递不接单")
    UNANSWERED = "unanswered", _("快递没有答复")
    SILENT = "silent", _("多日没有物流消息")
    FAILED = "failed", _("投递未成功")
    RETURNED = "returned", _("退回，要重新安排")
    LOCKED = "locked", _("领取码连错，已锁")
    EXPIRED = "expired", _("过期没有领")
    STRAY = "stray", _("取消后仍在寄")


#: with the courier: its events move the parcel
ON_THE_WAY = (State.ORDERED, State.COLLECTED, State.TRANSIT, State.OUT, State.FAILED)
#: nothing more is to come of it
OVER = (State.DELIVERED, State.RETURNED, State.CANCELLED)


class Parcel(models.Model):
    """One thing on its way to one person."""

    number = models.CharField(max_length=40, unique=True, help_text="P + yyyymmdd + serial, without gaps")
    of_kind = models.CharField(max_length=80, help_text="the thing handed over: model label, such as cases.case")
    of_ref = models.CharField(max_length=120, help_text="its primary key")
    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    way = models.CharField(max_length=8, choices=Way)
    state = models.CharField(max_length=10, choices=State)
    problem = models.CharField(max_length=12, choices=Problem, blank=True)
    problem_note = models.CharField(max_length=300, blank=True)
    department = models.ForeignKey("regions.Department", models.PROTECT, related_name="+", help_text="who sends it")
    region_code = models.CharField(max_length=12, help_text="of the sender, for rights")
    place = models.CharField(max_length=300, blank=True, help_text="window: where it is handed out")
    receiver = models.ForeignKey("people.Person", models.PROTECT, related_name="parcels")
    receiver_name = models.CharField(max_length=200)
    to = SealedJSON(default=dict, help_text="courier: name, phone, address; sealed")
    made_at = models.DateTimeField(default=clock.now)
    # window
    salt = models.CharField(max_length=32, blank=True, help_text="the code is an HMAC of it; see codes.py")
    wrong = models.PositiveSmallIntegerField(default=0, help_text="wrong codes typed since the code was given")
    valid_to = models.DateField(null=True, help_text="last day of the code")
    # courier
    courier = models.CharField(max_length=40, blank=True, help_text="key of the courier")
    key = models.UUIDField(default=uuid4, unique=True, help_text="the same at every try of the order")
    tracking = models.CharField(max_length=60, blank=True)
    due = models.DateTimeField(null=True, help_text="when the courier is to be asked: order, tell to cancel, or track")
    tries = models.PositiveSmallIntegerField(default=0)
    ordered_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True, help_text="last news of the courier")
    # the end
    delivered_at = models.DateTimeField(null=True, help_text="proof of delivery: when")
    signed_by = models.CharField(max_length=200, blank=True, help_text="proof of delivery: who took it")
    handed_by = models.CharField(max_length=200, blank=True, help_text="clerk or courier who gave it")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["of_kind", "of_ref"], condition=~Q(state__in=("returned", "cancelled")),
                name="parcels_thing_once",
            ),
            models.UniqueConstraint(
                fields=["courier", "tracking"], condition=~Q(tracking=""), name="parcels_tracking_once"
            ),
            models.CheckConstraint(
                condition=~Q(state="delivered") | (Q(delivered_at__isnull=False) & ~Q(signed_by="")),
                name="parcels_delivered_has_proof",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["receiver", "-id"]),
            models.Index(fields=["department", "state", "-id"]),
            models.Index(fields=["region_code", "-id"]),
            models.Index(fields=["due"], condition=Q(due__isnull=False), name="parcels_due"),
            models.Index(fields=["valid_to"], condition=Q(state="pickup"), name="parcels_to_expire"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.number}"

    @property
    def title(self) -> str:
        """What it holds, in the reader's language."""
        return self.title_en if english() and self.title_en else self.title_zh

    @property
    def tag(self) -> tuple[str, str]:
        """State and word for pages."""
        return State(self.state).tag, str(State(self.state).label)

    @property
    def trouble(self) -> tuple[str, str] | None:
        """The problem as a tag; None if there is none."""
        return ("overdue", str(Problem(self.problem).label)) if self.problem else None

    @property
    def over(self) -> bool:
        """True if nothing more is to come of it."""
        return self.state in OVER


class Track(models.Model):
    """One line of a parcel's way: what the courier told, or what was done here. Told again, it stands once."""

    parcel = models.ForeignKey(Parcel, models.CASCADE, related_name="tracks")
    key = models.CharField(max_length=80, help_text="the courier's id of the event; ours begin with hexi:")
    kind = models.CharField(max_length=10, choices=State)
    at = models.DateTimeField(help_text="when it happened, as told")
    noted_at = models.DateTimeField(default=clock.now)
    place = models.CharField(max_length=200, blank=True)
    text = models.CharField(max_length=500, blank=True)
    who = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["parcel", "key"], name="parcels_track_once")]


class Counter(models.Model):
    """The last serial given out under a key; its row lock makes serials unique and, with rollbacks, free of gaps."""

    key = models.CharField(max_length=80, primary_key=True)
    value = models.BigIntegerField()
