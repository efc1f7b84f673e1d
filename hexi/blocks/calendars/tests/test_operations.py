"""What changes calendars: rights, audit, the hook, and that a second run changes nothing."""

from datetime import date, time

import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.audit.models import Entry
from hexi.blocks.calendars import hooks, operations, published, queries
from hexi.blocks.calendars.clocks import Kind, OfficeTime
from hexi.blocks.calendars.models import Calendar, Day, Year
from hexi.blocks.calendars.operations import FAR, Stored
from hexi.blocks.calendars.tests.make import LINXIA, SYSTEM, YUMEN, Clerk, make_calendar, make_nation, make_week
from hexi.blocks.regions.codes import NATION
from hexi.kernel.actors import Denied

pytestmark = pytest.mark.django_db
EID = date(2026, 3, 20)
NOTICE = "州政府通知"


@pytest.fixture
def rung(monkeypatch):
    """What `calendar_changed` was rung with."""
    heard = []
    monkeypatch.setattr(type(hooks.calendar_changed), "ring", lambda self, **facts: heard.append(facts))
    return heard


def hours_of(calendar: Calendar) -> list[tuple]:
    return list(calendar.office_hours.values_list("weekday", "start", "end", "valid_from", "valid_to"))


def test_a_day_is_set_and_changed_and_taken_back(rung):
    calendar = make_calendar()
    operations.set_day(calendar, day=EID, kind=Kind.REST, name="开斋节", source=NOTICE, by=SYSTEM)
    assert not queries.calendar_for(LINXIA).is_working(EID)
    operations.set_day(calendar, day=EID, kind=Kind.WORK, source=NOTICE, by=SYSTEM)
    assert queries.calendar_for(LINXIA).is_working(EID)
    operations.clear_day(calendar, day=EID, by=SYSTEM)
    assert not Day.objects.exists()
    assert rung == [{"calendar": calendar, "first": EID, "last": EID, "by": SYSTEM}] * 3


def test_each_change_writes_the_log_and_renames_the_version():
    calendar = make_calendar()
    versions = {calendar.version}
    operations.set_day(calendar, day=EID, kind=Kind.REST, name="开斋节", by=SYSTEM)
    versions.add(Calendar.objects.get().version)
    entry = Entry.objects.get(verb="calendars.set_day")
    assert entry.facts == {"day": "2026-03-20", "kind": "rest", "name": "开斋节"}
    assert (entry.kind, entry.ref) == ("calendars.calendar", str(calendar.pk))
    operations.clear_day(calendar, day=EID, by=SYSTEM)
    versions.add(Calendar.objects.get().version)
    assert len(versions) == 3


def test_what_is_already_so_rings_nothing(rung):
    calendar = make_calendar()
    for _time in range(2):
        operations.set_day(calendar, day=EID, kind=Kind.REST, name="开斋节", by=SYSTEM)
    operations.set_day(calendar, day=EID, kind=Kind.REST, name="另一个名称", by=SYSTEM)
    operations.clear_day(calendar, day=date(2026, 5, 5), by=SYSTEM)
    assert len(rung) == 1
    assert Day.objects.get().name == "另一个名称"


@pytest.mark.parametrize(
    ("facts", "field"),
    [({"day": date(1900, 1, 1), "kind": Kind.REST}, "day"), ({"day": EID, "kind": "half"}, "kind")],
)
def test_days_that_make_no_sense(facts, field):
    calendar = make_calendar()
    with pytest.raises(ValidationError) as caught:
        operations.set_day(calendar, **facts, by=SYSTEM)
    assert list(caught.value.message_dict) == [field]
    assert not Day.objects.exists()


def test_every_change_asks_for_the_right_in_that_region():
    calendar = make_calendar()
    stranger, neighbour, own = (
        Clerk("calendars.view"), Clerk("calendars.edit", region="6230"), Clerk("calendars.edit", region="6229"),
    )  # fmt: skip
    week = make_week()
    for by in (stranger, neighbour):
        for attempt in (
            lambda by=by: operations.open_calendar(LINXIA, by=by),
            lambda by=by: operations.set_day(calendar, day=EID, kind=Kind.REST, by=by),
            lambda by=by: operations.clear_day(calendar, day=EID, by=by),
            lambda by=by: operations.import_days(calendar, content=b"", source="", by=by),
            lambda by=by: operations.announce_year(calendar, year=2027, source="x", by=by),
            lambda by=by: operations.set_office_hours(calendar, hours=week, valid_from=EID, by=by),
            lambda by=by: operations.adopt(LINXIA, name="x", by=by),
        ):
            with pytest.raises(Denied):
                attempt()
    with pytest.raises(Denied):
        operations.seed(by=own)
    assert operations.set_day(calendar, day=EID, kind=Kind.REST, by=own).kind == "rest"


@pytest.mark.parametrize("code", ["6229", "62290000000x", LINXIA, NATION, ""])
def test_a_calendar_needs_a_division(code):
    with pytest.raises(ValidationError) as caught:
        operations.open_calendar(code, by=SYSTEM)
    assert caught.value.message_dict == {"region_code": ["没有这个区划代码。请从「选择地区」里重新选择。"]}
    assert not Calendar.objects.exists()


