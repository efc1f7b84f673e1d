"""`python -m benchmarks [name …]`: run all, or those named; a failure of one ends with exit code 1."""

import sys
import time
import traceback
from importlib import import_module

from benchmarks import processes
from benchmarks.report import FULL

NAMES = (
    "booking", "case_life", "case_lists", "clock_sweep", "dataset_load", "exchange", "grid_lookup", "hot_topics",
    "item_import",
    "ledger", "numbering_race", "open_data_page", "orders_million", "request_life",
    "search", "templates", "worklist_million",
)  # fmt: skip


def main(wanted: list[str]) -> int:
    """Run the benchmarks; 0 if all came through without an error."""
    if unknown := set(wanted) - set(NAMES):
        print(f"✗ no such benchmark: {', '.join(sorted(unknown))}; there are: {', '.join(NAMES)}")
        return 2
    return 1 if [name for name in wanted or NAMES if not _run(name)] else 0


def _run(name: str) -> bool:
    """Run one; True if it came through. Its JSON is the last line."""
    module, began = import_module(f"benchmarks.{name}"), time.monotonic()
    print(f"== {name}: {(module.__doc__ or '').splitlines()[0]}", flush=True)
    print(f"{time.strftime('%Y-%m-%d %H:%M')}, {processes.machine()}, size {'full' if FULL else 'small'}", flush=True)
    try:
        result = module.measure()
    except Exception:
        traceback.print_exc()
        print(f"✗ {name} failed", flush=True)
        return False
    print(f"{time.monotonic() - began:.0f} s, at the end {processes.machine().rpartition(', ')[2]}")
    print(result.line(), flush=True)
    return not result.errors


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
