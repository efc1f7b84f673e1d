"""Pages of sharing through the client: the wizard, deciding, the grant, the thread, a case, terms, the demo."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from hexi.blocks.cases.intake import ITEM
from hexi.blocks.cases.tests.make import make_case
from hexi.blocks.forms import operations as forms
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.tests.make import SHIHEZI, YUMEN
from hexi.domains.livelihood.sharing import demo, queries
from hexi.domains.livelihood.sharing.models import Application, Term, Writing
from hexi.domains.livelihood.sharing.operations import applying
from hexi.domains.livelihood.sharing.pages.asking import WhatForm, action_form
from hexi.domains.livelihood.sharing.tests import make
from hexi.kernel import clock

pytestmark = pytest.mark.django_db


def client_of(account):
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def who(role, office):
    return client_of(make.make_account(role, office))


def test_step_by_step_from_the_entry():
    entry, office = make.make_data(), make.make_office()
    me = who("share_applicant", office)
    page = me.get(reverse("catalog.entry", args=[entry.pk])).content.decode()
    assert "申请共享" in page
    begun = me.post(reverse("sharing.begin", args=[entry.pk]), {"office": office.pk})
    assert begun.status_code == 302
    why = begun["Location"]
    assert me.get(why).status_code == 200
    assert me.post(why, {"purpose": "", "law": ""}).status_code == 422
    what = me.post(why, {"purpose": "核对企业用电", "law": "《税收征收管理法》第六条"})["Location"]
    assert "/what/" in what
    assert me.post(what, {"fields_": []}).status_code == 422
    how = me.post(what, {"fields_": ["station", "phone"], "full": ["phone"]})["Location"]
    assert me.post(how, {"expires": "2001-01-01"}).status_code == 422
    check = me.post(how, {"expires": (clock.today() + timedelta(days=90)).isoformat(), "quota": "20"})["Location"]
    shown = me.get(check).content.decode()
    assert "站点1" in shown
    done = me.post(check)
    found = Application.objects.get()
    assert done["Location"] == reverse("sharing.application", args=[found.case.number])
    assert (found.fields, found.quota) == ({"station": "none", "phone": "none"}, 20)
    assert me.post(check)["Location"] == done["Location"]
    assert Writing.objects.get().sent == found
    other = who("share_applicant", make.make_office("yumen-other", "玉门市某局"))
    assert other.get(check).status_code == 404
    assert other.get(done["Location"]).status_code == 404


def test_the_head_decides_on_the_page_and_keeps_the_grant():
    found = make.make_application()
    head, me = who("share_head", found.entry.provider), who("share_applicant", found.office)
    number = found.case.number
    page = reverse("sharing.application", args=[number])
    assert "grantform" in head.get(page).content.decode()
    assert "grantform" not in me.get(page).content.decode()
    act = reverse("sharing.act", args=[number, "grant"])
    assert me.post(act).status_code == 403
    said = {"grant-fields": ["station"], "grant-expires": found.expires.isoformat(), "revision": "1"}
    assert head.post(act, said).status_code == 409
    said["revision"] = make.fresh(found).case.revision
    assert head.post(act, said).status_code == 302
    assert make.fresh(found).grant.fields == {"station": "none"}
    for what, more, state in (
        ("suspend", {}, "suspended"), ("resume", {}, "active"),
        ("renew", {"expires": (found.expires + timedelta(days=30)).isoformat()}, "active"), ("revoke", {}, "revoked"),
    ):  # fmt: skip
        address = reverse("sharing.change_grant", args=[number, what])
        assert head.get(address).status_code == 200
        assert me.get(address).status_code == 403
        assert head.post(address, {"why": "演示", **more}).status_code == 302, what
        assert make.fresh(found).grant.state == state
    assert head.get(page).status_code == 200


def test_the_decision_offers_masks_and_smaller_regions():
    found = make.make_application(region=YUMEN, region_field="station")
    head, number = who("share_head", found.entry.provider), found.case.number
    form = action_form("grant", found)
    places = [code for code, _name in form.fields["rows"].choices]
    assert places[0] == YUMEN
    assert SHIHEZI in places
    assert all(code.startswith("620981") for code in places)
    assert "region_field" not in form.fields
    assert "hidden" not in dict(form.fields["mask_station"].choices)
    said = {"grant-fields": ["station", "power"], "grant-mask_station": "hash", "grant-mask_power": "none",
            "grant-rows": SHIHEZI, "grant-expires": found.expires.isoformat(), "revision": found.case.revision}  # fmt: skip
    act = reverse("sharing.act", args=[number, "grant"])
    assert head.post(act, said | {"grant-rows": "620982000000"}).status_code == 422
    assert head.post(act, said).status_code == 302
    given = make.fresh(found).grant
    assert (given.fields, given.region) == ({"station": "hash", "power": "none"}, SHIHEZI)
    assert "石河子村委会" in head.get(reverse("sharing.application", args=[number])).content.decode()
    every = action_form("grant", make.make_application(submission="all"))
    assert every.fields["rows"].choices[0] == ("", "全部")
    assert "region_field" in every.fields


def test_whoever_asks_may_ask_for_a_region_below_his_own():
    office = make.make_office()
    account = make.make_account("share_applicant", office)
    writing = applying.begin(account, make.make_data(), office, by=people.acting(account))
    codes = [code for code, _name in WhatForm(writing=writing).fields["region"].choices]
    assert codes[:4] == ["", "620000000000", "620900000000", YUMEN]
    assert SHIHEZI in codes


def test_given_back_and_corrected_on_the_pages():
    found = make.make_application()
    head, me = who("share_head", found.entry.provider), who("share_applicant", found.office)
    number = found.case.number
    back = reverse("sharing.act", args=[number, "give_back"])
    assert head.post(back, {"give_back-opinion": ""}).status_code == 422
    assert head.post(back, {"give_back-opinion": "写明条款"}).status_code == 302
    why = me.post(reverse("sharing.correct", args=[number]))["Location"]
    assert "写明条款" in me.get(why).content.decode()
    check = why.replace("/why/", "/check/")
    assert me.post(check).status_code == 302
    assert make.fresh(found).case.state == "asked"
    assert me.post(reverse("sharing.withdraw", args=[number])).status_code == 302
    assert make.fresh(found).case.state == "withdrawn"


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_asks_the_same_number_of_queries(many, django_assert_max_num_queries):
    entry = make.make_data()
    for _n in range(many):
        make.make_granted(entry)
    head = who("share_head", entry.provider)
    head.get("/work/sharing/")
    with django_assert_max_num_queries(40):
        page = head.get("/work/sharing/").content.decode()
    assert len(set(re.findall("D[0-9]{18,}", page))) == many


def test_the_thread_and_the_case_show_what_was_fetched(monkeypatch):
    application, item = make.make_service(monkeypatch)
    owner = people.make_citizen()
    by = people.acting(owner)
    draft = forms.start(ITEM, ref=str(item.pk), digest=item.version.digest, by=by)
    number = application.case.number
    me = who("share_applicant", item.department)
    page = me.get(reverse("sharing.thread", args=[number])).content.decode()
    assert f"draft-{draft.pk}" in page
    assert "自然人登记信息" in page
    calls = reverse("sharing.calls", args=[number])
    assert f"draft-{draft.pk}" in me.get(calls).content.decode()
    unsent = f"draft-{draft.pk} 是“{item.title}”的草稿，还没有提交。"
    assert unsent in page
    assert unsent in client_of(owner).get(reverse("people.looks")).content.decode()
    assert (
        "您填表时查的数据" not in client_of(people.make_citizen("other")).get(reverse("people.looks")).content.decode()
    )
    proof = reverse("catalog.message", args=[queries.calls(application)[0].pk])
    provider = application.entry.provider
    for reader in (me, who("share_head", provider)):  # who asked, and whose data they are
        assert proof in reader.get(calls).content.decode()
        assert "成立" in reader.get(proof).content.decode()
    keeper = who("share_bureau", provider)
    seen = keeper.get(calls).content.decode()
    assert ("draft-" in seen, proof in seen, keeper.get(proof).status_code) == (True, False, 403)
    assert who("share_applicant", make.make_office()).get(reverse("sharing.thread", args=[number])).status_code == 404
    form = client_of(owner).get(reverse("cases.section", args=[draft.key, "land"]))
    if form.status_code == 200 and "spot" in form.content.decode():
        assert "共享数据" in form.content.decode()
    case = make_case(item, applicant=owner.person)
    type(draft).objects.filter(pk=draft.pk).update(submitted_ref=case.number)
    mine = client_of(owner).get(reverse("cases.mine", args=[case.number])).content.decode()
    assert "取用的共享数据" in mine
    became = f"draft-{draft.pk} 是“{item.title}”的草稿，已成为办件 {case.number}。"
    looks = client_of(owner).get(reverse("people.looks")).content.decode()
    assert f'<a href="{reverse("cases.mine", args=[case.number])}">{became}</a>' in looks
    assert f"draft-{draft.pk} → {case.number}" in me.get(f"{calls}?q={case.number}").content.decode()
    assert became in me.get(proof).content.decode()
    clerk = people.make_official("clerk", department=item.department, region_code=item.region_code)
    people.make_post(clerk, "share_applicant", department=item.department)
    desk = client_of(clerk)
    assert number in desk.get(reverse("cases.case", args=[case.number])).content.decode()
    checked = desk.post(reverse("sharing.check_data", args=[case.number, application.pk]))
    assert "石建国" in checked.content.decode()
    assert case.number in desk.get(reverse("sharing.thread", args=[number])).content.decode()


def test_terms_say_what_was_not_checked():
    make.make_rules()
    keeper = who("share_bureau", make.make_office("yumen-government", "玉门市人民政府"))
    listed = keeper.get(reverse("sharing.applications")).content.decode()
    assert reverse("sharing.terms") in listed, "also before any application has a clock"
    page = keeper.get(reverse("sharing.terms")).content.decode()
    assert ("未核对" in page, "10 个工作日" in page) == (True, True)
    day = (clock.today() + timedelta(days=1)).isoformat()
    said = {"amount": 5, "unit": "working_days", "law": "市规定", "valid_from": day}
    assert keeper.post(reverse("sharing.new_term"), said).status_code == 302
    assert Term.objects.count() == 2


def test_without_its_people_the_demo_tells_nothing():
    assert demo.tell() == 0
