"""TLS with pinned certificates: who is not in our directory is not spoken to, whoever has signed his certificate."""

import logging
import ssl
from pathlib import Path

from hexi.blocks.catalog import exchange_keys

log = logging.getLogger(__name__)


def serving(pinned: tuple[str, ...]) -> ssl.SSLContext:
    """For a server that asks everybody for a certificate and takes those alone. More may be added while it runs."""
    made = _context(ssl.PROTOCOL_TLS_SERVER, exchange_keys.tls())
    pin(made, pinned)
    return made


def calling(pinned: str, own: Path | None = None) -> ssl.SSLContext:
    """For a call to whoever has this certificate, whatever his name. `own`: what we show, if not the gateway's pair."""
    made = _context(ssl.PROTOCOL_TLS_CLIENT, own or exchange_keys.tls())
    pin(made, (pinned,))
    return made


def pin(context: ssl.SSLContext, certificates: tuple[str, ...]) -> None:
    """Take these certificates from now on. (One taken back is refused by its fingerprint, see `gateways.server`.)

    Each by itself: one that TLS cannot read keeps nobody else out, nor the gateway from starting.
    """
    for one in certificates:
        try:
            context.load_verify_locations(cadata=one)
        except (ssl.SSLError, TypeError, ValueError) as error:
            log.error("a certificate that cannot be pinned (%s): %s", error, one[:80])


def _context(protocol: int, own: Path) -> ssl.SSLContext:
    made = ssl.SSLContext(protocol)
    made.minimum_version = ssl.TLSVersion.TLSv1_3
    made.check_hostname = False  # the certificate itself is pinned, which says more than a name
    made.verify_mode = ssl.CERT_REQUIRED
    made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    made.load_cert_chain(own)
    return made
