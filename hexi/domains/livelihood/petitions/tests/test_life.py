"""A petition from its registration to the end of its re-review: each step, its clock, its paper and its right."""

from datetime import date, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from hexi.blocks.audit.models import Entry
from hexi.blocks.calendars.queries import calendar_for
from hexi.blocks.cases.models import Case, DueChange, Letter
from hexi.blocks.cases.steps import Stale
from hexi.blocks.documents import queries as files
from hexi.blocks.documents.models import Document
from hexi.blocks.notices.models import Notice
from hexi.blocks.people.tests import make as people
from hexi.domains.livelihood.petitions import jobs, queries, rules
from hexi.domains.livelihood.petitions.models import Handler, Higher, Office, Petition, Term, Writing
from hexi.domains.livelihood.petitions.operations import handling, intake, keeping, petitioning
from hexi.domains.livelihood.petitions.states import CLOCKS, State
from hexi.domains.livelihood.petitions.tests import make
from hexi.kernel import clock
from hexi.kernel.actors import Denied

pytestmark = pytest.mark.django_db


def clocks(petition: Petition) -> dict[str, tuple[int, str, bool]]:
    """Key of each clock → length, unit, whether it runs."""
    return {one.kind: (one.amount, one.unit, one.stopped_at is None) for one in petition.case.clocks.all()}


def test_it_is_registered_and_its_fifteen_days_run() -> None:
    petition = make.make_petition()
    assert petition.case.number[0] == "X"
    assert (petition.case.title, petition.case.applicant_name, petition.case.phone) == ("信访事项", "信访人", "")
    assert clocks(petition) == {"register": (15, "calendar_days", True)}
    assert petition.case.department.key == "yumen-petition"
    assert [(one.stage, one.verb) for one in petition.case.tasks.all()] == [("register", "petitions.decide")]


def test_the_words_of_a_petition_do_not_lie_open_in_any_table() -> None:
    petition = make.make_petition(text="谁都不该读到的一句话，写在这里。", against_name="某某某")
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - our own table names
            assert not [row for row in cursor.fetchall() if "谁都不该读到" in str(row) or "某某某" in str(row)], table
    assert make.fresh(petition).content["text"] == "谁都不该读到的一句话，写在这里。"


def test_the_same_submission_counts_once() -> None:
    account = people.make_citizen()
    first = make.make_petition(account, submission="one")
    assert make.make_petition(account, submission="one") == first
    assert Petition.objects.count() == Case.objects.count() == 1


def test_every_fault_is_told_at_once() -> None:
    make.make_rules()
    make.regions_there()
    with pytest.raises(ValidationError) as told:
        make.make_petition(title="", text="短", wish="", subject="none", phone="1", place_code="")
    assert set(told.value.message_dict) == {"title", "text", "wish", "subject", "phone", "place"}


@pytest.mark.parametrize(
    ("people_", "many", "good"), [(12, 5, True), (12, 6, False), (12, 0, False), (1, 0, True), (2, 3, False)]
)
def test_several_send_five_at_most(people_: int, many: int, good: bool) -> None:
    who = tuple({"name": f"代表{n}", "phone": people.phone_number()} for n in range(many))
    if good:
        assert make.make_petition(people=people_, representatives=who).speakers == many
        return
    with pytest.raises(ValidationError) as told:
        make.make_petition(people=people_, representatives=who)
    assert set(told.value.message_dict) == {"representatives"}


def test_without_a_checked_name_nobody_petitions_online() -> None:
    make.make_rules()
    make.regions_there()
    by = people.acting(people.make_account())
    with pytest.raises(Denied):
        intake.receive(make.said(), by=by, submission="1")
    with pytest.raises(Denied):
        intake.begin(by.account, by=by)


