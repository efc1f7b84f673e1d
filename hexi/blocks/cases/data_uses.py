"""Which service items use a register of the catalogue: forms filled in from it, materials it makes needless to hand in.

Stands beside queries.
"""

from collections.abc import Iterable, Iterator

from django.urls import reverse

from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import Item
from hexi.blocks.catalog.models import Entry
from hexi.blocks.catalog.uses import Use
from hexi.kernel.actors import Actor

#: data set → source of a prefilled answer → its column there
FILLED = {
    "people.persons": {"person.name": "name", "person.region": "region_code"},
    "people.bodies": {"enterprise.name": "name", "enterprise.representative": "representative"},
}
CERTIFICATES = "certificates.certificates"


def services(entry: Entry, by: Actor) -> Iterable[Use]:
    """Published items whose form or materials are answered from the data set: the catalogue of items is public."""
    may_open = bool(by.scopes("items.view"))
    for item, columns in _using(entry.origin):
        url = reverse("cases.item", args=[item.pk]) if may_open else ""
        yield Use(f"{item.name} · {item.department.title}", columns, url)


def count_services(entry: Entry) -> int:
    """How many there are."""
    return sum(1 for _one in _using(entry.origin))


def _using(origin: str) -> Iterator[tuple[Item, tuple[str, ...]]]:
    if origin not in FILLED and origin != CERTIFICATES:
        return
    rows = Item.objects.filter(status=Item.Status.PUBLISHED).select_related("version__item__department", "department")
    for item in rows.order_by("region_code", "key"):
        columns = _columns(item, FILLED.get(origin, {}))
        if columns or (origin == CERTIFICATES and _spared(item)):
            yield item, columns


def _columns(item: Item, filled: dict[str, str]) -> tuple[str, ...]:
    """The columns its form is filled in from."""
    asked = (str(field.prefill or "") for _section, field in definition(item.version).national.form.fields())
    return tuple(dict.fromkeys(filled[source] for source in asked if source in filled))


def _spared(item: Item) -> bool:
    """True if a certificate spares the applicant one of its materials."""
    return any(one.types for one in definition(item.version).national.materials)
