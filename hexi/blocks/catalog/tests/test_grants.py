"""Grants: deny first, masks, regions, quotas, ends; rows read through one, and the person who finds it in his log."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection

from hexi.blocks.catalog import own
from hexi.blocks.catalog.models import Access, Asked, Entry, Grant, GrantState, MessageLog, Stamp
from hexi.blocks.catalog.operations import entries, exchange, fetching, grants
from hexi.blocks.catalog.operations import own as operations
from hexi.blocks.catalog.queries import directory, loads
from hexi.blocks.catalog.queries.proving import verify
from hexi.blocks.catalog.store.grammar import Fault as Wrong
from hexi.blocks.catalog.tests.make import make_entry, make_provider, make_rules
from hexi.blocks.catalog.tests.make_exchange import BY, make_grant, make_own, make_service, make_subsystem
from hexi.blocks.people.models import Identifier, IdentifierType
from hexi.blocks.people.queries import looks_at
from hexi.blocks.people.tests.make import make_citizen
from hexi.blocks.regions.tests.make import JIUQUAN, YUMEN, Somebody
from hexi.kernel import clock
from hexi.kernel.actors import Denied
from hexi.wire.xroad import messages, names
from hexi.wire.xroad.errors import Fault

pytestmark = pytest.mark.django_db
FIELDS = {"name": "none", "born": "year"}


@pytest.fixture
def persons(monkeypatch):
    """The register of persons as an entry, with two persons in two divisions."""
    make_rules()
    provider = make_provider()
    monkeypatch.setattr(own, "provider_key", lambda one: provider.key)
    operations.publish_own()
    for name, region in (("石建国", YUMEN), ("王兰", "620982000000")):
        person = make_citizen(name=name).person
        person.region_code, person.born = region, clock.today()
        person.save()
    return Entry.objects.get(origin="people.persons")


def personal(entry, **more):
    return make_grant(entry, **({"fields": FIELDS, "basis": "case-1"} | more))


# --- giving -----------------------------------------------------------------------------------------------------------
def test_who_may_give_and_use():
    entry, consumer = make_entry(), make_provider("yumen-tax")
    for by in (Somebody(), Somebody({"catalog.grant": "620982"}), Somebody({"catalog.grant": ""}, consumer.pk)):
        with pytest.raises(Denied):
            make_grant(entry, consumer, by=by)
    given = make_grant(entry, consumer, by=Somebody({"catalog.grant": "6209"}, entry.provider_id))
    for by in (Somebody(), Somebody({"catalog.use": ""}, entry.provider_id), Somebody({"catalog.grant": ""})):
        with pytest.raises(Denied):
            fetching.fetch(given, {}, by=by)
    assert MessageLog.objects.count() == 0


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"fields": []}, "fields"),
        ({"fields": ["station", "secret"]}, "fields"),
        ({"fields": ["phone"]}, "fields"),
        ({"fields": {"phone": "none"}}, "basis"),
        ({"fields": {"station": "plain"}}, "fields"),
        ({"purpose": " "}, "purpose"),
        ({"expires": clock.today() - timedelta(days=1)}, "expires"),
        ({"expires": clock.today() + timedelta(days=4 * 365)}, "expires"),
        ({"rows": "620981"}, "rows"),
        ({"rows": YUMEN}, "region_field"),
        ({"rows": YUMEN, "region_field": "other"}, "region_field"),
    ],
)
def test_what_cannot_be_given(wrong, field):
    with pytest.raises(ValidationError) as caught:
        make_grant(**wrong)
    assert list(caught.value.message_dict) == [field]


def test_data_that_is_not_shared_is_given_to_nobody():
    entry = make_entry(
        sharing="none",
        sharing_basis="《中华人民共和国保守国家秘密法》第九条",
        open=False,
        grading="core",
        sharing_way="",
    )
    with pytest.raises(ValidationError, match="保守国家秘密法"):
        make_grant(entry)
    withdrawn = make_entry(title="另一个")
    entries.withdraw(withdrawn, by=BY, reason="不再提供")
    withdrawn.refresh_from_db()
    with pytest.raises(ValidationError, match="没有发布"):
        make_grant(withdrawn)


def test_one_case_gives_once():
    entry = make_entry()
    assert make_grant(entry, basis="case-7").pk == make_grant(entry, basis="case-7").pk
    assert Grant.objects.count() == 1


# --- life -------------------------------------------------------------------------------------------------------------
def test_suspended_resumed_renewed_revoked():
    given = make_grant()
    grants.suspend(given, by=BY, why="核查")
    grants.suspend(given, by=BY, why="核查")
    given.refresh_from_db()
    assert given.tag == ("wait", "暂停")
    grants.resume(given, by=BY)
    later = given.expires + timedelta(days=10)
    grants.renew(given, expires=later, by=BY, why="继续使用")
    with pytest.raises(ValidationError):
        grants.renew(given, expires=later, by=BY, why="同一天")
    with pytest.raises(ValidationError):
        grants.revoke(given, by=BY, why="")
    grants.revoke(given, by=BY, why="用途不符")
    for again in (grants.resume, grants.suspend):
        with pytest.raises(ValidationError):
            again(given, by=BY, why="x")
    with pytest.raises(ValidationError):
        grants.renew(given, expires=later + timedelta(days=1), by=BY, why="x")
    assert [one.what for one in given.changes.all()] == ["revoked", "renewed", "resumed", "suspended", "given"]


def test_ends_with_its_day_before_the_job_has_been_round(persons):
    given = personal(persons)
    with clock.told_at(clock.now() + timedelta(days=366)):
        with pytest.raises(Denied, match="有效"):
            fetching.fetch(given, {}, by=BY, purpose="核对", case="c")
        assert given.tag[0] == "off"
        assert (grants.expire(by=BY), grants.expire(by=BY)) == (1, 0)
        given.refresh_from_db()
        assert given.state == GrantState.EXPIRED
        grants.renew(given, expires=clock.today() + timedelta(days=5), by=BY, why="续期")
        assert fetching.fetch(given, {}, by=BY, purpose="核对", case="c").total == 2


def test_unused_ones_are_flagged_until_used(persons):
    given = personal(persons)
    assert grants.flag_unused(by=BY) == 0
    with clock.told_at(clock.now() + timedelta(days=91)):
        assert (grants.flag_unused(by=BY), grants.flag_unused(by=BY)) == (1, 0)
        fetching.fetch(given, {}, by=BY, purpose="核对", case="c")
        given.refresh_from_db()
        assert (given.unused_told, given.calls) == (None, 1)


# --- reading ----------------------------------------------------------------------------------------------------------
def test_only_its_fields_as_masked(persons):
    page = fetching.fetch(personal(persons), {"sort": ["name"]}, by=BY, purpose="核对身份", case="c-1")
    assert [one.name for one in page.columns] == ["name", "born"]
    assert {row[0] for row in page.rows} == {"石建国", "王兰"}
    assert {row[1] for row in page.rows} == {str(clock.today().year)}
    for question in ({"fields": ["gender"]}, {"where": {"field": "gender", "op": "=", "value": "1"}}, {"sort": ["sign"]},
                     {"fields": ["\0person"]}, {"where": {"field": "born", "op": ">", "value": "2000-01-01"}}):  # fmt: skip
        with pytest.raises(Wrong):
            fetching.fetch(personal(persons), question, by=BY, purpose="核对", case="c-1")


def test_only_its_region(persons):
    given = personal(persons, rows=YUMEN)
    page = fetching.fetch(given, {}, by=BY, purpose="核对", case="c")
    assert ([row[0] for row in page.rows], page.total) == (["石建国"], 1)
    county = fetching.fetch(personal(persons, rows=JIUQUAN, basis="case-2"), {}, by=BY, purpose="核对", case="c")
    assert county.total == 2


def test_personal_data_needs_purpose_and_case(persons):
    given = personal(persons)
    for said in ({}, {"purpose": "核对"}, {"case": "c"}, {"purpose": " ", "case": "c"}):
        with pytest.raises(ValidationError, match="用途和办件编号"):
            fetching.fetch(given, {}, by=BY, **said)
    assert (MessageLog.objects.count(), Access.objects.count()) == (0, 0)


def test_each_person_finds_who_looked(persons):
    given = personal(persons, rows=YUMEN)
    by = Somebody({"catalog.use": ""}, given.department_id, name="玉门市税务局 张三")
    fetching.fetch(given, {"fields": ["name"]}, by=by, purpose="核对身份", case="办-1")
    access = Access.objects.get()
    assert (access.office, access.purpose, access.case, access.told) == ("玉门市税务局 张三", "核对身份", "办-1", True)
    seen = {person.name: looks_at(person) for person in map(lambda i: i.person, _identifiers())}
    assert [one.facts["purpose"] for one in seen["石建国"]] == ["自然人登记信息：核对身份（办-1）"]
    assert [one.actor_name for one in seen["石建国"]] == ["玉门市税务局 张三"]
    assert list(seen["王兰"]) == []


def test_a_person_without_a_residents_number_finds_it_too(persons):
    given = personal(persons, rows=YUMEN)
    held = _identifiers().get(person__region_code=YUMEN)
    held.type, _made = IdentifierType.objects.get_or_create(code="414", defaults={"name_zh": "护照", "name_en": "P"})
    held.lookup = "f" * 64
    held.save()
    fetching.fetch(given, {"fields": ["name"]}, by=BY, purpose="核对", case="c")
    assert (Access.objects.get().person_hash, len(looks_at(held.person))) == ("f" * 64, 1)


def _identifiers():
    return Identifier.objects.select_related("person")


def test_figures_of_few_persons_are_kept_back(persons):
    question = {"group": ["name"], "aggregates": [{"do": "count", "as": "n"}]}
    page = fetching.fetch(personal(persons), question, by=BY, purpose="统计", case="c")
    assert (page.rows, page.withheld) == ([], 2)


def test_figures_are_compared_with_all_a_consumer_was_told_before(persons, monkeypatch):
    """All persons, then all but one: the difference would be that one, however many questions and grants lie between."""
    people = [make_citizen(name=f"甲{n}").person for n in range(12)]
    for n, person in enumerate(people):
        person.born = clock.today().replace(year=1950 + n, month=1, day=1)
        person.save()
    count = [{"do": "count", "as": "n"}]
    given = personal(persons, fields={"name": "none", "born": "none"})
    ask = lambda said, grant=given: fetching.fetch(grant, said, by=BY, purpose="统计", case="c").rows  # noqa: E731
    since = lambda year: {"aggregates": count, "where": {"field": "born", "op": ">=", "value": f"{year}-01-01"}}  # noqa: E731
    (whole,) = ask({"aggregates": count})
    assert whole[0] >= 12
    (most,) = ask(since(1955))
    assert whole[0] - most[0] >= 5
    assert ask(since(1956)) == []
    assert ask({"aggregates": count}) == [whole]
    assert ask(since(1955)) == [most]
    monkeypatch.setattr(fetching, "QUESTIONS", 2)
    with pytest.raises(Wrong, match="2 个不同的问题"):
        ask(since(1900))
    monkeypatch.undo()
    with clock.told_at(clock.now() + timedelta(days=32)):  # an own table never gets a new version
        assert ask(since(1956)) != []
    Asked.objects.filter(question__where__value="1956-01-01").delete()
    second = personal(persons, fields={"born": "none"}, basis="case-2")
    assert ask(since(1956), second) == [], "another grant of the same office"
    system = make_subsystem("CASES", department=make_provider("yumen-tax"))
    third = personal(persons, fields={"born": "none"}, basis="case-3", consumer=system)
    assert ask(since(1956), third) == [], "a system of the same office"
    stranger = personal(persons, fields={"born": "none"}, basis="case-4", consumer=make_provider("yumen-water"))
    assert ask(since(1956), stranger) != []


def test_what_was_told_of_a_part_is_held_against_the_whole(persons):
    """One grant gives a county, the other the prefecture: the difference is the rest, and may be one person."""
    people = [make_citizen(name=f"甲{n}").person for n in range(7)]
    for n, person in enumerate(people):
        person.region_code = YUMEN if n else "620982000000"
        person.save()
    count = {"aggregates": [{"do": "count", "as": "n"}]}
    ask = lambda grant: fetching.fetch(grant, count, by=BY, purpose="统计", case="c").rows  # noqa: E731
    assert ask(personal(persons, rows=YUMEN)) == [(7,)]
    assert ask(personal(persons, rows=JIUQUAN, basis="case-2")) == [], "all but the seven are two"
    assert ask(personal(persons, rows=JIUQUAN, basis="case-3", consumer=make_provider("yumen-water"))) == [(9,)]


def test_what_a_grant_was_told_before_the_upgrade_its_consumer_was_told(persons):
    given = personal(persons, rows=YUMEN)
    question = {"where": None, "group": ["name"]}
    Asked.objects.create(entry=persons, asker=loads.asker(f"grant:{given.pk}"), question=question)
    import_module("hexi.blocks.catalog.migrations.0012_told_by_consumer").by_consumer(apps, None)
    (told,) = loads.told_before(persons, None, loads.consumer(given))
    assert told == question | {"region": YUMEN, "region_field": given.region_field}


def test_every_reading_is_in_the_log_and_proves(persons, tmp_path):
    given = personal(persons)
    fetching.fetch(given, {"limit": 1}, by=BY, purpose="核对", case="办-9")
    rows = list(MessageLog.objects.order_by("pk").values_list("side", "kind", "issue", "grant", "status"))
    assert rows == [("inside", "request", "办-9", given.pk, None), ("inside", "response", "办-9", given.pk, 200)]
    assert list(verify(tmp_path, [])) == []


# --- quota ------------------------------------------------------------------------------------------------------------
def test_quota_counts_by_day(persons):
    given = personal(persons, quota=2)
    ask = lambda: fetching.fetch(given, {}, by=BY, purpose="核对", case="c")  # noqa: E731
    ask()
    ask()
    with pytest.raises(Denied, match="2 次"):
        ask()
    with clock.told_at(clock.now() + timedelta(days=1)):
        assert ask().total == 2
    given.refresh_from_db()
    assert (given.used, given.calls) == (1, 3)


@pytest.mark.django_db(transaction=True)
def test_quota_is_not_overdrawn_by_many_at_once(persons):
    from concurrent.futures import ThreadPoolExecutor

    given = personal(persons, quota=3)

    def work(_):
        try:
            fetching.fetch(given, {}, by=BY, purpose="核对", case="c")
            return True
        except Denied:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(10))) == 3
    given.refresh_from_db()
    assert (given.used, given.calls) == (3, 3)


# --- through the gateway ----------------------------------------------------------------------------------------------
def test_rows_through_the_provider_gateway(persons):
    subsystem = make_subsystem("TAX")
    seller = exchange.add_member(persons.provider, instance="CN", member_class="GOV", code="PEOPLE", title="p", by=BY)
    system = exchange.add_subsystem(seller, code="REGISTER", title="r", by=BY)
    make_service("PERSONS", system, url="", entry=persons)
    given = personal(persons, consumer=subsystem, rows=YUMEN)
    offered = directory.read().services["CN/GOV/PEOPLE/REGISTER/PERSONS"]
    assert offered.grants == {"CN/GOV/TAX/CASES": [(given.pk, str(given.number))]}
    asked = messages.request(
        "GET", "/r1/CN/GOV/PEOPLE/REGISTER/PERSONS/rows?fields=name&limit=5",
        [("X-Road-Client", "CN/GOV/TAX/CASES"), ("X-Road-Issue", "c-5"), ("X-Hexi-Purpose", "%E6%A0%B8%E5%AF%B9")],
        b"", id="1", request_id="r-1",
    )  # fmt: skip
    answer = fetching.answer(asked, given.pk)
    assert answer.body.decode() == '{"columns": ["name"], "rows": [["石建国"]], "total": 1}'
    assert Access.objects.get().purpose == "核对"
    wrong = messages.request(
        "GET", "/r1/CN/GOV/PEOPLE/REGISTER/PERSONS/rows?fields=gender", asked.headers, b"", id="1", request_id="r-2"
    )
    with pytest.raises(Fault) as caught:
        fetching.answer(wrong, given.pk)
    assert caught.value.type == "Client.BadRequest"
    with pytest.raises(Fault, match="X-Road-Issue"):
        fetching.answer(
            messages.request("GET", "/r1/a/b/c/d/e/rows", [asked.headers[0]], b"", id="1", request_id="2"), given.pk
        )


# --- directory --------------------------------------------------------------------------------------------------------
def test_rights_by_service_endpoint_and_group():
    subsystem = make_subsystem("TAX")
    service = make_service()
    client = names.client("CN/GOV/TAX/CASES")
    offered = lambda: directory.read().services["CN/GOV/ENERGY/REGISTER/ECHO"]  # noqa: E731
    assert not offered().allowed(client, "GET", "/a")
    part = exchange.add_endpoint(service, method="GET", path="/a/*", by=BY)
    first = exchange.allow(service, subsystem=subsystem, endpoint=part, by=BY)
    assert exchange.allow(service, subsystem=subsystem, endpoint=part, by=BY).pk == first.pk
    assert offered().allowed(client, "GET", "/a/1")
    assert not offered().allowed(client, "POST", "/a/1")
    assert not offered().allowed(client, "GET", "/b")
    exchange.forbid(first, by=BY)
    group = exchange.add_group(code="TAXES", title="税务", region_code=YUMEN, by=BY)
    exchange.allow(service, group=group, by=BY)
    assert not offered().allowed(client, "GET", "/b")
    exchange.put_in_group(group, subsystem, by=BY)
    assert offered().allowed(client, "DELETE", "/b")
    exchange.take_from_group(group, subsystem, by=BY)
    assert not offered().allowed(client, "DELETE", "/b")


def test_every_change_tells_the_gateways():
    before = make_own() and Stamp.objects.get().changes
    service = make_service()
    exchange.switch_service(service, active=False, notice="维护", by=BY)
    assert Stamp.objects.get().changes == before + 5  # own again, member, subsystem, service, switched
    assert directory.read().services["CN/GOV/ENERGY/REGISTER/ECHO"].notice == "维护"


def test_who_may_administer():
    service = make_service()
    stranger = Somebody({"catalog.exchange": "620982"})
    for work in (
        lambda: exchange.add_subsystem(service.subsystem.member, code="X", title="x", by=stranger),
        lambda: exchange.switch_service(service, active=False, by=stranger),
        lambda: exchange.add_endpoint(service, path="/a", by=stranger),
        lambda: exchange.allow(service, subsystem=service.subsystem, by=stranger),
        lambda: exchange.open_own("GW2", title="x", url="https://x", by=stranger),
        lambda: exchange.distrust(service.subsystem.member.gateway, by=stranger, why="x"),
    ):
        with pytest.raises(Denied):
            work()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"code": "a/b"}, "code"), ({"code": "城"}, "code"), ({"url": ""}, "url"), ({"url": "ftp://x"}, "url")],
)
def test_services_that_cannot_be(wrong, field):
    with pytest.raises(ValidationError) as caught:
        make_service(**({"code": "ECHO"} | wrong))
    assert field in caught.value.message_dict
