"""An application for a system of the office's own: granted, it calls through the gateway; calls are counted and linked."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse

from hexi.blocks.catalog.gateways import provider
from hexi.blocks.catalog.models import Access, Kind, MessageLog, Side
from hexi.blocks.catalog.operations import exchange, fetching
from hexi.blocks.catalog.operations.messages import Line, sign, write
from hexi.blocks.catalog.queries import directory
from hexi.blocks.catalog.tests.make_exchange import BY, make_own, make_service, make_subsystem
from hexi.blocks.indicators.models import Fact
from hexi.blocks.people.tests import make as people
from hexi.domains.livelihood.sharing import facts, queries
from hexi.domains.livelihood.sharing.models import Called, Tally
from hexi.domains.livelihood.sharing.operations import applying, counting, deciding
from hexi.domains.livelihood.sharing.tests import make
from hexi.domains.livelihood.sharing.tests.test_pages import client_of, who
from hexi.kernel import clock
from hexi.wire.xroad import messages
from hexi.wire.xroad.errors import Fault

pytestmark = pytest.mark.django_db
ROWS = "/r1/CN/GOV/PEOPLE/REGISTER/PERSONS/rows"
FIELDS = {"name": "none", "born": "year"}


@pytest.fixture
def persons(monkeypatch):
    """The register of persons with a service over it, two persons in it, and a system of the tax office."""
    entry = make.make_register(monkeypatch)
    seller = exchange.add_member(make_own() and entry.provider, instance="CN", member_class="GOV", code="PEOPLE",
                                 title="公安局", by=BY)  # fmt: skip
    register = exchange.add_subsystem(seller, code="REGISTER", title="人口登记", by=BY)
    make_service("PERSONS", register, url="", entry=entry)
    for name in ("石建国", "王兰"):
        people.make_citizen(name, name=name)
    office = make.make_office()
    return entry, office, make_subsystem("TAX", department=office)


def granted(entry, office, system, **more):
    return make.make_granted(entry, office, fields=FIELDS, subsystem=system, **more)


def call(number, issue="办-1"):
    asked = messages.request(
        "GET", f"{ROWS}?fields=name&sort=name", [("X-Road-Client", "CN/GOV/TAX/CASES"), ("X-Road-Issue", issue),
        ("X-Hexi-Purpose", "%E6%A0%B8%E5%AF%B9")], b"", id=number, request_id=number,
    )  # fmt: skip
    known = directory.read()
    offered, grant = provider._allowed(known, asked, known.members["CN/GOV/TAX"])
    line = Line(Side.PROVIDER, Kind.REQUEST, asked, sign(asked), offered.subsystem, grant)
    assert write("provider", [line]) == [None]
    return fetching.answer(asked, grant)


def test_what_was_applied_for_is_fetched_through_the_gateway(persons):
    entry, office, system = persons
    with pytest.raises(Fault, match="no grant"):
        call("r-0")
    found = granted(entry, office, system)
    assert (found.grant.subsystem, found.grant.department, found.grant.law) == (system, None, found.law)
    assert call("r-1").body.decode() == '{"columns": ["name"], "rows": [["王兰"], ["石建国"]], "total": 2}'
    assert {(one.case, one.grant) for one in Access.objects.all()} == {("办-1", found.grant)}
    clerk = make.make_applicant(office)
    page = fetching.fetch(found.grant, {"fields": ["name"]}, by=clerk, purpose="核对", case="办-2")
    assert len(page.rows) == 2, "inside the house the office uses it too"


def test_only_a_system_of_ones_own_that_is_in_use(persons):
    entry, office, system = persons
    foreign = make_subsystem("WATER")
    with pytest.raises(ValidationError) as caught:
        make.make_application(entry, office, fields=FIELDS, subsystem=foreign)
    assert list(caught.value.message_dict) == ["subsystem"]
    waits = make.make_application(entry, office, fields=FIELDS, subsystem=system)
    exchange.change_subsystem(system, certificate="", active=False, by=BY)
    granted = deciding.grant(waits, by=make.make_head(entry.provider)).grant  # then it is for the office alone
    assert (granted.department, granted.subsystem) == (office, None)


def test_asked_for_again_it_is_for_the_same_system(persons):
    entry, office, system = persons
    found = make.make_application(entry, office, fields=FIELDS, subsystem=system)
    assert applying.written_of(found)["subsystem"] == system.pk
    deciding.give_back(found, by=make.make_head(entry.provider), opinion="请写明条款")
    again = make.said(fields=FIELDS, subsystem=system)
    assert applying.correct(make.fresh(found), again, by=make.make_applicant(office)).subsystem == system


# --- figures ----------------------------------------------------------------------------------------------------------
def kept():
    return {
        (one.day, one.dimension): one.amount for one in Fact.objects.filter(key="sharing.used", grain=Fact.Grain.DAY)
    }


def recounted():
    lines = facts.recount(clock.today() - timedelta(days=9), clock.today() + timedelta(days=9))
    return {(one.day, one.dimension): one.amount for one in lines if one.key == "sharing.used"}


def test_calls_through_the_gateway_are_counted_once(persons):
    entry, office, system = persons
    found = granted(entry, office, system)
    for number in range(3):
        call(f"r-{number}")
    fetching.fetch(found.grant, {"fields": ["name"]}, by=make.make_applicant(office), purpose="核对", case="办-2")
    assert [counting.count_calls(by=make.BY) for _again in range(2)] == [3, 0]
    with clock.told_at(clock.now() + timedelta(days=1)):
        call("r-9")
        assert counting.count_calls(by=make.BY) == 1
        assert list(Called.objects.order_by("day").values_list("calls", flat=True)) == [3, 1]
        assert (kept(), sum(kept().values()), queries.called(found)) == (recounted(), 4, 4)
    MessageLog.objects.filter(side=Side.PROVIDER).delete()  # in archives alone
    assert recounted() == kept()


def test_counting_that_was_broken_off_counts_all_of_it_again(persons, monkeypatch):
    granted(*persons)
    call("r-1")

    def broken(*_given):
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(facts, "used", broken)
        with pytest.raises(RuntimeError):
            counting.count_calls(by=make.BY)
    assert (Called.objects.count(), Tally.objects.get(stream="provider").seq) == (0, 0)
    assert counting.count_calls(by=make.BY) == 1


@pytest.mark.django_db(transaction=True)
def test_counted_twice_at_once_each_call_is_counted_once(persons):
    granted(*persons)
    for number in range(3):
        call(f"r-{number}")

    def work(_):
        try:
            return counting.count_calls(by=make.BY)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 3
    assert (Called.objects.get().calls, kept()) == (3, recounted())


# --- pages ------------------------------------------------------------------------------------------------------------
def test_the_system_is_chosen_in_the_wizard(persons):
    entry, office, system = persons
    me = who("share_applicant", office)
    why = me.post(reverse("sharing.begin", args=[entry.pk]), {"office": office.pk})["Location"]
    what = me.post(why, {"purpose": "核对企业用电", "law": "《税收征收管理法》第六条"})["Location"]
    how = me.post(what, {"fields_": ["name", "born"]})["Location"]
    assert "TAX系统（CASES）" in me.get(how).content.decode()
    day = (clock.today() + timedelta(days=90)).isoformat()
    assert me.post(how, {"expires": day, "subsystem": "0"}).status_code == 422
    check = me.post(how, {"expires": day, "subsystem": system.pk})["Location"]
    assert "TAX系统（CASES）" in me.get(check).content.decode()
    assert me.post(check).status_code == 302
    assert queries.seen_by(make.make_applicant(office)).get().subsystem == system


def test_each_step_of_the_thread_leads_to_the_next_and_back(persons):
    entry, office, system = persons
    found = granted(entry, office, system)
    call("r-1", issue="办-7")
    counting.count_calls(by=make.BY)
    number, grant = found.case.number, reverse("catalog.grant", args=[found.grant_id])
    thread = reverse("sharing.thread", args=[number])
    for reader in (who("share_applicant", office), who("share_head", entry.provider)):
        page = reader.get(thread).content.decode()
        for part in (reverse("catalog.entry", args=[entry.pk]), reverse("sharing.application", args=[number]), grant,
                     f"{reverse('sharing.calls', args=[number])}?q=r-1", "办-7", ROWS, "sharing.used"):  # fmt: skip
            assert part in page, part
        assert "<strong>1</strong>" in page
        shown = reader.get(grant).content.decode()
        for part in (thread, reverse("sharing.application", args=[number]), ROWS, "《税收征收管理法》第六条",
                     reverse("catalog.entry", args=[entry.pk])):  # fmt: skip
            assert part in shown, part
        log = f"{reverse('catalog.message_list')}?grant={found.grant.number}"
        assert log in shown
        assert "办-7" in reader.get(log).content.decode()
        message = reader.get(reverse("catalog.message", args=[MessageLog.objects.get().pk])).content.decode()
        assert grant in message
    stranger = client_of(make.make_account("share_applicant", make.make_office("yumen-other", "玉门市某局")))
    assert stranger.get(grant).status_code == 404


def test_without_a_service_over_the_data_the_thread_says_so(persons):
    entry, office, system = persons
    found = granted(entry, office, system)
    entry.services.all().delete()
    page = who("share_applicant", office).get(reverse("sharing.thread", args=[found.case.number])).content.decode()
    assert "还没有登记给出这个数据集的服务" in page
