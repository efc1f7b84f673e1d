"""Who reads which articles: lists, search, what answers a question, standard texts, the league. Rights before counts."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.articles import finding, operations, queries
from hexi.blocks.articles.models import Article, Version
from hexi.blocks.articles.tests.make import (
    fresh,
    make_article,
    make_boss,
    make_draft,
    make_feedback,
    make_office,
    make_version,
    make_writer,
)
from hexi.blocks.calendars.tests.make import make_nation
from hexi.blocks.people.actors import Nobody
from hexi.blocks.people.tests.make import acting, make_citizen
from hexi.blocks.regions.tests.make import GANSU, YUMEN
from hexi.blocks.search import operations as index
from hexi.blocks.search import queries as search
from hexi.blocks.search.found import searchables
from hexi.blocks.search.models import Entry
from hexi.kernel import clock

pytestmark = pytest.mark.django_db
DUNHUANG = "620982000000"
INSIDE = {"audience": "officials", "title": "来电人着急时怎么接", "title_en": "", "keywords": "情绪"}


def titles(versions):
    return [one.title for one in versions]


def late(now, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime.fromisoformat(f"{now}T10:00+08:00"))
    return [one.latest.title for one in queries.late_to_publish(Article.objects.all())]


def test_what_is_to_be_public_is_late_after_twenty_working_days(monkeypatch):
    make_nation()
    assert late("2026-11-24", monkeypatch) == []
    office = make_office()
    writer, boss = make_writer(office), make_boss(office)
    article = make_draft(office, by=writer, title="停水计划", formed_on=date(2026, 11, 23))
    make_draft(office, by=writer, **INSIDE, formed_on=date(2026, 11, 23))
    make_draft(office, by=writer, title="今天的")
    assert queries.publish_due(article.latest).date().isoformat() == "2026-12-21"
    assert late("2026-12-21", monkeypatch) == []
    assert late("2026-12-22", monkeypatch) == ["停水计划"]
    operations.submit(article, by=writer)
    operations.approve(fresh(article), by=boss)
    assert late("2026-12-22", monkeypatch) == []
    assert late("2026-12-23", monkeypatch) == ["今天的"]
    # a change is formed when it is made: it has its own twenty days
    assert operations.revise(fresh(article), title="停水计划（改）", by=writer).formed_on == date(2026, 12, 23)


def test_nothing_is_formed_tomorrow():
    with pytest.raises(ValidationError, match="不能晚于今天"):
        make_draft(formed_on=clock.today() + timedelta(days=1))


def test_the_public_reads_what_is_public_published_and_in_force():
    today = clock.today()
    make_version(title="公开")
    make_version(**INSIDE)
    make_draft(title="草稿")
    make_version(title="以后", valid_from=today + timedelta(days=1))
    make_version(title="过去", valid_from=today - timedelta(days=9), valid_to=today + timedelta(days=1))
    with clock.told_at(clock.now() + timedelta(days=1)):
        assert titles(queries.public()) == ["以后", "公开"]
    assert titles(queries.public()) == ["过去", "公开"]


def test_of_a_region_what_holds_there():
    make_version(make_office("gansu", GANSU, name="省"), title="全省")
    make_version(title="玉门")
    make_version(make_office("there-water", DUNHUANG, name="敦煌"), title="敦煌")
    assert titles(queries.public(YUMEN)) == ["玉门", "全省"]
    assert titles(queries.public(DUNHUANG)) == ["敦煌", "全省"]
    assert len(queries.public()) == 3


def test_who_finds_an_internal_article():
    """By search and by number of results: officials who reach the office, nobody else."""
    office = make_office()
    inside = make_version(office, **INSIDE)
    readers = {
        "own": make_writer(office), "keeper": make_writer(make_office("yumen-hotline", name="热线"), "article_keeper"),
        "other": make_writer(make_office("yumen-tax", name="税务")), "citizen": acting(make_citizen()), "nobody": Nobody(),
        "there": make_writer(make_office("there-water", DUNHUANG, name="敦煌"), "article_keeper"),
    }  # fmt: skip
    seen = {who: search.find("着急", actor=one).counts.get("article", 0) for who, one in readers.items()}
    assert seen == {"own": 1, "keeper": 1, "other": 0, "citizen": 0, "nobody": 0, "there": 0}
    for way in (queries.find, queries.like):
        found = {who: titles(way("来电人着急怎么接", actor=one)) for who, one in readers.items()}
        assert {who for who, names in found.items() if names} == {"own", "keeper"}
    readable = {who for who, one in readers.items() if queries.citable(inside.pk, one)}
    assert readable == {"own", "keeper"}
    assert Entry.objects.get(kind="article").url == f"/work/articles/{inside.article_id}/"


def test_who_sees_a_draft_at_work():
    office = make_office()
    writer = make_writer(office)
    draft = make_draft(office, by=writer)
    live = make_article(office, by=writer)
    from hexi.blocks.people.models import Role

    Role.objects.create(key="article_reader", title_zh="读", title_en="Reader", reach="region", verbs=["articles.view"])
    reader = make_writer(make_office("yumen-hotline", name="热线"), "article_reader")
    assert set(queries.seen_by(writer)) == {draft, live}
    assert set(queries.seen_by(reader)) == {live}


def test_a_sentence_finds_by_its_rare_words():
    make_version()
    make_version(title="暖气不热怎么办", keywords="供热", subjects="010304")
    make_version(title="公交卡怎么办", keywords="")
    for n in range(8):
        make_version(title=f"证件{n}怎么办理", keywords="")
    asked = "我家里暖气一直不热，想问问怎么办"
    assert titles(queries.like(asked, actor=Nobody())) == ["暖气不热怎么办"]
    assert titles(queries.like("村里停水了", actor=Nobody())) == ["停水要提前通知吗"]
    assert titles(queries.like("天气怎么样", actor=Nobody())) == []
    assert queries.like("", actor=Nobody()) == queries.find(" ", actor=Nobody()) == []
    assert titles(queries.find("tingshui", actor=Nobody())) == ["停水要提前通知吗"]


def test_a_sentence_is_answered_by_a_fixed_number_of_queries(django_assert_num_queries):
    for n in (1, 3):
        for _one in range(n):
            make_version()
        with django_assert_num_queries(3):
            assert queries.like("停水要通知吗", actor=Nobody())


def test_standard_texts_of_the_class_first_then_alike():
    make_version(title="供热投诉", subjects="010304", reply="先测温。")
    make_version(reply="停水提前通知。")
    make_version(title="停水补偿", subjects="", reply="")
    found = queries.standard_texts("我家停水要不要提前通知", subject="010304", actor=Nobody(), region=YUMEN)
    assert titles(found) == ["供热投诉", "停水要提前通知吗"]
    assert queries.standard_texts("停水", subject="", actor=Nobody(), region=DUNHUANG) == []


def test_a_class_is_none_in_the_middle_of_another():
    make_version(title="公交卡", subjects="070303\n010304", reply="去窗口。", keywords="")
    assert titles(queries.standard_texts("宇宙", subject="0103", actor=Nobody(), region=YUMEN)) == ["公交卡"]
    assert queries.standard_texts("宇宙", subject="0303", actor=Nobody(), region=YUMEN) == []


def test_the_index_is_rebuilt_as_it_was():
    make_version()
    make_version(**INSIDE)
    before = list(Entry.objects.filter(kind="article").order_by("ref").values("ref", "title", "url", "verb", "terms"))
    Entry.objects.filter(kind="article").delete()
    list(index.rebuild(next(one for one in searchables() if one.kind == finding.KIND)))
    after = list(Entry.objects.filter(kind="article").order_by("ref").values("ref", "title", "url", "verb", "terms"))
    assert before == after != []


def test_the_league_ranks_offices_by_what_is_overdue(django_assert_num_queries):
    water, tax = make_office(), make_office("yumen-tax", name="玉门市税务局")
    keeper = make_writer(make_office("yumen-hotline", name="热线"), "article_keeper")
    there = make_article(make_office("there-water", DUNHUANG, name="敦煌"))
    late = [make_article(tax), make_article(tax)]
    make_feedback(make_version(water), helpful=False)
    Article.objects.filter(pk__in=[one.pk for one in [*late, there]]).update(
        review_on=clock.today() - timedelta(days=5)
    )
    with django_assert_num_queries(4):
        rows = queries.league(keeper)
    told = [(one.department.key, one.published, one.overdue, one.unanswered, one.unhelpful) for one in rows]
    assert told == [("yumen-tax", 2, 2, 0, 0), ("yumen-water", 1, 0, 1, 1)]
    assert rows[0].oldest == clock.today() - timedelta(days=5)


def test_what_waits_is_one_s_own():
    office = make_office()
    writer, boss = make_writer(office), make_writer(office, "article_head")
    operations.submit(make_draft(office, by=writer), by=writer)
    assert (queries.waiting(writer), queries.waiting(boss)) == (0, 1)
    assert queries.waiting(make_writer(make_office("yumen-tax", name="税务"), "article_head")) == 0
    make_feedback(make_version(office))
    assert (queries.waiting(writer), queries.waiting(boss)) == (1, 2)


def test_only_what_is_in_force_is_answered_from():
    version = make_version()
    assert operations.cite(version.pk, by=Nobody()) == version
    assert Article.objects.get(pk=version.article_id).used == 1
    Version.objects.filter(pk=version.pk).update(valid_to=clock.today(), valid_from=clock.today() - timedelta(days=1))
    with pytest.raises(Exception, match="重新查一次"):
        operations.cite(version.pk, by=Nobody())
