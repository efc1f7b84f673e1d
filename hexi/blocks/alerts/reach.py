"""Whom an alert finds in its area: `Reach` in a manifest, and those this block knows itself. Beside queries.

A domain adds its own: cells of the grid, devices, registered homes, each found by division or by point.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hexi.blocks.alerts.areas import Area
from hexi.blocks.alerts.models import Contact, Subscription
from hexi.blocks.alerts.queries import CONFIRM
from hexi.blocks.people.models import Account, Person, Post, Role
from hexi.blocks.regions import codes
from hexi.blocks.regions.models import Division
from hexi.kernel import clock
from hexi.kernel.manifest import added
from hexi.kernel.packs import Words

#: in the list of an update: whom the message before had told and who is outside now; no `Reach` finds them
LEFT = "left"


@dataclass(frozen=True)
class Target:
    """One thing or person found. `ref` is its name within the kind; `whom` is told, and confirms if `confirm`."""

    ref: str
    title: Words
    region: str = ""
    whom: Account | Person | None = None
    confirm: bool = False


@dataclass(frozen=True)
class Reach:
    """A kind of target: `find(area)` gives those in the area. Called in a job after publishing, maybe again: the same
    `ref` is taken once, and none of a `region` that the area does not reach. With `ground` its targets are pieces of
    ground that know their outline: such kinds are asked first, and the divisions of what they find count as touched
    by the shapes of the alert."""

    key: str
    title: Any
    find: Callable[[Area], Iterable[Target]]
    ground: bool = False


def reaches() -> dict[str, Reach]:
    """Every kind by its key, in the order of the manifests."""
    return {one.key: one for one in added(Reach)}


def title_of(kind: str) -> str:
    """What a kind is called; its key if the domain that added it is gone."""
    if kind == LEFT:
        return gettext("已不在范围内的人")
    one = reaches().get(kind)
    return str(one.title) if one else kind


def villages(area: Area) -> Iterator[Target]:
    """The villages and communities inside the divisions of the area, and those its shapes touch."""
    for code in (*area.codes, *area.touched):
        rows = Division.objects.current().under(code).filter(level=codes.VILLAGE).order_by("code")
        for row in rows.iterator(2000):
            yield Target(row.code, Words(zh=row.name, en=row.name_en), row.code)


def officials(area: Area) -> Iterator[Target]:
    """Officials on duty (right `alerts.confirm`) in the area, or for a division above it up to the county."""
    roles = [one.pk for one in Role.objects.all() if CONFIRM in one.verbs]
    posts = Post.objects.held_on(clock.today()).filter(area.touching(), roles__in=roles, account__is_active=True)
    for post in posts.select_related("account", "department").order_by("account_id", "pk").distinct():
        title = Words(
            zh=f"{post.department.name} {post.account}（{post.title}）",
            en=f"{post.department.name_en}: {post.account} ({post.title})",
        )
        yield Target(f"account:{post.account_id}", title, post.region_code, post.account, confirm=True)


def contacts(area: Area) -> Iterator[Target]:
    """Registered contacts of the area, and of the township and county above it."""
    rows = Contact.objects.filter(area.touching(), ended_at=None).select_related("person__representative")
    for row in rows.order_by("pk"):
        title = Words(zh=f"{row.person.name}（{row.duty}）", en=f"{row.person.name} ({row.duty})")
        yield Target(f"person:{row.person_id}", title, row.region_code, row.person, confirm=True)


def subscribers(area: Area) -> Iterator[Target]:
    """Accounts that want to be told of alerts here, as bad as this one."""
    rows = Subscription.objects.filter(area.touching(), rank__lte=area.rank, account__is_active=True)
    for row in rows.select_related("account").order_by("pk"):
        yield Target(f"account:{row.account_id}", Words(zh="订阅人", en="Subscriber"), row.region_code, row.account)


OWN = (
    Reach("villages", _("村（社区）"), villages),
    Reach("officials", _("值守人员"), officials),
    Reach("contacts", _("联络人"), contacts),
    Reach("subscribers", _("订阅人"), subscribers),
)
