"""What a case costs: charged with the decision, by its answers; paid before the certificate; cancelled with the case."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from hexi.blocks.audit import queries as log
from hexi.blocks.cases import fees, intake, jobs, operations
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.items import ServiceFile
from hexi.blocks.cases.models import FeeWaiver
from hexi.blocks.cases.pages import applying
from hexi.blocks.cases.states import Outcome, State
from hexi.blocks.cases.tests import make
from hexi.blocks.certificates import keys
from hexi.blocks.certificates.models import Certificate
from hexi.blocks.forms import operations as forms
from hexi.blocks.money import operations as money
from hexi.blocks.money import queries
from hexi.blocks.money.models import Charge, Payment
from hexi.blocks.money.operations import Item
from hexi.blocks.people.tests import make as people
from hexi.kernel.actors import Denied
from hexi.kernel.jobs import drain
from hexi.kernel.packs import Words

pytestmark = pytest.mark.django_db
POOR = {"zh": "自家承包地的减 20 元", "en": "20 yuan off for one's own land"}
#: charged: 50 yuan less 20 for contracted land; 200 yuan from 10 cubic metres on; and what only words tell
FEES = [
    {"fen": 5_000, "reducible": True, "reduction": POOR, "reduction_fen": 2_000,
     "reduction_when": {"==": [{"var": "land"}, "contracted"]}},
    {"fen": 20_000, "when": {">=": [{"var": "volume"}, 10]}},
    {"fen": None},
]  # fmt: skip


@pytest.fixture(autouse=True)
def disk(settings, tmp_path):
    settings.DATA = tmp_path
    keys.make(demo=True)


def make_item(lines=FEES):
    """The felling permit of Yumen, with these fees."""
    plain = make.make_item()
    content = make.file_of(make.HALL / "services" / "tree-felling.yaml").model_dump(mode="json")
    local = make.file_of(make.settings.HEXI_PACKS / "gansu" / "services" / "tree-felling.yaml")
    texts = [
        {"name": {"zh": f"第{n}项", "en": f"Item {n}"}, "standard": {"zh": "见依据", "en": "See the basis"}}
        for n in range(1, len(lines) + 1)
    ]
    items = [{**text, "basis": content["basis"], **line} for text, line in zip(texts, lines, strict=True)]
    content["fee"] = {"charged": bool(lines), "items": items}
    operations.publish(ServiceFile.model_validate(content).root, local, by=make.BY)
    plain.refresh_from_db()
    return plain


def granted(item, **answers):
    """A case of somebody's, decided for him."""
    citizen = make.make_citizen()
    case = make.make_case(item, applicant=citizen.account.person, by=citizen, answers={**make.ANSWERS, **answers})
    operations.accept(case, by=make.make_official(make.CLERK))
    operations.examine(case, by=make.make_official(make.EXAMINER), opinion="符合采伐限额。")
    operations.grant(case, by=make.make_official(make.HEAD))
    return citizen, make.fresh(case)


def take(charge, by=make.BY):
    return money.take(charge, channel="cash", key="k1", by=by)


def test_from_application_over_payment_to_certificate(client):
    item = make_item()
    citizen, case = granted(item)
    drain()
    charge = Charge.objects.get()
    assert (charge.kind, charge.ref, charge.fen, charge.payer) == ("cases.case", str(case.pk), 3_000, case.applicant)
    assert (make.fresh(case).state, Certificate.objects.count()) == (State.CERTIFYING, 0)
    client.force_login(citizen.account)
    page = client.get(reverse("cases.mine", args=[case.number])).content.decode()
    assert ("请缴费" in page, "去缴费 ¥30.00" in page) == (True, True)
    assert client.get(reverse("money.mine", args=[charge.number])).status_code == 200
    # at the counter
    clerk = people.make_official("clerk", department=item.department, region_code=item.region_code)
    client.force_login(clerk)
    seen = client.get(reverse("cases.case", args=[case.number])).content.decode()
    assert reverse("money.charge", args=[charge.number]) in seen
    client.post(reverse("money.take", args=[charge.number]), {"channel": "cash", "key": "k1"})
    assert drain() >= 1
    case = make.fresh(case)
    assert (case.state, Certificate.objects.get().identifier) == (State.CLOSED, case.certificate_ref)
    client.force_login(citizen.account)
    assert "去缴费" not in client.get(reverse("cases.mine", args=[case.number])).content.decode()


