"""The hall's JSON endpoints, over HTTP: what a key sees, applying once, mending, decision, certificate, errors."""

import base64
import json
from datetime import timedelta
from typing import get_args

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from hexi.blocks.audit.models import Entry
from hexi.blocks.cases import entry, jobs, operations
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import Case, Clock
from hexi.blocks.cases.shapes import ClockLine
from hexi.blocks.cases.tests.make import ANSWERS, BY, fresh, make_case, make_item
from hexi.blocks.documents import queries as papers
from hexi.blocks.documents.models import Document
from hexi.blocks.documents.tests import make as pictures
from hexi.blocks.people import keys
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.tests import make as regions
from hexi.kernel import clock
from hexi.kernel.options import override
from hexi.site import api as site

pytestmark = pytest.mark.django_db
ALL = ("items.view", "cases.submit", "cases.view", "certificates.view")
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def make_key(*verbs, department=None, name="水权系统", **facts):
    """The text of a key with these rights (all), for the department of the item unless given."""
    department = department or make_item().department
    return keys.make(name, department=department, verbs=verbs or ALL, by=BY, **facts)[1]


class Speaker:
    """A client that speaks by a key."""

    def __init__(self, client, key, language="zh-hans"):
        self.client, self.headers = client, {"authorization": f"Bearer {key}", "accept-language": language}

    def get(self, path, **headers):
        return self.client.get(f"/api/v1/{path}", headers={**self.headers, **headers})

    def post(self, path, body, once="once-1", **headers):
        sent = {**self.headers, **({"idempotency-key": once} if once else {}), **headers}
        return self.client.post(f"/api/v1/{path}", json.dumps(body), content_type="application/json", headers=sent)


@pytest.fixture
def item():
    return make_item()


@pytest.fixture
def speaker(client, item):
    people.make_types()
    regions.make_divisions()
    return Speaker(client, make_key())


def picture(slot, name="a.png"):
    return {"slot": slot, "name": name, "content": base64.b64encode(PNG).decode()}


def application(item, **more):
    """A whole application for the sample item: answers and every file it asks for."""
    number = people.resident_number()
    slots = [picture(slot) for slot in needed(item)]
    who = {"number": more.pop("number", number), "name": "石建国", "phone": "10000001234"}
    answers = {**ANSWERS, "applicant_identity": number}
    return {"item": item.pk, "applicant": who, "answers": answers, "files": slots, **more}


def needed(item):
    """The places without which the sample answers cannot be handed in."""
    from hexi.blocks.forms.conditions import holds

    national = definition(item.version).national
    look = {**ANSWERS, "applicant": "person"}.get
    shown = [one.key for one in national.slots() if holds(one.when, look)]
    return [key for key in shown if national.material(key).need != "optional"]


# --- who speaks ---------------------------------------------------------------------------------------------------------
def test_without_a_key_nothing_is_said(client, item):
    answer = client.get("/api/v1/items")
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert answer["WWW-Authenticate"] == 'Bearer realm="hexi"'
    assert answer.json()["title"] == "密钥无效"


def test_errors_follow_the_language(client, item):
    answer = Speaker(client, "wrong", "en").get("items").json()
    assert (answer["title"], answer["status"]) == ("The key is not valid", 401)


def test_a_withdrawn_or_expired_key_is_refused(client, item):
    key, text = keys.make("甲", department=item.department, verbs=ALL, by=BY, expires=clock.today())
    assert Speaker(client, text).get("items").status_code == 200
    with clock.told_at(clock.now() + timedelta(days=1)):
        assert Speaker(client, text).get("items").status_code == 401
    keys.withdraw(key, by=BY)
    assert Speaker(client, text).get("items").status_code == 401


