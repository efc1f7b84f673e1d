"""The service editor: text and back, questions by clicking, publishing now and later, import, rights, races of writers."""

import json
from datetime import date

import pytest
import yaml
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import translation

from hexi.blocks.cases import building, operations, texts
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.items import ImplementingItem, ServiceFile, ServiceItem
from hexi.blocks.cases.models import Item, ItemDraft
from hexi.blocks.cases.operations import drafting
from hexi.blocks.cases.tests import make
from hexi.blocks.people.actors import Grant, Official
from hexi.blocks.people.tests import make as people
from hexi.kernel import clock, packs
from hexi.kernel.actors import Denied, Scope

pytestmark = pytest.mark.django_db
EDITOR = "catalogue_editor"


@pytest.fixture
def item():
    return make.make_item()


@pytest.fixture
def editor(item):
    return make.make_official(EDITOR)


@pytest.fixture
def browser(client, item):
    client.force_login(people.make_official(EDITOR, department=item.department, region_code=item.region_code))
    return client


def keep(draft, by, **changed):
    facts = {"national": draft.national, "implementing": draft.implementing, "revision": draft.revision} | changed
    return drafting.keep(draft, by=by, **facts)


def renamed(draft, title):
    return draft.national.replace(draft.title, title)


# --- text ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", packs.files("services"), ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_every_shipped_element_is_written_and_read_again(path):
    element = packs.read(path, ServiceFile).root
    again = texts.read(texts.write(element), type(element), "it.yaml")
    assert again == element
    assert texts.write(again) == texts.write(element)


def test_differences_show_what_went_and_came():
    lines = texts.differences("a\nb\nc\n", "a\nB\nc\n")
    assert [(one.sign, one.text) for one in lines] == [("@", "…"), (" ", "a"), ("-", "b"), ("+", "B"), (" ", "c")]
    assert texts.differences("a\n", "a\n") == []


# --- a draft ------------------------------------------------------------------------------------------------------------
def test_a_draft_begins_with_what_is_in_force_and_is_one(item, editor):
    draft = drafting.begin(item, by=editor)
    assert drafting.begin(item, by=editor) == draft
    rules = definition(item.version)
    assert drafting.read(draft) == (rules.national, rules.local)


def test_published_as_it_was_it_makes_no_version(item, editor):
    draft = drafting.begin(item, by=editor)
    assert drafting.publish_draft(draft, revision=draft.revision, by=editor) == (item, False)
    assert (item.versions.count(), ItemDraft.objects.count()) == (1, 0)


def test_a_running_case_keeps_its_version(item, editor):
    case = make.make_case(item)
    draft = keep(
        drafting.begin(item, by=editor), editor, national=renamed(drafting.begin(item, by=editor), "林木采伐证")
    )
    changed, new = drafting.publish_draft(draft, revision=draft.revision, by=editor)
    assert (new, changed.title, definition(case.version).national.title.zh) == (
        True,
        "林木采伐证",
        "林木采伐许可证核发",
    )
    assert make.make_case(changed).version != case.version


def test_wrong_text_is_kept_and_named_by_line(browser, item, editor):
    draft = drafting.begin(item, by=editor)
    broken = draft.national.replace("item_type: '01'", "item_type: '77'")
    assert broken != draft.national
    url = reverse("cases.item_draft", args=[draft.pk])
    browser.post(url, {"national": broken, "implementing": draft.implementing, "revision": draft.revision})
    draft.refresh_from_db()
    assert draft.national == broken
    line = broken[: broken.index("item_type")].count("\n") + 1
    page = browser.get(url).content.decode()
    assert f"国家要素，第 {line} 行" in page
    with pytest.raises(packs.PackError):
        drafting.publish_draft(draft, revision=draft.revision, by=editor)
    assert ItemDraft.objects.count() == 1


def test_lint_has_the_last_word(item, editor):
    draft = drafting.begin(item, by=editor)
    numbers = yaml.safe_load(draft.implementing)
    same = draft.implementing.replace(numbers["complain"]["phone"], numbers["consult"]["phone"])
    draft = keep(draft, editor, implementing=same)
    with pytest.raises(ValidationError):
        drafting.publish_draft(draft, revision=draft.revision, by=editor)
    assert (ItemDraft.objects.get().pk, item.versions.count()) == (draft.pk, 1)


