"""Bookings a second at 32 writers, each in a transaction of its own; drift in fen afterwards. Beside plain SQL.

`make bench B=ledger`; SIZE=full for longer runs. A writer is a process, as a web worker is. Eight offices, so
that four writers want the same accounts at any moment. The reference writes the same rows of the same tables by
hand-written SQL. On PostgreSQL, or on SQLite where there is none.
"""

import json
import multiprocessing
import os
import random
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks import report
from benchmarks.installation import POSTGRES, Installation, databases

WRITERS, OFFICES = 32, 8
SECONDS = 20 if report.FULL else 5
SQL = (
    "INSERT INTO money_journalentry (key, department_id, what, at, by_key) VALUES (%s, %s, 'payment', now(), 'bench') "
    "RETURNING id",
    "INSERT INTO money_posting (entry_id, debit_id, credit_id, fen) VALUES (%s, %s, %s, %s)",
    "UPDATE money_ledgeraccount SET balance = balance + %s WHERE id = %s",
)


def measure() -> report.Result:
    """Both ways to write, then the proof."""
    database = databases()[-1]
    with Installation("ledger", database) as house:
        house.ask("benchmarks.ledger", "prepare")
        plain = house.ask("benchmarks.ledger", "plain")["rate"] if database == POSTGRES else None
        value = house.ask("benchmarks.ledger", "post")["rate"]
        drift = house.ask("benchmarks.ledger", "drift")
    row = (database, f"{value:,.0f}", f"{plain:,.0f}" if plain else "—", drift["entries"], drift["fen"], drift["lost"])
    report.table(("", "bookings/s", "plain SQL", "booked", "drift, fen", "lost"), [row])
    errors = drift["fen"] + drift["lost"]
    return report.Result("ledger", value, "transactions/s", plain, "the same rows by plain SQL", errors)


# --- inside the installation ------------------------------------------------------------------------------------------
def _prepare() -> None:
    """Tables, and eight offices."""
    from hexi.blocks.people.tests.make import make_department
    from hexi.site import tables

    tables.make()
    for n in range(OFFICES):
        make_department(f"bench-{n}")
    print(json.dumps({"offices": OFFICES}))


def _write(what: str) -> None:
    """32 processes book until the time is over; prints how many a second."""
    from django.db import connection

    do = _plain() if what == "plain" else _post()
    connection.close()  # a child opens its own
    fork = multiprocessing.get_context("fork")
    gate, counts = fork.Barrier(WRITERS), fork.Queue()
    writers = [fork.Process(target=_writer, args=(what, n, do, gate, counts)) for n in range(WRITERS)]
    for one in writers:
        one.start()
    done = [counts.get(timeout=SECONDS + 60) for _ in writers]
    for one in writers:
        one.join()
    print(json.dumps({"rate": sum(done) / SECONDS}))


def _writer(what: str, number: int, do: Callable[[str, int, int], Any], gate: Any, counts: Any) -> None:
    from django.db import connection

    chance, done = random.Random(number), 0
    connection.ensure_connection()
    gate.wait()
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        do(f"{what}:{number}:{done}", chance.randrange(OFFICES), chance.randrange(1, 10**6))
        done += 1
    counts.put(done)


def _post() -> Callable[[str, int, int], Any]:
    from hexi.blocks.money import ledger
    from hexi.kernel.actors import System

    offices, by, cash = _offices(), System("bench"), ledger.money("cash")

    def do(key: str, office: int, fen: int) -> None:
        ledger.post(key, "payment", offices[office], [ledger.Line(cash, ledger.OWED, fen)], by=by)

    return do


def _plain() -> Callable[[str, int, int], Any]:
    from django.db import connection, transaction

    from hexi.blocks.money.models import LedgerAccount

    accounts = []
    for office in _offices():
        pair = [
            LedgerAccount.objects.get_or_create(department_id=office, kind=kind, channel=channel)[0].pk
            for kind, channel in (("money", "cash"), ("owed", ""))
        ]
        accounts.append((office, *pair))

    def do(key: str, office: int, fen: int) -> None:
        department, debit, credit = accounts[office]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(SQL[0], [key, department])
            entry = cursor.fetchone()[0]
            cursor.execute(SQL[1], [entry, debit, credit, fen])
            for pk, moved in sorted(((debit, fen), (credit, -fen))):
                cursor.execute(SQL[2], [moved, pk])

    return do


def _offices() -> list[int]:
    from hexi.blocks.regions.models import Department

    return list(Department.objects.filter(key__startswith="bench-").order_by("pk").values_list("pk", flat=True))


def _drift() -> None:
    """Prints by how many fen the books are wrong: balances beside postings, and their sum beside 0."""
    from django.db.models import Sum

    from hexi.blocks.money import queries
    from hexi.blocks.money.models import JournalEntry, LedgerAccount, Posting

    fen = sum(abs(one.balance - one.detail) for one in queries.drifts())
    fen += abs(LedgerAccount.objects.aggregate(sum=Sum("balance"))["sum"] or 0)
    entries = JournalEntry.objects.count()
    print(json.dumps({"fen": fen, "lost": abs(entries - Posting.objects.count()), "entries": entries}))


def main(words: list[str]) -> int:
    """What the benchmark starts inside the installation."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hexi.site.settings")
    django.setup()
    {"prepare": _prepare, "drift": _drift}.get(words[0], lambda: _write(words[0]))()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
