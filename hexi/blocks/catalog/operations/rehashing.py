"""Who was given a person's rows is found by the hash of his number: made anew when lookups are (`people.rekeying`)."""

from collections.abc import Callable, Mapping

from hexi.blocks.catalog.models import Access
from hexi.blocks.people.queries import RESIDENT


def move(moved: Mapping[str, str]) -> None:
    """Rows of registered persons (hook `lookups_moved`)."""
    here = Access.objects.filter(person_hash__in=list(moved)).values_list("person_hash", flat=True)
    for old in set(here):
        Access.objects.filter(person_hash=old).update(person_hash=moved[old])


def renew(lookup: Callable[[str, str], str]) -> None:
    """Rows of those who were not registered when they were written (hook `lookups_renewed`)."""
    for row in Access.objects.exclude(number=None).only("number").order_by("pk").iterator(500):
        Access.objects.filter(pk=row.pk).update(person_hash=lookup(row.number, RESIDENT))
