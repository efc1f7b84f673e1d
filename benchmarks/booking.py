"""Bookings a second on one hot time at 32 clients in the core, until it is full; oversold and lost ones counted.

`make bench B=booking`; SIZE=full for more places. A client is a process, as a web worker is; each books for
persons of its own with rights, notice and log. The reference does the same to the two tables of the booking by
hand-written SQL. On PostgreSQL, or on SQLite where there is none.
"""

import json
import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks import report
from benchmarks.installation import POSTGRES, Installation, databases

CLIENTS = 32
PLACES = 6_400 if report.FULL else 320
#: what one client may try: more than its share, so that the places run out while all still ask
EACH = 2 * PLACES // CLIENTS
PATIENCE = 600
SQL = (
    "UPDATE market_offer SET taken = taken + 1 WHERE id = %s AND taken < capacity AND closed = ''",
    "INSERT INTO market_booking (offer_id, person_id, start, matter, title_zh, title_en, code, state, reason, made_at) "
    "SELECT id, %s, start, '', 'x', 'x', %s, 'booked', '', now() FROM market_offer WHERE id = %s",
)


def measure() -> report.Result:
    """Both ways to book, each its own time, then the proof."""
    database = databases()[-1]
    with Installation("booking", database) as house:
        house.ask("benchmarks.booking", "prepare")
        plain = house.ask("benchmarks.booking", "plain") if database == POSTGRES else None
        ours = house.ask("benchmarks.booking", "book")
    head = ("", "places", "asked", "bookings/s", "plain SQL", "oversold", "lost")
    rate = f"{plain['rate']:,.0f}" if plain else "—"
    row = (database, PLACES, ours["asked"], f"{ours['rate']:,.0f}", rate, ours["oversold"], ours["lost"])
    report.table(head, [row])
    errors = ours["oversold"] + ours["lost"]
    return report.Result(
        "booking", ours["rate"], "bookings/s", plain and plain["rate"], "offer and booking by plain SQL", errors
    )


# --- inside the installation ------------------------------------------------------------------------------------------
def _prepare() -> None:
    """Tables, a line with two hot times, and people who want one."""
    from hexi.blocks.market.models import Offer
    from hexi.blocks.market.tests.make import make_queue
    from hexi.blocks.people import vault
    from hexi.blocks.people.synthetic import inhabitants
    from hexi.blocks.people.tests.make import make_types
    from hexi.blocks.regions.tests.make import YUMEN, make_divisions
    from hexi.kernel.actors import System
    from hexi.site import tables

    vault.write_key()
    tables.make()
    make_types()
    make_divisions()
    queue = make_queue(places=PLACES)
    inhabitants(CLIENTS * EACH, regions=[YUMEN], by=System("bench"))
    print(json.dumps({"offers": Offer.objects.filter(queue=queue).count()}))


def _write(what: str) -> None:
    """32 processes ask until the time is full; prints bookings a second, and what does not add up."""
    from django.db import connection

    from hexi.blocks.market.models import Offer
    from hexi.blocks.people.models import Person

    offer = Offer.objects.order_by("start")[1 if what == "plain" else 0]
    people = list(Person.objects.order_by("pk").values_list("pk", flat=True)[: CLIENTS * EACH])
    do = _plain(offer.pk) if what == "plain" else _book(offer)
    connection.close()  # a child opens its own
    fork = multiprocessing.get_context("fork")
    gate, counts = fork.Barrier(CLIENTS + 1), fork.Queue()
    clients = [
        fork.Process(target=_client, args=(do, people[n * EACH : (n + 1) * EACH], gate, counts)) for n in range(CLIENTS)
    ]
    for one in clients:
        one.start()
    gate.wait()
    began = time.monotonic()
    told = [counts.get(timeout=PATIENCE) for _ in clients]
    seconds = max(last for _said, _asked, last in told) - began
    for one in clients:
        one.join()
    said = sum(one[0] for one in told)
    offer.refresh_from_db()
    standing = offer.bookings.filter(state="booked").count()
    print(json.dumps({
        "rate": said / seconds, "asked": sum(one[1] for one in told), "oversold": max(0, standing - offer.capacity),
        "lost": abs(said - standing) + abs(offer.taken - standing) + (offer.capacity - min(standing, offer.capacity)),
    }))  # fmt: skip


def _client(do: Callable[[int], bool], people: list[int], gate: Any, counts: Any) -> None:
    from django.db import connection

    connection.ensure_connection()
    gate.wait()
    said = asked = 0
    last = time.monotonic()
    for person in people:
        asked += 1
        if not do(person):
            break
        said, last = said + 1, time.monotonic()
    counts.put((said, asked, last))


def _book(offer: Any) -> Callable[[int], bool]:
    from django.core.exceptions import ValidationError

    from hexi.blocks.market import operations
    from hexi.blocks.market.models import Offer
    from hexi.blocks.people.models import Person
    from hexi.kernel.actors import System

    by = System("bench")

    warm = Offer.objects.order_by("start")[2]  # a web worker has read its packs long before
    operations.book(warm, person=Person.objects.order_by("-pk").first(), by=by)

    def do(person: int) -> bool:
        try:
            operations.book(offer, person=Person.objects.get(pk=person), by=by)
        except ValidationError:
            return False
        return True

    return do


def _plain(offer: int) -> Callable[[int], bool]:
    from django.db import connection, transaction

    from hexi.blocks.market.numbers import booking_code

    def do(person: int) -> bool:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(SQL[0], [offer])
            if not cursor.rowcount:
                return False
            cursor.execute(SQL[1], [person, booking_code(), offer])
        return True

    return do


def main(words: list[str]) -> int:
    """What the benchmark starts inside the installation."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hexi.site.settings")
    django.setup()
    if words[0] == "prepare":
        _prepare()
    else:
        _write(words[0])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
