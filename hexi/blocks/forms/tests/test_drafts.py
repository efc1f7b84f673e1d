"""Drafts: start, save, merge, discard, submit; who may; what rests encrypted; how many queries."""

import json
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import Http404

from hexi.blocks.audit.models import Entry
from hexi.blocks.forms import operations, queries
from hexi.blocks.forms.models import Draft, Revision
from hexi.blocks.forms.tests.make import (
    IDENTITY,
    OTHER_IDENTITY,
    make_draft,
    make_felling_form,
    make_field,
    make_form,
    make_kind,
)  # fmt: skip
from hexi.blocks.people.actors import Nobody
from hexi.blocks.people.tests.make import acting, make_account, make_citizen, make_enterprise
from hexi.kernel import clock
from hexi.kernel.actors import Denied
from hexi.kernel.options import override
from hexi.kernel.packs import digest

FORM = make_felling_form()
WHOLE = {
    "name": "石建国", "identity": IDENTITY, "phone": "10000000001", "agent": False, "kind": "pine", "volume": 3.5,
}  # fmt: skip


def save(draft, by, version=None, **raw):
    return operations.save_step(draft, raw=raw, version=version or draft.version, by=by)


def fresh(draft):
    return Draft.objects.get(pk=draft.pk)


def verbs():
    return list(Entry.objects.filter(verb__startswith="forms.").order_by("pk").values_list("verb", flat=True))


@pytest.fixture
def draft(applicant):
    return make_draft(applicant)


# --- starting -----------------------------------------------------------------------------------------------------------


def test_a_draft_is_started_once(applicant):
    draft = make_draft(applicant, region_code="620981106203")
    again = make_draft(applicant)
    assert again.pk == draft.pk
    assert (draft.title_zh, draft.step, draft.version, draft.region_code) == (
        "林木采伐许可", "form.applicant", 1, "620981106203",
    )  # fmt: skip
    assert draft.definition_digest == digest(FORM)
    assert verbs() == ["forms.start"]


def test_drafts_of_other_things_people_and_accounts_are_others(applicant, stranger):
    body = make_enterprise(representative=acting(applicant.account).account.person)
    first = make_draft(applicant)
    others = [
        make_draft(applicant, ref="other"),
        make_draft(applicant, person_id=body.pk),
        make_draft(stranger),
    ]
    assert len({first.pk, *(one.pk for one in others)}) == 4
    assert others[1].person == body


def test_a_submitted_or_discarded_draft_makes_room_for_the_next(applicant):
    first = make_draft(applicant)
    operations.discard(first, by=applicant)
    second = make_draft(applicant)
    assert second.pk != first.pk


def test_who_may_start(applicant, stranger):
    with pytest.raises(Denied, match="请先登录再填写。"):
        make_draft(Nobody())
    with pytest.raises(Denied, match="您不能以这个人或单位的名义申请。"):
        make_draft(applicant, person_id=stranger.person_id)
    assert not Draft.objects.exists()


def test_an_account_without_a_person_may_start(declared, db):
    by = acting(make_account("new", name="新用户"))
    draft = make_draft(by)
    assert (draft.person, draft.answers, draft.sources) == (None, {"name": "新用户"}, {"name": "person"})
    assert make_draft(by).pk == draft.pk


def test_an_unknown_definition_or_kind(applicant):
    with pytest.raises(LookupError, match="felling nonsense is not there"):
        operations.start("sample", ref="felling", digest="nonsense", by=applicant)
    with pytest.raises(LookupError, match="no DraftKind 'other'"):
        make_draft(applicant, kind="other")


# --- prefill ------------------------------------------------------------------------------------------------------------


def test_what_the_account_knows_is_filled_in_with_its_source(applicant):
    draft = make_draft(applicant)
    person = applicant.account.person
    assert draft.answers["name"] == person.name
    assert draft.answers["phone"] == person.phone
    assert queries.Standing(draft).cleaned.values["identity"] == draft.answers["identity"]
    assert draft.sources == {"name": "person", "identity": "person", "phone": "person"}


def test_the_source_is_forgotten_once_the_answer_is_another(applicant):
    draft = save(make_draft(applicant), applicant, name="石建国", phone="10000000099").standing.draft
    assert draft.sources == {"name": "person", "identity": "person"}


