"""What people forget in time."""

from hexi.blocks.people import keys


def forget_calls() -> None:
    """Answers kept for a repeated Idempotency-Key, after thirty days."""
    keys.forget_calls()