def test_requests_are_counted(speaker):
    with override(site.PER_MINUTE, 3), clock.told_at(clock.now()):
        answers = [speaker.get("items") for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert 1 <= int(answers[-1]["Retry-After"]) <= 60


def test_an_unknown_address_and_a_wrong_method_are_problems(speaker):
    assert speaker.get("nothing").json()["type"] == "urn:hexi:problem:not-found"
    wrong = speaker.post("items", {})
    assert (wrong.status_code, wrong["Allow"], wrong.json()["type"]) == (405, "GET", "urn:hexi:problem:method")


# --- the catalogue ------------------------------------------------------------------------------------------------------
def test_the_catalogue_has_every_element(speaker, item):
    (line,) = speaker.get("items").json()["items"]
    full = speaker.get(f"items/{line['id']}").json()
    assert (line["key"], line["online"], len(line["task_code"])) == ("tree-felling", True, 31)
    assert full["elements"]["TASK_NAME"]["zh"] == item.title
    assert full["elements"]["TASK_CODE"] == line["task_code"]
    assert full["elements"]["DEPT_CODE"] == item.department.uscc
    assert {one["key"] for one in full["slots"]} >= set(needed(item))
    assert len(full["elements"]["MATERIAL"]) == len(item.version.national["materials"])
    assert full["form"]["sections"][0]["fields"][0]["key"] == "applicant_name"


def test_what_has_not_changed_is_not_sent_again(speaker, item):
    first = speaker.get(f"items/{item.pk}")
    again = speaker.get(f"items/{item.pk}", **{"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert speaker.get(f"items/{item.pk}", **{"if-none-match": '"other"'}).status_code == 200


# --- applying -----------------------------------------------------------------------------------------------------------
def test_one_call_applies(speaker, item):
    answer = speaker.post("cases", application(item))
    assert answer.status_code == 201, answer.json()
    case = Case.objects.get(number=answer.json()["number"])
    assert (case.state, case.channel, case.applicant_name) == ("submitted", "api", "石建国")
    assert set(papers.by_slot("cases.case", str(case.pk))) == set(needed(item))
    assert not Document.objects.filter(of_kind="cases.entry").exists()
    assert Entry.objects.filter(verb="cases.submit", actor_name__endswith="水权系统").count() == 1


def test_files_may_come_as_multipart(speaker, item):
    body = application(item)
    files = {one["slot"]: SimpleUploadedFile(one["name"], PNG, "image/png") for one in body.pop("files")}
    answer = speaker.client.post(
        "/api/v1/cases/form", {"application": json.dumps(body), **files},
        headers={**speaker.headers, "idempotency-key": "form-1"},
    )  # fmt: skip
    assert answer.status_code == 201, answer.json()
    case = Case.objects.get(number=answer.json()["number"])
    assert papers.of_thing("cases.case", str(case.pk)).count() == len(files)


def test_the_same_request_again_is_the_same_case(speaker, item):
    body = application(item)
    first, second = speaker.post("cases", body), speaker.post("cases", body)
    assert first.json() == second.json()
    assert (second.status_code, Case.objects.count()) == (201, 1)


def test_the_same_idempotency_key_with_another_body_is_a_conflict(speaker, item):
    body = application(item)
    speaker.post("cases", body)
    other = speaker.post("cases", {**body, "answers": {**body["answers"], "species": "柳树"}})
    assert (other.status_code, other.json()["errors"][0]["field"]) == (409, "Idempotency-Key")
    assert Case.objects.count() == 1


def test_an_idempotency_key_is_needed(speaker, item):
    answer = speaker.post("cases", application(item), once="")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "Idempotency-Key")


def test_every_fault_is_named_at_once_and_nothing_is_kept(speaker, item):
    body = application(item, files=[])
    body["answers"] |= {"trees": "很多", "colour": "red"}
    answer = speaker.post("cases", body)
    fields = {one["field"] for one in answer.json()["errors"]}
    assert answer.status_code == 422
    slots = [slot for slot in needed(item) if slot != "title_proof"]  # that one may be promised
    assert {"answers.trees", "answers.colour", *(f"file.{slot}" for slot in slots)} == fields
    assert Case.objects.count() == 0


def test_nothing_is_handed_in_for_whom_an_account_only_says_to_be(speaker, item):
    number = people.resident_number()
    account = people.make_citizen(name="石建国", number=number)
    answer = speaker.post("cases", application(item, number=number))
    assert [one["field"] for one in answer.json()["errors"]] == ["applicant.number"]
    assert (answer.status_code, Case.objects.count()) == (422, 0)
    people.verify(account.person)
    assert speaker.post("cases", application(item, number=number), "once-2").status_code == 201


def test_a_wrong_number_of_the_applicant_is_told_by_its_field(speaker, item):
    answer = speaker.post("cases", application(item, number="62999919600101"))
    assert [one["field"] for one in answer.json()["errors"]] == ["applicant.number"]


def test_a_file_that_is_none_is_told_by_its_slot(speaker, item):
    body = application(item)
    body["files"][0]["content"] = base64.b64encode(b"MZ no picture").decode()
    answer = speaker.post("cases", body)
    assert answer.status_code == 422, answer.json()
    assert [one["field"] for one in answer.json()["errors"]] == [f"file.{body['files'][0]['slot']}"]
    assert Case.objects.count() == 0


def test_names_nobody_knows_are_refused_in_english_too(client, item):
    people.make_types()
    speaker = Speaker(client, make_key(), "en")
    answer = speaker.post("cases", {**application(item), "colour": "red"})
    assert answer.status_code == 422
    assert "Remove it or rename it" in answer.json()["detail"]


def test_a_wrong_paper_and_an_expired_one_are_hinted_at_and_taken(speaker, item):
    body = application(item)
    slots = {one.key: one for one in definition(item.version).national.slots()}
    slot = next(one["slot"] for one in body["files"] if slots[one["slot"]].wanted_words)
    paper = base64.b64encode(pictures.make_text_pdf("营业执照 有效期至 2020年1月1日")).decode()
    body["files"] = [one for one in body["files"] if one["slot"] != slot]
    body["files"].append({"slot": slot, "name": "a.pdf", "content": paper})
    said = speaker.post("cases", body).json()
    hints = [one["hint"] for one in said["hints"] if one["slot"] == slot]
    assert (len(hints), "有效期到 2020-01-01" in hints[0], "没有找到" in hints[1]) == (2, True, True)
    document = papers.of_thing("cases.case", str(Case.objects.get().pk), slot).get()
    assert [one["key"] for one in document.doubts] == ["expired", "wrong"]


def test_files_of_a_call_cut_off_in_the_middle_are_taken_away_a_day_later(speaker, item):
    key = keys.spoken_by(speaker.headers["authorization"].split()[1])
    filing, owner = entry.Filing(key), people.make_person()
    filing.store([entry.Given("photos", "a.png", PNG)], owner, {"photos": entry.Room(1)})
    assert (jobs.drop_left(), papers.of_thing(*filing.source).count()) == (0, 1)
    with clock.told_at(clock.now() + timedelta(days=2)):
        assert (jobs.drop_left(), jobs.drop_left()) == (1, 0)
    assert papers.of_thing(*filing.source).count() == 0


# --- the life of a case -------------------------------------------------------------------------------------------------
def applied(speaker, item):
    answer = speaker.post("cases", application(item))
    return Case.objects.get(number=answer.json()["number"])


def test_what_the_office_asks_for_is_handed_in(speaker, item):
    case = applied(speaker, item)
    slot = needed(item)[0]
    operations.ask_correction(case, points={"species": "写清树种", slot: "照片不清楚"}, by=BY)
    seen = speaker.get(f"cases/{case.number}").json()
    assert (seen["state"], [one["point"] for one in seen["asked"]]) == ("correcting", ["species", slot])
    body = {"answers": {"species": "新疆杨"}, "files": [picture(slot, "b.png")]}
    answer = speaker.post(f"cases/{case.number}/supplements", body, once="mend-1")
    assert (answer.status_code, answer.json()["state"]) == (201, "submitted")
    assert fresh(case).answers["species"] == "新疆杨"
    again = speaker.post(f"cases/{case.number}/supplements", body, once="mend-1")
    assert again.json() == answer.json()
    late = speaker.post(f"cases/{case.number}/supplements", body, once="mend-2")
    assert (late.status_code, late.json()["detail"]) == (422, "这件办件现在不需要补充。")


def test_only_the_system_that_applied_may_mend(client, speaker, item):
    case = applied(speaker, item)
    operations.ask_correction(case, points={"species": "写清树种"}, by=BY)
    other = Speaker(client, make_key(name="别的系统"))
    answer = other.post(f"cases/{case.number}/supplements", {"answers": {"species": "杨"}})
    assert (answer.status_code, fresh(case).state) == (403, "correcting")


def test_decision_and_certificate(speaker, item):
    case = applied(speaker, item)
    assert speaker.get(f"cases/{case.number}/decision").status_code == 404
    operations.accept(case, by=BY)
    while fresh(case).state in ("examining", "reviewing"):
        do = operations.examine if fresh(case).state == "examining" else operations.review
        do(fresh(case), by=BY, opinion="可以")
    operations.grant(fresh(case), by=BY)
    operations.certify(fresh(case), by=BY)
    decision = speaker.get(f"cases/{case.number}/decision").json()
    assert (decision["outcome"], decision["letter"]["kind"]) == ("granted", "granted")
    assert speaker.get(f"cases/{case.number}/decision.pdf").content.startswith(b"%PDF")
    record = speaker.get(f"cases/{case.number}/certificate").json()
    assert (record["identifier"], record["state"]) == (fresh(case).certificate_ref, "01")
    pdf = speaker.get(f"cases/{case.number}/certificate.pdf")
    assert (pdf["Content-Type"], pdf.content[:4]) == ("application/pdf", b"%PDF")
    assert speaker.get(f"cases/{case.number}/certificate.pdf", **{"if-none-match": pdf["ETag"]}).status_code == 304
    whole = speaker.get(f"cases/{case.number}?expand=events,item,certificate").json()
    assert (whole["certificate"], whole["item_full"]["key"]) == (record, "tree-felling")
    assert [one["action"] for one in whole["events"]][:2] == ["submit", "accept"]


def test_every_clock_is_told_that_of_a_special_procedure_too(speaker, item):
    assert set(get_args(ClockLine.model_fields["kind"].annotation)) == set(Clock.Kind.values)
    case = applied(speaker, item)
    operations.accept(case, by=BY)
    operations.pause(fresh(case), procedure="testing", planned_days=5, by=BY, opinion="送检")
    told = {one["kind"]: one["due"] is None for one in speaker.get(f"cases/{case.number}").json()["clocks"]}
    assert told == {"notice": False, "legal": True, "promised": True, "special": False}


def test_a_look_is_on_record_for_the_applicant(speaker, item):
    case = applied(speaker, item)
    speaker.get(f"cases/{case.number}")
    (entry,) = Entry.objects.filter(verb="look", about_person=case.applicant_id, kind="cases.case")
    assert (entry.actor_name, entry.facts["purpose"]) == (
        f"{item.department.name} 水权系统",
        f"接口查询办件 {case.title}",
    )


# --- lists --------------------------------------------------------------------------------------------------------------
def test_pages_go_on_by_cursor_and_do_not_shift(speaker, item):
    numbers = [make_case(item).number for _ in range(5)]
    first = speaker.get("cases?limit=2&count=true").json()
    make_case(item)  # meanwhile
    second = speaker.get(f"cases?limit=2&cursor={first['next']}").json()
    third = speaker.get(f"cases?limit=2&cursor={second['next']}").json()
    got = [one["number"] for page in (first, second, third) for one in page["items"]]
    assert (got, first["total"], third["next"]) == (numbers[::-1], 5, None)
    assert speaker.get("cases?cursor=!!").json()["errors"][0]["field"] == "cursor"


@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_takes_a_fixed_number_of_queries(speaker, item, rows, django_assert_num_queries):
    for _ in range(rows):
        make_case(item)
    speaker.get("cases")
    with django_assert_num_queries(3):  # the key, its count, the cases
        assert len(speaker.get("cases").json()["items"]) == rows


def test_search_finds_by_applicant_and_number(speaker, item):
    case = make_case(item, applicant=people.make_person("安小满"))
    make_case(item, applicant=people.make_person("王大山"))
    found = speaker.get("cases?q=安小满&count=true").json()
    assert ([one["number"] for one in found["items"]], found["total"]) == ([case.number], 1)
    assert found["items"][0]["applicant"] == "安**"
    assert speaker.get(f"cases?q={case.number}").json()["items"][0]["number"] == case.number
    assert speaker.get("cases?state=closed").json()["items"] == []


# --- rights: every endpoint for every key -------------------------------------------------------------------------------
@pytest.fixture
def two_offices(item):
    """A case at the item's office, decided and certified; and another department of another county."""
    case = make_case(item)
    operations.accept(case, by=BY)
    while fresh(case).state in ("examining", "reviewing"):
        do = operations.examine if fresh(case).state == "examining" else operations.review
        do(fresh(case), by=BY, opinion="可以")
    operations.grant(fresh(case), by=BY)
    operations.certify(fresh(case), by=BY)
    return item, fresh(case), people.make_department("dunhuang-water", "620982000000")


ENDPOINTS = ("items", "items/{item}", "cases", "cases?q=石建国", "cases?count=true", "cases/{number}",
             "cases/{number}/decision", "cases/{number}/certificate", "cases/{number}/certificate.pdf")  # fmt: skip
#: right → what each endpoint answers: a status, or how many are in the list
MATRIX = {
    ("items.view",): (1, 200, 403, 403, 403, 403, 403, 403, 403),
    ("cases.submit",): (403, 403, 0, 0, 0, 404, 404, 403, 403),
    ("cases.view",): (403, 403, 1, 1, 1, 200, 200, 403, 403),
    ("certificates.view",): (403, 403, 403, 403, 403, 403, 403, 403, 403),
    ("cases.view", "certificates.view"): (403, 403, 1, 1, 1, 200, 200, 200, 200),
    ALL: (1, 200, 1, 1, 1, 200, 200, 200, 200),
}


def asked(speaker, endpoint, item, case):
    answer = speaker.get(endpoint.format(item=item.pk, number=case.number))
    if answer.status_code != 200 or "items" not in (said := _json(answer)):
        return answer.status_code
    assert said["total"] in (None, len(said["items"]))
    return len(said["items"])


def _json(answer):
    return answer.json() if "json" in answer["Content-Type"] else {}


@pytest.mark.parametrize("verbs", MATRIX, ids=lambda verbs: "+".join(verbs))
def test_a_key_sees_what_its_rights_give(client, two_offices, verbs):
    item, case, _other = two_offices
    speaker = Speaker(client, make_key(*verbs))
    assert tuple(asked(speaker, one, item, case) for one in ENDPOINTS) == MATRIX[verbs]


def test_a_key_of_another_office_sees_nothing(client, two_offices):
    item, case, other = two_offices
    speaker = Speaker(client, make_key(department=other))
    seen = tuple(asked(speaker, one, item, case) for one in ENDPOINTS)
    assert seen == (0, 404, 0, 0, 0, 404, 404, 404, 404)


def test_expansions_show_only_what_the_rights_give(client, two_offices):
    _item, case, _other = two_offices
    speaker = Speaker(client, make_key("cases.view"))
    whole = speaker.get(f"cases/{case.number}?expand=item,certificate").json()
    assert (whole["item_full"], whole["certificate"]) == (None, None)
    assert speaker.get(f"cases/{case.number}?expand=answers").json()["errors"][0]["field"] == "expand"


@pytest.mark.parametrize("verbs", [("items.view",), ("cases.view",), ("certificates.view",)])
def test_who_may_only_read_cannot_apply(client, item, verbs):
    people.make_types()
    answer = Speaker(client, make_key(*verbs)).post("cases", application(item))
    assert (answer.status_code, Case.objects.count()) == (403, 0)


def test_no_application_to_another_office(client, item):
    people.make_types()
    speaker = Speaker(client, make_key(department=people.make_department("dunhuang-water", "620982000000")))
    answer = speaker.post("cases", application(item))
    assert (answer.status_code, answer.json()["errors"][0]["field"], Case.objects.count()) == (422, "item", 0)


# --- what is written about it -------------------------------------------------------------------------------------------
def test_the_schema_is_public_and_of_version_3_1(client):
    schema = client.get("/api/v1/openapi.json").json()
    assert schema["openapi"] == "3.1.0"
    assert "application/problem+json" in schema["paths"]["/api/v1/cases"]["post"]["responses"]["4XX"]["content"]


def test_the_page_shows_every_endpoint_without_scripts_of_others(client):
    page = client.get("/api/v1/").content.decode()
    for address in client.get("/api/v1/openapi.json").json()["paths"]:
        assert address in page
    assert "https://cdn" not in page
