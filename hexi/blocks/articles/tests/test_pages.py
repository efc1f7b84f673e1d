"""Pages: reading, feedback, writing with a preview, approving, reviewing, lists with their files at a fixed cost."""

import re
import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hexi.blocks.articles import operations
from hexi.blocks.articles.models import Article, Feedback, State
from hexi.blocks.articles.tests.make import (
    WORDS,
    fresh,
    make_article,
    make_boss,
    make_draft,
    make_feedback,
    make_office,
    make_version,
    make_waiting,
    make_writer,
    revised,
)
from hexi.blocks.people.models import Account, Role
from hexi.kernel import clock

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>"


def get(client, name, /, *args, **query):
    return client.get(reverse(f"articles.{name}", args=args), query)


def post(client, name, /, *args, **data):
    return client.post(reverse(f"articles.{name}", args=args), data)


def text(response):
    return response.content.decode()


def enter(client, actor):
    client.force_login(Account.objects.get(pk=actor.account_id), backend="django.contrib.auth.backends.ModelBackend")
    return actor


def errors_of(response):
    return sorted(re.findall(r'href="#id_(\w+)"', text(response)))


def total(response):
    """How many rows a list says it has."""
    found = re.search(r"共 (\d+) 件", text(response))
    return int(found[1]) if found else 0


def tabs(response):
    return {word: int(n) for word, n in re.findall(r'>([^<>]+)<span class="count">(\d+)</span></a>', text(response))}


# --- the public -------------------------------------------------------------------------------------------------------
def test_an_article_names_source_owner_and_when_it_was_checked(client):
    version = make_version(source_url="https://www.gov.cn/zhengce/", body=f"{HOSTILE}\n- 边抢修边通知")
    page = text(get(client, "article", version.article_id))
    for words in ("《城市供水条例》第二十二条", "玉门市水务局", "最近核对", "第 1 版", "<li>边抢修边通知</li>"):
        assert words in page
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page
    assert 'href="https://www.gov.cn/zhengce/"' in page


def test_the_list_filters_searches_and_keeps_its_number_of_queries(client):
    counted = []
    for n in (1, 2):
        for _one in range(n):
            make_version()
        get(client, "public_list")  # what is remembered of regions
        with CaptureQueriesContext(connection) as caught:
            page = get(client, "public_list")
        counted.append(len(caught))
    assert counted[0] == counted[1]
    assert total(page) == 3
    make_version(title="暖气", kind="guide", keywords="供热")
    make_version(audience="officials", title="内部")
    found = {
        "kind": get(client, "public_list", kind="guide"), "word": get(client, "public_list", q="供热"),
        "none": get(client, "public_list", q="内部"),
    }  # fmt: skip
    assert {key: total(one) for key, one in found.items()} == {"kind": 1, "word": 1, "none": 0}
    said = b"".join(get(client, "public_list", export="csv").streaming_content).decode()
    assert ("暖气" in said, "内部" in said) == (True, False)


def test_internal_and_withdrawn_articles_are_not_there(client):
    office = make_office()
    inside, gone = make_version(office, audience="officials"), make_version(office)
    operations.withdraw(gone.article, reason="错", by=make_writer(office))
    assert [get(client, "article", one.article_id).status_code for one in (inside, gone)] == [404, 404]
    assert post(client, "feedback", inside.article_id, helpful="yes", once=uuid.uuid4()).status_code == 404
    assert get(client, "version", gone.article_id, 1).status_code == 404
    enter(client, make_writer(office))
    assert get(client, "article", inside.article_id).url == f"/work/articles/{inside.article_id}/"


def test_who_only_reads_sees_what_holds_and_no_draft(client):
    office = make_office()
    article = make_version(office, title="供水口径", audience="officials").article
    writer = make_writer(office)
    operations.revise(article, by=writer, title="还没核准的口径")
    Role.objects.create(key="reads", title_zh="查阅人", title_en="Reads", verbs=["articles.view"])
    for actor, heading, status in ((make_writer(office, "reads"), "供水口径", 404), (writer, "还没核准的口径", 200)):
        enter(client, actor)
        page = text(get(client, "work_article", article.pk))
        assert re.search(r"<h1[^>]*>\s*([^<]*?)\s*<", page)[1] == heading
        assert reverse("articles.work_version", args=[article.pk, 1]) in page
        assert (reverse("articles.work_version", args=[article.pk, 2]) in page) == (status == 200)
        assert get(client, "work_version", article.pk, 2).status_code == status


