"""Numbers without gaps or races: a counter row raised in the transaction that uses the number. Beside models."""

from django.db import connection

from hexi.kernel import clock


def allocate(key: str) -> int:
    """The next number under `key`, from 1. Call it late in the transaction: the counter's row is locked from here."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO money_counter (key, value) VALUES (%s, 1) "
            "ON CONFLICT (key) DO UPDATE SET value = money_counter.value + 1 RETURNING value",
            [key],
        )
        return int(cursor.fetchone()[0])


def charge_number() -> str:
    """缴费单号: JF, day, serial of the day."""
    prefix = f"JF{clock.today():%Y%m%d}"
    return f"{prefix}{allocate(f'charge:{prefix}'):05d}"


def receipt_number(department_id: int, office: str) -> str:
    """收据号: office, 〔year〕, serial within department and year, none left out."""
    year = clock.today().year
    return f"{office}收据〔{year}〕{allocate(f'receipt:{department_id}:{year}'):05d}号"
