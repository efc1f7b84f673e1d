"""Sites and departments changed at the workbench: who may, what is kept, undone; packs leave it; the foot shows it."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from hexi.blocks.audit.models import Entry
from hexi.blocks.regions import edits, operations
from hexi.blocks.regions.models import Edit
from hexi.blocks.regions.tests import make
from hexi.kernel.actors import Denied, System

pytestmark = pytest.mark.django_db
EDITOR = make.Somebody({"regions.edit": "620981", "regions.view": "620981"})
#: looks after every site of the house
KEEPER = make.Somebody({"regions.edit": "62"})
PACKS = System("packs")


@pytest.fixture
def site():
    make.make_divisions()
    return make.make_site()


@pytest.fixture
def acting(monkeypatch):
    """Every request comes from the editor; he counts as signed in."""
    monkeypatch.setattr("hexi.blocks.people.queries.actor_of", lambda request: EDITOR)
    monkeypatch.setattr("django.contrib.auth.models.AnonymousUser.is_authenticated", True)


def test_a_change_is_kept_with_what_stood_there_and_logged(site):
    made = edits.change(site, facts={"name": "玉门政务", "record": "陇ICP备1号", "name_en": site.name_en}, by=EDITOR)
    site.refresh_from_db()
    assert (site.name, site.record) == ("玉门政务", "陇ICP备1号")
    assert made.before == {"name": "玉门市政务服务网", "record": ""}
    entry = Entry.objects.get(verb="regions.site")
    assert entry.facts["after"] == {"name": "玉门政务", "record": "陇ICP备1号"}
    assert edits.change(site, facts={"name": "玉门政务"}, by=EDITOR, seen=made.pk) is None
    assert Edit.objects.count() == 1


def test_the_last_change_is_undone_once_and_earlier_ones_not_before_it(site):
    first = edits.change(site, facts={"name": "一"}, by=EDITOR)
    second = edits.change(site, facts={"name": "二"}, by=EDITOR, seen=first.pk)
    with pytest.raises(ValidationError, match="先撤销后来的改动"):
        edits.undo(first, by=EDITOR)
    edits.undo(second, by=EDITOR)
    edits.undo(second, by=EDITOR)
    site.refresh_from_db()
    assert site.name == "一"
    edits.undo(first, by=EDITOR)
    site.refresh_from_db()
    assert site.name == "玉门市政务服务网"


def test_whoever_comes_second_is_told(site):
    edits.change(site, facts={"name": "一"}, by=EDITOR)
    with pytest.raises(ValidationError, match="别人刚改过"):
        edits.change(site, facts={"name": "二"}, by=EDITOR)


def test_only_who_may_edit_the_region_does(site):
    for by in (make.Somebody(), make.Somebody({"regions.view": ""}), make.Somebody({"regions.edit": "620982"})):
        with pytest.raises(Denied):
            edits.change(site, facts={"name": "别的"}, by=by)
    made = edits.change(site, facts={"name": "一"}, by=EDITOR)
    with pytest.raises(Denied):
        edits.undo(made, by=make.Somebody({"regions.edit": "620982"}))


def test_an_address_is_one_the_house_answers_to_and_of_one_site(site, settings):
    settings.ALLOWED_HOSTS = ["ym.example.cn"]
    with pytest.raises(ValidationError, match="site.hosts"):
        edits.change(site, facts={"host": "other.example.cn"}, by=KEEPER)
    make.make_site("gansu", make.GANSU, host="ym.example.cn")
    with pytest.raises(ValidationError, match="别的网站"):
        edits.change(site, facts={"host": "ym.example.cn"}, by=KEEPER)


def test_an_editor_of_one_county_gives_no_site_another_address(site, settings):
    settings.ALLOWED_HOSTS = ["www.example.cn", "ym.example.cn"]
    with pytest.raises(Denied):
        edits.change(site, facts={"host": "www.example.cn", "name": "玉门政务"}, by=EDITOR)
    made = edits.change(site, facts={"host": "ym.example.cn"}, by=KEEPER)
    with pytest.raises(Denied):
        edits.undo(made, by=EDITOR)
    other = edits.change(site, facts={"host": "ym.example.cn", "name": "玉门政务"}, by=EDITOR, seen=made.pk)
    site.refresh_from_db()
    assert (other.after, site.host) == ({"name": "玉门政务"}, "ym.example.cn")


def test_the_form_of_an_editor_of_one_county_leaves_the_address(site, acting, client, settings):
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "www.example.cn", "ym.example.cn"]
    made = edits.change(site, facts={"host": "ym.example.cn"}, by=KEEPER)
    page = reverse("regions.edit_site", args=[site.key])
    assert "可以改域名" in client.get(page).content.decode()
    form = {"name": "玉门政务", "name_en": "Yumen", "host": "www.example.cn", "seen": str(made.pk)}
    assert client.post(page, form).status_code == 302
    site.refresh_from_db()
    assert (site.name, site.host) == ("玉门政务", "ym.example.cn")


def test_the_items_in_another_order_are_no_change(site):
    made = edits.change(site, facts={"item_keys": ["b", "a"]}, by=EDITOR)
    assert edits.change(site, facts={"item_keys": ["a", "b"]}, by=EDITOR, seen=made.pk) is None
    assert edits.change(site, facts={"item_keys": ["a"]}, by=EDITOR, seen=made.pk).before == {"item_keys": ["b", "a"]}


def test_packs_leave_alone_what_was_changed_here_until_it_is_undone(site):
    row = {"key": site.key, "region_code": site.region_code, "name": "数据包里的名称", "department": None}
    made = edits.change(site, facts={"name": "工作台里的名称"}, by=EDITOR)
    assert operations.save_sites([row], by=PACKS, source="test") == 0
    edits.undo(made, by=EDITOR)
    assert operations.save_sites([row], by=PACKS, source="test") == 1
    site.refresh_from_db()
    assert site.name == "数据包里的名称"


def test_the_forms_change_and_undo(site, acting, client):
    page = reverse("regions.edit_site", args=[site.key])
    assert site.name in client.get(reverse("regions.work_sites")).content.decode()
    form = {"name": "玉门政务", "name_en": "Yumen", "site_code": "6209810001", "seen": "0", "contact": "0937-0000001"}
    assert client.post(page, form | {"site_code": "12"}).status_code == 422
    assert client.post(page, form).url == page
    html = client.get(page).content.decode()
    assert "改动记录" in html
    undo = reverse("regions.undo_edit", args=[Edit.objects.get().pk])
    assert undo in html
    client.get(f"/s/{site.key}/")
    foot = client.get("/regions/pick/").content.decode().partition("<footer")[2]
    assert "政府网站标识码：6209810001" in foot
    assert "联系方式：0937-0000001" in foot
    assert client.get(undo).status_code == 405
    assert client.post(undo).url == page
    site.refresh_from_db()
    assert (site.name, site.site_code) == ("玉门市政务服务网", "")


def test_a_department_too(acting, client):
    make.make_divisions()
    office = make.make_department()
    page = reverse("regions.edit_department", args=[office.key])
    assert page in client.get(reverse("regions.department", args=[office.key])).content.decode()
    form = {"name": office.name, "name_en": office.name_en, "phone": "0937-0000002", "hours": "周一至周五", "seen": "0"}
    assert client.post(page, form).status_code == 302
    office.refresh_from_db()
    assert (office.phone, office.hours, office.address) == ("0937-0000002", "周一至周五", "")


def test_what_is_not_set_stands_nowhere_in_the_foot(site, client):
    foot = client.get("/regions/pick/").content.decode().partition("<footer")[2]
    assert ("备案" in foot, "标识码" in foot, "联系方式" in foot) == (False, False, False)
