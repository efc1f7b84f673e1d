"""What needs no database: times of a day, pauses after missed appointments, the calendar file, the shipped rules."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.utils.translation import override

from hexi.blocks.market.misses import paused_until
from hexi.blocks.market.models import Queue
from hexi.blocks.market.priorities import in_force
from hexi.blocks.market.slots import slots
from hexi.kernel.clock import CHINA
from hexi.wire import ical

DAY = date(2026, 3, 5)


def at(hour, minute=0):
    return datetime(2026, 3, 5, hour, minute, tzinfo=CHINA)


def test_a_day_is_cut_into_whole_places_and_none_reaches_into_the_break():
    hours = [(time(9), time(10, 40)), (time(13), time(14))]
    assert slots(DAY, hours, 30) == [at(9), at(9, 30), at(10), at(13), at(13, 30)]
    assert slots(DAY, hours, 45) == [at(9), at(9, 45), at(13)]
    assert slots(DAY, [], 30) == []


@pytest.mark.parametrize(
    ("days", "until"),
    [
        ([], None),
        ([0, 10], None),
        ([0, 10, 89], 89 + 30),
        ([0, 10, 90], None),
        ([0, 10, 20, 60], 60 + 30),
        ([0, 1, 2, 200], 2 + 30),
    ],
)
def test_three_misses_in_ninety_days_pause_booking_for_thirty(days, until):
    missed = [DAY + timedelta(one) for one in reversed(days)]
    found = paused_until(missed, misses=3, within=90, pause=30)
    assert found == (None if until is None else DAY + timedelta(until))


def test_the_calendar_file_is_escaped_and_folded():
    event = ical.Event("a@b", at(9), at(9, 30), "林业，窗口; 3,4", place="玉" * 40, alarm_minutes=60)
    file = ical.write(event, made=datetime(2026, 3, 1, tzinfo=UTC))
    lines = file.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    whole = file.replace(b"\r\n ", b"").decode().split("\r\n")
    assert whole == [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Hexi//Hexi//ZH", "METHOD:PUBLISH", "BEGIN:VEVENT", "UID:a@b",
        "DTSTAMP:20260301T000000Z", "DTSTART:20260305T010000Z", "DTEND:20260305T013000Z",
        "SUMMARY:林业，窗口\\; 3\\,4", "STATUS:CONFIRMED", "LOCATION:" + "玉" * 40, "BEGIN:VALARM", "TRIGGER:-PT60M",
        "ACTION:DISPLAY", "DESCRIPTION:林业，窗口\\; 3\\,4", "END:VALARM", "END:VEVENT", "END:VCALENDAR", "",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="time zone"):
        ical.write(ical.Event("a", at(9).replace(tzinfo=None), at(9), "x"), made=at(9))


def test_the_shipped_rules_are_dated():
    assert [one.key for one in in_force(DAY)] == ["elder", "disabled", "pregnant", "soldier"]
    assert [one.key for one in in_force(date(2020, 1, 1))] == ["elder"]


@pytest.mark.parametrize(
    ("language", "said"), [("zh-hans", ["3 号窗口", "9 号窗口"]), ("en", ["Window 3", "9 号窗口"])]
)
def test_a_window_is_called_in_the_language_of_the_page(language, said):
    queue = Queue(windows=[{"zh": "3 号窗口", "en": "Window 3"}])
    with override(language):
        assert [queue.called(one) for one in ("3 号窗口", "9 号窗口")] == said
