"""Packs of people: kinds of identifier, roles, and a region's demo people: schemas, lint and loading.

Stands beside `jobs`: it calls operations.
"""

import re
from pathlib import Path
from typing import Any, Literal

from django.conf import settings
from django.contrib.auth.hashers import make_password
from pydantic import Field, field_validator

from hexi.blocks.audit.operations import change
from hexi.blocks.people import offices, operations
from hexi.blocks.people.models import Account, Identifier, IdentifierType, Role
from hexi.blocks.people.queries import CREDIT, RESIDENT
from hexi.blocks.regions.models import Department
from hexi.kernel import packs
from hexi.kernel.actors import System
from hexi.kernel.packs import Absent, Fault, PackModel, Words, line_of
from hexi.wire import checksums

#: nobody real lives here: the division code is not assigned
SYNTHETIC = "629999"
LOADER = System("packs")


class TypeLine(PackModel):
    """A kind of identifier: code of GA/T 2000.156 or of the holder types of electronic licences."""

    code: str = Field(pattern=r"^[0-9A-Z]{1,8}$")
    name: Words
    natural: bool = True
    rule: Literal["gb11643", "gb32100", "pattern"] = "pattern"
    pattern: str = ""

    @field_validator("pattern")
    @classmethod
    def compiles(cls, text: str) -> str:
        """Refuse what is no regular expression."""
        try:
            re.compile(text)
        except re.error as error:
            raise ValueError(f"不是正则表达式 / not a regular expression: {error}") from error
        return text


class TypesFile(PackModel):
    """`packs/identifiers/*.yaml`."""

    types: list[TypeLine]


class RoleLine(PackModel):
    """A role and its verbs."""

    key: str = Field(pattern=r"^[a-z_]+$")
    title: Words
    reach: Literal["department", "region"] = "department"
    guarded: bool = False
    verbs: list[str]

    @field_validator("verbs")
    @classmethod
    def dotted(cls, verbs: list[str]) -> list[str]:
        """A verb is "block.verb"; each is named once."""
        for verb in verbs:
            if not re.fullmatch(r"[a-z]+\.[a-z_]+", verb):
                raise ValueError(f"{verb}：权限应写作 块.动词 / write a verb as block.verb")
        if len(set(verbs)) != len(verbs):
            raise ValueError("同一权限写了两次 / a verb is named twice")
        return verbs


class RolesFile(PackModel):
    """`packs/roles/*.yaml`."""

    roles: list[RoleLine]


class DemoCitizen(PackModel):
    """A fictional person with an account, and what a visitor can try with it."""

    username: str
    name: str
    number: str
    phone: str
    region: str
    address: str = ""
    edition: Literal["", "elder"] = ""
    about: Words


class DemoBody(PackModel):
    """A fictional body, represented by one of the citizens (by user name)."""

    name: str
    number: str
    kind: Literal["2", "3", "4", "5", "6"] = "2"
    representative: str
    phone: str
    region: str
    address: str = ""


class DemoOfficial(PackModel):
    """A fictional official: a post in a department (by its key)."""

    username: str
    name: str
    title: str
    department: str
    region: str = ""
    roles: list[str] = Field(min_length=1)
    phone: str = ""
    about: Words


class DemoFile(PackModel):
    """`packs/people/*.yaml` of a region: loaded only in a demo."""

    password: str = Field(min_length=12)
    citizens: list[DemoCitizen]
    bodies: list[DemoBody] = []
    officials: list[DemoOfficial]


def load_types(path: Path, file: TypesFile) -> None:
    """Put the kinds of identifier into their table; one that a pack no longer names stays, for old numbers."""
    for place, line in enumerate(file.types):
        facts = {"natural": line.natural, "rule": line.rule, "pattern": line.pattern, "order": place}
        IdentifierType.objects.update_or_create(
            pk=line.code, defaults={"name_zh": line.name.zh, "name_en": line.name.en, **facts}
        )


def load_roles(path: Path, file: RolesFile) -> None:
    """Put the roles into their table."""
    for place, line in enumerate(file.roles):
        facts = {"reach": line.reach, "guarded": line.guarded, "verbs": line.verbs, "order": place}
        Role.objects.update_or_create(
            pk=line.key, defaults={"title_zh": line.title.zh, "title_en": line.title.en, **facts}
        )


