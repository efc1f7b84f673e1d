"""Bundles (一件事) over HTTP: what is on offer, one call for all of it, promises, how far it is; which key may what."""

import base64

import pytest

from hexi.blocks.cases import bundled, operations
from hexi.blocks.cases.models import Bundle, BundlePromise, Case
from hexi.blocks.cases.tests import make
from hexi.blocks.cases.tests.make_bundles import CHILD, COMPANY, answers_for, case_of, make_version, settle
from hexi.blocks.cases.tests.test_api import ALL, Speaker, make_key, picture
from hexi.blocks.documents import queries as papers
from hexi.blocks.documents.tests import make as documents
from hexi.blocks.forms.conditions import holds
from hexi.blocks.people.models import ApiCall
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.models import Department

pytestmark = pytest.mark.django_db
NAME, REGISTRATION = "company-name", "company-registration"


@pytest.fixture
def version():
    people.make_types()
    return make_version()


@pytest.fixture
def speaker(client, version):
    """A system of the county that may hand in to every office."""
    return Speaker(client, key_for_all())


def key_for_all(*verbs, name="水权系统"):
    office = Department.objects.get(key="yumen-market")
    return make_key(*verbs, department=office, region_code=make.YUMEN, everywhere=True, name=name)


def application(version, *, without=(), **more):
    whole, number = bundled.composed(version), people.resident_number()
    answers = {**answers_for(version), "applicant_identity": number}
    files = [
        picture(paper.slot.key) for paper in whole.papers
        if holds(paper.slot.when, answers.get) and not set(paper.of) & set(without)
    ]  # fmt: skip
    who = {"number": number, "name": "石建国", "phone": "10000001234"}
    return {"region": make.YUMEN, "applicant": who, "answers": answers, "files": files, **more}


def test_what_is_on_offer_with_its_items_and_its_one_form(speaker, version):
    (line,) = speaker.get("bundles").json()["items"]
    assert (line["key"], line["region"], line["version"]) == (COMPANY, make.YUMEN, version.digest)
    assert [(one["item"], one["after"]) for one in line["items"]][:2] == [(NAME, []), (REGISTRATION, [NAME])]
    full = speaker.get(f"bundles/{COMPANY}?region={make.YUMEN}").json()
    assert [one["key"] for one in full["slots"]] == [one.key for one in bundled.composed(version).slots]
    assert (full["deliveries"][0], len(full["form"]["sections"]) > 1) == ("online", True)
    assert speaker.get("bundles?region=620982").json()["items"] == []
    assert speaker.get(f"bundles/moon?region={make.YUMEN}").status_code == 404


def test_one_call_becomes_a_bundle_and_its_first_case_and_twice_is_once(speaker, version):
    body = application(version)
    answer = speaker.post(f"bundles/{COMPANY}/applications", body)
    assert answer.status_code == 201, answer.json()
    said, bundle = answer.json(), Bundle.objects.get()
    assert (said["number"], bundle.channel, bundle.applicant.name) == (bundle.number, "api", "石建国")
    assert [(one["item"], one["state"]) for one in said["parts"]][:2] == [(NAME, "running"), (REGISTRATION, "waiting")]
    assert said["parts"][0]["case"] == case_of(bundle, NAME).number
    again = speaker.post(f"bundles/{COMPANY}/applications", body)
    assert (again.status_code, again.json(), Case.objects.count()) == (201, said, 1)
    other = speaker.post(f"bundles/{COMPANY}/applications", application(version))
    assert (other.status_code, Bundle.objects.count()) == (409, 1)


def test_the_system_follows_each_part_as_its_own_case(speaker, version):
    number = speaker.post(f"bundles/{COMPANY}/applications", application(version)).json()["number"]
    bundle = Bundle.objects.get()
    settle(case_of(bundle, NAME))
    parts = speaker.get(f"bundle-applications/{number}").json()["parts"]
    assert [one["state"] for one in parts] == ["done", "running", "waiting", "waiting"]
    case = speaker.get(f"cases/{parts[1]['case']}").json()
    assert (case["number"], case["state"]) == (case_of(bundle, REGISTRATION).number, "submitted")
    held = papers.by_slot("cases.case", str(case_of(bundle, REGISTRATION).pk))
    assert sorted(held) == ["address_proof", "appointments", "articles", "name_notice"]


