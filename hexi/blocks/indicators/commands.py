"""`hexi indicators …`."""

import argparse

from hexi.blocks.indicators import operations, queries
from hexi.blocks.indicators.counted import Counted
from hexi.kernel.actors import System
from hexi.kernel.manifest import added


def verify(arguments: argparse.Namespace) -> int:
    """Every kept figure against what its owner counts."""
    wrong = 0
    for source in added(Counted):
        found = queries.differences(source, *operations.ALWAYS)
        print(f"{'✗' if found else '✓'} {source.owner}  {len(found)}")
        for one in found[:20]:
            print(f"  {one.key} {one.grain} {one.day} {one.region_code} {one.department_id} {one.dimension}: "
                  f"{one.kept} ≠ {one.counted}")  # fmt: skip
        wrong += len(found)
    return 1 if wrong else 0


def rebuild(arguments: argparse.Namespace) -> int:
    """Count anew."""
    wanted = [one for one in added(Counted) if arguments.owner in ("", one.owner)]
    for source in wanted:
        print(f"✓ {source.owner}  {operations.rebuild(source, by=System('indicators')):,}")
    return 0 if wanted else 2


def rebuild_arguments(parser: argparse.ArgumentParser) -> None:
    """Parameters of `hexi indicators rebuild`."""
    parser.add_argument("owner", nargs="?", default="", help="哪一部分的数字，如 cases / whose figures (default: all)")
