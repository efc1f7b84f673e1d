"""Two offices in two counties with one matter of each kind, and everybody who may come to a page of them."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from django.test import Client

from hexi.blocks.alerts import operations as warnings
from hexi.blocks.alerts.tests import make as alerts
from hexi.blocks.articles.tests import make as articles
from hexi.blocks.cases import operations
from hexi.blocks.cases.items import ImplementingItem, ServiceItem
from hexi.blocks.cases.tests import make as cases
from hexi.blocks.catalog.tests import make as catalog
from hexi.blocks.certificates.tests import make as certificates
from hexi.blocks.documents.tests import make as documents
from hexi.blocks.money.tests import make as money
from hexi.blocks.notices.tests import make as notices
from hexi.blocks.parcels.tests import make as parcels
from hexi.blocks.people import keys
from hexi.blocks.people.models import Identifier, Post
from hexi.blocks.people.shipped import RolesFile, load_roles
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.tests import make as regions
from hexi.domains.livelihood.emergency.tests import make as emergency
from hexi.domains.livelihood.grid.tests import make as grid
from hexi.domains.livelihood.petitions.tests import make as petitions
from hexi.domains.livelihood.requests.tests import make as orders
from hexi.domains.livelihood.sharing.tests import make as sharing
from hexi.fronts import command
from hexi.kernel import clock
from hexi.kernel.packs import read

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
    "warner": ("alert_officer", "yumen-forestry", regions.YUMEN),
    "approver": ("alert_approver", "yumen-forestry", regions.YUMEN),
    "admin": ("system_admin", "gansu-general-office", regions.GANSU),
    "author": ("article_writer", "yumen-forestry", regions.YUMEN),
    "keeper": ("article_keeper", "yumen-hotline", regions.YUMEN),
    "operator": ("hotline_operator", "yumen-hotline", regions.YUMEN),
    "dispatcher": ("hotline_dispatcher", "yumen-hotline", regions.YUMEN),
    "hotline": ("hotline_head", "yumen-hotline", regions.YUMEN),
    "handler": ("order_handler", "yumen-forestry", regions.YUMEN),
    # the same region but another department; the same department but another region; the office of the other matter
    "neighbour": ("clerk", "yumen-water", regions.YUMEN),
    "namesake": ("clerk", "yumen-forestry", DUNHUANG),
    "there": ("clerk", "dunhuang-water", DUNHUANG),
    "gridworker": ("grid_worker", "yumen-grid", regions.YUMEN),
    "gridunit": ("grid_unit", "yumen-water", regions.YUMEN),
    "gridcentre": ("grid_centre", "yumen-grid", regions.YUMEN),
    "gridhead": ("grid_supervisor", "yumen-grid", regions.YUMEN),
    "petitioned": ("petition_clerk", "yumen-petition", regions.YUMEN),
    "petitionhead": ("petition_head", "yumen-petition", regions.YUMEN),
    "unithead": ("petition_unit_head", "yumen-housing", regions.YUMEN),
    "duty": ("duty_officer", "yumen-emergency", regions.YUMEN),
    "leader": ("duty_leader", "yumen-emergency", regions.YUMEN),
    "responder": ("emergency_unit", "yumen-fire", regions.YUMEN),
    "steward": ("data_steward", "yumen-ecology", regions.YUMEN),
    "bureau": ("data_bureau", "yumen-government", regions.YUMEN),
    "exchanger": ("exchange_officer", "yumen-government", regions.YUMEN),
    "asker": ("share_applicant", "yumen-tax", regions.YUMEN),
    "sharehead": ("share_head", "yumen-ecology", regions.YUMEN),
    "sharebureau": ("share_bureau", "yumen-government", regions.YUMEN),
    "commander": ("commander", "yumen-government", regions.YUMEN),
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
    alerts.make_places()
    orders.make_hotline()
    articles.make_rules()
    catalog.make_rules()
    grid.make_rules()
    petitions.make_rules()
    sharing.make_rules()
    emergency.make_desk()
    _command()
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


def _command():
    """The role of the command centre, which its door brings."""
    path = Path(command.__file__).parent / "packs" / "roles" / "command.yaml"
    load_roles(path, read(path, RolesFile))


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
    words = alerts.WORDS | {"headline_zh": f"{person.name}家附近暴雨预警", "expires": clock.now() + timedelta(hours=1)}
    alert = warnings.compose(office, by=cases.BY, **words)
    article = articles.make_article(
        office, by=articles.System("writes"), title=f"{person.name}家旁边的林带", audience="officials"
    )
    return {
        "case": case, "article": article, "certificate": certificate, "charge": charge, "parcel": parcel, "document": mine, "notice": notice,
        "alert": alert, "item": item, "person": person, "office": office, "number": Identifier.objects.get(person=person),
    }  # fmt: skip