def test_a_bodys_data_are_filled_in(declared, applicant):
    form = make_form(
        [
            make_field("text", "body", prefill="enterprise.name"),
            make_field("credit_code", "code", prefill="enterprise.credit_code"),
            make_field("text", "boss", prefill="enterprise.representative"),
            make_field("text", "me", prefill="person.name"),
            make_field("region", "place", prefill="person.region"),
            make_field("address", "home", prefill="person.address"),
            make_field("text", "short", prefill="enterprise.name", max_length=2),
        ]
    )
    declared(make_kind(form))
    body = make_enterprise("玉门种植合作社", representative=applicant.account.person)
    draft = make_draft(applicant, form, person_id=body.pk)
    assert (draft.answers["body"], draft.answers["boss"], draft.answers["me"]) == ("玉门种植合作社", "石建国", "石建国")
    assert len(draft.answers["code"]) == 18
    assert draft.sources == {"body": "enterprise", "code": "enterprise", "boss": "enterprise", "me": "person"}
    assert make_draft(applicant, form).answers == {"me": "石建国"}


def test_regions_and_addresses_are_filled_in_if_they_are_in_force(declared, applicant):
    from hexi.blocks.people.operations import change_contact
    from hexi.blocks.regions.tests.make import SHIHEZI, make_divisions

    make_divisions()
    change_contact(applicant.account.person, by=applicant, address="1 组 1 号", region_code=SHIHEZI)
    form = make_form(
        [
            make_field("region", "place", prefill="person.region"),
            make_field("address", "home", prefill="person.address", level=5),
            make_field("text", "line", prefill="person.address"),
        ]
    )
    declared(make_kind(form))
    assert make_draft(acting(applicant.account), form).answers == {
        "place": SHIHEZI, "home": {"region": SHIHEZI, "detail": "1 组 1 号"}, "line": "1 组 1 号",
    }  # fmt: skip


# --- saving -------------------------------------------------------------------------------------------------------------


def test_right_and_wrong_answers_are_kept(draft, applicant):
    saved = save(draft, applicant, volume="3.5", kind="birch", agent="yes")
    held = fresh(draft)
    assert held.answers["volume"] == 3.5
    assert held.answers["kind"] == "birch"
    assert held.version == 2
    assert saved.standing.cleaned.errors["kind"] == "“树种”没有“birch”这一项。请从列出的选项里选。"
    assert "agent_name" in saved.standing.cleaned.shown
    assert "agent_name" not in saved.shown_before


def test_an_emptied_answer_is_gone(draft, applicant):
    saved = save(draft, applicant, name="")
    assert "name" not in fresh(draft).answers
    assert saved.standing.cleaned.errors["name"] == "请填写“申请人姓名”。"


def test_saving_the_same_again_changes_nothing(draft, applicant):
    save(draft, applicant, volume="3.5")
    before = fresh(draft)
    again = save(draft, applicant, version=1, volume="3.5")
    assert (fresh(draft).version, again.kept, again.lost) == (2, (), {})
    assert fresh(draft).updated_at == before.updated_at
    assert verbs() == ["forms.start", "forms.save"]


def test_the_log_names_fields_and_never_answers(draft, applicant):
    save(draft, applicant, volume="3.5", plan="第 8 号")
    entry = Entry.objects.get(verb="forms.save")
    assert entry.facts == {"fields": ["plan", "volume"]}


def test_where_to_resume(draft, applicant):
    operations.save_step(draft, raw={"volume": "1"}, version=1, by=applicant, step="form.trees")
    assert fresh(draft).step == "form.trees"
    operations.save_step(draft, raw={"volume": "1"}, version=2, by=applicant, step="materials")
    assert fresh(draft).step == "materials"
    operations.reach(draft, step="check", by=applicant)
    assert (fresh(draft).step, draft.step, fresh(draft).version) == ("check", "check", 2)
    assert queries.address(fresh(draft)) == f"/sample/{draft.key}/check/"


def test_unknown_names_are_refused_and_the_rest_is_kept(draft, applicant):
    saved = save(draft, applicant, volume="2", colour="red")
    assert saved.standing.cleaned.errors["colour"] == "表单里没有“colour”这一项。请删去它，或核对名称。"
    assert fresh(draft).answers["volume"] == 2
    assert "colour" not in fresh(draft).answers


def test_too_much_is_refused_whole(draft, applicant):
    with override(operations.MOST_BYTES, 300), pytest.raises(ValidationError) as caught:
        save(draft, applicant, plan="很" * 100)
    assert caught.value.messages == [
        "填写的内容太多（最多 300 字节），没有保存。请删短一些再保存，或把长的内容作为材料上传。"
    ]
    assert fresh(draft).version == 1


