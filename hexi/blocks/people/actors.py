"""Who acts on this site: a visitor, a citizen, an official. Stands beside `queries`, which makes them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from django.utils.translation import gettext as _

from hexi.blocks.people.models import Account, ApiKey
from hexi.blocks.regions.codes import prefix
from hexi.kernel.actors import Scope, Scoped
from hexi.ui.words import english


class Nobody(Scoped):
    """A visitor who has not signed in: may read what is public."""

    key = "nobody"
    account: Account | None = None
    account_id: int | None = None
    person_id: int | None = None
    official = False

    @property
    def name(self) -> str:
        """What the timeline prints."""
        return _("访客")


@dataclass(frozen=True)
class Grant:
    """One verb a post gives, and where."""

    verb: str
    scope: Scope
    post_id: int


@dataclass
class Citizen(Scoped):
    """Somebody signed in, acting for himself or for a body he represents."""

    account: Account
    official = False

    @property
    def key(self) -> str:
        """ "account:17"."""
        return f"account:{self.account.pk}"

    @property
    def name(self) -> str:
        """What the timeline prints."""
        return str(self.account)

    @property
    def account_id(self) -> int:
        """Primary key of the account."""
        return self.account.pk

    @property
    def person_id(self) -> int | None:
        """The person the account is bound to; None before real-name binding."""
        return self.account.person_id


@dataclass
class Holding:
    """A post as its holder is shown: department and title."""

    post_id: int
    department_id: int
    department_name: str
    region_code: str
    title: str
    department_name_en: str = ""

    @property
    def office(self) -> str:
        """The department's name in the language of the page."""
        return self.department_name_en if english() and self.department_name_en else self.department_name


@dataclass
class Official(Citizen):
    """Somebody who holds at least one post today; rights are (verb, department, region subtree)."""

    grants: Iterable[Grant] = ()
    posts: list[Holding] = field(default_factory=list)
    official = True

    @cached_property
    def _by_verb(self) -> dict[str, tuple[Scope, ...]]:
        found: dict[str, list[Scope]] = {}
        for grant in self.grants:
            scopes = found.setdefault(grant.verb, [])
            if grant.scope not in scopes:
                scopes.append(grant.scope)
        return {verb: tuple(scopes) for verb, scopes in found.items()}

    @property
    def name(self) -> str:
        """Name with the office, as the timeline and the log print it: 林业和草原局 张审查."""
        return f"{self.posts[0].department_name} {self.account}" if self.posts else str(self.account)

    @property
    def shown(self) -> str:
        """Name with the office, in the language of the page; what is written down is `name`."""
        return f"{self.posts[0].office} · {self.account}" if self.posts else self.name

    def scopes(self, verb: str) -> tuple[Scope, ...]:
        """Where the official holds the right; empty: nowhere."""
        return self._by_verb.get(verb, ())


@dataclass
class Outside(Scoped):
    """Another system that speaks by an API key; its rights are those of the key, never a person's."""

    api_key: ApiKey
    #: those of the key, and what they need besides
    verbs: frozenset[str]
    official = False
    account: Account | None = None
    account_id: int | None = None
    person_id: int | None = None

    @property
    def key(self) -> str:
        """ "key:17"."""
        return f"key:{self.api_key.pk}"

    @property
    def name(self) -> str:
        """The office and its system: 水务局 水权系统."""
        return f"{self.api_key.department.name} {self.api_key.name}"

    def scopes(self, verb: str) -> tuple[Scope, ...]:
        """Where the key holds the right; empty: nowhere."""
        if verb not in self.verbs:
            return ()
        department = None if self.api_key.everywhere else self.api_key.department_id
        return (Scope(department, prefix(self.api_key.region_code)),)
