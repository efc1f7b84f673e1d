"""Numbers of the queue without gaps or races, and codes of bookings nobody guesses. Beside models."""

import secrets
from datetime import date

from django.db import connection

from hexi.blocks.market.models import Queue

#: without signs that look or sound alike
SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def allocate(key: str) -> int:
    """The next number under `key`, from 1. The counter's row is locked until the transaction ends.

    Rolled back with the transaction, so that no number is lost; the row lock makes each unique.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO market_counter (key, value) VALUES (%s, 1) "
            "ON CONFLICT (key) DO UPDATE SET value = market_counter.value + 1 RETURNING value",
            [key],
        )
        return int(cursor.fetchone()[0])


def next_number(queue: Queue, day: date) -> int:
    """The next number of a queue on a day."""
    return allocate(f"{queue.pk}:{day:%Y%m%d}")


def label(queue: Queue, number: int) -> str:
    """What is called: A007."""
    return f"{queue.letter}{number:03d}"


def booking_code() -> str:
    """Eight signs, 8 × 10¹¹ possibilities."""
    return "".join(secrets.choice(SIGNS) for _ in range(8))
