"""Statements of channels: read whole or refused with their lines, and every way they can differ from the books."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.money import operations, reconciling, statements
from hexi.blocks.money.models import Payment, Statement, StatementLine
from hexi.blocks.money.statements import Row
from hexi.blocks.money.tests import make
from hexi.blocks.money.tests.make import BY, make_charge, make_official, make_payment
from hexi.blocks.people.tests import make as people
from hexi.kernel import clock
from hexi.kernel.actors import Denied

pytestmark = pytest.mark.django_db
HEAD = "商户单号,流水号,类型,金额"


def body(*lines, head=HEAD, code="utf-8"):
    return "\n".join((head, *lines)).encode(code)


def take_in(content, **given):
    facts = {"name": "a.csv", "department": people.make_department(), "channel": "slip", "day": clock.today(), "by": BY}
    return reconciling.take_in(content, **(facts | given))


def found(statement):
    """The differences as (kind, way, reference, ours, theirs)."""
    done = statements.compare(statement).differences
    return sorted((one.kind, one.way, one.reference, one.ours, one.theirs) for one in done)


# --- reading --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_statement_is_read_in_the_codes_banks_write(code):
    content = body("A1,T1,收款,120.50", "", '"A2",T2,退款,"1,000.00"', code=code)
    assert statements.read(content) == [Row(2, "pay", "A1", "T1", 12_050), Row(4, "refund", "A2", "T2", 100_000)]


def test_columns_may_stand_in_any_order_and_be_english():
    content = body("¥5,x,pay,T1", head="yuan,note,kind,reference")
    assert statements.read(content) == [Row(2, "pay", "", "T1", 500)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "类型、金额"),
        (body(head="类型,金额"), "商户单号 / 流水号"),
        (body("A1,T1,收款,0"), "第 2 行：金额“0”不对"),
        (body("A1,T1,收款,-5"), "第 2 行"),
        (body("A1,T1,收款,1.234"), "第 2 行"),
        (body("A1,T1,收款,NaN"), "第 2 行"),
        (body("A1,T1,收款,Infinity"), "第 2 行"),
        (body("A1,T1,收款,1e99"), "第 2 行"),
        (body("A1,T1,收款"), "第 2 行"),
        (body(",,收款,5"), "都是空的"),
        (body("A1,T1,送,5"), "类型要写"),
        (body("A" * 61 + ",T1,收款,5"), "单号太长"),
        (b"\xff\xfe\x00\x01\x80", "不是文本"),
        (body("A1,T1,收款,sNaN"), "第 2 行"),
        (body("A1,T1,收款,1e999999"), "第 2 行"),
        (body("A1,T1,收款," + "9" * 5000), "第 2 行"),
        (body("A1,T\0,收款,5"), "不是文本"),
        (body('A1,"T1,收款,5' + "x" * 200_000), "第 2 行读不出：有一格太长"),
        (body("A1,T1,收款,5" + ",x" * 100), "第 2 行的列太多"),
        (b"x" * 20_000_001, "文件太大：最多 20 MB"),
        (b"PK\x03\x04", "这里只收 CSV 文件"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(content, words):
    with pytest.raises(ValidationError) as error:
        take_in(content)
    assert (list(error.value.message_dict), words in " ".join(error.value.messages)) == (["file"], True)
    assert (Statement.objects.count(), StatementLine.objects.count()) == (0, 0)


def test_a_file_with_half_its_lines_wrong_names_twenty_and_counts_the_rest():
    lines = [f"A{n},T{n},收款,{'x' if n % 2 else '5'}" for n in range(60)]
    with pytest.raises(ValidationError) as error:
        take_in(body(*lines))
    assert (len(error.value.messages), error.value.messages[-1]) == (21, "另有 10 行有误。")


def test_the_same_file_is_one_statement_and_a_mended_one_another():
    first, again, mended = take_in(body("A1,T1,收款,5")), take_in(body("A1,T1,收款,5")), take_in(body("A1,T1,收款,6"))
    assert (first.pk, mended.pk != first.pk, Statement.objects.count()) == (again.pk, True, 2)


def test_no_statement_comes_from_tomorrow():
    with pytest.raises(ValidationError) as error:
        take_in(body("A1,T1,收款,5"), day=clock.today() + timedelta(1))
    assert list(error.value.message_dict) == ["day"]


@pytest.mark.parametrize(("role", "may"), [("accountant", True), ("head", True), ("clerk", False), ("examiner", False)])
def test_who_may_hand_in(role, may):
    by = make_official(role)
    if may:
        assert take_in(body("A1,T1,收款,5"), by=by).by_key == by.key
        return
    with pytest.raises(Denied):
        take_in(body("A1,T1,收款,5"), by=by)
    assert Statement.objects.count() == 0


def test_an_accountant_hands_in_for_his_own_office_alone():
    with pytest.raises(Denied):
        take_in(
            body("A1,T1,收款,5"), department=people.make_department("yumen-water"), by=make_official(make.ACCOUNTANT)
        )


# --- comparing ------------------------------------------------------------------------------------------------------
def test_what_agrees_is_counted_and_summed():
    one, two = (make_payment(channel="slip", reference=name) for name in ("S1", "S2"))
    operations.refund(two, fen=50, reason="多收", key="k", reference="B1", by=BY)
    done = statements.compare(take_in(body(f"{one.order},,收款,120.50", ",S2,收款,120.50", ",B1,退款,0.50")))
    assert (done.agree, done.ours, done.theirs, done.differences) == (3, 24_050, 24_050, ())


def test_every_way_to_differ():
    make_payment(channel="slip", reference="S1")
    make_payment(channel="slip", reference="S2")
    made = make_payment(channel="slip", reference="S3")
    operations.refund(made, fen=50, reason="多收", key="k", reference="B1", by=BY)
    statement = take_in(body(",S1,收款,120.40", ",S3,收款,120.50", ",S3,收款,120.50", ",S9,收款,5.00", ",B8,退款,0.50"))
    assert found(statement) == [
        ("amount", "pay", "S1", 12_050, 12_040),
        ("missing_here", "pay", "S9", None, 500),
        ("missing_here", "refund", "B8", None, 50),
        ("missing_there", "pay", "S2", 12_050, None),
        ("missing_there", "refund", "B1", 50, None),
        ("twice", "pay", "S3", 12_050, 12_050),
    ]


def test_a_refund_is_not_taken_for_a_payment_of_the_same_number():
    make_payment(channel="slip", reference="S1")
    assert found(take_in(body(",S1,退款,120.50"))) == [
        ("missing_here", "refund", "S1", None, 12_050),
        ("missing_there", "pay", "S1", 12_050, None),
    ]


def test_other_channels_offices_and_days_are_not_compared():
    make_payment(channel="cash")
    make_payment(make_charge(department=people.make_department("yumen-water")), channel="slip")
    old = make_payment(channel="slip", reference="S0")
    Payment.objects.filter(pk=old.pk).update(received_at=clock.now() - timedelta(days=2))
    done = statements.compare(take_in(body()))
    assert (done.agree, done.ours, done.differences) == (0, 0, ())


def test_a_payment_a_minute_before_midnight_is_found_by_its_number():
    """The channel lists it under the day after: it agrees there, and is missing on its own day only."""
    made, today = make_payment(channel="slip", reference="S1"), clock.today()
    eve = datetime.combine(today, datetime.min.time(), clock.CHINA) - timedelta(minutes=1)
    Payment.objects.filter(pk=made.pk).update(received_at=eve.astimezone(UTC))
    assert found(take_in(body(",S1,收款,120.50"))) == []
    assert found(take_in(body(), day=today - timedelta(1))) == [("missing_there", "pay", "S1", 12_050, None)]


def test_a_difference_vanishes_when_the_money_is_entered():
    statement = take_in(body(",S5,收款,120.50"))
    assert [one[0] for one in found(statement)] == ["missing_here"]
    make_payment(channel="slip", reference="S5")
    assert found(statement) == []


@pytest.mark.parametrize("lines", [4, 30])
def test_comparing_takes_the_same_queries(django_assert_num_queries, lines):
    for n in range(3):
        make_payment(channel="slip", reference=f"S{n}")
    statement = take_in(body(*(f"O{n},S{n},收款,120.50" for n in range(lines))))
    with django_assert_num_queries(7):
        statements.compare(statement)
