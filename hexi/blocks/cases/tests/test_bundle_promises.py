"""Promises inside a bundle (一件事): papers that follow, and decisions on a pledge; signed once, each case carries its own."""

from datetime import datetime

import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.cases import bundle_intake, bundled, operations
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import Breach, Bundle, BundlePromise, Case, Item, Promise
from hexi.blocks.cases.operations import bundling
from hexi.blocks.cases.states import State
from hexi.blocks.cases.tests import make
from hexi.blocks.cases.tests.make_bundles import CHILD, answers_for, case_of, make_version, settle
from hexi.blocks.documents.tests import make as documents
from hexi.blocks.forms import operations as forms
from hexi.blocks.forms.conditions import holds
from hexi.blocks.people.tests import make as people
from hexi.kernel import clock

pytestmark = pytest.mark.django_db
BIRTH, INSURANCE, CARD = "birth-registration", "newborn-insurance", "social-security-card"
FOLLOWS, PLEDGED = f"deferral:{CARD}", f"pledge:{BIRTH}"


@pytest.fixture(autouse=True)
def at(monkeypatch):
    """Tuesday 24 November 2026, ten o'clock, and other times after it."""

    def go(text):
        moment = datetime.fromisoformat(text).replace(tzinfo=clock.CHINA)
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    go("2026-11-24 10:00")
    return go


@pytest.fixture
def parent():
    return make.make_citizen()


@pytest.fixture
def version():
    return make_version(CHILD)


def with_pledge(item, material):
    """The item as it is, but that a pledge may stand for this material."""
    source = make.make_item("business-scope-change")
    pledge = definition(source.version).national.pledge.model_copy(update={"replaces": (material,)})
    found = Item.objects.select_related("version").get(key=item)
    rules = definition(found.version)
    operations.publish(
        rules.national.model_copy(update={"pledge": pledge, "promise_allowed": True}), rules.local, by=make.BY
    )


def pledging_version(item=BIRTH):
    """出生一件事 with a pledge for the first paper of an item."""
    version = make_version(CHILD)
    material = next(bundled.composed(version).wanted(item)).key
    with_pledge(item, material)
    return bundling.keep_version(bundled.offered_at(CHILD, make.YUMEN)), material


def handed_in(version, by, *, without=(), signed=(), mark="x"):
    """Handed in with a picture for every paper but those of some items' materials: (item, key)."""
    whole, person, source = bundled.composed(version), by.account.person, ("test.bundle", mark)
    answers = answers_for(version)
    for n, paper in enumerate(whole.papers):
        if holds(paper.slot.when, answers.get) and not set(paper.of) & set(without):
            picture = documents.make_image(seed=n)
            documents.make_document(person, content=picture, by=by, thing=source, slot=paper.slot.key)
    return bundling.submit_bundle(
        version, applicant=person, answers=answers, submission=mark, by=by, source=source, signed=signed
    )[0]  # fmt: skip


PHOTO = ((CARD, "portrait"),)


def test_a_paper_that_may_follow_holds_nothing_up_and_one_that_may_not_does(version):
    slots = {item: paper.slot for paper in bundled.composed(version).papers for item, _key in paper.of}
    assert slots[CARD].required is False
    assert slots[BIRTH].required is True


def test_without_the_promise_nothing_is_left_out(version, parent):
    with pytest.raises(ValidationError, match="容缺承诺"):
        handed_in(version, parent, without=PHOTO)
    assert (Bundle.objects.count(), Case.objects.count(), BundlePromise.objects.count()) == (0, 0, 0)


def test_the_promise_waits_for_its_case_and_the_term_for_acceptance(version, parent, at):
    bundle = handed_in(version, parent, without=PHOTO, signed=[FOLLOWS])
    kept = BundlePromise.objects.get()
    assert (kept.part.item, kept.kind, kept.materials, kept.signed_key) == (CARD, "deferral", ["portrait"], parent.key)
    assert Promise.objects.count() == 0
    at("2026-11-26 09:00")
    settle(case_of(bundle, BIRTH))
    card = case_of(bundle, CARD)
    carried = Promise.objects.get()
    assert (carried.case, carried.text, carried.signed_key, carried.at) == (card, kept.text, parent.key, kept.at)
    assert card.deferred.get().due is None
    operations.accept(card, by=make.BY)
    row = card.deferred.get()
    assert (row.material, row.start) == ("portrait", clock.now())
    operations.examine(make.fresh(card), by=make.BY, opinion="属实。")
    with pytest.raises(ValidationError, match="还没有补齐"):
        operations.grant(make.fresh(card), by=make.BY)
    picture = documents.make_image(seed=9)
    documents.make_document(parent.account.person, content=picture, by=parent, thing=card, slot="portrait")
    operations.hand_in(make.fresh(card), by=parent)
    assert case_of(bundle, CARD).deferred.get().handed_at is not None
    assert settle(card).state in (State.CLOSED, State.DELIVERING)


