"""From the decision into the applicant's hands: by code at the window, by courier; the clock ends at the proof."""

from datetime import datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from hexi.blocks.audit import queries as log
from hexi.blocks.cases import intake, operations, queries
from hexi.blocks.cases.models import Case, Clock
from hexi.blocks.cases.states import State
from hexi.blocks.cases.tests import make
from hexi.blocks.cases.tests.test_services import hand_in
from hexi.blocks.certificates.models import Certificate
from hexi.blocks.forms import operations as forms
from hexi.blocks.parcels import codes, jobs, tracking
from hexi.blocks.parcels import operations as parcels
from hexi.blocks.parcels.models import Parcel, Problem
from hexi.blocks.parcels.models import State as On
from hexi.blocks.parcels.queries import live
from hexi.blocks.parcels.tests.make import TO, courier_server
from hexi.blocks.people.models import Account
from hexi.blocks.regions.tests import make as regions
from hexi.kernel import clock
from hexi.kernel.jobs import drain
from hexi.wire.courier_http import News

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(monkeypatch):
    """Set the time: `at("2026-11-24 10:00")`."""

    def go(text):
        moment = datetime.fromisoformat(text).replace(tzinfo=clock.CHINA)
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
        return moment

    go("2026-11-24 10:00")
    return go


def granted(delivery, **given):
    """A granted case with its certificate, waiting to be handed over."""
    villager = make.make_citizen()
    case = make.make_case(make.make_item(), applicant=villager.account.person, by=villager, delivery=delivery, **given)
    operations.accept(case, by=make.make_official(make.CLERK))
    operations.examine(case, by=make.make_official(make.EXAMINER), opinion="符合采伐限额。")
    operations.grant(make.fresh(case), by=make.make_official(make.HEAD), opinion="同意。")
    operations.certify(make.fresh(case), by=make.make_official(make.CLERK))
    return make.fresh(case), villager


def delivery_clock(case):
    one = case.clocks.get(kind=Clock.Kind.DELIVERY)
    return one.due.astimezone(clock.CHINA).isoformat()[:10], one.stopped_at, one.met


def news(kind, when, signed_by=""):
    return News(kind, kind, datetime.fromisoformat(when).replace(tzinfo=clock.CHINA), signed_by=signed_by)


# --- courier ----------------------------------------------------------------------------------------------------------
def test_a_case_by_courier_ends_with_the_clock_stopped_at_the_proof(at):
    case, _ = granted("courier", delivery_to=TO)
    assert (case.state, delivery_clock(case)) == (State.DELIVERING, ("2026-12-08", None, None))
    parcel = live(case)
    assert (parcel.to, parcel.state, parcel.title_zh) == (TO, On.TO_SEND, case.title)
    with courier_server() as server:
        server.answers["labels"] = [(200, {"tracking": "LATE"}, 1.5)]  # the answer comes too late
        parcels.send(parcel, by=make.make_official(make.CLERK))
        drain()
        assert Parcel.objects.get().state == On.ORDERING
        at("2026-11-24 10:05")
        jobs.sweep()
        assert Parcel.objects.get().tracking == "SF000001"
    at("2026-11-27 18:00")
    proof = [news("delivered", "2026-11-26 11:20", "石小红"), news("collected", "2026-11-25 09:00")]
    assert tracking.hear(parcel, proof, by=tracking.BY) == 2
    assert tracking.hear(parcel, proof, by=tracking.BY) == 0  # told twice
    case = make.fresh(case)
    signed = datetime(2026, 11, 26, 11, 20, tzinfo=clock.CHINA)
    assert (case.state, case.ended_at, case.next_due) == (State.CLOSED, signed, None)
    assert delivery_clock(case) == ("2026-12-08", signed, True)
    assert [(one.action, one.opinion) for one in case.events.order_by("pk")][-1] == ("deliver", "签收：石小红")
    assert case.events.filter(action="deliver").count() == 1
    assert not case.tasks.filter(done_at=None).exists()
    assert list(log.verify()) == []
    span = (clock.today().replace(day=1), clock.today())
    assert queries.figures("6209", *span).ended == queries.recounted("6209", *span).ended == 1


