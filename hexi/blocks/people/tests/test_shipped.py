"""The packs of people: kinds of identifier, roles, demo people, and what the lint says."""

import re
from pathlib import Path

import pytest
import yaml

from hexi.blocks.people import queries, shipped
from hexi.blocks.people.models import Account, IdentifierType, Person, Post, Role
from hexi.blocks.people.tests.make import PACKS, acting, make_department, make_roles, make_types, resident_number
from hexi.kernel import packs

DEMO = {
    "password": "hexi-demo-2026",
    "citizens": [
        {
            "username": "shi",
            "name": "石建国",
            "number": resident_number(),
            "phone": "10000000011",
            "region": "620981106203",
            "edition": "elder",
            "about": {"zh": "村民", "en": "Villager"},
        }
    ],
    "bodies": [
        {
            "name": "演示合作社",
            "number": "93629999NA00020180",
            "representative": "shi",
            "phone": "0937-0000201",
            "region": "620981106203",
        }
    ],
    "officials": [
        {
            "username": "examiner",
            "name": "钱审查",
            "title": "林业审查员",
            "department": "yumen-forestry",
            "roles": ["examiner", "head"],
            "about": {"zh": "审查", "en": "Examines"},
        }
    ],
}


def demo_file(tmp_path: Path, **changes) -> tuple[Path, shipped.DemoFile]:
    """The sample demo with some parts changed, as a file and as read."""
    path = tmp_path / "demo.yaml"
    path.write_text(yaml.safe_dump({**DEMO, **changes}, allow_unicode=True))
    return path, packs.read(path, shipped.DemoFile)


def changed(part: str, **values) -> dict:
    return {part: [{**DEMO[part][0], **values}]}


@pytest.mark.django_db
def test_identifier_types_are_loaded_once_and_brought_up_to_date():
    make_types()
    before = IdentifierType.objects.count()
    IdentifierType.objects.filter(pk="111").update(name_zh="旧名")
    path = PACKS / "identifiers" / "types.yaml"
    shipped.load_types(path, packs.read(path, shipped.TypesFile))
    assert IdentifierType.objects.count() == before
    assert IdentifierType.objects.get(pk="111").name_zh == "公民身份号码"
    assert queries.types(natural=False).filter(rule="gb32100").get().pk == "001"


@pytest.mark.django_db
def test_roles_are_loaded_once_and_brought_up_to_date():
    make_roles()
    before = Role.objects.count()
    Role.objects.filter(pk="head").update(verbs=[])
    path = PACKS / "roles" / "roles.yaml"
    shipped.load_roles(path, packs.read(path, shipped.RolesFile))
    assert Role.objects.count() == before
    assert "cases.decide" in Role.objects.get(pk="head").verbs
    assert set(Role.objects.filter(guarded=True).values_list("pk", flat=True)) == {"system_admin"}


@pytest.mark.django_db
def test_what_a_demo_left_is_locked_when_it_is_no_demo_any_more(settings, tmp_path):
    make_types()
    make_roles()
    make_department()
    path, file = demo_file(tmp_path)
    settings.DEMO = True
    shipped.load_demo(path, file)
    own = Account.objects.get(username="examiner")
    own.set_password("a password of his own")
    own.save()
    settings.DEMO = False
    shipped.load_demo(path, file)
    assert not Account.objects.get(username="shi").has_usable_password()
    assert Account.objects.get(username="examiner").check_password("a password of his own")


@pytest.mark.django_db
def test_the_demo_is_loaded_in_a_demo_alone_and_only_once(settings, tmp_path):
    make_types()
    make_roles()
    department = make_department()
    path, file = demo_file(tmp_path)
    settings.DEMO = False
    shipped.load_demo(path, file)
    assert not Account.objects.exists()
    settings.DEMO = True
    shipped.load_demo(path, file)
    shipped.load_demo(path, file)
    assert set(Account.objects.values_list("username", flat=True)) == {"shi", "examiner"}
    citizen = Account.objects.get(username="shi")
    assert citizen.check_password("hexi-demo-2026")
    assert (citizen.edition, citizen.person.phone, citizen.person.region_code) == (
        "elder",
        "10000000011",
        "620981106203",
    )
    assert queries.persons_of(acting(citizen)) == (citizen.person_id, Person.objects.get(kind="2").pk)
    assert Post.objects.get().title == "林业审查员"
    official = acting(Account.objects.get(username="examiner"))
    assert official.may("cases.decide", department.pk, "620981106203")


def test_a_sound_demo_has_no_fault(tmp_path):
    assert shipped.check_demo(*demo_file(tmp_path)) == []


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        (changed("citizens", number="629999196805120018"), "number", "check"),
        (changed("citizens", number="11010519491231002X"), "number", "629999"),
        (changed("bodies", number="93629999NA0002018X"), "number", "check"),
        (changed("bodies", representative="who"), "representative", "没有用户 who"),
        (changed("officials", department="nowhere"), "department", "没有部门 nowhere"),
        (changed("officials", roles=["head", "king"]), "roles", "没有角色 king"),
    ],
)
def test_each_fault_of_a_demo_is_told_with_its_line(tmp_path, changes, field, words):
    path, file = demo_file(tmp_path, **changes)
    [fault] = shipped.check_demo(path, file)
    assert words in fault.sentence
    assert re.match(rf"\s*-?\s*{field}:", path.read_text().splitlines()[fault.line - 1])


@pytest.mark.parametrize(
    ("schema", "text", "words"),
    [
        (shipped.TypesFile, 'types:\n- {code: "1", name: {zh: 甲, en: A}, pattern: "["}', "正则表达式"),
        (shipped.TypesFile, 'types:\n- {code: "1", name: {zh: 甲, en: A}, rule: luhn}', "gb11643"),
        (shipped.RolesFile, "roles:\n- {key: a, title: {zh: 甲, en: A}, verbs: [decide]}", "块.动词"),
        (shipped.RolesFile, "roles:\n- {key: a, title: {zh: 甲, en: A}, verbs: [a.b, a.b]}", "写了两次"),
        (shipped.RolesFile, "roles:\n- {key: a, title: {zh: 甲, en: A}, verbs: [a.b], reach: moon}", "department"),
    ],
)
def test_a_broken_pack_names_the_line_and_what_to_mend(tmp_path, schema, text, words):
    path = tmp_path / "broken.yaml"
    path.write_text(text)
    with pytest.raises(packs.PackError) as refused:
        packs.read(path, schema)
    assert words in str(refused.value)
    assert f"{path}:2:" in str(refused.value)
