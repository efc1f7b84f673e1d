"""Tables of the market: halls with their queues, places on offer, who booked one, the numbers of the day's queue."""

from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hexi.kernel import clock
from hexi.ui.words import english


class Named(models.Model):
    """Something with a name in both languages."""

    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title_zh

    @property
    def title(self) -> str:
        """The name in the language of the page."""
        return self.title_en if english() and self.title_en else self.title_zh


class Hall(Named):
    """A place with windows where people are served. Comes from the `windows` packs."""

    key = models.SlugField(max_length=60, unique=True)
    region_code = models.CharField(max_length=12, db_index=True)
    address_zh = models.CharField(max_length=200)
    address_en = models.CharField(max_length=200)
    demo = models.BooleanField(default=False, help_text="made up, and the page says so")
    active = models.BooleanField(default=True)

    @property
    def address(self) -> str:
        """Where it is, in the language of the page."""
        return self.address_en if english() and self.address_en else self.address_zh


class Queue(Named):
    """A group of windows that serve the same matters: one line, one letter before its numbers."""

    hall = models.ForeignKey(Hall, models.PROTECT, related_name="queues")
    key = models.SlugField(max_length=60)
    letter = models.CharField(max_length=2)
    department = models.ForeignKey("regions.Department", models.PROTECT, related_name="+", help_text="whose clerks")
    region_code = models.CharField(max_length=12, help_text="of the hall: for rights and for the calendar")
    windows = models.JSONField(default=list, help_text='what the windows are called: [{"zh": …, "en": …}]')
    serves = models.JSONField(default=list, help_text='matters as "kind:ref", such as "item:tree-felling"')
    minutes = models.PositiveSmallIntegerField(help_text="length of a place")
    places = models.PositiveSmallIntegerField(help_text="places at the same time; the rest is for those who walk in")
    days = models.PositiveSmallIntegerField(help_text="working days ahead that can be booked")
    order = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hall", "key"], name="market_queue_once"),
            models.UniqueConstraint(fields=["hall", "letter"], condition=Q(active=True), name="market_letter_once"),
            models.CheckConstraint(condition=Q(minutes__gt=0), name="market_minutes"),
        ]

    def called(self, window: str) -> str:
        """One of its windows, known by its Chinese name, in the language of the page."""
        known = {one["zh"]: one["en"] for one in self.windows} if english() else {}
        return known.get(window) or window


class Offer(models.Model):
    """A limited number of places at one time. `taken` counts the standing bookings; a booking raises it or fails."""

    class Closed(models.TextChoices):
        """Why nobody can book any more."""

        CALENDAR = "calendar", _("不是办公时间")
        HAND = "hand", _("停止预约")

    queue = models.ForeignKey(Queue, models.PROTECT, related_name="offers")
    day = models.DateField(help_text="of the start, in China")
    start = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    capacity = models.PositiveSmallIntegerField()
    taken = models.PositiveSmallIntegerField(default=0)
    closed = models.CharField(max_length=8, choices=Closed, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["queue", "start"], name="market_offer_once"),
            models.CheckConstraint(condition=Q(taken__lte=F("capacity")), name="market_never_oversold"),
        ]
        indexes = [models.Index(fields=["queue", "day", "start"])]

    def __str__(self) -> str:
        return f"{self.start:%Y-%m-%d %H:%M}"

    @property
    def end(self) -> datetime:
        """When it is over."""
        return self.start + timedelta(minutes=self.minutes)

    @property
    def hour(self) -> str:
        """09:30, in China's time."""
        return f"{self.start.astimezone(clock.CHINA):%H:%M}"

    @property
    def left(self) -> int:
        """Places nobody has taken."""
        return 0 if self.closed else self.capacity - self.taken


