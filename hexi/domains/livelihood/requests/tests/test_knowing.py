"""The knowledge base at the phone, before a question is sent, and in the answer of an office."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from hexi.blocks.articles import operations as articles
from hexi.blocks.articles.models import Article, Version
from hexi.blocks.articles.tests import make as knowledge
from hexi.blocks.audit.models import Entry
from hexi.domains.livelihood.requests import operations, queries
from hexi.domains.livelihood.requests.models import Answer, Report, Request
from hexi.domains.livelihood.requests.operations.knowing import answer_of
from hexi.domains.livelihood.requests.states import State
from hexi.domains.livelihood.requests.tests import make
from hexi.kernel import clock
from hexi.kernel.actors import Denied

pytestmark = pytest.mark.django_db
ASKED = "我家停水了，停水要不要提前通知我们？"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def hotline():
    return make.make_hotline()


def answered(version, **given):
    facts = {"by": make.make_operator(), "submission": "call:1"} | {
        name: given.pop(name) for name in ("by", "submission") if name in given
    }
    return operations.answer_from(make.said(ASKED, **({"type": "ask"} | given)), article=version.pk, **facts)


def enter(client, actor):
    client.force_login(actor.account, backend="django.contrib.auth.backends.ModelBackend")
    return actor


def text(response):
    return response.content.decode()


# --- answered and closed at once --------------------------------------------------------------------------------------
def test_a_question_is_closed_with_the_standard_text_and_the_version():
    version = knowledge.make_version()
    order, new = answered(version)
    order = make.fresh(order)
    answer = order.replies.get()
    assert (new, order.case.state, order.type, order.case.subject) == (True, State.CLOSED, "ask", "010301")
    assert (answer.text, answer.article, answer.final, answer.in_time) == (version.reply, version, True, True)
    assert order.case.ended_at is not None
    assert order.case.open_task() is None
    assert (order.first_at is not None, list(order.case.clocks.filter(stopped_at=None))) == (True, [])
    assert make.actions(order) == ["submit", "reply_now"]
    assert Article.objects.get().used == 1
    assert Entry.objects.filter(verb="requests.answer_from").count() == 1


def test_the_version_stays_what_it_was_when_the_article_goes_on():
    version = knowledge.make_version()
    order, _new = answered(version)
    knowledge.revised(version.article, reply="新的说法。")
    answer = order.replies.get()
    assert (answer.article.number, answer.article.state, answer.text) == (1, "replaced", version.reply)


def test_the_same_call_is_answered_once():
    version = knowledge.make_version()
    first, second = answered(version), answered(version)
    assert (first[0], first[1], second[1]) == (second[0], True, False)
    assert (Request.objects.count(), Answer.objects.count(), Article.objects.get().used) == (1, 1, 1)


def test_the_callers_class_counts_before_the_article_s():
    order, _new = answered(knowledge.make_version(), subject=make.LAMP)
    assert order.case.subject == make.LAMP


@pytest.mark.parametrize("kind", ["help", "complain", "report", "suggest"])
def test_only_a_consultation_is_closed_from_an_article(kind):
    with pytest.raises(ValidationError) as caught:
        answered(knowledge.make_version(), type=kind)
    assert (list(caught.value.message_dict), Request.objects.count()) == (["type"], 0)


def test_nothing_is_taken_in_when_the_article_is_no_longer_to_be_answered_from():
    version = knowledge.make_version()
    knowledge.revised(version.article, title="改过")
    with pytest.raises(ValidationError) as caught:
        answered(version)
    assert list(caught.value.message_dict) == ["article"]
    ended = knowledge.make_version(valid_from=clock.today() - timedelta(days=2))
    Version.objects.filter(pk=ended.pk).update(valid_to=clock.today())
    with pytest.raises(ValidationError):
        answered(ended)
    withdrawn = knowledge.make_version()
    articles.withdraw(withdrawn.article, reason="错", by=knowledge.BY)
    with pytest.raises(ValidationError):
        answered(withdrawn)
    assert Request.objects.count() == 0


def test_without_a_class_it_is_all_or_nothing():
    version = knowledge.make_version(subjects="")
    with pytest.raises(ValidationError) as caught:
        answered(version)
    assert list(caught.value.message_dict) == ["subject"]
    assert (Request.objects.count(), Article.objects.get().used) == (0, 0)


def test_who_may_not_take_calls_or_not_read_the_article():
    inside = knowledge.make_version(make.make_office(), audience="officials")
    with pytest.raises(Denied):
        answered(knowledge.make_version(), by=make.make_handler())
    assert answered(inside)[0].case.state == State.CLOSED  # the hotline reaches every office of its region
    there = knowledge.make_version(
        knowledge.make_office("there-water", "620982000000", name="敦煌"), audience="officials"
    )
    with pytest.raises(ValidationError):
        answered(there, submission="call:2")
    assert Request.objects.count() == 1


def test_an_article_without_a_standard_text_answers_by_its_beginning():
    version = knowledge.make_version(reply="", body="## 头\n" + "一句话。" * 400)
    assert answer_of(version) == "一句话。" * 250


def test_of_an_internal_article_a_caller_is_told_nothing_but_its_standard_text(client):
    version = knowledge.make_version(reply="", body="内部口径：停水先稳住情绪。", audience="officials")
    with pytest.raises(ValidationError) as caught:
        answered(version)
    assert (list(caught.value.message_dict), Request.objects.count()) == (["article"], 0)
    enter(client, make.make_operator())
    piece = text(client.get(reverse("requests.intake_articles"), {"kb": "停水"}))
    assert ("内部口径" in piece, f'name="article" value="{version.pk}"' in piece) == (True, False)
    late = call(client, article=version.pk)
    assert (late.status_code, "只供工作人员看" in text(late)) == (422, True)


# --- the operator's page ----------------------------------------------------------------------------------------------
def call(client, **given):
    facts = {"phone": "10000000012", "text": ASKED, "type": "help", "place": make.VILLAGE, "key": "a" * 24} | given
    return client.post(reverse("requests.intake"), facts)


def test_the_panel_shows_what_the_words_find_and_what_is_looked_for(client):
    enter(client, make.make_operator())
    version = knowledge.make_version(reply=f"{HOSTILE}提前通知。")
    knowledge.make_version(title="公交卡", subjects="", keywords="", audience="officials")
    piece = reverse("requests.intake_articles")
    found = text(client.get(piece, {"text": ASKED}))
    assert f'name="article" value="{version.pk}"' in found
    assert (HOSTILE in found, "公交卡" in found) == (False, False)
    sought = text(client.get(piece, {"kb": "公交", "text": ASKED}))
    assert ("公交卡" in sought, "仅工作人员" in sought) == (True, True)
    assert "没有找到" in text(client.get(piece, {"kb": "宇宙飞船"}))
    assert "<details" not in text(client.get(piece, {"text": "嗯"}))


def test_one_press_answers_and_the_next_call_finds_an_empty_form(client):
    enter(client, make.make_operator())
    version = knowledge.make_version()
    answer = call(client, article=version.pk)
    assert (answer.status_code, answer.url) == (302, reverse("requests.intake"))
    order = Request.objects.get()
    assert (order.case.state, order.type) == (State.CLOSED, "ask")
    assert "已按知识答复并办结" in text(client.get(answer.url))
    call(client, article=version.pk)
    assert Request.objects.count() == 1
    page = text(client.get(reverse("requests.order", args=[order.case.number])))
    assert reverse("articles.work_version", args=[version.article_id, 1]) in page


def test_a_complaint_is_not_closed_and_nothing_typed_is_lost(client):
    enter(client, make.make_operator())
    version = knowledge.make_version()
    answer = call(client, article=version.pk, type="complain")
    assert (answer.status_code, "只有咨询可以" in text(answer), ASKED in text(answer)) == (422, True, True)
    knowledge.revised(version.article, title="改过")
    late = call(client, article=version.pk)
    assert (late.status_code, "刚刚更新" in text(late), Request.objects.count()) == (422, True, 0)
    assert call(client, article="x" * 20).status_code == 422


def test_without_javascript_the_button_looks_and_registers_nothing(client):
    enter(client, make.make_operator())
    version = knowledge.make_version()
    page = call(client, _kb="1", kb="停水")
    assert (page.status_code, f'value="{version.pk}"' in text(page), ASKED in text(page)) == (200, True, True)
    assert Request.objects.count() == 0


# --- before a question is sent ----------------------------------------------------------------------------------------
def written(client, kind):
    client.post(reverse("requests.new"))
    report = Report.objects.latest("pk")
    for step, data in (("what", {"type": kind, "text": ASKED}), ("where", {"place": make.VILLAGE})):
        assert client.post(reverse("requests.step", args=[report.key, step]), data).status_code == 302
    return text(client.get(reverse("requests.step", args=[report.key, "send"])))


def test_a_question_shows_public_answers_before_it_is_sent(client):
    version = knowledge.make_version()
    knowledge.make_version(title="停水内部口径", audience="officials")
    page = written(client, "ask")
    assert reverse("articles.article", args=[version.article_id]) in page
    assert ("也许这里已有答案" in page, "内部口径" in page) == (True, False)
    assert "也许这里已有答案" not in written(client, "complain")


# --- the office's answer ----------------------------------------------------------------------------------------------
def test_a_standard_text_is_put_after_what_was_typed_and_the_answer_keeps_its_version(client):
    order = make.make_dispatched(text=ASKED)
    handler = enter(client, make.make_handler())
    version = knowledge.make_version()
    number = order.case.number
    page = text(client.get(reverse("requests.order", args=[number])))
    assert reverse("requests.standard_text", args=[number, "reply"]) in page
    put = client.post(
        reverse("requests.standard_text", args=[number, "reply"]),
        {"standard": version.pk, "reply__opinion": "王女士您好。", "revision": make.fresh(order).case.revision},
    )
    assert (put.status_code, f"王女士您好。\n{version.reply}" in text(put)) == (200, True)
    assert f'name="reply__article" value="{version.pk}"' in text(put)
    assert order.replies.count() == 0
    sent = client.post(
        reverse("requests.act", args=[number, "reply"]),
        {"reply__opinion": version.reply, "reply__article": version.pk, "revision": make.fresh(order).case.revision},
    )
    assert sent.status_code == 302
    answer = order.replies.get()
    assert (answer.article, answer.by_name, Article.objects.get().used) == (version, handler.name, 1)


def test_an_article_that_went_on_meanwhile_is_told_and_let_go(client):
    order = make.make_dispatched(text=ASKED)
    enter(client, make.make_handler())
    version = knowledge.make_version()
    knowledge.revised(version.article, title="改过")
    data = {"reply__opinion": "旧话。", "reply__article": version.pk, "revision": make.fresh(order).case.revision}
    where = reverse("requests.act", args=[order.case.number, "reply"])
    refused = client.post(where, data)
    assert (refused.status_code, "刚刚更新" in text(refused), "旧话。" in text(refused)) == (422, True, True)
    assert 'name="reply__article" value=""' in text(refused)
    assert client.post(where, data | {"reply__article": ""}).status_code == 302
    put = reverse("requests.standard_text", args=[order.case.number, "reply"])
    assert client.post(put, {"standard": version.pk}).status_code == 404


def test_who_does_not_see_the_order_puts_nothing_in(client):
    order = make.make_dispatched(text=ASKED)
    version = knowledge.make_version()
    enter(client, make.make_handler(make.make_office("yumen-tax", "税务")))
    put = reverse("requests.standard_text", args=[order.case.number, "reply"])
    assert client.post(put, {"standard": version.pk}).status_code == 403


def test_the_caller_reads_from_which_public_version_he_was_answered(client):
    citizen = make.make_citizen()
    order = make.make_own(citizen, text=ASKED, type="ask")
    version = knowledge.make_version()
    operations.reply_now(order, opinion=version.reply, subject="010301", article=version.pk, by=make.make_operator())
    enter(client, citizen)
    page = text(client.get(reverse("requests.mine", args=[order.case.number])))
    assert reverse("articles.version", args=[version.article_id, 1]) in page
    assert queries.mine(order.case.number, citizen) == order
