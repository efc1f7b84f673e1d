"""Schemathesis against the API's own schema: whatever is sent, the answer is as described and never a fault of ours."""

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from hexi.blocks.cases.tests.make import BY, make_case, make_item
from hexi.blocks.people import keys
from hexi.blocks.people.tests import make as people
from hexi.kernel.options import override
from hexi.site import api

pytestmark = pytest.mark.django_db


@pytest.fixture
def described(monkeypatch):
    """The schema as an outside system loads it, and a key that may do everything; there is one case."""
    from hexi.site.wsgi import application

    people.make_types()
    item = make_item()
    make_case(item)
    key = keys.make("水权系统", department=item.department, verbs=list(keys.grantable()), by=BY)[1]
    # as Django's own test client does: the connection stays, for its transaction is undone after the test
    for moment in (request_started, request_finished):
        moment.disconnect(close_old_connections)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    schema.config.headers = {"Authorization": f"Bearer {key}", "Host": "localhost"}
    monkeypatch.setattr(api, "GUESSES", 1_000_000)  # it tries wrong keys as well
    with override(api.PER_MINUTE, 1_000_000):
        yield schema
    for moment in (request_started, request_finished):
        moment.connect(close_old_connections)


schema = schemathesis.pytest.from_fixture("described")


@schema.parametrize()
@settings(
    max_examples=10, deadline=None, derandomize=True, database=None, phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_answers_are_as_described(case):
    # what fits the schema may still be refused: no such item, a wrong number, no file
    case.call_and_validate(excluded_checks=[positive_data_acceptance])
