"""Registering, binding, correcting, looking at persons."""

import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.audit.models import Entry
from hexi.blocks.people import operations, queries
from hexi.blocks.people.actors import Citizen, Nobody
from hexi.blocks.people.models import Account, Identifier, Person
from hexi.blocks.people.tests.make import (
    BY,
    acting,
    credit_number,
    make_account,
    make_citizen,
    make_enterprise,
    make_official,
    make_person,
    make_post,
    make_types,
    resident_number,
)  # fmt: skip
from hexi.blocks.regions.tests.make import YUMEN
from hexi.kernel.actors import Denied

pytestmark = pytest.mark.django_db
DUNHUANG = "620982000000"


def test_registering_writes_down_what_the_number_says():
    number = resident_number(male=False)
    person = make_person("王秀英", number=number)
    assert (person.gender, person.born.isoformat().replace("-", "")) == ("2", number[6:14])
    held = person.identifiers.get()
    assert (held.type_id, held.level, held.masked) == ("111", Identifier.Level.WINDOW, queries.masked_number(person))
    entry = Entry.objects.get(verb="people.register")
    assert entry.facts == {"type": "111", "number": held.masked, "level": 1}
    assert entry.ref == str(person.pk)


def test_registering_again_finds_the_person_and_keeps_what_is_on_file():
    number = resident_number()
    first = make_person("石建国", number=number, address="1 组 1 号")
    again = make_person(" 石建国", number=number, address="2 组 2 号")
    assert again == first
    assert Person.objects.get().address == "1 组 1 号"


def test_a_name_other_than_the_one_on_file_is_refused():
    number = resident_number()
    make_person("石建国", number=number)
    with pytest.raises(ValidationError) as refused:
        make_person("石建军", number=number)
    assert refused.value.message_dict == {
        "name": ["与这个证件号码登记的姓名或名称不一致，请核对；已更名的请到窗口更正。"]
    }


def test_registering_needs_the_right_in_the_region():
    make_types()
    facts = {"number": resident_number(), "region_code": DUNHUANG}
    with pytest.raises(Denied):
        operations.register_person("石建国", by=acting(make_official("examiner")), **facts)
    with pytest.raises(Denied):
        operations.register_person("石建国", by=acting(make_official("hall_clerk", region_code=YUMEN)), **facts)
    assert not Person.objects.exists()


def test_a_body_has_bodies_numbers_and_a_representative():
    person = make_person()
    body = make_enterprise(representative=person)
    assert (body.representative, body.natural, body.gender) == (person, False, "0")
    with pytest.raises(ValidationError) as refused:
        operations.register_person("合作社", number=credit_number(), kind=Person.Kind.ENTERPRISE, by=BY)
    assert list(refused.value.message_dict) == ["type"]
    assert queries.persons_of(acting(make_citizen())) != (person.pk, body.pk)


def test_one_acts_for_oneself_and_for_the_bodies_one_represents():
    account = make_citizen()
    body = make_enterprise(representative=account.person)
    make_enterprise("别人的公司")
    assert queries.persons_of(acting(account)) == (account.person_id, body.pk)
    assert queries.persons_of(acting(make_account())) == ()
    assert queries.persons_of(Nobody()) == ()


def test_binding_ties_the_account_and_takes_the_name():
    make_types()
    account = make_account(name="国哥")
    number = resident_number()
    person = operations.bind_person(account, name="石建国", number=number, by=Citizen(account))
    account.refresh_from_db()
    assert (account.person, account.name) == (person, "石建国")
    assert person.identifiers.get().level == Identifier.Level.DECLARED
    again = operations.bind_person(account, name="石建国", number=number, by=Citizen(account))
    assert again == person
    assert number not in str(list(Entry.objects.values_list("facts", flat=True)))


def test_a_person_belongs_to_one_account():
    number = resident_number()
    make_citizen(name="石建国", number=number)
    other = make_account()
    with pytest.raises(ValidationError) as refused:
        operations.bind_person(other, name="石建国", number=number, by=Citizen(other))
    assert list(refused.value.message_dict) == ["number"]
    assert "已绑定另一个账户" in refused.value.messages[0]
    assert Account.objects.get(pk=other.pk).person is None


def test_an_account_belongs_to_one_person():
    account = make_citizen()
    with pytest.raises(ValidationError, match="已实名绑定另一个人"):
        operations.bind_person(account, name="石建军", number=resident_number(), by=Citizen(account))
    assert Person.objects.count() == 1


def test_a_refused_binding_leaves_nothing_behind():
    make_types()
    account = make_account()
    number = resident_number()
    wrong = number[:17] + ("0" if number[17] != "0" else "1")
    with pytest.raises(ValidationError, match="校验码不对"):
        operations.bind_person(account, name="石建国", number=wrong, by=Citizen(account))
    with pytest.raises(ValidationError) as refused:
        operations.bind_person(account, name="  ", number=number, by=Citizen(account))
    assert refused.value.message_dict == {"name": ["请填写姓名或名称。"]}
    assert not Person.objects.exists()
    assert not Entry.objects.filter(verb="people.bind").exists()


