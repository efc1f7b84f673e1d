"""Petitions of the same petitioner are found by a hash: made anew when lookups are (`people.hooks`)."""

from collections.abc import Callable

from hexi.domains.livelihood.petitions.models import Petition
from hexi.domains.livelihood.petitions.queries import KIND, mark_of


def renew(lookup: Callable[[str, str], str]) -> None:
    """Of every petition (hook `lookups_renewed`)."""
    rows = Petition.objects.exclude(lookup="").select_related("case__applicant").order_by("pk")
    for row in rows.iterator(500):
        if mark := mark_of(row.case.applicant, str(row.contact.get("phone") or "")):
            Petition.objects.filter(pk=row.pk).update(lookup=lookup(mark, KIND))
