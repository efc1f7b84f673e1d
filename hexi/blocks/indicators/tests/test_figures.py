"""Figures: facts kept by day and month, read by region, item and time; the sources' own figures; the proof."""

import random
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import transaction

from hexi.blocks.indicators import definitions, operations, queries
from hexi.blocks.indicators.counted import Counted, Line, Slice
from hexi.blocks.indicators.models import Fact
from hexi.blocks.indicators.tests.make import DAY, make_facts
from hexi.blocks.regions.tests import make as regions
from hexi.kernel.actors import System
from hexi.kernel.packs import PackError, parse

pytestmark = pytest.mark.django_db
YEAR = Slice(date(2017, 1, 1), date(2017, 12, 31))
DUNHUANG = "620982000000"


def value(key, part):
    one = definitions.indicators()[key]
    return one.value(queries.totals(part, one.facts))


def test_jiuquan_2017():
    """17,276 accepted, 16,767 finished = 97.05 %, 99.39 % of them on time (people.md, 酒泉 2017)."""
    for month in range(1, 13):
        day = date(2017, month, 20)
        make_facts(accepted=1000, finished=1000, in_time=990, late=10, day=day)
        make_facts(accepted=400, finished=380, in_time=380, region=DUNHUANG, day=day)
    make_facts(accepted=476, finished=207, in_time=225, late=-18, day=date(2017, 12, 31), region=regions.JIUQUAN)
    jiuquan = YEAR.but(region=regions.JIUQUAN)
    assert value("cases.accepted", jiuquan) == 17276
    assert value("cases.finished", jiuquan) == 16767
    assert value("cases.completion", jiuquan) == Decimal("97.05")
    assert value("cases.on_time", jiuquan) == Decimal("99.39")
    assert value("cases.completion", YEAR.but(region=DUNHUANG)) == Decimal("95.00")


def test_nothing_to_divide_by_is_no_figure():
    assert value("cases.completion", YEAR) is None
    assert value("cases.accepted", YEAR) == 0


def test_a_fact_is_kept_by_day_and_month_in_one_row_each():
    make_facts(received=1)
    make_facts(received=2)
    make_facts(received=4, day=DAY + timedelta(1))
    rows = Fact.objects.order_by("grain", "day").values_list("grain", "day", "amount")
    assert list(rows) == [("d", DAY, 3), ("d", DAY + timedelta(1), 4), ("m", date(2017, 6, 1), 7)]


def test_facts_are_added_in_the_transaction_of_what_they_count():
    with pytest.raises(ZeroDivisionError), transaction.atomic():  # noqa: PT012 - what is undone
        operations.add({"cases.received": 1}, region=regions.YUMEN, day=DAY)
        raise ZeroDivisionError
    assert Fact.objects.count() == 0


def test_a_fact_nobody_counts_is_refused():
    with pytest.raises(KeyError, match="nonsense"):
        make_facts(nonsense=1)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2016-01-01", "2018-12-31"), ("2017-01-01", "2017-01-31"), ("2017-01-15", "2017-01-20"),
        ("2017-01-31", "2017-02-01"), ("2016-12-31", "2017-03-01"), ("2017-02-28", "2017-02-28"),
        ("2017-01-02", "2017-12-30"), ("2016-02-29", "2018-02-28"),
    ],
)  # fmt: skip
def test_whole_months_and_single_days_give_the_same_sum(first, last):
    chance, kept = random.Random(1), []
    for _ in range(120):
        day = date(2016, 1, 1) + timedelta(chance.randrange(1095))
        amount = chance.randrange(1, 9)
        make_facts(received=amount, day=day)
        kept.append((day, amount))
    first, last = date.fromisoformat(first), date.fromisoformat(last)
    wanted = sum(amount for day, amount in kept if first <= day <= last)
    assert queries.totals(Slice(first, last), ["cases.received"]).get("cases.received", 0) == wanted


