"""The self-check: an item broken in each of the eight ways is found, and sound ones are not; power lists."""

import re
from datetime import datetime
from io import BytesIO

import pytest
from openpyxl import load_workbook

from hexi.blocks.articles.tests import make as articles
from hexi.blocks.cases import jobs, operations, selfcheck, supervision
from hexi.blocks.cases.models import Item, ItemVersion, SelfCheck
from hexi.blocks.cases.operations import rating
from hexi.blocks.cases.tests import make
from hexi.blocks.notices import operations as notices
from hexi.blocks.notices.models import Line
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.tests import make as regions
from hexi.blocks.search.models import Entry
from hexi.kernel import clock, packs
from hexi.kernel.actors import Denied

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(monkeypatch):
    """Set the time: `at("2026-11-24 10:00")`."""

    def go(text):
        moment = datetime.fromisoformat(text).replace(tzinfo=clock.CHINA)
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    go("2026-11-24 10:00")
    return go


@pytest.fixture
def item():
    return make.make_item()


def found():
    """(defect, Chinese sentence) of everything that is found now."""
    return [(one.defect, one.zh) for one in selfcheck.find()[1]]


def broken(item, change):
    """The item with its text changed behind the back of the lint, as an old rule would have let it pass."""
    version = ItemVersion.objects.get(pk=item.version_id)
    change(version.national, version.implementing)
    version.digest = packs.digest({"national": version.national, "implementing": version.implementing})
    version.save()


def test_a_sound_item_has_no_finding(item):
    assert selfcheck.find() == (1, [])


def own_sign_in(national, local):
    local["online"]["computer"] = {"single_sign_on": False, "address": "https://other.example"}


def nameless_step(national, local):
    national["steps"][0]["about"] = {"zh": "受理", "en": "Accept"}


def no_limit_basis(national, local):
    national["legal_limit"]["basis"] = []


def fee_without_items(national, local):
    national["fee"] = {"charged": True, "items": [], "note": None}


def no_phone(national, local):
    local["consult"]["phone"] = "12345678"


def no_address(national, local):
    local["places"][0]["address"] = {"zh": " ", "en": " "}


def vague_material(national, local):
    national["materials"][0]["standard"] = {"zh": "法律法规规定的其他材料", "en": "Other papers by law"}


def no_sample(national, local):
    national["materials"][0]["sample"] = None


def no_blank(national, local):
    filled = next(one for one in national["materials"] if one["type"] == "filled")
    filled["blank"] = None


@pytest.mark.parametrize(
    ("change", "defect", "words"),
    [
        (own_sign_in, "entry", "网上办理要另外登录：https://other.example"),
        (nameless_step, "steps", "只有名称"),
        (no_limit_basis, "missing", "法定办结时限没有写依据"),
        (fee_without_items, "missing", "要列出收费项目"),
        (no_phone, "missing", "电话要带区号"),
        (no_address, "missing", "没有写地址或时间"),
        (vague_material, "vague", "法律法规规定的其他材料"),
        (no_sample, "forms", "没有示例样表"),
        (no_blank, "forms", "要有空白表格"),
    ],
)  # fmt: skip
def test_an_item_broken_in_this_way_is_found(item, change, defect, words):
    broken(item, change)
    assert any(kind == defect and words in text for kind, text in found()), found()
    one = next(one for one in selfcheck.find()[1] if one.defect == defect)
    assert (one.url, one.department) == (f"/work/items/{item.pk}/", item.department_id)


def test_an_item_that_search_does_not_find_is_found_by_each_name(item):
    Entry.objects.filter(kind="item", ref=str(item.pk)).delete()
    rules = operations.deciding.definition(item.version)
    texts = [text for kind, text in found() if kind == "search"]
    assert len(texts) == 2 + len(set(rules.national.aliases) - {item.title})
    assert texts[0] == f"搜索「{item.title}」找不到它"
    assert re.search("「linmucaifaxukezhenghefa」", texts[-1])


def test_a_forgotten_alias_is_found(item):
    broken(item, lambda national, local: national["aliases"].append("砍树手续费"))
    assert ("search", "搜索「砍树手续费」找不到它") in found()


def test_a_home_without_items_is_found(item):
    regions.make_site()
    assert found() == []
    Item.objects.update(status=Item.Status.WITHDRAWN)
    assert ("empty", "首页没有可办的事项") in found()


def test_a_column_of_the_home_with_nothing_to_open_is_found(item, monkeypatch):
    from hexi.ui import doors

    regions.make_site()
    whole = doors.tiles
    monkeypatch.setattr(doors, "tiles", lambda door, request: [*whole(door, request), "<h2>政策解读</h2>"])
    assert found() == [("empty", "首页栏目没有内容：政策解读")]


def test_no_word_within_five_working_days_is_found(at, item):
    case = make.make_case(item)
    assert found() == []
    at("2026-12-02 09:00")
    assert found() == [("answer", f"{case.number} 逾期没有告知是否受理")]


def test_a_question_that_waits_is_found_until_it_is_answered(at, item):
    villager = make.make_citizen()
    case = make.make_case(item, applicant=villager.account.person, by=villager)
    operations.accept(case, by=make.make_official(make.CLERK))
    notices.say(case, topic="", text="什么时候能办好？", side=Line.Side.CITIZEN, by=villager)
    at("2026-12-01 09:00")
    assert found() == []
    at("2026-12-02 09:00")
    assert found() == [("answer", f"{case.number} 申请人的留言没有回复")]
    notices.say(case, topic="", text="明天。", side=Line.Side.OFFICE, by=make.make_official(make.CLERK))
    assert found() == []


