"""The steps as a browser without JavaScript sees them: what is shown, kept, refused, merged, found again."""

import re
from html.parser import HTMLParser

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hexi.blocks.documents.models import Document
from hexi.blocks.documents.tests.make import make_pdf
from hexi.blocks.forms import operations, queries
from hexi.blocks.forms.models import Draft, Parked
from hexi.blocks.forms.tests.make import IDENTITY, make_draft, make_every_kind, make_field, make_form, make_kind
from hexi.kernel.options import override
from hexi.ui import doors

pytestmark = pytest.mark.urls("hexi.blocks.forms.tests.urls")


class Page(HTMLParser):
    """A page taken apart: labels, controls, ids, links, what describes what."""

    def __init__(self, response):
        super().__init__()
        self.status, self.text = response.status_code, response.content.decode()
        self.tags = []
        self.feed(self.text)
        self.ids = [given["id"] for _tag, given in self.tags if "id" in given]

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def all(self, tag, **wanted):
        names = {name.replace("_", "-").strip("-"): value for name, value in wanted.items()}
        return [
            given
            for one, given in self.tags
            if one == tag and all(given.get(name) == value for name, value in names.items())
        ]

    def one(self, tag, **wanted):
        found = self.all(tag, **wanted)
        assert len(found) == 1, (tag, wanted, found)
        return found[0]

    def errors(self):
        """The lines of the error summary: (address, sentence)."""
        box = re.search(r'<div class="error-summary".*?</div>', self.text, re.S)
        return re.findall(r'<a href="([^"]+)">([^<]+)</a>', box[0]) if box else []

    def notices(self):
        return re.findall(r'<div class="notice [^>]*>.*?<p>(.*?)</p>', self.text, re.S)


