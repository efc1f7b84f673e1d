"""Older versions of open rows: which of them everybody may have, and how one is withheld."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from hexi.blocks.audit.models import Entry as Logged
from hexi.blocks.catalog.operations import entries, versions
from hexi.blocks.catalog.tests.make import ITEMS, make_entry, make_provider, make_steward, revised
from hexi.blocks.catalog.tests.make_rows import fresh_folder, make_rows
from hexi.blocks.catalog.tests.test_portal import PEOPLE, get, page
from hexi.blocks.notices.models import Notice
from hexi.blocks.people.tests.make import make_official
from hexi.kernel.actors import Denied

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder():
    fresh_folder()


def test_an_older_version_is_opened_and_downloaded():
    entry = make_entry(title="风电", items=ITEMS[:3])
    for power in (12.5, 99.5):
        make_rows(entry, f"station,day,power,phone\n001,2026-01-31,{power},13912345678\n")
    here = f"/data/{entry.slug}/"
    old = f"{here}versions/1/"
    assert f'href="{old}"' in page(here)
    assert f"{here}versions/2/" not in page(here), "that one is the page itself"
    for address, seen, other in ((here, "99.5", "12.5"), (old, "12.5", "99.5")):
        assert seen in page(address)
        assert other not in page(address)
        body = page(f"{address}rows.csv")
        assert (seen in body, other in body, "139" in body) == (True, False, False)
    assert 'rows.json"' in page(old)
    assert "-v1.csv" in get(f"{old}rows.csv")[0].headers["Content-Disposition"]
    for wrong in (f"{here}versions/3/", f"{old}rows.doc"):
        assert get(wrong)[0].status_code == 404


def older(entry):
    """The older versions everybody is shown, each of which answers; all others do not."""
    here = f"/data/{entry.slug}/"
    listed = {int(number) for number in re.findall(r"/versions/(\d+)/", page(here))}
    for version in entry.versions.filter(current=False):
        status = 200 if version.number in listed else 404
        for ending in ("", "rows.csv"):
            assert get(f"{here}versions/{version.number}/{ending}")[0].status_code == status
    return listed


def make_versions(entry, many):
    for power in range(many):
        make_rows(entry, f"station,day,power\n001,2026-01-31,{power}\n")


def test_what_was_gone_back_from_is_no_longer_told():
    entry = make_entry(title="风电", items=ITEMS[:3])
    make_versions(entry, 4)
    assert older(entry) == {1, 2, 3}
    versions.use(entry.versions.get(number=2), by=make_steward(entry.provider))
    assert older(entry) == {1}
    make_versions(entry, 1)
    assert older(entry) == {1, 2}


def test_what_was_loaded_before_the_set_was_open_is_told_to_nobody():
    entry = make_entry(title="风电", items=ITEMS[:3], open=False)
    make_versions(entry, 1)
    entry = revised(entry, open=True)
    make_versions(entry, 2)
    assert older(entry) == {2}
    entry = revised(revised(entry, open=False), open=True)
    make_versions(entry, 1)
    assert older(entry) == set()


def test_rows_of_persons_are_no_older_version_when_they_are_counts_later():
    entry = make_entry(title="风电", items=ITEMS)
    make_versions(entry, 1)
    entry = revised(entry, items=ITEMS[:3])
    make_versions(entry, 2)
    assert older(entry) == {2}
    entry = revised(revised(entry, items=ITEMS), items=ITEMS[:3])
    assert older(entry) == set()


def test_an_older_version_is_withheld_by_who_writes_for_the_provider():
    entry, other = make_entry(title="风电", items=ITEMS[:3]), make_steward(make_provider("other", name="别的局"))
    make_versions(entry, 3)
    first = entry.versions.get(number=1)
    with pytest.raises(Denied):
        versions.withhold(first, by=other)
    client, work = Client(), f"/work/catalog/versions/{first.pk}/"
    client.force_login(make_official("data_steward", department=entry.provider, region_code=entry.region_code))
    assert "旧版本，公开" in page(f"/work/catalog/{entry.pk}/versions/", client)
    assert f"{work}withhold/" in page(work, client)
    client.post(f"{work}withhold/")
    assert older(entry) == {2}
    assert f"{work}withhold/" not in page(work, client)


def test_a_withheld_version_is_opened_again_by_two():
    entry = make_entry(title="风电", items=ITEMS[:3])
    make_versions(entry, 4)
    first = entry.versions.get(number=1)
    writer, head = make_steward(entry.provider), make_steward(entry.provider, "data_head")
    versions.use(entry.versions.get(number=3), by=writer)
    with pytest.raises(ValidationError, match="后来停止公开"):  # something was wrong with it
        versions.ask_to_open(entry.versions.get(number=4), reason="x", by=writer)
    versions.withhold(first, by=writer)
    with pytest.raises(ValidationError, match="没有人申请"):
        versions.open_again(first, by=head)
    with pytest.raises(ValidationError) as refused:
        versions.ask_to_open(first, reason=" ", by=writer)
    assert list(refused.value.error_dict) == ["reason"]
    client, work = Client(), f"/work/catalog/versions/{first.pk}/"
    client.force_login(writer.account)
    assert f"{work}reopen/" in page(work, client)
    client.post(f"{work}reopen/", {"reason": "核对过，数据没有错"})
    versions.ask_to_open(first, reason="再点一次", by=writer)
    assert older(entry) == {2}
    assert Notice.objects.filter(key="catalog.to_open").values_list("account", flat=True).get() == head.account_id
    for one in (writer, make_steward(make_provider("other", name="别的局"), "data_head")):
        with pytest.raises(Denied):
            versions.open_again(first, by=one)
    own = page(work, client)
    assert ("核对过，数据没有错" in own, "同意公开" in own, "撤回申请" in own) == (True, False, True)
    client.force_login(head.account)
    assert "同意公开" in page(work, client)
    client.post(f"{work}open/", {"what": "agree"})
    client.post(f"{work}open/", {"what": "agree"})
    assert older(entry) == {1, 2}
    facts = Logged.objects.filter(verb="catalog.open_version").order_by("pk").first().facts
    assert (facts["number"], facts["reason"], facts["asked"]) == (1, "核对过，数据没有错", writer.name)


def test_who_asks_cannot_agree_and_another_may_refuse():
    entry = make_entry(title="风电", items=ITEMS[:3])
    make_versions(entry, 2)
    first = entry.versions.get(number=1)
    head, other = make_steward(entry.provider, "data_head"), make_steward(entry.provider, "data_head")
    versions.withhold(first, by=head)
    versions.ask_to_open(first, reason="核对过", by=head)
    with pytest.raises(Denied, match="不能自己同意"):
        versions.open_again(first, by=head)
    with pytest.raises(Denied):
        versions.refuse_to_open(first, by=make_steward(entry.provider))
    with pytest.raises(ValidationError, match="已经申请"):
        versions.ask_to_open(first, reason="我也要", by=other)
    assert versions.refuse_to_open(first, by=other).asked_key == ""
    assert older(entry) == set()


def test_using_a_withheld_version_opens_it_by_nobody_alone():
    entry = make_entry(title="风电", items=ITEMS[:3])
    make_versions(entry, 2)
    first, writer = entry.versions.get(number=1), make_steward(entry.provider)
    versions.withhold(first, by=writer)
    with pytest.raises(ValidationError, match="请先申请重新公开"):
        versions.use(first, by=writer)  # `first` is as it was before: what counts is read anew
    assert entry.versions.get(current=True).number == 2
    client = Client()
    client.force_login(writer.account)
    client.post(f"/work/catalog/versions/{first.pk}/use/")
    assert entry.versions.get(current=True).number == 2
    versions.ask_to_open(first, reason="核对过", by=writer)
    versions.open_again(first, by=make_steward(entry.provider, "data_head"))
    assert versions.use(first, by=writer).current


def test_going_back_from_a_withheld_version_does_not_let_one_use_it():
    entry = make_entry(title="风电", items=ITEMS[:3])
    make_versions(entry, 3)
    first, second = entry.versions.filter(current=False).order_by("number")
    writer = make_steward(entry.provider)
    versions.withhold(second, by=writer)
    versions.use(first, by=writer)
    with pytest.raises(ValidationError, match="请先申请重新公开"):
        versions.use(second, by=writer)


def test_a_withheld_version_is_used_where_nobody_outside_gets_it():
    entry = make_entry(title="风电", items=ITEMS[:3])
    make_versions(entry, 2)
    first, writer = entry.versions.get(number=1), make_steward(entry.provider)
    versions.withhold(first, by=writer)
    entries.withdraw(entry, reason="核对", by=make_steward(entry.provider, "data_head"))
    assert versions.use(first, by=writer).current


def test_what_was_withheld_is_not_opened_once_the_set_was_closed():
    entry = make_entry(title="风电", items=ITEMS[:3])
    make_versions(entry, 2)
    first, head = entry.versions.get(number=1), make_steward(entry.provider, "data_head")
    versions.withhold(first, by=head)
    versions.ask_to_open(first, reason="核对过", by=make_steward(entry.provider))
    entries.withdraw(entry, reason="核对", by=head)
    with pytest.raises(ValidationError, match="不开放"):
        versions.open_again(first, by=head)


def test_of_persons_no_older_version_is_told():
    """Between two of them a group may have grown by one."""
    entry = make_entry(title="监测对象", items=PEOPLE[:2] + [one | {"open": False} for one in PEOPLE[2:]])
    for many in (7, 8):
        make_rows(entry, "village,cause\n" + "下西号,因病\n" * many)
    assert "versions/1/" not in page(f"/data/{entry.slug}/")
    for ending in ("", "rows.csv"):
        assert get(f"/data/{entry.slug}/versions/1/{ending}")[0].status_code == 404