def load_demo(path: Path, file: DemoFile) -> None:
    """Make the demo people, once, and only where the option `site.demo` is on; elsewhere lock those a demo left."""
    if not settings.DEMO:
        _lock(file)
        return
    hashed = make_password(file.password)  # once: it takes a fifth of a second, and everybody reads it in the pack
    for citizen in file.citizens:
        if not Account.objects.filter(username=citizen.username).exists():
            _make_citizen(citizen, hashed)
    for body in file.bodies:
        representative = Account.objects.select_related("person").get(username=body.representative).person
        operations.register_person(
            body.name, number=body.number, type=CREDIT, kind=body.kind, by=LOADER, representative=representative,
            region_code=body.region, address=body.address, phone=body.phone,
        )  # fmt: skip
    for official in file.officials:
        if not Account.objects.filter(username=official.username).exists():
            _make_official(official, hashed)


def _lock(file: DemoFile) -> None:
    """Nobody signs in with a published password to an installation that was a demo before."""
    names = [one.username for one in (*file.citizens, *file.officials)]
    for account in Account.objects.filter(username__in=names):
        if account.check_password(file.password):
            with change(LOADER, "people.lock", account):
                account.set_unusable_password()
                account.save(update_fields=["password"])


def _make_citizen(citizen: DemoCitizen, hashed: str) -> None:
    account = offices.open_account(citizen.username, name=citizen.name, by=LOADER, hashed=hashed, phone=citizen.phone)
    person = operations.bind_person(
        account, name=citizen.name, number=citizen.number, by=LOADER, level=Identifier.Level.WINDOW
    )
    operations.change_contact(
        person, by=LOADER, phone=citizen.phone, address=citizen.address, region_code=citizen.region
    )
    if citizen.edition:
        operations.change_account(account, by=LOADER, edition=citizen.edition)


def _make_official(official: DemoOfficial, hashed: str) -> None:
    """One official; nobody whose roles all belong to a domain that is switched off."""
    roles = list(Role.objects.filter(pk__in=official.roles).values_list("pk", flat=True))
    if not roles:
        return
    account = offices.open_account(
        official.username, name=official.name, by=LOADER, hashed=hashed, phone=official.phone
    )
    offices.appoint(
        account,
        department=Department.objects.get(key=official.department),
        title=official.title,
        region_code=official.region,
        roles=roles,
        by=LOADER,
    )


def check_demo(path: Path, file: DemoFile) -> list[Fault]:
    """Every number is right and of nobody real (division 629999); representatives, departments and roles exist."""
    node = packs.nodes(path)
    names = {citizen.username for citizen in file.citizens}
    departments, roles = _keys("departments"), _keys("roles")
    faults = [*_number_faults("citizens", file.citizens, RESIDENT), *_number_faults("bodies", file.bodies, CREDIT)]
    absent = []
    faults += [
        (("bodies", place, "representative"), f"没有用户 {body.representative} / no such citizen above")
        for place, body in enumerate(file.bodies)
        if body.representative not in names
    ]
    for place, official in enumerate(file.officials):
        where = ("officials", place)
        if official.department not in departments:
            faults.append(((*where, "department"), f"没有部门 {official.department} / no such department"))
        if unknown := set(official.roles) - roles:
            absent.append(((*where, "roles"), f"没有角色 {'、'.join(sorted(unknown))} / no such role"))
    found = [Fault(path, line_of(node, where), sentence) for where, sentence in faults]
    return found + [Absent(path, line_of(node, where), sentence) for where, sentence in absent]


def _keys(folder: str) -> set[str]:
    """The keys in all packs of a kind whose file is one list of things with a key."""
    files = (packs.plain(path.read_text("utf-8"), path) for path in packs.files(folder))
    return {line["key"] for file in files for line in file[folder]}


def _number_faults(part: str, lines: list[Any], type: str) -> list[tuple[tuple[Any, ...], str]]:
    found = []
    for place, line in enumerate(lines):
        where = (part, place, "number")
        try:
            area = _area(line.number, type)
        except checksums.Wrong as wrong:
            found.append((where, f"号码不对 / wrong number: {wrong}"))
            continue
        if area != SYNTHETIC:
            found.append((where, f"演示号码须用未分配的区划 {SYNTHETIC} / demo numbers use the unassigned {SYNTHETIC}"))
    return found


def _area(number: str, type: str) -> str:
    return checksums.read_resident_id(number).area if type == RESIDENT else checksums.read_credit_code(number).area
