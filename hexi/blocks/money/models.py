"""Tables of money: charges, payments, refunds; the ledger with its accounts; statements of the channels; numbers."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hexi.kernel import clock
from hexi.ui.words import english, mask_name

#: kind of the thing that a receipt belongs to; its ref is the payment's primary key
KIND = "money.payment"


class Charge(models.Model):
    """What one person owes one department for one thing. Paid whole, by one payment."""

    class State(models.TextChoices):
        """Whether it is still owed."""

        OPEN = "open", _("待缴")
        PAID = "paid", _("已缴")
        CANCELLED = "cancelled", _("已取消")
        REFUNDED = "refunded", _("已退还")

        @property
        def tag(self) -> str:
            """How it looks: see `ui.tag`."""
            return {"open": "wait", "paid": "done", "cancelled": "off", "refunded": "info"}[self.value]

    number = models.CharField(max_length=40, unique=True, help_text="缴费单号")
    payer = models.ForeignKey("people.Person", models.PROTECT, related_name="charges")
    payer_name = models.CharField(max_length=200)
    department = models.ForeignKey("regions.Department", models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=12)
    kind = models.CharField(max_length=80, help_text='the thing it is for: "cases.case"')
    ref = models.CharField(max_length=120, help_text="its primary key")
    reason = models.CharField(max_length=40, help_text="what of the thing is charged for, so that it is charged once")
    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    fen = models.BigIntegerField(help_text="sum of the items, reductions taken off")
    due = models.DateField(null=True)
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    raised_at = models.DateTimeField(default=clock.now)
    settled_at = models.DateTimeField(null=True, help_text="when it was paid or cancelled")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "ref", "reason"], name="money_charge_once"),
            models.CheckConstraint(condition=Q(fen__gte=0), name="money_charge_not_negative"),
        ]
        indexes = [
            models.Index(fields=["payer", "-id"]),
            models.Index(fields=["department", "state", "-id"]),
            models.Index(fields=["region_code", "state", "-id"]),
        ]

    def __str__(self) -> str:
        return self.title_en if english() else self.title_zh

    @property
    def payer_masked(self) -> str:
        """Who pays, as lists show it: a person by the surname only (个人信息保护法 art. 6), a body by its name."""
        return mask_name(self.payer_name) if self.payer.natural else self.payer_name

    @property
    def tag(self) -> tuple[str, str]:
        """State and word for pages; past its day it is overdue."""
        if self.state == self.State.OPEN and self.due and self.due < clock.today():
            return "overdue", _("待缴，已过期限")
        state = self.State(self.state)
        return state.tag, str(state.label)


class ChargeItem(models.Model):
    """One line of a charge: the whole amount, what is taken off, and why."""

    charge = models.ForeignKey(Charge, models.CASCADE, related_name="items")
    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    fen = models.BigIntegerField()
    off = models.BigIntegerField(default=0)
    why_zh = models.CharField(max_length=300, blank=True)
    why_en = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(fen__gte=0, off__gte=0, off__lte=F("fen")), name="money_item_reduction_fits"
            ),
            models.CheckConstraint(condition=Q(off=0) | ~Q(why_zh=""), name="money_item_reduction_has_reason"),
        ]

    def __str__(self) -> str:
        return self.title_en if english() else self.title_zh

    @property
    def why(self) -> str:
        """The reason of the reduction, in the reader's language."""
        return self.why_en if english() else self.why_zh

    @property
    def owed(self) -> int:
        """What is left to pay."""
        return self.fen - self.off


class Payment(models.Model):
    """Money on its way to a charge, or come. What came beyond what was owed is held until it is given back."""

    class State(models.TextChoices):
        """How far the money is."""

        WAITING = "waiting", _("等待支付结果")
        RECEIVED = "received", _("已收到")
        CLOSED = "closed", _("未支付")

        @property
        def tag(self) -> str:
            """How it looks: see `ui.tag`."""
            return {"waiting": "wait", "received": "done", "closed": "off"}[self.value]

    charge = models.ForeignKey(Charge, models.PROTECT, related_name="payments")
    department = models.ForeignKey("regions.Department", models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=12)
    channel = models.CharField(max_length=20)
    order = models.CharField(max_length=60, unique=True, help_text="our name for it, the same at every try")
    fen = models.BigIntegerField(help_text="asked for")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    received = models.BigIntegerField(default=0, help_text="that came")
    applied = models.BigIntegerField(default=0, help_text="that paid the charge; the rest is held")
    back = models.BigIntegerField(default=0, help_text="of what was applied, given back or about to be")
    held_back = models.BigIntegerField(default=0, help_text="of what is held, given back or about to be")
    reference = models.CharField(max_length=80, blank=True, help_text="the channel's number for it")
    link = models.CharField(max_length=500, blank=True, help_text="where the payer pays")
    receipt = models.CharField(max_length=230, blank=True, help_text="number of the receipt")
    document = models.ForeignKey("documents.Document", models.PROTECT, null=True, related_name="+")
    by_key = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)
    begun_at = models.DateTimeField(default=clock.now)
    received_at = models.DateTimeField(null=True)
    ask_after = models.DateTimeField(null=True, help_text="when the channel is asked again what became of it")
    tries = models.PositiveSmallIntegerField(default=0)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["charge"], condition=Q(applied__gt=0), name="money_charge_paid_once"),
            models.UniqueConstraint(
                fields=["charge", "channel"], condition=Q(state="waiting"), name="money_payment_one_waiting"
            ),
            models.UniqueConstraint(
                fields=["department", "channel", "reference"], condition=~Q(reference=""), name="money_money_comes_once"
            ),
            models.UniqueConstraint(
                fields=["department", "receipt"], condition=~Q(receipt=""), name="money_receipt_once"
            ),
            models.CheckConstraint(
                condition=Q(fen__gt=0, applied__gte=0, back__gte=0, back__lte=F("applied"), held_back__gte=0)
                & Q(held_back__lte=F("received") - F("applied")),
                name="money_payment_adds_up",
            ),
            models.CheckConstraint(condition=Q(state="received") | Q(received=0), name="money_payment_came_or_not"),
        ]
        indexes = [
            models.Index(fields=["department", "channel", "received_at"]),
            models.Index(fields=["ask_after"], condition=Q(ask_after__isnull=False), name="money_payment_to_ask"),
            models.Index(
                fields=["department", "-id"],
                condition=Q(received__gt=F("applied") + F("held_back")),
                name="money_payment_held",
            ),
        ]

    def __str__(self) -> str:
        return self.receipt or self.order

    @property
    def held(self) -> int:
        """Fen beyond what was owed, still here."""
        return self.received - self.applied - self.held_back

    @property
    def room(self) -> int:
        """Fen that can still be given back."""
        return self.received - self.back - self.held_back

    @property
    def tag(self) -> tuple[str, str]:
        """State and word for pages."""
        state = self.State(self.state)
        return ("near", _("多收，待退")) if self.held else (state.tag, str(state.label))