def test_a_courier_that_never_answers_leaves_the_clock_running_and_is_told(at):
    case, _ = granted("courier", delivery_to=TO)
    parcel = live(case)
    with courier_server() as server:
        server.answers["labels"] = [(503, {}, 0)] * 6
        parcels.send(parcel, by=make.make_official(make.CLERK))
        drain()
        while (due := Parcel.objects.get().due) is not None:
            at(due.astimezone(clock.CHINA).strftime("%Y-%m-%d %H:%M"))
            jobs.sweep()
    parcel = live(case)
    assert (parcel.state, parcel.problem) == (On.ORDERING, Problem.UNANSWERED)
    assert (make.fresh(case).state, delivery_clock(case)[1]) == (State.DELIVERING, None)
    at("2026-12-09 09:00")
    assert list(queries.cases_overdue(Case.objects.all())) == [case]


def test_a_proof_after_the_tenth_day_is_late(at):
    case, _ = granted("courier", delivery_to=TO)
    with courier_server():
        parcels.send(live(case), by=make.make_official(make.CLERK))
        drain()
    moment = at("2026-12-09 10:00")
    tracking.hear(live(case), [news("delivered", "2026-12-09 10:00", "本人")], by=tracking.BY)
    assert delivery_clock(case) == ("2026-12-08", moment, False)


def test_what_came_back_goes_out_again_and_the_case_ends_with_the_second(at):
    case, _ = granted("courier", delivery_to=TO)
    clerk = make.make_official(make.CLERK)
    with courier_server():
        parcels.send(live(case), by=clerk)
        drain()
    at("2026-11-26 10:00")
    first = live(case)
    tracking.hear(first, [news("returned", "2026-11-26 09:00")], by=tracking.BY)
    assert (make.fresh(case).state, live(case)) == (State.DELIVERING, None)
    second = parcels.again(first, way="window", by=clerk)
    assert live(case) == second
    parcels.hand(second, code=codes.code_of(second), by=clerk)
    assert make.fresh(case).state == State.CLOSED


# --- window -----------------------------------------------------------------------------------------------------------
def test_three_wrong_codes_lock_and_the_case_stays_open_until_a_new_one(at):
    case, villager = granted("window")
    parcel, clerk = live(case), make.make_official(make.CLERK)
    assert "窗口" in parcel.place
    bad = f"{(int(codes.code_of(parcel)) + 1) % 1_000_000:06d}"
    said = []
    for _ in range(3):
        with pytest.raises(ValidationError) as caught:
            parcels.hand(parcel, code=bad, by=clerk)
        said += caught.value.message_dict["code"]
    assert [words in sentence for words, sentence in zip(("2 次", "1 次", "已锁"), said, strict=True)] == [True] * 3
    assert (make.fresh(case).state, delivery_clock(case)[1]) == (State.DELIVERING, None)
    parcels.renew_code(parcel, by=villager)
    moment = at("2026-11-25 15:00")
    parcels.hand(parcel, code=codes.code_of(live(case)), by=clerk)
    case = make.fresh(case)
    assert (case.state, case.ended_at, delivery_clock(case)[1:]) == (State.CLOSED, moment, (moment, True))
    assert case.events.last().actor_name == clerk.name


def test_while_a_parcel_is_out_no_click_ends_the_case(at):
    case, _ = granted("window")
    clerk = make.make_official(make.CLERK)
    with pytest.raises(ValidationError, match="凭码交付"):
        operations.deliver(case, by=clerk)
    parcels.cancel(live(case), reason="本人已在现场", by=clerk)
    operations.deliver(case, by=clerk, opinion="当面交付")
    assert make.fresh(case).state == State.CLOSED


def test_online_is_delivered_at_once_without_a_parcel(at):
    case, _ = granted("online")
    assert (case.state, delivery_clock(case)[2], Parcel.objects.count()) == (State.CLOSED, True, 0)
    assert Certificate.objects.get().identifier == case.certificate_ref


