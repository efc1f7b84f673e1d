"""Seconds to import 10,000 items of national columns with lint and a report per row; every tenth row is wrong.

`make bench B=item_import`; SIZE=full for the issue's 10,000. A sheet as CSV, each item with two materials. The
reference reads the same sheet with Python's csv and writes an item and a version each with bare inserts: no lint, no
log, no search. On PostgreSQL, or on SQLite where there is none.
"""

import json
import os
import sys
import time
from typing import Any

from benchmarks import report
from benchmarks.installation import Installation, databases

ITEMS = 10_000 if report.FULL else 1_000
#: one row of so many promises more days than the law allows
WRONG = 10


def measure() -> report.Result:
    """The import, the same again, and the bare inserts."""
    database = databases()[-1]
    with Installation("import", database) as house:
        house.run("setup", "--no-assets")
        found = house.ask("benchmarks.item_import", "take", str(ITEMS))
    heads = ("", "items", "seconds", "looked over alone", "the same again", "bare inserts", "wrong rows told", "faults")
    row = (database, ITEMS, *(f"{found[name]:.1f}" for name in ("first", "check", "again", "bare")), found["told"],
           found["errors"])  # fmt: skip
    report.table(heads, [row])
    return report.Result(
        "item_import", found["first"], "seconds", found["bare"], "bare inserts, no lint", found["errors"]
    )


# --- inside the installation ------------------------------------------------------------------------------------------
def _take(items: int) -> None:
    """Prints how long each took, and how many rows went wrong in another way than they should."""
    from hexi.blocks.cases import importing
    from hexi.blocks.cases.models import Item
    from hexi.blocks.cases.tests import test_columns as sheets
    from hexi.kernel.actors import System

    office, by, before = sheets.office(), System("bench"), Item.objects.count()
    lines: list[dict[str, str]] = []
    for number in range(items):
        lines += sheets.fresh_line(number, office, **({"PROMISE_DAY": "40"} if number % WRONG == 0 else {}))
    content = sheets.written(lines)
    check, _report = _timed(lambda: importing.check("items.csv", content, by=by))
    first, report = _timed(lambda: importing.take_in("items.csv", content, by=by))
    again, second = _timed(lambda: importing.take_in("items.csv", content, by=by))
    wanted = items - len(range(0, items, WRONG))
    told = sum(any(note.column == "PROMISE_DAY" for note in row.notes) for row in report.rows if not row.good)
    errors = abs(Item.objects.count() - before - wanted) + abs(second.count("same") - wanted) + items - wanted - told
    bare = _bare(content, office.pk)
    print(json.dumps({"check": check, "first": first, "again": again, "bare": bare, "told": told, "errors": errors}))


def _bare(content: bytes, office: int) -> float:
    """The same sheet read and put down without asking anything, then undone."""
    import csv
    import io

    from django.db import transaction

    from hexi.blocks.cases.models import Item, ItemVersion

    began = time.monotonic()
    with transaction.atomic():
        for line in csv.DictReader(io.StringIO(content.decode())):
            if code := line["CATALOG_CODE"]:
                place = {"department_id": office, "region_code": "620981000000"}
                item = Item.objects.create(key=f"bare-{code}", title=line["TASK_NAME"], title_en="", **place)
                text = {"national": line, "implementing": {}, "published_by": "bench"}
                ItemVersion.objects.create(item=item, digest=code, **text)
        took = time.monotonic() - began
        transaction.set_rollback(True)
    return took


def _timed(do: Any) -> tuple[float, Any]:
    began = time.monotonic()
    found = do()
    return time.monotonic() - began, found


def main(words: list[str]) -> int:
    """What the benchmark starts inside the installation."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hexi.site.settings")
    django.setup()
    _take(int(words[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
