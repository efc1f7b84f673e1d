"""Numbers of alerts without gaps or races: a counter raised in the transaction that uses the number. Beside models."""

from django.db import connection

from hexi.kernel import clock


def allocate(key: str) -> int:
    """The next serial under `key`, from 1. The counter's row is locked until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO alerts_counter (key, value) VALUES (%s, 1) "
            "ON CONFLICT (key) DO UPDATE SET value = alerts_counter.value + 1 RETURNING value",
            [key],
        )
        return int(cursor.fetchone()[0])


def alert_number(region_code: str) -> str:
    """Division of the issuing office, the day, a serial: 620981-20261129-0001. A CAP identifier has no spaces."""
    prefix = f"{region_code[:6]}-{clock.today():%Y%m%d}"
    return f"{prefix}-{allocate(prefix):04d}"
