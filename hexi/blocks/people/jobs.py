"""What people forget in time."""

from hexi.blocks.people import keys, tries


def forget_calls() -> None:
    """Answers kept for a repeated Idempotency-Key, after thirty days."""
    keys.forget_calls()


def forget_tries() -> None:
    """Tries counted against a limit, when their time is over."""
    tries.forget()