class Refund(models.Model):
    """Money given back, through the channel it came by."""

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", _("正在退款")
        DONE = "done", _("已退款")
        REFUSED = "refused", _("渠道拒绝退款")

        @property
        def tag(self) -> str:
            """How it looks: see `ui.tag`."""
            return {"waiting": "wait", "done": "done", "refused": "refused"}[self.value]

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    key = models.CharField(max_length=60, unique=True, help_text="our name for it, the same at every try")
    fen = models.BigIntegerField()
    of_held = models.BigIntegerField(help_text="the part that was held; the rest paid the charge")
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    reference = models.CharField(max_length=80, blank=True)
    by_key = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)
    asked_at = models.DateTimeField(default=clock.now)
    done_at = models.DateTimeField(null=True)
    ask_after = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(fen__gt=0, of_held__gte=0, of_held__lte=F("fen")), name="money_refund_adds_up"
            )
        ]
        indexes = [models.Index(fields=["ask_after"], condition=Q(state="waiting"), name="money_refund_to_send")]

    @property
    def tag(self) -> tuple[str, str]:
        """State and word for pages."""
        state = self.State(self.state)
        return state.tag, str(state.label)


class LedgerAccount(models.Model):
    """One account of the ledger (科目), of one department. `balance` is debit minus credit, kept by every entry."""

    class Kind(models.TextChoices):
        """What it counts."""

        OWED = "owed", _("应收")
        INCOME = "income", _("收费收入")
        MONEY = "money", _("渠道资金")
        HELD = "held", _("暂存待退")

    department = models.ForeignKey("regions.Department", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=6, choices=Kind)
    channel = models.CharField(max_length=20, blank=True, help_text="of money: where it lies")
    balance = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["department", "kind", "channel"]
        constraints = [models.UniqueConstraint(fields=["department", "kind", "channel"], name="money_account_once")]


class JournalEntry(models.Model):
    """One booking (记账凭证): what happened, once."""

    key = models.CharField(max_length=80, unique=True, help_text='"payment:12": the same happening is booked once')
    department = models.ForeignKey("regions.Department", models.PROTECT, related_name="+")
    what = models.CharField(max_length=20)
    at = models.DateTimeField(default=clock.now)
    by_key = models.CharField(max_length=80)


class Posting(models.Model):
    """One line of a booking: fen leave one account and enter another, so that no line can be out of balance."""

    entry = models.ForeignKey(JournalEntry, models.PROTECT, related_name="postings")
    debit = models.ForeignKey(LedgerAccount, models.PROTECT, related_name="debits")
    credit = models.ForeignKey(LedgerAccount, models.PROTECT, related_name="credits")
    fen = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(fen__gt=0), name="money_posting_moves_something"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="money_posting_has_two_sides"),
        ]


class Statement(models.Model):
    """What a channel says it took and gave back for a department on a day. The last one handed in counts."""

    department = models.ForeignKey("regions.Department", models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=12)
    channel = models.CharField(max_length=20)
    day = models.DateField()
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(default=clock.now)
    by_key = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["department", "channel", "day", "sha256"], name="money_statement_once")
        ]
        indexes = [models.Index(fields=["department", "-day"])]


class StatementLine(models.Model):
    """One line of a statement."""

    class Kind(models.TextChoices):
        """In or out."""

        PAY = "pay", _("收款")
        REFUND = "refund", _("退款")

    statement = models.ForeignKey(Statement, models.CASCADE, related_name="lines")
    place = models.PositiveIntegerField(help_text="line of the file")
    kind = models.CharField(max_length=6, choices=Kind)
    order = models.CharField(max_length=60, blank=True)
    reference = models.CharField(max_length=80, blank=True)
    fen = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["statement", "place"], name="money_line_once")]


class Counter(models.Model):
    """The last number given out under a key; its row lock makes numbers unique and, with rollbacks, free of gaps."""

    key = models.CharField(primary_key=True, max_length=120)
    value = models.BigIntegerField()
