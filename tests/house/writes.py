"""A pytest plugin: while any test runs, a row is written only by the block or domain that owns its table (house.md §5)."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from django.apps import apps
from django.db.models import Model, QuerySet
from django.db.models.deletion import Collector
from django.db.models.sql.compiler import SQLDeleteCompiler, SQLInsertCompiler, SQLUpdateCompiler

HEXI = Path(__file__).resolve().parents[2] / "hexi"
EXEMPT = {"tests", "migrations"}
COMPILERS = (SQLInsertCompiler, SQLUpdateCompiler, SQLDeleteCompiler)


class ForeignWrite(AssertionError):
    """Somebody else's row was written; call an operation of its owner instead."""


@contextmanager
def watched() -> Iterator[None]:
    """Raise `ForeignWrite` in whoever writes a row that is not his own."""
    patches = [patch.object(one, "execute_sql", _guarded(one.execute_sql)) for one in COMPILERS]
    for one in patches:
        one.start()
    try:
        yield
    finally:
        for one in patches:
            one.stop()


def _guarded(plain: Any) -> Any:
    def execute_sql(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not _lent(self):
            _check(self.query.model)
        return plain(self, *args, **kwargs)

    return execute_sql


def _lent(compiler: Any) -> bool:
    """True if only fields are written that their owner marked `sealed_as`, so that people can seal them anew."""
    values = getattr(compiler.query, "values", None)
    return bool(values) and all(hasattr(field, "sealed_as") for field, _model, _value in values)


def _check(model: type[Model]) -> None:
    frame = sys._getframe(2)
    while frame is not None and "/django/db/" in frame.f_code.co_filename:
        asked = frame.f_locals.get("self")
        if isinstance(asked, Collector) and asked.origin is not None:  # rows that fall with it are not asked about
            model = asked.origin.model if isinstance(asked.origin, QuerySet) else type(asked.origin)
        frame = frame.f_back
    config = apps.app_configs.get(model._meta.app_label)  # Django's own table of migrations has none
    owner = Path(config.path) if config else HEXI
    if frame is None or HEXI not in owner.parents:
        return
    writer = Path(frame.f_code.co_filename)
    if HEXI in writer.parents and owner not in writer.parents and not EXEMPT & set(writer.parts):
        raise ForeignWrite(f"{writer.relative_to(HEXI)}:{frame.f_lineno} writes {model._meta.label}")


def pytest_configure(config: Any) -> None:
    """Watch from the first test to the last."""
    guard = watched()
    guard.__enter__()
    config.add_cleanup(lambda: guard.__exit__(None, None, None))
