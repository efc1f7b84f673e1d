"""Rows copied within the database, a million from some thousands that were made properly; and asked for by bare SQL."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def multiply(models: Sequence[Any], times: int, changed: Callable[[Any, int], Mapping[str, str]]) -> None:
    """Copies of every row of `models`; the first are cases, and the others' `case_id` follows them. Keys differ.

    `changed(model, copy)` gives the further columns that differ, each as an expression of SQL.
    """
    from django.db import connection, transaction

    steps = {one: one.objects.order_by("-pk").values_list("pk", flat=True).first() or 0 for one in models}
    with connection.cursor() as cursor:
        for copy in range(1, times + 1):
            with transaction.atomic():
                for model, step in steps.items():
                    names = [field.column for field in model._meta.concrete_fields]
                    made = {name: f'"{name}"' for name in names} | {"id": f'"id" + {copy * step}'}
                    if model is not models[0]:
                        made["case_id"] = f'"case_id" + {copy * steps[models[0]]}'
                    made |= changed(model, copy)
                    columns = ", ".join(f'"{name}"' for name in names)
                    cursor.execute(
                        f'INSERT INTO "{model._meta.db_table}" ({columns}) SELECT {", ".join(made.values())} '  # noqa: S608
                        f'FROM "{model._meta.db_table}" WHERE "id" <= {step}'
                    )


def asked(statement: str, looks: int) -> list[float]:
    """Milliseconds of each time a statement is asked and its rows are read, after five that are not counted."""
    from django.db import connection

    found = []
    with connection.cursor() as cursor:
        for _look in range(looks + 5):
            began = time.perf_counter()
            cursor.execute(statement)
            cursor.fetchall()
            found.append((time.perf_counter() - began) * 1000)
    return found[5:]