def test_two_editors_the_second_is_told_and_loses_nothing(browser, item, editor):
    draft = drafting.begin(item, by=editor)
    mine = renamed(draft, "乙")
    keep(draft, editor, national=renamed(draft, "甲"))
    url = reverse("cases.item_draft", args=[draft.pk])
    page = browser.post(url, {"national": mine, "implementing": draft.implementing, "revision": 1})
    assert (page.status_code, "刚被别人改过" in page.content.decode(), "乙" in page.content.decode()) == (
        422,
        True,
        True,
    )
    assert "甲" in ItemDraft.objects.get().national


def test_an_item_is_not_carried_to_another_office_nor_renamed(item, editor):
    draft = drafting.begin(item, by=editor)
    other = keep(draft, editor, implementing=draft.implementing.replace("yumen-forestry", "yumen-tax"))
    with pytest.raises(ValidationError, match="部门和地区不能"):
        drafting.publish_draft(other, revision=other.revision, by=editor)
    back = keep(
        other,
        editor,
        implementing=draft.implementing,
        national=draft.national.replace("key: tree-felling", "key: felling", 1),
    )
    with pytest.raises((ValidationError, packs.PackError)):
        drafting.publish_draft(back, revision=back.revision, by=editor)
    assert Item.objects.count() == 1


def test_it_comes_into_force_on_its_day_once_and_late(item, editor, monkeypatch):
    draft = drafting.begin(item, by=editor)
    draft = keep(draft, editor, national=renamed(draft, "林木采伐证"))
    with pytest.raises(ValidationError, match="明天"):
        drafting.plan(draft, day=clock.today(), revision=draft.revision, by=editor)
    drafting.plan(draft, day=date(2199, 1, 4), revision=draft.revision, by=editor)
    assert drafting.publish_planned() == {"published": 0, "refused": 0}
    monkeypatch.setattr("hexi.kernel.clock.today", lambda: date(2199, 1, 9))
    assert drafting.publish_planned() == {"published": 1, "refused": 0}
    assert drafting.publish_planned() == {"published": 0, "refused": 0}
    item.refresh_from_db()
    assert (item.title, item.versions.count()) == ("林木采伐证", 2)


def test_who_may_not_publish_does_not_slip_a_text_under_a_planned_day(item, editor, monkeypatch):
    scope = Scope(item.department_id, item.region_code.rstrip("0"))
    writer = Official(people.make_account(), grants=[Grant("items.edit", scope, 0)])
    draft = drafting.begin(item, by=writer)
    drafting.plan(draft, day=date(2199, 1, 4), revision=draft.revision, by=editor)
    draft = keep(draft, writer, national=renamed(draft, "别的名字"))
    assert (draft.publish_on, draft.publisher) == (None, "")
    monkeypatch.setattr("hexi.kernel.clock.today", lambda: date(2199, 1, 9))
    assert drafting.publish_planned() == {"published": 0, "refused": 0}
    item.refresh_from_db()
    assert item.versions.count() == 1


def test_who_may_publish_goes_on_with_a_planned_text(item, editor):
    draft = drafting.begin(item, by=editor)
    drafting.plan(draft, day=date(2199, 1, 4), revision=draft.revision, by=editor)
    assert keep(draft, editor, national=renamed(draft, "别的名字")).publish_on == date(2199, 1, 4)


def test_what_lint_refuses_on_its_day_stays_with_the_reason(item, editor, monkeypatch):
    draft = drafting.begin(item, by=editor)
    drafting.plan(draft, day=date(2199, 1, 4), revision=draft.revision, by=editor)
    ItemDraft.objects.update(national="key: x\n")
    monkeypatch.setattr("hexi.kernel.clock.today", lambda: date(2199, 1, 4))
    assert drafting.publish_planned() == {"published": 0, "refused": 1}
    assert drafting.publish_planned() == {"published": 0, "refused": 0}
    assert "title" in ItemDraft.objects.get().refused