def test_what_is_wrong_is_told_by_field_and_slot(speaker, version):
    body = application(version)
    first = body["files"][0]["slot"]
    body["answers"] |= {"company_address": None, "colour": "red"}
    body["files"] = [one for one in body["files"] if one["slot"] != first] + [picture("moon")]
    answer = speaker.post(f"bundles/{COMPANY}/applications", body)
    fields = {one["field"] for one in answer.json()["errors"]}
    assert (answer.status_code, fields) == (
        422,
        {"answers.company_address.region", "answers.colour", "file.moon", f"file.{first}"},
    )
    assert (Bundle.objects.count(), Case.objects.count()) == (0, 0)
    nowhere = speaker.post(f"bundles/{COMPANY}/applications", application(version, region="620982000000"), once="b")
    assert [one["field"] for one in nowhere.json()["errors"]] == ["region"]


def test_promises_are_signed_by_item_and_papers_follow(client):
    people.make_types()
    version = make_version(CHILD)
    card = "social-security-card"
    speaker = Speaker(
        client, make_key(department=people.make_department("yumen-police"), region_code=make.YUMEN, everywhere=True)
    )
    without, path = ((card, "portrait"),), f"bundles/{CHILD}/applications"
    refused = speaker.post(path, application(version, without=without))
    assert [one["field"] for one in refused.json()["errors"]] == ["signed"]
    strange = speaker.post(path, application(version, without=without, signed=["deferral:moon"]), once="b")
    assert [one["field"] for one in strange.json()["errors"]] == ["signed"]
    done = speaker.post(path, application(version, without=without, signed=[f"deferral:{card}"]), once="c")
    assert (done.status_code, BundlePromise.objects.get().part.item) == (201, card), done.json()
    bundle = Bundle.objects.get()
    settle(case_of(bundle, "birth-registration"))
    case = case_of(bundle, card)
    operations.accept(case, by=make.BY)
    photo = {"slot": "portrait", "name": "a.jpg", "content": base64.b64encode(documents.make_image(seed=5)).decode()}
    wrong = speaker.post(f"cases/{case.number}/materials", {"files": [photo | {"slot": "moon"}]}, once="d")
    assert wrong.status_code == 422
    came = speaker.post(f"cases/{case.number}/materials", {"files": [photo]}, once="e")
    assert (came.status_code, case.deferred.get().handed_at is not None) == (201, True), came.json()


@pytest.mark.parametrize(
    ("verbs", "everywhere", "reads", "applies"),
    [(ALL, True, 1, 201), (("items.view",), True, 1, 403), (("cases.submit",), True, 403, 201),
     (("cases.view",), True, 403, 403), (ALL, False, 0, 422)],
)  # fmt: skip
def test_a_key_needs_its_right_at_every_office(client, version, verbs, everywhere, reads, applies):
    office = Department.objects.get(key="yumen-market")
    speaker = Speaker(client, make_key(*verbs, department=office, region_code=make.YUMEN, everywhere=everywhere))
    listed = speaker.get("bundles")
    assert (len(listed.json()["items"]) if listed.status_code == 200 else listed.status_code) == reads
    assert speaker.post(f"bundles/{COMPANY}/applications", application(version)).status_code == applies


def test_a_forgotten_key_with_another_application_is_another_application(speaker, version):
    body = application(version)
    first = speaker.post(f"bundles/{COMPANY}/applications", body).json()["number"]
    ApiCall.objects.all().delete()  # as `forget_calls` does after thirty days
    assert speaker.post(f"bundles/{COMPANY}/applications", body).json()["number"] == first
    ApiCall.objects.all().delete()
    body["applicant"] |= {"number": (other := people.resident_number()), "name": "何别人"}
    body["answers"] |= {"applicant_identity": other}
    answer = speaker.post(f"bundles/{COMPANY}/applications", body)
    assert (answer.status_code, answer.json()["number"] != first) == (201, True)


def test_another_system_sees_nothing_of_it(client, speaker, version):
    number = speaker.post(f"bundles/{COMPANY}/applications", application(version)).json()["number"]
    other = Speaker(client, key_for_all("cases.submit", name="别的系统"))
    assert other.get(f"bundle-applications/{number}").status_code == 404
    assert other.get(f"cases/{case_of(Bundle.objects.get(), NAME).number}").status_code == 404
    assert speaker.get(f"bundle-applications/{number}").status_code == 200
