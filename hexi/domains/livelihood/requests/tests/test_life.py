"""An order's life: taken in, dispatched, answered, rated; back to the office; what is refused and why."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.cases import queries as cases
from hexi.blocks.cases.models import Case
from hexi.blocks.cases.steps import Stale
from hexi.blocks.indicators.queries import differences
from hexi.blocks.notices.models import Notice
from hexi.blocks.search.models import Entry as Found
from hexi.domains.livelihood.requests import checking, operations, queries
from hexi.domains.livelihood.requests.models import Request
from hexi.domains.livelihood.requests.operations import asking
from hexi.domains.livelihood.requests.states import State, Type
from hexi.domains.livelihood.requests.tests import make
from hexi.kernel import clock, jobs
from hexi.kernel.actors import Denied
from hexi.kernel.manifest import added

pytestmark = pytest.mark.django_db


def counted():
    from hexi.blocks.indicators.counted import Counted

    (source,) = (one for one in added(Counted) if one.owner == "requests")
    return source


@pytest.fixture(autouse=True)
def _figures_are_true():
    """Whatever a test did, the roll-up is what the tables say."""
    yield
    today = clock.today()
    assert differences(counted(), today - timedelta(days=400), today + timedelta(days=400)) == []


def test_from_the_caller_to_the_office_and_back():
    citizen = make.make_citizen()
    request = make.make_own(citizen)
    assert request.case.number[0] == "H"
    assert [(one.kind, one.due is not None) for one in request.case.clocks.all()] == [("first", True)]
    dispatcher, office = make.make_dispatcher(), make.make_office()
    assert [task.case_id for task in cases.todo(dispatcher)] == [request.case_id]
    operations.dispatch(request, office=office, subject=make.LAMP, by=dispatcher, revision=request.case.revision)
    handler = make.make_handler(office)
    assert [task.case_id for task in cases.todo(handler)] == [request.case_id]
    operations.note(
        make.fresh(request), opinion="已派维修队。", passed_to="市政维修队", promised=clock.today(), by=handler
    )
    operations.reply(make.fresh(request), opinion="换了三盏灯。", by=handler)
    operations.rate(make.fresh(request), solved=True, satisfied=5, comment="真快", by=citizen)
    request = make.fresh(request)
    assert request.case.state == State.CLOSED
    assert request.case.ended_at is not None
    assert make.actions(request) == ["submit", "dispatch", "note", "reply", "rate"]
    assert [(one.kind, one.met) for one in request.case.clocks.order_by("kind")] == [("first", True), ("handle", True)]
    assert [task.case_id for task in cases.todo(dispatcher)] == []
    told = Notice.objects.filter(person=citizen.account.person).order_by("pk").values_list("key", flat=True)
    assert list(told) == ["requests.received", "requests.noted", "requests.answered"]


def test_unsolved_goes_back_once_then_the_hotline_decides():
    request = make.make_answered()
    office = request.case.department
    operations.rate(request, solved=False, satisfied=1, comment="还是不亮", by=make.BY)
    request = make.fresh(request)
    assert (request.case.state, request.case.department, request.redone) == (State.HANDLING, office, 1)
    assert request.case.clocks.get(kind="handle").stopped_at is None
    with pytest.raises(ValidationError, match="不能再退"):
        operations.give_back(request, opinion="不归我们", by=make.make_handler(office))
    operations.reply(request, opinion="重新接线。", by=make.BY)
    operations.rate(make.fresh(request), solved=True, satisfied=2, by=make.BY)
    request = make.fresh(request)
    assert (request.case.state, request.satisfied) == (State.ANSWERED, 2)
    with pytest.raises(ValidationError, match="已经评价过"):
        operations.rate(request, solved=True, satisfied=5, by=make.BY)
    operations.close(request, opinion="现场核实已修好，已向诉求人说明。", by=make.make_dispatcher())
    assert make.fresh(request).case.state == State.CLOSED


def test_the_hotline_may_send_it_back_again():
    request = make.make_answered()
    operations.redo(request, opinion="回访没解决。", by=make.make_operator())
    assert make.fresh(request).case.state == State.HANDLING


def test_solved_but_unhappy_is_not_happy():
    request = make.make_answered()
    operations.rate(request, solved=True, satisfied=2, by=make.BY)
    assert make.fresh(request).case.state == State.HANDLING


def test_call_back_reaches_somebody_or_nobody():
    request, operator = make.make_answered(), make.make_operator()
    with pytest.raises(ValidationError, match="无人接听才能办结"):
        operations.close(request, opinion="找不到人", by=operator)
    for _ in range(3):
        operations.call(make.fresh(request), reached=False, by=operator)
    assert make.fresh(request).case.state == State.ANSWERED
    operations.call(make.fresh(request), reached=True, solved=True, satisfied=4, opinion="满意", by=operator)
    assert make.fresh(request).case.state == State.CLOSED


def test_who_cannot_be_reached_is_closed_after_three_calls():
    request, operator = make.make_answered(), make.make_operator()
    for _ in range(3):
        operations.call(make.fresh(request), reached=False, by=operator)
    operations.close(make.fresh(request), opinion="三次无人接听。", by=operator)
    assert make.fresh(request).case.state == State.CLOSED


def test_an_answer_nobody_rates_is_closed_after_some_days():
    with clock.told_at(clock.now() - timedelta(days=11)):
        old = make.make_answered()
    young = make.make_answered()
    from hexi.domains.livelihood.requests.jobs import close_silent

    close_silent()
    close_silent()
    assert (make.fresh(old).case.state, make.fresh(young).case.state) == (State.CLOSED, State.ANSWERED)
    assert make.actions(old)[-1] == "silent"


def test_calls_about_an_earlier_answer_do_not_count():
    with clock.told_at(clock.now() - timedelta(days=3)):
        request, operator = make.make_answered(), make.make_operator()
        for _ in range(3):
            operations.call(make.fresh(request), reached=False, by=operator)
    operations.rate(make.fresh(request), solved=False, satisfied=1, comment="没修好", by=make.BY)
    operations.reply(make.fresh(request), opinion="这次修好了。", by=make.BY)
    with pytest.raises(ValidationError, match="现在 0 次"):
        operations.close(make.fresh(request), opinion="找不到人", by=operator)


def test_answers_that_wait_for_the_hotline_do_not_stand_before_others():
    with clock.told_at(clock.now() - timedelta(days=11)):
        bad, redone, left = make.make_answered(), make.make_answered(), make.make_answered()
        for one, turns in ((bad, 2), (redone, 1)):
            for _turn in range(turns):
                operations.rate(make.fresh(one), solved=False, satisfied=1, comment="没修好", by=make.BY)
                if make.fresh(one).case.state == State.HANDLING:
                    operations.reply(make.fresh(one), opinion="修好了。", by=make.BY)
    # rated bad for good it waits for the hotline; done again and not rated since, it is closed like any other
    assert make.fresh(bad).case.state == State.ANSWERED
    assert asking.silent(most=2) == [redone, left]


def test_a_limit_begins_at_midnight_here():
    make.make_hotline()
    make.dated([{"region_code": make.YUMEN, "first": 6, "handle": 9, "valid_from": date(2026, 12, 1)}])
    runs = []
    for hour in (2, 10):  # as the clock tells it: in UTC it is still the day before
        with clock.told_at(datetime(2026, 12, 1, hour, tzinfo=clock.CHINA).astimezone(UTC)):
            runs.append(make.make_dispatched().case.clocks.get(kind="handle").amount)
    assert runs == [9, 9]


def test_an_order_that_followed_is_found_where_it_went():
    lost, office = make.make_office("yumen-water", "玉门市水务局"), make.make_office()
    lead, follower = make.make_request(), make.make_dispatched(office=lost)
    operations.merge(follower, number=lead.case.number, by=make.make_dispatcher())
    operations.reply(make.make_dispatched(make.fresh(lead), office), opinion="修好了。", by=make.BY)
    jobs.drain()
    assert Found.objects.get(kind="request", ref=str(follower.pk)).department_id == office.pk


def test_back_to_the_hotline_once_within_a_day():
    office, other = make.make_office(), make.make_office("yumen-water", "玉门市水务局")
    request = make.make_dispatched(office=office)
    handler = make.make_handler(office)
    with pytest.raises(ValidationError):
        operations.give_back(request, opinion=" ", by=handler)
    operations.give_back(make.fresh(request), opinion="路灯由水务局管。", by=handler)
    request = make.fresh(request)
    assert (request.case.state, request.case.department) == (State.NEW, make.make_hotline().department)
    operations.dispatch(request, office=other, by=make.make_dispatcher())
    request = make.fresh(request)
    assert [one.why for one in request.dispatches.order_by("pk")] == ["first", "again"]
    with pytest.raises(ValidationError, match="指定由您单位承办"):
        operations.give_back(request, opinion="也不归我们。", by=make.make_handler(other))
    assert queries.rates(_today()).returned == 1


def test_after_a_day_the_first_office_keeps_it():
    with clock.told_at(clock.now() - timedelta(hours=25)):
        request = make.make_dispatched()
    with pytest.raises(ValidationError, match="首接负责"):
        operations.give_back(request, opinion="不归我们。", by=make.make_handler(request.case.department))


def test_a_designated_office_may_not_return():
    request = make.make_request()
    operations.dispatch(
        request, office=make.make_office(), subject=make.LAMP, designate=True, by=make.make_dispatcher()
    )
    with pytest.raises(ValidationError, match="指定"):
        operations.give_back(make.fresh(request), opinion="不归我们。", by=make.BY)


def test_refusal_names_the_next_owner():
    citizen = make.make_citizen()
    request = make.make_own(citizen)
    dispatcher = make.make_dispatcher()
    with pytest.raises(ValidationError) as refused:
        operations.refuse(request, refusal="court", next_owner=" ", opinion="已经起诉。", by=dispatcher)
    assert list(refused.value.message_dict) == ["next_owner"]
    operations.refuse(
        request, refusal="court", next_owner="玉门市人民法院立案庭 12368", opinion="已经起诉。", by=dispatcher
    )
    request = make.fresh(request)
    assert request.case.state == State.REFUSED
    assert "12368" in request.case.events.get(action="refuse").opinion
    assert Notice.objects.filter(key="requests.refused", body_zh__contains="12368").count() == 1


def test_the_same_matter_follows_its_lead():
    first, second, third = (make.make_own(make.make_citizen()) for _ in range(3))
    dispatcher = make.make_dispatcher()
    operations.merge(third, number=second.case.number, by=dispatcher)
    operations.merge(second, number=first.case.number, by=dispatcher)
    assert [make.fresh(one).lead for one in (second, third)] == [first, first]
    with pytest.raises(ValidationError):
        operations.merge(make.fresh(first), number=third.case.number, by=dispatcher)
    with pytest.raises(ValidationError, match="不能撤回"):
        operations.withdraw(make.fresh(first), by=make.BY)
    operations.reply(make.make_dispatched(make.fresh(first)), opinion="修好了。", by=make.BY)
    jobs.drain()
    jobs.drain()
    for follower in (second, third):
        row = make.fresh(follower)
        assert (row.case.state, row.case.department) == (State.ANSWERED, make.make_office())
        assert row.replies.get().text == "修好了。"
    # each is rated by who reported it; the answer counts once
    operations.rate(make.fresh(second), solved=True, satisfied=5, by=make.BY)
    operations.rate(make.fresh(third), solved=False, satisfied=1, comment="我门口没修", by=make.BY)
    assert (make.fresh(third).case.state, make.fresh(third).lead) == (State.HANDLING, None)
    figures = queries.rates(_today())
    assert (figures.answered, figures.rated, figures.satisfied) == (1, 2, 1)


def test_taken_up_again_within_the_days():
    request = make.make_closed()
    operations.reopen(request, why="又坏了一盏。", by=make.BY)
    request = make.fresh(request)
    assert (request.case.state, request.case.ended_at, request.reopened) == (State.HANDLING, None, 1)
    with clock.told_at(clock.now() - timedelta(days=40)):
        old = make.make_closed()
    with pytest.raises(ValidationError, match="重新提交"):
        operations.reopen(old, why="又坏了。", by=make.BY)


def test_who_follows_may_take_it_up_again():
    request, neighbour = make.make_dispatched(), make.make_citizen()
    operations.follow(request, by=neighbour)
    operations.follow(request, by=neighbour)
    operations.reply(make.fresh(request), opinion="修好了。", by=make.BY)
    assert Notice.objects.filter(key="requests.followed").count() == 1
    operations.rate(make.fresh(request), solved=True, satisfied=5, by=make.BY)
    operations.reopen(make.fresh(request), why="我家门口没修。", by=neighbour, own=False)
    request = make.fresh(request)
    assert request.case.state == State.HANDLING
    # the office reads that somebody else is affected, not who
    assert request.case.events.get(action="reopen").actor_name == "诉求人"


def test_urging_reaches_the_office_once_a_day():
    request = make.make_dispatched()
    handler = make.make_handler(request.case.department)
    operations.urge(request, why="等了两天", by=make.BY)
    with pytest.raises(ValidationError, match="一天内"):
        operations.urge(make.fresh(request), by=make.BY)
    assert Notice.objects.filter(key="requests.urged", account=handler.account).count() == 1
    assert make.fresh(request).urged == 1


def test_more_time_by_the_head_once():
    request = make.make_dispatched()
    office = request.case.department
    before = request.case.clocks.get(kind="handle").due
    with pytest.raises(Denied):
        operations.extend(request, days=5, opinion="等配件。", by=make.make_handler(office))
    head = make.make_handler(office, "order_head")
    with pytest.raises(ValidationError):
        operations.extend(request, days=11, opinion="等配件。", by=head)
    operations.extend(request, days=5, opinion="等配件。", by=head)
    request = make.fresh(request)
    assert request.case.clocks.get(kind="handle").due > before
    with pytest.raises(ValidationError, match="不能再延"):
        operations.extend(request, days=1, opinion="还等。", by=head)


def test_whoever_helps_is_of_this_region_and_in_use():
    request, dispatcher = make.make_request(), make.make_dispatcher()
    far = make.people.make_department("dunhuang-water", "620982000000", name="敦煌市水务局")
    gone = make.make_office("yumen-gone", "已撤销单位", active=False)
    for helper in (far, gone):
        with pytest.raises(ValidationError) as refused:
            operations.dispatch(
                make.fresh(request), office=make.make_office(), subject=make.LAMP, helpers=[helper], by=dispatcher
            )
        assert list(refused.value.message_dict) == ["helper"]
    assert make.fresh(request).case.state == State.NEW


def test_another_office_helps():
    request, other = make.make_dispatched(), make.make_office("yumen-water", "玉门市水务局")
    operations.ask_help(request, office=other, opinion="请一起看现场", by=make.make_handler(request.case.department))
    helper = make.make_handler(other)
    assert queries.order_for(request.case.number, helper) == request
    operations.help_given(make.fresh(request), office=other, opinion="看过了。", by=helper)
    assert make.actions(request)[-1] == "beside"
    assert request.case.events.get(action="beside").public is False


def test_the_hotline_answers_at_once():
    request = make.make_request(type="ask", text="办残疾人证要带什么？")
    operations.reply_now(request, opinion="身份证和两张照片。", subject=make.ASK, by=make.make_operator())
    request = make.fresh(request)
    assert (request.case.state, request.case.subject) == (State.ANSWERED, make.ASK)


def test_what_the_hotline_answered_goes_back_to_its_desk():
    citizen, operator, dispatcher = make.make_citizen(), make.make_operator(), make.make_dispatcher()
    rated, sent_back, ended = (make.make_own(citizen, type="ask") for _ in range(3))
    for one in (rated, sent_back, ended):
        operations.reply_now(one, opinion="身份证和照片。", subject=make.ASK, by=operator)
    operations.rate(make.fresh(rated), solved=False, satisfied=1, comment="不对", by=citizen)
    operations.redo(make.fresh(sent_back), opinion="回访没解决。", by=operator)
    operations.rate(make.fresh(ended), solved=True, satisfied=5, by=citizen)
    operations.reopen(make.fresh(ended), why="还是办不了。", by=citizen)
    assert set(queries.at_desk(dispatcher)) == {rated, sent_back, ended}
    for one in (rated, sent_back, ended):
        assert make.fresh(one).case.clocks.get(kind="handle").stopped_at is None
        assert queries.waiting(dispatcher) == 3 - [rated, sent_back, ended].index(one)
        office = make.make_office()
        operations.dispatch(make.fresh(one), office=office, subject=make.ASK, by=dispatcher)
        operations.reply(make.fresh(one), opinion="已当面说明。", by=make.make_handler(office))
        assert make.fresh(one).case.state == State.ANSWERED


def test_who_followed_what_the_hotline_answered_goes_back_to_its_desk_too():
    lead, follower, operator = make.make_request(), make.make_dispatched(), make.make_operator()
    dispatcher = make.make_dispatcher()
    operations.merge(follower, number=lead.case.number, by=dispatcher)
    operations.reply_now(make.fresh(lead), opinion="已经修好。", subject=make.LAMP, by=operator)
    jobs.drain()
    operations.redo(make.fresh(follower), opinion="回访没解决。", by=operator)
    operations.dispatch(make.fresh(follower), office=make.make_office(), by=dispatcher)
    follower = make.fresh(follower)
    assert (follower.case.state, follower.lead, follower.designated) == (State.HANDLING, None, False)
    assert follower.case.clocks.get(kind="handle").stopped_at is None


def test_a_class_given_later_takes_its_figures_along():
    request = make.make_request()
    assert queries.by_subject(_today(), 3) == [("", "", 1)]
    make.make_dispatched(request)
    assert queries.by_subject(_today(), 3) == [(make.LAMP, "路灯", 1)]


def test_withdrawn_before_it_is_answered():
    request = make.make_request()
    operations.withdraw(request, by=make.BY)
    assert make.fresh(request).case.state == State.WITHDRAWN
    with pytest.raises(Stale):
        operations.dispatch(make.fresh(request), office=make.make_office(), subject=make.LAMP, by=make.BY)


def test_two_step_answer_says_by_when():
    request = make.make_dispatched()
    for promised in (None, clock.today() - timedelta(days=1), clock.today() + timedelta(days=60)):
        with pytest.raises(ValidationError) as refused:
            operations.note(make.fresh(request), opinion="在办。", promised=promised, by=make.BY)
        assert list(refused.value.message_dict) == ["promised"]


def test_an_order_that_is_late_still_gets_a_day():
    with clock.told_at(clock.now() - timedelta(days=40)):
        request = make.make_dispatched()
    handler = make.make_handler(request.case.department)
    for promised in (clock.today() - timedelta(days=1), clock.today() + timedelta(days=11)):
        with pytest.raises(ValidationError, match="办结期限已过"):
            operations.note(make.fresh(request), opinion="在等配件。", promised=promised, by=handler)
    day = clock.today() + timedelta(days=3)
    operations.note(make.fresh(request), opinion="在等配件。", promised=day, by=handler)
    assert make.fresh(request).promised == day


def test_a_call_that_reached_somebody_says_whether_it_is_solved():
    request, operator = make.make_answered(), make.make_operator()
    with pytest.raises(ValidationError) as refused:
        operations.call(request, reached=True, satisfied=5, by=operator)
    assert list(refused.value.message_dict) == ["solved"]
    assert (make.fresh(request).case.state, request.verdicts.count()) == (State.ANSWERED, 0)


def test_only_ones_own_office():
    request = make.make_dispatched()
    stranger = make.make_handler(make.make_office("yumen-water", "玉门市水务局"))
    with pytest.raises(Denied):
        operations.reply(request, opinion="修好了。", by=stranger)
    with pytest.raises(Denied):
        queries.order_for(request.case.number, stranger)
    with pytest.raises(Denied):
        operations.dispatch(make.make_request(), office=make.make_office(), subject=make.LAMP, by=stranger)
    with pytest.raises(Denied):
        make.make_request(by=stranger)


def test_nobody_handles_his_own_order():
    dispatcher = make.make_dispatcher()
    person = make.people.make_person()
    dispatcher.account.person = person
    dispatcher.account.save()
    request = make.make_request(applicant=person)
    with pytest.raises(Denied):
        operations.dispatch(
            request, office=make.make_office(), subject=make.LAMP, by=make.people.acting(dispatcher.account)
        )


def test_an_order_is_no_permit():
    request = make.make_request()
    assert cases.progress(request.case.number, "0000") is None
    assert Case.objects.permits().count() == 0
    assert Request.objects.count() == 1


def _today():
    from hexi.blocks.indicators.counted import Slice

    return Slice(clock.today(), clock.today())


def test_a_question_nobody_answered_in_time_is_found_by_the_self_check(monkeypatch):
    asked = make.make_dispatched(make.make_request(type=Type.ASK))
    make.make_dispatched(make.make_request(type=Type.COMPLAIN))
    due = asked.case.next_due
    assert list(checking.overdue()) == []
    monkeypatch.setattr("django.utils.timezone.now", lambda: due + timedelta(hours=1))
    (found,) = checking.overdue()
    assert (found.defect, found.zh) == ("answer", f"{asked.case.number} 咨询逾期没有答复")
    assert asked.text not in (found.of, found.zh)
    operations.reply(make.fresh(asked), opinion="可以网上办。", by=make.BY)
    assert list(checking.overdue()) == []
