"""Reading money: one's own charges, an office's, the day's takings; the proof that balances are their postings."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum, prefetch_related_objects

from hexi.blocks.money.models import Charge, LedgerAccount, Payment, Posting, Refund, Statement
from hexi.blocks.people.queries import persons_of
from hexi.kernel import clock
from hexi.kernel.actors import Actor, within
from hexi.kernel.fixed import Fixed, Given

SEE = ("money.see", "money.take", "money.refund")


def own(actor: Actor) -> QuerySet[Charge]:
    """Charges of the persons the actor may act for, newest first."""
    return Charge.objects.filter(payer__in=persons_of(actor)).select_related("department").order_by("-pk")


def seen_by(actor: Actor) -> QuerySet[Charge]:
    """Charges of the actor's offices, newest first; not his own, which others handle."""
    found = Charge.objects.filter(_within(actor)).exclude(payer__in=persons_of(actor))
    return found.select_related("department", "payer").order_by("-pk")


def payments(actor: Actor) -> QuerySet[Payment]:
    """Payments of the actor's offices, newest first."""
    found = Payment.objects.filter(_within(actor)).exclude(charge__payer__in=persons_of(actor))
    return found.select_related("charge__payer", "department").order_by("-pk")


def statements(actor: Actor) -> QuerySet[Statement]:
    """Statements of the channels of the actor's offices, newest first."""
    return Statement.objects.filter(_within(actor)).select_related("department").order_by("-day", "-pk")


def with_held(rows: QuerySet[Charge]) -> QuerySet[Charge]:
    """Charges for which more came than was owed, and is still here."""
    over = Payment.objects.filter(charge=OuterRef("pk"), received__gt=F("applied") + F("held_back"))
    return rows.filter(Exists(over))


def of_thing(kind: str, ref: str) -> QuerySet[Charge]:
    """What is charged for a thing."""
    return Charge.objects.filter(kind=kind, ref=str(ref)).prefetch_related("items").order_by("pk")


_OF_THING = Fixed(lambda: Charge.objects.filter(kind=Given("kind"), ref=Given("ref")).order_by("pk"))


def charges_of(kind: str, ref: str) -> list[Charge]:
    """The same as a list: one query while nothing is charged, as for most things."""
    found = _OF_THING.all(kind=kind, ref=str(ref))
    prefetch_related_objects(found, "items")
    return found


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """The first moment of a day in China, and of the next."""
    start = datetime.combine(day, time(), clock.CHINA)
    return start, start + timedelta(days=1)


def received_on(rows: QuerySet[Payment], day: date) -> QuerySet[Payment]:
    """Those whose money came on a day."""
    start, end = day_bounds(day)
    return rows.filter(received_at__gte=start, received_at__lt=end)


def takings(rows: QuerySet[Payment]) -> list[tuple[str, int, int]]:
    """(channel, how many, fen) of payments, by channel."""
    return list(rows.order_by("channel").values_list("channel").annotate(n=Count("pk"), fen=Sum("received")))


@dataclass(frozen=True)
class Drift:
    """An account whose balance is not the sum of its postings."""

    account: LedgerAccount
    balance: int
    detail: int


def drifts() -> Iterator[Drift]:
    """Every account whose kept balance differs from its postings; none, if all is well."""
    debit = dict(Posting.objects.order_by().values_list("debit").annotate(Sum("fen")))
    credit = dict(Posting.objects.order_by().values_list("credit").annotate(Sum("fen")))
    for account in LedgerAccount.objects.select_related("department"):
        detail = debit.get(account.pk, 0) - credit.get(account.pk, 0)
        if account.balance != detail:
            yield Drift(account, account.balance, detail)


def balances(department_id: int) -> dict[str, int]:
    """The balances of an office's accounts, by kind and for money by channel ("money:cash")."""
    rows = LedgerAccount.objects.filter(department_id=department_id).values_list("kind", "channel", "balance")
    return {f"{kind}:{channel}" if channel else kind: balance for kind, channel, balance in rows}


def to_ask() -> QuerySet[Payment]:
    """Payments whose channel is to be asked now."""
    due = Payment.objects.filter(ask_after__lte=clock.now())
    return due.select_related("charge", "department").order_by("ask_after")


def to_send() -> QuerySet[Refund]:
    """Refunds a channel is to be told of now."""
    due = Refund.objects.filter(state=Refund.State.WAITING, ask_after__lte=clock.now())
    return due.select_related("payment__charge", "payment__department").order_by("ask_after")


def _within(actor: Actor) -> Q:
    return within([scope for verb in SEE for scope in actor.scopes(verb)])
