"""Pages of money: the payer's, the cashier's, the accountant's; lists at a fixed number of queries; who sees what."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from hexi.blocks.audit.models import Entry
from hexi.blocks.documents import shelf
from hexi.blocks.money.models import Charge, Payment, Refund
from hexi.blocks.money.operations import Item
from hexi.blocks.money.tests.make import POOR, WATER, fresh, make_charge, make_payment
from hexi.blocks.people.tests import make as people

pytestmark = pytest.mark.django_db
ROLES = ("clerk", "accountant", "examiner", "head", "supervisor")


def text(response) -> str:
    return response.content.decode()


def at(client, name, *args, **query):
    return client.get(reverse(f"money.{name}", args=args), query)


def queries_of(client, page, *, rows) -> int:
    """How many queries a list takes, once it is warm; it has so many rows."""
    at(client, page)
    with CaptureQueriesContext(connection) as asked:
        answer = at(client, page)
    assert text(answer).count("<tr") - 1 == rows
    return len(asked)


@pytest.fixture
def payer(client):
    """Somebody signed in, with a charge of his own."""
    account = people.make_citizen()
    client.force_login(account)
    return account.person


def sign_in(client, role, charge=None):
    office = charge.department if charge else people.make_department()
    client.force_login(people.make_official(role, department=office, region_code=office.region_code))


# --- the payer ------------------------------------------------------------------------------------------------------
def test_the_payer_sees_what_he_owes_and_what_it_is_made_of(client, payer):
    charge = make_charge(payer, items=[Item(WATER, 30_000, 15_000, POOR)])
    assert charge.number in text(at(client, "my_payments"))
    page = text(at(client, "mine", charge.number))
    for shown in ("¥300.00", "¥150.00", "减免：低保户减半", "水资源费", "也可以到窗口缴"):
        assert shown in page
    assert "网上付款" not in page


def test_the_payer_downloads_his_receipt(client, payer):
    payment = make_payment(make_charge(payer, items=[Item(WATER, 30_000, 15_000, POOR)]))
    page = text(at(client, "mine", payment.charge.number))
    (link,) = re.findall(r"/documents/\d+/download/", page)
    answer = client.get(link)
    assert b"".join(answer.streaming_content)[:5] == b"%PDF-"
    paper = PdfReader(shelf.path(payment.document.blob_id)).pages[0].extract_text()
    for words in (payment.receipt, "壹佰伍拾元整", "低保户减半", payment.charge.payer_name):
        assert words in paper.replace("\n", "")


def test_nobody_sees_the_charge_or_receipt_of_another(client, payer):
    payment = make_payment()
    assert at(client, "mine", payment.charge.number).status_code == 404
    assert payment.charge.number not in text(at(client, "my_payments", view="all"))
    assert client.get(reverse("documents.download", args=[payment.document_id])).status_code in (403, 404)
    assert client.post(reverse("money.pay", args=[payment.charge.number])).status_code == 404


@pytest.mark.parametrize(("role", "office", "status"), [
    ("clerk", "yumen-forestry", 200), ("accountant", "yumen-forestry", 200), ("examiner", "yumen-forestry", 403),
    ("clerk", "yumen-water", 403),
])  # fmt: skip
def test_which_official_reads_a_receipt(client, role, office, status):
    payment = make_payment()
    department = people.make_department(office)
    client.force_login(people.make_official(role, department=department, region_code=department.region_code))
    answer = client.get(reverse("documents.show", args=[payment.document_id]))
    assert (answer.status_code if answer.status_code == 200 else 403) == status


def test_who_represents_a_body_pays_for_it(client):
    account = people.make_citizen()
    client.force_login(account)
    charge = make_charge(people.make_enterprise(representative=account.person))
    assert at(client, "mine", charge.number).status_code == 200


def test_the_payers_list_takes_the_same_queries_for_one_row_and_three(client, payer):
    make_charge(payer)
    one = queries_of(client, "my_payments", rows=1)
    make_charge(payer)
    make_charge(payer)
    assert queries_of(client, "my_payments", rows=3) == one


def test_paying_online_without_a_gateway_says_where_to_go(client, payer):
    charge = make_charge(payer)
    answer = client.post(reverse("money.pay", args=[charge.number]), {"channel": "online"}, follow=True)
    assert ("请到窗口缴费" in text(answer), Payment.objects.count()) == (True, 0)


# --- the cashier ----------------------------------------------------------------------------------------------------
def test_the_clerk_takes_cash_and_the_receipt_is_there(client):
    charge = make_charge()
    sign_in(client, "clerk", charge)
    assert charge.number in text(at(client, "cashier"))
    form = at(client, "take", charge.number)
    key = re.search(r'name="key" value="([0-9a-f]{16})"', text(form))[1]
    sent = {"channel": "cash", "key": key}
    for _twice in range(2):
        answer = client.post(reverse("money.take", args=[charge.number]), sent, follow=True)
    payment = Payment.objects.get()
    assert (fresh(charge).state, payment.receipt in text(answer), "已收款" in text(answer)) == ("paid", True, True)
    assert payment.receipt in text(at(client, "receipts"))
    assert "现金 1 笔 ¥120.50" in text(at(client, "receipts"))
    assert (
        Entry.objects.filter(verb="look", about_person=charge.payer_id).count() == 3
    )  # the form, and the charge twice


@pytest.mark.parametrize("form", ["", "csv"])
@pytest.mark.parametrize("page", ["cashier", "receipts"])
def test_lists_and_exports_name_persons_by_the_surname_and_bodies_in_full(client, page, form):
    person, body = people.make_person("欧阳小花"), people.make_enterprise("玉门供水有限公司")
    charges = [make_charge(one) for one in (person, body)]
    for charge in charges:
        make_payment(charge)
    sign_in(client, "clerk", charges[0])
    answer = at(client, page, view="all", **({"export": form} if form else {}))
    shown = b"".join(answer).decode() if answer.streaming else text(answer)
    assert ("欧阳小花" in shown, "欧***" in shown, "玉门供水有限公司" in shown) == (False, True, True)
    assert Entry.objects.filter(verb="look").count() == 0


def test_a_form_that_names_the_payer_in_full_is_a_look(client):
    charge = make_charge(people.make_person("欧阳小花"))
    sign_in(client, "clerk", charge)
    assert "欧阳小花" in text(at(client, "take", charge.number))
    assert Entry.objects.filter(verb="look", about_person=charge.payer_id).count() == 1
    client.post(reverse("money.take", args=[charge.number]), {"channel": "slip", "key": "k"})
    assert Entry.objects.filter(verb="look", about_person=charge.payer_id).count() == 2


def test_a_slip_without_its_number_is_asked_for_at_its_field(client):
    charge = make_charge()
    sign_in(client, "clerk", charge)
    answer = client.post(reverse("money.take", args=[charge.number]), {"channel": "slip", "key": "k", "fen": "120.50"})
    assert (answer.status_code, "请填写银行缴款回单上的回单号" in text(answer)) == (422, True)
    assert 'value="120.50"' in text(answer)
    client.post(reverse("money.take", args=[charge.number]), {"channel": "slip", "key": "k", "reference": "S1"})
    assert Payment.objects.get().reference == "S1"


def test_the_accountant_gives_back_what_came_twice(client):
    charge = make_charge()
    make_payment(charge)
    second = make_payment(charge, channel="slip")
    sign_in(client, "accountant", charge)
    assert charge.number in text(at(client, "cashier", view="held"))
    form = text(at(client, "refund", second.pk))
    assert ('value="120.50"' in form, "最多能退 ¥120.50" in form) == (True, True)
    key = re.search(r'name="key" value="([0-9a-f]{16})"', form)[1]
    sent = {"fen": "120.50", "reason": "重复缴费", "reference": "T77", "key": key}
    for _twice in range(2):
        answer = client.post(reverse("money.refund", args=[second.pk]), sent, follow=True)
    assert ("¥120.50：已退款" in text(answer), "重复缴费" in text(answer)) == (True, True)
    assert (Refund.objects.get().fen, fresh(second).held) == (12_050, 0)
    assert charge.number not in text(at(client, "cashier", view="held"))


@pytest.mark.parametrize("fen", ["0", "120.51", "1.234", "abc", "-5"])
def test_a_wrong_sum_to_give_back_is_told_at_its_field(client, fen):
    payment = make_payment()
    sign_in(client, "accountant", payment.charge)
    answer = client.post(reverse("money.refund", args=[payment.pk]), {"fen": fen, "reason": "x", "key": "k"})
    assert (answer.status_code, 'href="#id_fen"' in text(answer), Refund.objects.count()) == (422, True, 0)


#: page → roles that may open it
MATRIX = {
    "cashier": {"clerk", "accountant", "head"},
    "receipts": {"clerk", "accountant", "head"},
    "charge": {"clerk", "accountant", "head"},
    "take": {"clerk"},
    "refund": {"accountant", "head"},
    "reconciliation": {"clerk", "accountant", "head"},
    "hand_in": {"accountant", "head"},
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("page", MATRIX)
def test_which_role_opens_which_page(client, page, role):
    payment = make_payment()
    args = {"charge": [payment.charge.number], "take": [payment.charge.number], "refund": [payment.pk]}.get(page, [])
    sign_in(client, role, payment.charge)
    assert at(client, page, *args).status_code == (200 if role in MATRIX[page] else 403)


@pytest.mark.parametrize("page", MATRIX)
def test_strangers_sign_in_first_and_other_offices_see_nothing(client, page):
    payer = people.make_person("欧阳外单位")
    payment = make_payment(make_charge(payer, department=people.make_department("yumen-water")))
    args = {"charge": [payment.charge.number], "take": [payment.charge.number], "refund": [payment.pk]}.get(page, [])
    assert at(client, page, *args).status_code == 302
    sign_in(client, "clerk" if page == "take" else "accountant")
    answer = at(client, page, *args)
    assert answer.status_code == (404 if args else 200)
    assert (payment.charge.payer_name in text(answer), payment.receipt in text(answer)) == (False, False)


@pytest.mark.parametrize("page", ["cashier", "receipts"])
def test_the_offices_lists_take_the_same_queries_for_one_row_and_three(client, page):
    sign_in(client, "clerk")

    def rows(n):
        for _ in range(n):
            make_charge()
            make_payment()

    rows(1)
    one = queries_of(client, page, rows=1)
    rows(2)
    assert queries_of(client, page, rows=3) == one


# --- reconciliation -------------------------------------------------------------------------------------------------
def test_a_statement_is_handed_in_and_its_differences_are_shown(client):
    charge = make_charge()
    payment = make_payment(charge, channel="slip", reference="S1")
    make_payment(channel="slip", reference="S2")
    sign_in(client, "accountant", charge)
    body = "流水号,类型,金额\nS1,收款,120.40\nS7,收款,5.00\n".encode()
    day = payment.received_at.astimezone().date().isoformat()
    sent = {
        "department": charge.department_id,
        "channel": "slip",
        "day": day,
        "file": SimpleUploadedFile("a.csv", body),
    }
    page = text(client.post(reverse("money.hand_in"), sent, follow=True))
    for words in (
        "3 笔不符",
        "金额不同",
        "渠道有，账上没有",
        "账上有，渠道没有",
        "¥120.40",
        "¥120.50",
        "S7",
        charge.number,
    ):
        assert words in page
    assert "a.csv" in text(at(client, "reconciliation"))


def test_a_broken_file_is_refused_with_its_lines(client):
    charge = make_charge()
    sign_in(client, "accountant", charge)
    body = "流水号,类型,金额\nS1,收款,12.345\n,收款,1\nS3,别的,1\n".encode()
    sent = {"department": charge.department_id, "channel": "slip", "day": "2026-11-01"}
    answer = client.post(reverse("money.hand_in"), {**sent, "file": SimpleUploadedFile("a.csv", body)})
    assert answer.status_code == 422
    for words in ("第 2 行：金额“12.345”不对", "第 3 行：商户单号和流水号都是空的", "第 4 行：类型要写"):
        assert words in text(answer)


def test_english_pages_are_english(client, payer):
    charge = make_charge(payer, items=[Item(WATER, 30_000, 15_000, POOR)])
    client.cookies["django_language"] = "en"
    page = text(client.get(reverse("money.mine", args=[charge.number]), headers={"accept-language": "en"}))
    assert ("Water fee" in page, "Half for the poor" in page, Charge.objects.count()) == (True, True, 1)