def test_a_bad_rating_is_found_after_its_day_and_after_its_fifteen(at, item):
    villager, head = make.make_citizen(), make.make_official(make.HEAD)
    case = make.make_case(item, applicant=villager.account.person, by=villager)
    operations.not_needed(case, by=make.make_official(make.CLERK), opinion="不用办")
    bad = rating.rate(make.fresh(case), level=1, by=villager)
    at("2026-11-25 23:00")
    assert found() == []
    at("2026-11-26 10:00")
    late = ("answer", f"{bad.number} 差评逾期没有办好")
    assert found() == [late]
    rating.contact(bad, said="电话道歉", by=head)
    assert found() == []
    at("2026-12-16 10:00")
    assert found() == [late]


def test_a_request_for_information_past_its_legal_time_is_found_and_a_permit_is_not_twice(at):
    asked = make.make_item("info-disclosure")
    case = make.make_case(asked, answers={})
    operations.accept(case, by=make.make_official(make.CLERK, asked))
    at("2026-12-22 10:00")
    assert [one for one in found() if case.number in one[1]] == []
    at("2026-12-23 10:00")
    assert ("answer", f"{case.number} 逾期没有答复") in found()


def test_a_supplement_that_never_came_is_found(at, item):
    case = make.make_case(item)
    operations.ask_correction(case, points={"spot": "请写明"}, by=make.make_official(make.CLERK))
    at("2027-01-06 10:00")
    assert found() == []
    at("2027-01-07 10:00")
    assert found() == [("answer", f"{case.number} 逾期没有补正，待窗口处理")]


def test_information_not_made_public_in_twenty_working_days_is_found(at, item):
    articles.make_draft(title="停水计划")
    at("2026-12-22 10:00")
    assert found() == []
    at("2026-12-23 10:00")
    assert found() == [("answer", "形成或者变更二十个工作日，还没有公开")]


def test_an_order_without_answer_is_found(at, item):
    case = make.make_case(item)
    operations.accept(case, by=make.make_official(make.CLERK))
    order = supervision.issue(case, by=make.make_official(make.SUPERVISOR), reason="请说明", days=1)
    at("2026-11-26 09:00")
    assert found() == [("answer", f"{order.number} 逾期没有答复")]


def test_the_night_keeps_one_check_a_day(item):
    broken(item, no_sample)
    assert jobs.self_check() == jobs.self_check() == 1
    kept = SelfCheck.objects.get()
    assert (kept.day, kept.items, len(kept.findings)) == (clock.today(), 1, 1)


def test_the_page_shows_each_office_its_own_and_leads_to_where_it_is_mended(item, client):
    broken(item, no_sample)
    jobs.self_check()
    editor = people.make_official("catalogue_editor", department=item.department, region_code=item.region_code)
    client.force_login(editor)
    shown = client.get("/work/self-check/")
    assert f'<a href="/work/items/{item.pk}/">{item.title}</a>' in shown.text
    assert client.get(f"/work/items/{item.pk}/").status_code == 200
    sheet = load_workbook(BytesIO(client.get("/work/self-check/?export=xlsx").content)).active
    assert [row[3].value for row in sheet.rows][1:] == [f"/work/items/{item.pk}/"]
    client.force_login(people.make_official("clerk", department=people.make_department("other")))
    assert f"/work/items/{item.pk}/" not in client.get("/work/self-check/").text


def test_who_may_check_now(item, client):
    with pytest.raises(Denied):
        selfcheck.run(by=make.make_official(make.CLERK))
    client.force_login(people.make_official("catalogue_editor", department=item.department))
    assert client.post("/work/self-check/").status_code == 302
    assert SelfCheck.objects.count() == 1


# --- power lists ---
def test_the_power_list_is_made_from_the_items(item, client):
    shown = client.get("/powers/")
    assert f'href="/powers/{item.department.key}/"' in shown.text
    page = client.get(f"/powers/{item.department.key}/")
    assert "玉门市林业和草原局权力清单" in page.text
    assert "《中华人民共和国森林法》" in page.text or "森林法" in page.text
    sheet = load_workbook(BytesIO(client.get(f"/powers/{item.department.key}/?export=xlsx").content)).active
    rows = [[cell.value for cell in row] for row in sheet.rows]
    assert rows[0][:4] == ["序号", "权力事项", "类型", "实施编码"]
    assert rows[1][:4] == [1, item.title, "行政许可", operations.applying.code_of(item.version)]
    assert len(rows) == 2


def test_what_is_withdrawn_is_no_power(item, client):
    operations.withdraw_item(item, by=make.BY, reason="取消")
    assert item.department.key not in client.get("/powers/").text
    assert client.get(f"/powers/{item.department.key}/").status_code == 404
    assert client.get("/powers/nobody/").status_code == 404


def test_lists_take_the_same_queries_whatever_their_length(item, client):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def asked(page):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page).status_code == 200
        return len(queries)

    pages = ("/powers/", f"/powers/{item.department.key}/")
    [asked(page) for page in pages]
    one = [asked(page) for page in pages]
    for number in (1, 2):
        twin = Item.objects.get(pk=item.pk)
        twin.pk, twin.key = None, f"twin-{number}"
        twin.department = people.make_department(f"office-{number}") if number == 1 else item.department
        twin.save()
    assert [asked(page) for page in pages] == one