def test_two_tabs_both_are_kept(draft, applicant):
    save(draft, applicant, volume="3.5", kind="pine")
    late = save(draft, applicant, version=1, kind="", volume="", plan="第 8 号", phone=draft.answers["phone"])
    held = fresh(draft)
    assert (held.answers["volume"], held.answers["kind"], held.answers["plan"]) == (3.5, "pine", "第 8 号")
    assert (late.kept, late.lost) == (("kind", "volume"), {})


def test_two_tabs_change_the_same_the_later_wins_and_the_other_is_told(draft, applicant):
    save(draft, applicant, volume="3.5")
    late = save(draft, applicant, version=1, volume="4")
    assert fresh(draft).answers["volume"] == 4
    assert (late.kept, late.lost) == ((), {"volume": 3.5})
    assert Revision.objects.get(draft=draft, version=3).before == {"volume": 3.5}


def test_what_a_page_saw_is_known_at_every_version(draft, applicant):
    start = dict(draft.answers)
    for version, volume in ((1, "1"), (2, "2"), (3, "")):
        save(draft, applicant, version=version, volume=volume)
    held = fresh(draft)
    seen = [queries.at_version(held, version) for version in (1, 2, 3, 4)]
    assert seen == [start, {**start, "volume": 1}, {**start, "volume": 2}, start]


def test_a_made_up_version_loses_nothing(draft, applicant):
    save(draft, applicant, volume="3.5")
    late = save(draft, applicant, version=999, volume="4")
    assert (fresh(draft).answers["volume"], late.lost) == (4, {})
    early = operations.save_step(draft, raw={"volume": "5"}, version=0, by=applicant)
    assert (fresh(draft).answers["volume"], early.lost) == (5, {"volume": 4})


def test_only_its_writer_touches_a_draft(draft, stranger):
    for act in (
        lambda: save(draft, stranger, volume="1"),
        lambda: operations.discard(draft, by=stranger),
        lambda: operations.restore(draft, by=stranger),
        lambda: operations.reach(draft, step="check", by=stranger),
        lambda: operations.submit(draft, version=1, by=stranger, create=lambda submission: "X"),
        lambda: queries.find(draft.key, by=stranger),
        lambda: queries.find(draft.key, by=Nobody()),
    ):
        with pytest.raises(Denied, match="这份草稿属于另一个账户。"):
            act()
    assert fresh(draft).version == 1
    with pytest.raises(Http404):
        queries.find("nonsense", by=stranger)


def test_mine(applicant, stranger):
    first, second = make_draft(applicant), make_draft(applicant, ref="other")
    make_draft(stranger)
    save(first, applicant, volume="1")
    assert list(queries.mine(applicant)) == [first, second]
    operations.discard(first, by=applicant)
    assert (list(queries.mine(applicant)), list(queries.discarded(applicant))) == ([second], [first])
    assert not queries.mine(Nobody()).exists()


def test_answers_rest_encrypted(draft, applicant):
    save(draft, applicant, identity=OTHER_IDENTITY)
    with connection.cursor() as cursor:
        cursor.execute("SELECT answers FROM forms_draft")
        rest = cursor.fetchall()[0][0]
        cursor.execute("SELECT before FROM forms_revision")
        replaced = cursor.fetchall()[0][0]
    assert OTHER_IDENTITY not in rest
    assert draft.answers["identity"] not in replaced
    assert fresh(draft).answers["identity"] == OTHER_IDENTITY


def test_the_definition_stays_the_one_it_was_started_with(draft, applicant, declared):
    assert not queries.outdated(draft)
    declared(make_kind(newest="another"))
    assert queries.outdated(draft)
    assert save(draft, applicant, volume="1").standing.cleaned.values["volume"] == 1
    assert make_draft(applicant).definition_digest == digest(FORM)


# --- discarding ---------------------------------------------------------------------------------------------------------


def test_discard_and_take_back(draft, applicant):
    operations.discard(draft, by=applicant)
    operations.discard(draft, by=applicant)
    with pytest.raises(ValidationError) as caught:
        save(draft, applicant, volume="1")
    assert caught.value.messages == ["这份草稿已经删除。请先在“我的草稿”里恢复，再继续填写。"]
    operations.restore(draft, by=applicant)
    operations.restore(draft, by=applicant)
    assert save(draft, applicant, volume="1").standing.draft.version == 2
    assert verbs() == ["forms.start", "forms.discard", "forms.restore", "forms.save"]


def test_taking_back_when_there_is_another(draft, applicant):
    operations.discard(draft, by=applicant)
    make_draft(applicant)
    with pytest.raises(ValidationError) as caught:
        operations.restore(draft, by=applicant)
    assert caught.value.messages == ["这个事项已有另一份草稿。请先删除那一份，再恢复这一份。"]


