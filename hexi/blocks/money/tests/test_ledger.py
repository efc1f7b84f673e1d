"""The books: lines that cannot be out of balance, balances that are their postings, nothing changed afterwards."""

import random

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from hexi.blocks.money import ledger, queries
from hexi.blocks.money.commands import check
from hexi.blocks.money.ledger import HELD, INCOME, OWED, Line
from hexi.blocks.money.models import JournalEntry, LedgerAccount, Posting
from hexi.blocks.money.tests.make import BY
from hexi.blocks.people.tests.make import make_department

pytestmark = pytest.mark.django_db
CASH, SLIP = ledger.money("cash"), ledger.money("slip")


@pytest.fixture
def office():
    return make_department().pk


def test_an_entry_moves_fen_from_one_account_to_another(office):
    ledger.post("a", "charge", office, [Line(OWED, INCOME, 700)], by=BY)
    ledger.post("b", "payment", office, [Line(CASH, OWED, 700), Line(CASH, HELD, 300)], by=BY)
    assert queries.balances(office) == {"owed": 0, "income": -700, "money:cash": 1000, "held": -300}


def test_the_same_happening_is_booked_once(office):
    ledger.post("a", "charge", office, [Line(OWED, INCOME, 700)], by=BY)
    with pytest.raises(IntegrityError), transaction.atomic():
        ledger.post("a", "charge", office, [Line(OWED, INCOME, 700)], by=BY)
    assert (queries.balances(office), Posting.objects.count()) == ({"owed": 700, "income": -700}, 1)


def test_nothing_to_book_is_no_entry(office):
    assert ledger.post("a", "charge", office, [Line(OWED, INCOME, 0)], by=BY) is None
    assert (JournalEntry.objects.count(), LedgerAccount.objects.count()) == (0, 0)


@pytest.mark.parametrize("wrong", [{"fen": 0}, {"fen": -5}, {"credit": "debit"}, {"credit": None}])
def test_the_database_itself_refuses_a_line_that_does_not_balance(office, wrong):
    entry = ledger.post("a", "charge", office, [Line(OWED, INCOME, 700)], by=BY)
    line = Posting.objects.get()
    facts = {"entry_id": entry, "debit_id": line.debit_id, "credit_id": line.credit_id, "fen": 5}
    if "credit" in wrong:
        facts["credit_id"] = line.debit_id if wrong["credit"] else None
    else:
        facts |= wrong
    with pytest.raises(IntegrityError), transaction.atomic():
        Posting.objects.create(**facts)


def test_a_booking_cannot_be_changed(office):
    ledger.post("a", "charge", office, [Line(OWED, INCOME, 700)], by=BY)
    for change in (lambda: Posting.objects.update(fen=1), lambda: JournalEntry.objects.update(what="x")):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()
    assert Posting.objects.get().fen == 700


def test_kept_balances_are_the_sum_of_the_postings_whatever_is_booked(office):
    chance, books = random.Random(7), [OWED, INCOME, HELD, CASH, SLIP]
    for n in range(200):
        lines = [Line(*chance.sample(books, 2), chance.randrange(1, 10**6)) for _ in range(chance.randrange(1, 4))]
        ledger.post(f"n{n}", "test", office, lines, by=BY)
    assert list(queries.drifts()) == []
    assert sum(queries.balances(office).values()) == 0


def test_the_check_names_the_account_that_drifted(office, capsys):
    ledger.post("a", "charge", office, [Line(OWED, INCOME, 700)], by=BY)
    assert check(None) == 0
    LedgerAccount.objects.filter(kind="owed").update(balance=699)
    assert [(one.account.kind, one.balance, one.detail) for one in queries.drifts()] == [("owed", 699, 700)]
    assert check(None) == 1
    assert "¥6.99 ≠ ¥7.00" in capsys.readouterr().out


def test_offices_have_books_of_their_own(office):
    other = make_department("yumen-water").pk
    ledger.post("a", "charge", office, [Line(OWED, INCOME, 700)], by=BY)
    ledger.post("b", "charge", other, [Line(OWED, INCOME, 50)], by=BY)
    assert (queries.balances(office)["owed"], queries.balances(other)["owed"]) == (700, 50)
