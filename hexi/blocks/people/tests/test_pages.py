"""The pages of one's own account, and of officials about people."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hexi.blocks.audit.models import Entry
from hexi.blocks.people import operations, queries
from hexi.blocks.people.models import Account, Identifier, Person, Post
from hexi.blocks.people.tests.make import (
    acting,
    credit_number,
    make_account,
    make_citizen,
    make_department,
    make_enterprise,
    make_official,
    make_person,
    make_types,
    resident_number,
)  # fmt: skip
from hexi.blocks.regions.tests.make import YUMEN
from hexi.kernel import clock

pytestmark = pytest.mark.django_db


def text_of(response) -> str:
    return response.content.decode()


def errors_in(response) -> dict[str, str]:
    """The sentence at each field of a form that was refused."""
    found = re.findall(r'class="field-error" id="id_(\w+?)_error">(.*?)</p>', text_of(response), re.S)
    return {name: re.sub(r"<svg.*?</svg>", "", words, flags=re.S).strip() for name, words in found}


def queries_of(client, url) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as found:
        assert client.get(url).status_code == 200
    return len(found)


# ---- one's own account ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["account", "edit", "bind", "body", "looks"])
def test_strangers_are_sent_to_sign_in_and_back(client, name):
    address = reverse(f"people.{name}")
    answer = client.get(address)
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?{urlencode({'next': address})}")


def test_my_account_shows_what_is_mine_masked(client):
    number = resident_number()
    account = make_citizen("shijianguo", name="石建国", number=number)
    make_enterprise("石河子合作社", representative=account.person)
    other = make_citizen("mazhanshan", name="马占山")
    client.force_login(account)
    page = text_of(client.get(reverse("people.account")))
    assert "石建国" in page
    assert f"{number[:4]}**********{number[-4:]}" in page
    assert "石河子合作社" in page
    for secret in (number, account.phone, other.name, other.person.identifiers.get().masked, other.username):
        assert secret not in page


def test_my_account_costs_as_many_queries_with_one_body_as_with_three(client):
    account = make_citizen()
    client.force_login(account)
    make_enterprise(representative=account.person)
    one = queries_of(client, reverse("people.account"))
    make_enterprise("第二家", representative=account.person)
    make_enterprise("第三家", representative=account.person)
    assert queries_of(client, reverse("people.account")) == one
    assert one <= 12, "session, account, posts, person and numbers, factors, bodies and theirs; site, region, unread"


def test_contact_language_and_edition_are_changed_together(client):
    account = make_citizen()
    client.force_login(account)
    assert 'name="address"' in text_of(client.get(reverse("people.edit")))
    facts = {"phone": "100 1234 5678", "address": "2 组", "language": "en", "edition": "elder"}
    answer = client.post(reverse("people.edit"), facts)
    assert answer["Location"] == reverse("people.account")
    assert answer.cookies["hexi_edition"].value == "elder"
    account.refresh_from_db()
    assert (account.phone, account.language, account.person.address) == ("10012345678", "en", "2 组")
    bad = client.post(reverse("people.edit"), {**facts, "phone": "12", "address": "3 组"})
    assert bad.status_code == 422
    assert "3 组" in text_of(bad)
    assert Person.objects.get().address == "2 组"


def test_somebody_not_bound_has_no_address_to_change(client):
    account = make_account()
    client.force_login(account)
    assert 'name="address"' not in text_of(client.get(reverse("people.edit")))
    client.post(reverse("people.edit"), {"phone": "10012345678", "language": "en", "edition": "normal"})
    account.refresh_from_db()
    assert (account.phone, account.language) == ("10012345678", "en")


def test_binding_leads_on_to_where_one_was_going(client):
    make_types()
    account = make_account(name="石建国")
    client.force_login(account)
    address = reverse("people.bind") + "?next=/ui/form/"
    assert "实名绑定" in text_of(client.get(address))
    answer = client.post(address, {"name": "石建国", "number": resident_number()})
    assert answer["Location"] == "/ui/form/"
    assert client.get(address)["Location"] == "/ui/form/"
    assert client.get(reverse("people.bind") + "?next=https://evil.example/")["Location"] == reverse("people.account")


def test_a_wrong_number_is_said_at_its_field_and_what_was_entered_stays(client):
    make_types()
    client.force_login(make_account())
    number = resident_number()
    wrong = number[:17] + ("0" if number[17] != "0" else "1")
    page = client.post(reverse("people.bind"), {"name": "石建国", "number": wrong})
    assert page.status_code == 422
    assert errors_in(page) == {"number": "公民身份号码第 18 位校验码不对，请逐位核对。"}
    assert 'value="石建国"' in text_of(page)


def test_guessing_who_is_bound_is_stopped(client):
    make_types()
    client.force_login(make_account())
    for n in range(10):
        client.post(reverse("people.bind"), {"name": "石建国", "number": "1"})
    page = client.post(reverse("people.bind"), {"name": "石建国", "number": resident_number()})
    assert "尝试次数太多" in text_of(page)
    assert not Person.objects.exists()


def test_a_body_is_added_after_binding(client):
    account = make_account()
    client.force_login(account)
    assert client.get(reverse("people.body"))["Location"].startswith(reverse("people.bind"))
    client.force_login(make_citizen())
    code = credit_number()
    answer = client.post(reverse("people.body"), {"name": "石河子合作社", "number": code, "kind": "2"})
    assert answer["Location"] == reverse("people.account")
    assert "石河子合作社" in text_of(client.get(reverse("people.account")))
    bad = client.post(reverse("people.body"), {"name": "石河子合作社", "number": code[:-1], "kind": "2"})
    assert "应为 18 位" in text_of(bad)


def test_looks_list_when_who_and_what_for_and_nobody_elses(client):
    account, other = make_citizen(), make_citizen(name="马占山")
    examiner = acting(make_official("examiner", name="李审"))
    operations.unmask(account.person.identifiers.get(), purpose="审查林木采伐许可", by=examiner)
    operations.unmask(other.person.identifiers.get(), purpose="核对马占山", by=examiner)
    client.force_login(account)
    page = text_of(client.get(reverse("people.looks")))
    assert "玉门市林业和草原局 李审" in page
    assert "审查林木采伐许可" in page
    assert "核对马占山" not in page


def test_the_list_of_looks_costs_the_same_with_one_row_and_with_three(client):
    account = make_citizen()
    held, examiner = account.person.identifiers.get(), acting(make_official("examiner"))
    client.force_login(account)
    operations.unmask(held, purpose="一", by=examiner)
    one = queries_of(client, reverse("people.looks"))
    operations.unmask(held, purpose="二", by=examiner)
    operations.unmask(held, purpose="三", by=examiner)
    assert queries_of(client, reverse("people.looks")) == one


def test_without_a_person_there_are_no_looks_yet(client):
    client.force_login(make_account())
    assert client.get(reverse("people.looks"))["Location"].startswith(reverse("people.bind"))


# ---- officials ------------------------------------------------------------------------------------------------------
WORK = ["find", "posts", "appoint", "open_account"]


@pytest.mark.parametrize("name", WORK)
def test_workbench_pages_are_closed_to_citizens(client, name):
    client.force_login(make_citizen())
    assert client.get(reverse(f"people.{name}")).status_code == 403


@pytest.mark.parametrize("name", ["person", "unmask", "verify", "release"])
def test_pages_of_a_person_open_only_after_finding_him(client, name):
    held = make_person().identifiers.get()
    pk = held.pk if name in ("unmask", "verify") else held.person_id
    client.force_login(make_official("system_admin"))
    address = reverse(f"people.{name}", args=[pk])
    assert (client.post if name == "verify" else client.get)(address).status_code == 404


def find(client, number, purpose="核对申请人"):
    return client.post(reverse("people.find"), {"type": "111", "number": number, "purpose": purpose})


def test_a_clerk_finds_somebody_and_the_look_is_logged(client):
    number = resident_number()
    account = make_citizen(name="石建国", number=number)
    client.force_login(make_official("hall_clerk"))
    answer = find(client, number)
    assert answer["Location"] == reverse("people.person", args=[account.person_id])
    page = text_of(client.get(answer["Location"]))
    assert "石建国" in page
    assert account.username in page
    assert number not in page
    assert account.person.phone not in page
    assert "查看完整号码" not in page  # a clerk has no right to unmask
    assert [entry.facts["purpose"] for entry in queries.looks_at(account.person)] == ["核对申请人"]


def test_masked_number_and_birth_date_do_not_give_the_number_away(client):
    number = resident_number()
    person = make_person(number=number)
    client.force_login(make_official("hall_clerk"))
    find(client, number)
    page = text_of(client.get(reverse("people.person", args=[person.pk])))
    assert f"{number[:4]}**********{number[-4:]}" in page
    assert (str(person.born.year) in page, person.born.isoformat() in page, number[10:14] in page) == (
        True,
        False,
        False,
    )


def test_coming_back_later_is_another_look_and_needs_the_right_again(client, monkeypatch):
    number = resident_number()
    person, clerk = make_person(number=number, region_code=YUMEN), make_official("hall_clerk")
    client.force_login(clerk)
    find(client, number)
    address = reverse("people.person", args=[person.pk])
    client.get(address)
    assert queries.looks_at(person).count() == 1
    later = clock.now() + timedelta(minutes=11)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert [client.get(address).status_code for _twice in range(2)] == [200, 200]
    assert [entry.facts["purpose"] for entry in queries.looks_at(person)] == ["核对申请人", "核对申请人"]
    monkeypatch.setattr(clock, "now", lambda: later + timedelta(minutes=11))
    Person.objects.filter(pk=person.pk).update(region_code="620982000000")
    assert client.get(address).status_code == 403
    assert queries.looks_at(person).count() == 2


def test_the_window_binds_an_account_and_corrects_a_representative(client):
    number, account = resident_number(), make_account("yulan")
    person = make_person("李玉兰", number=number)
    client.force_login(make_official("hall_clerk"))
    assert client.get(reverse("people.tie", args=[person.pk])).status_code == 404
    find(client, number)
    address = reverse("people.tie", args=[person.pk])
    assert address in text_of(client.get(reverse("people.person", args=[person.pk])))
    assert set(errors_in(client.post(address, {"username": "nobody"}))) == {"username", "seen"}
    assert client.post(address, {"username": "YuLan", "seen": "on"}).status_code == 302
    account.refresh_from_db()
    assert account.person == person

    code = credit_number()
    body = make_enterprise(number=code)
    client.post(reverse("people.find"), {"type": "001", "number": code, "purpose": "更正"})
    address = reverse("people.representative", args=[body.pk])
    assert address in text_of(client.get(reverse("people.person", args=[body.pk])))
    assert set(errors_in(client.post(address, {"name": "李玉兰", "number": number}))) == {"seen"}
    assert set(errors_in(client.post(address, {"name": "别人", "number": number, "seen": "on"}))) == {"name"}
    assert client.post(address, {"name": "李玉兰", "number": number, "seen": "on"}).status_code == 302
    assert Person.objects.get(pk=body.pk).representative == person


def test_an_unknown_number_or_no_purpose_shows_nothing(client):
    number = resident_number()
    person = make_person(number=number)
    client.force_login(make_official("hall_clerk"))
    assert "没有登记这个号码" in text_of(find(client, resident_number()))
    assert list(errors_in(find(client, number, purpose=""))) == ["purpose"]
    assert client.get(reverse("people.person", args=[person.pk])).status_code == 404
    assert not Entry.objects.filter(verb="look").exists()


def test_an_official_of_another_region_is_refused(client):
    number = resident_number()
    make_person(number=number)
    client.force_login(make_official("hall_clerk", region_code="620982000000"))
    assert find(client, number).status_code == 403


def test_the_full_number_is_shown_once_for_a_purpose(client):
    number = resident_number()
    held = make_person(number=number).identifiers.get()
    client.force_login(make_official("examiner"))
    find(client, number)
    address = reverse("people.unmask", args=[held.pk])
    assert number not in text_of(client.get(address))
    page = client.post(address, {"purpose": "审查林木采伐许可"})
    assert number in text_of(page)
    assert "no-store" in page["Cache-Control"]
    assert queries.looks_at(held.person).first().facts == {"purpose": "审查林木采伐许可"}


def test_the_window_verifies_the_original_and_releases_an_account(client):
    number = resident_number()
    account = make_citizen(number=number)
    held = account.person.identifiers.get()
    client.force_login(make_official("hall_clerk"))
    find(client, number)
    client.post(reverse("people.verify", args=[held.pk]))
    assert Identifier.objects.get(pk=held.pk).level == Identifier.Level.WINDOW
    assert client.get(reverse("people.verify", args=[held.pk])).status_code == 405
    release = reverse("people.release", args=[held.person_id])
    assert account.username in text_of(client.get(release))
    client.post(release, {"reason": "本人持身份证到窗口"})
    assert Account.objects.get(pk=account.pk).person is None
    assert "没有绑定账户" in text_of(client.get(reverse("people.person", args=[held.person_id])))


def test_a_body_is_shown_with_its_representative(client):
    code = credit_number()
    body = make_enterprise(number=code)
    client.force_login(make_official("hall_clerk"))
    client.post(reverse("people.find"), {"type": "001", "number": code, "purpose": "核对"})
    page = text_of(client.get(reverse("people.person", args=[body.pk])))
    assert body.representative.name in page
    assert "企业法人" in page


def test_posts_are_listed_appointed_and_ended(client):
    admin = make_official("region_admin")
    department = make_department()
    client.force_login(admin)
    opened = client.post(
        reverse("people.open_account"), {"username": "lishen", "name": "李审", "email": "li@example.invalid"}
    )
    assert opened["Location"] == reverse("people.appoint") + "?username=lishen"
    facts = {"username": "LiShen", "department": department.pk, "title": "审查员", "roles": ["examiner"]}
    assert client.post(reverse("people.appoint"), facts)["Location"] == reverse("people.posts")
    post = Post.objects.get(account__username="lishen")
    assert (post.valid_from, post.valid_to, post.region_code) == (clock.today(), None, department.region_code)
    page = text_of(client.get(reverse("people.posts")))
    assert "李审" in page
    assert reverse("people.dismiss", args=[post.pk]) in page
    client.post(reverse("people.dismiss", args=[post.pk]), {"on": clock.today().isoformat()})
    assert "已免职：李审。" in text_of(
        client.get(reverse("people.posts"))
    )  # told once, then gone from the present posts
    assert "李审" not in text_of(client.get(reverse("people.posts")))
    assert "已免职" in text_of(client.get(reverse("people.posts") + "?view=all"))


def test_what_cannot_be_appointed_is_said_at_its_field(client):
    client.force_login(make_official("region_admin"))
    elsewhere = make_department("dunhuang-forestry", "620982000000", name="敦煌市林业和草原局")
    page = client.post(
        reverse("people.appoint"), {"username": "nobody", "department": elsewhere.pk, "title": "x", "roles": []}
    )
    assert set(errors_in(page)) == {"username", "department", "roles"}
    assert "敦煌市林业和草原局" not in text_of(page)


def test_posts_elsewhere_cannot_be_ended(client):
    elsewhere = make_department("dunhuang-forestry", "620982000000", name="敦煌市林业和草原局")
    post = make_official("examiner", department=elsewhere).posts.get()
    client.force_login(make_official("region_admin"))
    assert client.get(reverse("people.dismiss", args=[post.pk])).status_code == 404


def test_the_list_of_posts_costs_the_same_with_one_row_and_with_three(client):
    client.force_login(make_official("region_admin"))
    one = queries_of(client, reverse("people.posts"))
    make_official("examiner")
    make_official("head")
    assert queries_of(client, reverse("people.posts")) == one
