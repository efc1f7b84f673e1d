"""`hexi people rekey`: identity numbers under the newest key."""

import argparse

from hexi.blocks.people import rekeying


def rekey(arguments: argparse.Namespace) -> int:
    """Write every number anew under the first key; with --index the lookups too (stop the service before)."""
    done = rekeying.rekey(lambda count: print(f"… {count:,}", flush=True))
    print(f"✓ {done:,} 个号码已换用新密钥 / numbers under the newest key")
    if arguments.index:
        print(f"✓ {rekeying.reindex():,} 个索引已换用新密钥 / lookups under the newest key; now remove the old keys")
    return 0


def rekey_arguments(parser: argparse.ArgumentParser) -> None:
    """Parameters of `hexi people rekey`."""
    parser.add_argument("--index", action="store_true", help="the lookups too; stop the service first")
