"""Versions kept as tables of PostgreSQL as well, where that is chosen (`store.tables`): made, and taken away again."""

import logging

from django.db import DatabaseError
from django.db.models import Q

from hexi.blocks.catalog.models import Version
from hexi.blocks.catalog.queries import loads as queries
from hexi.blocks.catalog.store import files, tables

log = logging.getLogger(__name__)


def keep() -> tuple[int, int]:
    """Make the tables that are missing, drop those nobody asks any more: how many of each.

    A version has one while it is the one in use or everybody may have it. Of two runs at once one makes it; whatever
    breaks off leaves none, and the file answers as before. One that cannot be made holds up no other.
    """
    if not (tables.possible() and files.available()):
        return 0, 0
    versions = Version.objects.filter(Q(current=True) | Q(open=True)) if tables.wanted() else Version.objects.none()
    there = tables.names()
    wanted = {tables.name_of(one): one for one in map(queries.stored, versions.select_related("entry"))}
    made = sum(_made(one) for name, one in wanted.items() if name not in there)
    gone = there - set(wanted)
    for name in gone:
        tables.drop(name)
    return made, len(gone)


def _made(stored: files.Stored) -> bool:
    if not stored.path.exists():
        return False
    try:
        with files.locked(stored.path.parent):
            if not tables.holds(stored):
                tables.write(stored)
        return True
    except files.Busy:  # it is being loaded: the next run finds what came of it
        return False
    except (DatabaseError, OSError):
        log.exception("a version of %s could not be kept as a table", stored.key)
        return False