def test_what_it_said_before_says_from_when_to_when(client):
    article = revised(make_article(title="旧说法"), title="新说法", why="条例修订")
    page = text(get(client, "version", article.pk, 1))
    assert "旧说法" in page
    assert "现在已有新版本" in page
    assert reverse("articles.version", args=[article.pk, 1]) in text(get(client, "article", article.pk))
    today = get(client, "article", article.pk, on=clock.today().isoformat())
    assert today.url == reverse("articles.version", args=[article.pk, 2])
    assert get(client, "article", article.pk, on="2020-01-01").url == reverse("articles.article", args=[article.pk])
    assert get(client, "article", article.pk, on="2020-13-01").status_code == 200


def test_feedback_is_taken_refused_and_nothing_typed_is_lost(client, monkeypatch):
    version = make_version()
    once = uuid.uuid4()
    for _twice in range(2):
        answer = post(client, "feedback", version.article_id, helpful="no", text=HOSTILE, once=once)
        assert answer.status_code == 302
    assert Feedback.objects.get().text == HOSTILE
    empty = post(client, "feedback", version.article_id, once=uuid.uuid4())
    assert (empty.status_code, "请选择有没有帮助" in text(empty)) == (422, True)
    monkeypatch.setenv("HEXI_ARTICLES_FEEDBACK_PER_ADDRESS_HOUR", "1")
    late = post(client, "feedback", version.article_id, text="还有一句", once=uuid.uuid4())
    assert (late.status_code, "还有一句" in text(late), "登录后可以马上反馈" in text(late)) == (422, True, True)
    assert get(client, "feedback", version.article_id).status_code == 405


# --- at work ----------------------------------------------------------------------------------------------------------
def given(**changes):
    facts = WORDS | {"audience": "public", "valid_from": "2026-01-01", "once": str(uuid.uuid4())} | changes
    return {name: value for name, value in facts.items() if value is not None}


def test_written_seen_before_submitted_approved(client):
    office = make_office()
    writer = enter(client, make_writer(office))
    form = given(department=office.pk, body=f"## 头\n{HOSTILE}")
    seen = post(client, "new", preview="1", **form)
    assert (seen.status_code, "<h2>头</h2>" in text(seen), HOSTILE in text(seen)) == (200, True, False)
    assert Article.objects.count() == 0
    made = post(client, "new", **form)
    article = Article.objects.get()
    assert made.url == f"/work/articles/{article.pk}/"
    page = text(get(client, "work_article", article.pk))
    assert ("提交核准" in page, "核准并发布" in page) == (True, False)
    post(client, "act", article.pk, what="submit")
    assert "等另一位核准" in text(get(client, "work_article", article.pk))
    boss = enter(client, make_boss(office))
    submitted = fresh(article).latest.submitted_at
    assert "核准并发布" in text(get(client, "work_article", article.pk))
    post(client, "act", article.pk, what="approve", seen="nonsense")
    assert fresh(article).current is None
    post(client, "act", article.pk, what="approve", seen=submitted.isoformat())
    assert fresh(article).current.approved_name == boss.name
    assert fresh(article).current.written_name == writer.name
    assert get(client, "article", article.pk).status_code == 200
    assert post(client, "act", article.pk, what="dance").status_code == 404


def test_what_is_refused_stands_at_its_field(client):
    office = make_office()
    enter(client, make_writer(office))
    answer = post(client, "new", **given(department=office.pk, valid_to="2025-01-01"))
    assert (answer.status_code, errors_of(answer)) == (422, ["valid_to"])
    assert "失效日期要晚于生效日期。" in text(answer)
    other = make_office("yumen-tax", name="税务")
    assert errors_of(post(client, "new", **given(department=other.pk))) == ["department"]
    assert Article.objects.count() == 0


