"""The Open311 server: what everybody reads, what a key sends, what is refused and how it is said."""

from datetime import timedelta
from unittest import mock

import pytest
from django.urls import reverse

from hexi.blocks.notices.queries import talks
from hexi.blocks.people import keys
from hexi.domains.livelihood.requests import operations, options
from hexi.domains.livelihood.requests.models import Request
from hexi.domains.livelihood.requests.tests import make
from hexi.kernel import clock
from hexi.kernel.options import override
from hexi.wire import open311 as wire

pytestmark = pytest.mark.django_db
BOTH = pytest.mark.parametrize("form", ["json", "xml"])
REQUESTS = "/open311/v2/requests"


def make_key(verbs=("requests.intake",), **facts):
    """The text of a key of the hotline's."""
    given = {"department": make.make_hotline().department, "verbs": verbs, "by": make.BY}
    return keys.make("小镇客户端", **(given | facts))[1]


def sent(**facts):
    return {"service_code": make.LAMP, "lat": "40.35", "long": "97.1", "description": "路灯不亮三天了"} | facts


def post(client, key, form="json", **facts):
    return client.post(f"{REQUESTS}.{form}", {"api_key": key, **sent(**facts)})


def refused(answer, form="json"):
    """(status, description) where both places say the same code."""
    ((code, description),) = wire.read_errors(answer.content, form)
    assert code == answer.status_code
    return code, description


# --- reading ----------------------------------------------------------------------------------------------------------
@BOTH
def test_what_the_server_says_of_itself(client, form):
    answer = client.get(f"/open311/discovery.{form}")
    (endpoint,) = wire.read_one(answer.content, wire.Discovery, form).endpoints
    assert (answer["Content-Type"], endpoint.url) == (wire.MEDIA[form], "http://localhost:8000/open311/v2")


@BOTH
def test_services_are_the_classes_of_the_last_level(client, form):
    make.make_rules()
    services = {one.service_code: one for one in wire.read(
        client.get(f"/open311/v2/services.{form}").content, wire.Service, form)}  # fmt: skip
    assert services[make.LAMP] == wire.Service(
        make.LAMP, "路灯", "城乡建设与市政 · 道路和路灯 · 路灯", True, "realtime", "路灯不亮,路灯坏了", "城乡建设与市政"
    )
    assert "01" not in services
    assert "0102" not in services
    answer = client.get(f"/open311/v2/services/{make.LAMP}.{form}")
    definition = wire.read_one(answer.content, wire.Definition, form)
    assert [one.code for one in definition.attributes] == ["type", "happened_at", "secret", "publish"]
    assert [one.key for one in definition.attributes[0].values][:3] == ["ask", "help", "complain"]


def test_services_speak_english(client):
    make.make_rules()
    answer = client.get("/open311/v2/services.json", headers={"accept-language": "en"})
    assert "Street lamps" in {one.service_name for one in wire.read(answer.content, wire.Service, "json")}


@BOTH
def test_an_order_as_everybody_reads_it(client, form):
    """Its class, place and state; not the words, the name, the phone or the door."""
    order = make.make_dispatched(
        lat=40.351234, lon=97.101234, address="幸福里 3 号楼 2 单元 501", name="石建国", phone="13912345678",
        subject=make.LAMP,
    )  # fmt: skip
    answer = client.get(f"{REQUESTS}/{order.case.number}.{form}")
    (shown,) = wire.read(answer.content, wire.Request, form)
    assert (shown.status, shown.service_code, shown.description) == ("open", make.LAMP, "路灯")
    assert (shown.lat, shown.long, shown.address_id) == (40.351, 97.101, make.VILLAGE)
    assert shown.agency_responsible == "玉门市住房和城乡建设局"
    said = answer.content.decode()
    assert [one for one in ("石建国", "13912345678", "501", "老人", "40.3512") if one in said] == []
    assert wire.read(client.get(f"{REQUESTS}.{form}").content, wire.Request, form) == [shown]


@BOTH
def test_published_words_are_read(client, form):
    order = make.make_answered(subject=make.LAMP)
    operations.publish(order, text="路灯不亮", answer="已经修好", by=make.BY)
    (shown,) = wire.read(client.get(f"{REQUESTS}/{order.case.number}.{form}").content, wire.Request, form)
    assert (shown.description, shown.status_notes) == ("路灯不亮", "已经修好")


@BOTH
def test_a_secret_order_is_not_found_anywhere(client, form):
    order = make.make_dispatched(secret=True, type="report")
    number = order.case.number
    assert wire.read(client.get(f"{REQUESTS}.{form}").content, wire.Request, form) == []
    assert wire.read(client.get(f"{REQUESTS}.{form}", {"service_request_id": number}).content, wire.Request, form) == []
    assert refused(client.get(f"{REQUESTS}/{number}.{form}"), form)[0] == 404
    assert refused(client.get(f"/open311/v2/tokens/{number}.{form}"), form)[0] == 404
    told = client.get(f"/open311/v2/servicerequestupdates.{form}", {"service_request_id": number})
    assert wire.read(told.content, wire.Update, form) == []


