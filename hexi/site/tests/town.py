"""Two offices in two counties with one matter of each kind, and everybody who may come to a page of them."""

from dataclasses import dataclass, field

from django.test import Client

from hexi.blocks.cases import operations
from hexi.blocks.cases.items import ImplementingItem, ServiceItem
from hexi.blocks.cases.tests import make as cases
from hexi.blocks.certificates.tests import make as certificates
from hexi.blocks.documents.tests import make as documents
from hexi.blocks.money.tests import make as money
from hexi.blocks.notices.tests import make as notices
from hexi.blocks.parcels.tests import make as parcels
from hexi.blocks.people import keys
from hexi.blocks.people.models import Identifier, Post
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.tests import make as regions

HERE, THERE = "骆驼刺甲", "胡杨林乙"
DUNHUANG = "620982000000"
#: who comes: name → (role, key of the department, region); citizens and the visitor apart
POSTS = {
    "clerk": ("clerk", "yumen-forestry", regions.YUMEN),
    "examiner": ("examiner", "yumen-forestry", regions.YUMEN),
    "head": ("head", "yumen-forestry", regions.YUMEN),
    "accountant": ("accountant", "yumen-forestry", regions.YUMEN),
    "hall": ("hall_clerk", "yumen-service-centre", regions.YUMEN),
    "supervisor": ("supervisor", "yumen-service-centre", regions.YUMEN),
    "editor": ("catalogue_editor", "yumen-service-centre", regions.GANSU),
    "admin": ("system_admin", "gansu-general-office", regions.GANSU),
    # the same region but another department; the same department but another region; the office of the other matter
    "neighbour": ("clerk", "yumen-water", regions.YUMEN),
    "namesake": ("clerk", "yumen-forestry", DUNHUANG),
    "there": ("clerk", "dunhuang-water", DUNHUANG),
}
#: what the permit says
FELLING = dict.fromkeys(("place", "spot", "species", "area", "volume", "trees", "method", "period", "replanting"), "9")
EVERYBODY = ("visitor", "owner", "stranger", *POSTS)


@dataclass
class Town:
    """The people's clients, and by route parameters the things they may ask for."""

    clients: dict[str, Client] = field(default_factory=dict)
    accounts: dict[str, object] = field(default_factory=dict)
    things: dict[str, dict[str, object]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)


def make_town() -> Town:
    """Everything once; nothing here changes it."""
    town = Town()
    regions.make_divisions()
    regions.make_site()
    for who in ("owner", "stranger", "foreigner"):
        name = {"owner": HERE, "foreigner": THERE}.get(who, "沙枣树丙")
        town.accounts[who] = people.make_citizen(who, name=name)
    for who, (role, key, region) in POSTS.items():
        office = people.make_department(key, region if key != "yumen-forestry" else regions.YUMEN)
        town.accounts[who] = people.make_official(role, department=office, region_code=region, username=who, name=who)
    people.make_post(
        town.accounts["admin"], "region_admin", department=office_of(town, "admin"), region_code=regions.GANSU
    )
    town.clients = {who: Client() for who in EVERYBODY}
    for who in EVERYBODY[1:]:
        town.clients[who].force_login(town.accounts[who], backend="django.contrib.auth.backends.ModelBackend")
    item = cases.make_item()
    town.things = {"here": _things(town, "owner", item), "there": _things(town, "foreigner", _moved(item))}
    for side, office in (("here", "clerk"), ("there", "there")):
        verbs = ("items.view", "cases.submit", "cases.view", "certificates.view")
        _key, town.keys[side] = keys.make(side, department=office_of(town, office), verbs=verbs, by=cases.BY)
    return town


def office_of(town, who):
    """The department of somebody's first post."""
    return Post.objects.filter(account=town.accounts[who]).order_by("pk").first().department


def _moved(item):
    """The same service as another office of another county carries it out."""
    changes = {"region": DUNHUANG, "department": "dunhuang-water"}
    local = ImplementingItem.model_validate(item.version.implementing | changes)
    return operations.publish(ServiceItem.model_validate(item.version.national), local, by=cases.BY)[0]


def _things(town, who, item):
    """One thing of each kind that is this person's and this office's, by the routes' parameters."""
    person, office = town.accounts[who].person, item.department
    case = cases.make_case(item, applicant=person)
    certificate = certificates.make_certificate(person, issuer=office, case=case, facts=FELLING)
    charge = money.make_charge(person, department=office)
    parcel = parcels.make_parcel(receiver=person, sender=office)
    mine = documents.make_document(person)
    notice = notices.make_notice(person)
    return {
        "case": case, "certificate": certificate, "charge": charge, "parcel": parcel, "document": mine, "notice": notice,
        "item": item, "person": person, "office": office, "number": Identifier.objects.get(person=person),
    }  # fmt: skip
