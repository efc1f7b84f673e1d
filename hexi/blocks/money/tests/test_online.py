"""Paying through a gateway that really answers over HTTP: in time, late, twice, never, wrongly; and money back."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from hexi.blocks.money import jobs, online, operations, queries
from hexi.blocks.money.models import Charge, Payment, Refund
from hexi.blocks.money.tests import make
from hexi.blocks.money.tests.gateway_server import SECRET, running
from hexi.blocks.money.tests.make import BY, fresh, make_charge, make_payment
from hexi.blocks.people.tests import make as people
from hexi.kernel import clock
from hexi.kernel.actors import Denied
from hexi.kernel.options import override

pytestmark = pytest.mark.django_db


@pytest.fixture
def gateway():
    with ExitStack() as stack:
        here = stack.enter_context(running())
        for option, value in ((online.URL, here.url), (online.SECRET, SECRET), (online.PATIENCE, 1)):
            stack.enter_context(override(option, value))
        yield here


@pytest.fixture
def payer():
    return people.acting(people.make_citizen())


@pytest.fixture
def charge(payer):
    return make_charge(payer.account.person)


@pytest.fixture
def later(monkeypatch):
    """Let so many minutes pass."""
    real = clock.now

    def go(minutes):
        monkeypatch.setattr(clock, "now", lambda: real() + timedelta(minutes=minutes))

    return go


def begin(charge, payer):
    return operations.begin(charge, channel="online", by=payer)


def tell(client, gateway, order, **how):
    body, headers = gateway.notification(order, **how)
    return client.post(reverse("money.notify"), body, content_type="application/json", headers=headers)


def books(charge):
    return {name: fen for name, fen in queries.balances(charge.department_id).items() if fen}


PAID = {"money:online": 12_050, "income": -12_050}
OWED = {"owed": 12_050, "income": -12_050}


# --- in time --------------------------------------------------------------------------------------------------------
def test_from_the_button_to_the_receipt(client, gateway, charge, payer):
    client.force_login(payer.account)
    page = client.post(reverse("money.pay", args=[charge.number]), {"channel": "online"}, follow=True)
    payment = Payment.objects.get()
    assert payment.link == f"{gateway.url}/pay/{payment.order}"
    assert f'href="{payment.link}"' in page.content.decode()
    order = gateway.orders[payment.order]
    assert (order["fen"], order["payee"], order["notify"][-17:]) == (12_050, charge.department.key, "/payments/notify/")
    gateway.pay(payment.order)
    answer = tell(client, gateway, payment.order)
    assert (answer.status_code, answer.json()) == (200, {"order": payment.order, "state": "received"})
    payment = fresh(payment)
    assert (payment.reference, payment.applied, fresh(charge).state) == (f"T-{payment.order}", 12_050, "paid")
    assert books(charge) == PAID
    assert payment.receipt in client.get(reverse("money.mine", args=[charge.number])).content.decode()


def test_the_moment_of_the_gateway_counts(client, gateway, charge, payer):
    payment, moment = begin(charge, payer), datetime(2026, 11, 1, 15, 59, tzinfo=UTC)
    gateway.pay(payment.order, at=moment)
    tell(client, gateway, payment.order)
    assert fresh(payment).received_at == moment


def test_begun_twice_is_one_order(gateway, charge, payer):
    one, other = begin(charge, payer), begin(charge, payer)
    assert (one.pk, list(gateway.orders), gateway.asked) == (other.pk, [one.order], ["POST /orders"])


def test_i_have_paid_asks_at_once(client, gateway, charge, payer):
    client.force_login(payer.account)
    payment = begin(charge, payer)
    check = reverse("money.check", args=[charge.number])
    assert "不要重复付款" in client.post(check, follow=True).content.decode()
    gateway.pay(payment.order)
    client.post(check)
    assert (fresh(payment).state, books(charge)) == ("received", PAID)


# --- late, never ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("manner", ["late", "never", "down", "wrong signature", "replayed", "garbage"])
def test_an_order_whose_answer_is_lost_is_the_same_order_when_it_is_begun_again(gateway, charge, payer, manner):
    gateway.manner = manner
    payment = begin(charge, payer)
    assert (payment.state, payment.link, bool(payment.note)) == ("waiting", "", True)
    gateway.manner = ""
    again = begin(charge, payer)
    assert (again.pk, again.link) == (payment.pk, f"{gateway.url}/pay/{payment.order}")
    assert (list(gateway.orders), Payment.objects.count(), books(charge)) == ([payment.order], 1, OWED)


def test_the_page_says_that_nothing_was_taken_when_the_gateway_is_silent(client, gateway, charge, payer):
    client.force_login(payer.account)
    gateway.manner = "never"
    page = client.post(reverse("money.pay", args=[charge.number]), {"channel": "online"}, follow=True)
    assert "没有扣款" in page.content.decode()


def test_a_gateway_that_will_not_is_told_and_the_counter_is_open(gateway, charge, payer):
    gateway.manner = "decline"
    with pytest.raises(ValidationError, match="payee unknown"):
        begin(charge, payer)
    assert Payment.objects.get().state == "closed"
    assert make_payment(charge).applied == 12_050


def test_money_never_told_of_is_found_by_the_job(gateway, charge, payer, later):
    payment = begin(charge, payer)
    gateway.pay(payment.order)
    assert jobs.ask_waiting() == 0  # not yet its time
    later(2)
    assert jobs.ask_waiting() == 1
    assert (fresh(payment).state, fresh(charge).state, books(charge)) == ("received", "paid", PAID)
    assert jobs.ask_waiting() == 0


def test_a_gateway_that_is_down_is_asked_less_and_less_often(gateway, charge, payer, later):
    payment = begin(charge, payer)
    gateway.manner, asked = "down", []
    for minute in range(1, 40):
        later(minute)
        if jobs.ask_waiting():
            asked.append(minute)
    assert (asked, fresh(payment).state) == ([1, 2, 4, 8, 16, 32], "waiting")
    assert (fresh(payment).note, books(charge)) == ("503 down", OWED)


def test_a_payer_who_asks_and_asks_puts_no_question_of_the_job_off(client, gateway, charge, payer, later):
    payment = begin(charge, payer)
    client.force_login(payer.account)
    for _press in range(5):
        client.post(reverse("money.check", args=[charge.number]))
    assert (fresh(payment).tries, fresh(payment).ask_after) == (0, payment.ask_after)
    gateway.pay(payment.order)
    later(2)
    assert (jobs.ask_waiting(), fresh(payment).state) == (1, "received")


def test_an_order_the_gateway_never_knew_is_closed_after_an_hour(gateway, charge, payer, later):
    gateway.manner = "down"
    payment = begin(charge, payer)
    gateway.manner = ""
    gateway.orders.clear()
    later(5)
    jobs.ask_waiting()
    assert fresh(payment).state == "waiting"
    later(90)
    jobs.ask_waiting()
    assert fresh(payment).state == "closed"
    assert begin(charge, payer).pk != payment.pk


def test_a_closed_order_can_be_paid_anew_and_money_that_still_comes_is_held(client, gateway, charge, payer, later):
    first = begin(charge, payer)
    gateway.orders[first.order]["state"] = "closed"
    later(2)
    jobs.ask_waiting()
    second = begin(charge, payer)
    gateway.pay(second.order)
    tell(client, gateway, second.order)
    gateway.pay(first.order)
    assert tell(client, gateway, first.order).status_code == 200
    assert (fresh(first).held, fresh(second).applied, fresh(charge).state) == (12_050, 12_050, "paid")
    assert books(charge) == {"money:online": 24_100, "income": -12_050, "held": -12_050}


# --- twice, wrong ---------------------------------------------------------------------------------------------------
def test_told_twice_counts_once(client, gateway, charge, payer):
    payment = begin(charge, payer)
    gateway.pay(payment.order)
    assert [tell(client, gateway, payment.order).status_code for _ in range(3)] == [200, 200, 200]
    assert (books(charge), Payment.objects.count()) == (PAID, 1)


def test_a_wrong_signature_changes_nothing(client, gateway, charge, payer):
    payment = begin(charge, payer)
    gateway.pay(payment.order)
    answer = tell(client, gateway, payment.order, secret="guessed")
    assert (answer.status_code, answer.json()["error"]) == (403, "the signature is wrong")
    assert (fresh(payment).state, books(charge)) == ("waiting", OWED)


def test_an_old_notification_and_one_without_a_secret_are_not_believed(client, gateway, charge, payer):
    payment = begin(charge, payer)
    gateway.pay(payment.order)
    old = datetime.now(UTC) - timedelta(minutes=6)
    assert tell(client, gateway, payment.order, at=old).status_code == 403
    with override(online.SECRET, ""):
        assert tell(client, gateway, payment.order, secret="").status_code == 403
    assert books(charge) == OWED


@pytest.mark.parametrize(
    "changes",
    [{"fen": 1.5}, {"fen": -1}, {"fen": True}, {"state": "rich"}, {"paid_at": "2026-11-01"}, {"reference": ""}],
)
def test_a_signed_notification_that_makes_no_sense_is_refused(client, gateway, charge, payer, changes):
    payment = begin(charge, payer)
    gateway.pay(payment.order)
    assert (tell(client, gateway, payment.order, **changes).status_code, books(charge)) == (403, OWED)


def test_a_notification_of_another_sum_is_not_booked_but_asked_about(client, gateway, charge, payer):
    payment = begin(charge, payer)
    gateway.pay(payment.order)
    assert tell(client, gateway, payment.order, fen=1).status_code == 200
    assert (fresh(payment).state, books(charge)) == ("waiting", OWED)
    assert "核实" in fresh(payment).note
    jobs.ask_waiting()
    assert (fresh(payment).received, books(charge)) == (12_050, PAID)


def test_money_that_really_is_another_sum_is_held_and_the_charge_still_owed(client, gateway, charge, payer):
    payment = begin(charge, payer)
    gateway.pay(payment.order, 12_000)
    tell(client, gateway, payment.order)
    jobs.ask_waiting()
    assert (fresh(payment).held, fresh(charge).state) == (12_000, "open")
    assert books(charge) == {"owed": 12_050, "income": -12_050, "money:online": 12_000, "held": -12_000}


def test_another_sum_for_a_closed_order_is_asked_about_and_held(client, gateway, charge, payer, later):
    payment = begin(charge, payer)
    gateway.orders[payment.order]["state"] = "closed"
    later(2)
    jobs.ask_waiting()
    assert (fresh(payment).state, fresh(payment).ask_after) == ("closed", None)
    gateway.pay(payment.order, 5)
    tell(client, gateway, payment.order)
    gateway.manner = "down"
    jobs.ask_waiting()
    assert fresh(payment).state == "closed"
    gateway.manner = ""
    later(60)
    jobs.ask_waiting()
    assert (fresh(payment).state, fresh(payment).held, fresh(charge).state) == ("received", 5, "open")


def test_a_silent_gateway_does_not_hold_the_worker_up_for_long(gateway, payer, later, monkeypatch):
    for _ in range(4):
        begin(make_charge(payer.account.person), payer)
    later(2)
    gateway.manner = "late"
    monkeypatch.setattr(jobs, "LONGEST", 0.5)
    assert jobs.ask_waiting() == 1
    gateway.manner = ""
    monkeypatch.setattr(jobs, "LONGEST", 50.0)
    assert jobs.ask_waiting() == 3


def test_an_order_that_is_not_ours_or_not_the_gateways_is_not_found(client, gateway, charge):
    gateway.orders["X"] = {"order": "X", "state": "paid", "fen": 5, "reference": "T", "paid_at": None}
    assert tell(client, gateway, "X").status_code == 404
    cash = make_payment(charge)
    gateway.orders["X"]["order"] = cash.order
    assert tell(client, gateway, "X").status_code == 404


def test_one_reference_for_two_orders_is_told(client, gateway, charge, payer):
    other = make_charge(charge.payer)
    one, two = begin(charge, payer), begin(other, payer)
    gateway.pay(one.order)
    gateway.pay(two.order)
    assert tell(client, gateway, one.order).status_code == 200
    answer = tell(client, gateway, two.order, reference=f"T-{one.order}")
    assert (answer.status_code, charge.number in answer.json()["error"], fresh(other).state) == (409, True, "open")


def test_paid_at_the_counter_meanwhile_the_online_money_is_held(client, gateway, charge, payer):
    payment = begin(charge, payer)
    make_payment(charge)
    gateway.pay(payment.order)
    tell(client, gateway, payment.order)
    assert (fresh(payment).held, Charge.objects.get().state) == (12_050, "paid")
    with pytest.raises(ValidationError, match="不用再缴"):
        begin(charge, payer)


def test_money_for_a_charge_cancelled_meanwhile_is_held(client, gateway, charge, payer):
    payment = begin(charge, payer)
    operations.cancel(charge, reason="x", by=BY)
    gateway.pay(payment.order)
    tell(client, gateway, payment.order)
    assert (fresh(payment).held, fresh(charge).state) == (12_050, "cancelled")
    assert books(charge) == {"money:online": 12_050, "held": -12_050}


def test_nobody_begins_or_asks_for_another(gateway, charge, payer):
    stranger = people.acting(people.make_citizen())
    with pytest.raises(Denied):
        begin(charge, stranger)
    payment = begin(charge, payer)
    with pytest.raises(Denied):
        operations.ask(payment, by=stranger)


# --- money back -----------------------------------------------------------------------------------------------------
@pytest.fixture
def paid(client, gateway, charge, payer):
    payment = begin(charge, payer)
    gateway.pay(payment.order)
    tell(client, gateway, payment.order)
    return fresh(payment)


def give_back(payment, fen):
    return operations.refund(payment, fen=fen, reason="多收", key="f1", by=make.make_official(make.ACCOUNTANT))


def test_money_goes_back_through_the_gateway(gateway, charge, paid):
    made = give_back(paid, 2_050)
    assert (made.state, fresh(paid).room, books(charge)) == ("waiting", 10_000, PAID)
    assert jobs.send_refunds() == 1
    made = fresh(made)
    assert (made.state, made.reference, books(charge)) == (
        "done",
        f"B-{made.key}",
        {"money:online": 10_000, "income": -10_000},
    )
    assert (jobs.send_refunds(), len(gateway.refunds)) == (0, 1)


@pytest.mark.parametrize("manner", ["late", "never", "down", "wrong signature"])
def test_a_refund_whose_answer_is_lost_is_sent_again_and_given_once(gateway, charge, paid, later, manner):
    gateway.manner = manner
    made = give_back(paid, 2_050)
    jobs.send_refunds()
    assert (fresh(made).state, fresh(paid).room, books(charge)) == ("waiting", 10_000, PAID)
    gateway.manner = ""
    later(2)
    jobs.send_refunds()
    assert (fresh(made).state, [one["fen"] for one in gateway.refunds.values()]) == ("done", [2_050])


@pytest.mark.parametrize(("manner", "words"), [("refuse", "account closed"), ("decline", "422 payee unknown")])
def test_a_refused_refund_leaves_the_money_here(gateway, charge, paid, manner, words):
    gateway.manner = manner
    made = give_back(paid, 12_050)
    jobs.send_refunds()
    assert (fresh(made).state, fresh(made).note, fresh(paid).room) == ("refused", words, 12_050)
    assert (fresh(charge).state, books(charge), Refund.objects.count()) == ("paid", PAID, 1)
