"""docs/interfaces.md: its calls, its example and its check of a signature are those of the program."""

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from hexi.blocks.cases.shapes import Application
from hexi.blocks.notices import webhooks
from hexi.blocks.people.provider import SCOPES
from hexi.site.api import interface
from hexi.wire import webhooks_http

PAGE = (Path(settings.HEXI_PACKS).parent / "docs/interfaces.md").read_text("utf-8")


def block(language: str) -> str:
    """The page's block of code in a language."""
    return re.search(rf"```{language}\n(.*?)```", PAGE, re.S)[1]


def test_the_calls_it_shows_are_in_the_schema():
    known = {re.sub(r"\{[^}]*\}", "{}", path) for path in interface().get_openapi_schema()["paths"]}
    shown = {
        urlsplit(one).path.rstrip("`") for one in re.findall(r"(?:http://localhost:8000)?/api/v1/[^\s\"`?]+", PAGE)
    }
    assert {re.sub(r"\{[^}]*\}", "{}", path) for path in shown} - {"/api/v1/openapi.json"} <= known
    assert len(shown) >= 3


def test_its_application_is_one():
    Application.model_validate(json.loads(block("json")))


def test_the_events_and_scopes_it_names_are_all_there_are():
    assert set(re.findall(r"`(cases\.(?!submit`|view`)\w+)`", PAGE)) == set(webhooks.event_types())
    assert all(f"`{name}`" in PAGE for name in SCOPES)


@pytest.mark.parametrize(("body", "good"), [(b'{"a": 1}', True), (b'{"a": 2}', False)])
def test_its_check_of_a_signature_knows_ours(body, good):
    import time

    space = {}
    exec(block("python"), space)  # the page's own words
    headers = webhooks_http.headers("id-1", b'{"a": 1}', "secret", int(time.time()))
    assert space["genuine"](headers, body, "secret") is good
