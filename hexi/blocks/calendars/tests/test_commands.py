"""`hexi calendars …`, the set-up step and a region's pack."""

import argparse
from pathlib import Path

import pytest

from hexi.blocks.calendars import commands, regional
from hexi.blocks.calendars.models import Calendar
from hexi.kernel import packs

pytestmark = pytest.mark.django_db
GANSU = Path(__file__).parents[4] / "packs" / "gansu" / "calendars"
FULL = """
region: "622900000000"
name: 临夏回族自治州
days:
  - {date: 2026-03-20, kind: rest, name: 开斋节, source: 州政府通知}
office_hours:
  - {weekdays: [0, 1], start: "08:30", end: "12:00", valid_from: 2026-01-01}
"""


def load(text: str) -> None:
    path = Path("linxia.yaml")
    regional.load(path, packs.parse(text, regional.RegionCalendar, path))


def test_seed_says_what_it_did_and_what_is_not_announced(capsys):
    commands.seed(argparse.Namespace())
    said = capsys.readouterr().out
    assert "2004–2027" in said
    assert "2027 年放假安排尚未公布" in said
    assert "2026 年" not in said
    commands.prepare()
    commands.seed(argparse.Namespace())
    assert "新增 0 天" in capsys.readouterr().out


def test_compare_prints_each_year_and_the_day_that_differs(capsys):
    commands.compare(argparse.Namespace())
    lines = capsys.readouterr().out.splitlines()
    assert "2005  chinesecalendar 1.11.0  1 处不同 / differ" in lines
    assert "  2005-12-31 Sat  chinesecalendar rest  holidays work  → work  国办发明电〔2005〕35号" in lines
    assert [line for line in lines if line.startswith("2027")][0].endswith(
        "尚未公布 / not announced  13 处不同 / differ"
    )
    assert (
        "  2027-02-05 Fri  chinesecalendar —     holidays rest  → rest  全国年节及纪念日放假办法（2024-11-10）第二条"
        in lines
    )


def test_a_pack_is_put_into_force():
    load(FULL)
    load(FULL)
    calendar = Calendar.objects.get()
    assert list(calendar.days.values_list("name", flat=True)) == ["开斋节"]
    assert list(calendar.office_hours.values_list("weekday", flat=True)) == [0, 1]


def test_a_pack_with_a_bare_time_is_told_to_quote_it():
    with pytest.raises(packs.PackError) as caught:
        load(FULL.replace('"12:00"', "12:00"))
    assert [fault.line for fault in caught.value.faults] == [7]


@pytest.mark.parametrize("path", sorted(GANSU.glob("*.yaml")), ids=lambda path: path.name)
def test_the_packs_of_gansu(path):
    pack = packs.read(path, regional.RegionCalendar)
    regional.load(path, pack)
    assert Calendar.objects.get().name == pack.name
