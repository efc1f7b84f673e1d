"""Many at once: a double start, two tabs saving, a double submission, one parking ticket used twice."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from hexi.blocks.audit import queries as log
from hexi.blocks.forms import operations
from hexi.blocks.forms.models import Draft, Parked, Revision
from hexi.blocks.forms.tests.make import IDENTITY, make_draft, make_kind
from hexi.blocks.people.actors import Nobody

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def at_once(*acts):
    """Run all at the same moment, each in a thread of its own; results or errors in order."""
    gate = threading.Barrier(len(acts))

    def run(act):
        try:
            gate.wait()
            return act()
        except ValidationError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_started_eight_times_at_once_is_one_draft(applicant):
    drafts = at_once(*[lambda: make_draft(applicant)] * 8)
    assert len({draft.pk for draft in drafts}) == 1
    assert Draft.objects.count() == 1


def test_tabs_saving_different_fields_lose_nothing(applicant):
    draft = make_draft(applicant)
    fields = {"volume": "3.5", "plan": "第 8 号", "agent": "yes", "agent_name": "李四", "kind": "fir", "name": "石建"}

    def saving(key):
        return lambda: operations.save_step(draft, raw={key: fields[key]}, version=1, by=applicant)

    saved = at_once(*[saving(key) for key in fields])
    held = Draft.objects.get()
    assert held.version == 1 + len(fields)
    assert {key: held.answers[key] for key in fields} == {**fields, "volume": 3.5, "agent": True}
    assert [one.lost for one in saved] == [{}] * len(fields)
    assert Revision.objects.count() == len(fields)


def test_tabs_saving_the_same_field_tell_all_but_the_first(applicant):
    draft = make_draft(applicant)

    def saving(number):
        return lambda: operations.save_step(draft, raw={"volume": str(number)}, version=1, by=applicant)

    saved = at_once(*[saving(number) for number in range(1, 9)])
    last = Draft.objects.get().answers["volume"]
    told = sorted(one.lost["volume"] for one in saved if one.lost)
    assert sorted([*told, last]) == list(range(1, 9))


def test_submitted_eight_times_at_once_is_one_case(applicant, declared):
    declared(make_kind())
    raw = {"identity": IDENTITY, "agent": False, "kind": "pine", "volume": 3}
    draft = operations.save_step(make_draft(applicant), raw=raw, version=1, by=applicant).standing.draft
    made = []

    def create(submission):
        made.append(submission.values)
        return f"CASE-{len(made)}"

    found = at_once(*[lambda: operations.submit(draft, version=2, by=applicant, create=create)] * 8)
    assert (found, len(made)) == (["CASE-1"] * 8, 1)


def test_one_ticket_used_by_two_at_once(applicant):
    draft = make_draft(applicant)
    token = operations.park(draft.key, raw={"volume": "3.5"}, version=1, step="form.trees", by=Nobody())
    found = at_once(*[lambda: operations.unpark(token, by=applicant)] * 4)
    assert sum(isinstance(one, ValidationError) for one in found) == 3
    assert Draft.objects.get().answers["volume"] == 3.5
    assert not Parked.objects.exists()


def test_submitting_while_ticket_is_used_and_tab_saves(applicant, declared):
    """Whatever comes first, the draft ends whole: submitted once, or told to look again."""
    declared(make_kind())
    raw = {"identity": IDENTITY, "agent": False, "kind": "pine", "volume": 3}
    draft = operations.save_step(make_draft(applicant), raw=raw, version=1, by=applicant).standing.draft
    token = operations.park(draft.key, raw={"volume": "4"}, version=2, step="form.trees", by=Nobody())
    found = at_once(
        lambda: operations.submit(
            draft, version=2, by=applicant, create=lambda submission: f"V{submission.values['volume']}"
        ),
        lambda: operations.unpark(token, by=applicant),
        lambda: operations.save_step(draft, raw={"volume": "5"}, version=2, by=applicant),
    )
    held = Draft.objects.get()
    if isinstance(found[0], ValidationError):
        assert held.open
        assert held.answers["volume"] in (4, 5)
    else:
        assert (found[0], held.submitted_ref, held.answers["volume"]) == ("V3", "V3", 3)
    assert list(log.verify()) == []
