"""Parcel numbers without gaps or races: a counter row raised in the transaction that uses the number. Beside models."""

from datetime import date

from django.db import connection

from hexi.kernel import clock


def allocate(key: str) -> int:
    """The next serial under `key`, from 1. The counter's row is locked until the transaction ends.

    Rolled back with the transaction, so that no number is lost; the row lock makes each unique.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO parcels_counter (key, value) VALUES (%s, 1) "
            "ON CONFLICT (key) DO UPDATE SET value = parcels_counter.value + 1 RETURNING value",
            [key],
        )
        return int(cursor.fetchone()[0])


def parcel_number(day: date | None = None) -> str:
    """P, the day, a serial of five digits."""
    prefix = f"P{day or clock.today():%Y%m%d}"
    return f"{prefix}{allocate(prefix):05d}"
