"""Supervisors and offices at once: one open order a case, one answer, numbers without gaps."""

from functools import partial

import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.audit import queries as log
from hexi.blocks.cases import selfcheck, supervision
from hexi.blocks.cases.models import SelfCheck, SupervisionOrder
from hexi.blocks.cases.tests import make
from hexi.blocks.notices.models import Notice
from hexi.kernel.actors import System
from tests.races.together import parted, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def item():
    return make.make_item()


def test_two_supervisors_order_at_once(item):
    case = make.make_case(item)
    both = [make.make_official(make.SUPERVISOR) for _ in range(2)]
    issue = [partial(supervision.issue, case, by=one, reason="请说明") for one in both]
    orders, refused = parted(together(*issue, expect=ValidationError), ValidationError)
    assert (len(orders), len(refused)) == (1, 1)
    assert SupervisionOrder.objects.get().number.endswith("0001号")


def test_orders_of_many_cases_have_numbers_without_gaps(item):
    by = make.make_official(make.SUPERVISOR)
    cases = [make.make_case(item) for _ in range(8)]
    together(*(partial(supervision.issue, case, by=by, reason="请说明") for case in cases))
    numbers = sorted(SupervisionOrder.objects.values_list("number", flat=True))
    assert [number[-5:] for number in numbers] == [f"{serial:04d}号" for serial in range(1, 9)]
    assert list(log.verify()) == []


def test_two_answers_and_two_conclusions_at_once(item):
    order = supervision.issue(make.make_case(item), by=make.make_official(make.SUPERVISOR), reason="请说明")
    heads = [make.make_official(make.HEAD) for _ in range(2)]
    answers = [
        partial(supervision.answer, SupervisionOrder.objects.get(pk=order.pk), by=head, text="好") for head in heads
    ]
    given, refused = parted(together(*answers, expect=ValidationError), ValidationError)
    assert (len(given), len(refused)) == (1, 1)
    assert Notice.objects.filter(key="cases.order_answered").count() == 1
    watch = [make.make_official(make.SUPERVISOR) for _ in range(2)]
    fresh = [SupervisionOrder.objects.select_related("case").get(pk=order.pk) for _ in watch]
    ends = [
        partial(supervision.close, fresh[0], by=watch[0], conclusion="好"),
        partial(supervision.repeat, fresh[1], by=watch[1], reason="再答"),
    ]
    ended, refused = parted(together(*ends, expect=ValidationError), ValidationError)
    assert (len(ended), len(refused)) == (1, 1)
    assert SupervisionOrder.objects.exclude(pk=order.pk).count() == int(ended[0].repeats_id is not None)


def test_two_self_checks_at_once_keep_one(item):
    by = System("self-check")
    together(*(partial(selfcheck.run, by=by) for _ in range(2)))
    assert SelfCheck.objects.count() == 1