def test_a_case_from_before_addresses_is_handed_over_by_the_clerk(at):
    case, _ = granted("courier")
    assert (case.state, Parcel.objects.count()) == (State.DELIVERING, 0)
    operations.deliver(case, by=make.make_official(make.CLERK), tracking="SF1")
    assert make.fresh(case).state == State.CLOSED


# --- the address ------------------------------------------------------------------------------------------------------
def draft_of(citizen):
    regions.make_divisions()
    item = make.make_item()
    person = citizen.account.person
    draft = forms.start(intake.ITEM, ref=str(item.pk), digest=item.version.digest, by=citizen, person_id=person.pk)
    forms.save_step(draft, raw=make.ANSWERS, version=draft.version, by=citizen)
    draft.refresh_from_db()
    return draft


def test_the_address_is_known_from_the_form_and_the_person(at):
    citizen = make.make_citizen()
    draft = draft_of(citizen)
    assert intake.address_for(draft) == {"name": "石建国", "phone": "10000001234", "address": ""}


def test_the_address_rests_sealed(at):
    from django.db import connection

    granted("courier", delivery_to=TO)
    with connection.cursor() as cursor:
        cursor.execute('SELECT delivery_to, "to" FROM cases_case, parcels_parcel')
        rows = cursor.fetchall()
    assert len(rows) == 1
    assert all(part not in text for text in rows[0] for part in TO.values())
    assert Case.objects.get().delivery_to == TO


# --- pages ------------------------------------------------------------------------------------------------------------
def test_both_case_pages_show_the_parcel_and_only_the_applicant_the_way_to_the_code(at, client):
    case, villager = granted("window")
    parcel = live(case)
    client.force_login(villager.account)
    page = client.get(reverse("cases.mine", args=[case.number])).content.decode()
    assert (parcel.number in page, "看领取码" in page) == (True, True)
    assert reverse("parcels.mine_one", args=[parcel.number]) in page
    code = codes.code_of(parcel)
    assert f"{code[:3]} {code[3:]}" in client.get(reverse("parcels.mine_one", args=[parcel.number])).content.decode()
    client.force_login(Account.objects.get(pk=make.make_official(make.CLERK).account_id))
    page = client.get(reverse("cases.case", args=[case.number])).content.decode()
    assert (parcel.number in page, code in page, f"{code[:3]} {code[3:]}" in page) == (True, False, False)
    assert reverse("parcels.parcel", args=[parcel.number]) in page
    assert reverse("cases.act", args=[case.number, "deliver"]) not in page


def test_the_check_page_asks_where_to_send_and_names_what_is_wrong(at, client):
    citizen = make.make_citizen()
    draft = draft_of(citizen)
    hand_in(draft, citizen)
    draft.refresh_from_db()
    client.force_login(citizen.account)
    url = reverse("cases.check", args=[draft.key])
    page = client.get(url).content.decode()
    assert ('name="to_address"' in page, 'value="10000001234"' in page) == (True, True)
    facts = {"delivery": "courier", "to_name": "石小红", "to_phone": "10000005678", "to_address": "玉门"}
    given = facts | {"_action": "submit", "_version": draft.version, "_declared": "1"}
    answer = client.post(url, given)
    page = answer.content.decode()
    assert (answer.status_code, 'value="石小红"' in page, 'value="玉门"' in page) == (422, True, True)
    assert "请填写收件地址，写到门牌号" in page
    assert client.post(url, given | {"to_address": TO["address"]}).status_code == 302
    assert Case.objects.get().delivery_to == {"name": "石小红", "phone": "10000005678", "address": TO["address"]}


def test_another_way_asks_for_no_address(at, client):
    citizen = make.make_citizen()
    draft = draft_of(citizen)
    hand_in(draft, citizen)
    draft.refresh_from_db()
    intake.submit(draft, version=draft.version, by=citizen, delivery="window", to=TO | {"address": ""})
    assert (Case.objects.get().delivery, Case.objects.get().delivery_to) == ("window", None)
