"""`hexi cases …`."""

import argparse
from datetime import date

from hexi.blocks.cases import jobs, queries


def law(arguments: argparse.Namespace) -> None:
    """Run the sweep now."""
    print(f"✓ {jobs.accept_by_law()}")


def recount(arguments: argparse.Namespace) -> int:
    """Count everything again from the cases themselves."""
    span = ("", date(2000, 1, 1), date(2199, 12, 31))
    rolled, counted = queries.figures(*span), queries.recounted(*span)
    differing = [name for name in queries.COUNTED if getattr(rolled, name) != getattr(counted, name)]
    for name in queries.COUNTED:
        mark = "✗" if name in differing else "✓"
        print(f"{mark} {name:10} {getattr(rolled, name):>10,} {getattr(counted, name):>10,}")
    return 1 if differing else 0
