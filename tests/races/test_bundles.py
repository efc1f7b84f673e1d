"""一件事 at once: what follows begins once, whoever hears of the end; numbers without gaps."""

from functools import partial

import pytest

from hexi.blocks.audit import queries as log
from hexi.blocks.cases import bundled, operations
from hexi.blocks.cases.models import Bundle, BundlePart, Case
from hexi.blocks.cases.operations import bundling
from hexi.blocks.cases.tests import make
from hexi.blocks.cases.tests.make_bundles import (
    CHILD,
    answers_for,
    case_of,
    make_bundle,
    make_papers,
    make_version,
    settle,
)
from hexi.blocks.notices.models import Notice
from hexi.blocks.parcels.models import Parcel
from tests.races.together import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def test_what_follows_begins_once_however_often_its_moment_is_heard():
    bundle = make_bundle(make_version(CHILD))
    birth = settle(case_of(bundle, "birth-registration"))
    # as if the hook had been heard only now, four times at the same moment
    waiting = bundle.parts.exclude(item="birth-registration")
    ids = list(waiting.values_list("case", flat=True))
    waiting.update(state=BundlePart.State.WAITING, case=None)
    bundle.parts.filter(item="birth-registration").update(state=BundlePart.State.RUNNING)
    together(*(partial(bundling.follow, birth, make.BY) for _ in range(4)))
    assert sorted(bundle.parts.values_list("state", flat=True)) == ["done", "running", "running"]
    assert sorted(waiting.values_list("case", flat=True)) == sorted(ids)
    assert Case.objects.count() == 3


def test_two_ends_at_the_same_moment_end_the_bundle_once():
    bundle = make_bundle(make_version(CHILD), delivery="window")
    settle(case_of(bundle, "birth-registration"))
    last = [case_of(bundle, item) for item in ("newborn-insurance", "social-security-card")]
    together(*(partial(settle, case) for case in last))
    assert set(bundle.parts.values_list("state", flat=True)) == {"done"}
    assert Notice.objects.filter(key="cases.bundle_done").count() == 1
    assert Parcel.objects.filter(of_kind="cases.bundle").count() == 1


def test_taking_back_and_granting_at_once_leave_one_end():
    citizen = make.make_citizen()
    bundle = make_bundle(make_version(CHILD), by=citizen)
    case = case_of(bundle, "birth-registration")
    operations.accept(case, by=make.BY)
    operations.examine(case, by=make.BY, opinion="属实。")
    grant = partial(settle, case)
    together(partial(operations.withdraw, case, reason="", by=citizen), grant, expect=Exception)
    states = dict(bundle.parts.values_list("item", "state"))
    ended = make.fresh(case).state == "withdrawn"
    others = {states["newborn-insurance"], states["social-security-card"]}
    assert (states["birth-registration"], others) == (("failed", {"dropped"}) if ended else ("done", {"running"}))


def test_bundles_handed_in_at_once_have_numbers_without_gaps():
    version = make_version(CHILD)
    answers, who = answers_for(version), [make.make_citizen() for _ in range(6)]
    bundled.composed(version)
    together(
        *(
            partial(
                bundling.submit_bundle, version, applicant=one.account.person, answers=answers, submission=f"race:{n}",
                by=one, source=make_papers(version, answers, one),
            )
            for n, one in enumerate(who)
        )
    )  # fmt: skip
    assert sorted(int(number[-4:]) for number in Bundle.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]
    assert list(log.verify()) == []
