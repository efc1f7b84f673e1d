"""好差评: once a matter, two clocks for a bad one, review, what counts, who may, what the public sees."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from hexi.blocks.audit.models import Entry
from hexi.blocks.cases import facts, operations, ratings, telling
from hexi.blocks.cases.models import Case, Rating
from hexi.blocks.cases.operations import rating as rate_operations
from hexi.blocks.cases.tests import make
from hexi.blocks.indicators.models import Fact
from hexi.blocks.notices.models import Notice
from hexi.blocks.people.tests import make as people
from hexi.kernel import clock
from hexi.kernel.actors import Denied
from tests.races.together import parted, together

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(monkeypatch):
    def go(text):
        moment = datetime.fromisoformat(text).replace(tzinfo=clock.CHINA)
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    go("2026-11-24 10:00")
    return go


@pytest.fixture
def villager():
    return make.make_citizen()


@pytest.fixture
def case(at, villager):
    """An ended case of the villager's."""
    one = make.make_case(make.make_item(), applicant=villager.account.person, by=villager)
    operations.reject(one, by=make.make_official(make.CLERK), opinion="不归本局管", where_to="瓜州县林业和草原局")
    return make.fresh(one)


@pytest.fixture
def bad(case, villager):
    return rate_operations.rate(case, level=1, by=villager, text="跑了三趟", aspects={"speed": 1, "manner": 5})


@pytest.fixture
def bad_tell(case, monkeypatch):
    """Telling breaks off, as when the process dies there."""
    real = telling.tell

    def broken(*args, **facts):
        raise ConnectionError

    def go(*, works):
        monkeypatch.setattr(telling, "tell", real if works else broken)

    go(works=False)
    return go


def counted():
    found = {"rated": 0, "satisfied": 0}
    for row in Fact.objects.filter(grain=Fact.Grain.DAY, key__in=facts.keys(found)):
        found[row.key.removeprefix("cases.")] += row.amount
    return found


def when(moment):
    return clock.local_day(moment).isoformat()


def test_one_matter_is_rated_once(case, villager):
    rating = rate_operations.rate(case, level=5, by=villager, text=" 很快 ")
    assert (rating.level, rating.text, rating.state, rating.number) == (5, "很快", "", None)
    with pytest.raises(ValidationError, match="只评一次"):
        rate_operations.rate(case, level=1, by=villager)
    assert counted() == {"rated": 1, "satisfied": 1}


def test_a_running_case_is_not_rated_yet(at, villager):
    one = make.make_case(make.make_item(), applicant=villager.account.person, by=villager)
    with pytest.raises(ValidationError, match="办结以后"):
        rate_operations.rate(one, level=5, by=villager)


@pytest.mark.parametrize("level", [0, 6, -1])
def test_a_level_is_one_of_five(case, villager, level):
    with pytest.raises(ValidationError, match="满意程度"):
        rate_operations.rate(case, level=level, by=villager)
    assert Rating.objects.count() == 0


def test_only_the_applicant_rates(case):
    for other in (make.make_citizen(), make.make_official(make.CLERK), make.make_official(make.HEAD)):
        with pytest.raises(Denied):
            rate_operations.rate(case, level=5, by=other)


def test_a_bad_one_opens_an_order_with_two_clocks_and_tells_the_office(bad):
    assert (bad.number, bad.state) == ("差评620981〔2026〕0001号", "open")
    # one and fifteen working days after Tuesday 24 November
    assert (when(bad.contact_due), when(bad.mend_due)) == ("2026-11-25", "2026-12-15")
    assert bad.aspects == {"speed": 1}  # the manner of a counter is not asked for online
    assert counted() == {"rated": 1, "satisfied": 0}


def test_nobody_is_left_untold(case, villager, bad_tell):
    """Rating and answer stand only with what is told of them: cut off in between, both are done again."""
    with pytest.raises(ConnectionError):
        rate_operations.rate(case, level=1, by=villager)
    assert (Rating.objects.count(), counted()) == (0, {"rated": 0, "satisfied": 0})
    bad_tell(works=True)
    bad, clerk = rate_operations.rate(case, level=1, by=villager), make.make_official(make.HEAD)
    rate_operations.contact(bad, said="电话道歉", by=clerk)
    bad_tell(works=False)
    with pytest.raises(ConnectionError):
        rate_operations.answer_rating(bad, reply="已整改", by=clerk)
    assert Rating.objects.get().state == "contacted"


