"""Officials whose name stands in a petition are kept out, whenever they come to it (信访工作条例 arts 28, 30)."""

from hexi.blocks.audit.operations import change
from hexi.blocks.people.models import Account, Post
from hexi.domains.livelihood.petitions import queries
from hexi.domains.livelihood.petitions.access import barred
from hexi.domains.livelihood.petitions.models import Petition, Recusal
from hexi.kernel import clock
from hexi.kernel.actors import Actor


def keep_named_out(petition: Petition, text: str, *, by: Actor, complained: str = "") -> None:
    """Every official of the place whose name stands in a text; in the caller's transaction. Twice is once."""
    for account in queries.officials_named(text, petition.office_region):
        keep_out(petition, account, by=by, complained=complained)


def keep_out(petition: Petition, account: Account, *, by: Actor, complained: str = "") -> None:
    """One of them; named to handle it before, he is no longer."""
    why = Recusal.Why.COMPLAINED if complained and account.name in complained else Recusal.Why.NAMED
    Recusal.objects.get_or_create(
        petition=petition, account=account, defaults={"why": why, "by": by.key, "at": clock.now()}
    )
    end_barred(petition)


def end_barred(petition: Petition) -> None:
    """Whoever was named and is kept out now is named no more."""
    for handler in petition.handlers.filter(ended_at=None):
        if barred(handler.account_id).filter(petition=petition).exists():
            handler.ended_at = clock.now()
            handler.save(update_fields=["ended_at"])


def appointed(post: Post, by: Actor) -> None:
    """Somebody got a post."""
    newcomer(post.account, by=by)


def renamed(account: Account, by: Actor) -> None:
    """Somebody has another name."""
    newcomer(account, by=by)


def newcomer(account: Account, *, by: Actor) -> int:
    """Somebody got a post, or another name: petitions that name him, also those told long ago, are kept from him from
    this moment on. How many. What was cleared before is kept from him again: the petition office looks once more."""
    if not queries.is_official(account):
        return 0
    with change(by, "petitions.newcomer", account) as note:
        named = [one for one in queries.near(account) if queries.names(account, queries.told(one))]
        for petition in named:
            keep_out(petition, account, by=by, complained=petition.against.get("name", ""))
        note.facts["kept_from"] = len(named)
    return len(named)
