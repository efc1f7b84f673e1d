"""Rows of a data set loaded from a file, for the tests of all blocks and of the domains."""

import io
import shutil

from hexi.blocks.catalog.models import Entry, Load, Source
from hexi.blocks.catalog.operations import loads, placing
from hexi.blocks.catalog.queries import loads as queries
from hexi.blocks.catalog.store import duck, files
from hexi.blocks.catalog.tests.make import BY
from hexi.kernel import jobs


def fresh_folder() -> None:
    """Forget what another test left: its codes come again, and versions never change under a name."""
    shutil.rmtree(files.folder(), ignore_errors=True)
    duck._counted.cache_clear()
    duck._remembered.cache_clear()


def make_rows(entry: Entry, text: str, name: str = "rows.csv") -> Load:
    """A file handed in, its columns confirmed as they seem to be, and loaded."""
    source = Source.objects.filter(entry=entry).first() or placing.set_source(entry, way="file", by=BY)
    load = loads.hand_in(source, io.BytesIO(text.encode()), name, by=BY)
    loads.confirm(load, queries.fields_of(load.seen["fields"]), by=BY)
    jobs.drain()
    load.refresh_from_db()
    return load
