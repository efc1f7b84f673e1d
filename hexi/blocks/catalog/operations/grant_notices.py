"""What both sides of a grant are told of its life: its end coming, over, renewed, suspended, taken back, not used."""

from collections.abc import Iterable
from typing import Any

from hexi.blocks.catalog.models import Grant, Subsystem
from hexi.blocks.catalog.queries.entries import holders
from hexi.blocks.catalog.queries.exchange import GRANT, USE
from hexi.blocks.notices import operations as notices
from hexi.blocks.people.models import Account
from hexi.kernel.actors import Actor
from hexi.kernel.packs import Words

#: what happens to a grant → whether the provider is told of it as well, or alone: what he did himself he knows
PROVIDER_TOO, PROVIDER_ALONE = ("ending", "expired"), ("unused",)


def tell(grant: Grant, what: str, *, by: Actor, why: str = "", **facts: Any) -> None:
    """Tell whom it concerns, in the caller's change; whoever did it is not told.

    A consumer elsewhere has nobody here who could be told: it sees the end in the answers it gets.
    """
    whom: dict[int, Account] = {}
    if what not in PROVIDER_ALONE:
        whom |= {one.pk: one for one in _consumers(grant)}
    if what in (*PROVIDER_TOO, *PROVIDER_ALONE):
        whom |= {one.pk: one for one in holders(grant.entry.provider, GRANT)}
    people = [one for one in whom.values() if f"account:{one.pk}" != by.key]
    if not people:
        return
    told = {"title": _entry(grant), "who": _consumer(grant), "day": grant.expires, "grant": grant.pk, **facts}
    if what in ("renewed", "suspended", "resumed", "revoked"):
        told["why"] = why.strip() or "–"
    notices.tell(people, f"catalog.grant_{what}", about=grant, facts=told, by=by)


def _consumers(grant: Grant) -> Iterable[Account]:
    office = grant.department or (grant.subsystem.member.department if grant.subsystem else None)
    return holders(office, USE) if office else ()


def _entry(grant: Grant) -> Words:
    return Words(zh=grant.entry.title, en=grant.entry.title_en or grant.entry.title)


def _consumer(grant: Grant) -> Words:
    if isinstance(grant.consumer, Subsystem):
        system, member = grant.consumer, grant.consumer.member
        zh, en = (
            f"{member.title} {system.title}",
            f"{member.title_en or member.title} {system.title_en or system.title}",
        )
        return Words(zh=zh, en=en)
    office = grant.department
    return Words(zh=office.name, en=office.name_en or office.name)  # type: ignore[union-attr]
