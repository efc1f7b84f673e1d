"""What certificates announce."""

from hexi.kernel.hooks import Hook

certificate_issued = Hook(
    "certificates.issued", ("certificate", "by"), "A certificate was signed and given to its holder."
)
certificate_replaced = Hook(
    "certificates.replaced",
    ("certificate", "reason", "by"),
    "Renewed, changed or corrected: it follows `replaces`.",
)
certificate_changed = Hook(
    "certificates.changed", ("certificate", "before", "by"), "Suspended, resumed, revoked, cancelled or expired."
)