def test_before_sending_the_fee_for_these_answers_is_told():
    item, citizen = make_item(), make.make_citizen()
    draft = forms.start(
        intake.ITEM, ref=str(item.pk), digest=item.version.digest, by=citizen, person_id=citizen.person_id
    )
    draft.answers = make.ANSWERS | {"volume": 10}
    assert applying._fee(draft, definition(item.version)) == "第1项 ¥30.00、第2项 ¥200.00、其他见办事指南"
    draft.answers = make.ANSWERS
    assert applying._fee(draft, definition(item.version)) == "第1项 ¥30.00、其他见办事指南"


@pytest.mark.parametrize(
    ("answers", "owed"),
    [
        ({}, [("第1项", 5_000, 2_000)]),
        ({"land": "other"}, [("第1项", 5_000, 0)]),
        ({"volume": 10}, [("第1项", 5_000, 2_000), ("第2项", 20_000, 0)]),
    ],
)
def test_the_answers_decide_what_is_charged_and_what_is_taken_off(answers, owed):
    case = make.make_case(make_item(), answers={**make.ANSWERS, **answers})
    assert [(one.title.zh, one.fen, one.off) for one in fees.items_of(case)] == owed
    assert [one.why for one in fees.items_of(case) if one.off] == [Words(**POOR) for one in owed if one[2]]


@pytest.mark.parametrize("lines", [[], [{"fen": None}], [{"fen": 5, "when": False}]])
def test_what_costs_nothing_waits_for_nothing(lines):
    _citizen, case = granted(make_item(lines))
    drain()
    assert (make.fresh(case).state, Charge.objects.count()) == (State.CLOSED, 0)


def test_what_is_wholly_reduced_waits_for_nothing_and_is_on_record():
    line = {"fen": 500, "reducible": True, "reduction": POOR, "reduction_when": True}
    _citizen, case = granted(make_item([line]))
    drain()
    assert (make.fresh(case).state, Charge.objects.get().state) == (State.CLOSED, "paid")


def test_nobody_certifies_before_it_is_paid_neither_clerk_nor_job():
    _citizen, case = granted(make_item())
    with pytest.raises(ValidationError, match=Charge.objects.get().number):
        operations.certify(case, by=make.make_official(make.CLERK))
    assert (jobs.certify(case.pk), jobs.certify_waiting(), make.fresh(case).state) == (False, 0, State.CERTIFYING)
    take(Charge.objects.get())
    assert (jobs.certify_waiting(), make.fresh(case).state) == (1, State.CLOSED)


def give_back(payment, fen=None):
    return money.refund(payment, fen=fen or payment.received, reason="交错了人", key="r1", by=make.BY)


def test_a_fee_that_went_back_holds_the_certificate_until_it_is_paid_anew():
    _citizen, case = granted(make_item())
    first = Charge.objects.get()
    give_back(take(first))
    with pytest.raises(ValidationError, match=f"{first.number}.*退费不是减免"):
        operations.certify(case, by=make.make_official(make.CLERK))
    drain()
    second = Charge.objects.exclude(pk=first.pk).get()
    assert (make.fresh(case).state, second.reason, second.fen, second.state) == (
        State.CERTIFYING,
        "fee-2",
        3_000,
        "open",
    )
    assert (jobs.certify_waiting(), Charge.objects.count()) == (0, 2)
    give_back(money.take(second, channel="cash", key="k2", by=make.BY))
    drain()
    third = Charge.objects.get(reason="fee-3")
    take(third)
    drain()
    assert (make.fresh(case).state, Certificate.objects.count()) == (State.CLOSED, 1)
    assert queries.balances(first.department_id) == {"owed": 0, "income": -3_000, "money:cash": 3_000}


def test_a_refund_on_its_way_holds_the_certificate_and_charges_nothing_yet():
    _citizen, case = granted(make_item())
    payment = take(Charge.objects.get())
    Payment.objects.filter(pk=payment.pk).update(back=payment.applied)
    with pytest.raises(ValidationError, match="退费不是减免"):
        operations.certify(case, by=make.make_official(make.CLERK))
    drain()
    assert (make.fresh(case).state, Charge.objects.count()) == (State.CERTIFYING, 1)


