"""The life of an article: written, approved by another, revised, looked at again, withdrawn; what it said on a day."""

import uuid
from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, close_old_connections, connection, transaction

from hexi.blocks.articles import jobs, operations, queries
from hexi.blocks.articles.models import Article, State, Version
from hexi.blocks.articles.tests.make import (
    BY,
    WORDS,
    fresh,
    make_article,
    make_boss,
    make_draft,
    make_office,
    make_rules,
    make_version,
    make_waiting,
    make_writer,
    revised,
)
from hexi.blocks.audit.models import Entry
from hexi.blocks.notices.models import Notice
from hexi.blocks.people.actors import Nobody
from hexi.blocks.regions.tests.make import SHIHEZI, YUMEN
from hexi.blocks.search import queries as search
from hexi.kernel import clock
from hexi.kernel.actors import Denied, System

pytestmark = pytest.mark.django_db
DUNHUANG = "620982000000"


def states(article):
    return list(article.versions.order_by("number").values_list("state", flat=True))


def found(text, actor=None):
    results = search.find(text, actor=actor or Nobody(), kind="article")
    return [] if results.near else [entry.title for entry in results.entries]


def test_the_whole_way():
    office = make_office()
    writer, boss = make_writer(office), make_boss(office)
    article = make_draft(office, by=writer)
    assert (article.tag, found("停水")) == (("draft", "起草"), [])
    operations.submit(article, by=writer)
    operations.approve(article, seen=fresh(article).latest.submitted_at, by=boss)
    article = fresh(article)
    version = article.current
    assert (version.state, version.approved_name, version.number) == (State.PUBLISHED, boss.name, 1)
    assert article.review_on == operations.after_months(clock.today(), 12)
    assert found("停水") == ["停水要提前通知吗"]
    assert found("没水") == ["停水要提前通知吗"]
    verbs = list(Entry.objects.filter(verb__startswith="articles.").order_by("pk").values_list("verb", flat=True))
    assert verbs == ["articles.write", "articles.submit", "articles.approve"]


def test_those_who_may_approve_are_told_and_the_writer_why_it_comes_back():
    office = make_office()
    writer, boss, other = make_writer(office), make_boss(office), make_boss(make_office("yumen-tax", name="税务"))
    article = make_waiting(office, by=writer)
    whom = list(Notice.objects.filter(key="articles.to_approve").values_list("account_id", flat=True))
    assert whom == [boss.account_id]
    assert other.account_id not in whom
    operations.give_back(article, reason=" 写上电话 ", by=boss)
    told = Notice.objects.get(key="articles.returned")
    assert (told.account_id, told.body_zh) == (writer.account_id, f"{boss.name}：写上电话")
    assert fresh(article).latest.state == State.DRAFT


def test_nobody_approves_his_own():
    office = make_office()
    boss = make_boss(office)
    article = make_waiting(office, by=boss)
    with pytest.raises(Denied):
        operations.approve(article, by=boss)
    version = article.latest
    with pytest.raises(IntegrityError), transaction.atomic():
        Version.objects.filter(pk=version.pk).update(
            state="published", approved_key=boss.key, approved_at=clock.now(), approved_name="x"
        )


@pytest.mark.parametrize(
    ("role", "office", "region"),
    [
        ("article_writer", "yumen-water", YUMEN),
        ("article_head", "yumen-tax", YUMEN),
        ("article_head", "there-water", DUNHUANG),
    ],
)
def test_without_the_right_nothing_happens(role, office, region):
    article = make_waiting(make_office())
    stranger = make_writer(make_office(office, region, name=office), role)
    for act in (operations.approve, lambda one, by: operations.give_back(one, reason="x", by=by)):
        with pytest.raises(Denied):
            act(article, by=stranger)
    assert states(article) == ["waiting"]


def test_only_the_writer_changes_his_draft():
    office = make_office()
    writer, other = make_writer(office), make_writer(office)
    article = make_draft(office, by=writer)
    with pytest.raises(Denied):
        operations.revise(article, title="换了", by=other)
    operations.revise(article, title="换了", by=writer)
    assert (fresh(article).latest.title, states(article)) == ("换了", ["draft"])
    operations.submit(article, by=writer)
    with pytest.raises(ValidationError, match="已提交核准"):
        operations.revise(article, title="又换", by=writer)


