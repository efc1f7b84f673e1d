"""What the notices block announces."""

from hexi.kernel.hooks import Hook

delivery_made = Hook(
    "notices.delivery_made", ("delivery",), "A notice is to go out by one more channel; the sending is done later."
)
webhook_due = Hook("notices.webhook_due", ("delivery",), "An event is to be sent to another system.")
