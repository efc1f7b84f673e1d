"""The grammar: what it reads, what it refuses and in which words, what it may cost, what `within` takes away."""

import json

import pytest
from hypothesis import given

from hexi.blocks.catalog.store import grammar
from hexi.blocks.catalog.store.grammar import (
    Aggregate,
    All,
    Column,
    Compare,
    Fault,
    Not,
    Query,
    Some,
    from_address,
    parse,
    said,
)
from hexi.blocks.catalog.tests import plain, questions

COLUMNS = (Column("county"), Column("year", "I"), Column("amount", "Y"), Column("day", "D"), Column("at", "T"), Column("kept", "L"), Column("a:b"))  # fmt: skip


def place_of(given):
    with pytest.raises(Fault) as caught:
        parse(given, COLUMNS)
    return caught.value.place


def test_a_question_is_read():
    asked = parse(
        json.dumps({
            "fields": ["county", "year"], "sort": ["-year", "county"], "limit": 10, "offset": 20, "q": " 酒泉 ",
            "where": {"and": [{"field": "year", "op": ">=", "value": 2015},
                              {"or": [{"field": "county", "op": "prefix", "value": "6209"}, {"not": {"field": "kept", "value": True}}]}]},
        }),
        COLUMNS,
    )  # fmt: skip
    where = All(
        (Compare("year", ">=", 2015), Some((Compare("county", "prefix", "6209"), Not(Compare("kept", "=", True)))))
    )
    assert asked == Query(("county", "year"), where, (("year", True), ("county", False)), 10, 20, q="酒泉")


@given(questions.queries())
def test_what_was_asked_is_said_again(asked):
    query = parse(asked, plain.COLUMNS)
    again = parse(json.loads(json.dumps(said(query))), plain.COLUMNS)
    assert (again.where, again.group) == (query.where, query.group)


def test_figures_are_read():
    asked = parse(
        {
            "group": ["county"],
            "aggregates": [{"do": "sum", "field": "amount", "as": "total"}, {"do": "count"}],
            "sort": "-total",
        },
        COLUMNS,
    )
    assert asked.aggregates == (Aggregate("sum", "amount", "total"), Aggregate("count", "", "count"))
    assert (asked.group, asked.sort) == (("county",), (("total", True),))


