"""`hexi catalog verify-log`, `gateway`, `card`, `trust`, `distrust`, `archive-log`: the exchange by command."""

import argparse
import json
import sys
from pathlib import Path

from hexi.blocks.catalog import exchange_keys
from hexi.blocks.catalog import exchange_options as options
from hexi.blocks.catalog.models import Gateway
from hexi.blocks.catalog.operations import archives, exchange, stamps
from hexi.blocks.catalog.queries import exchange as queries
from hexi.blocks.catalog.queries import proving
from hexi.kernel.actors import System

BY = System("command")


def verify_log(arguments: argparse.Namespace) -> int:
    """Print each fault with its place; exit 1 if there is one."""
    roots = stamps.roots() if options.TSA_ROOTS.value != Path() else []
    folder = Path(arguments.archives) if arguments.archives else archives.folder()
    faults = 0
    for fault in proving.verify(folder, roots, lambda done: print(f"… {done:,}", flush=True)):
        print(f"✗ {fault}")
        faults += 1
    print("✗ 交换日志有问题 / the message log has faults" if faults else "✓ 交换日志完整 / the message log is whole")
    return 1 if faults else 0


def verify_arguments(parser: argparse.ArgumentParser) -> None:
    """Parameters of `hexi catalog verify-log`."""
    parser.add_argument("--archives", metavar="DIR", help="归档目录，默认 DATA/catalog/archives / folder of archives")


def gateway(arguments: argparse.Namespace) -> int:
    """Register our own gateway, or bring it up to date after new keys or another address."""
    made = exchange.open_own(arguments.code, title=arguments.title, url=arguments.url, by=BY)
    print(f"✓ {made.code}  {exchange_keys.read_out(exchange_keys.fingerprint(made.certificate))}")
    return 0


def gateway_arguments(parser: argparse.ArgumentParser) -> None:
    """Parameters of `hexi catalog gateway`."""
    parser.add_argument("code", help="代码，例如 YUMEN-GW1 / code")
    parser.add_argument("title", help="名称 / what people read")
    parser.add_argument("url", help="提供方网关地址，例如 https://gw.example:5500 / address of our provider gateway")


def card(arguments: argparse.Namespace) -> int:
    """Print our card, for the other side's `hexi catalog trust`."""
    try:
        found = queries.card()
    except LookupError as error:
        print(f"✗ {error}", file=sys.stderr)
        return 2
    print(json.dumps(found, ensure_ascii=False, indent=1))
    mark = exchange_keys.read_out(exchange_keys.fingerprint(found["certificate"]))
    print(f"… 指纹，请另行告知对方 / fingerprint, to be told by another way: {mark}", file=sys.stderr)
    return 0


def trust(arguments: argparse.Namespace) -> int:
    """Take another installation's card."""
    try:
        facts = json.loads(Path(arguments.file).read_text("utf-8"))
    except (OSError, ValueError) as error:
        print(f"✗ {arguments.file}: {error}", file=sys.stderr)
        return 2
    made = exchange.trust(facts, fingerprint=arguments.fingerprint, by=BY)
    print(f"✓ {made.code}: {made.members.filter(active=True).count()} 个成员 / members")
    for one in made.members.filter(active=True).order_by("pk"):
        print(f"  {one.instance}/{one.member_class}/{one.code}  {one.title}")
    return 0


def trust_arguments(parser: argparse.ArgumentParser) -> None:
    """Parameters of `hexi catalog trust`."""
    parser.add_argument(
        "file", help="对方 hexi catalog card 的输出 / what the other side's `hexi catalog card` printed"
    )
    parser.add_argument("fingerprint", help="对方另行告知的证书指纹 / fingerprint they told you by another way")


def distrust(arguments: argparse.Namespace) -> int:
    """Speak to an installation no more."""
    found = Gateway.objects.filter(code=arguments.code, own=False).first()
    if found is None:
        print(f"✗ 没有这个网关 / there is no such gateway: {arguments.code}", file=sys.stderr)
        return 2
    exchange.distrust(found, by=BY, why=arguments.why)
    print(f"✓ {found.code}")
    return 0


def distrust_arguments(parser: argparse.ArgumentParser) -> None:
    """Parameters of `hexi catalog distrust`."""
    parser.add_argument("code", help="对方网关的代码 / code of their gateway")
    parser.add_argument("why", help="理由 / why")


def archive_log(arguments: argparse.Namespace) -> int:
    """Stamp and archive now."""
    stamps.stamp()
    for one in archives.archive():
        print(f"✓ {one.name}  {one.messages}")
    return 0
