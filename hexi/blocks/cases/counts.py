"""The daily roll-up, raised in the transaction of the change it counts. Beside operations."""

from collections.abc import Mapping
from datetime import date

from django.db import connection

from hexi.blocks.cases.models import Case, DayCount

COLUMNS = (*DayCount.COUNTED, "days_used")


def add(case: Case, day: date, numbers: Mapping[str, int]) -> None:
    """Add to the row of this day and item, making it if need be: one statement, safe between processes."""
    unknown = set(numbers) - set(COLUMNS)
    if unknown:
        raise KeyError(f"not counted: {sorted(unknown)}")
    values = [numbers.get(name, 0) for name in COLUMNS]
    names = ", ".join(COLUMNS)
    marks = ", ".join(["%s"] * len(COLUMNS))
    raised = ", ".join(f"{name} = cases_daycount.{name} + excluded.{name}" for name in COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO cases_daycount (day, item_id, department_id, region_code, {names}) "  # noqa: S608 - fixed names
            f"VALUES (%s, %s, %s, %s, {marks}) ON CONFLICT (day, item_id) DO UPDATE SET {raised}",
            [day, case.item_id, case.department_id, case.region_code, *values],
        )