def test_a_part_that_went_back_is_a_corrected_sum_and_holds_nothing():
    _citizen, case = granted(make_item())
    give_back(take(Charge.objects.get()), 1_000)
    drain()
    assert (make.fresh(case).state, Charge.objects.count()) == (State.CLOSED, 1)


def test_a_test_that_was_paid_and_given_back_holds_nothing():
    _citizen, case = granted(make_item([]))
    give_back(take(charged_before(case)))
    drain()
    assert make.fresh(case).state == State.CLOSED


def test_a_fee_that_goes_back_after_the_certificate_is_not_charged_anew():
    _citizen, case = granted(make_item())
    payment = take(Charge.objects.get())
    drain()
    give_back(payment)
    drain()
    assert (make.fresh(case).state, Charge.objects.count()) == (State.CLOSED, 1)


# --- never owed -------------------------------------------------------------------------------------------------------
WHY = "该户属免收范围（甘发改价格〔2026〕1 号）。"


def test_what_was_given_back_because_it_was_never_owed_is_waived_and_the_case_goes_on():
    citizen, case = granted(make_item())
    give_back(take(Charge.objects.get()))
    drain()  # charged anew, as any refund is
    again = Charge.objects.get(reason="fee-2")
    assert (make.fresh(case).state, again.state) == (State.CERTIFYING, "open")
    head = make.make_official(make.HEAD)
    waiver = operations.waive_fee(case, reason=WHY, by=head)
    again.refresh_from_db()
    assert (waiver.charge, waiver.fen, waiver.by_key, again.state) == (again.number, 3_000, head.key, "cancelled")
    drain()
    assert (make.fresh(case).state, Certificate.objects.count(), Charge.objects.count()) == (State.CLOSED, 1, 2)
    assert queries.balances(case.department_id) == {"owed": 0, "income": 0, "money:cash": 0}
    line = case.events.get(action="waive_fee")
    assert (line.opinion, line.public, line.actor_name) == (WHY, True, head.name)
    assert log.of(case).filter(verb="cases.waive_fee", actor_key=head.key).count() == 1
    assert citizen.account.person == case.applicant


def test_a_refund_on_its_way_is_not_charged_anew_once_waived():
    _citizen, case = granted(make_item())
    payment = take(Charge.objects.get())
    Payment.objects.filter(pk=payment.pk).update(back=payment.applied)
    operations.waive_fee(case, reason=WHY, by=make.make_official(make.HEAD))
    drain()
    assert (make.fresh(case).state, Charge.objects.count()) == (State.CLOSED, 1)


def test_what_is_still_owed_may_be_waived_before_anybody_pays():
    _citizen, case = granted(make_item())
    operations.waive_fee(case, reason=WHY, by=make.make_official(make.HEAD))
    drain()
    assert (make.fresh(case).state, Charge.objects.get().state) == (State.CLOSED, "cancelled")


def test_it_is_waived_once_with_a_reason_and_by_the_right_officer():
    citizen, case = granted(make_item())
    other = people.make_official(make.HEAD, department=people.make_department("yumen-market"))
    for nobody in (make.make_official(make.CLERK), make.make_official(make.EXAMINER), people.acting(other), citizen):
        with pytest.raises(Denied):
            operations.waive_fee(case, reason=WHY, by=nobody)
    head = make.make_official(make.HEAD)
    with pytest.raises(ValidationError) as caught:
        operations.waive_fee(case, reason=" ", by=head)
    assert list(caught.value.message_dict) == ["reason"]
    operations.waive_fee(case, reason=WHY, by=head)
    with pytest.raises(ValidationError, match="已经免收"):
        operations.waive_fee(case, reason=WHY, by=head)
    assert FeeWaiver.objects.count() == 1


def test_nobody_waives_his_own_fee():
    citizen, case = granted(make_item())
    people.make_post(citizen.account, make.HEAD, department=case.department, region_code=case.region_code)
    with pytest.raises(Denied, match="回避"):
        operations.waive_fee(case, reason=WHY, by=people.acting(citizen.account))


