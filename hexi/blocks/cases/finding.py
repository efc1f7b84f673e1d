"""What search finds of this block: items for everybody, cases for their owners and offices. Beside operations."""

from collections.abc import Iterator

from django.db.models import CharField, QuerySet
from django.db.models.functions import Cast
from django.urls import reverse

from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import Case, Item
from hexi.blocks.cases.queries import OFFICIAL_VERBS, at_site
from hexi.blocks.regions.models import Site
from hexi.blocks.search import operations as search
from hexi.blocks.search.found import Found
from hexi.kernel.actors import Actor


def item_found(item: Item) -> Found:
    """A published item as the index keeps it: by its names, everyday words, sentence, conditions, materials."""
    assert item.version is not None
    national = definition(item.version).national
    words = [national.sentence, *(one.text for one in national.conditions), *(one.title for one in national.materials)]
    return Found(
        kind="item", ref=str(item.pk), title=item.title, title_en=item.title_en, aliases=national.aliases,
        body=" ".join(one.zh for one in words), body_en=" ".join(one.en for one in words),
        url=f"/items/{item.key}/?region={item.region_code}", region_code=item.region_code, weight=20,
    )  # fmt: skip


def case_found(case: Case) -> Found:
    """A case: private to its applicant, and to posts that may see cases of its office.

    Who represents a body is asked when somebody searches, not kept.
    """
    return Found(
        kind="case", ref=str(case.pk), title=case.title, title_en=case.item.title_en, aliases=(case.number,),
        body=f"{case.applicant_name} {case.number}", url=reverse("cases.open_case", args=[case.number]),
        region_code=case.region_code, department_id=case.department_id, person_id=case.applicant_id,
        verb=OFFICIAL_VERBS[0],
    )  # fmt: skip


def all_items() -> Iterator[Found]:
    """For `hexi search rebuild`."""
    for item in Item.objects.filter(status=Item.Status.PUBLISHED).select_related("version", "department").iterator():
        yield item_found(item)


def items_at(site: Site) -> QuerySet[Item]:
    """Of the entries of items those that a site of one office or of chosen items shows."""
    return at_site(Item.objects.all(), site).annotate(ref=Cast("pk", CharField())).values("ref")


def all_cases() -> Iterator[Found]:
    """For `hexi search rebuild`."""
    for case in Case.objects.permits().select_related("item").iterator(chunk_size=1000):
        yield case_found(case)


def put_items(items: list[Item], by: Actor) -> None:
    """Listener: versions came into force."""
    search.put_all(map(item_found, items))


def remove_item(item: Item, by: Actor) -> None:
    """Listener: an item was withdrawn."""
    search.remove("item", str(item.pk))


def put_case(case: Case, by: Actor) -> None:
    """Listener: a case came in."""
    search.put(case_found(case))
