"""A renewal keeps its place in a quantity-limited permit and takes no new one (行政许可法 arts 50, 57): decided or by law."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.cases import jobs, operations, quotas
from hexi.blocks.cases.items import ImplementingItem, ServiceItem
from hexi.blocks.cases.models import QuotaYear
from hexi.blocks.cases.tests import make
from hexi.blocks.cases.tests.test_renewing import answers_of, asked, decided, permit
from hexi.blocks.certificates import operations as certificates
from hexi.blocks.certificates.models import Certificate
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.tests import make as regions
from hexi.kernel.jobs import drain

pytestmark = pytest.mark.django_db
W = {"zh": "有", "en": "Yes"}


def limited(**quota):
    """A food permit of which there are only so many a year."""
    regions.make_divisions()
    item = make.make_item("food-permit")
    national = ServiceItem.model_validate(item.version.national | {"quantity_limit": W})
    local = ImplementingItem.model_validate(item.version.implementing | {"quota": {"unit": W, **quota}})
    return operations.publish(national, local, by=make.BY)[0]


def taken():
    return dict(QuotaYear.objects.values_list("year", "granted"))


def refused_for_want_of_quota(item):
    """Somebody new finds no place left."""
    other = people.make_enterprise(name="后来的饭馆", number=people.credit_number(99))
    case = make.make_case(item, applicant=other, answers=answers_of(item))
    with pytest.raises(ValidationError, match="限额只剩 0"):
        decided(case, item)


def test_a_renewal_by_decision_keeps_its_place_though_none_is_left(at, owner, body):
    item = limited(amount=1)
    held = permit(item, owner, body)
    at("2031-10-10 10:00")
    refused = people.make_enterprise(name="先来的饭馆", number=people.credit_number(98))
    decided(make.make_case(item, applicant=refused, answers=answers_of(item)), item)  # the one place of 2031
    case = asked(held, item, owner)
    decided(case, item)
    assert (make.fresh(case).outcome, taken()) == ("granted", {2026: 1, 2031: 1})
    refused_for_want_of_quota(item)


def test_a_renewal_by_law_takes_none_and_gives_none_back(at, owner, body):
    item = limited(amount=1)
    held = permit(item, owner, body)
    at("2031-10-20 10:00")
    asked(held, item, owner)
    at("2031-12-03 08:00")
    assert jobs.renew_by_law() == 1
    drain()
    new = Certificate.objects.get(superseded=False)
    assert (new.replaces, taken(), quotas.left(item, 2031)) == (held, {2026: 1}, 1)
    certificates.revoke(new, reason="材料不实", by=make.make_official(make.HEAD, item))
    assert taken() == {2026: 0}


def test_silence_renews_what_there_was_and_no_more(at, owner, body):
    item = limited(amount=100, measure="floor_area")
    case = make.make_case(item, applicant=body, by=owner, answers=answers_of(item) | {"floor_area": 60})
    decided(case, item)
    held = Certificate.objects.get()
    at("2031-10-20 10:00")
    more = make.make_case(item, applicant=body, by=owner, answers=answers_of(item) | {"floor_area": 90})
    operations.concern(more, held, "renew", by=owner)
    at("2031-12-03 08:00")
    assert jobs.renew_by_law() == 1
    drain()
    more = make.fresh(more)
    assert (more.answers["floor_area"], taken()) == (60, {2026: 60})
    assert "请另行申请变更" in more.events.get(action="renew_deemed").opinion
    new = Certificate.objects.get(superseded=False)
    certificates.revoke(new, reason="材料不实", by=make.make_official(make.HEAD, item))
    assert taken() == {2026: Decimal(0)}


def test_a_renewal_to_more_takes_only_what_it_adds(at, owner, body):
    item = limited(amount=100, measure="floor_area")
    case = make.make_case(item, applicant=body, by=owner, answers=answers_of(item) | {"floor_area": 60})
    decided(case, item)
    held = Certificate.objects.get()
    at("2031-10-10 10:00")
    more = make.make_case(item, applicant=body, by=owner, answers=answers_of(item) | {"floor_area": 90})
    operations.concern(more, held, "renew", by=owner)
    decided(more, item)
    assert taken() == {2026: 60, 2031: 30}


def test_silence_leaves_an_answer_that_was_not_asked_last_time(at, owner, body):
    item = limited(amount=100, measure="floor_area")
    case = make.make_case(item, applicant=body, by=owner, answers=answers_of(item))
    decided(case, item)
    held = Certificate.objects.get()
    case.refresh_from_db()
    case.answers.pop("floor_area")
    case.save(update_fields=["answers"])
    at("2031-10-20 10:00")
    other = people.make_enterprise(name="别的饭馆", number=people.credit_number(98))
    decided(make.make_case(item, applicant=other, answers=answers_of(item)), item)
    later, before = asked(held, item, owner), taken()
    at("2031-12-03 08:00")
    assert jobs.renew_by_law() == 1
    later = make.fresh(later)
    assert later.answers["floor_area"] == answers_of(item)["floor_area"]
    assert "请另行申请变更" not in later.events.get(action="renew_deemed").opinion
    drain()
    new = Certificate.objects.get(superseded=False, holder=body)
    certificates.revoke(new, reason="材料不实", by=make.make_official(make.HEAD, item))
    assert (new.replaces, set(before), taken()) == (held, {2026, 2031}, before)  # it took nothing of anybody's