def test_who_only_knows_name_and_number_does_not_get_at_what_the_window_knows():
    number = resident_number()
    person = make_person("石建国", number=number)
    thief = make_account()
    with pytest.raises(ValidationError) as refused:
        operations.bind_person(thief, name="石建国", number=number, by=Citizen(thief))
    assert "已登记在案" in refused.value.message_dict["number"][0]
    assert queries.persons_of(acting(thief)) == ()
    source = Identifier.Level.SOURCE
    assert operations.bind_person(thief, name="石建国", number=number, by=BY, level=source) == person


def test_verified_later_one_stays_bound_and_binding_again_is_harmless():
    number = resident_number()
    account = make_citizen(name="石建国", number=number)
    operations.verify_identifier(account.person.identifiers.get(), by=acting(make_official("hall_clerk")))
    assert operations.bind_person(account, name="石建国", number=number, by=Citizen(account)) == account.person


def test_the_window_binds_an_account_to_whom_it_sees():
    person, account, clerk = make_person("石建国"), make_account(), make_official("hall_clerk")
    for by in (acting(account), acting(make_official("examiner"))):
        with pytest.raises(Denied):
            operations.bind_at_window(person, account, by=by)
    with pytest.raises(Denied, match="不能给自己绑定"):
        operations.bind_at_window(person, clerk, by=acting(clerk))
    operations.bind_at_window(person, account, by=acting(clerk))
    assert (account.person, account.name) == (person, "石建国")
    assert Entry.objects.get(verb="people.bind").facts == {"person": person.pk, "level": 1}
    with pytest.raises(ValidationError, match="已绑定另一个账户"):
        operations.bind_at_window(person, make_account(), by=acting(clerk))
    with pytest.raises(ValidationError, match="不绑定账户"):
        operations.bind_at_window(make_enterprise(), make_account(), by=acting(clerk))


def test_nobody_binds_for_somebody_else():
    account = make_account()
    with pytest.raises(Denied):
        operations.bind_person(account, name="石建国", number=resident_number(), by=acting(make_citizen()))
    with pytest.raises(Denied):
        operations.bind_person(account, name="石建国", number=resident_number(), by=Nobody())


def test_verification_is_raised_by_the_window_and_never_lowered():
    account = make_citizen()
    held = account.person.identifiers.get()
    clerk = acting(make_official("hall_clerk"))
    operations.verify_identifier(held, by=clerk)
    assert held.level == Identifier.Level.WINDOW
    operations.verify_identifier(held, by=clerk, level=Identifier.Level.DECLARED)
    assert held.level == Identifier.Level.WINDOW
    with pytest.raises(Denied):
        operations.verify_identifier(held, by=acting(make_official("examiner")))


def test_nobody_verifies_his_own_number():
    account = make_citizen()
    make_post(account, "hall_clerk")
    held = account.person.identifiers.get()
    with pytest.raises(Denied, match="自己"):
        operations.verify_identifier(held, by=acting(account))
    held.refresh_from_db()
    assert held.level == Identifier.Level.DECLARED


def test_the_window_releases_a_person_who_can_then_bind_again():
    number = resident_number()
    stolen, own = make_citizen(name="石建国", number=number), make_account()
    with pytest.raises(Denied):
        operations.release_person(stolen, reason="不是本人所开", by=acting(own))
    clerk = acting(make_official("hall_clerk"))
    with pytest.raises(ValidationError) as refused:
        operations.release_person(stolen, reason=" ", by=clerk)
    assert list(refused.value.message_dict) == ["reason"]
    person = stolen.person
    operations.release_person(stolen, reason="本人持身份证到窗口", by=clerk)
    operations.bind_at_window(person, own, by=clerk)
    assert (stolen.person, own.person) == (None, person)
    assert Entry.objects.get(verb="people.release").facts == {"reason": "本人持身份证到窗口", "person": person.pk}


def test_a_citizen_declares_the_body_he_represents():
    account = make_citizen()
    actor = acting(account)
    code = credit_number()
    body = operations.declare_body(account, name="石河子合作社", number=code, by=actor)
    assert (body.representative, body.identifiers.get().level) == (account.person, Identifier.Level.DECLARED)
    assert operations.declare_body(account, name="石河子合作社", number=code, by=actor) == body
    other = make_citizen(name="马占山")
    with pytest.raises(ValidationError) as refused:
        operations.declare_body(other, name="石河子合作社", number=code, by=acting(other))
    assert "法定代表人不是您" in refused.value.message_dict["number"][0]
    unbound = make_account()
    with pytest.raises(ValidationError, match="请先完成实名绑定"):
        operations.declare_body(unbound, name="石河子合作社", number=code, by=Citizen(unbound))