@pytest.fixture
def browser(applicant):
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(applicant.account, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def draft(applicant):
    return make_draft(applicant)


def step(draft, name):
    return f"/sample/{draft.key}/{name}/"


def get(browser, draft, name):
    return Page(browser.get(step(draft, name)))


def post(browser, draft, page, /, version=None, **given):
    section = {"_section": page.removeprefix("form.")} if page.startswith("form.") else {}
    fields = {key.replace("__", "."): value for key, value in given.items()}
    return browser.post(step(draft, page), {"_version": version or fresh(draft).version, **section, **fields})


def fresh(draft):
    return Draft.objects.get(pk=draft.pk)


APPLICANT = {"name": "石建国", "identity": IDENTITY, "phone": "10000000001", "agent": "no"}
TREES = {"kind": "pine", "volume": "3.5"}


# --- a section as it is shown ---------------------------------------------------------------------------------------------


def test_every_control_has_a_label_of_its_own(browser, draft):
    page = get(browser, draft, "form.applicant")
    labels = [given["for"] for given in page.all("label") if "for" in given]
    for given in page.all("input") + page.all("select") + page.all("textarea"):
        if (
            given.get("type") not in ("hidden", "radio", "checkbox")
            and given.get("name", "").partition(".")[0] in APPLICANT
        ):
            assert given["id"] in labels
    assert len(page.ids) == len(set(page.ids))
    assert page.one("form", id="step")["novalidate"] is None


def test_choices_stand_in_a_fieldset_with_a_legend(browser, draft):
    page = get(browser, draft, "form.applicant")
    assert page.one("fieldset", id="row-agent")
    assert [given["value"] for given in page.all("input", name="agent", type="radio")] == ["yes", "no"]
    assert "是否由他人代办" in re.search(r'id="row-agent".*?<legend[^>]*>(.*?)</legend>', page.text, re.S)[1]


def test_prefilled_answers_say_where_they_come_from(browser, draft):
    page = get(browser, draft, "form.applicant")
    assert page.one("input", name="name")["value"] == "石建国"
    assert page.one("input", name="name")["autocomplete"] == "name"
    assert page.one("input", name="phone") | {"value": ""} == {
        "class": "form-control width-medium", "id": "id_phone", "type": "tel", "name": "phone", "value": "",
        "autocomplete": "tel", "inputmode": "tel", "aria-describedby": "hint-phone", "required": None,
    }  # fmt: skip
    assert re.search(r'id="hint-phone">(.*?)</p>', page.text)[1] == "来自您的账户，请核对。"


def test_hints_come_before_the_control_and_are_tied_to_it(browser, draft):
    page = get(browser, draft, "form.trees")
    volume = page.one("input", name="volume")
    assert (volume["aria-describedby"], volume["inputmode"], volume["type"]) == ("hint-volume", "decimal", "text")
    assert page.text.index('id="hint-volume"') < page.text.index('id="id_volume"')
    assert "例如：3.5" in page.text
    assert "立方米" in page.text


def test_a_conditional_question_is_there_but_hidden(browser, draft):
    page = get(browser, draft, "form.applicant")
    assert "hidden" in page.one("div", data_field="agent_name")
    assert "hidden" not in page.one("div", data_field="agent")
    post(browser, draft, "form.applicant", **APPLICANT | {"agent": "yes"})
    assert "hidden" not in get(browser, draft, "form.applicant").one("div", data_field="agent_name")


def test_the_browser_gets_the_conditions_and_only_answers_they_need(browser, draft, applicant):
    page = get(browser, draft, "form.applicant")
    assert page.one("form", id="step")["data-questions"] == "questions"
    block = re.search(r'<script id="questions" type="application/json">(.*?)</script>', page.text)[1]
    assert '"whens": [{"==": [{"var": "agent"}, true]}]' in block
    assert '"answers": {}' in block
    assert fresh(draft).answers["identity"] not in block


def test_steps_in_words(browser, draft):
    assert "第 1 步，共 4 步：第applicant节" in get(browser, draft, "form.applicant").text
    assert "第 2 步，共 4 步：第trees节" in get(browser, draft, "form.trees").text
    assert "第 3 步，共 4 步：材料" in get(browser, draft, "materials").text
    assert "第 4 步，共 4 步：核对并提交" in get(browser, draft, "check").text


def test_in_english(browser, draft):
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = get(browser, draft, "form.applicant")
    assert "Step 1 of 4: Section applicant" in page.text
    assert "From your account. Please check." in page.text
    assert Page(post(browser, draft, "form.applicant", name="")).errors()[0] == ("#id_name", "Enter “[申请人姓名]”.")


def test_an_unknown_section_or_step(browser, draft):
    assert browser.get(step(draft, "form.nonsense")).status_code == 404
    assert browser.get("/sample/nonsense/form.trees/").status_code == 404


def queries_of(browser, address):
    browser.get(address)
    with CaptureQueriesContext(connection) as captured:
        browser.get(address)
    return len(captured)


def test_pages_cost_a_fixed_number_of_queries(browser, draft, applicant):
    names = ("form.trees", "materials", "check")
    empty = [queries_of(browser, step(draft, name)) for name in names]
    rows = [{"id": f"r{number}", "member": "张三", "own_saw": True, "saw": "x"} for number in range(3)]
    operations.save_step(draft, raw={**APPLICANT, **TREES, "members": rows}, version=1, by=applicant)
    post(
        browser, draft, "materials", file__rights=[pdf("一.pdf", make_pdf(1)), pdf("二.pdf", make_pdf(2))], _upload="1"
    )
    assert len(files(draft)) == 2
    assert [queries_of(browser, step(draft, name)) for name in names] == empty


# --- saving -----------------------------------------------------------------------------------------------------------------


def test_on_to_the_next_step(browser, draft):
    response = post(browser, draft, "form.applicant", **APPLICANT)
    assert (response.status_code, response["Location"]) == (302, step(draft, "form.trees"))
    assert fresh(draft).step == "form.trees"
    assert fresh(draft).answers["agent"] is False


def test_faults_lead_to_the_fields_and_nothing_is_lost(browser, draft):
    response = post(browser, draft, "form.applicant", **APPLICANT | {"identity": "62", "phone": "三", "name": ""})
    page = Page(response)
    assert response.status_code == 422
    assert page.errors() == [
        ("#id_name", "请填写“申请人姓名”。"),
        ("#id_identity", "“身份证号码”应有 18 位，现在是 2 位。请照身份证重填。"),
        ("#id_phone", "“联系电话”要填 11 位手机号，或带区号的座机号，如 0937-3312345。"),
    ]
    for address, _sentence in page.errors():
        assert address[1:] in page.ids
    phone = page.one("input", name="phone")
    assert (phone["value"], phone["aria-invalid"]) == ("三", "true")
    assert phone["aria-describedby"].split() == ["error-phone"]
    assert "有误：" in re.search(r"<title>(.*?)</title>", page.text, re.S)[1]
    assert (fresh(draft).answers["phone"], fresh(draft).answers["identity"]) == ("三", "62")
    assert fresh(draft).step == "form.applicant"
    again = get(browser, draft, "form.applicant")
    assert again.one("input", name="phone")["value"] == "三"
    assert again.errors() == []


def test_a_question_that_appears_is_asked_before_going_on(browser, draft):
    response = post(browser, draft, "form.applicant", **APPLICANT | {"agent": "yes"})
    page = Page(response)
    assert (response.status_code, page.errors()) == (200, [])
    assert page.notices() == ["根据您的回答，多了几个问题。请接着填写。"]
    response = post(browser, draft, "form.applicant", **APPLICANT | {"agent": "yes", "agent_name": ""})
    assert Page(response).errors() == [("#id_agent_name", "请填写“代办人姓名”。")]
    response = post(browser, draft, "form.applicant", **APPLICANT | {"agent": "yes", "agent_name": "李四"})
    assert response["Location"] == step(draft, "form.trees")


def test_with_the_script_it_was_visible_and_is_simply_missing(browser, draft):
    given = APPLICANT | {"agent": "yes", "agent_name": ""}
    assert Page(post(browser, draft, "form.applicant", _script="1", **given)).errors() == [
        ("#id_agent_name", "请填写“代办人姓名”。")
    ]


def test_back_saves_whatever_is_there(browser, draft):
    response = post(browser, draft, "form.trees", kind="fir", volume="viel", _action="back")
    assert response["Location"] == step(draft, "form.applicant")
    assert (fresh(draft).answers["kind"], fresh(draft).answers["volume"]) == ("fir", "viel")


def test_leaving_saves_and_the_list_leads_back(browser, draft):
    response = post(browser, draft, "form.trees", kind="fir", _action="leave")
    page = Page(browser.get(response["Location"]))
    assert response["Location"] == "/my/drafts/"
    assert "草稿已保存。您可以在任何一台设备上登录后继续填写。" in page.text
    assert page.all("a", href=step(draft, "form.trees"))


def test_unknown_fields_are_named(browser, draft):
    page = Page(post(browser, draft, "form.applicant", **APPLICANT, colour="red", name__x="1"))
    assert page.errors() == [
        ("#id_colour", "表单里没有“colour”这一项。请删去它，或核对名称。"),
        ("#id_name.x", "表单里没有“name.x”这一项。请删去它，或核对名称。"),
    ]


def test_too_much_is_shown_again_as_typed(browser, draft):
    with override(operations.MOST_BYTES, 300):
        page = Page(post(browser, draft, "form.trees", **TREES, plan="很" * 100))
    assert page.status == 422
    assert "填写的内容太多" in page.errors()[0][1]
    assert page.one("input", name="plan")["value"] == "很" * 100


def test_rows_are_added_and_taken_out_without_losing_anything(browser, draft):
    response = post(browser, draft, "form.trees", **TREES, members="", _add="members")
    assert response["Location"] == step(draft, "form.trees") + "#row-members"
    row = fresh(draft).answers["members"][0]["id"]
    page = get(browser, draft, "form.trees")
    assert [given["value"] for given in page.all("input", name="members")] == ["", row]
    assert page.one("input", name=f"members.{row}.member")
    browser.post(
        step(draft, "form.trees"),
        {
            "_version": fresh(draft).version,
            "_section": "trees",
            "members": ["", row],
            f"members.{row}.member": "张三",
            "_add": "members",
        },
    )
    rows = fresh(draft).answers["members"]
    assert [one.get("member") for one in rows] == ["张三", None]
    browser.post(
        step(draft, "form.trees"),
        {
            "_version": fresh(draft).version, "_section": "trees", "members": ["", *(one["id"] for one in rows)],
            f"members.{row}.member": "张三丰", "_remove": f"members.{rows[1]['id']}",
        },
    )  # fmt: skip
    assert [one.get("member") for one in fresh(draft).answers["members"]] == ["张三丰"]
    assert fresh(draft).answers["kind"] == "pine"


def test_a_fault_in_a_row_leads_to_its_control(browser, draft):
    given = {"_version": 1, "_section": "trees", "members": ["", "r1"], "members.r1.own_saw": "no", **TREES}
    page = Page(browser.post(step(draft, "form.trees"), given))
    assert page.errors() == [("#id_members.r1.member", "请填写“姓名”。")]
    assert "id_members.r1.member" in page.ids


def test_a_group_that_is_required_shows_its_first_row(browser, applicant, declared):
    group = make_field("repeating", "rows", "成员", fields=[make_field(key="x", label="姓名")])
    form = make_form([group])
    declared(make_kind(form))
    draft = make_draft(applicant, form)
    page = get(browser, draft, "form.s1")
    row = page.all("input", name="rows")[1]["value"]
    assert page.one("input", name=f"rows.{row}.x")
    empty = {"_version": 1, "_section": "s1", "rows": ["", row], f"rows.{row}.x": ""}
    page = Page(browser.post(step(draft, "form.s1"), empty))
    assert page.errors() == [("#row-rows", "“成员”至少要填 1 行。请增加一行。")]
    assert "row-rows" in page.ids
    response = browser.post(step(draft, "form.s1"), empty | {f"rows.{row}.x": "张三"})
    assert response["Location"] == step(draft, "check")
    assert fresh(draft).answers == {"rows": [{"id": row, "x": "张三"}]}


def test_two_tabs_are_told(browser, draft):
    post(browser, draft, "form.trees", version=1, kind="fir", volume="4")
    response = post(browser, draft, "form.trees", version=1, kind="oak", volume="", plan="x")
    page = Page(browser.get(response["Location"]))
    assert fresh(draft).answers["kind"] == "oak"
    assert fresh(draft).answers["volume"] == 4
    assert "您在另一个窗口或设备上改过：采伐蓄积。那边较新的内容已保留，请看一下。" in page.text
    assert "“树种”在另一个窗口也改过，已用这一页的内容。那边填的是：杉" in page.text


def test_a_newer_version_is_mentioned(browser, draft, declared):
    assert "有了新版本" not in get(browser, draft, "form.trees").text
    declared(make_kind(newest="another"))
    assert "您开始填写后，这个事项的要求有了新版本。" in get(browser, draft, "form.trees").text


# --- kinds of controls ------------------------------------------------------------------------------------------------------


def test_every_kind_has_controls(browser, applicant, declared):
    from hexi.blocks.regions.tests.make import SHIHEZI, make_divisions

    make_divisions()
    form = make_every_kind()
    declared(make_kind(form))
    draft = make_draft(applicant, form)
    raw = {
        "a": "甲", "b": "一\n二", "c": "1234", "d": "12.5", "e": "2026-11-24", "f": {"from": "2026-11-24", "to": "31.12."},
        "g": "k8", "h": ["pine", "oak"], "i": "no", "j": SHIHEZI, "k": {"region": SHIHEZI, "detail": "1 组"},
    }  # fmt: skip
    operations.save_step(draft, raw=raw, version=1, by=applicant)
    page = get(browser, draft, "form.s1")
    assert page.one("input", name="a")["value"] == "甲"
    assert re.search(r'name="b"[^>]*>(.*?)</textarea>', page.text, re.S)[1] == "一\n二"
    assert [page.one("input", name=name)["value"] for name in "cde"] == ["1234", "12.50", "2026-11-24"]
    assert page.one("input", name="e")["type"] == "date"
    ends = [
        (page.one("input", name=f"f.{end}")["type"], page.one("input", name=f"f.{end}")["value"])
        for end in ("from", "to")
    ]
    assert ends == [("date", "2026-11-24"), ("text", "31.12.")]
    assert page.one("select", name="g")
    assert "selected" in page.one("option", value="k8")
    boxes = page.all("input", name="h", type="checkbox")
    assert [one["value"] for one in boxes if "checked" in one] == ["pine", "oak"]
    assert page.one("input", name="h", type="hidden")["value"] == ""
    assert [one["value"] for one in page.all("input", name="i") if "checked" in one] == ["no"]
    assert len(page.all("select", name="j")) == 5
    assert len(page.all("select", name="k.region")) == 5
    assert page.one("input", name="k.detail")["value"] == "1 组"
    assert page.one("input", name="n")["type"] == "tel"
    assert page.one("input", name="o")["type"] == "email"
    assert "先读这里。" in page.text
    assert len(page.ids) == len(set(page.ids))


def test_the_next_level_of_a_region_without_a_script(browser, applicant, declared):
    from hexi.blocks.regions.tests.make import GANSU, JIUQUAN, make_divisions

    make_divisions()
    form = make_form([make_field("region", "place", level=3), make_field(key="other")])
    declared(make_kind(form))
    draft = make_draft(applicant, form)
    assert len(get(browser, draft, "form.s1").all("select", name="place")) == 1
    given = {"_version": 1, "_section": "s1", "place": [GANSU, JIUQUAN], "other": "x", "_levels": "place"}
    response = browser.post(step(draft, "form.s1"), given)
    assert response["Location"] == step(draft, "form.s1") + "#row-place"
    page = get(browser, draft, "form.s1")
    assert len(page.all("select", name="place")) == 3
    assert page.one("input", name="other")["value"] == "x"
    assert page.errors() == []
    page = Page(browser.post(step(draft, "form.s1"), given | {"_version": 2, "_levels": ""}))
    assert page.errors() == [("#id_place", "“名称”请选到县（市、区）一级。")]
    assert "id_place" in page.ids


# --- materials ----------------------------------------------------------------------------------------------------------------


def pdf(name="林权证.pdf", content=None):
    content = make_pdf(text=name.encode().hex()) if content is None else content
    return SimpleUploadedFile(name, content, "application/pdf")


def files(draft):
    return list(Document.objects.present().of("forms.draft", str(draft.pk)).values_list("slot", "name"))


def test_only_materials_that_are_asked_for(browser, draft, applicant):
    page = get(browser, draft, "materials")
    assert page.one("form", id="step")["enctype"] == "multipart/form-data"
    assert [given["name"] for given in page.all("input", type="file")] == ["file.rights", "file.photo"]
    operations.save_step(draft, raw={"agent": "yes"}, version=1, by=applicant)
    assert [given["name"] for given in get(browser, draft, "materials").all("input", type="file")] == [
        "file.rights", "file.mandate", "file.photo",
    ]  # fmt: skip


def test_a_file_is_kept_and_the_next_step_reached(browser, draft):
    response = post(browser, draft, "materials", file__rights=pdf(), _action="next")
    assert response["Location"] == step(draft, "check")
    assert files(draft) == [("rights", "林权证.pdf")]
    assert Document.objects.get().owner == draft.person


def test_a_missing_material_is_named(browser, draft):
    page = Page(post(browser, draft, "materials", _action="next"))
    assert (page.status, page.errors()) == (422, [("#id_file.rights", "请上传“林权证”。")])
    assert "id_file.rights" in page.ids


def test_a_bad_file_takes_no_other_with_it(browser, draft):
    page = Page(post(browser, draft, "materials", file__rights=[pdf(), pdf("空.pdf", b"")], _action="next"))
    assert page.status == 422
    assert files(draft) == [("rights", "林权证.pdf")]
    assert [address for address, _said in page.errors()] == ["#id_file.rights"]
    assert page.errors()[0][1].startswith("空.pdf：")


def test_a_file_for_no_material(browser, draft):
    page = Page(post(browser, draft, "materials", file__nonsense=pdf(), _action="next"))
    assert ("#id_file.nonsense", "没有“file.nonsense”这一项材料。请按本页列出的材料上传。") in page.errors()
    assert files(draft) == []


def test_removing_and_taking_back(browser, draft):
    post(browser, draft, "materials", file__rights=pdf(), _upload="1")
    number = Document.objects.get().pk
    post(browser, draft, "materials", _remove=number)
    assert files(draft) == []
    assert "已删除：林权证.pdf" in get(browser, draft, "materials").text
    post(browser, draft, "materials", _restore=number)
    assert files(draft) == [("rights", "林权证.pdf")]


def test_somebody_elses_file_is_not_removed(browser, draft, stranger):
    from hexi.blocks.documents import operations as documents

    other = make_draft(stranger)
    theirs = documents.store(pdf(), name="a.pdf", by=stranger, owner=other.person, thing=other, slot="rights")
    post(browser, draft, "materials", _remove=theirs.pk)
    post(browser, draft, "materials", reuse__rights=theirs.pk)
    for field in ("_remove", "_restore", "reuse__rights"):  # figures no number has
        assert post(browser, draft, "materials", **{field: "9" * 6000}).status_code < 500
    assert files(other) == [("rights", "a.pdf")]
    assert files(draft) == []


def test_what_was_handed_in_before_can_be_used_again(browser, draft, applicant):
    earlier = make_draft(applicant, ref="other")
    post(browser, earlier, "materials", file__rights=pdf(), _upload="1")
    held = Document.objects.get()
    page = get(browser, draft, "materials")
    assert [given["name"] for given in page.all("select")] == ["reuse.rights", "reuse.photo"]
    response = post(browser, draft, "materials", reuse__rights=held.pk, _action="next")
    assert response["Location"] == step(draft, "check")
    assert files(draft) == [("rights", "林权证.pdf")]


def test_a_code_for_the_phone_only_where_it_is_asked_for(browser, draft):
    assert "svg" in browser.get(step(draft, "materials") + "?phone=rights").content.decode()
    page = Page(browser.get(step(draft, "materials") + "?phone=rights"))
    assert page.text.count("手机上传二维码") == 1
    assert "手机上传二维码" not in get(browser, draft, "materials").text
    assert page.all("a", href="?phone=photo#card-file.photo")


def test_back_from_the_materials(browser, draft):
    assert post(browser, draft, "materials", _action="back")["Location"] == step(draft, "form.trees")


# --- check and send -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def whole(browser, draft):
    post(browser, draft, "form.applicant", **APPLICANT)
    post(browser, draft, "form.trees", **TREES)
    post(browser, draft, "materials", file__rights=pdf(), _action="next")
    return fresh(draft)


def test_every_answer_with_its_link(browser, whole):
    page = get(browser, whole, "check")
    places = ("#id_", "#row-", "#card-")
    links = [one["href"] for one in page.all("a") if any(place in one.get("href", "") for place in places)]
    assert links == [
        *[step(whole, "form.applicant") + f"#id_{key}" for key in ("name", "identity", "phone", "agent")],
        *[step(whole, "form.trees") + f"#{key}" for key in ("id_kind", "id_volume", "id_felling.from", "row-members")],
        *[step(whole, "materials") + f"#card-file.{key}" for key in ("rights", "photo")],
    ]
    for words in (
        "石建国",
        "6299**********",
        "松",
        "3.5 立方米",
        "（未填）",
        "林权证.pdf",
        "最迟决定",
        "11月26日（周四）",
    ):
        assert words in page.text
    assert IDENTITY not in page.text
    assert page.one("button", value="submit")


def test_what_is_missing_leads_to_its_page(browser, draft):
    page = get(browser, draft, "check")
    assert page.all("button", value="submit") == []
    assert page.all("a", href=step(draft, "form.trees") + "?check#id_kind")
    assert page.all("a", href=step(draft, "materials") + "?check#id_file.rights")
    there = Page(browser.get(step(draft, "form.trees") + "?check"))
    assert there.errors()[0] == ("#id_kind", "请选择“树种”。")
    page = Page(post(browser, draft, "check", _action="submit", _declared="1"))
    assert page.status == 422
    assert (step(draft, "form.trees") + "?check#id_kind", "请选择“树种”。") in page.errors()
    assert fresh(draft).open


def test_sending(browser, whole):
    page = Page(post(browser, whole, "check", _action="submit"))
    assert page.errors() == [("#id__declared", "请先读完并勾选承诺，再提交。")]
    assert "id__declared" in page.ids
    response = post(browser, whole, "check", _action="submit", _declared="1")
    assert (response.status_code, response.content) == (201, b"CASE-1")
    assert fresh(whole).submitted_ref == "CASE-1"


def test_sending_twice_leads_to_what_it_became(browser, whole):
    post(browser, whole, "check", _action="submit", _declared="1")
    response = post(browser, whole, "check", version=whole.version, _action="submit", _declared="1")
    assert response.status_code == 410
    assert "编号 CASE-1。不会重复提交。" in response.content.decode()
    late = post(browser, whole, "form.trees", **TREES, plan="later")
    assert late.status_code == 410


def test_a_stale_check_page_is_shown_again(browser, whole, applicant):
    seen = whole.version
    operations.save_step(whole, raw={"volume": "9"}, version=seen, by=applicant)
    page = Page(post(browser, whole, "check", version=seen, _action="submit", _declared="1"))
    assert page.errors() == [("#main", "您核对之后，这份草稿在另一个窗口改过。请再核对一遍，然后提交。")]
    assert "9 立方米" in page.text
    assert page.one("input", name="_version")["value"] == str(seen + 1)
    assert fresh(whole).open


def test_a_draft_is_resumed_on_another_device(browser, draft, applicant):
    post(browser, draft, "form.applicant", **APPLICANT)
    phone = Client(headers={"accept-language": "zh-hans"})
    phone.force_login(applicant.account, backend="django.contrib.auth.backends.ModelBackend")
    page = Page(phone.get(reverse("forms.drafts")))
    assert page.all("a", href=step(draft, "form.trees"))
    assert get(phone, draft, "form.applicant").one("input", name="identity")["value"] == IDENTITY


# --- whose ------------------------------------------------------------------------------------------------------------------------


def test_nobody_elses_draft(draft, stranger):
    other = Client()
    other.force_login(stranger.account, backend="django.contrib.auth.backends.ModelBackend")
    for name in ("form.trees", "materials", "check"):
        assert other.get(step(draft, name)).status_code == 403
        assert post(other, draft, name, **TREES).status_code == 403
    assert other.post(reverse("forms.discard", args=[draft.key])).status_code == 403
    assert draft.key not in other.get(reverse("forms.drafts")).content.decode()
    assert fresh(draft).version == 1


def test_an_expired_session_loses_nothing(browser, draft):
    given = {"_version": 1, "_section": "trees", **TREES, "plan": "第 8 号"}
    visitor = Client(headers={"accept-language": "zh-hans"})
    response = visitor.post(step(draft, "form.trees"), given)
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/?next=/my/drafts/parked/")
    assert fresh(draft).answers.get("plan") is None
    after = response["Location"].partition("next=")[2]
    response = browser.get(after)
    assert (response.status_code, response["Location"]) == (302, step(draft, "form.trees"))
    page = Page(browser.get(response["Location"]))
    assert "刚才填写的内容已经放回，请接着填写。" in page.text
    assert page.one("input", name="volume")["value"] == "3.5"
    assert fresh(draft).answers["plan"] == "第 8 号"
    again = browser.get(after)
    assert again.status_code == 410
    assert "没有可取回的内容" in again.content.decode()


def test_parked_answers_are_not_for_others(draft, stranger):
    response = Client().post(step(draft, "form.trees"), {"_version": 1, "_section": "trees", **TREES})
    other = Client()
    other.force_login(stranger.account, backend="django.contrib.auth.backends.ModelBackend")
    assert other.get(response["Location"].partition("next=")[2]).status_code == 403
    assert Parked.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("form.trees", {"_section": "nonsense", "volume": "3.5"}),
        ("materials", {"_action": "next"}),
        ("check", {"_action": "submit", "_declared": "1", "delivery": "courier", "to_address": "文化街道 8 号"}),
    ],
)
def test_what_is_no_answer_is_offered_again_after_signing_in(draft, applicant, name, given):
    visitor = Client(headers={"accept-language": "zh-hans"})
    response = visitor.post(step(draft, name), given)
    assert response["Location"] == doors.sign_in_url(reverse("ui.kept"))
    assert not Parked.objects.exists()
    visitor.force_login(applicant.account, backend="django.contrib.auth.backends.ModelBackend")
    page = Page(visitor.get(reverse("ui.kept")))
    assert page.one("form", action=step(draft, name))
    assert {name: page.one("input", name=name)["value"] for name in given} == given


