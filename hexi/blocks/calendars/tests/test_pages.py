"""The pages: the year anybody may read, and the forms of those who may change it."""

import re
from datetime import date, time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from hexi.blocks.calendars import operations
from hexi.blocks.calendars.clocks import Kind
from hexi.blocks.calendars.models import Calendar, Day, OfficeHours, Year
from hexi.blocks.calendars.tests.make import LINXIA, SYSTEM, Acting, Clerk, make_calendar, make_nation
from hexi.blocks.regions.codes import NATION
from hexi.blocks.regions.tests.make import make_division

pytestmark = pytest.mark.django_db
EDITOR = Clerk("calendars.view", "calendars.edit")
READER = Clerk("calendars.view")
EID = date(2026, 3, 20)


@pytest.fixture(autouse=True)
def acting(settings, monkeypatch):
    """Everybody is the actor this sets; by default the editor."""
    own = f"{Acting.__module__}.{Acting.__qualname__}"
    settings.MIDDLEWARE = [own if name == "hexi.site.middleware.actor" else name for name in settings.MIDDLEWARE]
    monkeypatch.setattr(Acting, "actor", EDITOR)
    return lambda actor: monkeypatch.setattr(Acting, "actor", actor)


def page(client, name: str, *args, **query):
    response = client.get(reverse(f"calendars.{name}", args=args), query)
    return response, response.content.decode()


def send(client, view: str, /, *args, **data):
    return client.post(reverse(f"calendars.{view}", args=args), data)


def sentences(response) -> dict[str, str]:
    """What the form says at which field."""
    assert response.status_code == 422
    said = re.findall(r'id="id_(\w+)_error">(.*?)</p>', response.content.decode(), re.DOTALL)
    return {field: re.sub(r"<[^>]+>", "", text).strip() for field, text in said}


def test_the_list_has_every_calendar_at_a_fixed_number_of_queries(client, django_assert_max_num_queries):
    make_nation()
    with django_assert_max_num_queries(4):
        _response, one = page(client, "calendars")
    make_calendar()
    make_calendar("623000000000", "甘南藏族自治州")
    with django_assert_max_num_queries(4):
        _response, three = page(client, "calendars")
    assert ("甘南藏族自治州" in one, "甘南藏族自治州" in three) == (False, True)
    assert reverse("calendars.year", args=[LINXIA, 2026]) in three


def test_the_empty_list_says_how_to_begin(client):
    assert "hexi calendars seed" in page(client, "calendars")[1]


def test_a_year_shows_twelve_months_with_words(client, django_assert_max_num_queries):
    make_nation()
    with django_assert_max_num_queries(8):
        response, html = page(client, "year", NATION, 2026)
    assert response.status_code == 200
    assert html.count("<caption>") == 12
    assert "全国 2026 年工作日历" in html
    assert "尚未公布" not in html
    february = html.split("<caption>")[2]
    assert (february.count("班</span>"), february.count("休</span>")) == (2, 6)
    assert reverse("calendars.change_day", args=[NATION]) + "?day=2026-10-10" in html


def test_a_year_not_announced_says_so(client):
    make_nation()
    assert "2027 年放假安排尚未公布" in page(client, "year", NATION, 2027)[1]
    assert (
        "The holidays of 2027 are not announced yet"
        in client.get(reverse("calendars.public_year", args=[2027]), headers={"accept-language": "en"}).content.decode()
    )


def test_the_public_page_needs_no_right_and_offers_no_change(client, acting):
    make_nation()
    acting(Clerk())
    response, html = page(client, "public_year", 2026)
    assert response.status_code == 200
    assert "10月10日" in html
    assert "/work/calendars/" not in html
    assert page(client, "public_year", 1999)[0].status_code == 404
    assert page(client, "public_year", 2026)[0].status_code == 200


def test_a_reader_sees_the_year_without_forms(client, acting):
    make_nation()
    acting(READER)
    html = page(client, "year", NATION, 2026)[1]
    assert reverse("calendars.change_day", args=[NATION]) not in html
    acting(Clerk("calendars.view", "calendars.edit", region="62"))
    assert reverse("calendars.change_day", args=[NATION]) not in page(client, "year", NATION, 2026)[1]


