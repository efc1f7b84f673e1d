"""The two packages we seed from, against each other and against the notices."""

from datetime import date

from hexi.blocks.calendars import published
from hexi.blocks.calendars.published import Difference, Named
from hexi.blocks.calendars.workdays import Kind

LAW_2027 = [
    ("2027-01-01", "元旦"), ("2027-02-05", "农历除夕"), ("2027-02-06", "春节"), ("2027-02-07", "春节"), ("2027-02-08", "春节"),
    ("2027-04-05", "清明节"), ("2027-05-01", "劳动节"), ("2027-05-02", "劳动节"), ("2027-06-09", "端午节"),
    ("2027-09-15", "中秋节"), ("2027-10-01", "国庆节"), ("2027-10-02", "国庆节"), ("2027-10-03", "国庆节"),
]  # fmt: skip


def test_every_year_from_2004_is_there():
    assert list(published.years(2027)) == list(range(2004, 2028))
    assert list(published.years(2000))[-1] == 2026
    assert [year for year in published.years(2027) if not published.announced(year)] == [2027]


def test_the_packages_differ_on_one_day_and_the_notice_decides():
    found = [day for year in range(2004, 2027) for day in published.differences(year)]
    assert found == [Difference(date(2005, 12, 31), Kind.REST, Kind.WORK, Kind.WORK, "国办发明电〔2005〕35号")]


def test_2026_is_announced_with_its_make_up_days():
    work = [day.date.isoformat() for day in published.days(2026) if day.kind == Kind.WORK]
    assert work == ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]
    assert published.days(2026)[0] == Named(date(2026, 1, 1), Kind.REST, "元旦", published.source(2026))
    assert published.source(2026).startswith("chinesecalendar ")


def test_a_year_not_announced_has_the_days_of_the_law_alone():
    assert [(day.date.isoformat(), day.name) for day in published.days(2027)] == LAW_2027
    assert {(day.kind, day.source) for day in published.days(2027)} == {(Kind.REST, published.LAW)}


def test_a_year_one_package_knows_names_its_days_as_differences():
    found = {day.date: day for day in published.differences(2027)}
    assert set(found) == {date.fromisoformat(day) for day, _name in LAW_2027}
    assert found[date(2027, 1, 1)] == Difference(date(2027, 1, 1), None, Kind.REST, Kind.REST, published.LAW)


def test_settled_days_are_taken():
    day = next(day for day in published.days(2005) if day.date == date(2005, 12, 31))
    assert day == Named(date(2005, 12, 31), Kind.WORK, "元旦", "国办发明电〔2005〕35号")


def test_a_year_is_announced_when_the_second_package_has_its_make_up_days(monkeypatch):
    """As after December 2026, when holidays knows 2027 and chinesecalendar does not yet."""
    table = published._holidays(2027)
    monkeypatch.setattr(type(table), "weekend_workdays", {date(2027, 1, 31): ""}, raising=False)
    monkeypatch.setattr(table, "weekend_workdays", {date(2027, 1, 31): ""})
    assert published.announced(2027)
    assert published.source(2027).startswith("holidays ")
    days = {day.date: day for day in published.days(2027)}
    assert days[date(2027, 1, 31)].kind == Kind.WORK
    assert days[date(2027, 2, 9)].name == "春节（补假）"