def test_what_was_changed_after_it_was_read_is_not_approved():
    office = make_office()
    writer, boss = make_writer(office), make_boss(office)
    article = make_waiting(office, by=writer)
    seen = article.latest.submitted_at
    operations.give_back(article, reason="改", by=boss)
    operations.revise(article, title="改过", by=writer)
    with clock.told_at(clock.now() + timedelta(seconds=1)):
        operations.submit(article, by=writer)
    with pytest.raises(ValidationError, match="重新看一遍"):
        operations.approve(article, seen=seen, by=boss)
    assert states(article) == ["waiting"]


def test_a_form_sent_twice_stands_once():
    office, once = make_office(), uuid.uuid4()
    writer = make_writer(office)
    first, second = (make_draft(office, by=writer, once=once) for _twice in range(2))
    assert first == second
    assert Article.objects.count() == 1


def test_versions_are_kept_and_what_was_said_on_a_day():
    office = make_office()
    writer = make_writer(office)
    start = clock.now() - timedelta(days=10)
    with clock.told_at(start):
        article = make_article(office, by=writer, title="旧说法")
    with clock.told_at(start + timedelta(days=4)):
        article = revised(article, by=writer, title="新说法", why="条例修订")
    assert states(article) == ["replaced", "published"]
    days = {n: clock.local_day(start + timedelta(days=n)) for n in (1, 4, 9)}
    said = {n: queries.said_on(article.pk, day, Nobody()).title for n, day in days.items()}
    assert said == {1: "旧说法", 4: "新说法", 9: "新说法"}
    with pytest.raises(Version.DoesNotExist):
        queries.said_on(article.pk, clock.local_day(start) - timedelta(days=1), Nobody())
    assert queries.read(article.pk, Nobody(), 1).title == "旧说法"
    assert found("新说法") == ["新说法"]
    assert found("旧说法") == []


def test_the_present_version_holds_until_the_next_is_approved():
    office = make_office()
    writer = make_writer(office)
    article = make_article(office, by=writer)
    operations.revise(article, title="下一版", by=writer)
    operations.submit(article, by=writer)
    assert queries.read(article.pk, Nobody()).title == WORDS["title"]
    late = make_article(office, by=writer)
    operations.revise(late, valid_from=clock.today() + timedelta(days=3), by=writer)
    operations.submit(late, by=writer)
    with pytest.raises(ValidationError, match="原来的内容提前失效"):
        operations.approve(late, by=BY)
    assert fresh(late).current.number == 1


@pytest.mark.parametrize("whole", [False, True])
def test_what_is_withdrawn_hides_itself_and_only_if_asked_what_it_said_before(whole):
    """An answer cites version 1: its link leads there until that is taken back as well."""
    office = make_office()
    writer = make_writer(office)
    article = revised(make_article(office, by=writer, title="旧说法"), by=writer, title="新说法", why="改")
    assert queries.read(article.pk, Nobody(), 1).title == "旧说法"
    operations.withdraw(article, reason="写了别人的电话", whole=whole, by=writer)
    with pytest.raises(Version.DoesNotExist):
        queries.read(article.pk, Nobody(), 2)
    if whole:
        with pytest.raises(Version.DoesNotExist):
            queries.read(article.pk, Nobody(), 1)
    else:
        assert queries.read(article.pk, Nobody(), 1).title == "旧说法"
    assert queries.read(article.pk, writer, 1).title == "旧说法"
    assert queries.read(article.pk, writer, 2).title == "新说法"


