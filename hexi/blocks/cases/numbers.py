"""Numbers without gaps or races: a counter row raised in the transaction that uses the number. Beside models."""

from datetime import date

from django.db import connection

from hexi.kernel import clock


def allocate(key: str) -> int:
    """The next number under `key`, from 1. Call it late in the transaction: the counter's row is locked from here.

    Rolled back with the transaction, so that no number is lost; the row lock makes each unique.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_counter (key, value) VALUES (%s, 1) "
            "ON CONFLICT (key) DO UPDATE SET value = cases_counter.value + 1 RETURNING value",
            [key],
        )
        return int(cursor.fetchone()[0])


def case_number(task_code: str, day: date | None = None) -> str:
    """办件编号: implementation code (31) + yyyymmdd + serial of four digits, wider past 9,999 (services.md §2.7)."""
    prefix = f"{task_code}{day or clock.today():%Y%m%d}"
    return f"{prefix}{allocate(f'case:{prefix}'):04d}"


def kind_number(letter: str, region_code: str, day: date | None = None) -> str:
    """Number of a case of another kind: a letter, the county's six digits, yyyymmdd and a serial, as for permits."""
    prefix = f"{letter}{region_code[:6]}{day or clock.today():%Y%m%d}"
    return f"{prefix}{allocate(f'case:{prefix}'):04d}"


def bundle_number(day: date | None = None) -> str:
    """一件事编号: B + yyyymmdd + serial of four digits, wider past 9,999."""
    prefix = f"B{day or clock.today():%Y%m%d}"
    return f"{prefix}{allocate(f'bundle:{prefix}'):04d}"


def letter_number(department_id: int, office: str, word: str, day: date | None = None) -> str:
    """文书编号: office and kind, 〔year〕, serial within department, kind and year."""
    year = (day or clock.today()).year
    return letter_text(office, word, year, allocate(letter_key(department_id, word, year)))


def letter_key(department_id: int, word: str, year: int) -> str:
    """The counter of a department's letters of one kind and year."""
    return f"letter:{department_id}:{word}:{year}"


def letter_text(office: str, word: str, year: int, serial: int) -> str:
    """A letter's number as it is written."""
    return f"{office}{word}〔{year}〕{serial:04d}号"
