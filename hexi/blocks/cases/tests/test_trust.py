"""Trust levels: what a material wants is shown, asked for at acceptance and needed for a grant."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from hexi.blocks.cases import intake, operations, trust
from hexi.blocks.cases.models import Promise
from hexi.blocks.cases.parts import Material
from hexi.blocks.cases.states import State
from hexi.blocks.cases.tests import make
from hexi.blocks.documents import operations as documents
from hexi.blocks.documents.tests import make as papers
from hexi.blocks.forms import operations as forms
from hexi.kernel import clock
from hexi.wire.checksums import make_resident_id

pytestmark = pytest.mark.django_db
MOVE = {
    "applicant_name": "石建国", "applicant_identity": make_resident_id("629999", date(1988, 8, 8), 11), "ground": "home",
    "joins_household": False,
}  # fmt: skip


@pytest.fixture
def villager():
    return make.make_citizen()


@pytest.fixture
def case(villager, at):
    """户口迁移: the booklet's original is to be seen at the window, the proof of a home may be a photograph."""
    item = make.make_item("household-transfer")
    case = make.make_case(item, answers=MOVE, applicant=villager.account.person, by=villager)
    for number, slot in enumerate(("booklet", "home"), 1):
        hand_in(case, villager, slot, number)
    return case


def hand_in(case, villager, slot, number):
    return documents.keep(
        papers.make_image(seed=number), name=f"{slot}.jpg", media_type="image/jpeg", owner=villager.account.person, thing=case,
        slot=slot, level="C", by=make.BY,
    )  # fmt: skip


def booklet(case):
    return next(one for one in papers.Document.objects.filter(of_ref=str(case.pk), slot="booklet"))


def accepted(case, opinion="先受理，决定前核对户口簿。"):
    operations.accept(case, by=make.make_official(make.CLERK), opinion=opinion)
    while make.fresh(case).state != State.DECIDING:
        do = operations.examine if make.fresh(case).state == State.EXAMINING else operations.review
        role = make.EXAMINER if make.fresh(case).state == State.EXAMINING else "reviewer"
        do(make.fresh(case), by=make.make_official(role), opinion="符合规定。")
    return make.fresh(case)


@pytest.mark.parametrize(
    ("levels", "by_original"),
    [("A", True), ("AB", True), ("ABC", False), ("C", False), ("D", False), ("ACD", False)],
)
def test_only_where_no_upload_will_do_the_original_is_wanted(levels, by_original):
    assert Material.model_construct(levels=tuple(levels), have_it=()).by_original is by_original
    assert not Material.model_construct(levels=("A",), have_it=("account",)).by_original  # nothing is handed in


def test_accepting_before_the_original_was_seen_takes_a_reason(case):
    clerk = make.make_official(make.CLERK)
    assert [one.key for one in trust.below(case)] == ["booklet"]
    with pytest.raises(ValidationError, match="居民户口簿") as refused:
        operations.accept(case, by=clerk)
    assert list(refused.value.message_dict) == ["opinion"]
    assert make.fresh(case).state == State.SUBMITTED
    operations.accept(case, by=clerk, opinion="申请人明天带来。")
    assert make.fresh(case).events.get(action="accept").opinion == "申请人明天带来。"


def test_seen_at_the_window_it_is_accepted_without_a_word(case):
    clerk = make.make_official(make.CLERK)
    documents.raise_level(booklet(case), by=clerk, source="玉门市公安局")
    assert trust.below(case) == []
    operations.accept(case, by=clerk)
    assert make.fresh(case).accepted_at is not None


def test_nothing_is_granted_before_it_was_seen_and_a_refusal_needs_no_original(case):
    case, head = accepted(case), make.make_official(make.HEAD)
    with pytest.raises(ValidationError, match="准予之前要核对这些材料的原件：居民户口簿"):
        operations.grant(case, by=head, opinion="同意。")
    assert make.fresh(case).outcome == ""
    documents.raise_level(booklet(case), by=make.make_official(make.CLERK), source="玉门市公安局")
    operations.grant(make.fresh(case), by=head, opinion="同意。")
    assert make.fresh(case).outcome == "granted"


def test_it_is_refused_without_an_original(case):
    case = accepted(case)
    operations.refuse(case, by=make.make_official(make.HEAD), opinion="不符合落户条件。")
    assert make.fresh(case).outcome == "refused"


def test_what_only_others_need_and_what_a_pledge_stands_for_hold_nothing_up(case):
    case = accepted(case)
    assert [one.key for one in trust.binding(case, trust.below(case))] == ["booklet"]
    Promise.objects.create(case=case, kind="pledge", text="…", signed_key="x", signed_name="x", at=clock.now())
    assert (trust.binding(case, trust.below(case)), len(trust.below(case))) == ([], 1)


def test_every_page_says_which_level_is_wanted(case, villager, client):
    guide = client.get(
        reverse("hall.guide", args=["household-transfer"]), {"region": case.region_code}
    ).content.decode()
    assert "原件要到窗口核对" in guide
    assert "可信等级：A 发证机关提供、B 窗口核对原件</p>" in guide
    client.force_login(make.make_official(make.CLERK).account)
    page = client.get(reverse("cases.case", args=[case.number])).content.decode()
    assert page.count("等核对原件") == 1
    assert "还没有核对原件：居民户口簿。先受理的，请写明理由；准予之前必须核对。" in page
    client.force_login(villager.account)
    mine = reverse("cases.mine", args=[case.number])
    assert client.get(mine).content.decode().count("请带原件到窗口，核对以后才能准予。") == 1
    documents.raise_level(booklet(case), by=make.make_official(make.CLERK), source="玉门市公安局")
    assert "请带原件到窗口" not in client.get(mine).content.decode()


def test_the_upload_page_says_it_before_anybody_travels(villager, client, at):
    item = make.make_item("household-transfer")
    facts = {"ref": str(item.pk), "digest": item.version.digest, "person_id": villager.account.person_id}
    draft = forms.start(intake.ITEM, by=villager, **facts)
    papers.make_document(
        villager.account.person, content=papers.make_image(seed=5), by=villager, thing=draft, slot="booklet"
    )
    client.force_login(villager.account)
    page = client.get(reverse("cases.materials", args=[draft.key])).content.decode()
    assert (page.count("可信等级要达到 B"), page.count("还要核对原件")) == (1, 1)
