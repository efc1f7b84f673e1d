"""Many at once through the operations: numbers without gaps, one decision, one acceptance by law, one case a draft."""

from datetime import datetime
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from hexi.blocks.audit import queries as log
from hexi.blocks.cases import intake, jobs, operations, queries
from hexi.blocks.cases.models import Case, Clock, Counter, Event, Letter, Task
from hexi.blocks.cases.operations.applying import code_of
from hexi.blocks.cases.states import Outcome, State
from hexi.blocks.cases.steps import Stale
from hexi.blocks.cases.tests import make
from hexi.blocks.certificates.models import Certificate
from hexi.blocks.documents.models import Document
from hexi.blocks.documents.tests import make as documents
from hexi.blocks.forms import operations as forms
from hexi.blocks.forms.models import Draft
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.tests import make as regions
from hexi.kernel import clock
from tests.races.together import parted, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
THREADS, EACH = 16, 50


class Undone(Exception):
    """Something went wrong after the submission, in its transaction."""


@pytest.fixture
def item():
    return make.make_item()


@pytest.fixture
def at(monkeypatch):
    """Set the time for all threads: `at("2026-11-24 10:00")`."""

    def go(text):
        moment = datetime.fromisoformat(text).replace(tzinfo=clock.CHINA)
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    return go


def submit(item, person, name):
    facts = {"answers": make.ANSWERS, "submission": name, "phone": person.phone, "by": make.BY}
    return operations.submit(item.version, applicant=person, **facts)


def submit_and_undo(item, person, name):
    """A whole submission whose transaction is rolled back at its very end."""
    with pytest.raises(Undone), transaction.atomic():  # noqa: PT012 - the whole transaction is what is undone
        submit(item, person, name)
        raise Undone


def numbers_wanted(item, many):
    prefix = f"{code_of(item.version)}{clock.today():%Y%m%d}"
    return [f"{prefix}{serial:04d}" for serial in range(1, many + 1)]


def test_sixteen_threads_leave_no_gap_and_no_double_though_some_roll_back(item):
    persons = [people.make_person() for _ in range(THREADS)]

    def many(thread):
        for n in range(EACH):
            if (thread + n) % 10 == 0:
                submit_and_undo(item, persons[thread], f"undone:{thread}:{n}")
            submit(item, persons[thread], f"kept:{thread}:{n}")

    together(*(partial(many, thread) for thread in range(THREADS)))
    total = THREADS * EACH
    wanted = numbers_wanted(item, total)
    assert list(Case.objects.order_by("number").values_list("number", flat=True)) == wanted
    assert Counter.objects.get(key=f"case:{wanted[0][:-4]}").value == total
    counts = (Clock.objects.count(), Task.objects.count(), Event.objects.count(), Case.objects.count())
    assert counts == (total, total, total, total)
    assert queries.figures("", clock.today(), clock.today()).received == total
    assert list(log.verify()) == []


def test_one_submission_name_from_many_threads_is_one_case(item):
    person = people.make_person()
    found = together(*[partial(submit, item, person, "draft:same")] * 8)
    assert {case.pk for case, _new in found} == {Case.objects.get().pk}
    assert [new for _case, new in found].count(True) == 1
    assert Case.objects.get().number == numbers_wanted(item, 1)[0]
    # the losers' numbers went back: the next case takes the second
    assert submit(item, person, "draft:next")[0].number == numbers_wanted(item, 2)[1]


def test_the_same_draft_sent_from_two_threads_is_one_case_with_its_files(item):
    regions.make_divisions()
    citizen = make.make_citizen()
    draft = forms.start(
        intake.ITEM, ref=str(item.pk), digest=item.version.digest, by=citizen, person_id=citizen.person_id,
        region_code=item.region_code,
    )  # fmt: skip
    forms.save_step(draft, raw=make.ANSWERS, version=draft.version, by=citizen)
    for seed, slot in enumerate(("title_proof", "volume_note", "photos")):
        content = documents.make_image(seed=seed)
        documents.make_document(citizen.account.person, content=content, by=citizen, thing=draft, slot=slot)
    draft = Draft.objects.get(pk=draft.pk)
    found = together(*[partial(intake.submit, draft, version=draft.version, by=citizen)] * 4)
    case = Case.objects.get()
    assert found == [case.number] * 4
    papers = Document.objects.filter(of_kind="cases.case", of_ref=str(case.pk)).order_by("slot")
    assert [one.slot for one in papers] == ["photos", "title_proof", "volume_note"]
    assert log.of(case).filter(verb="cases.submit").count() == 1


def test_two_clerks_accept_at_once_one_wins_and_the_other_is_told(item):
    case = make.make_case(item)
    clerks = [make.make_official(make.CLERK) for _ in range(2)]
    accept = [partial(operations.accept, case, by=clerk, revision=case.revision) for clerk in clerks]
    won, told = parted(together(*accept, expect=Stale), Stale)
    assert (len(won), len(told)) == (1, 1)
    assert str(State.EXAMINING.label) in told[0].messages[0]
    assert [one.kind for one in Letter.objects.all()] == ["acceptance"]
    assert Event.objects.filter(case=case, action="accept").count() == 1


