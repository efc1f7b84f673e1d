"""Where the rows of an entry are read, with what an exchange must know of them: region and person of a row.

Stands beside `queries`: own data sets through the ORM, loaded ones as the version in force.
"""

import re
from dataclasses import dataclass, replace

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.catalog import own
from hexi.blocks.catalog.models import Entry, Item
from hexi.blocks.catalog.queries.loads import rows_of
from hexi.blocks.catalog.store.engine import Source
from hexi.blocks.catalog.store.grammar import Column, Compare, Where
from hexi.blocks.catalog.store.orm import View
from hexi.blocks.regions.codes import prefix
from hexi.kernel.actors import subtree

#: how a column of residents' numbers is called
_NUMBER = re.compile(r"身份证|公民身份号|id_?card|id_?(no|num|number)\b|identity|resident_?number", re.IGNORECASE)
#: column of a view that holds the primary key of the person a row is of; no item is ever called so
PERSON = "\0person"


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
        return _view(register, region)
    source = rows_of(entry)
    if source is None:
        raise ValidationError(_("“%(title)s”还没有数据。") % {"title": entry})
    if region and not _has(source, region_field):
        told = _("现在的数据里没有区划列“%(name)s”，不能只给一个地区。请提供单位核对数据项。")
        raise ValidationError(told % {"name": region_field})
    person = person_item(list(entry.items.all()))
    kept = Compare(region_field, "prefix", prefix(region)) if region else None
    return Opened(source, person if _has(source, person) else "", False, kept)


def _has(source: Source, name: str) -> bool:
    """The rows were loaded by the columns of a file; those of the catalogue need not be the same."""
    return any(one.name == name for one in source.columns)


def _view(register: own.Own, region: str) -> Opened:
    said = register.said
    if region and not said.region:
        raise ValidationError(_("这个数据集的行不分区划，不能只授权一个地区。"))
    queryset = register.queryset()
    if region:
        queryset = queryset.filter(subtree(prefix(region), said.region))
    columns = tuple(Column(one.name, one.type, one.title.zh) for one in said.columns)
    view = View(queryset, columns, register.paths, register.origin)
    if not said.person:
        return Opened(view)
    more = (*columns, Column(PERSON, "I"))
    return Opened(replace(view, columns=more, paths={**register.paths, PERSON: said.person}), PERSON, True)


def person_item(items: list[Item]) -> str:
    """The item that holds a person's number: personal, and so called or else part of the key; "" if none does."""
    personal = [one for one in items if one.personal]
    called = [one for one in personal if _NUMBER.search(f"{one.name} {one.title}")]
    return next((one.name for one in (*called, *(one for one in personal if one.key))), "")


def says_whose(entry: Entry) -> bool:
    """True if each row of the entry says whose it is, so that the person can be told who looked."""
    register = own.of(entry)
    if register is not None:
        return bool(register.said.person)
    person, source = person_item(list(entry.items.all())), rows_of(entry)
    return bool(person) and (source is None or _has(source, person))
