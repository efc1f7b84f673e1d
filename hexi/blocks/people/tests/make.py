"""Sample people: synthetic persons, bodies, accounts, officials. For the tests of all blocks and for the demo.

Numbers are right but of the unassigned division 629999, phones of an unassigned range: nobody real can hold one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import count
from pathlib import Path

from hexi.blocks.people import mandates, offices, operations, queries, rekeying, shipped, vault
from hexi.blocks.people.actors import Citizen
from hexi.blocks.people.models import Account, IdentifierType, Person, Post, Role
from hexi.blocks.regions.models import Department
from hexi.blocks.regions.tests import make as regions
from hexi.kernel import clock
from hexi.kernel.actors import System
from hexi.kernel.options import override
from hexi.kernel.packs import read
from hexi.kernel.tests.kept import kept
from hexi.wire.checksums import make_credit_code, make_resident_id

PACKS = Path(__file__).parent.parent / "packs"
BY = System("make")
PASSWORD = "hexi-demo-2026"
_next = count(1)


def make_types() -> None:
    """The shipped kinds of identifier, unless they are there."""
    if not IdentifierType.objects.exists():
        kept(_types, IdentifierType)


def _types() -> None:
    path = PACKS / "identifiers" / "types.yaml"
    shipped.load_types(path, read(path, shipped.TypesFile))


def make_roles() -> None:
    """The shipped roles, unless they are there."""
    if not Role.objects.exists():
        kept(_roles, Role)


def _roles() -> None:
    path = PACKS / "roles" / "roles.yaml"
    shipped.load_roles(path, read(path, shipped.RolesFile))


def resident_number(n: int | None = None, *, born: date = date(1968, 5, 12), male: bool = True) -> str:
    """The n-th (default: the next) synthetic identity number; every n gives another one."""
    days, place = divmod(n or next(_next), 499)
    return make_resident_id(shipped.SYNTHETIC, born + timedelta(days), place * 2 + (1 if male else 2))


def credit_number(n: int | None = None) -> str:
    """The n-th (default: the next) synthetic unified social credit code of an enterprise."""
    return make_credit_code("91", shipped.SYNTHETIC, f"MA{n or next(_next):06d}")


def phone_number(n: int | None = None) -> str:
    """The n-th (default: the next) telephone number of the unassigned range 100."""
    return f"100{n or next(_next):08d}"


def make_person(name: str = "石建国", *, number: str = "", **facts) -> Person:
    """A natural person known at the window. `facts`: region_code, address, phone, level."""
    make_types()
    given = {"region_code": regions.SHIHEZI, "address": "石河子村 1 组 1 号", "phone": phone_number()}
    return operations.register_person(name, number=number or resident_number(), by=BY, **(given | facts))


def make_enterprise(
    name: str = "玉门市石河子种植专业合作社", *, representative: Person | None = None, number: str = "", **facts
) -> Person:
    """A body, represented by a person (made unless given)."""
    make_types()
    given = {"kind": Person.Kind.ENTERPRISE, "region_code": regions.YUMEN, "phone": phone_number()}
    return operations.register_person(
        name,
        number=number or credit_number(),
        type=queries.CREDIT,
        by=BY,
        representative=representative or make_person(),
        **(given | facts),
    )


def make_account(username: str = "", *, name: str = "石建国", password: str | None = None, **facts) -> Account:
    """An account without a person. Give a password only where a test signs in by it (hashing is slow)."""
    return offices.open_account(username or f"user{next(_next)}", name=name, by=BY, password=password, **facts)


def make_citizen(username: str = "", *, name: str = "石建国", password: str | None = None, number: str = "") -> Account:
    """An account bound to a new person."""
    make_types()
    account = make_account(username, name=name, password=password, phone=phone_number())
    operations.bind_person(account, name=name, number=number or resident_number(), by=Citizen(account))
    operations.change_contact(account.person, by=BY, region_code=regions.SHIHEZI, phone=account.phone)
    return account


def verify(person: Person) -> Person:
    """The window has seen the original of each of his documents."""
    for held in person.identifiers.all():
        operations.verify_identifier(held, by=BY)
    return person


def make_department(key: str = "yumen-forestry", region_code: str = regions.YUMEN, **facts) -> Department:
    """The department with this key, made unless it is there."""
    return Department.objects.filter(key=key).first() or regions.make_department(key, region_code, **facts)


def make_post(account: Account, role: str = "examiner", *, department: Department | None = None, **facts) -> Post:
    """A post with one role, held since thirty days ago. `facts`: title, region_code, valid_from, valid_to."""
    make_roles()
    given = {"title": str(Role.objects.get(pk=role)), "valid_from": clock.today() - timedelta(30)}
    return offices.appoint(account, department=department or make_department(), roles=[role], by=BY, **(given | facts))


def make_official(
    role: str = "examiner", *, department: Department | None = None, username: str = "", name: str = "", **facts
) -> Account:
    """An account with one post. `facts` as for `make_post`, and `password`."""
    password = facts.pop("password", None)
    account = make_account(username, name=name or f"{role} {next(_next)}", password=password)
    make_post(account, role, department=department, **facts)
    return account


def acting(account: Account) -> Citizen:
    """The account as an actor, with the posts it holds now."""
    return queries.actor_for(Account.objects.get(pk=account.pk))


def make_mandate(principal: Citizen, agent: Citizen, *, number: str, items=(), until: date | None = None, of=None):
    """A mandate in force: offered by the principal (for his body `of`), agreed to by the agent with this number."""
    until = until or clock.today() + timedelta(days=30)
    whom, name = of or principal.account.person, agent.account.person.name
    offer = mandates.give(whom, agent_name=name, agent_number=number, items=items, until=until, by=principal)
    return mandates.accept(offer, by=agent)


@contextmanager
def new_keys() -> Iterator[None]:
    """The key of numbers was changed, all written and looked up anew, and the old one is gone."""
    old, new = [*vault.DATA_KEY.value] or vault.key_file().read_text().split(), vault.new_key()
    with override(vault.DATA_KEY, [new, *old]):
        rekeying.rekey()
        rekeying.reindex()
    with override(vault.DATA_KEY, [new]):
        yield
