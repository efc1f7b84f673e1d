"""What many tests of forms need: an applicant, and the sample kind of drafts as if a domain had declared it."""

import pytest

from hexi.blocks.forms import drafts
from hexi.blocks.forms.tests.make import make_felling_form, make_kind, make_slots
from hexi.blocks.people.tests.make import acting, make_citizen


@pytest.fixture
def declared(monkeypatch):
    """Declare kinds of drafts for the length of a test: `declared(make_kind(…))`."""

    def declare(*kinds):
        monkeypatch.setattr(drafts, "added", lambda kind: kinds)

    declare(make_kind(make_felling_form(), make_slots()))
    return declare


@pytest.fixture
def applicant(db, declared):
    """A citizen as an actor; the sample kind is declared."""
    return acting(make_citizen("applicant"))


@pytest.fixture
def stranger(db):
    """Another citizen."""
    return acting(make_citizen("stranger", name="别人"))