class Booking(models.Model):
    """One place held for one person."""

    class State(models.TextChoices):
        """Where it stands."""

        BOOKED = "booked", pgettext_lazy("appointment", "已预约")
        CANCELLED = "cancelled", pgettext_lazy("appointment", "已取消")
        ARRIVED = "arrived", pgettext_lazy("appointment", "已到场")
        MISSED = "missed", pgettext_lazy("appointment", "没有来")

    offer = models.ForeignKey(Offer, models.PROTECT, related_name="bookings")
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="bookings")
    start = models.DateTimeField(help_text="as in the offer: nobody is at two windows at once")
    matter = models.CharField(max_length=120, blank=True, help_text='what for: "kind:ref", such as "item:tree-felling"')
    title_zh = models.CharField(max_length=200, help_text="what for, in words")
    title_en = models.CharField(max_length=200)
    code = models.CharField(max_length=12, unique=True, help_text="said at the hall; not to be guessed")
    state = models.CharField(max_length=9, choices=State, default=State.BOOKED)
    reason = models.CharField(max_length=300, blank=True, help_text="why the office called it off")
    made_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, help_text="cancelled, arrived, or noted as missed")
    reminded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "start"],
                condition=Q(state__in=("booked", "arrived")),
                name="market_one_place_at_once",
            )
        ]
        indexes = [
            models.Index(fields=["person", "-start"]),
            models.Index(fields=["start"], condition=Q(state="booked"), name="market_to_come"),
        ]

    def __str__(self) -> str:
        return f"{self.title_zh} {self.code}"

    @property
    def title(self) -> str:
        """What for, in the language of the page."""
        return self.title_en if english() and self.title_en else self.title_zh

    @property
    def hour(self) -> str:
        """09:30, in China's time."""
        return f"{self.start.astimezone(clock.CHINA):%H:%M}"

    @property
    def tag(self) -> tuple[str, str]:
        """State and word for pages."""
        looks = {"booked": "wait", "arrived": "done", "missed": "overdue", "cancelled": "off"}
        return looks[self.state], str(self.State(self.state).label)


class Ticket(models.Model):
    """A number of the day's queue, of a booking or of somebody who walked in."""

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", pgettext_lazy("ticket", "等候")
        CALLED = "called", pgettext_lazy("ticket", "请到窗口")
        SERVING = "serving", pgettext_lazy("ticket", "办理中")
        DONE = "done", pgettext_lazy("ticket", "已办完")
        PASSED = "passed", pgettext_lazy("ticket", "过号")

    class Rank(models.IntegerChoices):
        """Who is called before whom."""

        FIRST = 0, _("优先")
        BOOKED = 1, _("预约")
        PLAIN = 2, _("现场取号")

    #: a window has it, or it waits
    OPEN = (State.WAITING, State.CALLED, State.SERVING)

    queue = models.ForeignKey(Queue, models.PROTECT, related_name="tickets")
    day = models.DateField()
    number = models.PositiveIntegerField(help_text="from 1 in each queue each day, without gaps")
    label = models.CharField(max_length=8, help_text="what is called: A007")
    key = models.UUIDField(default=uuid4, unique=True, help_text="of the page with its state; the same press, once")
    booking = models.OneToOneField(Booking, models.PROTECT, null=True, related_name="ticket")
    person = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="tickets")
    rank = models.PositiveSmallIntegerField(choices=Rank, default=Rank.PLAIN)
    priority = models.CharField(max_length=40, blank=True, help_text="key of the rule that puts it first")
    turn_at = models.DateTimeField(help_text="its place: when it was taken; of a booking not before the booked time")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    window = models.CharField(max_length=60, blank=True)
    clerk = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    calls = models.PositiveSmallIntegerField(default=0)
    called_at = models.DateTimeField(null=True)
    served_at = models.DateTimeField(null=True, help_text="when they were at the window")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["queue", "day", "number"], name="market_number_once"),
            models.UniqueConstraint(
                fields=["queue", "day", "person"], condition=Q(state__in=("waiting", "called", "serving")),
                name="market_one_number_each",
            ),
            models.UniqueConstraint(
                fields=["clerk"], condition=Q(state__in=("called", "serving")), name="market_one_before_a_clerk"
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["queue", "day", "state", "rank", "turn_at"])]

    def __str__(self) -> str:
        return self.label

    @property
    def place(self) -> str:
        """The window it was called to, in the language of the page."""
        return self.queue.called(self.window)

    @property
    def tag(self) -> tuple[str, str]:
        """State and word for pages."""
        looks = {"waiting": "wait", "called": "near", "serving": "doing", "done": "done", "passed": "off"}
        return looks[self.state], str(self.State(self.state).label)


class Counter(models.Model):
    """The last number given out under a key; its row lock makes numbers unique and, with rollbacks, free of gaps."""

    key = models.CharField(max_length=80, primary_key=True)
    value = models.BigIntegerField()