def test_overdue_the_part_is_withdrawn_and_the_others_go_on(version, parent, at):
    bundle = handed_in(version, parent, without=PHOTO, signed=[FOLLOWS])
    settle(case_of(bundle, BIRTH))
    card = case_of(bundle, CARD)
    operations.accept(card, by=make.BY)
    at("2027-03-01 09:00")
    assert operations.lapse(make.fresh(card), by=make.BY)
    assert bundle.parts.get(item=CARD).state == "failed"
    assert bundle.parts.get(item=INSURANCE).state == "running"


def test_a_pledge_is_decided_on_the_spot_with_what_it_stands_for_left_out(parent):
    version, material = pledging_version()
    bundle = handed_in(version, parent, without=((BIRTH, material),), signed=[PLEDGED])
    case = case_of(bundle, BIRTH)
    assert (case.outcome, Promise.objects.get().kind, case.verification.state) == ("granted", "pledge", "waiting")
    settle(case)
    assert set(bundle.parts.exclude(item=BIRTH).values_list("state", flat=True)) == {"running"}


def test_the_ordinary_way_still_asks_for_what_the_pledge_stands_for(parent):
    version, material = pledging_version()
    with pytest.raises(ValidationError, match="按一般程序办理的，请先上传"):
        handed_in(version, parent, without=((BIRTH, material),))
    bundle = handed_in(version, parent)
    assert case_of(bundle, BIRTH).state == State.SUBMITTED


def test_who_broke_a_pledge_is_offered_none(parent):
    version, material = pledging_version()
    Breach.objects.create(
        person=parent.account.person, case=make.make_case(make.make_item()), reason="没有做到", at=clock.now(),
        noted_key="x", noted_name="x",
    )  # fmt: skip
    with pytest.raises(ValidationError, match="不能用告知承诺"):
        handed_in(version, parent, without=((BIRTH, material),), signed=[PLEDGED])


def test_a_pledge_of_a_later_item_is_decided_when_its_turn_comes(parent):
    version, material = pledging_version(CARD)
    bundle = handed_in(version, parent, without=((CARD, material),), signed=[f"pledge:{CARD}"])
    assert BundlePromise.objects.get().part.state == "waiting"
    settle(case_of(bundle, BIRTH))
    assert (case_of(bundle, CARD).outcome, case_of(bundle, CARD).deferred.count()) == ("granted", 0)
    assert case_of(bundle, INSURANCE).state == State.SUBMITTED
    for item in (INSURANCE, CARD):
        settle(case_of(bundle, item))
    assert set(bundle.parts.values_list("state", flat=True)) == {"done"}
    assert Bundle.objects.get().ended_at is not None


def test_a_promise_for_another_item_counts_for_nothing(version, parent):
    with pytest.raises(ValidationError, match="容缺承诺"):
        handed_in(version, parent, without=PHOTO, signed=[f"deferral:{BIRTH}"])


def test_the_check_page_shows_each_promise_and_takes_it(version, parent, client):
    offer = bundled.offered_at(CHILD, make.YUMEN)
    draft = bundle_intake.start(offer, person_id=parent.person_id, by=parent)
    forms.save_step(draft, raw=answers_for(version), version=draft.version, by=parent)
    for n, paper in enumerate(bundled.composed(version).papers):
        if paper.of != PHOTO and holds(paper.slot.when, answers_for(version).get):
            picture = documents.make_image(seed=n)
            documents.make_document(
                parent.account.person, content=picture, by=parent, thing=("forms.draft", str(draft.pk)),
                slot=paper.slot.key,
            )  # fmt: skip
    draft.refresh_from_db()
    client.force_login(parent.account)
    address = bundle_intake.page(draft, "check")
    page = client.get(address).text
    assert ("社会保障卡申领：容缺承诺" in page or "容缺承诺" in page, f'name="signed_{FOLLOWS}"' in page) == (
        True,
        True,
    )
    sent = {"_version": draft.version, "_declared": "on", "delivery": "online"}
    refused = client.post(address, sent)
    assert (refused.status_code, Bundle.objects.count()) == (422, 0)
    assert client.post(address, sent | {f"signed_{FOLLOWS}": "1"}).status_code == 302
    assert BundlePromise.objects.get().part.item == CARD


def test_what_is_offered_to_sign(version, parent):
    whole = bundled.composed(version)
    found = bundling.shares(whole, parent.account.person, answers_for(version), {})
    left = {one.part.item: ([m.key for m in one.left.missing], one.left.pledge) for one in found}
    assert left[CARD] == (["portrait"], None)
    assert left[BIRTH] == ([], None)
    assert people.make_person().pk  # nobody else is asked about