@pytest.mark.parametrize("name", ["change_day", "import_days", "office_hours"])
def test_forms_are_closed_to_readers(client, acting, name):
    make_nation()
    acting(READER)
    response = page(client, name, NATION)[0]
    assert response.status_code == 302  # a stranger is sent to sign in
    assert page(client, "open_calendar")[0].status_code == 302


def test_an_editor_of_another_region_is_refused(client, acting):
    make_nation()
    acting(Clerk("calendars.view", "calendars.edit", region="62"))
    response = send(client, "change_day", NATION, day="2026-03-20", kind="rest")
    assert response.status_code == 403
    assert not Day.objects.filter(date=EID).exists()


def test_a_day_is_changed_and_taken_back(client):
    calendar = make_calendar()
    assert 'value="2026-03-20"' in page(client, "change_day", LINXIA, day="2026-03-20")[1]
    response = send(client, "change_day", LINXIA, day="2026-03-20", kind="rest", name="开斋节", source="通知")
    assert response.url == reverse("calendars.year", args=[LINXIA, 2026])
    assert list(calendar.days.values_list("date", "kind", "name", "source")) == [(EID, "rest", "开斋节", "通知")]
    html = page(client, "change_day", LINXIA, day="2026-03-20")[1]
    assert ('value="rest" id="id_kind_0" checked' in html, 'value="开斋节"' in html) == (True, True)
    send(client, "change_day", LINXIA, day="2026-03-20", kind="clear")
    assert not calendar.days.exists()


def test_a_bad_day_is_told_at_its_field(client):
    make_calendar()
    assert list(sentences(send(client, "change_day", LINXIA, day="2026-02-30", kind="rest"))) == ["day"]
    assert list(sentences(send(client, "change_day", LINXIA, day="2026-02-03"))) == ["kind"]
    assert page(client, "change_day", LINXIA, day="nonsense")[0].status_code == 200
    assert sentences(send(client, "change_day", LINXIA, day="1890-02-03", kind="rest")) == {
        "day": "日期应在 2000 年到 2100 年之间。"
    }


def test_a_list_is_imported_or_refused_as_a_whole(client):
    calendar = make_calendar()
    good = SimpleUploadedFile("days.csv", "日期,类型,名称\n2026-03-20,休息日,开斋节\n".encode())
    assert send(client, "import_days", LINXIA, file=good, source="通知").status_code == 302
    assert calendar.days.get().name == "开斋节"
    bad = SimpleUploadedFile("days.csv", "日期,类型\n2026-03-21,休\n2026-13-01,休\n2026-03-22,?\n".encode())
    assert sentences(send(client, "import_days", LINXIA, file=bad, source="通知")) == {
        "file": "第 3 行：日期「2026-13-01」不对，请写成 2027-01-31。 第 4 行：类型「?」不对，请写「放假」或「上班」。"
    }
    assert calendar.days.count() == 1


def test_a_year_is_announced(client):
    make_nation()
    assert list(sentences(send(client, "announce_year", NATION, 2027, announced="on", source=""))) == ["source"]
    assert send(client, "announce_year", NATION, 2027, announced="on", source="国办发明电").status_code == 302
    assert Year.objects.get(year=2027).announced
    assert "checked" in page(client, "announce_year", NATION, 2027)[1]
    assert page(client, "announce_year", NATION, 3000)[0].status_code == 404


def test_office_hours_of_the_week(client):
    make_calendar()
    times = {"morning_start": "08:30", "morning_end": "12:00", "afternoon_start": "14:30", "afternoon_end": "18:00"}
    response = send(client, "office_hours", LINXIA, weekdays=["0", "4"], valid_from="2026-05-01", **times)
    assert response.status_code == 302
    assert list(OfficeHours.objects.values_list("weekday", "start", "end", "valid_from", "valid_to")) == [
        (0, time(8, 30), time(12), date(2026, 5, 1), None),
        (0, time(14, 30), time(18), date(2026, 5, 1), None),
        (4, time(8, 30), time(12), date(2026, 5, 1), None),
        (4, time(14, 30), time(18), date(2026, 5, 1), None),
    ]
    html = page(client, "year", LINXIA, 2026)[1]
    assert html.count("08:30–12:00") == 2


