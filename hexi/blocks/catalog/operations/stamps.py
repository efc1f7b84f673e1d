"""Time-stamps by batch: the tree over the signatures of new messages, its root stamped by an outside authority."""

import logging

from cryptography import x509
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from hexi.blocks.catalog import exchange_options as options
from hexi.blocks.catalog import proofs
from hexi.blocks.catalog.models import MessageLog, StampBatch
from hexi.wire import rfc3161
from hexi.wire.xroad import digests

log = logging.getLogger(__name__)
#: signatures under one time-stamp (X-Road: timestamp-records-limit), and how many rows one UPDATE names
MOST, PIECE = 10_000, 5_000
PATIENCE = 20.0


def roots() -> list[x509.Certificate]:
    """The authority's root certificates. Raises `ImproperlyConfigured` if they cannot be read."""
    try:
        return x509.load_pem_x509_certificates(options.TSA_ROOTS.value.read_bytes())
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(f"{options.TSA_ROOTS.key}: {options.TSA_ROOTS.value}: {error}") from error


def stamp() -> int:
    """Stamp what has no time-stamp yet, batch after batch; how many messages. Raises `rfc3161.Failed`.

    The authority is asked with no lock held; a batch somebody else has stamped meanwhile is dropped.
    """
    if not options.TSA_URL.value:
        return 0
    done, certificates = 0, roots()
    while rows := list(
        MessageLog.objects.filter(batch=None).order_by("pk").values_list("pk", "signature", "hash")[:MOST]
    ):  # fmt: skip
        root = digests.Tree([proofs.leaf(bytes(signature), hashed) for _, signature, hashed in rows]).root
        found = rfc3161.ask(options.TSA_URL.value, root, certificates, patience=PATIENCE)
        if not _kept([pk for pk, *_ in rows], root, found):
            break
        done += len(rows)
        if len(rows) < MOST:
            break
    return done


def _kept(ids: list[int], root: bytes, found: rfc3161.Stamp) -> bool:
    """Write the batch down, all of it or nothing; False if one of the messages has a stamp already."""
    with transaction.atomic():
        batch = StampBatch.objects.create(root=root, size=len(ids), token=found.token, at=found.at)
        pieces = (ids[start : start + PIECE] for start in range(0, len(ids), PIECE))
        taken = sum(MessageLog.objects.filter(pk__in=piece, batch=None).update(batch=batch) for piece in pieces)
        if taken != len(ids):
            transaction.set_rollback(True)
            return False
    return True
