"""What search finds of bundles (一件事), and loading their packs. Beside operations."""

from collections.abc import Iterator
from pathlib import Path

from hexi.blocks.cases import bundle_lint, bundled
from hexi.blocks.cases.bundles import BundleFile
from hexi.blocks.cases.models import Item
from hexi.blocks.cases.operations.publishing import shipped
from hexi.blocks.search import operations as search
from hexi.blocks.search.found import Found
from hexi.kernel.actors import Actor
from hexi.kernel.packs import Fault, PackError

KIND = "bundle"


def found(offer: bundled.Offer) -> Found:
    """An offered bundle as the index keeps it: above its items."""
    file, rules = offer.file, offer.rules.values()
    return Found(
        kind=KIND, ref=f"{file.key}@{offer.region_code}", title=file.title.zh, title_en=file.title.en,
        aliases=file.aliases, body=" ".join([file.sentence.zh, *(one.national.title.zh for one in rules)]),
        body_en=" ".join([file.sentence.en, *(one.national.title.en for one in rules)]),
        url=f"/bundles/{file.key}/?region={offer.region_code}", region_code=offer.region_code, weight=40,
    )  # fmt: skip


def everything() -> Iterator[Found]:
    """For `hexi search rebuild`."""
    return (found(offer) for offer in bundled.everywhere())


def put_again(items: list[Item], by: Actor) -> None:
    """Listener: items came into force or were withdrawn; bundles of their regions are offered, or no longer."""
    files = bundled.shipped().values()
    touched = {
        (file.key, one.region_code) for one in items for file in files if one.key in {part.item for part in file.items}
    }
    if not touched:
        return
    there = {(one.file.key, one.region_code): one for one in bundled.everywhere()}
    search.put_all([found(there[place]) for place in sorted(touched & set(there))])
    for key, region in sorted(touched - set(there)):
        search.remove(KIND, f"{key}@{region}")


def put_without(item: Item, by: Actor) -> None:
    """Listener: an item was withdrawn."""
    put_again([item], by)


def load(path: Path, file: BundleFile) -> int:
    """Put one checked pack into the index, for every region that offers all its items; the number of regions."""
    if faults := check(path, file):
        raise PackError(faults)
    offers = [one for one in bundled.everywhere() if one.file.key == file.key]
    search.put_all([found(one) for one in offers])
    return len(offers)


def check(path: Path, file: BundleFile) -> list[Fault]:
    """Lint of one pack file, for `hexi check`."""
    return bundle_lint.check_file(path, file, shipped())
