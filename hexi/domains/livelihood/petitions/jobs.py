"""Done later: petitions nobody wants reviewed are closed; what was written and never sent is forgotten."""

from datetime import timedelta

from django.core.exceptions import ValidationError

from hexi.domains.livelihood.petitions import queries
from hexi.domains.livelihood.petitions.models import Writing
from hexi.domains.livelihood.petitions.operations import intake, petitioning
from hexi.kernel import clock
from hexi.kernel.actors import System

BY = System("petitions")
#: days after which an unsent writing is deleted
FORGET = 90


def close_silent() -> None:
    """Close those whose thirty days are over."""
    for petition in queries.silent():
        try:
            petitioning.lapse(petition, by=BY)
        except ValidationError:
            continue  # somebody asked this moment


def forget() -> None:
    """Delete what was begun and left, with what was attached to it."""
    for writing in Writing.objects.filter(sent=None, saved_at__lt=clock.now() - timedelta(days=FORGET)):
        intake.forget(writing, by=BY)