def test_a_region_has_one_calendar():
    make_calendar()
    with pytest.raises(ValidationError, match="这个地区已有自己的日历"):
        make_calendar()
    assert Calendar.objects.count() == 1


# --- import -------------------------------------------------------------------------------------------------------------
LIST = "日期,类型,名称\n2026-03-20,休息日,开斋节\n2026-03-21,休息日,开斋节\n2026-03-22,工作日,\n".encode()


def test_an_import_says_what_became_of_the_rows(rung):
    calendar = make_calendar()
    operations.set_day(calendar, day=date(2026, 3, 20), kind=Kind.WORK, source=NOTICE, by=SYSTEM)
    operations.set_day(calendar, day=date(2026, 3, 22), kind=Kind.WORK, source=NOTICE, by=SYSTEM)
    assert operations.import_days(calendar, content=LIST, source=NOTICE, by=SYSTEM) == Stored(
        added=1, changed=1, same=1
    )
    assert operations.import_days(calendar, content=LIST, source=NOTICE, by=SYSTEM) == Stored(
        added=0, changed=0, same=3
    )
    assert [facts["last"] for facts in rung] == [date(2026, 3, 20), date(2026, 3, 22), date(2026, 3, 21)]
    entry = Entry.objects.filter(verb="calendars.import_days").order_by("id").last()
    assert entry.facts["rows"] == 3
    assert len(entry.facts["digest"]) == 64


def test_an_import_is_all_or_nothing():
    calendar = make_calendar()
    with pytest.raises(ValidationError, match="第 5 行"):
        operations.import_days(calendar, content=LIST + "2026-02-30,休,".encode(), source=NOTICE, by=SYSTEM)
    assert not Day.objects.exists()
    assert not Entry.objects.filter(verb="calendars.import_days").exists()


def test_a_listener_that_fails_undoes_the_import(monkeypatch):
    calendar = make_calendar()

    def fail(self, **facts):
        raise RuntimeError("a case could not be recomputed")

    monkeypatch.setattr(type(hooks.calendar_changed), "ring", fail)
    with pytest.raises(RuntimeError):
        operations.import_days(calendar, content=LIST, source=NOTICE, by=SYSTEM)
    assert not Day.objects.exists()
    assert Calendar.objects.get().version == calendar.version


# --- years --------------------------------------------------------------------------------------------------------------
def test_a_year_is_announced_and_taken_back(rung):
    nation = make_nation()
    rung.clear()
    operations.announce_year(nation, year=2027, source="国办发明电〔2026〕1号", by=SYSTEM)
    assert queries.calendar_for(YUMEN).announced(2027)
    operations.announce_year(nation, year=2027, source="", announced=False, by=SYSTEM)
    assert not queries.calendar_for(YUMEN).announced(2027)
    assert [(facts["first"], facts["last"]) for facts in rung] == [(date(2026, 12, 29), date(2027, 12, 31))] * 2


def test_a_year_is_not_announced_without_notice_or_days():
    nation = make_nation()
    with pytest.raises(ValidationError, match="请写明放假安排通知"):
        operations.announce_year(nation, year=2027, source=" ", by=SYSTEM)
    with pytest.raises(ValidationError, match="2030 年还没有录入放假日期"):
        operations.announce_year(nation, year=2030, source="x", by=SYSTEM)
    assert not Year.objects.filter(announced=True, year__gte=2027).exists()


# --- office hours -------------------------------------------------------------------------------------------------------
def one(*halves, **valid) -> list[OfficeTime]:
    return [OfficeTime(0, start, end, **valid) for start, end in halves]


def test_a_summer_timetable_splits_the_one_round_it(rung):
    calendar = make_calendar()
    since, first, last = date(2020, 1, 1), date(2026, 5, 1), date(2026, 9, 30)
    usual, summer = (time(9), time(17)), (time(8), time(14))
    operations.set_office_hours(calendar, hours=one(usual), valid_from=since, by=SYSTEM)
    operations.set_office_hours(calendar, hours=one(summer), valid_from=first, valid_to=last, by=SYSTEM)
    assert hours_of(calendar) == [
        (0, *usual, since, date(2026, 4, 30)),
        (0, *summer, first, last),
        (0, *usual, date(2026, 10, 1), None),
    ]
    assert [(facts["first"], facts["last"]) for facts in rung] == [(since, FAR), (first, last)]


def test_new_hours_replace_what_begins_later_and_end_what_is_open():
    calendar = make_calendar()
    for start, hour in ((date(2020, 1, 1), 8), (date(2026, 6, 1), 9), (date(2026, 3, 1), 10)):
        operations.set_office_hours(calendar, hours=one((time(hour), time(17))), valid_from=start, by=SYSTEM)
    assert hours_of(calendar) == [
        (0, time(8), time(17), date(2020, 1, 1), date(2026, 2, 28)),
        (0, time(10), time(17), date(2026, 3, 1), None),
    ]


