"""What search finds of the catalogue: open data sets everybody, the others who may read it. Stands beside queries."""

from collections.abc import Iterator

from django.urls import NoReverseMatch, reverse

from hexi.blocks.catalog.models import Entry, Grading, State
from hexi.blocks.search import operations as search
from hexi.blocks.search.found import Found

KIND = "dataset"
VIEW = "catalog.view"
#: the page of an open data set for everybody
PUBLIC_PAGE = "catalog.dataset"


def found_of(entry: Entry) -> Found:
    """A published entry as search knows it, with its items' names: one looks for a column as often as for a set."""
    items = list(entry.items.all())
    core = entry.grading == Grading.CORE
    return Found(
        kind=KIND, ref=str(entry.pk), title=entry.title, title_en=entry.title_en,
        aliases=(*filter(None, entry.keywords.splitlines()), entry.code),
        body="\n".join([entry.summary, entry.provider.name, *(item.title for item in items)]),
        body_en="\n".join([entry.summary_en, entry.provider.name_en, *(item.title_en for item in items)]),
        url=address(entry),
        region_code=entry.region_code if core else "", department_id=entry.provider_id if core else None,
        verb="" if entry.open else VIEW, updated=entry.updated,
    )  # fmt: skip


def address(entry: Entry) -> str:
    """Where a published entry is read: at the portal if it is open, else at the workbench."""
    if entry.open:
        try:
            return reverse(PUBLIC_PAGE, args=[entry.slug])
        except NoReverseMatch:  # the portal's pages are not there
            pass
    return reverse("catalog.entry", args=[entry.pk])


def put(entry: Entry) -> None:
    """Make it findable as it is now; one that is not published is not found."""
    if entry.state == State.PUBLISHED:
        search.put(found_of(entry))
    else:
        search.remove(KIND, str(entry.pk))


def everything() -> Iterator[Found]:
    """For `hexi search rebuild`."""
    rows = Entry.objects.filter(state=State.PUBLISHED).select_related("provider").prefetch_related("items")
    for entry in rows.iterator(chunk_size=500):
        yield found_of(entry)
