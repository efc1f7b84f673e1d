"""What many tests of cases begin with: a clock to set, an enterprise and who represents it."""

from datetime import datetime

import pytest

from hexi.blocks.cases.tests import make
from hexi.blocks.people.tests import make as people
from hexi.kernel import clock


@pytest.fixture
def at(monkeypatch):
    """Set the time: `at("2026-11-24 10:00")`, which it is at first."""

    def go(text):
        moment = datetime.fromisoformat(text).replace(tzinfo=clock.CHINA)
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    go("2026-11-24 10:00")
    return go


@pytest.fixture
def owner():
    """A citizen."""
    return make.make_citizen()


@pytest.fixture
def body(owner):
    """The enterprise he represents."""
    return people.make_enterprise(representative=owner.account.person)
