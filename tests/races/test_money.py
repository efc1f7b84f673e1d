"""Money from many sides at once: paid once, told twice, given back once, and not one fen lost in the books."""

import random
import threading
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from hexi.blocks.audit import queries as log
from hexi.blocks.money import jobs, ledger, online, operations, queries
from hexi.blocks.money.ledger import HELD, INCOME, OWED, Line
from hexi.blocks.money.models import Charge, JournalEntry, LedgerAccount, Payment, Posting, Refund
from hexi.blocks.money.tests.gateway_server import SECRET, running
from hexi.blocks.money.tests.make import BY, TITLE, WATER, fresh, make_charge, make_payment
from hexi.blocks.notices.models import Notice
from hexi.blocks.people.tests import make as people
from hexi.kernel.options import override
from hexi.wire.pay_http import PAID, Told
from tests.races.together import parted, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
THREADS, EACH = 16, 25


class Undone(Exception):
    """Something went wrong at the end of the transaction."""


@pytest.fixture
def gateway():
    with ExitStack() as stack:
        here = stack.enter_context(running())
        for option, value in ((online.URL, here.url), (online.SECRET, SECRET)):
            stack.enter_context(override(option, value))
        yield here


@pytest.fixture
def payer():
    return people.acting(people.make_citizen())


def books(charge):
    return {name: fen for name, fen in queries.balances(charge.department_id).items() if fen}


def told(payment, fen=12_050):
    return Told(payment.order, PAID, fen, f"T-{payment.order}", datetime.now(UTC))


def agree(charges=()):
    """Books and things say the same, and the log is whole."""
    assert list(queries.drifts()) == []
    for department in {one.department_id for one in charges}:
        assert sum(queries.balances(department).values()) == 0
    assert list(log.verify()) == []


def test_sixteen_threads_of_transfers_drift_no_fen():
    office, kept = people.make_department().pk, threading.Lock()
    books_, wanted = [OWED, INCOME, HELD, ledger.money("cash"), ledger.money("slip")], {}

    def many(thread):
        chance = random.Random(thread)
        for n in range(EACH):
            lines = [Line(*chance.sample(books_, 2), chance.randrange(1, 10**6)) for _ in range(2)]
            with pytest.raises(Undone), transaction.atomic():  # noqa: PT012 - the whole transaction is what is undone
                ledger.post(f"undone:{thread}:{n}", "test", office, lines, by=BY)
                raise Undone
            ledger.post(f"kept:{thread}:{n}", "test", office, lines, by=BY)
            with kept:
                for line in lines:
                    for book, fen in ((line.debit, line.fen), (line.credit, -line.fen)):
                        wanted[book] = wanted.get(book, 0) + fen

    together(*(partial(many, thread) for thread in range(THREADS)))
    rows = LedgerAccount.objects.values_list("kind", "channel", "balance")
    found = {ledger.Book(ledger.Kind(kind), channel): balance for kind, channel, balance in rows}
    assert (found, sum(found.values()), list(queries.drifts())) == (wanted, 0, [])
    assert (JournalEntry.objects.count(), Posting.objects.count()) == (THREADS * EACH, THREADS * EACH * 2)


def test_paid_by_two_channels_at_once_it_is_paid_once_and_the_other_money_is_held(gateway, payer):
    for n in range(6):
        charge = make_charge(payer.account.person)
        payment = operations.begin(charge, channel="online", by=payer)
        slip = partial(operations.take, charge, channel="slip", key="k", reference=f"S{n}", by=BY)
        together(slip, partial(operations.settle, payment, told(payment), by=BY))
        held = sorted(one.held for one in charge.payments.all())
        assert (fresh(charge).state, held) == ("paid", [0, 12_050])
    found = books(charge)
    assert (found["money:slip"], found["money:online"]) == (6 * 12_050, 6 * 12_050)
    assert (found["income"], found["held"], found.get("owed")) == (-6 * 12_050, -6 * 12_050, None)
    assert Notice.objects.filter(key="money.held").count() == 6
    agree([charge])