def test_nothing_posted_only_signs_in(draft):
    response = Client().post(step(draft, "form.trees"), {})
    assert response["Location"] == doors.sign_in_url(step(draft, "form.trees"))


def test_visitors_sign_in_first(draft):
    assert Client().get(step(draft, "check"))["Location"] == doors.sign_in_url(step(draft, "check"))
    assert Client().get("/sample/nonsense/check/")["Location"] == doors.sign_in_url("/sample/nonsense/check/")


def test_a_file_that_came_too_late_is_mentioned(draft, browser):
    visitor = Client(headers={"accept-language": "zh-hans"})
    visitor.post(step(draft, "materials"), {"file.rights": pdf()})
    assert any("刚才选的文件没有收到" in str(one) for one in visitor.get("/accounts/login/").wsgi_request._messages)


def test_a_page_older_than_the_last_sign_in_asks_first(draft, applicant):
    strict = Client(enforce_csrf_checks=True, headers={"accept-language": "zh-hans"})
    strict.force_login(applicant.account, backend="django.contrib.auth.backends.ModelBackend")
    token = re.search(
        r'name="csrfmiddlewaretoken" value="(\w+)"', strict.get(step(draft, "form.trees")).content.decode()
    )[1]
    given = {"_version": 1, "_section": "trees", **TREES}
    good = strict.post(step(draft, "form.trees"), {**given, "csrfmiddlewaretoken": token})
    assert good["Location"] == step(draft, "materials")
    response = strict.post(step(draft, "form.trees"), {**given, "volume": "9", "csrfmiddlewaretoken": "x" * 64})
    page = Page(response)
    assert response.status_code == 403
    assert fresh(draft).answers["volume"] == 3.5
    link = next(given["href"] for given in page.all("a") if "/parked/" in given.get("href", ""))
    assert strict.get(link)["Location"] == step(draft, "form.trees")
    assert fresh(draft).answers["volume"] == 9
    assert strict.post(step(draft, "check"), {"_action": "submit"}).status_code == 403


# --- my drafts --------------------------------------------------------------------------------------------------------------------


def test_my_drafts_empty(browser):
    assert "没有填到一半的申请" in browser.get(reverse("forms.drafts")).content.decode()


def test_discard_and_take_back_by_buttons(browser, draft):
    assert browser.get(reverse("forms.discard", args=[draft.key])).status_code == 405
    page = Page(browser.post(reverse("forms.discard", args=[draft.key]), follow=True))
    assert "最近删除" in page.text
    closed = browser.get(step(draft, "form.trees"))
    assert (closed.status_code, "这份草稿已删除，填过的内容还在。" in closed.content.decode()) == (410, True)
    page = Page(browser.post(reverse("forms.take_back", args=[draft.key]), follow=True))
    assert "已恢复草稿“林木采伐许可”。" in page.text
    assert browser.get(step(draft, "form.trees")).status_code == 200


def test_the_list_costs_the_same_for_one_and_three(browser, applicant):
    make_draft(applicant, ref="item-0")
    one = queries_of(browser, reverse("forms.drafts"))
    make_draft(applicant, ref="item-1")
    make_draft(applicant, ref="item-2")
    assert queries.mine(applicant).count() == 3
    assert queries_of(browser, reverse("forms.drafts")) == one