def test_the_whole_way_to_the_end() -> None:
    account = people.make_citizen()
    me = people.acting(account)
    petition, by = make.make_transferred(make.make_petition(account))
    assert petition.case.state == State.TRANSFERRED
    assert clocks(petition) == {
        "register": (15, "calendar_days", False), "tell": (15, "calendar_days", True),
        "object": (5, "working_days", True),
    }  # fmt: skip
    handling.accept(petition, by=by)
    assert clocks(petition)["handle"] == (60, "calendar_days", True)
    handling.conclude(make.fresh(petition), result="support", by=by, **make.OPINION)
    assert make.fresh(petition).case.state == State.SERVING
    assert "ask" not in clocks(petition)
    petitioning.receive_opinion(make.fresh(petition), by=me)
    assert clocks(petition)["ask"] == (30, "calendar_days", True)
    petitioning.ask_review(make.fresh(petition), reason="太晚。", by=me)
    petition = make.fresh(petition)
    assert (petition.level, petition.case.state, petition.case.department.key) == (2, "reviewing", "yumen-government")
    reviewer = make.make_official("petition_unit_head", make.make_government())
    handling.name_handler(petition, account=reviewer, by=people.acting(reviewer))
    handling.conclude(make.fresh(petition), result="upheld", by=people.acting(reviewer), **make.OPINION)
    petitioning.receive_opinion(make.fresh(petition), by=me)
    petitioning.ask_review(make.fresh(petition), reason="还是不服。", by=me)
    petition = make.fresh(petition)
    assert (petition.level, petition.case.state, petition.case.department.key) == (3, "rereview", "jiuquan-government")
    last = make.make_official("petition_unit_head", make.make_city())
    handling.name_handler(petition, account=last, by=people.acting(last))
    handling.conclude(make.fresh(petition), result="changed", by=people.acting(last), **make.OPINION)
    petitioning.receive_opinion(make.fresh(petition), by=me)
    petition = make.fresh(petition)
    assert petition.case.state == State.FINAL
    assert petition.case.ended_at is not None
    assert [kind for kind, (_n, _unit, running) in clocks(petition).items() if running] == []
    kinds = list(Letter.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["pet_transfer", "pet_accept", "pet_opinion", "pet_review", "pet_rereview"]
    assert Letter.objects.filter(document=None).count() == 0
    assert [one.blob.media_type for one in Document.objects.filter(slot__startswith="letter:")] == [
        "application/pdf"
    ] * 5
    with pytest.raises(ValidationError):
        petitioning.ask_review(petition, reason="再来。", by=me)


def test_a_lawsuit_is_refused_and_its_way_is_named() -> None:
    petition = make.make_petition()
    handling.refuse(
        petition, way="court", where="玉门市人民法院", opinion="已经起诉。", by=make.acting("petition_clerk")
    )
    petition = make.fresh(petition)
    assert (petition.case.state, petition.way, petition.case.ended_at is not None) == ("refused", "court", True)
    assert petition.case.clocks.get(kind="register").met is True
    assert [one.title for one in queries.papers(petition)] == ["信访事项不予受理告知书"]


@pytest.mark.parametrize("given", [{"way": "nowhere"}, {"way": "elsewhere"}])
def test_a_refusal_without_a_way_is_none(given: dict[str, str]) -> None:
    petition = make.make_petition()
    with pytest.raises(ValidationError):
        handling.refuse(petition, opinion="不属于。", by=make.acting("petition_clerk"), **given)
    assert make.fresh(petition).case.state == State.REGISTERED


def test_more_time_is_given_once_by_the_head_and_told() -> None:
    petition, by = make.make_handling()
    with pytest.raises(Denied):
        handling.extend(petition, days=10, opinion="复杂。", by=by)
    head = make.acting("petition_unit_head")
    with pytest.raises(ValidationError):
        handling.extend(petition, days=31, opinion="复杂。", by=head)
    old = petition.case.clocks.get(kind="handle").due
    handling.extend(petition, days=30, opinion="要做检测。", by=head)
    petition = make.fresh(petition)
    one = petition.case.clocks.get(kind="handle")
    assert (one.amount, one.due > old) == (90, True)
    assert [(change.old, change.new) for change in DueChange.objects.filter(clock=one)] == [(old, one.due)]
    assert Letter.objects.filter(kind="pet_extend").count() == 1
    with pytest.raises(ValidationError):
        handling.extend(petition, days=1, opinion="再延。", by=head)


def test_after_the_last_day_no_time_is_added() -> None:
    petition, _by = make.make_handling()
    due = petition.case.clocks.get(kind="handle").due
    with clock.told_at(due + timedelta(minutes=1)), pytest.raises(ValidationError):
        handling.extend(petition, days=5, opinion="复杂。", by=make.acting("petition_unit_head"))


def test_a_unit_objects_within_five_working_days() -> None:
    petition, by = make.make_transferred()
    handling.object(petition, opinion="属于水务局。", by=by)
    petition = make.fresh(petition)
    assert (petition.case.state, petition.case.department.key, petition.unit) == ("registered", "yumen-petition", None)
    assert clocks(petition)["register"][2] is True
    assert Handler.objects.filter(petition=petition, ended_at=None).count() == 0
    petition, by = make.make_transferred(petition)
    due = petition.case.clocks.get(kind="object").due
    with clock.told_at(due + timedelta(minutes=1)), pytest.raises(ValidationError):
        handling.object(petition, opinion="不属于。", by=by)


def test_who_does_not_ask_in_thirty_days_is_done_with() -> None:
    petition, _by = make.make_answered()
    due = petition.case.clocks.get(kind="ask").due
    jobs.close_silent()
    assert make.fresh(petition).case.state == State.ANSWERED
    with clock.told_at(due + timedelta(days=3)):
        with pytest.raises(ValidationError):
            petitioning.ask_review(petition, reason="现在才问。", by=people.acting(petition.case.applicant.account))
        jobs.close_silent()
        jobs.close_silent()
    petition = make.fresh(petition)
    assert petition.case.state == State.CLOSED
    assert petition.case.events.filter(action="lapse").count() == 1


def test_an_opinion_on_paper_counts_from_the_day_it_was_received() -> None:
    petition, by = make.make_handling()
    with clock.told_at(clock.now() - timedelta(days=3)):
        handling.conclude(petition, result="explain", by=by, **make.OPINION)
    day = clock.today() - timedelta(days=1)
    for wrong in (clock.today() + timedelta(days=1), day - timedelta(days=9)):
        with pytest.raises(ValidationError):
            handling.serve(make.fresh(petition), on=wrong, how="当面签收", by=by)
    handling.serve(make.fresh(petition), on=day, how="当面签收", by=by)
    one = make.fresh(petition).case.clocks.get(kind="ask")
    assert clock.local_day(one.start) == day


def test_a_hearing_of_a_re_review_does_not_count() -> None:
    account = people.make_citizen()
    petition, reviewer = make.make_review(account)
    handling.conclude(petition, result="upheld", by=reviewer, **make.OPINION)
    petitioning.receive_opinion(make.fresh(petition), by=people.acting(account))
    petitioning.ask_review(make.fresh(petition), reason="还是不服。", by=people.acting(account))
    last = make.make_official("petition_unit_head", make.make_city())
    by = people.acting(last)
    handling.name_handler(make.fresh(petition), account=last, by=by)
    before = make.fresh(petition).case.clocks.get(kind="rereview").due
    handling.hear(make.fresh(petition), days=5, opinion="案情复杂。", by=by)
    assert make.fresh(petition).case.clocks.get(kind="rereview").due is None
    with clock.told_at(clock.now() + timedelta(days=7)):
        handling.heard(make.fresh(petition), opinion="听证结束。", by=by)
    after = make.fresh(petition).case.clocks.get(kind="rereview").due
    assert after >= before + timedelta(days=6)


def test_who_had_it_before_does_not_review_it() -> None:
    account = people.make_citizen()
    petition, by = make.make_answered(account)
    petitioning.ask_review(petition, reason="太晚。", by=people.acting(account))
    people.make_post(by.account, "petition_unit_head", department=make.make_government())
    head = make.acting("petition_unit_head", make.make_government())
    with pytest.raises(ValidationError):
        handling.name_handler(make.fresh(petition), account=by.account, by=head)


def test_where_nobody_stands_above_the_petition_office_finds_who_reviews() -> None:
    account = people.make_citizen()
    petition = make.make_petition(account)
    unit = make.make_unit("yumen-water")
    handler = make.make_official("petition_handler", unit)
    clerk = make.acting("petition_clerk")
    handling.transfer(petition, unit=unit, handlers=[handler], by=clerk)
    handling.accept(make.fresh(petition), by=people.acting(handler))
    handling.conclude(make.fresh(petition), result="reject", by=people.acting(handler), **make.OPINION)
    petitioning.receive_opinion(make.fresh(petition), by=people.acting(account))
    petitioning.ask_review(make.fresh(petition), reason="不服。", by=people.acting(account))
    petition = make.fresh(petition)
    assert (petition.case.state, petition.case.department.key) == ("reviewing", "yumen-petition")
    with pytest.raises(ValidationError):
        handling.route(petition, unit=unit, by=clerk)
    handling.route(petition, unit=make.make_government(), by=clerk)
    assert make.fresh(petition).case.department.key == "yumen-government"


def test_the_same_matter_is_joined_and_each_gets_an_opinion() -> None:
    lead, by = make.make_handling()
    other = people.make_citizen(name="李文静")
    follower = make.make_petition(other)
    clerk = make.acting("petition_clerk")
    with pytest.raises(ValidationError):
        handling.join(follower, lead=follower, by=clerk)
    handling.join(follower, lead=lead, by=clerk)
    assert make.fresh(follower).case.state == State.JOINED
    handling.conclude(make.fresh(lead), result="support", by=by, **make.OPINION)
    follower = make.fresh(follower)
    assert follower.case.state == State.SERVING
    numbers = list(Letter.objects.filter(kind="pet_opinion").values_list("number", flat=True))
    assert len(set(numbers)) == 2
    petitioning.receive_opinion(follower, by=people.acting(other))
    petitioning.ask_review(make.fresh(follower), reason="我那里没有修。", by=people.acting(other))
    assert make.fresh(follower).level == 2
    assert make.fresh(lead).level == 1


def test_the_petitioner_rates_once() -> None:
    account = people.make_citizen()
    petition, _by = make.make_answered(account)
    with pytest.raises(Denied):
        petitioning.rate(petition, level=5, by=people.acting(people.make_citizen()))
    petitioning.rate(petition, level=4, comment="可以。", by=people.acting(account))
    assert make.fresh(petition).satisfied == 4
    with pytest.raises(ValidationError):
        petitioning.rate(petition, level=1, by=people.acting(account))


def test_a_stale_page_changes_nothing() -> None:
    petition, by = make.make_transferred()
    handling.accept(petition, by=by, revision=petition.case.revision)
    with pytest.raises(Stale):
        handling.object(petition, opinion="不属于。", by=by, revision=petition.case.revision)


def test_what_is_written_is_kept_and_sent_once() -> None:
    make.make_rules()
    make.regions_there()
    account = people.make_citizen()
    by = people.acting(account)
    writing = intake.begin(account, by=by)
    assert intake.begin(account, by=by) == writing
    intake.save(writing, {"title": "屋顶"}, by=by)
    with pytest.raises(Denied):
        intake.save(writing, {"title": "别人"}, by=people.acting(people.make_citizen()))
    found = [
        intake.receive(make.said(), by=by, submission=writing.key, applicant=account.person, writing=writing)
        for _ in range(2)
    ]
    assert [new for _one, new in found] == [True, False]
    kept = Writing.objects.get()
    assert (kept.sent, kept.written) == (found[0][0], {})


def test_a_term_of_a_region_begins_on_its_day() -> None:
    make.make_rules()
    head, day = make.acting("petition_head"), clock.today() + timedelta(days=1)
    office = queries.offices_of(head, "petitions.terms")[0]
    facts = {"step": "register", "amount": 7, "unit": "calendar_days", "law": "本地规定", "clause": ""}
    with pytest.raises(ValidationError):
        keeping.set_term(office, by=head, valid_from=clock.today(), **facts)
    with pytest.raises(Denied):
        keeping.set_term(office, by=make.acting("petition_clerk"), valid_from=day, **facts)
    keeping.set_term(office, by=head, valid_from=day, **facts)
    assert rules.limit("register", make.YUMEN, clock.today()).amount == 15
    assert rules.limit("register", make.YUMEN, day).amount == 7
    assert rules.limit("register", "610000000000", day).amount == 15


def test_the_terms_name_their_law_and_before_2022_the_old_one_held() -> None:
    make.make_rules()
    steps = set(CLOCKS) | {"extend"}
    assert {one.step for one in queries.terms(date(2026, 1, 1))} == steps
    assert {one.law for one in queries.terms(date(2026, 1, 1)).exclude(step="serve")} == {"信访工作条例"}
    assert {one.law for one in queries.terms(date(2022, 4, 30)).exclude(step="serve")} == {"信访条例"}
    assert Term.objects.filter(law="信访条例", verified=True).count() == 0


@pytest.mark.parametrize("start", [date(2026, 1, 20) + timedelta(days=9 * n) for n in range(30)])
def test_each_clock_ends_where_a_count_day_by_day_ends(start: date) -> None:
    """Calendar days that end on a rest day move on (民法典 art. 203); working days are counted one by one."""
    make.make_rules()
    calendar = calendar_for(make.YUMEN)
    moment = datetime.combine(start, time(9), clock.CHINA)
    for one in queries.terms(start):
        day = start
        left = one.amount
        while left:
            day += timedelta(days=1)
            left -= 1 if one.unit == "calendar_days" or calendar.is_working(day) else 0
        while one.unit == "calendar_days" and not calendar.is_working(day):
            day += timedelta(days=1)
        assert calendar.due(moment, one.limit).day == day, one.step


def test_a_look_is_logged_for_the_petitioner() -> None:
    account = people.make_citizen()
    petition = make.make_petition(account)
    clerk = make.acting("petition_clerk")
    _found, reads = queries.petition_for(petition.case.number, clerk)
    assert reads is True
    assert [one.actor_key for one in Entry.objects.filter(verb="look", about_person=account.person_id)] == [clerk.key]


def test_no_notice_says_what_it_is_about() -> None:
    make.make_answered()
    said = " ".join(f"{one.title_zh}{one.body_zh}" for one in Notice.objects.all())
    assert "屋顶" not in said
    assert {one.key for one in Notice.objects.all()} >= {"petitions.received", "petitions.told", "petitions.concluded"}


def test_materials_go_along() -> None:
    make.make_rules()
    make.regions_there()
    account = people.make_citizen()
    by = people.acting(account)
    writing = intake.begin(account, by=by)
    file = make.picture()
    intake.attach(writing, file, by=by)
    petition, _new = intake.receive(
        make.said(), by=by, submission=writing.key, applicant=account.person, writing=writing
    )
    assert [one.name for one in files.of_thing(queries.KIND, str(petition.pk))] == ["现场.jpg"]


def test_what_was_joined_is_refused_with_what_it_was_joined_to() -> None:
    lead, follower = make.make_petition(), make.make_petition(people.make_citizen())
    clerk = make.acting("petition_clerk")
    handling.join(follower, lead=lead, by=clerk)
    handling.refuse(make.fresh(lead), way="court", opinion="已经起诉。", by=clerk)
    for one in (make.fresh(lead), make.fresh(follower)):
        assert (one.case.state, one.way, one.case.ended_at is not None) == (State.REFUSED, "court", True)
        assert one.case.letters.get().kind == "pet_refuse"


def test_no_organ_reviews_twice() -> None:
    account = people.make_citizen()
    petition, by = make.make_review(account)
    handling.conclude(petition, result="upheld", by=by, **make.OPINION)
    Higher.objects.filter(unit=make.make_government()).update(organ=make.make_unit())  # a table that goes in a circle
    petitioning.receive_opinion(make.fresh(petition), by=people.acting(account))
    petitioning.ask_review(make.fresh(petition), reason="不服。", by=people.acting(account))
    petition = make.fresh(petition)
    assert (petition.case.state, petition.unit, petition.case.department) == ("rereview", None, make.make_office())


# --- terms
@pytest.mark.parametrize(
    ("step", "amount", "unit", "good"),
    [
        ("handle", 60, "calendar_days", True), ("handle", 45, "calendar_days", True),
        ("handle", 61, "calendar_days", False), ("handle", 30, "working_days", False),
        ("extend", 31, "calendar_days", False), ("ask", 40, "calendar_days", True), ("ask", 29, "calendar_days", False),
        ("serve", 90, "calendar_days", True),
    ],
)  # fmt: skip
def test_a_region_leaves_nobody_worse_off_than_the_law(step: str, amount: int, unit: str, good: bool) -> None:
    make.make_rules()
    office = Office.objects.get(region_code=make.YUMEN)
    facts = {"step": step, "amount": amount, "unit": unit, "law": "本地规定", "clause": ""}
    day = clock.today() + timedelta(days=1)
    if good:
        keeping.set_term(office, **facts, valid_from=day, by=make.acting("petition_head"))
        return
    with pytest.raises(ValidationError) as refused:
        keeping.set_term(office, **facts, valid_from=day, by=make.acting("petition_head"))
    assert "信访工作条例" in refused.value.message_dict["amount"][0]
    # brought by a pack behind that check it does not count either
    Term.objects.create(region_code=make.YUMEN, valid_from=day, **facts)
    assert rules.term(step, make.YUMEN, day).region_code == ""


def test_an_opinion_is_handed_over_within_a_term_of_its_own() -> None:
    account = people.make_citizen()
    petition, by = make.make_handling(make.make_petition(account))
    handling.conclude(petition, result="support", by=by, **make.OPINION)
    running = petition.case.clocks.get(kind="serve")
    assert (running.stopped_at, running.due is not None) == (None, True)
    assert make.fresh(petition).case.next_due == running.due
    petitioning.receive_opinion(make.fresh(petition), by=people.acting(account))
    assert petition.case.clocks.get(kind="serve").met is True
    assert rules.term("serve", make.YUMEN, clock.today()).verified is False


def test_petitions_of_one_petitioner_are_found_under_new_keys() -> None:
    account = people.make_citizen()
    first, second = make.make_petition(account), make.make_petition(account)
    other = make.make_petition()
    with people.new_keys():
        for one in (first, second, other):
            one.refresh_from_db()
        wanted = queries.lookup(account.person, "")
        assert (first.lookup, second.lookup, other.lookup == wanted) == (wanted, wanted, False)