def test_office_hours_without_an_afternoon_and_with_half_of_one(client):
    make_calendar()
    day = {"weekdays": ["0"], "morning_start": "09:00", "morning_end": "16:00", "valid_from": "2026-05-01"}
    assert list(sentences(send(client, "office_hours", LINXIA, **day, afternoon_start="17:00"))) == ["afternoon_end"]
    assert send(client, "office_hours", LINXIA, **day).status_code == 302
    assert OfficeHours.objects.get().end == time(16)
    backwards = {**day, "morning_start": "17:00"}
    response = send(client, "office_hours", LINXIA, **backwards)
    assert response.status_code == 422
    assert "上班时间应早于下班时间" in response.content.decode()


def test_a_region_gets_a_calendar_of_its_own(client):
    make_division(LINXIA, "临夏回族自治州")
    html = page(client, "calendars")[1]
    assert "/regions/pick/?next=%2Fwork%2Fcalendars%2Fnew%2F&amp;name=region_code" in html
    assert f'value="{LINXIA}"' in page(client, "open_calendar", region_code=LINXIA)[1]
    response = send(client, "open_calendar", region_code=LINXIA)
    assert response.status_code == 302
    assert Calendar.objects.get().name == "临夏回族自治州"
    again = send(client, "open_calendar", region_code=LINXIA)
    assert sentences(again) == {"region_code": "这个地区已有自己的日历，请直接修改。"}


def test_names_follow_the_language(client):
    make_nation()
    make_calendar()
    html = client.get(reverse("calendars.calendars"), headers={"accept-language": "en"}).content.decode()
    assert "The whole country" in html
    assert "临夏" not in html
    html = client.get(
        reverse("calendars.year", args=[NATION, 2026]), headers={"accept-language": "en"}
    ).content.decode()
    assert "The whole country: working days of 2026" in html
    assert ("Dragon Boat Festival" in html, "January" in html, "端午" in html) == (True, True, False)


def test_inherited_days_are_marked(client):
    make_nation()
    linxia = make_calendar()
    operations.set_day(linxia, day=EID, kind=Kind.REST, name="开斋节", source="州政府通知", by=SYSTEM)
    html = page(client, "year", LINXIA, 2026)[1]
    assert "州政府通知</td>" in html
    assert "（沿用上级）" in html.split("国庆节")[1]


def test_an_unknown_calendar_is_not_found(client):
    assert page(client, "year", "999999000000", 2026)[0].status_code == 404


def test_two_years_are_held_against_each_other(client):
    make_nation()
    _response, plain = page(client, "year", NATION, 2026)
    assert "不同的日子" not in plain
    _response, html = page(client, "year", NATION, 2026, **{"with": "2025"})
    table = html[html.index('aria-label="不同的日子"') :]
    # the Spring Festival of 2026 begins on 15 February, that of 2025 on 28 January
    assert '<th scope="row">01-28</th>' in table
    assert '<th scope="row">02-17</th>' in table
    assert '<th scope="row">05-01</th>' not in table  # a holiday of the same name in both
    assert page(client, "year", NATION, 2026, **{"with": "1066"})[1].count("不同的日子") == 0


def test_two_regions_are_held_against_each_other(client):
    make_nation()
    operations.set_day(make_calendar(), day=EID, kind="rest", name="开斋节", by=SYSTEM)
    _response, html = page(client, "year", NATION, 2026, **{"with": LINXIA})
    table = html[html.index('aria-label="不同的日子"') :].partition("</table>")[0]
    assert table.count("<tr>") == 2  # the head, and the one day
    assert "开斋节" in table
    assert "全年 248 个工作日" in html or "个工作日，这里" in html


def test_everybody_compares_years(client, acting):
    make_nation()
    acting(Clerk())
    _response, html = page(client, "public_year", 2026, **{"with": "2025"})
    assert 'aria-label="不同的日子"' in html
