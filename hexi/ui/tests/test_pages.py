"""Detail, form, steps, board and timeline pages."""

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from markupsafe import Markup

from hexi.ui import doors
from hexi.ui.pages import BoardPage, DetailPage, Figure, FormPage, Section, Step, StepsPage, TimelinePage
from hexi.ui.tests.make import make_request

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bare_house")]


class NameForm(forms.Form):
    name = forms.CharField(label="姓名", help_text="与身份证一致", max_length=5)
    day = forms.DateField(label="日期", required=False)
    way = forms.ChoiceField(label="方式", choices=(("a", "甲"), ("b", "乙")), widget=forms.RadioSelect, required=False)


FORM = FormPage(title="改名", submit="提交", back="/back/")


def post(data, save):
    response = FORM.respond(make_request("/x/", post=data), NameForm, save)
    return response.status_code, response.content.decode()


def test_form_page_asks():
    response = FORM.respond(make_request("/x/"), NameForm, lambda form: "/", initial={"name": "王"})
    text = response.content.decode()
    assert response.status_code == 200
    assert '<label class="form-label" for="id_name">姓名</label>' in text
    assert 'value="王"' in text
    assert 'aria-describedby="id_name_helptext"' in text
    assert 'type="date"' in text
    assert "error-summary" not in text


def test_saved_form_goes_on():
    seen = []
    response = FORM.respond(
        make_request("/x/", post={"name": "王"}),
        NameForm,
        lambda form: seen.append(form.cleaned_data["name"]) or "/done/",
    )
    assert (response.status_code, response["Location"], seen) == (302, "/done/", ["王"])


def test_save_may_answer_itself():
    response = FORM.respond(make_request("/x/", post={"name": "王"}), NameForm, lambda form: HttpResponse("there"))
    assert response.content == b"there"


def test_faulty_form_keeps_what_was_entered_and_leads_to_the_field():
    status, text = post({"name": "一二三四五六", "way": "b"}, lambda form: "/")
    assert status == 422
    assert 'value="一二三四五六"' in text
    assert '<a href="#id_name">姓名：' in text
    assert 'id="id_name_error"' in text
    assert 'aria-invalid="true"' in text
    assert 'value="b" id="id_way_1" checked' in text


def refuse(fields):
    def save(form):
        raise ValidationError(fields)

    return save


def test_refusal_of_an_operation_stands_at_its_field():
    status, text = post({"name": "王"}, refuse({"name": "这个名字已有人用。请换一个。"}))
    assert status == 422
    assert '<a href="#id_name">姓名：这个名字已有人用。请换一个。</a>' in text
    assert 'value="王"' in text


def test_refusal_of_a_field_the_form_lacks_stands_on_top():
    _status, text = post({"name": "王"}, refuse({"elsewhere": "别处有误。"}))
    assert '<a href="#form">别处有误。</a>' in text


def test_refusal_without_field_stands_on_top():
    _status, text = post({"name": "王"}, refuse("现在不能改名。"))
    assert '<a href="#form">现在不能改名。</a>' in text
    assert 'id="form"' in text


def test_asking_for_more_choices_saves_nothing_and_keeps_everything():
    request = make_request("/x/", post={"_levels": "region", "name": ["", "王", ""]})
    response = FORM.respond(request, NameForm, refuse("never"))
    assert response.status_code == 200
    assert 'value="王"' in response.content.decode()
    assert "error-summary" not in response.content.decode()


def test_detail_page(monkeypatch):
    monkeypatch.setattr(doors, "panels", lambda place, request, thing=None: [Markup(f"<p>{place} {thing}</p>")])
    page = DetailPage(
        title="林木采伐",
        tag=("near", "临近到期"),
        facts=(("编号", "1"), ("到期", None), ("姓名", "<王>", "/change/")),
        place="cases.case",
        crumbs=(("办件", "/cases/"), ("1", "")),
    )
    text = page.respond(
        make_request(), 7, panels=[Section("依据", Markup("<p>森林法</p>"), "/law/", "全文")]
    ).content.decode()
    assert "<p>cases.case 7</p>" in text
    assert "<p>森林法</p>" in text
    assert "<dt>到期</dt>" not in text
    assert "<dd>&lt;王&gt;</dd>" in text
    assert '<a href="/change/">修改<span class="visually-hidden"> 姓名</span></a>' in text
    assert '<a href="/cases/">办件</a>' in text
    assert 'class="tag tag-near"' in text


STEPS = StepsPage("申请", (Step("who", "申请人"), Step("papers", "材料"), Step("check", "核对")))


def url_of(key):
    return f"/apply/{key}/"


def test_steps_know_where_they_are():
    at = STEPS.at("papers", url_of)
    assert (at["number"], at["total"], at["title"], at["previous"], at["next"]) == (
        2,
        3,
        "材料",
        "/apply/who/",
        "/apply/check/",
    )
    assert at["line"] == [
        {"title": "申请人", "state": "done", "url": "/apply/who/"},
        {"title": "材料", "state": "doing", "url": ""},
        {"title": "核对", "state": "wait", "url": ""},
    ]


def test_steps_done_out_of_order_are_linked():
    line = STEPS.at("who", url_of, done=["check"])["line"]
    assert [one["state"] for one in line] == ["doing", "wait", "done"]


def test_first_and_last_step():
    assert STEPS.at("who", url_of)["previous"] == ""
    assert STEPS.at("check", url_of)["next"] == ""


def test_unknown_step():
    with pytest.raises(LookupError):
        STEPS.at("money", url_of)


def test_steps_page_says_progress_in_words():
    text = STEPS.render(make_request(), "papers", "ui/steps.html", {}, url_of=url_of).content.decode()
    assert "第 2 步，共 3 步：材料" in text
    assert '<a href="/apply/who/">' in text
    assert 'aria-current="step"' in text


def test_board_page():
    page = BoardPage("统计", (Figure("12", "超期", "件", "/late/", (1, 2), "overdue", "比昨天多"),))
    text = page.respond(make_request(), sections=[Section("表", "x<y")]).content.decode()
    assert '<a href="/late/">超期</a>' in text
    assert 'aria-label="超期 的走势，最近 2"' in text
    assert "x&lt;y" in text


def test_timeline_page():
    page = TimelinePage("经过")
    assert (
        "<li" in page.respond(make_request(), [{"title": "受理", "who": "<王>"}]).content.decode().split("timeline")[1]
    )
    assert "&lt;王&gt;" in page.respond(make_request(), [{"title": "受理", "who": "<王>"}]).content.decode()
    assert "还没有记录" in page.respond(make_request(), []).content.decode()