def test_an_address_is_read():
    given = {
        "where": ["year:>=:2015", "county:in:a|b", "kept:null", "a:b:prefix:x:y"],
        "sort": ["-year"],
        "limit": ["5"],
        "page": ["2"],
    }
    asked = from_address(given, COLUMNS)
    assert asked.where == All(
        (
            Compare("year", ">=", 2015),
            Compare("county", "in", ("a", "b")),
            Compare("kept", "null", True),
            Compare("a:b", "prefix", "x:y"),
        )
    )
    assert (asked.sort, asked.limit) == ((("year", True),), 5)
    grouped = from_address({"group": ["county"], "aggregates": ["n:count", "total:sum:amount"]}, COLUMNS)
    assert grouped.aggregates == (Aggregate("count", "", "n"), Aggregate("sum", "amount", "total"))


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ("{", "query"), ("[]", "query"), ({"sql": "SELECT 1"}, "query"), ("[" * 90_000, "query"),
        ({"fields": ["secret"]}, "fields[0]"), ({"fields": [{"a": 1}]}, "fields[0]"), ({"fields": 7}, "fields"),
        ({"where": {"field": "nobody", "value": 1}}, "where.field"),
        ({"where": {"field": "year", "op": "~", "value": 1}}, "where.op"),
        ({"where": {"field": "year", "op": "contains", "value": "1"}}, "where.op"),
        ({"where": {"field": "kept", "op": "<", "value": True}}, "where.op"),
        ({"where": {"field": "year", "value": "1 OR 1=1"}}, "where.value"),
        ({"where": {"field": "year", "value": 1.5}}, "where.value"), ({"where": {"field": "year", "value": True}}, "where.value"),
        ({"where": {"field": "year", "value": 2**63}}, "where.value"), ({"where": {"field": "year", "value": None}}, "where.value"),
        ({"where": {"field": "amount", "value": "1.23456"}}, "where.value"), ({"where": {"field": "amount", "value": "NaN"}}, "where.value"),
        ({"where": {"field": "day", "value": "2026-02-30"}}, "where.value"), ({"where": {"field": "day", "value": 5}}, "where.value"),
        ({"where": {"field": "county", "value": "a\0b"}}, "where.value"), ({"where": {"field": "county", "value": ["a"]}}, "where.value"),
        ({"where": {"field": "county", "value": "\ud800"}}, "where.value"),
        ({"where": {"field": "county", "op": "in", "value": "a"}}, "where.value"),
        ({"where": {"field": "county", "op": "in", "value": ["a", {}]}}, "where.value[1]"),
        ({"where": {"and": [{"field": "year", "value": 1}, {"or": 5}]}}, "where.and[1].or"),
        ({"where": {"and": [], "or": []}}, "where"), ({"where": 5}, "where"),
        ({"sort": "secret"}, "sort[0]"), ({"limit": -1}, "limit"), ({"limit": 32_001}, "limit"), ({"limit": "ten"}, "limit"),
        ({"offset": True}, "offset"), ({"q": 5}, "q"), ({"group": ["a"]}, "group[0]"),
        ({"group": ["county"], "fields": ["county"]}, "fields"), ({"group": ["county"], "sort": "year"}, "sort[0]"),
        ({"group": ["county"], "limit": 10_001}, "limit"),
        ({"aggregates": [{"do": "exec"}]}, "aggregates[0].do"), ({"aggregates": [{"do": "sum", "field": "county"}]}, "aggregates[0].field"),
        ({"aggregates": [{"do": "sum"}]}, "aggregates[0].field"), ({"aggregates": [{"do": "max", "field": "kept"}]}, "aggregates[0].field"),
        ({"aggregates": [{"do": "count", "field": ["county"]}]}, "aggregates[0].field"),
        ({"aggregates": [{"do": ["count"], "field": {"a": 1}}]}, "aggregates[0].do"),
        ({"aggregates": [{"do": "count"}, {"do": "count"}]}, "aggregates[1].as"),
        ({"group": ["year"], "aggregates": [{"do": "count", "as": "year"}]}, "aggregates[0].as"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(given, place):
    assert place_of(given) == place


def test_the_sentence_names_field_and_remedy():
    with pytest.raises(Fault) as caught:
        parse({"where": {"field": "year", "value": "十"}}, COLUMNS)
    assert caught.value.message_dict == {"where": ["字段“year”要整数，写的是“十”。"]}


def nested(levels):
    return {"not": nested(levels - 1)} if levels > 1 else {"field": "year", "value": 1}


@pytest.mark.parametrize(
    ("good", "bad", "place"),
    [
        ({"where": nested(6)}, {"where": nested(7)}, "where.not.not.not.not.not.not"),
        (
            {"where": {"and": [{"field": "year", "value": 1}] * 25}},
            {"where": {"and": [{"field": "year", "value": 1}] * 26}},
            "where.and[24]",
        ),
        (
            {"where": {"field": "year", "op": "in", "value": [1] * 500}},
            {"where": {"field": "year", "op": "in", "value": [1] * 501}},
            "where.value",
        ),
        ({"sort": ["year"] * 4}, {"sort": ["year"] * 5}, "sort"),
        ({"q": "a" * 1000}, {"q": "a" * 1001}, "q"),
    ],
)
def test_what_it_may_cost(good, bad, place):
    parse(good, COLUMNS)
    assert place_of(bad) == place


def test_within_takes_fields_and_rows_away():
    mine = Compare("county", "prefix", "6209")
    asked = parse({"where": {"field": "year", "value": 2015}}, COLUMNS).within(
        {"county": "none", "year": "none", "day": "year"}, mine
    )
    assert asked.shown == {"county": "none", "year": "none", "day": "year"}
    assert asked.kept == mine
    narrower = asked.within({"year": "none", "day": "none", "amount": "none"}, Compare("year", ">", 2000))
    assert narrower.shown == {"year": "none", "day": "year"}
    assert narrower.kept == All((mine, Compare("year", ">", 2000)))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"fields": ["amount"]}, "没有“amount”"), ({"where": {"field": "amount", "value": 1}}, "没有“amount”"),
        ({"where": {"not": {"or": [{"field": "amount", "op": "null"}]}}}, "没有“amount”"), ({"sort": "amount"}, "没有“amount”"),
        ({"group": ["amount"]}, "没有“amount”"), ({"aggregates": [{"do": "sum", "field": "amount"}]}, "没有“amount”"),
        ({"fields": ["kept"]}, "没有“kept”"), ({"sort": "day"}, "脱敏"), ({"group": ["day"]}, "脱敏"),
        ({"where": {"field": "day", "value": "2015-01-01"}}, "脱敏"), ({"aggregates": [{"do": "min", "field": "day"}]}, "脱敏"),
    ],
)  # fmt: skip
def test_within_refuses_what_would_tell(given, sentence):
    with pytest.raises(Fault, match=sentence):
        parse(given, COLUMNS).within({"county": "none", "year": "none", "day": "year", "kept": "hidden"})


def test_a_field_kept_from_somebody_is_refused_like_one_that_is_not_there():
    def words(name):
        with pytest.raises(Fault) as caught:
            parse({"fields": [name]}, (*COLUMNS, Column("hidden"))).within({"county": "none"})
        return caught.value.sentence.replace(name, "…")

    with pytest.raises(Fault) as caught:
        parse({"fields": ["nobody"]}, COLUMNS)
    assert words("hidden") == caught.value.sentence.replace("nobody", "…")


def test_a_moment_with_a_zone_is_chinas():
    asked = parse({"where": {"field": "at", "op": ">", "value": "2026-01-31T01:30:00Z"}}, COLUMNS)
    assert asked.where.value.isoformat() == "2026-01-31T09:30:00"


def test_every_letter_of_the_guide_is_known():
    assert sorted(grammar._READERS) == sorted("CNYDTLMGBIF")
