"""Seconds to load a CSV of 1,000,000 rows, three of them bad: read, typed, checked, written as a version.

`make bench B=dataset_load`; SIZE=full for the issue's 1,000,000. The file is GB 18030, as Excel in China writes it. The
reference is DuckDB alone reading the same rows from UTF-8 into Parquet: no check but its own, no bad row told.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.installation import Installation

ROWS = 1_000_000 if report.FULL else 200_000


def measure() -> report.Result:
    """The load, and the bare one beside it."""
    with Installation("dataset_load") as house:
        found = house.ask("benchmarks.dataset_load", str(ROWS))
    heads = ("rows", "MB of CSV", "seconds", "CPU seconds", "bare DuckDB", "bad rows told", "faults")
    row = (ROWS, *(float(found[key]) for key in ("megabytes", "took", "cpu", "bare")), found["bad"], found["errors"])
    report.table(heads, [row])
    return report.Result(
        "dataset_load", found["took"], "seconds", found["bare"], "DuckDB's read_csv to Parquet", found["errors"]
    )


# --- inside the installation ------------------------------------------------------------------------------------------
def take(rows: int) -> dict[str, Any]:
    """Make the file, load it as an official's upload would be, and count what went wrong."""
    from datetime import date, timedelta

    from django.conf import settings

    from hexi.blocks.catalog.store import engine, files, loading, reading
    from hexi.blocks.catalog.store.checking import Field
    from hexi.blocks.catalog.store.grammar import Query

    days = [str(date(2015, 1, 1) + timedelta(number)) for number in range(3_000)]
    lines = [
        f"{n},62{n * 13 % 10_000:04}000000,第{n % 9_973}号站,{days[n % 3_000]},{n * 37 % 100_007 / 10},{n % 500}.25,"
        f"{days[n % 3_000]} 09:30,{'是' if n % 3 else '否'}\n"
        for n in range(rows)
    ]
    lines[10] = lines[10].replace("10,", "x,", 1)
    lines[rows // 2] = lines[rows // 2].replace("-", "/13/", 1)
    lines[-1] = "too,few\n"
    text = "序号,区划代码,名称,日期,数值,金额,时刻,是否\n" + "".join(lines)
    path, plain = Path(settings.DATA) / "rows.csv", files.folder() / "plain.csv"
    files.folder().mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("gb18030"))
    plain.write_text(text)
    fields = [Field(name, letter) for name, letter in zip(text.partition("\n")[0].split(","), "ICCDBYTL", strict=True)]
    began, cpu = time.monotonic(), time.process_time()
    with reading.opened(path) as table, files.locked(files.place("bench", 1).parent):
        outcome = loading.load(table, fields, files.place("bench", 1), most_bad=1)
    took, cpu = time.monotonic() - began, time.process_time() - cpu
    stored = engine.Stored(files.place("bench", 1), tuple(field.column for field in fields), outcome.rows)
    errors = abs(outcome.rows - rows + 3) + abs(outcome.bad - 3)
    errors += [bad.line for bad in outcome.bads] != [12, rows // 2 + 2, rows + 1]
    errors += engine.rows(stored, Query(limit=1, offset=rows - 4)).rows[0][0] != rows - 2
    facts = {"took": took, "cpu": cpu, "bare": _bare(plain), "bad": outcome.bad, "errors": errors}
    return facts | {"megabytes": path.stat().st_size / 1e6}


def _bare(plain: Path) -> float:
    import duckdb

    began = time.monotonic()
    with duckdb.connect(config={"threads": 2}) as connection:
        out = plain.with_suffix(".bare")
        rows = f"SELECT * FROM read_csv('{plain}', header = true, ignore_errors = true)"
        connection.execute(f"COPY ({rows}) TO '{out}' (FORMAT parquet, COMPRESSION zstd)")
    return time.monotonic() - began


def main(words: list[str]) -> int:
    """What the benchmark starts inside the installation."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hexi.site.settings")
    django.setup()
    print(json.dumps(take(int(words[0]))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