def test_what_is_paid_or_undecided_is_not_waived():
    item, head = make_item(), None
    waiting = make.make_case(item)
    head = make.make_official(make.HEAD)
    with pytest.raises(ValidationError, match="没有可以免收的费用"):
        operations.waive_fee(waiting, reason=WHY, by=head)
    _citizen, case = granted(item)
    take(Charge.objects.get())
    with pytest.raises(ValidationError, match="没有可以免收的费用"):
        operations.waive_fee(case, reason=WHY, by=head)
    assert FeeWaiver.objects.count() == 0


def test_the_page_of_the_waiver(client):
    _citizen, case = granted(make_item())
    page, address = reverse("cases.case", args=[case.number]), reverse("cases.waive_fee", args=[case.number])
    client.force_login(make.make_official(make.CLERK).account)
    assert (address in client.get(page).text, client.get(address).status_code) == (False, 403)
    client.force_login(make.make_official(make.HEAD).account)
    assert address in client.get(page).text
    assert "¥30.00" in client.get(address).text or "30.00" in client.get(address).text
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": WHY})["Location"] == page
    seen = client.get(page).text
    assert (WHY in seen, address in seen) == (True, False)


def test_a_grant_is_charged_once_and_booked():
    _citizen, case = granted(make_item())
    fees.raise_charge(case, by=make.BY)
    charge = Charge.objects.get()
    assert queries.balances(charge.department_id) == {"owed": 3_000, "income": -3_000}


def test_a_refused_case_costs_nothing():
    case = make.make_case(make_item())
    operations.accept(case, by=make.make_official(make.CLERK))
    operations.examine(case, by=make.make_official(make.EXAMINER), opinion="在封山育林区内。")
    operations.refuse(case, by=make.make_official(make.HEAD), opinion="在封山育林区内。")
    assert (make.fresh(case).outcome, Charge.objects.count()) == (Outcome.REFUSED, 0)


def charged_before(case):
    """A test charged while the case was examined."""
    words = Words(zh="检测费", en="Test")
    return money.charge(
        case.applicant, department=case.department, thing=case, reason="testing", title=words,
        items=[Item(words, 900)], by=make.BY,
    )  # fmt: skip


def test_a_withdrawn_case_cancels_what_it_still_owes():
    citizen = make.make_citizen()
    case = make.make_case(make_item(), applicant=citizen.account.person, by=citizen)
    charge = charged_before(case)
    operations.withdraw(case, reason="不砍了", by=citizen)
    charge.refresh_from_db()
    assert (charge.state, queries.balances(charge.department_id)) == ("cancelled", {"owed": 0, "income": 0})


def test_a_refused_case_cancels_what_it_still_owes_and_keeps_what_is_paid():
    case = make.make_case(make_item())
    paid = charged_before(case)
    take(paid)
    operations.accept(case, by=make.make_official(make.CLERK))
    operations.examine(case, by=make.make_official(make.EXAMINER), opinion="在封山育林区内。")
    words = Words(zh="鉴定费", en="Appraisal")
    open_ = money.charge(
        case.applicant, department=case.department, thing=case, reason="appraisal", title=words,
        items=[Item(words, 700)], by=make.BY,
    )  # fmt: skip
    operations.refuse(make.fresh(case), by=make.make_official(make.HEAD), opinion="在封山育林区内。")
    paid.refresh_from_db()
    open_.refresh_from_db()
    assert (paid.state, open_.state) == ("paid", "cancelled")


def test_another_charge_of_the_case_holds_the_certificate_as_well():
    _citizen, case = granted(make_item([]))
    charge = charged_before(case)
    drain()
    assert make.fresh(case).state == State.CERTIFYING
    take(charge)
    drain()
    assert make.fresh(case).state == State.CLOSED


def test_a_payment_for_something_else_certifies_nothing():
    _citizen, case = granted(make_item())
    drain()
    words = Words(zh="别的", en="Another thing")
    other = money.charge(
        case.applicant, department=case.department, thing=("tests.well", str(case.pk)), reason="fee", title=words,
        items=[Item(words, 5)], by=make.BY,
    )  # fmt: skip
    take(other)
    assert (drain(), make.fresh(case).state) == (0, State.CERTIFYING)
