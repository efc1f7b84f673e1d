"""Every register of the house that is open: its page, files, description and rows, as it really stands in the packs."""

import csv
import io
import json
from types import SimpleNamespace

import pytest
from django.test import Client

from hexi.blocks.catalog import describing, own
from hexi.blocks.catalog.operations import own as operations
from hexi.blocks.catalog.pages import actions
from hexi.blocks.catalog.queries import opened, portal
from hexi.blocks.catalog.store.grammar import Query
from hexi.blocks.catalog.tests.test_own import provided
from hexi.wire.dcat import reading

__all__ = ["provided"]
pytestmark = pytest.mark.django_db


def test_all_that_is_open_can_be_looked_at_asked_and_downloaded(provided, monkeypatch):
    monkeypatch.setattr(actions, "PER_MINUTE", SimpleNamespace(value=100_000))
    operations.publish_own()
    entries = list(portal.whole(portal.open_entries()))
    assert {one.origin for one in entries} == {origin for origin, one in own.datasets().items() if one.said.open}
    assert len(entries) > 10
    for entry in entries:
        base = f"/data/{entry.slug}/"
        columns = [one.name for one in opened.columns_of(entry)]
        assert columns, entry.origin
        page = opened.rows(entry, Query(limit=5))
        assert [one.name for one in page.columns] == columns, entry.origin
        text = b"".join(Client().get(base + "rows.csv").streaming_content).decode("utf-8-sig")
        assert len(next(csv.reader(io.StringIO(text)))) == len(columns), entry.origin
        assert isinstance(json.loads(b"".join(Client().get(base + "rows.json").streaming_content)), list)
        assert Client().get(base + "rows.xlsx").status_code == 200
        for path in (
            base,
            f"{base}chart/?by={opened.askable(entry)[0].name}",
            f"{base}rows.csv-metadata.json",
            f"{base}schema.jsonld",
        ):
            assert Client().get(path).status_code == 200, (entry.origin, path)
        found = Client().post(
            "/api/3/action/datastore_search", {"resource_id": describing.resource_id(entry, "csv"), "limit": 2}
        )
        assert found.json()["success"], (entry.origin, found.json())
    catalogue = reading.read(Client().get("/catalog.ttl").content)
    assert {one.identifier for one in catalogue.datasets} == {one.code for one in entries}


def test_a_register_of_persons_is_opened_as_counts_or_not_at_all(provided):
    operations.publish_own()
    for entry in portal.whole(portal.open_entries()):
        personal = {one.name for one in entry.items.all() if one.personal and one.mask == "none"}
        shown = {one.name for one in opened.columns_of(entry)}
        assert not personal & shown, entry.origin
        assert opened.of_persons(entry) == (opened.PERSONS in shown), entry.origin