def test_a_county_reads_what_the_city_above_lays_down_for_officials():
    city = make_office("jiuquan-water", "620900000000", "酒泉市水务局")
    beside = make_office("dunhuang-water", "620982000000", "敦煌市水务局")
    above, other = (
        make_version(city, audience="officials", title="市里的口径"),
        make_version(beside, audience="officials", title="邻县的口径"),
    )
    county = make_writer(make_office())
    assert queries.read(above.article_id, county).title == "市里的口径"
    assert queries.citable(above.pk, county) == above
    assert [one.pk for one in queries.seen_by(county)] == [above.article_id]
    assert [one.title for one in queries.find("口径", actor=county)] == ["市里的口径"]
    with pytest.raises(Version.DoesNotExist):
        queries.read(other.article_id, county)
    # a draft of the city is not theirs, nor is it anybody's below to change
    draft = make_draft(city, audience="officials")
    assert draft.pk not in [one.pk for one in queries.seen_by(county)]
    with pytest.raises(Denied):
        operations.revise(fresh(above.article), title="改了", by=county)
    assert [one.title for one in queries.find("邻县", actor=county)] == []


def test_withdrawn_at_once_and_gone_from_search():
    office = make_office()
    writer = make_writer(office)
    article = make_article(office, by=writer)
    with pytest.raises(ValidationError):
        operations.withdraw(article, reason=" ", by=writer)
    operations.withdraw(article, reason="电话错了", by=writer)
    operations.withdraw(article, reason="再按一次", by=writer)
    assert (states(article), found("停水")) == (["withdrawn"], [])
    assert article.versions.get().ended_why == "电话错了"
    with pytest.raises(Version.DoesNotExist):
        queries.read(article.pk, Nobody())
    with pytest.raises(Version.DoesNotExist):
        queries.read(article.pk, Nobody(), 1)
    assert queries.read(article.pk, writer, 1).title == WORDS["title"]
    # written anew it is published again
    assert revised(fresh(article), by=writer).current.number == 2


def test_a_draft_is_discarded_and_the_present_stays():
    office = make_office()
    writer, other, boss = make_writer(office), make_writer(office), make_boss(office)
    article = make_article(office, by=writer)
    operations.revise(article, title="草稿", by=writer)
    with pytest.raises(Denied):
        operations.discard(article, by=other)
    operations.discard(article, by=boss)
    article = fresh(article)
    assert (states(article), article.latest.number) == (["published", "discarded"], 1)
    with pytest.raises(ValidationError, match="请撤下"):
        operations.discard(article, by=writer)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"title": " "}, "title"), ({"body": "\x00\x07"}, "body"), ({"kind": "poem"}, "kind"),
        ({"audience": "cats"}, "audience"), ({"source_url": "javascript:alert(1)"}, "source_url"),
        ({"title": "长" * 121}, "title"), ({"reply": "长" * 2001}, "reply"),
        ({"valid_from": date(2026, 5, 1), "valid_to": date(2026, 5, 1)}, "valid_to"),
    ],
)  # fmt: skip
def test_what_does_not_fit_names_its_field(said, field):
    with pytest.raises(ValidationError) as caught:
        make_draft(**said)
    assert list(caught.value.message_dict) == [field]
    assert Article.objects.count() == 0


def test_lists_are_one_a_line_and_each_once():
    version = make_draft(keywords=" 没水 \n\n停水\n没水", items=["a", "a", "b"]).latest
    assert (version.keywords, version.items) == ("没水\n停水", "a\nb")


def test_where_it_holds_lies_in_the_office_s_region():
    assert make_draft(region=SHIHEZI).region_code == SHIHEZI
    with pytest.raises(ValidationError) as caught:
        make_draft(region=DUNHUANG)
    assert list(caught.value.message_dict) == ["region"]
    for wrong in (YUMEN[:6] + "x", YUMEN + "0"):
        with pytest.raises(ValidationError):
            make_draft(region=wrong)


# --- looking at it again ----------------------------------------------------------------------------------------------
def overdue_by(days, **said):
    article = make_article(**said)
    Article.objects.filter(pk=article.pk).update(review_on=clock.today() - timedelta(days=days))
    return fresh(article)


def test_still_true_until():
    office = make_office()
    writer = make_writer(office)
    article = overdue_by(3, office=office, by=writer)
    assert article.tag == ("overdue", "该复核了")
    until = clock.today() + timedelta(days=90)
    operations.review(article, until=until, seen=article.review_on, by=writer)
    now = fresh(article)
    assert (now.review_on, now.reviewed_by, now.overdue) == (until, writer.name, False)
    with pytest.raises(ValidationError, match="已由"):
        operations.review(article, until=until, seen=article.review_on, by=writer)


