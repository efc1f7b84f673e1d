"""Two systems, or one twice, apply over the API at the same moment: one Idempotency-Key is one case and one answer."""

import base64
import json

import pytest
from django.test import Client

from hexi.blocks.cases import operations
from hexi.blocks.cases.models import Bundle, Case
from hexi.blocks.cases.tests.make import BY, make_item
from hexi.blocks.cases.tests.make_bundles import COMPANY, make_version
from hexi.blocks.cases.tests.test_api import Speaker, application, make_key, picture
from hexi.blocks.cases.tests.test_bundle_api import application as for_bundle
from hexi.blocks.cases.tests.test_bundle_api import key_for_all
from hexi.blocks.documents.models import Document
from hexi.blocks.documents.tests import make as documents
from hexi.blocks.people.models import ApiCall
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.tests import make as regions
from tests.races.together import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def item():
    people.make_types()
    regions.make_divisions()
    return make_item()


def posting(key, path, body, once):
    """A call ready to be made, by a client of its own: (status, answer)."""
    text = json.dumps(body)

    def call():
        answer = Client().post(
            f"/api/v1/{path}", text, content_type="application/json",
            headers={"authorization": f"Bearer {key}", "idempotency-key": once},
        )  # fmt: skip
        return answer.status_code, answer.json()

    return call


def own_file(body, seed):
    """The application with files of its own."""
    content = base64.b64encode(documents.make_image(seed=seed)).decode()
    return body | {"files": [one | {"content": content} for one in body["files"]]}


def files_of(case):
    return sorted(Document.objects.present().of("cases.case", str(case.pk)).values_list("slot", "blob"))


def test_one_key_at_once_is_one_case_and_the_same_answer(item):
    key, body = make_key(), application(item)
    answers = together(*[posting(key, "cases", body, "once-1")] * 4)
    case = Case.objects.get()
    assert [status for status, _said in answers] == [201] * 4
    assert {json.dumps(said, sort_keys=True) for _status, said in answers} == {
        json.dumps(answers[0][1], sort_keys=True)
    }
    assert (answers[0][1]["number"], ApiCall.objects.count()) == (case.number, 1)
    assert [slot for slot, _blob in files_of(case)] == sorted(one["slot"] for one in body["files"])
    assert posting(key, "cases", body, "once-1")() == answers[0]
    assert not Document.objects.present().filter(of_kind="cases.entry").exists()


def test_the_same_key_with_another_body_is_refused_at_once_and_later(item):
    key, body = make_key(), application(item)
    other = body | {"answers": body["answers"] | {"trees": 37}}
    answers = together(*[posting(key, "cases", one, "once-1") for one in (body, other)])
    assert sorted(status for status, _said in answers) == [201, 409]
    case = Case.objects.get()
    trees = (36, 37)[[status for status, _said in answers].index(201)]
    assert case.answers["trees"] == trees
    late = posting(key, "cases", other if trees == 36 else body, "once-1")()
    assert (late[0], Case.objects.count()) == (409, 1)


def test_files_of_two_requests_under_one_key_are_never_mixed(item):
    key, body = make_key(), application(item)
    bodies = [own_file(body, 1), own_file(body, 2)]
    answers = together(*[posting(key, "cases", one, "once-1") for one in bodies])
    assert sorted(status for status, _said in answers) == [201, 409]
    held = files_of(Case.objects.get())
    assert [slot for slot, _blob in held] == sorted(one["slot"] for one in body["files"])
    assert len({blob for _slot, blob in held}) == 1
    assert not Document.objects.present().filter(of_kind="cases.entry").exists()


def test_two_keys_and_two_names_are_cases_of_their_own(item):
    first, second, body = make_key(), make_key(name="别的系统"), application(item)
    calls = [
        posting(first, "cases", body, "a"),
        posting(first, "cases", body, "b"),
        posting(second, "cases", body, "a"),
    ]
    answers = together(*calls)
    assert [status for status, _said in answers] == [201] * 3
    assert len({said["number"] for _status, said in answers}) == Case.objects.count() == 3
    for case in Case.objects.all():
        assert [slot for slot, _blob in files_of(case)] == sorted(one["slot"] for one in body["files"])


def test_a_supplement_twice_at_once_is_one(item):
    key = make_key()
    number = Speaker(Client(), key).post("cases", application(item)).json()["number"]
    operations.ask_correction(Case.objects.get(), points={"species": "写清树种"}, by=BY)
    body = {"answers": {"species": "新疆杨"}, "files": [picture(application(item)["files"][0]["slot"], "b.png")]}
    answers = together(*[posting(key, f"cases/{number}/supplements", body, "mend")] * 3)
    assert [status for status, _said in answers] == [201] * 3
    assert Case.objects.get().events.filter(action="supplement").count() == 1


def test_a_bundle_under_one_key_at_once_is_one():
    people.make_types()
    version = make_version()
    key, body = key_for_all(), for_bundle(version)
    answers = together(*[posting(key, f"bundles/{COMPANY}/applications", body, "once-1")] * 3)
    assert [status for status, _said in answers] == [201] * 3
    assert {said["number"] for _status, said in answers} == {Bundle.objects.get().number}
    assert Case.objects.count() == 1
