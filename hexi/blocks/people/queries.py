"""Who is asking, what they may do, whom they stand for, and who looked at whose data."""

from django.db.models import Q
from django.http import HttpRequest

from hexi.blocks.people.actors import Citizen, Grant, Holding, Nobody, Official
from hexi.blocks.people.models import Account, Person, Post, Role
from hexi.blocks.regions.codes import prefix
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Scope


def actor_of(request: HttpRequest) -> Nobody | Citizen:
    """The actor of a request: at most one query beyond the account itself, asked once a request."""
    found: Nobody | Citizen | None = getattr(request, "_people_actor", None)
    if found is None:
        user = request.user
        found = actor_for(user) if isinstance(user, Account) or user.is_authenticated else Nobody()
        request._people_actor = found  # type: ignore[attr-defined]
    return found


def actor_for(account: Account) -> Citizen:
    """An account as an actor: an `Official` if it holds a post today, else a `Citizen`. One query."""
    rows = (
        Post.objects.filter(account_id=account.pk)
        .held_on(clock.today())
        .order_by("pk", "roles__order", "roles__key")
        .values_list(
            "pk", "department_id", "department__name", "region_code", "title", "roles__reach", "roles__verbs"
        )
    )
    posts: dict[int, Holding] = {}
    grants: list[Grant] = []
    for pk, department, name, region, title, reach, verbs in rows:
        posts.setdefault(pk, Holding(pk, department, name, region, title))
        scope = Scope(department if reach == Role.Reach.DEPARTMENT else None, prefix(region))
        grants += [Grant(verb, scope, pk) for verb in verbs or ()]
    return Official(account, tuple(grants), list(posts.values())) if posts else Citizen(account)


def persons_of(actor: Actor) -> tuple[int, ...]:
    """Ids of the persons the actor may act for: the own person and the bodies it legally represents. Own first."""
    own = getattr(actor, "person_id", None)
    if own is None:
        return ()
    bodies = Person.objects.filter(representative_id=own).order_by("pk").values_list("pk", flat=True)
    return (own, *bodies)
