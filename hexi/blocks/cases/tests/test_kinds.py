"""Cases of another kind than the permit: one number row, one clock, one inbox, one person's page."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import TextChoices
from django.test import Client
from django.urls import reverse

from hexi.blocks.calendars.clocks import Limit, Unit
from hexi.blocks.cases import facts, kinds, queries, readers, selfcheck, watching
from hexi.blocks.cases.models import Case, Clock, Rating, Task
from hexi.blocks.cases.operations import opening
from hexi.blocks.cases.states import Action
from hexi.blocks.cases.steps import Stale, step
from hexi.blocks.cases.tests import make
from hexi.blocks.documents.models import Document
from hexi.blocks.indicators.counted import Slice
from hexi.blocks.indicators.models import Fact
from hexi.blocks.people.models import Mandate
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.models import Department
from hexi.kernel import clock
from hexi.kernel.actors import Denied, System

pytestmark = pytest.mark.django_db
BY = System("test")


class State(TextChoices):
    """States of the kind the tests make up."""

    OPEN = "open", "待办"
    DONE = "done", "已办"


KIND = kinds.CaseKind(
    key="errand", title="跑腿", states=State, ended=(State.DONE,), stages={State.OPEN: ("do", "cases.examine")},
    actions={"do": Action("do", "办好", (State.OPEN,), "cases.examine", "check", reason=True)},
    view=("cases.view",), work="cases.case", mine="cases.mine", tags={State.OPEN: "doing", State.DONE: "done"},
    counted="cases", steps={"submit": "收到", "beside": "协办"}, clocks={"handle": "办理"},
)  # fmt: skip


@pytest.fixture(autouse=True)
def errands(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A house with one more kind of case."""
    monkeypatch.setattr(kinds, "added", lambda _kind: (KIND,))
    for one in (kinds.kinds, kinds.task_verbs):
        one.cache_clear()
    make.make_calendar()
    yield
    for one in (kinds.kinds, kinds.task_verbs):
        one.cache_clear()


def make_errand(office: Department | None = None, **given: object) -> Case:
    """One errand of an office; `given` changes what it is opened with."""
    facts = {
        "letter": "E", "title": "取一份文件", "subject": "paper", "state": State.OPEN, "submission": "test:1", "by": BY,
        "office": office or people.make_department("office"), "then": lambda _step: None,
        "clocks": {"handle": Limit(5, Unit.WORKING_DAYS)},
    } | given  # fmt: skip
    return opening.open_case(KIND, **facts)[0]  # type: ignore[arg-type]


def test_it_has_a_number_a_clock_a_task_and_a_line() -> None:
    case = make_errand()
    assert case.number[:1] == "E"
    assert case.number[-4:] == "0001"
    assert [(one.kind, one.due is not None) for one in case.clocks.all()] == [("handle", True)]
    assert [(one.stage, one.verb, one.due) for one in case.tasks.all()] == [("do", "cases.examine", case.next_due)]
    assert [one.action for one in case.events.all()] == ["submit"]


def test_the_same_submission_counts_once_and_is_nobody_elses() -> None:
    first = make_errand()
    assert make_errand(first.department) == first
    assert Case.objects.count() == 1
    with pytest.raises(ValidationError):
        make_errand(first.department, applicant=people.make_person())


def test_nothing_stays_when_what_belongs_to_it_cannot_be_written() -> None:
    def fail(_step: object) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        make_errand(then=fail)
    assert Case.objects.count() == Task.objects.count() == 0


def test_it_is_done_by_who_may_and_ends_with_its_clock() -> None:
    case = make_errand()
    with pytest.raises(Denied), step(case, "do", by=people.acting(people.make_official("clerk")), revision=None):
        pass
    by = people.acting(people.make_official("examiner", department=case.department))
    with step(case, "do", by=by, revision=case.revision, opinion="办好了。") as one:
        one.case.state = State.DONE
    case.refresh_from_db()
    assert case.ended_at is not None
    assert case.clocks.get().met is True
    assert case.open_task() is None
    with pytest.raises(Stale), step(case, "do", by=by, revision=None, opinion="再办一次。"):
        pass


def test_it_stands_in_the_inbox_beside_permits_and_is_no_permit() -> None:
    case = make_errand()
    by = people.acting(people.make_official("examiner", department=case.department))
    assert [task.case for task in queries.todo(by)] == [case]
    assert list(queries.for_officials(by)) == []
    assert queries.progress(case.number, "0000") is None
    with pytest.raises(Case.DoesNotExist):
        queries.case_for(case.number, by)


def test_it_stands_among_ones_own_cases() -> None:
    account = people.make_citizen()
    case = make_errand(applicant=account.person)
    assert list(queries.mine(people.acting(account))) == [case]


