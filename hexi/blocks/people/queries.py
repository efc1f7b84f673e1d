"""Who is asking, what they may do, whom they stand for, and who looked at whose data."""

from allauth.socialaccount.models import SocialAccount
from django.db.models import F, QuerySet
from django.http import HttpRequest

from hexi.blocks.audit import queries as audit
from hexi.blocks.audit.models import Entry
from hexi.blocks.people.actors import Citizen, Grant, Holding, Nobody, Official
from hexi.blocks.people.models import Account, Identifier, IdentifierType, Person, Post, Role
from hexi.blocks.people.vault import ring
from hexi.blocks.regions.codes import prefix
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Scope, within
from hexi.kernel.fixed import Fixed, Given
from hexi.wire.checksums import tidy

#: codes of GA/T 2000.156 and of the holder types of electronic licences: identity number, unified social credit code
RESIDENT, CREDIT = "111", "001"
_OFFICE = ("department_id", "department__name", "department__name_en", "region_code")
_POSTS = Fixed(
    lambda: (
        Post.objects.filter(account_id=Given("account"))
        .held_on(Given("day"))
        .order_by("pk", "roles__order", "roles__key")
        .values_list("pk", *_OFFICE, "title", "roles__reach", "roles__verbs")
    )
)
_BODIES = Fixed(
    lambda: Person.objects.filter(representative_id=Given("person")).order_by("pk").values_list("pk", flat=True)
)


def actor_of(request: HttpRequest) -> Nobody | Citizen:
    """The actor of a request: at most one query beyond the account itself, asked once a request."""
    found: Nobody | Citizen | None = getattr(request, "_people_actor", None)
    if found is None:
        user = request.user
        found = actor_for(user) if user.is_authenticated else Nobody()
        request._people_actor = found  # type: ignore[attr-defined]
    return found


def actor_for(account: Account) -> Citizen:
    """An account as an actor: an `Official` if it holds a post today, else a `Citizen`. One query."""
    posts: dict[int, Holding] = {}
    grants: list[Grant] = []
    for pk, department, name, name_en, region, title, reach, verbs in _POSTS.all(account=account.pk, day=clock.today()):
        posts.setdefault(pk, Holding(pk, department, name, region, title, name_en))
        scope = Scope(department if reach == Role.Reach.DEPARTMENT else None, prefix(region))
        grants += [Grant(verb, scope, pk) for verb in verbs or ()]
    return Official(account, tuple(grants), list(posts.values())) if posts else Citizen(account)


def persons_of(actor: Actor) -> tuple[int, ...]:
    """Ids of the persons the actor may act for: the own person and the bodies it legally represents. Own first."""
    own = getattr(actor, "person_id", None)
    if own is None:
        return ()
    return (own, *_BODIES.all(person=own))


_BY_LOOKUP = Fixed(
    lambda: Identifier.objects.select_related("person", "type").filter(type_id=Given("type"), lookup=Given("lookup"))
)
_HELD = Fixed(lambda: Identifier.objects.filter(person_id=Given("person")).order_by("pk"))


def identifier_of(number: str, *, type: str = RESIDENT) -> Identifier | None:
    """The identifier with this number (any spacing), its person fetched along; None if nobody has it."""
    lookup = ring().lookup(tidy(number), type)
    return _BY_LOOKUP.first(type=type, lookup=lookup)


def masked_number(person: Person, *, type: str = "") -> str:
    """The first number of a person as pages show it, "" if there is none. One query unless prefetched."""
    known = getattr(person, "_prefetched_objects_cache", {}).get("identifiers")
    rows = _HELD.all(person=person.pk) if known is None else sorted(known, key=lambda one: one.pk)
    return next((one.masked for one in rows if type in ("", one.type_id)), "")


def credit_code(person: Person) -> str:
    """The unified social credit code of a body, whole, because it is public (GB 32100-2015); "" if it has none."""
    held = person.identifiers.filter(type_id=CREDIT).order_by("pk").first()
    return ring().open(held.number, CREDIT) if held else ""


def types(*, natural: bool) -> QuerySet[IdentifierType]:
    """The kinds of number that human beings, or bodies, have."""
    return IdentifierType.objects.filter(natural=natural)


def bodies_of(person_id: int) -> QuerySet[Person]:
    """The bodies a person legally represents."""
    return Person.objects.filter(representative_id=person_id).prefetch_related("identifiers").order_by("pk")


def looks_at(person: Person) -> QuerySet[Entry]:
    """Who looked at a person's data, newest first: `at`, the office in `actor_name`, the purpose in `facts`."""
    return audit.looks_at(person.pk)


def posts_within(actor: Actor) -> QuerySet[Post]:
    """The posts the actor may see and end, the present ones first."""
    found = Post.objects.filter(within(actor.scopes("people.posts"))).select_related("account", "department")
    return found.prefetch_related("roles").order_by(F("valid_to").asc(nulls_first=True), "department__key", "pk")


def openid_of(account_id: int) -> str:
    """Who an account is at WeChat; "" if it is not tied to it."""
    tie = SocialAccount.objects.filter(user_id=account_id, provider="weixin").order_by("pk")
    return tie.values_list("uid", flat=True).first() or ""


def account_of_openid(openid: str) -> Account | None:
    """The account tied to somebody at WeChat."""
    tie = SocialAccount.objects.filter(provider="weixin", uid=openid).values("user")
    return Account.objects.select_related("person").filter(pk__in=tie, is_active=True).first()