def test_who_first_said_to_represent_a_body_loses_it_to_whom_the_window_saw():
    squatter, true, code = make_citizen(name="马占山"), make_person("李玉兰"), credit_number()
    body = operations.declare_body(squatter, name="石河子合作社", number=code, by=acting(squatter))
    assert queries.persons_of(acting(squatter)) == (squatter.person_id, body.pk)
    facts = {"type": "001", "kind": Person.Kind.ENTERPRISE, "by": BY}
    found = operations.register_person("石河子合作社", number=code, representative=true, **facts)
    assert (found, found.representative) == (body, true)
    assert queries.persons_of(acting(squatter)) == (squatter.person_id,)
    operations.register_person("石河子合作社", number=code, representative=squatter.person, **facts)
    assert Person.objects.get(pk=body.pk).representative == true


@pytest.mark.parametrize("level", Identifier.Level.values[:2])
def test_nobody_is_taken_for_the_person_whom_an_account_only_says_to_be(level):
    number = resident_number()
    thief = make_citizen(name="石建国", number=number)
    with pytest.raises(ValidationError, match="还没有核验过原件") as refused:
        operations.register_person("石建国", number=number, by=BY, level=level)
    assert (list(refused.value.message_dict), level_of(thief.person)) == (["number"], Identifier.Level.DECLARED)
    person = thief.person
    operations.release_person(thief, reason="本人持身份证到窗口", by=acting(make_official("hall_clerk")))
    assert operations.register_person("石建国", number=number, by=BY) == person
    assert (level_of(person), queries.persons_of(acting(thief))) == (Identifier.Level.WINDOW, ())


def test_whose_account_it_is_the_window_confirms_once():
    number = resident_number()
    own = make_citizen(name="石建国", number=number)
    operations.verify_identifier(own.person.identifiers.get(), by=acting(make_official("hall_clerk")))
    assert operations.register_person("石建国", number=number, by=BY) == own.person


@pytest.mark.parametrize("level", Identifier.Level.values[:2])
def test_nothing_is_entered_for_a_body_that_somebody_only_says_to_represent(level):
    squatter, code, clerk = make_citizen(name="马占山"), credit_number(), acting(make_official("hall_clerk"))
    body = operations.declare_body(squatter, name="石河子合作社", number=code, by=acting(squatter))
    facts = {"number": code, "type": "001", "kind": Person.Kind.ENTERPRISE, "by": BY}
    with pytest.raises(ValidationError, match="还没有核验过原件"):
        operations.register_person("石河子合作社", level=level, **facts)
    assert level_of(body) == Identifier.Level.DECLARED
    operations.change_representative(body, name="李玉兰", number=resident_number(), by=clerk)
    operations.verify_identifier(body.identifiers.get(), by=clerk)
    found = operations.register_person("石河子合作社", **facts)
    assert (found, found.representative.name) == (body, "李玉兰")
    assert queries.persons_of(acting(squatter)) == (squatter.person_id,)


def test_no_account_that_only_says_so_comes_to_represent_a_body_by_its_number():
    number, clerk, body = resident_number(), acting(make_official("hall_clerk")), make_enterprise()
    thief = make_citizen(name="李玉兰", number=number)
    with pytest.raises(ValidationError, match="还没有核验过原件"):
        operations.change_representative(body, name="李玉兰", number=number, by=clerk)
    assert (level_of(thief.person), body.pk in queries.persons_of(acting(thief))) == (0, False)


def test_who_only_knows_name_and_number_does_not_get_at_what_another_system_handed_in():
    number, account = resident_number(), make_account()
    make_person("石建国", number=number, level=Identifier.Level.DECLARED)
    with pytest.raises(ValidationError, match="已登记在案"):
        operations.bind_person(account, name="石建国", number=number, by=Citizen(account))
    assert queries.persons_of(acting(account)) == ()


def level_of(person):
    return person.identifiers.get().level


def test_the_window_corrects_who_represents_a_body():
    body, clerk, number = make_enterprise(), acting(make_official("hall_clerk")), resident_number()
    before = body.representative_id
    with pytest.raises(Denied):
        operations.change_representative(body, name="李玉兰", number=number, by=acting(make_official("examiner")))
    with pytest.raises(ValidationError, match="校验码不对|应为 18 位"):
        operations.change_representative(body, name="李玉兰", number=number[:-1], by=clerk)
    operations.change_representative(body, name="李玉兰", number=number, by=clerk)
    new = Person.objects.get(pk=body.pk).representative
    assert (new.name, new.identifiers.get().level) == ("李玉兰", Identifier.Level.WINDOW)
    assert Entry.objects.get(verb="people.representative").facts == {"before": before, "after": new.pk}
    with pytest.raises(ValidationError, match="只有单位"):
        operations.change_representative(new, name="李玉兰", number=number, by=clerk)


