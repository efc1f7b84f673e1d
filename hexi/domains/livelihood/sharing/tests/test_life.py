"""An application for data from asking to the grant: who may, what is refused, clocks, corrections, figures."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.cases.models import Task
from hexi.blocks.cases.steps import Stale
from hexi.blocks.catalog import uses
from hexi.blocks.catalog.models import Grant
from hexi.blocks.catalog.tests.make import ITEMS, make_provider
from hexi.blocks.indicators.models import Fact
from hexi.blocks.notices.models import Notice
from hexi.blocks.regions.tests.make import JIUQUAN, YUMEN, Somebody
from hexi.domains.livelihood.sharing import facts, queries
from hexi.domains.livelihood.sharing.models import Application, Term
from hexi.domains.livelihood.sharing.operations import applying, deciding
from hexi.domains.livelihood.sharing.states import State
from hexi.domains.livelihood.sharing.tests import make
from hexi.kernel import clock
from hexi.kernel.actors import Denied

pytestmark = pytest.mark.django_db


# --- asking -----------------------------------------------------------------------------------------------------------
def test_asked_it_waits_ten_working_days_for_the_provider():
    found = make.make_application()
    one = found.case.clocks.get()
    assert (found.case.state, found.case.department, one.kind, one.amount, one.unit) == (
        State.ASKED, found.entry.provider, "decide", 10, "working_days",
    )  # fmt: skip
    task = Task.objects.get(case=found.case)
    assert (task.verb, task.department, task.due) == ("sharing.decide", found.entry.provider, one.due)
    assert found.case.number.startswith("D620981")
    assert Term.objects.get().verified is False


def test_sent_twice_it_is_one():
    by = make.make_applicant()
    first = make.make_application(by=by, submission="s")
    assert make.make_application(by=by, submission="s").pk == first.pk
    assert Application.objects.count() == 1


def test_without_condition_it_is_granted_at_once_as_the_catalogue_masks():
    entry = make.make_data(sharing="unconditional", sharing_condition="")
    found = make.make_application(entry)
    assert (found.case.state, found.grant.department, found.grant.fields) == (State.GRANTED, found.office, make.FIELDS)
    assert (found.grant.basis, found.grant.purpose) == (found.case.number, "核对企业用电")
    assert not found.case.clocks.exists()
    with pytest.raises(ValidationError, match="平时不给出"):
        make.make_application(entry, fields={"phone": "hidden"})
    with pytest.raises(ValidationError, match="改为有条件共享"):
        make.make_application(entry, fields={"phone": "none"})


def test_what_is_not_shared_cannot_be_asked_for_and_the_law_is_told():
    entry = make.make_data(
        sharing="none", sharing_basis="《保守国家秘密法》第九条", sharing_condition="", sharing_way=""
    )
    with pytest.raises(ValidationError, match="《保守国家秘密法》第九条"):
        make.make_application(entry)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"purpose": " "}, "purpose"),
        ({"law": ""}, "law"),
        ({"fields": {}}, "fields"),
        ({"fields": {"nothing": "none"}}, "fields"),
        ({"fields": {"phone": "part"}}, "fields"),
        ({"expires": None}, "expires"),
        ({"expires": clock.today()}, "expires"),
        ({"expires": clock.today() + timedelta(days=2000)}, "expires"),
        ({"quota": 0}, "quota"),
        ({"region": "62"}, "region"),
        ({"region": YUMEN}, "region_field"),
        ({"answers": {"spot": "station"}}, "answers"),
        ({"spares": "map"}, "spares"),
    ],
)
def test_every_fault_stands_at_its_field(wrong, field):
    with pytest.raises(ValidationError) as caught:
        make.make_application(**wrong)
    assert list(caught.value.message_dict) == [field]
    assert not Application.objects.exists()


def test_who_may_ask():
    entry, office = make.make_data(), make.make_office()
    for by in (
        Somebody(), Somebody({"sharing.apply": ""}, entry.provider_id), Somebody({"sharing.apply": ""}),
        make.make_head(entry.provider),
    ):  # fmt: skip
        with pytest.raises(Denied):
            make.make_application(entry, office, by=by)
    with pytest.raises(ValidationError, match="本单位的数据"):
        make.make_application(entry, entry.provider)


# --- deciding ---------------------------------------------------------------------------------------------------------
def test_the_head_gives_less_than_was_asked_never_more():
    found, head = make.make_application(quota=100), make.make_head()
    for wrong in ({"fields": ["day"]}, {"fields": []}, {"quota": 101}, {"expires": found.expires + timedelta(days=1)}):
        with pytest.raises(ValidationError):
            deciding.grant(found, by=head, **wrong)
    day = clock.today() + timedelta(days=30)
    given = deciding.grant(found, by=head, fields=["power"], quota=10, expires=day, opinion="先用一个月").grant
    assert (given.fields, given.quota, given.expires, given.basis) == ({"power": "none"}, 10, day, found.case.number)
    found = make.fresh(found)
    assert (found.case.state, found.case.ended_at is not None) == (State.GRANTED, True)
    assert found.case.clocks.get().met is True
    assert Notice.objects.filter(key="sharing.granted").count() == 1


def test_the_head_may_mask_what_was_asked_for_as_it_is_and_nothing_else():
    found, head = make.make_application(fields={"station": "none", "power": "none"}), make.make_head()
    with pytest.raises(ValidationError):
        deciding.grant(found, by=head, masks={"station": "hidden"})
    given = deciding.grant(found, by=head, masks={"station": "hash", "phone": "none"}).grant
    assert given.fields == {"station": "hash", "power": "none"}
    entry = make.make_data(title="另一个", items=[ITEMS[0] | {"open": False, "mask": "part"}, ITEMS[1]])
    found = make.make_application(entry, fields={"station": "part", "day": "none"})
    for mask in ("none", "year"):  # neither more, nor something else instead
        with pytest.raises(ValidationError) as caught:
            deciding.grant(found, by=head, masks={"station": mask})
        assert list(caught.value.message_dict) == ["mask_station"]
    assert deciding.grant(found, by=head, masks={"day": "month"}).grant.fields == {"station": "part", "day": "month"}


def test_the_head_may_give_the_rows_of_a_smaller_region():
    county, town = "620981000000", "620981106000"
    found, head = make.make_application(region=county, region_field="station"), make.make_head()
    for wrong in (JIUQUAN, "620982000000", "62098"):
        with pytest.raises(ValidationError) as caught:
            deciding.grant(found, by=head, rows=wrong)
        assert list(caught.value.message_dict) == ["rows"]
    given = deciding.grant(found, by=head, rows=town).grant
    assert (given.region, given.region_field) == (town, "station")
    every = make.make_application(submission="all")
    with pytest.raises(ValidationError) as caught:
        deciding.grant(every, by=head, rows=county)
    assert list(caught.value.message_dict) == ["region_field"]
    given = deciding.grant(every, by=head, rows=county, region_field="station").grant
    assert (given.region, given.region_field) == (county, "station")


def test_of_two_heads_the_second_is_told():
    found = make.make_application()
    deciding.grant(found, by=make.make_head())
    for late in (
        lambda: deciding.grant(found, by=make.make_head()),
        lambda: deciding.refuse(found, opinion="不同意", needed="补充依据", by=make.make_head()),
    ):
        with pytest.raises(Stale):
            late()
    assert Grant.objects.count() == 1


def test_who_may_decide():
    found = make.make_application()
    for by in (Somebody(), make.make_applicant(), make.make_head(make.make_office("yumen-other"))):
        with pytest.raises(Denied):
            deciding.grant(found, by=by)
    assert not Grant.objects.exists()


def test_a_refusal_says_why_and_what_would_be_needed():
    found, head = make.make_application(), make.make_head()
    for wrong in ({"opinion": "", "needed": "补充依据"}, {"opinion": "不足", "needed": " "}):
        with pytest.raises(ValidationError):
            deciding.refuse(found, by=head, **wrong)
    deciding.refuse(found, by=head, opinion="依据不足", needed="写明条款")
    found = make.fresh(found)
    assert (found.case.state, found.needed, found.grant) == (State.REFUSED, "写明条款", None)


def test_given_back_once_the_days_run_anew():
    found, head, office = make.make_application(), make.make_head(), make.make_office()
    deciding.give_back(found, by=head, opinion="请写明条款")
    found = make.fresh(found)
    assert (found.case.state, found.case.department) == (State.RETURNED, office)
    assert Task.objects.get(case=found.case, done_at=None).verb == "sharing.apply"
    with pytest.raises(Denied):
        applying.correct(found, make.said(), by=head)
    with clock.told_at(clock.now() + timedelta(days=5)):
        applying.correct(found, make.said(law="《税收征收管理法》第六条第一款"), by=make.make_applicant(office))
        found = make.fresh(found)
        assert (found.case.state, found.law[-3:]) == (State.ASKED, "第一款")
        assert clock.local_day(found.case.clocks.get().start) == clock.today()
        with pytest.raises(ValidationError, match="已经退回"):
            deciding.give_back(found, by=head, opinion="再补")
        deciding.grant(found, by=head)
    assert make.fresh(found).grant.department == office


def test_taken_back_by_who_asked_alone():
    found = make.make_application()
    with pytest.raises(Denied):
        applying.withdraw(found, by=make.make_head())
    applying.withdraw(found, by=make.make_applicant(), why="不再需要")
    assert make.fresh(found).case.state == State.WITHDRAWN
    with pytest.raises(Stale):
        deciding.grant(found, by=make.make_head())


def test_a_term_of_the_region_own_holds_from_its_day():
    make.make_rules()
    given = {"region": YUMEN, "step": "decide", "amount": 5, "unit": "working_days", "law": "市规定", "clause": "",
             "valid_from": clock.today() + timedelta(days=1)}  # fmt: skip
    for by in (Somebody(), Somebody({"sharing.terms": "620982"})):
        with pytest.raises(Denied):
            deciding.set_term(by=by, **given)
    deciding.set_term(by=Somebody({"sharing.terms": "6209"}), **given)
    assert make.make_application().case.clocks.get().amount == 10
    with clock.told_at(clock.now() + timedelta(days=2)):
        assert make.make_application().case.clocks.get().amount == 5


# --- seeing -----------------------------------------------------------------------------------------------------------
def test_who_sees_an_application():
    found = make.make_application()
    other = make_provider("jiuquan-tax", JIUQUAN, "酒泉市税务局")
    for by, number in (
        (make.make_applicant(), 1), (make.make_head(), 1), (Somebody({"sharing.terms": "6209"}), 1),
        (Somebody(), 0), (make.make_applicant(other), 0), (make.make_head(make.make_office("yumen-other")), 0),
    ):  # fmt: skip
        assert queries.seen_by(by).count() == number
    assert list(queries.to_do(make.make_head())) == [found]
    assert list(queries.to_do(make.make_applicant())) == []


def test_who_uses_a_field_is_known_by_the_catalogue():
    found = make.make_granted()
    ((title, known, total),) = [(one.title, one.uses, one.total) for one in uses.found(found.entry, make.make_head())]
    assert (title, total, [(one.title, {*one.columns}) for one in known]) == (
        "数据授权", 1, [("玉门市税务局", {"station", "power"})],  # jsonb keeps no order of keys
    )  # fmt: skip
    ((nobody, count),) = [(one.uses, one.total) for one in uses.found(found.entry, Somebody())]
    assert (nobody, count) == ([], 1)


# --- figures ----------------------------------------------------------------------------------------------------------
def test_figures_equal_what_they_count():
    head = make.make_head(make.make_data().provider)
    make.make_granted()
    late = make.make_application()
    deciding.refuse(make.make_application(), by=head, opinion="不足", needed="依据")
    make.make_application(make.make_data(title="另一个", sharing="unconditional", sharing_condition=""))
    with clock.told_at(clock.now() + timedelta(days=30)):
        deciding.grant(late, by=head)
        expected = {
            (one.key, one.day, one.region_code, one.department_id, one.dimension): one.amount
            for one in facts.recount(clock.today() - timedelta(days=60), clock.today())
        }
    kept = Fact.objects.filter(key__startswith="sharing.", grain=Fact.Grain.DAY).exclude(amount=0)
    assert expected == {
        (one.key, one.day, one.region_code, one.department_id, one.dimension): one.amount for one in kept
    }
    total = {}
    for key, number in ((name[0], number) for name, number in expected.items()):
        total[key] = total.get(key, 0) + number
    assert (total["sharing.received"], total["sharing.granted"], total["sharing.refused"], total["sharing.in_time"]) == (
        4, 3, 1, 3,
    )  # fmt: skip
