"""Sending, at once after a notice was told and again when a try failed; letters about accounts."""

import hashlib

from hexi.blocks.notices import channels, operations, queries, webhooks
from hexi.kernel import clock

#: deliveries one run of the sweep takes on
MOST = 500


def deliver(delivery: int) -> None:
    """Send one delivery; what fails is taken up by the sweep when it is due again."""
    operations.deliver(delivery)


def sweep() -> None:
    """Send everything that is due: what failed before, and what was lost with a worker."""
    for pk in list(queries.due(clock.now()).values_list("pk", flat=True)[:MOST]):
        operations.deliver(pk)


def post_letter(to: str, subject: str, body: str) -> None:
    """Send a letter about an account (`people.mail_wanted`), which no inbox keeps: its links open the account.

    Raises OSError if the mail server should be asked again; the worker does. Without e-mail set up nothing is sent.
    """
    if not channels.MAIL.ready():
        return
    key = hashlib.sha256("\n".join((to, subject, body)).encode()).hexdigest()[:32]
    outcome = channels.send_mail(channels.Message(to=to, title=subject, body=body, link="", key=key))
    if not outcome.sent and not outcome.final:
        raise OSError(outcome.answer)


def post_webhook(delivery: int) -> None:
    """Tell another system at once; what fails is taken up by the sweep when it is due again."""
    webhooks.deliver(delivery)


def sweep_webhooks() -> None:
    """Send every event that is due. A target that does not answer is left alone until the next run."""
    silent: set[int] = set()
    for pk, webhook in list(webhooks.due(clock.now())[:MOST]):
        if webhook not in silent and webhooks.deliver(pk) is False:
            silent.add(webhook)
