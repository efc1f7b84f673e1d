"""Parts: what goes in is escaped, states are words with icon and colour, controls are tied to labels and errors."""

import pytest
from django import forms
from django.template import engines
from django.utils import translation
from jinja2 import UndefinedError

from hexi.ui import environment
from hexi.ui.environment import Missing, anchor, words_of_errors
from hexi.ui.fields import control, kind_of


@pytest.fixture
def ui():
    with translation.override("zh-hans"):
        yield engines["jinja2"].env.get_template("ui/parts.html").module


def write(source, **facts):
    return engines["jinja2"].env.from_string(source).render(**facts)


@pytest.mark.parametrize(
    "state", ["done", "doing", "wait", "near", "overdue", "refused", "paused", "draft", "info", "off"]
)
def test_tag_is_word_icon_and_colour(ui, state):
    html = ui.tag(state, "<办>")
    assert f'class="tag tag-{state}"' in html
    assert "<svg" in html
    assert "&lt;办&gt;" in html


def test_facts_escape_and_offer_changes(ui):
    html = ui.facts([("姓名", "<王>"), ("电话", "1", "/x/", "改")])
    assert "<dd>&lt;王&gt;</dd>" in html
    assert '<a href="/x/">改<span class="visually-hidden"> 电话</span></a>' in html


def test_input_is_tied_to_label_hint_and_error(ui):
    html = ui.input("name", "姓名", value='"', hint="提示", error="有误")
    assert 'for="id_name"' in html
    assert 'id="id_name"' in html
    assert 'aria-describedby="hint-name error-name"' in html
    assert 'aria-invalid="true"' in html
    assert 'value="&#34;"' in html
    assert " required" in html


def test_optional_input_says_so(ui):
    html = ui.input("name", "姓名", required=False)
    assert "（选填）" in html
    assert " required" not in html
    assert "aria-describedby" not in html


def test_zero_is_a_value(ui):
    assert 'value="0"' in ui.input("n", "数", value=0)
    assert 'value=""' in ui.input("n", "数", value=None)


def test_select_compares_as_text(ui):
    assert '<option value="1" selected>一</option>' in ui.select("n", "数", [(1, "一"), (2, "二")], value="1")


def test_choices(ui):
    many = ui.choices("n", "数", [("a", "甲"), ("b", "乙")], value=["b"], many=True)
    assert many.count("checked") == 1
    assert 'type="checkbox" id="id_n_1" name="n" value="b" checked' in many
    one = ui.choices("n", "数", [("a", "甲"), ("b", "乙")], value="a")
    assert 'type="radio" id="id_n" name="n" value="a" checked required' in one


def test_clock_never_runs_over(ui):
    assert '<progress max="5" value="5"' in ui.clock("受理", 9, 5, "overdue", "超期")


def test_region_picker_has_one_select_a_level(ui):
    levels = [
        {"title": "省", "options": [("62", "甘肃")], "value": "62"},
        {"title": "市", "options": [("6209", "酒泉")], "value": ""},
    ]
    html = ui.region_picker("region", "62", "地区", "/regions/", levels)
    assert html.count('name="region"') == 2
    assert html.count('<select class="form-select" id="id_region" name="region"') == 1  # where an error leads
    assert '<option value="62" selected>' in html
    assert 'name="_levels" value="region"' in html


def test_pages_of_one_page_are_silent(ui):
    assert ui.pages({"previous": "", "next": "", "steps": []}).strip() == ""


def test_error_summary(ui):
    assert ui.error_summary([]).strip() == ""
    html = ui.error_summary([("#id_name", "<请填>")])
    assert '<a href="#id_name">&lt;请填&gt;</a>' in html
    assert "有 1 处需要改正" in html


class Form(forms.Form):
    name = forms.CharField(label="姓名")
    way = forms.ChoiceField(label="方式", choices=(("a", "甲"),), widget=forms.RadioSelect)
    agree = forms.BooleanField(label="同意")
    secret = forms.CharField(widget=forms.HiddenInput, required=False)
    day = forms.DateField(label="日期", required=False)


def test_kinds_of_fields():
    form = Form()
    assert [kind_of(bound) for bound in form] == ["plain", "choices", "check", "hidden", "plain"]


def test_errors_lead_to_the_first_control():
    form = Form({})
    with translation.override("zh-hans"):
        found = words_of_errors(form)
    assert [href for href, _ in found] == ["#id_name", "#id_way_0", "#id_agree"]
    assert found[0][1].startswith("姓名：")
    assert anchor(form["way"]) == "id_way_0"


def test_date_is_written_as_browsers_want():
    from datetime import date

    html = control(Form(initial={"day": date(2026, 11, 24)})["day"])
    assert 'type="date"' in html
    assert 'value="2026-11-24"' in html


def test_faulty_control_is_marked():
    html = control(Form({})["name"])
    assert "is-invalid" in html
    assert 'aria-invalid="true"' in html


def test_missing_names_may_be_asked_for_but_not_printed():
    assert write("{% if demo %}x{% endif %}y") == "y"
    with pytest.raises(UndefinedError):
        write("{{ demo }}")
    with pytest.raises(UndefinedError):
        write("{% if demo.bar %}{% endif %}")
    assert not Missing(name="x")


def test_text_is_escaped_and_translated():
    with translation.override("en"):
        assert write("{{ _('登录') }} {{ a }}", a="<b>") == "Sign in &lt;b&gt;"
        assert write("{{ _('第 %(n)s 页', n=a) }}", a="<2>") == "Page &lt;2&gt;"


def test_filters_and_globals_of_the_brief_are_there():
    env = engines["jinja2"].env
    assert {"day", "moment", "span", "money", "mask_id", "mask_name", "mask_phone", "size"} <= set(env.filters)
    assert {"url", "icon", "asset", "now", "panels", "menu", "demo_bar"} <= set(env.globals)
    assert write("{{ url('ui.gallery_steps', 2) }}") == "/ui/steps/2/"
    assert environment.FILTERS.keys() <= env.filters.keys()