def test_split_by_region_item_and_time():
    make_facts(received=1)
    make_facts(received=2, dimension="cargo", day=date(2017, 7, 3))
    make_facts(received=4, region=DUNHUANG, day=date(2016, 7, 3))
    part = Slice(date(2016, 1, 1), date(2017, 12, 31))

    def by(split):
        return {name: found["cases.received"] for name, found in queries.split(part, ["cases.received"], split).items()}

    assert by(4) == {"6209": 7}
    assert by(6) == {"620981": 3, "620982": 4}
    assert by("dimension") == {"cargo": 2, "tree-felling": 5}
    assert by("year") == {date(2016, 1, 1): 4, date(2017, 1, 1): 3}
    assert by("month") == {date(2016, 7, 1): 4, date(2017, 6, 1): 1, date(2017, 7, 1): 2}
    assert by(("dimension", "region")) == {
        ("cargo", regions.YUMEN): 2, ("tree-felling", regions.YUMEN): 1, ("tree-felling", DUNHUANG): 4,
    }  # fmt: skip


def test_trend_has_every_month_and_comparison_two_more_spans():
    make_facts(received=5, day=date(2017, 2, 3))
    make_facts(received=3, day=date(2017, 1, 3))
    make_facts(received=2, day=date(2016, 2, 3))
    one = definitions.indicators()["cases.received"]
    part = Slice(date(2017, 1, 1), date(2017, 3, 5))
    assert queries.series(part, one) == [(date(2017, 1, 1), 3), (date(2017, 2, 1), 5), (date(2017, 3, 1), 0)]
    february = Slice(date(2017, 2, 1), date(2017, 2, 28))
    assert queries.compare(february, one) == queries.Comparison(Decimal(5), Decimal(0), Decimal(2))
    assert queries.compare(february.but(first=date(2017, 2, 3), last=date(2017, 2, 3)), one).before == 0


def details(lines):
    return Counted("cases", {"cases.received": "x"}, lambda first, last: lines)


def test_the_proof_finds_a_wrong_day_and_a_wrong_month():
    make_facts(received=3)
    right = Line("cases.received", DAY, regions.YUMEN, 0, "tree-felling", 3)
    assert queries.differences(details([right]), *operations.ALWAYS) == []
    assert queries.differences(details([right, right]), *operations.ALWAYS) == [
        queries.Difference("cases.received", "d", DAY, regions.YUMEN, 0, "tree-felling", 3, 6)
    ]
    Fact.objects.filter(grain="m").update(amount=9)
    assert queries.differences(details([right]), *operations.ALWAYS) == [
        queries.Difference("cases.received", "m", date(2017, 6, 1), regions.YUMEN, 0, "tree-felling", 9, 3)
    ]


def test_rebuilding_puts_the_details_in_place_of_what_was_kept():
    make_facts(received=3)
    lines = [Line("cases.received", DAY, regions.YUMEN, 0, "cargo", 1)] * 2
    assert operations.rebuild(details(lines), by=System("test"), batch=1) == 2
    assert queries.split(YEAR, ["cases.received"], "dimension") == {"cargo": {"cases.received": 2}}
    assert queries.differences(details(lines), *operations.ALWAYS) == []


def test_a_pack_names_only_facts_that_are_counted(tmp_path):
    text = """
indicators:
  - {key: a.b, title: {zh: 甲, en: A}, unit: {zh: 件, en: pieces}, meaning: {zh: 乙, en: B}, sum: [a.nobody]}
boards:
  - {key: one, title: {zh: 甲, en: A}, lead: {zh: 乙, en: B}, indicators: [a.missing]}
"""
    path = tmp_path / "a.yaml"
    file = parse(text, definitions.IndicatorsFile, path)
    assert [str(one).split(": ", 1)[1] for one in definitions.check(path, file)] == [
        "「a.b」：没有人统计 a.nobody / nobody counts this fact",
        "「one」：没有指标 a.missing / there is no such indicator",
    ]
    with pytest.raises(PackError, match="better"):
        parse(text.replace("sum:", "better: up, sum:"), definitions.IndicatorsFile, Path("a.yaml"))


def test_shipped_indicators_are_sound():
    from hexi.kernel import packs

    for path in packs.files("indicators"):
        assert definitions.check(path, packs.read(path, definitions.IndicatorsFile)) == []
