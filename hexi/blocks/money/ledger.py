"""The books: entries that cannot be out of balance, and balances kept as they are written. Beside operations."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from hexi.blocks.money.models import LedgerAccount
from hexi.kernel import clock
from hexi.kernel.actors import Actor

Kind = LedgerAccount.Kind


@dataclass(frozen=True)
class Book:
    """An account by its name: what it counts, and for money the channel it came by."""

    kind: Kind
    channel: str = ""


@dataclass(frozen=True)
class Line:
    """So many fen from `credit` to `debit`."""

    debit: Book
    credit: Book
    fen: int


OWED, INCOME, HELD = Book(Kind.OWED), Book(Kind.INCOME), Book(Kind.HELD)


def money(channel: str) -> Book:
    """The account of the money that lies at a channel."""
    return Book(Kind.MONEY, channel)


def post(key: str, what: str, department_id: int, lines: Sequence[Line], *, by: Actor) -> int | None:
    """Write one entry and raise the balances it moves, in one transaction; its id. Lines of 0 fen are left out.

    `key` names the happening: booked a second time it is an `IntegrityError`. None if there is nothing to book. Call it
    last in a transaction: the accounts' rows, which everybody shares, are locked from here, lowest first, so that two
    entries never wait in a ring. Everything paid goes through here, hence SQL by hand (benchmarks/ledger.py).
    """
    lines = [line for line in lines if line.fen]
    if not lines:
        return None
    at = connection.ops.adapt_datetimefield_value(clock.now())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ENTRY, [key, department_id, what, at, by.key])
        entry = int(cursor.fetchone()[0])
        ids = _accounts(cursor, department_id, {book for line in lines for book in (line.debit, line.credit)})
        moved = dict.fromkeys(ids.values(), 0)
        for line in lines:
            moved[ids[line.debit]] += line.fen
            moved[ids[line.credit]] -= line.fen
        for line in lines:
            cursor.execute(POSTING, [entry, ids[line.debit], ids[line.credit], line.fen])
        for pk in sorted(moved):
            cursor.execute(BALANCE, [moved[pk], pk])
    return entry


ENTRY = "INSERT INTO money_journalentry (key, department_id, what, at, by_key) VALUES (%s, %s, %s, %s, %s) RETURNING id"
POSTING = "INSERT INTO money_posting (entry_id, debit_id, credit_id, fen) VALUES (%s, %s, %s, %s)"
BALANCE = "UPDATE money_ledgeraccount SET balance = balance + %s WHERE id = %s"
ACCOUNTS = "SELECT kind, channel, id FROM money_ledgeraccount WHERE department_id = %s"


def _accounts(cursor: Any, department_id: int, books: set[Book]) -> dict[Book, int]:
    """Primary keys of the accounts, opened at their first use."""
    cursor.execute(ACCOUNTS, [department_id])
    known = {Book(Kind(kind), channel): pk for kind, channel, pk in cursor.fetchall()}
    if missing := sorted(books - set(known), key=lambda book: (book.kind, book.channel)):
        opened = [LedgerAccount(department_id=department_id, kind=one.kind, channel=one.channel) for one in missing]
        LedgerAccount.objects.bulk_create(opened, ignore_conflicts=True)
        return _accounts(cursor, department_id, books)
    return {book: known[book] for book in books}