def test_it_goes_to_another_office_with_its_task() -> None:
    case = make_errand()
    other = people.make_department("other")
    with opening.own_step(case, "submit", by=BY, states=(State.OPEN,)) as one:
        opening.give(one, other)
    assert [(one.department, one.done_at is None) for one in case.tasks.order_by("pk")] == [
        (case.department, False),
        (other, True),
    ]


def test_an_office_beside_helps_once() -> None:
    case = make_errand()
    other = people.make_department("other")
    for _ in range(2):
        with opening.own_step(case, "submit", by=BY, states=(State.OPEN,)) as one:
            opening.ask_beside(one, other, "cases.examine")
    assert case.tasks.filter(department=other).count() == 1
    by = people.acting(people.make_official("examiner", department=other))
    with pytest.raises(Denied):
        opening.answer_beside(case, other, opinion="去过了。", by=people.acting(people.make_official("clerk")))
    opening.answer_beside(case, other, opinion="去过了。", by=by)
    with pytest.raises(ValidationError):
        opening.answer_beside(case, other, opinion="又去过了。", by=by)
    assert case.events.get(action="beside").opinion == "去过了。"


def test_what_is_kept_stands_in_no_inbox_of_an_office_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its right is that of offices beside alone."""
    case = make_errand()
    by = people.acting(people.make_official("examiner", department=case.department))
    assert [task.case for task in queries.todo(by)] == [case]
    kept = replace(KIND, kept=lambda _by: Case.objects.all(), stages={}, beside=("cases.examine",))
    monkeypatch.setattr(kinds, "added", lambda _kind: (kept,))
    kinds.kinds.cache_clear()
    assert list(queries.todo(by)) == []


def test_a_permit_is_never_without_its_item() -> None:
    case = make_errand()
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(kind="permit")


def test_a_kind_without_figures_is_opened_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "added", lambda _kind: (replace(KIND, counted=""),))
    kinds.kinds.cache_clear()
    assert make_errand().state == State.OPEN
    assert Fact.objects.count() == 0


def test_who_acts_for_somebody_in_some_matters_may_handle_what_has_no_matter() -> None:
    account, principal = people.make_citizen("agent"), people.make_citizen("principal").person
    case = make_errand()
    other = make_errand(case.department, submission="test:2", applicant=principal)
    people.make_post(account, "examiner", department=case.department)
    Mandate.objects.create(
        principal=principal, agent=account.person, items=["works"], valid_from=clock.today(), valid_to=clock.today(),
        given_key="account:1", given_name="委托人", given_at=clock.now(),
    )  # fmt: skip
    assert {task.case_id for task in queries.todo(people.acting(account))} == {case.pk, other.pk}


# --- what stands on permits leaves other kinds alone ------------------------------------------------------------------
def test_no_silence_of_the_law_accepts_it() -> None:
    case = make_errand(clocks={"notice": Limit(5, Unit.WORKING_DAYS)})
    Case.objects.filter(pk=case.pk).update(state="submitted")
    Clock.objects.update(due=clock.now() - timedelta(days=1))
    assert list(queries.notice_lapsed()) == []
    assert list(selfcheck._overdue_notices()) == []


def test_figures_of_permits_do_not_count_it() -> None:
    case = make_errand()
    Case.objects.filter(pk=case.pk).update(accepted_at=clock.now(), decided_at=clock.now())
    assert list(facts.recount(clock.today(), clock.today())) == []


def test_time_of_steps_does_not_count_it() -> None:
    case = make_errand()
    by = people.acting(people.make_official("examiner", department=case.department))
    with step(case, "do", by=by, revision=case.revision, opinion="办好了。") as one:
        one.case.state = State.DONE
    supervisor = people.acting(people.make_official("supervisor", department=case.department))
    assert list(watching.done(Slice(clock.today(), clock.today()), supervisor)) == []


def test_its_papers_are_read_by_the_rights_of_its_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    case = make_errand()
    paper = Document(pk=1, of_kind="cases.case", of_ref=str(case.pk), slot="photo")
    by = people.acting(people.make_official("examiner", department=case.department))
    assert readers.may(by, paper) is True
    private = replace(KIND, view=("errands.view",))
    monkeypatch.setattr(kinds, "added", lambda _kind: (private,))
    kinds.kinds.cache_clear()
    assert readers.may(by, paper) is False
    assert readers.checks(by, paper) is False


def test_pages_of_permits_do_not_know_it(client: Client) -> None:
    account = people.make_citizen()
    case = make_errand(applicant=account.person)
    Case.objects.filter(pk=case.pk).update(state="closed")
    client.force_login(account)
    pages = ("rate", "mend", "hand_in", "ask")
    found = {name: client.post(reverse(f"cases.{name}", args=[case.number]), {"level": "1"}) for name in pages}
    assert {name: answer.status_code for name, answer in found.items()} == dict.fromkeys(pages, 404)
    assert Rating.objects.count() == 0