def test_discarded_drafts_are_forgotten_in_time(draft, applicant, monkeypatch):
    kept = make_draft(applicant, ref="other")
    operations.discard(draft, by=applicant)
    assert operations.purge() == {"parked": 0, "drafts": 0}
    later = clock.now() + timedelta(days=31)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert operations.purge() == {"parked": 0, "drafts": 1}
    assert list(Draft.objects.all()) == [kept]
    assert Entry.objects.get(verb="forms.purge").facts["rows"] == 1


# --- submitting ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def whole(applicant, declared):
    """A draft that lacks nothing; its kind has no materials."""
    declared(make_kind())
    draft = make_draft(applicant)
    return save(draft, applicant, **WHOLE, agent_name="旧").standing.draft


def test_submitting_hands_over_what_is_shown(whole, applicant):
    handed = []

    def create(submission):
        handed.append(submission)
        return "CASE-1"

    assert operations.submit(whole, version=whole.version, by=applicant, create=create) == "CASE-1"
    held = fresh(whole)
    assert handed[0].values == WHOLE
    assert handed[0].definition.form == FORM
    assert (held.submitted_ref, held.answers, held.open) == ("CASE-1", WHOLE, False)
    assert held.submitted_at is not None
    assert not held.revisions.exists()
    assert Entry.objects.get(verb="forms.submit").facts == {"ref": "CASE-1"}


def test_a_second_submission_gives_the_first_ones_number(whole, applicant):
    first = operations.submit(whole, version=whole.version, by=applicant, create=lambda submission: "CASE-1")
    second = operations.submit(whole, version=whole.version, by=applicant, create=lambda submission: "CASE-2")
    assert (first, second) == ("CASE-1", "CASE-1")
    with pytest.raises(ValidationError) as caught:
        save(whole, applicant, volume="1")
    assert caught.value.messages == ["这份草稿已经提交（编号 CASE-1），不能再改。请到“我的办件”查看或补正。"]
    assert make_draft(applicant).pk != whole.pk


def test_nobody_submits_what_he_has_not_seen(whole, applicant):
    with pytest.raises(ValidationError) as caught:
        operations.submit(whole, version=whole.version - 1, by=applicant, create=lambda submission: "CASE-1")
    assert caught.value.messages == ["您核对之后，这份草稿在另一个窗口改过。请再核对一遍，然后提交。"]
    assert fresh(whole).open


def test_what_is_missing_is_named(applicant, declared):
    draft = make_draft(applicant)
    with pytest.raises(ValidationError) as caught:
        operations.submit(draft, version=1, by=applicant, create=lambda submission: "CASE-1")
    assert {path: said[0] for path, said in caught.value.message_dict.items()} == {
        "agent": "请选择“是否由他人代办”。",
        "kind": "请选择“树种”。",
        "volume": "请填写“采伐蓄积”。",
        "file.rights": "请上传“林权证”。",
    }
    assert fresh(draft).open


def test_if_the_case_fails_the_draft_stays(whole, applicant):
    def create(submission):
        raise ValidationError("名额已满。")

    with pytest.raises(ValidationError, match="名额已满。"):
        operations.submit(whole, version=whole.version, by=applicant, create=create)
    assert fresh(whole).open
    assert fresh(whole).answers["agent_name"] == "旧"


def test_a_discarded_draft_is_not_submitted(whole, applicant):
    operations.discard(whole, by=applicant)
    with pytest.raises(ValidationError, match="这份草稿已经删除。"):
        operations.submit(whole, version=whole.version, by=applicant, create=lambda submission: "CASE-1")


# --- cost ---------------------------------------------------------------------------------------------------------------


def test_queries_do_not_grow_with_the_draft(draft, applicant, django_assert_max_num_queries):
    for version in range(1, 6):
        save(draft, applicant, version=version, volume=str(version))
    held = fresh(draft)
    with django_assert_max_num_queries(14):
        save(held, applicant, volume="9", kind="pine", plan="8")
    assert len(json.dumps(fresh(draft).answers)) < 400


@pytest.mark.parametrize("how_many", [1, 3])
def test_queries_of_the_list(applicant, how_many, django_assert_num_queries):
    for number in range(how_many):
        make_draft(applicant, ref=f"item-{number}")
    with django_assert_num_queries(1):
        assert (
            len([(str(draft), queries.address(draft), draft.person.name) for draft in queries.mine(applicant)])
            == how_many
        )


def test_two_people_may_share_no_draft(applicant, db):
    other = acting(make_citizen("third", name="第三人"))
    assert make_draft(applicant).account_id != make_draft(other).account_id