def test_two_heads_decide_against_each_other_and_one_decision_stands(item):
    case = make.make_case(item)
    operations.accept(case, by=make.make_official(make.CLERK))
    operations.examine(case, by=make.make_official(make.EXAMINER), opinion="符合采伐限额。")
    case = make.fresh(case)
    one, other = make.make_official(make.HEAD), make.make_official(make.HEAD)
    grant = partial(operations.grant, case, by=one, revision=case.revision)
    refuse = partial(operations.refuse, case, by=other, opinion="在封山育林区内。", revision=case.revision)
    won, told = parted(together(grant, refuse, expect=Stale), Stale)
    assert (len(won), len(told)) == (1, 1)
    outcome = make.fresh(case).outcome
    assert outcome in Outcome.values
    assert [one.kind for one in Letter.objects.exclude(kind="acceptance")] == [outcome]
    figures = queries.figures("", clock.today(), clock.today())
    assert (figures.granted + figures.refused, figures.ended) == (1, int(outcome == Outcome.REFUSED))


def test_decisions_at_the_same_moment_have_numbers_without_gaps(item):
    cases, head = [], make.make_official(make.HEAD)
    for _one in range(8):
        case = make.make_case(item)
        operations.accept(case, by=make.BY)
        operations.examine(case, by=make.BY, opinion="符合采伐限额。")
        cases.append(make.fresh(case))
    together(*(partial(operations.grant, case, by=head, opinion="同意。") for case in cases))
    numbers = sorted(Letter.objects.filter(kind="granted").values_list("number", flat=True))
    assert [one[-5:-1] for one in numbers] == [f"{serial:04d}" for serial in range(1, 9)]


def test_the_applicant_withdraws_while_the_window_accepts(item):
    citizen = make.make_citizen()
    case = make.make_case(item, applicant=citizen.account.person, by=citizen)
    accept = partial(operations.accept, case, by=make.make_official(make.CLERK), revision=case.revision)
    withdraw = partial(operations.withdraw, case, reason="不砍了", by=citizen, revision=case.revision)
    won, told = parted(together(accept, withdraw, expect=Stale), Stale)
    assert (len(won), len(told)) == (1, 1)
    kinds = {State.EXAMINING: "acceptance", State.WITHDRAWN: "withdrawn"}
    assert Letter.objects.get().kind == kinds[State(make.fresh(case).state)]


def test_two_schedulers_accept_by_law_once_and_with_the_right_day(item, at):
    at("2026-11-24 10:00")
    cases = [make.make_case(item) for _ in range(12)]
    at("2027-01-15 08:00")
    assert sum(together(jobs.accept_by_law, jobs.accept_by_law, jobs.accept_by_law)) == len(cases)
    for case in Case.objects.all():
        assert (case.state, case.deemed, clock.local_day(case.accepted_at).isoformat()) == (
            State.EXAMINING,
            True,
            "2026-11-24",
        )
        assert clock.local_day(case.clocks.get(kind="legal").due).isoformat() == "2026-12-22"
        assert [one.kind for one in case.letters.all()] == ["deemed"]
    figures = queries.figures("", clock.today(), clock.today())
    assert (figures.deemed, figures.accepted) == (len(cases), len(cases))
    assert Event.objects.filter(action="accept_deemed").count() == len(cases)


def test_after_the_fifth_day_the_law_accepts_and_the_window_is_told_so(item, at):
    at("2026-11-24 10:00")
    case = make.make_case(item)
    at("2026-12-02 08:00")
    accept = partial(operations.accept, case, by=make.make_official(make.CLERK), revision=case.revision)
    # before the job the window is told to wait for it, after the job that the case has moved on
    window, _law = together(accept, jobs.accept_by_law, expect=(Stale, ValidationError))
    assert isinstance(window, (Stale, ValidationError))
    assert list(Letter.objects.filter(case=case).values_list("kind", flat=True)) == ["deemed"]
    assert queries.figures("", clock.today(), clock.today()).accepted == 1


def test_two_claims_at_once(item):
    make.make_case(item)
    task = Task.objects.get()
    clerks = [make.make_official(make.CLERK) for _ in range(2)]
    claims = [partial(operations.claim, Task.objects.get(pk=task.pk), by=clerk) for clerk in clerks]
    won, told = parted(together(*claims, expect=ValidationError), ValidationError)
    assert (len(won), len(told)) == (1, 1)
    assert won[0].claimed_by_id in {clerk.account_id for clerk in clerks}
    assert "领取" in told[0].messages[0]


def test_worker_and_clerk_certify_at_once_and_there_is_one_certificate(item):
    case = make.make_case(item)
    operations.accept(case, by=make.make_official(make.CLERK))
    operations.examine(case, by=make.make_official(make.EXAMINER), opinion="符合采伐限额。")
    operations.grant(case, by=make.make_official(make.HEAD))
    together(*[partial(jobs.certify, case.pk)] * 2, *[jobs.certify_waiting] * 2)
    case = make.fresh(case)
    assert (case.state, Certificate.objects.get().identifier) == (State.CLOSED, case.certificate_ref)
