"""`hexi audit verify`."""

import argparse

from hexi.blocks.audit import queries


def verify(arguments: argparse.Namespace) -> int:
    """Print each fault; exit 1 if there is one."""
    faults = 0
    for fault in queries.verify(lambda done: print(f"… {done:,}", flush=True), arguments.seal):
        print(f"✗ {fault}")
        faults += 1
    print("✗ 日志有问题 / the log has faults" if faults else "✓ 日志完整 / the log is whole")
    return 1 if faults else 0


def verify_arguments(parser: argparse.ArgumentParser) -> None:
    """Parameters of `hexi audit verify`."""
    parser.add_argument(
        "--seal", action="append", default=[], metavar="DIGEST",
        help="公开页 /seals/ 的摘要，应仍在其中，可给多个 / a digest copied from /seals/ that must still be there",
    )  # fmt: skip
