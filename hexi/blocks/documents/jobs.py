"""Later work on documents: scans that waited for the scanner, and clearing what nobody needs."""

from datetime import timedelta

from hexi.blocks.documents import operations, scanner, shelf
from hexi.blocks.documents.models import Blob, Document
from hexi.kernel import clock
from hexi.kernel.actors import System

#: seconds after which a file without a row is no longer somebody's running upload
ABANDONED = 24 * 3600
BATCH = 500


def scan_waiting() -> None:
    """Scan what was taken while the scanner was down, oldest first; stops at once if it is still down."""
    for blob in Blob.objects.filter(scan=Blob.Scan.WAITING).order_by("created_at")[:BATCH]:
        try:
            operations.scan_late(blob, by=System("documents.scan"))
        except scanner.ScannerDown:
            return


def clear() -> None:
    """Delete documents removed long ago, contents that no document carries, and what crashes left on the disk."""
    by = System("documents.clear")
    before = clock.now() - timedelta(days=operations.KEEP_REMOVED.value)
    for document in Document.objects.filter(removed_at__lt=before, replaced_by=None).iterator():
        operations.delete_removed(document, by=by)
    for path in shelf.leftovers(ABANDONED):
        path.unlink(missing_ok=True)
    for sha256 in shelf.hashes(ABANDONED):
        if not Document.objects.filter(blob=sha256).exists():
            operations.delete_unused(sha256)
