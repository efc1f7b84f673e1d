"""`hexi money check`."""

import argparse

from hexi.blocks.money import queries
from hexi.ui.words import money


def check(arguments: argparse.Namespace) -> int:
    """Print each account whose balance is not the sum of its postings; exit 1 if there is one."""
    found = list(queries.drifts())
    for one in found:
        name = f"{one.account.department.name} {one.account.get_kind_display()} {one.account.channel}".strip()
        print(f"✗ {name}: {money(one.balance)} ≠ {money(one.detail)}")
    print("✗ 账不平 / the books do not agree" if found else "✓ 账平 / the books agree")
    return 1 if found else 0