def numbers(client, **given):
    answer = client.get(f"{REQUESTS}.json", given)
    return [one.service_request_id for one in wire.read(answer.content, wire.Request, "json")]


def test_searching_by_state_class_and_time(client):
    day = timedelta(days=1)
    old = make.make_request(at=clock.now() - 100 * day).case.number
    lamp = make.make_request(subject=make.LAMP).case.number
    done = make.make_closed(make.make_request()).case.number
    assert numbers(client) == [done, lamp]
    assert numbers(client, status="open") == [lamp]
    assert numbers(client, status="closed") == [done]
    assert numbers(client, status="open,closed") == [done, lamp]
    assert numbers(client, service_code=make.WATER) == []
    assert numbers(client, service_request_id=f"{old},{lamp}") == [lamp, old]
    start, end = clock.now() - 120 * day, clock.now() - 60 * day
    assert numbers(client, start_date=start.isoformat(), end_date=end.isoformat()) == [old]
    assert numbers(client, page=2, page_size=1) == [lamp]
    assert numbers(client, jurisdiction_id=make.YUMEN) == [done, lamp]


def test_a_list_takes_as_many_queries_for_three_as_for_one(client, django_assert_max_num_queries):
    make.make_request()
    for _round in range(2):
        with django_assert_max_num_queries(4):
            numbers(client)
        make.make_request()
        make.make_request()


@pytest.mark.parametrize(("path", "status"), [
    ("requests.json?status=fixed", 400), ("requests.json?start_date=x", 400), ("requests.json?page=%00", 400),
    ("requests.json?start_date=2026-01-01T00:00:00Z&end_date=2026-07-01T00:00:00Z", 400),
    ("requests.json?jurisdiction_id=nowhere", 404), ("requests/H1.json", 404), ("requests/%00.json", 400),
    ("services/999999.json", 404), ("services/0102.json", 404), ("tokens/x.json", 404),
    ("services.json?jurisdiction_id=1", 404), ("servicerequestupdates.json?end_date=1", 400),
])  # fmt: skip
def test_what_is_refused_by_the_specification(client, path, status):
    make.make_rules()
    assert refused(client.get(f"/open311/v2/{path}"))[0] == status


def test_a_format_we_do_not_have(client):
    assert refused(client.get("/open311/v2/services.yaml"), "xml")[0] == 404


def test_another_method(client):
    assert refused(client.delete(f"{REQUESTS}.json"))[0] == 405


# --- sending ----------------------------------------------------------------------------------------------------------
@BOTH
def test_a_key_hands_in_an_order(client, form):
    answer = post(
        client, make_key(), form, email="shi@example.org", first_name="建国", last_name="石", phone="13900000001",
        address_id=make.VILLAGE, address_string="村口", **{"attribute[type]": "complain"},
    )  # fmt: skip
    (receipt,) = wire.read(answer.content, wire.Receipt, form)
    order = Request.objects.get(case__number=receipt.service_request_id)
    assert answer.status_code == 201
    assert (order.type, order.case.subject, order.case.channel, order.place_code) == (
        "complain", make.LAMP, "open311", make.VILLAGE)  # fmt: skip
    assert order.contact == {"name": "石建国", "phone": "13900000001", "mail": "shi@example.org"}
    assert (str(order.lat), order.address, order.text) == ("40.350000", "村口", "路灯不亮三天了")
    assert order.case.events.get().actor_name == "玉门市 12345 热线中心 小镇客户端"
    token = client.get(f"/open311/v2/tokens/{receipt.service_request_id}.{form}")
    assert wire.read(token.content, wire.Receipt, form)[0].service_request_id == receipt.service_request_id


def test_the_same_post_again_is_one_order(client):
    key = make_key()
    first, again = post(client, key), post(client, key)
    assert first.json() == again.json()
    assert Request.objects.count() == 1
    assert post(client, key, description="路灯又不亮了，换了一盏").json() != first.json()
    assert Request.objects.count() == 2


def test_the_same_post_over_midnight_is_one_order_and_two_days_later_another(client):
    key = make_key()
    night = clock.now().astimezone(clock.CHINA).replace(hour=23, minute=59)
    for hours, expected in ((0, 1), (1, 1), (20, 1), (48, 2)):
        with clock.told_at(night + timedelta(hours=hours)):
            assert post(client, key).status_code == 201
        assert Request.objects.count() == expected


