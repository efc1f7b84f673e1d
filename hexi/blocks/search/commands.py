"""`hexi search rebuild` and `hexi search selftest`. Stand beside jobs."""

from argparse import ArgumentParser, Namespace

from hexi.blocks.search import operations, selftest
from hexi.blocks.search.found import searchables


def kinds(parser: ArgumentParser) -> None:
    """The parameter of `rebuild`."""
    parser.add_argument("--kind", help="只限这一类 / only this kind of thing")


def rebuild(arguments: Namespace) -> int:
    """Write the index anew from what the owners have."""
    chosen = [one for one in searchables() if arguments.kind in (None, one.kind)]
    if not chosen:
        print(f"✗ no such kind: {arguments.kind}; there are: {', '.join(one.kind for one in searchables()) or '-'}")
        return 2
    for searchable in chosen:
        for done in operations.rebuild(searchable):
            print(f"\r{searchable.title}: {done.written:,} written, {done.removed:,} removed", end="", flush=True)
        print()
    return 0


def test(arguments: Namespace) -> int:
    """Print what cannot be found by its name, aliases, pinyin or initials; exit code 1 if anything."""
    tried = failed = 0
    for one in selftest.run():
        tried += 1
        if one.missed:
            failed += 1
            print(f"✗ {one.found.kind} {one.found.ref} {one.found.title}: {', '.join(one.missed)}")
    print(f"{'✗' if failed else '✓'} {tried:,} public things looked for, {failed:,} not found by all their names")
    return 1 if failed else 0