def test_from_contact_over_mending_to_a_second_word(bad, villager, at):
    clerk = make.make_official(make.HEAD)
    with pytest.raises(ValidationError, match="刚被处理过"):
        rate_operations.answer_rating(bad, reply="已整改", by=clerk)
    at("2026-11-25 09:00")
    rate_operations.contact(bad, said="电话道歉", by=clerk)
    held = rate_operations.answer_rating(bad, reply="窗口已公示一次告知清单。", by=clerk)
    assert Notice.objects.filter(key="cases.rating_answered").count() == 1
    done = rate_operations.rate_again(held, level=4, by=villager)
    assert (done.state, done.level, done.again, done.closed_at is not None) == ("closed", 1, 4, True)
    with pytest.raises(ValidationError, match="每次答复一次"):
        rate_operations.rate_again(done, level=5, by=villager)
    assert counted() == {"rated": 1, "satisfied": 0}  # the first word is what counts


def test_still_bad_goes_to_the_supervisor_who_sends_it_back(bad, villager, at):
    clerk, supervisor = make.make_official(make.HEAD), make.make_official(make.SUPERVISOR)
    rate_operations.contact(bad, said="已联系", by=clerk)
    held = rate_operations.answer_rating(bad, reply="已整改", by=clerk)
    held = rate_operations.rate_again(held, level=2, by=villager)
    assert held.state == "review"
    with pytest.raises(Denied):
        rate_operations.rule(held, annul=True, ruling="误评", by=clerk)
    at("2027-03-01 10:00")
    held = rate_operations.rule(held, annul=False, ruling="属实", by=supervisor)
    # the second word stays, and the mending has its fifteen working days anew
    assert (held.state, held.again, when(held.mend_due)) == ("contacted", 2, "2027-03-22")
    held = rate_operations.answer_rating(held, reply="换了人，重新办好。", by=clerk)
    assert rate_operations.rate_again(held, level=5, by=villager).again == 5


def test_a_plea_sent_back_gives_no_more_time(bad, at):
    clerk, supervisor = make.make_official(make.HEAD), make.make_official(make.SUPERVISOR)
    rate_operations.contact(bad, said="已联系", by=clerk)
    rate_operations.plead(bad, why="评的不是本局", by=clerk)
    at("2027-03-01 10:00")
    held = rate_operations.rule(bad, annul=False, ruling="属实", by=supervisor)
    assert when(held.mend_due) == "2026-12-15"


def test_an_unfair_one_is_annulled_does_not_count_and_stays(bad):
    clerk, supervisor = make.make_official(make.HEAD), make.make_official(make.SUPERVISOR)
    rate_operations.contact(bad, said="已联系", by=clerk)
    rate_operations.plead(bad, why="评的不是本局", by=clerk)
    with pytest.raises(ValidationError, match="结论"):
        rate_operations.rule(bad, annul=True, ruling=" ", by=supervisor)
    held = rate_operations.rule(bad, annul=True, ruling="确属误评", by=supervisor)
    assert (held.annulled, held.state) == (True, "closed")
    assert counted() == {"rated": 0, "satisfied": 0}
    assert Rating.objects.get().level == 1
    today = clock.today()
    assert ratings.results(ratings.counted("62", today, today), "case__title") == []


def test_the_first_page_reads_no_rating(bad, client, django_assert_max_num_queries):
    with django_assert_max_num_queries(200) as asked:
        page = client.get("/").content.decode()
    assert "满意率" in page
    assert [one["sql"] for one in asked if "cases_rating" in one["sql"]] == []


