"""`hexi verify FILE` without network or database, and `hexi certificates rotate`."""

import argparse
from pathlib import Path

from hexi.blocks.certificates import keys, proof
from hexi.blocks.certificates.proof import Verdict

WORDS = {
    Verdict.VALID: "✓ 签名有效，内容未被改动 / the signature is good, nothing was changed",
    Verdict.ALTERED: "✗ 内容被改动过，或签名不符 / the file was altered, or the signature is wrong",
    Verdict.UNKNOWN_KEY: "✗ 签名密钥不在信任名单里 / signed with a key that is not trusted here",
    Verdict.NO_RECORD: "✗ 文件里没有证照签名 / the file holds no certificate signature",
}
CODES = {Verdict.VALID: 0, Verdict.ALTERED: 1, Verdict.UNKNOWN_KEY: 2, Verdict.NO_RECORD: 3}
SHOWN = (
    "name", "number", "certificate_identifier", "holder_name", "holder_code", "issuing_authority_name",
    "validate_start", "validate_end",
)  # fmt: skip


def verify(arguments: argparse.Namespace) -> int:
    """Print the verdict and what the file says. Exit code 0 valid, 1 altered, 2 unknown key, 3 none, 4 unreadable."""
    try:
        trusted = keys.trusted({str(path): path.read_text() for path in arguments.key})
        file = arguments.file.read_bytes()
    except (OSError, ValueError) as error:
        print(f"✗ {error}")
        return 4
    found = proof.check(file, trusted)
    print(WORDS[found.verdict])
    for name in SHOWN if found.verdict in (Verdict.VALID, Verdict.UNKNOWN_KEY) else ():
        print(f"  {name}: {found.metadata.get(name, '')}")
    if found.key:
        print(f"  key: {found.key}")
    if found.metadata.get("demo"):
        print("! 演示密钥签发，无法律效力 / signed with a demo key: worth nothing")
    if found.verdict is Verdict.VALID:
        print("! 是否已被撤销、注销等，请联网查验 / whether it was revoked since, ask online:")
        print(f"  {found.metadata.get('file_url', '')}/verify/{found.metadata.get('certificate_identifier', '')}/")
    return CODES[found.verdict]


def verify_arguments(parser: argparse.ArgumentParser) -> None:
    """Parameters of `hexi verify`."""
    parser.add_argument("file", type=Path, help="证照 PDF / the certificate's PDF")
    parser.add_argument(
        "--key",
        type=Path,
        action="append",
        default=[],
        help="另外信任的公钥（PEM） / one more trusted public key (PEM)",
    )


def rotate(arguments: argparse.Namespace) -> int:
    """Make a new signing key and use it from now on; what older keys signed stays valid."""
    path = keys.make(demo=arguments.demo)
    print(f"✓ {path}\n  {keys.signer().id}")
    if keys.KEY.value:
        print("! 选项 certificates.key 优先于这个文件 / the option certificates.key still wins over this file")
    return 0


def rotate_arguments(parser: argparse.ArgumentParser) -> None:
    """Parameters of `hexi certificates rotate`."""
    parser.add_argument(
        "--demo", action="store_true", help="演示密钥，签出的证照标“演示” / a demo key: what it signs is marked so"
    )