def test_no_clerk_makes_himself_representative():
    body, number = make_enterprise(), resident_number()
    account = make_citizen(name="石建国", number=number)
    make_post(account, "hall_clerk")
    with pytest.raises(Denied, match="由其他人员办理"):
        operations.change_representative(body, name="石建国", number=number, by=acting(account))
    assert Person.objects.get(pk=body.pk).representative == body.representative


def test_contact_is_changed_by_oneself_or_the_window_alone():
    account = make_citizen()
    operations.change_contact(account.person, by=acting(account), phone="100 0000 0009", address="2 组")
    person = Person.objects.get(pk=account.person_id)
    assert (person.phone, person.address) == ("10000000009", "2 组")
    operations.change_contact(person, by=acting(make_official("hall_clerk")), address="3 组")
    assert Person.objects.get(pk=person.pk).address == "3 组"
    with pytest.raises(Denied):
        operations.change_contact(person, by=acting(make_citizen(name="马占山")), address="4 组")
    with pytest.raises(ValidationError) as refused:
        operations.change_contact(person, by=acting(account), phone="12")
    assert list(refused.value.message_dict) == ["phone"]


def test_the_account_is_changed_by_its_owner_but_not_the_bound_name():
    account = make_citizen(name="石建国")
    operations.change_account(account, by=acting(account), language="en", edition="elder", phone="10000000009")
    account.refresh_from_db()
    assert (account.language, account.edition, account.phone) == ("en", "elder", "10000000009")
    with pytest.raises(ValidationError) as refused:
        operations.change_account(account, by=acting(account), name="石大国")
    assert list(refused.value.message_dict) == ["name"]
    with pytest.raises(Denied):
        operations.change_account(account, by=acting(make_citizen(name="马占山")), language="en")


def test_a_full_number_is_shown_for_a_purpose_and_the_owner_reads_who_asked():
    number = resident_number()
    person = make_person(number=number)
    held = person.identifiers.get()
    examiner = acting(make_official("examiner", name="李审"))
    with pytest.raises(ValidationError) as refused:
        operations.unmask(held, purpose=" ", by=examiner)
    assert list(refused.value.message_dict) == ["purpose"]
    assert operations.unmask(held, purpose="审查林木采伐许可", by=examiner) == number
    seen = queries.looks_at(person).get()
    assert (seen.actor_name, seen.facts) == ("玉门市林业和草原局 李审", {"purpose": "审查林木采伐许可"})
    assert number not in str(seen.facts)


def test_without_the_right_a_number_stays_masked():
    held = make_person(region_code=YUMEN).identifiers.get()
    for actor in (
        Nobody(),
        acting(make_citizen(name="马占山")),
        acting(make_official("clerk")),
        acting(make_official("examiner", department=None, region_code="620981101000")),
    ):
        with pytest.raises(Denied):
            operations.unmask(held, purpose="看看", by=actor)
    assert not Entry.objects.filter(verb="look").exists()


def test_the_region_of_the_matter_counts_for_people_from_elsewhere():
    held = make_person(region_code=DUNHUANG).identifiers.get()
    examiner = acting(make_official("examiner"))
    with pytest.raises(Denied):
        operations.unmask(held, purpose="审查", by=examiner)
    assert operations.unmask(held, purpose="审查", by=examiner, region_code=YUMEN)[:6] == "629999"


def test_ones_own_number_is_no_look():
    number = resident_number()
    account = make_citizen(number=number)
    body = make_enterprise(representative=account.person)
    actor = acting(account)
    assert operations.unmask(account.person.identifiers.get(), purpose="", by=actor) == number
    assert len(operations.unmask(body.identifiers.get(), purpose="", by=actor)) == 18
    operations.view_person(body, purpose="", by=actor)
    assert not Entry.objects.filter(verb="look").exists()


def test_viewing_somebody_is_logged_with_its_purpose():
    person = make_person()
    clerk = acting(make_official("hall_clerk"))
    with pytest.raises(ValidationError):
        operations.view_person(person, purpose="", by=clerk)
    operations.view_person(person, purpose="核对申请人", by=clerk)
    assert [entry.facts["purpose"] for entry in queries.looks_at(person)] == ["核对申请人"]
    with pytest.raises(Denied):
        operations.view_person(person, purpose="看看", by=acting(make_citizen(name="马占山")))


def test_somebody_is_found_by_the_whole_number_alone():
    number = resident_number()
    person = make_person(number=number)
    assert queries.identifier_of(f" {number.lower()} ").person == person
    assert queries.identifier_of(number[:-1]) is None
    assert queries.identifier_of(number, type="414") is None