def test_two_clerks_take_cash_at_once_and_one_hands_it_back():
    charge = make_charge()
    take = [partial(operations.take, charge, channel="cash", key=f"k{n}", by=BY) for n in range(4)]
    won, refused = parted(together(*take, expect=ValidationError), ValidationError)
    assert (len(won), len(refused)) == (1, 3)
    assert {"现金退还" in error.messages[0] for error in refused} == {True}
    assert (Payment.objects.count(), books(charge)) == (1, {"money:cash": 12_050, "income": -12_050})
    agree([charge])


def test_one_form_sent_by_many_threads_takes_money_once_with_one_receipt():
    charge = make_charge()
    won = together(*[partial(operations.take, charge, channel="cash", key="same", by=BY)] * 6)
    assert {one.pk for one in won} == {Payment.objects.get().pk}
    assert make_payment().receipt[-6:] == "00002号"
    agree([charge])


def test_notified_many_times_while_the_job_asks_it_counts_once(gateway, payer):
    charge = make_charge(payer.account.person)
    payment = operations.begin(charge, channel="online", by=payer)
    gateway.pay(payment.order)
    Payment.objects.filter(pk=payment.pk).update(ask_after=payment.begun_at)
    tell = partial(operations.notified, told(payment), by=BY)
    together(tell, tell, tell, jobs.ask_waiting, jobs.ask_waiting)
    assert [(one.state, one.applied, one.held) for one in Payment.objects.all()] == [("received", 12_050, 0)]
    assert books(charge) == {"money:online": 12_050, "income": -12_050}
    assert Notice.objects.filter(key="money.paid").count() == 1
    agree([charge])


def test_one_thing_charged_by_many_threads_is_charged_once():
    person, office = people.make_person(), people.make_department()
    facts = {"department": office, "thing": ("tests.well", "1"), "reason": "fee", "title": TITLE, "by": BY}
    items = [operations.Item(WATER, 700)]
    made = together(*[partial(operations.charge, person, items=items, **facts)] * 8)
    assert {one.pk for one in made} == {Charge.objects.get().pk}
    assert books(made[0]) == {"owed": 700, "income": -700}
    assert Notice.objects.count() == 1
    agree(made)


def test_paid_while_it_is_cancelled_one_of_both_is_told():
    for n in range(6):
        charge = make_charge()
        take = partial(operations.take, charge, channel="cash", key=f"k{n}", by=BY)
        cancel = partial(operations.cancel, charge, reason="撤回", by=BY)
        won, refused = parted(together(take, cancel, expect=ValidationError), ValidationError)
        assert (len(won), len(refused)) == (1, 1)
        came = sum(one.received for one in charge.payments.all())
        assert (fresh(charge).state, came) in {("paid", 12_050), ("cancelled", 0)}
    agree([charge])


def test_no_more_goes_back_than_came_however_many_press_at_once():
    payment = make_payment()
    give = [
        partial(operations.refund, payment, fen=5_000, reason="多收", key=f"k{n}", by=BY)
        for n in range(5)
    ]  # fmt: skip
    won, refused = parted(together(*give, expect=ValidationError), ValidationError)
    assert (len(won), len(refused), fresh(payment).room) == (2, 3, 2_050)
    assert books(payment.charge) == {"money:cash": 2_050, "income": -2_050}
    agree([payment.charge])


def test_two_jobs_send_one_refund_and_it_is_booked_once(gateway, payer):
    charge = make_charge(payer.account.person)
    payment = operations.begin(charge, channel="online", by=payer)
    gateway.pay(payment.order)
    operations.settle(payment, told(payment), by=BY)
    operations.refund(fresh(payment), fen=50, reason="多收", key="k", by=BY)
    together(jobs.send_refunds, jobs.send_refunds, jobs.send_refunds)
    assert (Refund.objects.get().state, len(gateway.refunds)) == ("done", 1)
    assert books(charge) == {"money:online": 12_000, "income": -12_000}
    agree([charge])