@pytest.mark.parametrize("days", [0, -1, 5000])
def test_a_review_lasts_neither_to_the_past_nor_for_ever(days):
    article = overdue_by(1)
    with pytest.raises(ValidationError):
        operations.review(article, until=clock.today() + timedelta(days=days), by=BY)


def test_it_is_looked_at_no_later_than_it_holds():
    ends = clock.today() + timedelta(days=20)
    assert make_article(valid_to=ends).review_on == ends


def test_who_may_not_write_does_not_review():
    article = overdue_by(1)
    with pytest.raises(Denied):
        operations.review(article, by=make_writer(make_office("yumen-tax", name="税务")))


def test_months_end_where_they_end():
    assert operations.after_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert operations.after_months(date(2026, 11, 29), 14) == date(2028, 1, 29)


def test_the_owner_is_told_once_with_the_number():
    office, other = make_office(), make_office("yumen-tax", name="玉门市税务局")
    writer, _quiet = make_writer(office), make_writer(other)
    overdue_by(2, office=office, by=writer, title="较新")
    overdue_by(9, office=office, by=writer, title="最早")
    make_article(other)
    jobs.remind()
    jobs.remind()
    told = Notice.objects.get(key="articles.overdue")
    assert (told.account_id, told.title_zh) == (writer.account_id, "2 篇知识该复核了")
    assert "“最早”" in told.body_zh
    with clock.told_at(clock.now() + timedelta(days=7)):
        jobs.remind()
    assert Notice.objects.filter(key="articles.overdue").count() == 2


def test_without_writers_whoever_reaches_the_office_is_told():
    office = make_office()
    keeper = make_writer(make_office("yumen-hotline", name="热线"), "article_keeper")
    Article.objects.filter(pk=make_article(office, by=System("writes")).pk).update(
        review_on=clock.today() - timedelta(1)
    )
    jobs.remind()
    assert Notice.objects.get(key="articles.overdue").account_id == keeper.account_id


def test_search_learns_when_it_begins_and_ends_to_hold():
    today = clock.today()
    make_version(title="以后才有", valid_from=today + timedelta(days=2))
    make_version(title="快没有了", valid_to=today + timedelta(days=3))
    assert (found("以后才有"), found("快没有了")) == ([], ["快没有了"])
    with clock.told_at(clock.now() + timedelta(days=4)):
        jobs.turn()
        assert (found("以后才有"), found("快没有了")) == (["以后才有"], [])


# --- at once ----------------------------------------------------------------------------------------------------------
def at_once(*acts):
    barrier, outcomes = Barrier(len(acts)), []

    def run(act):
        try:
            barrier.wait(10)
            act()
            outcomes.append("done")
        except (ValidationError, Denied, IntegrityError) as error:
            outcomes.append(type(error).__name__)
        finally:
            close_old_connections()
            connection.close()

    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(outcomes)


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_of_two_who_approve_at_once_one_is_first():
    office = make_office()
    article = make_waiting(office)
    bosses = [make_boss(office) for _two in range(2)]
    outcomes = at_once(*(lambda boss=boss: operations.approve(article, by=boss) for boss in bosses))
    assert outcomes == ["ValidationError", "done"]
    assert (states(article), Entry.objects.filter(verb="articles.approve").count()) == (["published"], 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_of_two_who_begin_a_version_at_once_one_has_it():
    office = make_office()
    article = make_article(office)
    writers = [make_writer(office) for _two in range(2)]
    outcomes = at_once(*(lambda one=one: operations.revise(article, title="改", by=one) for one in writers))
    assert outcomes == ["Denied", "done"]
    assert states(article) == ["published", "draft"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_two_reminders_at_once_tell_once():
    make_rules()
    article = overdue_by(2)
    at_once(jobs.remind, jobs.remind)
    assert Notice.objects.filter(key="articles.overdue").count() == len(
        queries.holders(article.department, "articles.write")
    )