def test_a_secret_caller_stays_unknown(client):
    number = post(client, make_key(), device_id="phone-7", **{"attribute[secret]": "yes"}).json()[0][
        "service_request_id"
    ]
    order = Request.objects.get(case__number=number)
    assert (order.secret, order.source_ref, order.case.applicant_name) == (True, "", "保密")
    assert numbers(client) == []


def test_an_emergency_is_named_in_the_notice(client):
    answer = post(client, make_key(), description="楼上着火了，有人被困").json()
    assert "119" in answer[0]["service_notice"]


@BOTH
@pytest.mark.parametrize("key", ["", "wrong", "hexi_000000000000_" + "x" * 43, "hexi_\u0130_x"])
def test_a_wrong_key(client, key, form):
    make.make_rules()
    assert refused(post(client, key, form), form)[0] == 403
    assert Request.objects.count() == 0


def test_a_key_without_the_right_or_of_another_office(client):
    assert refused(post(client, make_key(verbs=["cases.view"])))[0] == 403
    other = make_key(department=make.make_office())
    assert refused(post(client, other))[0] == 403
    assert Request.objects.count() == 0


@pytest.mark.parametrize(("wrong", "status", "said"), [
    ({"service_code": ""}, 400, "service_code"), ({"service_code": "999999"}, 404, "service_code"),
    ({"lat": "95"}, 400, "lat"), ({"lat": "30.65", "long": "104.06"}, 400, "point"),
    ({"lat": "", "long": ""}, 400, "location"), ({"address_id": "1"}, 400, "place"),
    ({"phone": "12"}, 400, "phone"), ({"description": "x" * 4001}, 400, "description"),
    ({"attribute[type]": "other"}, 400, "type"), ({"attribute[secret]": "maybe"}, 400, "secret"),
    ({"attribute[happened_at]": "yesterday"}, 400, "happened_at"), ({"jurisdiction_id": "1"}, 404, "jurisdiction_id"),
    ({"description": "a\0b"}, 400, "NUL"),
])  # fmt: skip
def test_what_is_wrong_is_said(client, wrong, status, said):
    code, description = refused(post(client, make_key(), **wrong))
    assert (code, said in description) == (status, True)
    assert Request.objects.count() == 0


def test_html_stays_text(client):
    post(client, make_key(), description="<script>alert(1)</script>路灯")
    assert Request.objects.get().text == "<script>alert(1)</script>路灯"


def test_a_key_may_not_flood(client):
    key = make_key()
    with override(options.OPEN311_PER_MINUTE, 2), mock.patch("time.time", return_value=0):
        codes = [post(client, key, description=f"路灯不亮 {n}").status_code for n in range(3)]
    assert codes == [201, 201, 429]


def test_a_body_too_large(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    assert refused(post(client, "x", description="x" * 200))[0] == 413


# --- updates ----------------------------------------------------------------------------------------------------------
@BOTH
def test_what_happened_to_an_order(client, form):
    order = make.make_closed()
    answer = client.get(f"/open311/v2/servicerequestupdates.{form}", {"service_request_id": order.case.number})
    told = wire.read(answer.content, wire.Update, form)
    assert [one.status for one in told] == ["closed", "open", "open", "open"]
    assert [one.description for one in told] == ["评价", "答复", "派单", "收到诉求"]
    assert "三盏灯" not in answer.content.decode()


def update(client, key, order, form="json", **facts):
    given = {"api_key": key, "service_request_id": order.case.number, "update_id": "u-1", "description": "又坏了"}
    return client.post(f"/open311/v2/servicerequestupdates.{form}", given | facts)


def lines(order):
    return [line.text for said in talks(order.case).values() for line in said]


@BOTH
def test_an_update_is_a_line_in_the_talk_once(client, form):
    key, order = make_key(), make.make_dispatched()
    first, again = update(client, key, order, form), update(client, key, order, form)
    assert (first.status_code, first.content) == (201, again.content)
    assert wire.read(first.content, wire.Update, form)[0].status == "open"
    assert lines(order) == ["又坏了"]


def test_an_update_takes_a_closed_order_up_again(client):
    key, order = make_key(), make.make_closed()
    assert update(client, key, order, status="open").json()[0]["status"] == "open"
    assert update(client, key, order, status="open").status_code == 201
    assert (make.fresh(order).case.state, make.fresh(order).reopened) == ("handling", 1)


def test_an_update_that_is_refused(client):
    key, order = make_key(), make.make_dispatched()
    secret = make.make_dispatched(secret=True, type="report")
    assert refused(update(client, "no", order))[0] == 403
    assert refused(update(client, key, secret))[0] == 404
    assert refused(update(client, key, order, service_request_id="H0"))[0] == 404
    assert refused(update(client, key, order, description=""))[0] == 400
    assert refused(update(client, key, order, status="done"))[0] == 400
    assert lines(order) == []


def test_addresses_have_names():
    assert reverse("requests.service_requests", args=["json"]) == f"{REQUESTS}.json"