# --- rights -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", [make.CLERK, make.EXAMINER, make.HEAD])
def test_who_may_not_edit_gets_nowhere(item, editor, role, client):
    draft, other = drafting.begin(item, by=editor), make.make_official(role)
    for do in (
        lambda: drafting.begin(item, by=other), lambda: keep(draft, other), lambda: drafting.discard_draft(draft, by=other),
        lambda: drafting.publish_draft(draft, revision=1, by=other),
        lambda: drafting.plan(draft, day=date(2199, 1, 1), revision=1, by=other),
        lambda: drafting.bring(draft.national.replace("采伐", "砍伐"), draft.implementing, by=other),
    ):  # fmt: skip
        with pytest.raises(Denied):
            do()
    client.force_login(people.make_official(role, department=item.department, region_code=item.region_code))
    for name in ("item_draft", "draft_questions", "preview_draft"):
        assert client.get(reverse(f"cases.{name}", args=[draft.pk])).status_code == 403
    assert client.post(reverse("cases.publish_draft", args=[draft.pk])).status_code == 403
    assert (item.versions.count(), ItemDraft.objects.count()) == (1, 1)


def test_an_editor_of_another_county_sees_nothing_of_it(item, editor, client):
    draft = drafting.begin(item, by=editor)
    client.force_login(people.make_official(EDITOR, department=item.department, region_code="620982000000"))
    assert client.get(reverse("cases.item_draft", args=[draft.pk])).status_code == 404
    assert client.get(reverse("cases.export", args=[item.pk, item.version.digest, "national"])).status_code == 404


# --- in and out ---------------------------------------------------------------------------------------------------------
def test_what_is_exported_comes_in_again_and_brings_nothing(browser, item, editor):
    got = [
        browser.get(reverse("cases.export", args=[item.pk, item.version.digest, part])).content.decode()
        for part in ("national", "implementing")
    ]
    assert drafting.bring(*got, by=editor) is None
    page = browser.post(reverse("cases.bring"), dict(zip(("national", "implementing"), got, strict=True)), follow=True)
    assert ("完全一样" in page.content.decode(), ItemDraft.objects.count()) == (True, 0)
    draft = drafting.bring(got[0].replace("林木采伐许可证核发", "林木采伐证"), got[1], by=editor)
    assert (draft.item, draft.title) == (item, "林木采伐证")
    with pytest.raises(ValidationError, match="正在修改"):
        drafting.bring(got[0].replace("林木采伐许可证核发", "采伐证"), got[1], by=editor)


def test_an_import_that_cannot_be_read_keeps_what_was_typed_and_names_the_line(browser):
    given = {"national": "key: [\n", "implementing": "item: x\nregion: y\n"}
    page = browser.post(reverse("cases.bring"), given)
    text = page.content.decode()
    assert (page.status_code, 'href="#id_national"' in text, "item: x" in text) == (422, True, True)


def test_two_versions_are_compared_line_by_line(browser, item, editor):
    old = item.version.digest
    draft = drafting.begin(item, by=editor)
    draft = keep(draft, editor, national=renamed(draft, "林木采伐证"))
    changed, _new = drafting.publish_draft(draft, revision=draft.revision, by=editor)
    url = f"{reverse('cases.compare', args=[item.pk])}?old={old}&new={changed.version.digest}"
    page = browser.get(url).content.decode()
    assert "<del>title: {zh: 林木采伐许可证核发" in page
    assert "<ins>title: {zh: 林木采伐证" in page


# --- questions by clicking ----------------------------------------------------------------------------------------------
def click(browser, draft, **given):
    draft.refresh_from_db()
    return browser.post(reverse("cases.draft_questions", args=[draft.pk]), {"revision": draft.revision, **given})


def field(draft, key):
    draft.refresh_from_db()
    sections = yaml.safe_load(draft.national)["form"]["sections"]
    return next(one for section in sections for one in section["fields"] if one["key"] == key)


