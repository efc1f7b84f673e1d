"""Rows for open data sets in tests: a view of divisions, which every installation has. Stands beside make."""

from django.db.models import Value
from django.db.models.functions import Length

from hexi.blocks.catalog.queries import opened
from hexi.blocks.catalog.store.engine import View
from hexi.blocks.catalog.store.grammar import Column
from hexi.blocks.regions.models import Division

ITEMS = [
    {"name": "code", "title": "区划代码", "title_en": "Code", "type": "C", "length": 12, "key": True, "required": True,
     "sensitivity": "public", "open": True},
    {"name": "name", "title": "名称", "title_en": "Name", "type": "C", "sensitivity": "public", "open": True},
    {"name": "level", "title": "级别", "title_en": "Level", "type": "I", "sensitivity": "public", "open": True},
    {"name": "phone", "title": "值班电话", "type": "C", "personal": False, "mask": "hidden"},
]  # fmt: skip
WORDS = {"title": "行政区划", "title_en": "Divisions", "summary": "省到村五级区划。", "summary_en": "Five levels.",
         "keywords": "区划\n地名", "items": ITEMS, "kind": "view"}  # fmt: skip


def view(entry):
    """The rows of a sample set of divisions."""
    rows = Division.objects.annotate(phone_=Value("13912345678"), long_=Length("name"))
    columns = [Column(one.name, one.type) for one in entry.items.all()]
    paths = {"code": "code", "name": "name", "level": "level", "phone": "phone_"}
    return View(rows, tuple(columns), paths, entry.code)


def give(monkeypatch, rows=view):
    """Every entry that has rows has these."""
    opened.forget()
    monkeypatch.setattr(opened, "source_of", lambda entry: None if entry.kind == "none" else rows(entry))