def test_revised_given_back_withdrawn_and_reviewed_by_pages(client):
    office = make_office()
    writer = enter(client, make_writer(office))
    article = make_article(office, by=writer)
    assert post(client, "edit", article.pk, **given(title="新题", why="改题", once=None)).status_code == 302
    post(client, "act", article.pk, what="submit")
    boss = enter(client, make_boss(office))
    assert post(client, "give_back", article.pk, reason="再改").status_code == 302
    assert (fresh(article).latest.state, fresh(article).latest.returned) == (State.DRAFT, "再改")
    until = clock.today() + timedelta(days=40)
    post(client, "review", article.pk, until=until.isoformat(), seen=str(article.review_on))
    assert (fresh(article).review_on, fresh(article).reviewed_by) == (until, boss.name)
    late = post(client, "review", article.pk, until=until.isoformat(), seen=str(article.review_on))
    assert late.status_code == 422
    post(client, "act", article.pk, what="discard")
    post(client, "withdraw", article.pk, reason="不用了")
    assert (fresh(article).current, article.versions.get(number=1).ended_why) == (None, "不用了")


def test_the_office_s_list_views_counts_and_file(client):
    office = make_office()
    writer = enter(client, make_writer(office, "article_head"))
    make_waiting(office)
    make_draft(office, by=writer)
    late = make_article(office, title="过期的")
    Article.objects.filter(pk=late.pk).update(review_on=clock.today() - timedelta(days=1))
    make_article(make_office("yumen-tax", name="税务"), title="别人的")
    page = get(client, "work_articles")
    assert [tabs(page)[name] for name in ("全部", "待我核准", "该复核了", "起草中", "已撤下")] == [3, 1, 1, 1, 0]
    assert "别人的" not in text(page)
    said = b"".join(get(client, "work_articles", export="csv", view="overdue").streaming_content).decode()
    assert ("过期的" in said, "别人的" in said) == (True, False)


def test_the_list_costs_the_same_for_one_and_three(client):
    office = make_office()
    writer = enter(client, make_writer(office))
    counted = []
    for n in (1, 2):
        for _one in range(n):
            make_article(office, by=writer)
        with CaptureQueriesContext(connection) as caught:
            get(client, "work_articles")
        counted.append(len(caught))
    assert counted[0] == counted[1]


def test_feedback_is_listed_and_answered(client):
    office = make_office()
    enter(client, make_writer(office))
    said = make_feedback(make_version(office))
    foreign = make_feedback(make_version(make_office("yumen-tax", name="税务")), text="税的事")
    page = text(get(client, "feedback_list"))
    assert ("电话号码变了" in page, "税的事" in page) == (True, False)
    assert get(client, "answer_feedback", foreign.pk).status_code == 404
    assert "<textarea" in text(get(client, "answer_feedback", said.pk))
    assert post(client, "answer_feedback", said.pk, text="已更正。").status_code == 302
    after = text(get(client, "answer_feedback", said.pk))
    assert ("已更正。" in after, "<textarea" in after) == (True, False)
    assert "玉门市水务局" in text(get(client, "league"))


def test_another_office_reaches_nothing(client):
    article = make_waiting(make_office())
    enter(client, make_boss(make_office("yumen-tax", name="税务")))
    names = ("work_article", "edit", "give_back", "withdraw", "review")
    assert {get(client, name, article.pk).status_code for name in names} == {404}
    assert post(client, "act", article.pk, what="approve").status_code == 404
    assert get(client, "work_version", article.pk, 1).status_code == 404


def test_the_english_page_speaks_english(client):
    client.cookies["django_language"] = "en"
    version = make_version(body_en="Yes, 24 hours ahead.")
    page = text(get(client, "article", version.article_id))
    assert "Must a water cut be announced?" in page
    assert "Yes, 24 hours ahead." in page
    assert "Was this helpful?" in page


def test_a_fault_in_the_form_of_an_operation_is_a_validation_error():
    with pytest.raises(TypeError):
        make_draft(colour="red")
    with pytest.raises(ValidationError):
        make_draft(months=99)


def test_the_first_page_shows_what_was_published_last(client):
    assert "政策和公告" not in client.get("/").content.decode()
    found = make_article()
    page = client.get("/").content.decode()
    assert "政策和公告" in page
    assert reverse("articles.article", args=[found.pk]) in page
