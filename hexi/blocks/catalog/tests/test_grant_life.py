"""What both sides of a grant hear of its life, once each; and the list of grants: searched, narrowed, saved."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from hexi.blocks.catalog import jobs_exchange
from hexi.blocks.catalog.models import Grant
from hexi.blocks.catalog.operations import fetching, grants
from hexi.blocks.catalog.tests.make import make_entry, make_provider, make_rules
from hexi.blocks.catalog.tests.make_exchange import BY, make_grant, make_subsystem
from hexi.blocks.catalog.tests.make_rows import fresh_folder, make_rows
from hexi.blocks.notices.models import Notice
from hexi.blocks.people import shipped
from hexi.blocks.people.tests.make import acting, make_official
from hexi.kernel import clock
from hexi.kernel.packs import read

pytestmark = pytest.mark.django_db


@pytest.fixture
def sides():
    """An officer of the provider, and one of the consumer."""
    make_rules()
    path = Path(__file__).parent.parent / "packs" / "roles" / "exchange.yaml"
    shipped.load_roles(path, read(path, shipped.RolesFile))
    provider, consumer = make_provider(), make_provider("yumen-tax", name="玉门市税务局")
    return tuple(
        make_official("exchange_officer", department=one, region_code=one.region_code) for one in (provider, consumer)
    )


def told(what):
    return list(Notice.objects.filter(key=f"catalog.grant_{what}").order_by("pk").values_list("account", flat=True))


def later(days):
    return clock.told_at(clock.now() + timedelta(days=days))


def test_both_sides_hear_of_the_end_thirty_and_seven_days_before_and_then(sides):
    provider, consumer = sides
    make_grant()
    both = sorted([provider.pk, consumer.pk])
    for days, ending, over in (
        (300, 0, 0),
        (334, 0, 0),
        (335, 2, 0),
        (345, 2, 0),
        (358, 4, 0),
        (365, 4, 0),
        (366, 4, 2),
    ):
        with later(days):
            jobs_exchange.close_grants()
            jobs_exchange.close_grants()
        assert (len(told("ending")), len(told("expired"))) == (ending, over), days
    assert sorted(told("ending")[:2]) == sorted(told("ending")[2:]) == sorted(told("expired")) == both
    first = Notice.objects.filter(key="catalog.grant_ending").first()
    assert first.title_zh == "数据授权还有 30 天到期：风电场发电量"
    assert first.title_en == "30 days left of a grant: Electricity of wind farms"
    assert "玉门市税务局" in first.body_zh
    assert first.link == f"/work/grants/{Grant.objects.get().pk}/"


def test_one_that_is_renewed_is_told_of_anew_and_a_short_one_not_at_once(sides):
    given = make_grant(expires=clock.today() + timedelta(days=20))
    jobs_exchange.close_grants()
    assert told("ending") == [], "given for less than thirty days"
    with later(13):
        jobs_exchange.close_grants()
        assert len(told("ending")) == 2
        grants.renew(given, expires=clock.today() + timedelta(days=60), by=BY, why="继续使用")
        jobs_exchange.close_grants()
    assert len(told("ending")) == 2
    with later(13 + 30):
        jobs_exchange.close_grants()
    assert len(told("ending")) == 4


def test_a_job_that_slept_tells_the_nearest_step_alone(sides):
    make_grant()
    with later(360):
        assert (grants.tell_ending(by=BY), grants.tell_ending(by=BY)) == (1, 0)
    assert "还有 5 天" in Notice.objects.filter(key="catalog.grant_ending").first().title_zh


def test_the_consumer_hears_what_the_provider_did_and_why(sides):
    provider, consumer = sides
    given = make_grant()
    by = acting(provider)
    grants.suspend(given, by=by, why="核查用途")
    grants.suspend(given, by=by, why="核查用途")
    grants.resume(given, by=by)
    grants.renew(given, expires=given.expires + timedelta(days=10), by=by, why="继续使用")
    grants.revoke(given, by=by, why="用途不符")
    for what in ("suspended", "resumed", "renewed", "revoked"):
        assert told(what) == [consumer.pk], what
    assert Notice.objects.get(key="catalog.grant_revoked").body_zh.endswith("理由：用途不符")
    assert Client().get("/work/grants/").status_code == 302


def test_the_provider_hears_that_nobody_uses_it(sides):
    provider, _consumer = sides
    fresh_folder()
    entry = make_entry()
    make_rows(entry, "station,day,power\n甲,2026-01-01,3\n")
    given = make_grant(entry)
    with later(91):
        jobs_exchange.close_grants()
        jobs_exchange.close_grants()
        assert told("unused") == [provider.pk]
        fetching.fetch(given, {}, by=BY)
    with later(183):
        jobs_exchange.close_grants()
    assert told("unused") == [provider.pk] * 2


def test_a_system_of_ours_is_told_through_its_office_and_one_elsewhere_not(sides):
    _provider, consumer = sides
    system = make_subsystem("TAX", department=make_provider("yumen-tax"))
    given = make_grant(consumer=system)
    grants.suspend(given, by=BY, why="核查")
    assert told("suspended") == [consumer.pk]
    system.member.department = None
    system.member.save()
    grants.resume(Grant.objects.get(pk=given.pk), by=BY)
    assert told("resumed") == []


# --- the list ---------------------------------------------------------------------------------------------------------
def listed(client, **asked):
    answer = client.get(reverse("catalog.grant_list"), asked)
    assert answer.status_code == 200
    return {int(pk) for pk in re.findall(r"/work/grants/(\d+)/", answer.content.decode())}


def test_the_list_is_searched_and_narrowed(sides):
    client = Client()
    client.force_login(sides[0])
    first = make_grant(basis="D620981-7")
    second = make_grant(make_entry(title="防护林", title_en="Shelterbelts", code="307001/000123"), purpose="核对造林补助",
                        expires=clock.today() + timedelta(days=5))  # fmt: skip
    third = make_grant(make_entry(title="供热"), make_subsystem("HEAT", "PLANT"))
    grants.suspend(third, by=BY, why="核查")
    everything = {first.pk, second.pk, third.pk}
    assert listed(client) == everything
    for text, found in (
        ("防护林", {second.pk}), ("shelterbelts", {second.pk}), ("307001/000123", {second.pk}), ("造林", {second.pk}),
        ("税务", {first.pk, second.pk}), ("税务 风电", {first.pk}), ("HEAT系统", {third.pk}), ("D620981-7", {first.pk}),
        (str(first.number), {first.pk}), (first.number.hex, {first.pk}), ("没有", set()),
    ):  # fmt: skip
        assert listed(client, q=text) == found, text
    assert listed(client, state="suspended") == {third.pk}
    assert listed(client, state="active") == {first.pk, second.pk}
    assert listed(client, provider=first.entry.provider_id) == everything
    assert listed(client, ending="7") == {second.pk}
    assert listed(client, ending="7", q="风电") == set()
    with later(10):
        assert listed(client, state="expired") == {second.pk}, "its day is over, though no job has been round"
        assert listed(client, state="active") == {first.pk}


def test_the_list_is_saved_as_it_is_narrowed_and_asks_as_often_for_one_as_for_three(sides):
    client = Client()
    client.force_login(sides[1])
    make_grant(purpose="第一")
    listed(client)
    with CaptureQueriesContext(connection) as one:
        listed(client)
    for n in range(2):
        make_grant(make_entry(title=f"再一个{n}"), purpose="第二")
    with CaptureQueriesContext(connection) as three:
        assert len(listed(client)) == 3
    assert len(three) == len(one)
    answer = client.get(reverse("catalog.grant_list"), {"q": "第一", "export": "csv"})
    text = (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode("utf-8-sig")
    assert "第一" in text
    assert "第二" not in text
    stranger = make_official("exchange_officer", department=make_provider("yumen-grain", name="粮食局"))
    client.force_login(stranger)
    assert listed(client, q="第一") == set()


def test_in_english(sides):
    client = Client()
    client.force_login(sides[0])
    make_grant()
    with translation.override("en"):
        text = client.get(reverse("catalog.grant_list"), headers={"Accept-Language": "en"}).content.decode()
    for word in ("Ends soon", "Provider", "Within 30 days"):
        assert word in text
