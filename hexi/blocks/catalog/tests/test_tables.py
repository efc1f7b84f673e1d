"""Versions as tables of PostgreSQL: answer as plain Python and as files do, made once, taken away, never half there."""

import pytest
from django.db import DatabaseError, connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from hexi.blocks.catalog import jobs_loads
from hexi.blocks.catalog.models import Version
from hexi.blocks.catalog.operations import tabling
from hexi.blocks.catalog.queries import loads as queries
from hexi.blocks.catalog.queries import opened, portal
from hexi.blocks.catalog.store import duck, engine, files, options, orm, tables
from hexi.blocks.catalog.store.grammar import Column, Compare, Not, Query, parse
from hexi.blocks.catalog.tests import plain, questions
from hexi.blocks.catalog.tests.make import ITEMS, make_entry
from hexi.blocks.catalog.tests.make_rows import fresh_folder, make_rows
from hexi.blocks.catalog.tests.test_store import NASTY, check, make_stored, stored
from hexi.kernel.options import OptionError, override

pytestmark = pytest.mark.django_db
postgres = pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL keeps versions as tables")
ROWS = "station,day,power\n甲,2026-01-01,3\n乙,2026-01-02,4.5\n"


@pytest.fixture
def chosen():
    """PostgreSQL answers."""
    with override(options.ROWS_IN, "postgres"):
        yield


def kept(columns, rows, code):
    """A version of these rows, as a table as well."""
    made = make_stored(columns, rows, code)
    tables.write(made)
    assert tables.holds(made)
    return made


@pytest.fixture
def random(chosen):
    """Four versions of random rows."""
    made = [stored(seed) for seed in range(4)]
    for one in made:
        tables.write(one)
    return made


@postgres
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=some.integers(0, 3), said=questions.queries())
def test_tables_answer_as_plain_python_does(random, seed, said):
    assert engine._by(random[seed]) is tables
    check(random[seed], plain.make_rows(seed), said)


@postgres
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=some.integers(0, 3), said=questions.queries())
def test_tables_and_files_answer_alike_row_by_row(random, seed, said):
    query = parse(
        said | {"sort": [*said.get("sort", []), *(plain.NAMES[:1] if "group" not in said else [])]}, plain.COLUMNS
    )
    if query.grouped or not query.limit:
        return
    clear = list(plain.COLUMNS)
    shown = [one for one in clear if not query.fields or one.name in query.fields]
    one, other = (by.select(random[seed], query, clear, shown) for by in (tables, duck))
    assert one == other, "in the same order, also of text: that of code points"


@postgres
@pytest.mark.parametrize("name", NASTY)
def test_names_and_values_are_never_part_of_a_statement(name, chosen):
    columns = (Column(name), Column("n", "I"))
    source = kept(columns, [(name, 1), ("x", 2), (None, 3)], f"nasty-table-{NASTY.index(name)}")
    asked = {"where": {"field": name, "value": name}, "sort": ["n"]}
    assert engine.rows(source, parse(asked, columns)).rows == [(name, 1)]
    grouped = {"group": [name], "aggregates": [{"do": "max", "field": "n", "as": f"{name}{name}"}]}
    assert engine.rows(source, parse(grouped, columns)).total == 3


@postgres
@pytest.mark.parametrize("letter", "INBFY")
def test_a_region_is_cut_out_of_codes_that_are_numbers(letter, chosen):
    rows = [(620981, 1), (620902, 2), (None, 3), (610981, 4), (620981000000, 5)]
    source = kept((Column("division", letter), Column("n", "I")), rows, f"table-divisions-{letter}")
    region = Compare("division", "prefix", "620981")
    assert [row[1] for row in engine.rows(source, Query(kept=region)).rows] == [1, 5]
    assert [row[1] for row in engine.rows(source, Query(kept=Not(region))).rows] == [2, 3, 4]


@postgres
def test_persons_are_told_apart_as_in_files(chosen):
    """Blanks and small letters are the same person's, an empty number is nobody's; those of one stand together."""
    columns = (Column("place"), Column("who"))
    rows = [("A", "x1"), ("A", " X1 "), ("B", "x2"), ("A", "x1"), ("B", ""), ("B", None)]
    source = kept(columns, rows, "table-persons")
    pieces = engine.stream(source, Query(fields=("place",)), size=2, whose="who")
    streamed = [row for piece in pieces for row in piece]
    assert sorted(streamed, key=str) == [("A", "X1")] * 3 + [("B", "X2")] + [("B", None)] * 2
    assert engine._by(source).most_rows(source, "who") == duck.most_rows(source, "who") == 3
    query = parse({"group": ["place"], "aggregates": [{"do": "count", "as": "n"}]}, columns)
    assert engine.rows(source, query, guard=engine.Guard(whose="who")).rows == []


@postgres
def test_made_once_after_a_load_and_taken_away_with_the_version(chosen):
    fresh_folder()
    entry = make_entry(items=ITEMS[:3])
    make_rows(entry, ROWS)
    first = queries.stored(entry.versions.get())
    assert engine._by(first) is duck, "until it is there the file answers"
    assert (tabling.keep(), tabling.keep()) == ((1, 0), (0, 0))
    assert engine._by(first) is tables
    found = portal.open_entry(entry.slug)
    assert [row[0] for row in opened.rows(found, Query(sort=(("power", True),))).rows] == ["乙", "甲"]
    assert sum(len(piece) for piece in opened.stream(found)) == 2
    make_rows(entry, ROWS + "丙,2026-01-03,5\n")
    jobs_loads.keep_tables()
    assert len(tables.names()) == 2, "everybody may have the older one as well"
    Version.objects.filter(number=1).update(open=False)
    assert tabling.keep() == (0, 1)
    assert tables.names() == {tables.name_of(queries.stored(entry.versions.get(number=2)))}
    with override(options.ROWS_IN, "duckdb"):
        assert engine._by(queries.stored(entry.versions.get(number=2))) is duck
        assert tabling.keep() == (0, 1)
    assert tables.names() == set()


@postgres
def test_one_that_breaks_off_leaves_nothing_and_holds_up_no_other(chosen, monkeypatch):
    fresh_folder()
    one, two = make_entry(), make_entry(title="第二")
    for entry in (one, two):
        make_rows(entry, ROWS)
    values, broken = tables._values, tables.name_of(queries.stored(one.versions.get()))
    names = tables.name_of
    current = []

    def name_of(version):
        current[:] = [names(version)]
        return names(version)

    def failing(column, cells):
        if current == [broken] and column.name == "power":
            raise DatabaseError("disk full")
        return values(column, cells)

    monkeypatch.setattr(tables, "_values", failing)
    monkeypatch.setattr(tables, "name_of", name_of)
    assert tabling.keep() == (1, 0)
    assert tables.names() == {names(queries.stored(two.versions.get()))}
    assert engine.rows(queries.stored(one.versions.get()), Query()).total == 2


def test_elsewhere_files_answer_whatever_is_chosen(chosen, monkeypatch):
    monkeypatch.setattr(tables, "possible", lambda: False)
    source = make_stored((Column("n", "I"),), [(1,)], "elsewhere")
    assert engine._by(source) is duck
    assert tabling.keep() == (0, 0)
    assert engine._by(orm.View(None, ())) is orm


def test_the_option_names_what_it_may_be(monkeypatch):
    monkeypatch.setenv("HEXI_CATALOG_ROWS_IN", "oracle")
    with pytest.raises(OptionError, match="duckdb, postgres"):
        assert options.ROWS_IN.value
    assert files.available()