def test_what_counts_from_day_to_day_is_found_by_the_index_of_moments(bad):
    today = clock.today()
    assert ratings.counted("62", today, today).get() == bad
    assert not ratings.counted("62", today + timedelta(days=1), today + timedelta(days=1)).exists()
    assert "django_datetime_cast_date" not in str(ratings.counted("62", today, today).query)


def test_what_is_late_is_found(bad, at):
    assert not Rating.objects.filter(ratings.late()).exists()
    at("2026-11-26 00:01")
    assert Rating.objects.filter(ratings.late()).get() == bad


@pytest.mark.parametrize("role", [make.HEAD, make.SUPERVISOR])
def test_another_county_sees_and_does_nothing(bad, role, client):
    client.force_login(people.make_official(role, region_code="620982000000"))
    assert client.get(reverse("cases.rating", args=[bad.pk])).status_code == 404
    page = client.post(reverse("cases.handle_rating", args=[bad.pk, "contact"]), {"said": "x"})
    assert page.status_code == 404
    assert bad.number not in client.get(reverse("cases.rating_list")).content.decode()


def test_the_pages_from_stars_to_answer(case, villager, client):
    client.force_login(villager.account)
    mine = reverse("cases.mine", args=[case.number])
    assert "整体满意吗？" in client.get(mine).content.decode()
    client.post(reverse("cases.rate", args=[case.number]), {"level": "2", "speed": "1", "text": "慢", "public": "1"})
    rating = Rating.objects.get()
    assert (rating.level, rating.aspects, rating.public) == (2, {"speed": 1}, True)
    client.force_login(people.make_official(make.HEAD, department=case.department, region_code=case.region_code))
    assert rating.number in client.get(reverse("cases.rating_list")).content.decode()
    looks = Entry.objects.filter(verb="look", about_person=case.applicant_id, kind="cases.rating")
    assert (client.get(reverse("cases.rating", args=[rating.pk])).status_code, looks.count()) == (200, 1)
    page = client.post(reverse("cases.handle_rating", args=[rating.pk, "contact"]), {"said": ""})
    assert (page.status_code, "请写明联系的情况" in page.content.decode()) == (422, True)
    client.post(reverse("cases.handle_rating", args=[rating.pk, "contact"]), {"said": "已致歉"})
    client.post(reverse("cases.handle_rating", args=[rating.pk, "mend"]), {"reply": "已增开窗口。"})
    page = client.get(f"/ratings/?year={clock.today().year}").content.decode()
    assert ("已增开窗口。" in page, villager.account.person.name in page) == (True, False)
    client.force_login(villager.account)
    assert "整改以后满意吗？" in client.get(mine).content.decode()


def test_the_public_page_asks_as_much_for_three_as_for_one(case, villager, client, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    asked = []
    for _n in range(3):
        one = make.make_case(case.item, applicant=villager.account.person, by=villager)
        Case.objects.filter(pk=one.pk).update(state="closed", ended_at=clock.now())
        rate_operations.rate(make.fresh(one), level=4, by=villager, text="好", public=True)
        with CaptureQueriesContext(connection) as seen:
            assert client.get("/ratings/").status_code == 200
        asked.append(len(seen))
    assert asked[1] == asked[2]


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_are_one_rating(case, villager):
    work = [partial(rate_operations.rate, case, level=1, by=villager)] * 2
    won, told = parted(together(*work, expect=ValidationError), ValidationError)
    assert (len(won), len(told), Rating.objects.count()) == (1, 1, 1)
    assert counted() == {"rated": 1, "satisfied": 0}


def test_recounting_gives_the_same(bad):
    today = clock.today()
    again = {}
    for line in facts.recount(today, today):
        again[line.key.removeprefix("cases.")] = again.get(line.key.removeprefix("cases."), 0) + line.amount
    assert {name: again.get(name, 0) for name in ("rated", "satisfied")} == counted()


def test_the_first_page_shows_what_people_said_once_somebody_has(case, villager, client):
    assert "满意率" not in client.get("/").content.decode()
    rate_operations.rate(case, level=4, by=villager)
    page = client.get("/").content.decode()
    assert "满意率" in page
    assert reverse("cases.rating_results") in page
    assert "100.0" in page
