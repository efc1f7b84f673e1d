"""The demo's rows are told once, and only where their entry is."""

import pytest

from hexi.blocks.catalog import synthetic_rows
from hexi.blocks.catalog.models import LoadState, Source
from hexi.blocks.catalog.tests.make import make_entry
from hexi.kernel import jobs

pytestmark = pytest.mark.django_db


def test_told_once():
    assert synthetic_rows.tell() == 0
    entry = make_entry(title=synthetic_rows.TITLE)
    assert (synthetic_rows.tell(), synthetic_rows.tell()) == (3, 0)
    states = Source.objects.get().loads.order_by("pk").values_list("state", "rows", "bad")
    assert list(states) == [(LoadState.DONE, 268, 2), (LoadState.DONE, 268, 2), (LoadState.SEEN, 0, 0)]
    assert list(entry.versions.order_by("number").values_list("current", flat=True)) == [False, True]
    jobs.drain()  # what was done already is not done again
    assert entry.versions.count() == 2
