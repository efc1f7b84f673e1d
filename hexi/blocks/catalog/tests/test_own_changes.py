"""Own registers say when they changed: measured by it, their followers told, feeds pushed."""

from datetime import date, datetime, timedelta

import pytest

from hexi.blocks.catalog import jobs, own
from hexi.blocks.catalog.models import Delivery, Entry
from hexi.blocks.catalog.operations import following, measuring, push
from hexi.blocks.catalog.operations import own as operations
from hexi.blocks.catalog.queries import opened, portal
from hexi.blocks.catalog.store.grammar import Query
from hexi.blocks.catalog.tests.make import BY, make_provider, make_rules, make_steward
from hexi.blocks.catalog.tests.make_exchange import make_grant, make_subsystem
from hexi.blocks.notices.models import Notice
from hexi.blocks.people.models import Person
from hexi.blocks.people.tests.make import make_person
from hexi.blocks.regions.models import Division
from hexi.kernel import clock, packs

pytestmark = pytest.mark.django_db


@pytest.fixture
def register(monkeypatch):
    """The register of persons, whose rows say when they were made."""
    make_rules()
    provider = make_provider()
    monkeypatch.setattr(own, "provider_key", lambda one: provider.key)
    few = {origin: own.datasets()[origin] for origin in ("people.persons", "regions.divisions", "regions.departments")}
    monkeypatch.setattr(own, "datasets", lambda: few)
    operations.publish_own()
    return Entry.objects.get(origin="people.persons")


def fresh(entry):
    return Entry.objects.get(pk=entry.pk)


def test_the_newest_row_is_the_moment_of_the_register(register):
    assert not following.look_at_own(register, by=BY)
    person = make_person("甲")
    assert following.look_at_own(fresh(register), by=BY)
    made = Person.objects.get(pk=person.pk).created_at
    assert fresh(register).refreshed == made
    assert not following.look_at_own(fresh(register), by=BY), "nothing new"
    Person.objects.filter(pk=person.pk).update(created_at=made + timedelta(days=3))
    assert not following.look_at_own(fresh(register), by=BY), "what lies ahead has not happened"
    with clock.told_at(clock.now() + timedelta(days=4)):
        assert following.look_at_own(fresh(register), by=BY)
    assert fresh(register).refreshed == made + timedelta(days=3)


def test_days_count_from_their_beginning_in_china(register):
    divisions = Entry.objects.get(origin="regions.divisions")
    Division.objects.update(valid_from=date.min)
    assert not following.look_at_own(divisions, by=BY), "since ever is no day on which something changed"
    Division.objects.update(valid_from=clock.today())
    Division.objects.filter(pk=Division.objects.first().pk).update(valid_from=clock.today() + timedelta(days=1))
    assert following.look_at_own(divisions, by=BY)
    assert fresh(divisions).refreshed == datetime.combine(clock.today(), datetime.min.time(), clock.CHINA)


def test_the_job_asks_every_register_and_one_that_fails_holds_up_no_other(register, monkeypatch):
    make_person("甲")
    plain = own.Own.changed

    def broken(self, now):
        if self.origin == "regions.divisions":
            raise OSError("disk")
        return plain(self, now)

    monkeypatch.setattr(own.Own, "changed", broken)
    jobs.look_at_own()
    known = dict(Entry.objects.values_list("origin", "refreshed"))
    assert known["people.persons"] is not None
    assert (known["regions.divisions"], known["regions.departments"]) == (None, None)


def test_followers_are_told_once_a_day_and_feeds_each_time(register):
    reader = make_steward(register.provider, "data_reader")
    following.subscribe(register, by=reader)
    consumer = make_subsystem("TAX")
    given = make_grant(register, consumer, fields={"name": "part"}, basis="case-1")
    sender = make_subsystem("ENERGY", department=register.provider)
    push.follow(given, sender, service="CN/GOV/TAX/CASES/TAKE", by=BY)
    for n in range(2):
        make_person(f"人{n}")
        with clock.told_at(clock.now() + timedelta(minutes=n)):
            jobs.look_at_own()
    assert Notice.objects.filter(key="catalog.refreshed").count() == 1
    assert Delivery.objects.count() == 2


def test_fresh_is_measured_by_it_where_the_register_has_a_cycle(register):
    make_person("甲")
    following.look_at_own(register, by=BY)
    today = clock.today()
    assert measuring.fresh(fresh(register), today) is None, "in real time: that nothing happens is no delay"
    Entry.objects.filter(pk=register.pk).update(cycle="weekly", refreshed=None)
    following.look_at_own(fresh(register), by=BY)
    found = fresh(register)
    assert found.due_on == today + timedelta(days=7)
    assert measuring.fresh(found, today) == 100
    assert measuring.fresh(found, found.due_on + timedelta(days=7)) == 0


def test_counts_of_persons_do_not_follow_each_other_closer_for_it(register):
    """An own register of persons is counted once a day, however often it changes."""
    Entry.objects.filter(pk=register.pk).update(open=True, grading="public")
    register.items.filter(name__in=("born", "region_code")).update(open=True, sensitivity="public")
    opened.forget()
    noon = clock.now().astimezone(clock.CHINA).replace(hour=12, minute=0)
    with clock.told_at(noon):
        for n in range(5):
            make_person(f"人{n}")
        jobs.look_at_own()
        before = opened.rows(portal.open_entry(register.slug), Query()).rows
        make_person("新来的")
    with clock.told_at(noon + timedelta(hours=1)):
        jobs.look_at_own()
        assert opened.rows(portal.open_entry(register.slug), Query()).rows == before


def test_updated_is_a_day_or_a_moment(tmp_path):
    from hexi.blocks.catalog.tests.test_own import PACK, USUAL

    path = tmp_path / "x.yaml"
    for name, wrong in (("created_at", False), ("name", True), ("born", False)):
        path.write_text(PACK.format(**USUAL).replace("    columns:", f"    updated: {name}\n    columns:"), "utf-8")
        faults = own.check(path, packs.read(path, own.DatasetsFile))
        assert any("不是日期或时刻" in str(fault) for fault in faults) is wrong, name