def test_hours_before_and_after_the_span_stay():
    calendar = make_calendar()
    first, middle, last = date(2024, 1, 1), date(2025, 1, 1), date(2026, 1, 1)
    operations.set_office_hours(calendar, hours=one((time(9), time(17))), valid_from=last, by=SYSTEM)
    operations.set_office_hours(
        calendar, hours=one((time(8), time(17))), valid_from=first, valid_to=date(2024, 12, 31), by=SYSTEM
    )
    operations.set_office_hours(
        calendar, hours=one((time(10), time(17))), valid_from=middle, valid_to=date(2025, 12, 31), by=SYSTEM
    )
    assert [(row[1], row[3]) for row in hours_of(calendar)] == [(time(8), first), (time(10), middle), (time(9), last)]


def test_a_timetable_cut_at_its_beginning_goes_on_after_it():
    calendar = make_calendar()
    start = date(2026, 1, 1)
    operations.set_office_hours(calendar, hours=one((time(9), time(17))), valid_from=start, by=SYSTEM)
    operations.set_office_hours(
        calendar, hours=one((time(10), time(12))), valid_from=start, valid_to=date(2026, 1, 31), by=SYSTEM
    )
    assert hours_of(calendar) == [
        (0, time(10), time(12), start, date(2026, 1, 31)),
        (0, time(9), time(17), date(2026, 2, 1), None),
    ]


@pytest.mark.parametrize(
    ("hours", "more", "field"),
    [
        (one((time(9), time(12)), (time(11), time(17))), {}, "hours"),
        (one((time(12), time(9))), {}, "hours"),
        ([OfficeTime(7, time(9), time(12))], {}, "hours"),
        (one((time(9), time(12))), {"valid_to": date(2025, 1, 1)}, "valid_to"),
    ],
)
def test_hours_that_make_no_sense(hours, more, field):
    calendar = make_calendar()
    with pytest.raises(ValidationError) as caught:
        operations.set_office_hours(calendar, hours=hours, valid_from=date(2026, 1, 1), by=SYSTEM, **more)
    assert list(caught.value.message_dict) == [field]
    assert hours_of(calendar) == []


# --- seeding ------------------------------------------------------------------------------------------------------------
def test_the_seed_is_what_is_published():
    nation = make_nation()
    days = [day for year in published.years(2027) for day in published.days(year)]
    assert list(nation.days.values_list("date", "kind", "name", "source")) == [
        (day.date, day.kind, day.name, day.source) for day in days
    ]
    assert list(nation.years.values_list("year", "announced")) == [(year, year < 2027) for year in range(2004, 2028)]


def test_a_second_seed_changes_nothing(rung):
    nation = make_nation()
    before = list(nation.days.values())
    rung.clear()
    assert operations.seed(by=SYSTEM) == Stored(0, 0, 0)
    assert list(nation.days.values()) == before
    assert Calendar.objects.get().version == nation.version
    assert rung == []


def test_the_seed_leaves_alone_what_people_changed():
    nation = make_nation()
    operations.clear_day(nation, day=date(2026, 10, 10), by=SYSTEM)
    operations.set_day(nation, day=date(2027, 2, 8), kind=Kind.WORK, source="x", by=SYSTEM)
    assert operations.seed(by=SYSTEM).added == 0
    assert not nation.days.filter(date=date(2026, 10, 10)).exists()
    assert nation.days.get(date=date(2027, 2, 8)).kind == "work"


def test_a_newer_package_fills_the_year_it_knows(monkeypatch, rung):
    nation = make_nation()
    rung.clear()
    monkeypatch.setattr(published._holidays(2027), "weekend_workdays", {date(2027, 1, 31): ""})
    assert operations.seed(by=SYSTEM).added == 7  # one make-up day, six days made up
    assert nation.years.get(year=2027).announced
    assert queries.calendar_for(YUMEN).is_working(date(2027, 1, 31))
    assert rung[-1]["first"] == date(2026, 12, 29)


# --- a region's pack ------------------------------------------------------------------------------------------------------
def test_a_pack_is_adopted_once_and_edits_stay():
    days = [published.Named(EID, Kind.REST, "开斋节", NOTICE)]
    hours = make_week(valid_from=date(2020, 1, 1))
    calendar = operations.adopt(LINXIA, name="临夏回族自治州", days=days, hours=hours, by=SYSTEM)
    assert calendar.office_hours.count() == 10
    assert not queries.calendar_for(LINXIA).is_working(EID)
    operations.set_day(calendar, day=EID, kind=Kind.WORK, by=SYSTEM)
    version = Calendar.objects.get().version
    assert operations.adopt(LINXIA, name="x", days=days, hours=hours, by=SYSTEM) == calendar
    assert Calendar.objects.get().version == version
    assert queries.calendar_for(LINXIA).is_working(EID)
    assert calendar.office_hours.count() == 10


def test_the_nation_is_every_regions_first_ancestor():
    assert queries.chain("620981106203") == (
        NATION, "620000000000", "620900000000", "620981000000", "620981106000", "620981106203",
    )  # fmt: skip
    assert queries.chain(NATION) == (NATION,)
