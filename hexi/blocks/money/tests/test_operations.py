"""Charges raised and cancelled, money taken at the counter and given back, each fen in the books."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from hexi.blocks.audit import queries as log
from hexi.blocks.money import operations, queries, receipts
from hexi.blocks.money.hooks import paid, refunded
from hexi.blocks.money.models import Charge, Payment, Refund
from hexi.blocks.money.operations import Item
from hexi.blocks.money.tests import make
from hexi.blocks.money.tests.make import BY, POOR, WATER, fresh, make_charge, make_official, make_payment
from hexi.blocks.notices.models import Notice
from hexi.blocks.people.tests import make as people
from hexi.kernel.actors import Denied
from hexi.kernel.hooks import Listen
from hexi.kernel.manifest import added

pytestmark = pytest.mark.django_db


def books(charge):
    """The balances that are not 0."""
    return {name: fen for name, fen in queries.balances(charge.department_id).items() if fen}


@pytest.fixture
def heard(monkeypatch):
    """What the hooks rang, in order: "paid" or ("refunded", fen)."""
    rung = []
    listeners = (
        Listen(paid, lambda charge, by: rung.append("paid")),
        Listen(refunded, lambda refund, by: rung.append(("refunded", refund.fen))),
    )
    plain = added
    monkeypatch.setattr("hexi.kernel.hooks.added", lambda kind: (*plain(kind), *(listeners if kind is Listen else ())))
    return rung


# --- what is owed ---------------------------------------------------------------------------------------------------
def test_a_charge_says_who_owes_what_to_whom_for_which_thing():
    person = people.make_person("王秀英")
    charge = make_charge(person, ref="12", items=[Item(WATER, 30_000, 15_000, POOR), Item(WATER, 2_000)])
    assert (charge.payer_name, charge.kind, charge.ref, charge.reason) == ("王秀英", "tests.well", "12", "fee")
    assert (charge.fen, charge.state, charge.number[:2]) == (17_000, "open", "JF")
    assert [(item.fen, item.off, item.why_zh, item.owed) for item in charge.items.all()] == [
        (30_000, 15_000, "低保户减半", 15_000),
        (2_000, 0, "", 2_000),
    ]
    assert books(charge) == {"owed": 17_000, "income": -17_000}
    notice = Notice.objects.get(person=person)
    assert (notice.key, notice.title_zh) == ("money.charged", "请缴费 ¥170.00：打井许可收费")
    assert [one.verb for one in log.of(charge)] == ["money.charge"]


def test_a_thing_is_charged_once_for_a_reason():
    person = people.make_person()
    first, again = make_charge(person, ref="12"), make_charge(person, ref="12", fen=999)
    other = make_charge(person, ref="12", reason="testing", fen=500)
    assert (again.pk, again.fen, other.fen) == (first.pk, 12_050, 500)
    assert books(first) == {"owed": 12_550, "income": -12_550}


def test_what_is_wholly_reduced_is_paid_at_once(heard):
    charge = make_charge(items=[Item(WATER, 500, 500, POOR)])
    assert (charge.fen, charge.state, heard, books(charge)) == (0, "paid", ["paid"], {})
    assert Notice.objects.count() == 0


@pytest.mark.parametrize("items", [[], [Item(WATER, 500, 501, POOR)], [Item(WATER, 500, 100)], [Item(WATER, 5, -1)]])
def test_reductions_fit_and_have_a_reason(items):
    with pytest.raises(ValidationError) as error:
        make_charge(items=items)
    assert (list(error.value.message_dict), Charge.objects.count()) == (["items"], 0)


def test_a_cancelled_charge_is_owed_no_more():
    charge = make_charge()
    for _twice in range(2):
        assert operations.cancel(charge, reason="申请已撤回", by=BY).state == "cancelled"
    assert books(charge) == {}
    with pytest.raises(ValidationError, match="已取消"):
        make_payment(charge)


def test_what_is_paid_is_not_cancelled():
    charge = make_charge()
    make_payment(charge)
    with pytest.raises(ValidationError, match="办理退款"):
        operations.cancel(charge, reason="x", by=BY)
    assert fresh(charge).state == "paid"


# --- money that comes -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("channel", ["cash", "slip"])
def test_money_taken_at_the_counter_pays_the_charge_against_a_receipt(heard, channel):
    charge = make_charge()
    payment = make_payment(charge, channel=channel, by=make_official(make.CLERK, charge))
    assert (payment.state, payment.received, payment.applied, payment.held) == ("received", 12_050, 12_050, 0)
    assert (fresh(charge).state, heard) == ("paid", ["paid"])
    assert books(charge) == {f"money:{channel}": 12_050, "income": -12_050}
    assert (payment.document.owner, payment.document.level) == (charge.payer, "A")
    assert payment.receipt.endswith("收据〔2026〕00001号")
    assert Notice.objects.filter(person=charge.payer, key="money.paid").count() == 1


def test_a_form_sent_twice_takes_money_once():
    charge = make_charge()
    one, other = make_payment(charge, key="form1"), make_payment(charge, key="form1")
    assert (one.pk, Payment.objects.count(), books(charge)["money:cash"]) == (other.pk, 1, 12_050)


def test_cash_for_what_is_paid_goes_back_over_the_counter():
    charge = make_charge()
    make_payment(charge)
    with pytest.raises(ValidationError, match="请把现金退还缴款人"):
        make_payment(charge)
    assert books(charge) == {"money:cash": 12_050, "income": -12_050}


def test_a_slip_for_what_is_paid_is_held_to_be_given_back():
    charge = make_charge()
    make_payment(charge)
    second = make_payment(charge, channel="slip")
    assert (second.applied, second.held, second.tag[0]) == (0, 12_050, "near")
    assert books(charge) == {"money:cash": 12_050, "money:slip": 12_050, "income": -12_050, "held": -12_050}
    assert [one.key for one in Notice.objects.filter(person=charge.payer).order_by("pk")][-1] == "money.held"
    assert list(queries.with_held(Charge.objects.all())) == [charge]


def test_a_slip_over_another_sum_is_held_and_the_charge_still_owed():
    charge = make_charge()
    payment = make_payment(charge, channel="slip", fen=12_000)
    assert (payment.received, payment.applied, payment.held, fresh(charge).state) == (12_000, 0, 12_000, "open")
    assert books(charge) == {"owed": 12_050, "income": -12_050, "money:slip": 12_000, "held": -12_000}


def test_a_slip_counts_once_and_for_one_charge():
    charge = make_charge()
    make_payment(charge, channel="slip", reference="S9")
    other = make_charge()
    with pytest.raises(ValidationError, match=f"已经登记在缴费单 {charge.number} 上"):
        make_payment(other, channel="slip", reference=" S9 ")
    assert fresh(other).state == "open"


@pytest.mark.parametrize(
    ("given", "field"), [({"channel": "slip", "reference": " "}, "reference"), ({"channel": "online"}, "channel")]
)
def test_what_the_clerk_left_out_is_named(given, field):
    with pytest.raises(ValidationError) as error:
        make_payment(**{"reference": "", **given})
    assert list(error.value.message_dict) == [field]


def test_receipts_are_numbered_without_a_gap_office_by_office():
    for _ in range(3):
        make_payment()
    charge = make_charge()
    make_payment(charge)
    with pytest.raises(ValidationError):
        make_payment(charge)
    water = make_payment(make_charge(department=people.make_department("yumen-water")))
    last = make_payment()
    numbers = [one.receipt[-6:-1] for one in Payment.objects.exclude(pk=water.pk).order_by("pk")]
    assert numbers == ["00001", "00002", "00003", "00004", "00005"]
    assert (water.receipt[-6:], last.receipt[-6:]) == ("00001号", "00005号")


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"), (1, "壹分"), (10, "壹角整"), (105, "壹元零伍分"), (12_050, "壹佰贰拾元伍角整"),
        (100_000, "壹仟元整"), (100_100, "壹仟零壹元整"), (1_000_000, "壹万元整"), (1_000_500, "壹万零伍元整"),
        (1_234_567_890, "壹仟贰佰叁拾肆万伍仟陆佰柒拾捌元玖角整"), (10_000_000_000, "壹亿元整"),
        (10_000_100_001, "壹亿零壹仟元零壹分"),
    ],
)  # fmt: skip
def test_sums_in_capital_figures(fen, words):
    assert receipts.capitals(fen) == words


# --- money that goes back -------------------------------------------------------------------------------------------
def give_back(payment, fen, *, by=BY, key="", **given):
    facts = {"reason": "多收", "key": key or f"r{Refund.objects.count()}"}
    return operations.refund(payment, fen=fen, by=by, **(facts | given))


def test_part_and_then_the_rest_goes_back(heard):
    charge = make_charge()
    payment = make_payment(charge)
    part = give_back(payment, 2_050, by=make_official(make.ACCOUNTANT, charge))
    assert (part.state, fresh(charge).state, fresh(payment).room) == ("done", "paid", 10_000)
    assert books(charge) == {"money:cash": 10_000, "income": -10_000}
    give_back(payment, 10_000)
    assert (fresh(charge).state, fresh(payment).room, books(charge)) == ("refunded", 0, {})
    assert heard == ["paid", ("refunded", 2_050), ("refunded", 10_000)]


def test_what_is_held_goes_back_first_and_the_charge_stays_paid():
    charge = make_charge()
    make_payment(charge)
    second = make_payment(charge, channel="slip")
    made = give_back(second, 12_050, reference="T1")
    assert (made.of_held, made.reference, fresh(second).held, fresh(charge).state) == (12_050, "T1", 0, "paid")
    assert books(charge) == {"money:cash": 12_050, "income": -12_050}


@pytest.mark.parametrize("fen", [0, -1, 12_051])
def test_no_more_goes_back_than_came(fen):
    payment = make_payment()
    with pytest.raises(ValidationError, match="最多能退 120.50 元"):
        give_back(payment, fen)
    assert Refund.objects.count() == 0


def test_a_refund_sent_twice_is_one_and_needs_a_reason():
    payment = make_payment()
    assert give_back(payment, 50, key="f1").pk == give_back(payment, 50, key="f1").pk
    assert fresh(payment).room == 12_000
    with pytest.raises(ValidationError) as error:
        give_back(payment, 50, reason=" ")
    assert list(error.value.message_dict) == ["reason"]


def test_the_database_itself_refuses_to_give_back_more_than_came():
    payment = make_payment()
    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(back=12_051)
    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(held_back=1)


# --- rights ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("role", "may"), [("clerk", True), ("accountant", False), ("examiner", False), ("head", False)]
)
def test_who_may_take_money(role, may):
    charge = make_charge()
    by = make_official(role, charge)
    if may:
        assert make_payment(charge, by=by).state == "received"
        return
    with pytest.raises(Denied):
        make_payment(charge, by=by)
    assert fresh(charge).state == "open"


@pytest.mark.parametrize(("role", "may"), [("clerk", False), ("accountant", True), ("examiner", False), ("head", True)])
def test_who_may_give_money_back(role, may):
    payment = make_payment()
    by = make_official(role, payment.charge)
    if may:
        assert give_back(payment, 50, by=by).state == "done"
        return
    with pytest.raises(Denied):
        give_back(payment, 50, by=by)
    assert Refund.objects.count() == 0


def test_an_official_of_another_office_takes_and_gives_nothing():
    charge = make_charge(department=people.make_department("yumen-water"))
    with pytest.raises(Denied):
        make_payment(charge, by=make_official())
    with pytest.raises(Denied):
        give_back(make_payment(charge), 50, by=make_official(make.ACCOUNTANT))


def test_nobody_handles_his_own_charge():
    account = people.make_citizen()
    charge = make_charge(account.person)
    people.make_post(account, "clerk", department=charge.department, region_code=charge.region_code)
    people.make_post(account, "accountant", department=charge.department, region_code=charge.region_code)
    by = people.acting(account)
    with pytest.raises(Denied, match="回避"):
        make_payment(charge, by=by)
    payment = make_payment(charge)
    with pytest.raises(Denied, match="回避"):
        give_back(payment, 50, by=by)
    assert list(queries.seen_by(by)) == []


def test_after_a_life_full_of_money_the_books_agree_with_the_things():
    charges = [make_charge() for _ in range(6)]
    for charge in charges[:4]:
        make_payment(charge)
    make_payment(charges[0], channel="slip")
    make_payment(charges[4], channel="slip", fen=77)
    operations.cancel(charges[5], reason="x", by=BY)
    give_back(charges[1].payments.get(), 1_000)
    give_back(charges[0].payments.get(channel="slip"), 50)
    owed = sum(one.fen for one in Charge.objects.filter(state="open"))
    held = sum(one.held for one in Payment.objects.all())
    kept = sum(one.room for one in Payment.objects.all())
    found = queries.balances(charges[0].department_id)
    assert (found["owed"], -found["held"], found["money:cash"] + found["money:slip"]) == (owed, held, kept)
    assert (sum(found.values()), list(queries.drifts())) == (0, [])