def test_a_question_is_added_worded_conditioned_moved_and_published(browser, item, editor):
    draft = drafting.begin(item, by=editor)
    section = yaml.safe_load(draft.national)["form"]["sections"][0]
    first = section["fields"][0]["key"]
    new = {
        "section": section["key"],
        "kind": "choice",
        "key": "tool",
        "label_zh": "用什么工具",
        "label_en": "Which tool",
    }
    old = click(browser, draft, _do="add", **new | {"revision": "9" * 6000})  # figures no number has
    assert old.status_code == 422
    assert click(browser, draft, _do="add", **new).status_code == 302
    assert field(draft, "tool")["label"] == {"zh": "用什么工具", "en": "Which tool"}
    worded = {
        "key": "tool", "label_zh": "用什么工具采伐", "label_en": "Which tool do you use", "required": "no",
        "choices": "saw | 油锯 | Chainsaw\naxe | 斧头 | Axe", "when_field": "", "when_operator": "==", "when_value": "",
    }  # fmt: skip
    assert click(browser, draft, _do="set", **worded).status_code == 302
    assert field(draft, "tool") == {
        "key": "tool", "kind": "choice", "label": {"zh": "用什么工具采伐", "en": "Which tool do you use"},
        "required": False, "choices": [
            {"key": "saw", "label": {"zh": "油锯", "en": "Chainsaw"}}, {"key": "axe", "label": {"zh": "斧头", "en": "Axe"}},
        ],
    }  # fmt: skip
    click(browser, draft, _do="up", key="tool")
    keys = [one["key"] for one in yaml.safe_load(ItemDraft.objects.get().national)["form"]["sections"][0]["fields"]]
    assert keys.index("tool") == len(keys) - 2
    assert keys[0] == first
    assert "用什么工具采伐" in browser.get(reverse("cases.preview_draft", args=[draft.pk])).content.decode()
    draft.refresh_from_db()
    published, new = drafting.publish_draft(draft, revision=draft.revision, by=editor)
    assert new is True
    assert {one.key for _section, one in definition(published.version).national.form.fields()} >= {"tool"}


@pytest.mark.parametrize(
    ("kind", "raw", "condition"),
    [
        ("yes_no", "是", {"==": [{"var": "x"}, True]}), ("number", "15", {"==": [{"var": "x"}, 15]}),
        ("number", "2.5", {"==": [{"var": "x"}, 2.5]}), ("money", "12.5", {"==": [{"var": "x"}, 1250]}),
        ("choice", "saw", {"==": [{"var": "x"}, "saw"]}),
    ],
)  # fmt: skip
def test_a_condition_is_written_in_the_kind_of_its_field(kind, raw, condition):
    label = {"zh": "名", "en": "Name"}
    text = {"form": {"sections": [{"key": "s", "fields": [
        {"key": "x", "kind": kind, "label": label}, {"key": "y", "kind": "text", "label": label},
    ]}]}}  # fmt: skip
    given = {"label_zh": "名", "label_en": "Name", "when_field": "x", "when_operator": "==", "when_value": raw}
    building.set_field("y", given)(text)
    assert text["form"]["sections"][0]["fields"][1]["when"] == condition
    assert building.simple(condition) == ("x", "==", condition["=="][1])


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(
    ("kind", "value"),
    [("money", 1999), ("money", 1250), ("number", 2.5), ("number", 15), ("yes_no", True), ("text", "a")],
)
def test_a_condition_saved_again_unchanged_is_the_same(kind, value, language):
    label = {"zh": "名", "en": "Name"}
    fields = [{"key": "x", "kind": kind, "label": label}, {"key": "y", "kind": "text", "label": label}]
    when = {"==": [{"var": "x"}, value]}
    with translation.override(language):
        raw = building.typed(fields, building.simple(when))
        given = {"label_zh": "名", "label_en": "Name", "when_field": "x", "when_operator": "==", "when_value": raw}
        building.set_field("y", given)({"form": {"sections": [{"key": "s", "fields": fields}]}})
    assert json.dumps(fields[1]["when"]) == json.dumps(when)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (("杨树", "Poplar"), {"zh": "杨树", "en": "Poplar"}), (("36", ""), "36"), (("", ""), None),
    ],
)  # fmt: skip
def test_an_example_in_words_is_written_in_both_languages(given, kept):
    text = {
        "form": {"sections": [{"key": "s", "fields": [{"key": "y", "kind": "text", "label": {"zh": "名", "en": "N"}}]}]}
    }
    building.set_field("y", {"label_zh": "名", "label_en": "N", "example": given[0], "example_en": given[1]})(text)
    assert text["form"]["sections"][0]["fields"][0].get("example") == kept


