"""16 processes write to one SQLite file for some seconds: `python -m hexi.site.tests.writers FILE SECONDS [BACK_END]`.

Prints JSON: how many bookings each process made, the longest wait of each in seconds, and what the table holds.
"""

import json
import multiprocessing
import sys
import time

import django
from django.conf import settings
from django.db import connection, transaction

PROCESSES = 16


def book(number: int, seconds: float, begin: float, results: "multiprocessing.Queue[tuple[int, float]]") -> None:
    """Take one from the hot row and note who took it, again and again."""
    made, longest = 0, 0.0
    time.sleep(max(0.0, begin - time.monotonic()))
    while time.monotonic() < begin + seconds:
        started = time.monotonic()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE slot SET n = n - 1 WHERE n > 0")
            cursor.execute("INSERT INTO booking (who) VALUES (%s)", [number])
        made, longest = made + 1, max(longest, time.monotonic() - started)
    results.put((made, longest))


def main(file: str, seconds: float, back_end: str = "hexi.site.sqlite") -> None:
    """Let them write, then count."""
    options = {"timeout": 30, "transaction_mode": "IMMEDIATE"}
    plain = {} if back_end.startswith("hexi") else {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL"}
    settings.configure(DATABASES={"default": {"ENGINE": back_end, "NAME": file, "OPTIONS": options | plain}})
    django.setup()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE slot (n INTEGER)")
        cursor.execute("CREATE TABLE booking (who INTEGER)")
        cursor.execute("INSERT INTO slot VALUES (1000000)")
    connection.close()
    fork = multiprocessing.get_context("fork")
    results, begin = fork.Queue(), time.monotonic() + 1
    writers = [fork.Process(target=book, args=(number, seconds, begin, results)) for number in range(PROCESSES)]
    for one in writers:
        one.start()
    made = [results.get(timeout=seconds + 60) for _ in writers]
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1000000 - n, (SELECT count(*) FROM booking) FROM slot")
        taken, noted = cursor.fetchone()
    print(
        json.dumps(
            {"made": sorted(n for n, _ in made), "longest": max(w for _, w in made), "taken": taken, "noted": noted}
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), *sys.argv[3:])
