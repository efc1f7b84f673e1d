"""Where the rows of an entry are read, with what an exchange must know of them: region and person of a row.

Stands beside `queries`: own data sets through the ORM, loaded ones as the version in force.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.catalog import own
from hexi.blocks.catalog.models import Entry, Item
from hexi.blocks.catalog.queries.loads import rows_of
from hexi.blocks.catalog.store.engine import Source
from hexi.blocks.catalog.store.grammar import All, Column, Compare, Where
from hexi.blocks.catalog.store.orm import View
from hexi.blocks.regions.codes import prefix

#: how a column of residents' numbers is called
_NUMBER = re.compile(r"身份证|公民身份号|id_?card|id_?(no|num|number)\b|identity|resident_?number", re.IGNORECASE)
#: columns of a view that hold the primary key of the person a row is of, and its division; no item is ever called so
PERSON, REGION = "\0person", "\0region"


@dataclass(frozen=True)
class Opened:
    """Rows ready to be asked. `person`: column that says whose row it is ("" none does), `known`: it holds our keys."""

    source: Source
    person: str = ""
    known: bool = False
    kept: Where | None = None


def opened(entry: Entry, *, region_field: str = "", region: str = "") -> Opened:
    """The rows of an entry, only those of a division if one is given. Raises `ValidationError` if there are none."""
    register = own.of(entry)
    if register is not None:
        return _view(entry, register, region)
    source = rows_of(entry)
    if source is None:
        raise ValidationError(_("“%(title)s”还没有数据。") % {"title": entry})
    if region and not _has(source, region_field):
        told = _("现在的数据里没有区划列“%(name)s”，不能只给一个地区。请提供单位核对数据项。")
        raise ValidationError(told % {"name": region_field})
    source, person = with_person(entry, source)
    return Opened(source, person, False, kept(entry, region, region_field))


def kept(entry: Entry, region: str, region_field: str) -> Where | None:
    """The condition that keeps the rows of a division; None for all."""
    if not region:
        return None
    start = prefix(region)
    if own.of(entry) is None:
        return Compare(region_field, "prefix", start)
    # a range, which every index of the column serves
    return All((Compare(REGION, ">=", start), Compare(REGION, "<=", start.ljust(12, "9"))))


def _has(source: Source, name: str) -> bool:
    """The rows were loaded by the columns of a file; those of the catalogue need not be the same."""
    return any(one.name == name for one in source.columns)


def _view(entry: Entry, register: own.Own, region: str) -> Opened:
    said = register.said
    if region and not said.region:
        raise ValidationError(_("这个数据集的行不分区划，不能只授权一个地区。"))
    columns = tuple(Column(one.name, one.type, one.title.zh) for one in said.columns)
    view = View(register.queryset(), columns, register.paths, register.origin)
    if said.region:
        view = _beside(view, Column(REGION, "C"), said.region)
    narrowed = kept(entry, region, said.region)
    if not said.person:
        return Opened(view, kept=narrowed)
    return Opened(_beside(view, Column(PERSON, "I"), said.person), PERSON, True, narrowed)


def _beside(view: View, column: Column, path: str) -> View:
    """The same rows with a column more, which is no item."""
    return replace(view, columns=(*view.columns, column), paths={**view.paths, column.name: path})


def with_person(entry: Entry, source: Source) -> tuple[Source, str]:
    """The rows with the column that says whose each is, and its name; "" if nothing does."""
    register = own.of(entry)
    if register is not None and isinstance(source, View):
        person = register.said.person
        return (_beside(source, Column(PERSON, "I"), person), PERSON) if person else (source, "")
    name = person_item(list(entry.items.all()))
    return source, name if _has(source, name) else ""


def of_persons(entry: Entry, names: Collection[str] | None = None) -> bool:
    """True if rows tell of persons: they say whose they are, or one of these items (None: any) is personal.

    Where each row says whose it is, every item of it is told of that person, whether it is marked personal or not. The
    portal and the exchange both go by this: there then only counts leave, here each call names purpose and case.
    """
    return whose(entry) or any(one.personal for one in entry.items.all() if names is None or one.name in names)


def whose(entry: Entry) -> bool:
    """True if, by the catalogue, each row says whose it is."""
    register = own.of(entry)
    return bool(register.said.person) if register is not None else bool(person_item(list(entry.items.all())))


def person_item(items: list[Item]) -> str:
    """The item that holds a person's number: personal, and so called or else part of the key; "" if none does."""
    personal = [one for one in items if one.personal]
    called = [one for one in personal if _NUMBER.search(f"{one.name} {one.title}")]
    return next((one.name for one in (*called, *(one for one in personal if one.key))), "")


def says_whose(entry: Entry) -> bool:
    """True if each row of the entry says whose it is, so that the person can be told who looked; also in its rows."""
    if not whose(entry) or own.of(entry) is not None:
        return whose(entry)
    source = rows_of(entry)
    return source is None or _has(source, person_item(list(entry.items.all())))