def test_an_example_in_english_only_is_refused():
    text = {
        "form": {"sections": [{"key": "s", "fields": [{"key": "y", "kind": "text", "label": {"zh": "名", "en": "N"}}]}]}
    }
    with pytest.raises(ValidationError) as caught:
        building.set_field("y", {"label_zh": "名", "label_en": "N", "example_en": "Poplar"})(text)
    assert list(caught.value.message_dict) == ["example"]


@pytest.mark.parametrize("raw", ["nan", "inf", "1e400"])
def test_a_condition_on_what_is_no_number_is_refused(raw):
    with pytest.raises(ValidationError):
        building._value("number", raw)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"_do": "add", "key": "Bad Key"}, "key"), ({"_do": "add", "key": "spot"}, "key"),
        ({"_do": "add", "key": "new", "label_en": ""}, "label_en"), ({"_do": "add", "key": "new", "kind": "repeating"}, "kind"),
        ({"_do": "set", "key": "volume", "when_field": "felled_before", "when_operator": "==", "when_value": "perhaps"}, "when_value"),
        ({"_do": "set", "key": "method", "choices": "one line"}, "choices"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field_and_nothing_changes(browser, item, editor, given, name):
    draft = drafting.begin(item, by=editor)
    section = yaml.safe_load(draft.national)["form"]["sections"][0]["key"]
    full = {"section": section, "kind": "text", "label_zh": "名", "label_en": "Name", "required": "yes"} | given
    page = click(browser, draft, **full)
    assert (page.status_code, f'href="#id_{name}"' in page.content.decode()) == (422, True)
    assert ItemDraft.objects.get().national == draft.national


def test_a_condition_this_page_cannot_write_is_left_alone(browser, item, editor):
    draft = drafting.begin(item, by=editor)
    text = building.read(draft.national)
    hard = {"and": [{"var": "felled_before"}, {">": [{"var": "volume"}, 15]}]}
    building._field(text, "method")[1]["when"] = hard
    draft = keep(draft, editor, national=texts.write(text))
    page = browser.get(reverse("cases.draft_questions", args=[draft.pk]) + "?edit=method").content.decode()
    assert "按现有条件" in page
    now = field(draft, "method")
    lines = "\n".join(f"{one['key']} | {one['label']['zh']} | {one['label']['en']}" for one in now["choices"])
    given = {"label_zh": "方式", "label_en": "Way", "required": "yes", "choices": lines, "when_field": "as_is"}
    assert click(browser, draft, _do="set", key="method", **given).status_code == 302
    assert json.dumps(field(draft, "method")["when"]) == json.dumps(hard)


def test_the_last_question_of_a_form_stays():
    label = {"zh": "名", "en": "Name"}
    text = {"form": {"sections": [{"key": "s", "fields": [{"key": "x", "kind": "text", "label": label}]}]}}
    with pytest.raises(ValidationError, match="至少要有一个问题"):
        building.remove("x")(text)


def test_both_elements_are_asked_for(item, editor):
    draft = drafting.begin(item, by=editor)
    with pytest.raises(packs.PackError, match="放到实施要素一栏"):
        texts.read(draft.implementing, ServiceItem, "national.yaml")
    with pytest.raises(packs.PackError, match="放到国家要素一栏"):
        texts.read(draft.national, ImplementingItem, "implementing.yaml")


def test_a_withdrawn_item_comes_back_by_publishing(item, editor):
    operations.withdraw_item(item, by=make.BY, reason="停办")
    draft = drafting.begin(item, by=editor)
    again, _new = drafting.publish_draft(draft, revision=draft.revision, by=editor)
    assert again.status == Item.Status.PUBLISHED
