"""What general search finds of petitions: a petitioner his own, by number. No official finds one there."""

from collections.abc import Iterator

from django.urls import reverse

from hexi.blocks.search import operations as search
from hexi.blocks.search.found import Found
from hexi.domains.livelihood.petitions.models import Petition
from hexi.domains.livelihood.petitions.operations.intake import TITLE
from hexi.kernel.actors import Actor

KIND = "petition"


def found(petition: Petition) -> Found | None:
    """The entry of one petition; none where no account can read it."""
    if petition.case.applicant_id is None:
        return None
    return Found(
        kind=KIND, ref=str(petition.pk), title=TITLE, aliases=(petition.case.number,), body="",
        url=reverse("petitions.mine", args=[petition.case.number]), person_id=petition.case.applicant_id,
    )  # fmt: skip


def everything() -> Iterator[Found]:
    """For `hexi search rebuild`."""
    for petition in Petition.objects.select_related("case").iterator(chunk_size=1000):
        if entry := found(petition):
            yield entry


def put(petition: Petition, by: Actor) -> None:
    """Listener: it came."""
    if entry := found(petition):
        search.put(entry)
