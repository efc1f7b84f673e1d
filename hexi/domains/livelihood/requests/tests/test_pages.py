"""Pages at the portal and the workbench: a report written screen by screen, the order's page, lists of fixed cost."""

import io
from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from hexi.blocks.documents.tests.make import make_image
from hexi.blocks.regions import queries as regions
from hexi.domains.livelihood.requests import callers, definitions, operations, options, picture, queries, rates
from hexi.domains.livelihood.requests.models import Report, Request, Subject
from hexi.domains.livelihood.requests.states import State
from hexi.domains.livelihood.requests.tests import make
from hexi.kernel import clock
from hexi.kernel.options import override

pytestmark = pytest.mark.django_db
TEXT = "村口路灯不亮三天了，晚上看不见路。"


@pytest.fixture(autouse=True)
def hotline():
    return make.make_hotline()


def with_place(lat=(40, 21, 0.0), lon=(97, 6, 0.0), taken="2026:11:20 19:30:00") -> bytes:
    """A phone's picture."""
    exif = Image.Exif()
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", lat, "E", lon
    exif.get_ifd(0x8769)[0x9003] = taken
    exif[0x010F] = "SecretCamera"
    made = io.BytesIO()
    Image.open(io.BytesIO(make_image())).save(made, "JPEG", exif=exif)
    return made.getvalue()


def begin(client) -> Report:
    client.post(reverse("requests.new"))
    return Report.objects.latest("pk")


def step(client, report, name, data=None, **more):
    return client.post(reverse("requests.step", args=[report.key, name]), data or {}, **more)


def write(client, *, photo=b"", **given):
    """Every screen up to the last."""
    report = begin(client)
    files = {"photo": SimpleUploadedFile("张三家.jpg", photo, "image/jpeg")} if photo else {}
    assert step(client, report, "photo", files).status_code == 302
    what = {"type": "help", "text": TEXT, "subject": "0102"} | {k: v for k, v in given.items() if k in ("text", "type")}
    assert step(client, report, "what", what).status_code == 302
    report.refresh_from_db()
    where = {
        "place": make.VILLAGE,
        "address": "小卖部门口",
        "lat": report.said.get("lat", ""),
        "lon": report.said.get("lon", ""),
    }
    assert step(client, report, "where", where).status_code == 302
    return report


def test_what_is_never_sent_is_limited_too_but_not_the_village(client):
    photos = [SimpleUploadedFile(f"{n}.jpg", with_place(lat=(40, 21, float(n))), "image/jpeg") for n in range(3)]
    with override(options.BEGUN, 2), override(options.PHOTOS, 2):
        begin(client)
        report = begin(client)
        refused = client.post(reverse("requests.new"))
        assert (refused.status_code, Report.objects.count()) == (422, 2)
        assert "登录后可以马上写" in refused.content.decode()
        # the third is refused; one taken out does not make room for another
        refused = step(client, report, "photo", {"photo": photos})
        assert (refused.status_code, "登录后可以马上传" in refused.content.decode()) == (422, True)
        kept = queries.pictures(queries.REPORT, report.key)
        assert step(client, report, "photo", {"remove": kept.first().pk}).status_code == 302
        photos[2].seek(0)
        assert step(client, report, "photo", {"photo": photos[2]}).status_code == 422
        assert kept.count() == 1
        # a neighbour behind the same address signs in
        client.force_login(make.make_citizen().account)
        photos[2].seek(0)
        assert step(client, begin(client), "photo", {"photo": photos[2]}).status_code == 302
        assert Report.objects.count() == 3


def test_a_visitor_reports_without_an_account(client):
    report = write(client, photo=with_place())
    assert report.said["lat"] == 40.35
    assert datetime.fromisoformat(report.said["happened_at"]).hour == 19
    assert step(client, report, "send", {"name": "石建国"}).status_code == 422
    sent = step(client, report, "send", {"phone": "10000000011", "may_publish": "1"})
    request = Request.objects.get()
    assert sent.url == reverse("requests.linked", args=[callers.sign(request.case.number)])
    page = client.get(sent.url).content.decode()
    assert TEXT in page
    assert request.case.number in page
    assert (float(request.lat), request.place_code, request.case.subject) == (40.35, make.VILLAGE, "0102")
    # pressed again, opened again: the same order
    assert step(client, report, "send", {"phone": "10000000011"}).url == sent.url
    assert Request.objects.count() == 1
    assert client.get(reverse("requests.linked", args=["H0:x"])).status_code == 404


def test_a_citizen_follows_his_order_to_its_end(client):
    citizen = make.make_citizen()
    client.force_login(citizen.account)
    step(client, write(client), "send", {"may_publish": "1"})
    request = Request.objects.get()
    here = reverse("requests.mine", args=[request.case.number])
    assert client.get(here).status_code == 200
    make.make_answered(request)
    assert "换了三盏灯" in client.get(here).content.decode()
    assert client.post(here + "rate/", {"satisfied": "5"}).status_code == 422
    client.post(here + "rate/", {"solved": "yes", "satisfied": "5"})
    assert make.fresh(request).case.state == State.CLOSED
    client.post(here + "reopen/", {"why": "又坏了"})
    assert make.fresh(request).case.state == State.HANDLING
    assert client.post(here + "nothing/").status_code == 404
    client.force_login(make.make_citizen().account)
    assert client.get(here).status_code == 404


def test_nobody_is_offered_what_comes_too_late(client):
    citizen = make.make_citizen()
    client.force_login(citizen.account)
    with clock.told_at(clock.now() - timedelta(days=31)):
        old = make.make_closed(make.make_own(citizen))
    new = make.make_closed(make.make_own(citizen))
    for one, offered in ((old, False), (new, True)):
        page = client.get(reverse("requests.mine", args=[one.case.number])).content.decode()
        assert ("退回接着办" in page, "可以在下面提出接着办" in page) == (offered, offered)


def test_the_head_is_offered_as_many_days_as_the_option_says(client):
    request = make.make_dispatched()
    client.force_login(make.make_handler(request.case.department, "order_head").account)
    with override(options.EXTEND_DAYS, 15):
        page = client.get(reverse("requests.order", args=[request.case.number])).content.decode()
        assert 'max="15"' in page
        address = reverse("requests.act", args=[request.case.number, "extend"])
        assert client.post(address, {"extend__days": "15", "extend__opinion": "等配件。"}).status_code == 302
    assert make.fresh(request).extended == 15


def test_who_begins_a_report_and_signs_in_goes_on_with_it(client):
    report = write(client)
    client.force_login(make.make_citizen().account)
    assert client.get(reverse("requests.step", args=[report.key, "send"])).status_code == 200
    step(client, report, "send")
    assert Request.objects.get().case.applicant is not None


def test_nobody_writes_in_the_report_of_another(client):
    report = begin(client)
    client.cookies.clear()
    assert client.get(reverse("requests.step", args=[report.key, "what"])).status_code == 403
    client.force_login(make.make_citizen().account)
    assert step(client, report, "what", {"text": "x"}).status_code == 403


def test_an_emergency_is_named_at_once(client):
    piece = client.post(reverse("requests.emergency"), {"text": "着火了"}).content.decode()
    assert 'href="tel:119"' in piece
    report = begin(client)
    step(client, report, "what", {"type": "help", "text": "楼道里煤气味很重，快来人"})
    page = client.get(reverse("requests.step", args=[report.key, "where"])).content.decode()
    assert 'href="tel:119"' in page
    step(client, report, "what", {"type": "help", "text": "楼道有火灾隐患，希望检查"})
    assert 'href="tel:119"' not in client.get(reverse("requests.step", args=[report.key, "where"])).content.decode()


def test_each_screen_says_what_is_missing(client):
    report = begin(client)
    assert "请写一写是什么事" in step(client, report, "what", {"type": "help"}).content.decode()
    page = step(client, report, "what", {"type": "help", "text": "字" * 10_000}).content.decode()
    assert "您写了 10000 字" in page
    assert "字" * 10_000 in page
    for lat, lon in (("x", "1"), ("95", "97")):
        assert step(client, report, "where", {"place": make.VILLAGE, "lat": lat, "lon": lon}).status_code == 422
    assert step(client, report, "where", {"place": "620982000000"}).status_code == 422
    bad = SimpleUploadedFile("a.jpg", b"no picture", "image/jpeg")
    assert step(client, report, "photo", {"photo": bad}).status_code == 422
    assert step(client, report, "nothing").status_code == 404
    assert client.get(reverse("requests.step", args=[begin(client).key, "send"])).status_code == 200


def test_markup_is_text(client):
    text = "<script>alert(1)</script><b>路灯</b>"
    report = write(client, text=text)
    step(client, report, "send", {"phone": "10000000011"})
    request = Request.objects.get()
    assert request.text == text
    client.force_login(make.make_dispatcher().account)
    page = client.get(reverse("requests.order", args=[request.case.number])).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_pictures_go_along_and_can_be_taken_away(client):
    client.force_login(make.make_citizen().account)
    report = begin(client)
    step(client, report, "photo", {"photo": SimpleUploadedFile("a.jpg", make_image(), "image/jpeg"), "more": "1"})
    step(client, report, "photo", {"photo": SimpleUploadedFile("b.jpg", make_image(seed=2), "image/jpeg")})
    first = operations.intake.queries.pictures("requests.report", report.key)[0]
    assert step(client, report, "photo", {"remove": "9" * 6000}).status_code == 404
    step(client, report, "photo", {"remove": first.pk})
    step(client, report, "what", {"type": "help", "text": TEXT})
    step(client, report, "where", {"place": make.VILLAGE})
    step(client, report, "send")
    request = Request.objects.get()
    (kept,) = operations.intake.queries.pictures("requests.request", request.pk)
    assert client.get(reverse("documents.preview", args=[kept.pk])).status_code == 200
    client.force_login(make.make_dispatcher().account)
    assert client.get(reverse("documents.preview", args=[kept.pk])).status_code == 200
    client.force_login(make.make_handler().account)
    assert client.get(reverse("documents.preview", args=[kept.pk])).status_code in (403, 404)


def test_alike_and_near_is_offered_before_sending(client):
    lead = make.make_request(subject="010203", lat=40.3501, lon=97.1001)
    make.make_request(subject="010203", lat=40.36, lon=97.1)
    make.make_request(subject="010203", lat=40.3501, lon=97.1001, secret=True)
    report = write(client, photo=with_place())
    page = client.get(reverse("requests.step", args=[report.key, "send"])).content.decode()
    assert [one.case.number in page for one in Request.objects.order_by("pk")] == [True, False, False]
    assert reverse("requests.public", args=[lead.case.number]) in page


def test_alike_and_near_says_the_place_and_nobody_s_address(client):
    for _more in range(5):  # as many as are offered
        make.make_request(subject="010203", lat=40.35, lon=97.1, secret=True)
    other = make.make_request(
        subject="010203", lat=40.3501, lon=97.1001, address="河北村三组王家院子", place_code=make.TOWN
    )
    report = write(client, photo=with_place())
    page = client.get(reverse("requests.step", args=[report.key, "send"])).content.decode()
    assert other.case.number in page
    assert "王家院子" not in page
    assert f"{other.case.department.title} · {regions.place(make.TOWN)} ·" in page


def test_progress_by_number_and_phone(client):
    request = make.make_request(phone="10000000011")
    address = reverse("requests.progress")
    assert client.post(address, {"number": request.case.number, "last": "0012"}).status_code == 422
    page = client.post(address, {"number": request.case.number, "last": "0011"}).content.decode()
    assert "热线中心正在派单" in page
    assert TEXT not in page


def test_wrong_guesses_are_counted_and_right_ones_not(client, monkeypatch):
    monkeypatch.setattr(rates, "GUESSES", 4)
    monkeypatch.setattr(rates, "GUESSES_OF_NUMBER", 2)
    first, second = make.make_request(phone="10000000011"), make.make_request(phone="10000000011")
    address, begun = reverse("requests.progress"), datetime(2026, 11, 29, 10, 20, tzinfo=clock.CHINA)

    def look(order, last, **given):
        return client.post(address, {"number": order.case.number, "last": last}, **given)

    with clock.told_at(begun):
        # a village looks as often as it likes
        assert [look(first, "0011").status_code for _ in range(9)] == [200] * 9
        assert [look(first, "0012").status_code for _ in range(2)] == [422] * 2
        # the end of the phone is guessed no further, from wherever; the sentence says until when
        elsewhere = look(first, "0011", REMOTE_ADDR="10.9.9.9")
        assert (elsewhere.status_code, "11:00 以后可以再查" in elsewhere.content.decode()) == (422, True)
        assert look(second, "0011").status_code == 200
        assert [look(second, "0012").status_code for _ in range(2)] == [422] * 2
        assert "登录后可以马上查" in look(make.make_request(), "0011").content.decode()
        # whoever signs in behind that address is counted by himself
        client.force_login(make.make_citizen().account)
        third = make.make_request(phone="10000000011")
        assert look(third, "0011").status_code == 200
        client.logout()
    # tries made meanwhile did not prolong it
    with clock.told_at(begun + timedelta(minutes=41)):
        assert look(first, "0011").status_code == 200


def test_what_everybody_sees(client):
    request = make.make_closed(text="我叫石建国，电话13900000000，路灯不亮。")
    page = client.get(reverse("requests.open_orders") + "?view=closed").content.decode()
    assert request.case.number in page
    one = reverse("requests.public", args=[request.case.number])
    assert "石建国" not in client.get(one).content.decode()
    dispatcher = make.make_dispatcher()
    with pytest.raises(Exception, match="电话"):
        operations.publish(request, text=request.text, answer="已修好。", by=dispatcher)
    operations.publish(request, text=callers.without_names(request.text), answer="已修好。", by=dispatcher)
    page = client.get(one).content.decode()
    assert "我叫某某，电话（电话），路灯不亮。" in page
    assert "路灯不亮" in client.get(reverse("requests.answers") + "?q=路灯").content.decode()
    assert client.get(reverse("requests.home")).status_code == 200
    assert request.case.department.name in client.get(reverse("requests.league")).content.decode()
    operations.unpublish(request, by=dispatcher)
    assert "路灯不亮" not in client.get(one).content.decode()


def test_the_portal_leads_here(client):
    client.cookies["hexi_region"] = make.YUMEN
    assert reverse("requests.new") in client.get("/").content.decode()
    client.cookies["hexi_region"] = "620902000000"
    assert f'href="{reverse("requests.new")}"' not in client.get("/").content.decode()


def test_a_neighbour_follows(client):
    request = make.make_dispatched()
    follow = reverse("requests.public_do", args=[request.case.number, "follow"])
    assert "login" in client.post(follow).url
    client.force_login(make.make_citizen().account)
    client.post(follow)
    assert request.follows.count() == 1
    client.post(reverse("requests.public_do", args=[request.case.number, "unfollow"]))
    assert request.follows.count() == 0


def test_the_operator_enters_an_order(client):
    operator = make.make_operator()
    client.force_login(operator.account)
    address = reverse("requests.intake")
    said = {
        "phone": "10000000011",
        "name": "王秀英",
        "text": TEXT,
        "type": "help",
        "place": make.VILLAGE,
        "key": "a" * 24,
    }
    assert client.get(address).status_code == 200
    assert client.post(address, said | {"text": ""}).status_code == 422
    assert client.post(address, said).url == address
    client.post(address, said)
    request = Request.objects.get()
    assert (request.case.channel, request.contact["name"]) == ("phone", "王秀英")
    piece = client.get(reverse("requests.intake_caller") + "?phone=100 0000 0011").content.decode()
    assert request.case.title in piece
    assert "王秀英" in piece
    alike = client.get(reverse("requests.intake_alike") + "?text=路灯坏了，还着火了").content.decode()
    assert "路灯" in alike
    assert 'href="tel:119"' in alike
    client.force_login(make.make_handler().account)
    assert client.get(address).status_code == 403


def test_the_order_page_does_every_action(client):
    request, office = make.make_request(), make.make_office()
    dispatcher = make.make_dispatcher()
    client.force_login(dispatcher.account)
    number = request.case.number

    def act(action, **data):
        given = {f"{action}__{name}": value for name, value in data.items()}
        revision = Request.objects.get().case.revision
        return client.post(reverse("requests.act", args=[number, action]), {"revision": revision} | given)

    assert client.get(reverse("requests.desk")).status_code == 200
    assert act("dispatch", office="").status_code == 422
    stale = client.post(
        reverse("requests.act", args=[number, "dispatch"]),
        {"revision": 99, "dispatch__office": office.pk, "dispatch__subject": make.LAMP},
    )
    assert stale.status_code == 409
    assert act("dispatch", office=office.pk, subject=make.LAMP).url == reverse("requests.desk")
    client.force_login(make.make_handler(office).account)
    assert client.get(reverse("requests.order", args=[number])).status_code == 200
    assert act("note", opinion="在修。", promised=f"{clock.today():%Y-%m-%d}").status_code == 302
    assert act("reply", opinion="").status_code == 422
    assert act("reply", opinion="修好了。").status_code == 302
    client.force_login(dispatcher.account)
    assert act("call", reached="yes", solved="yes", satisfied="4").status_code == 302
    assert make.fresh(request).case.state == State.CLOSED
    assert act("nothing").status_code == 404
    publish = reverse("requests.publish", args=[number])
    assert client.post(publish, {"text": "路灯不亮", "answer": "修好了。"}).status_code == 302
    assert make.fresh(request).public is True
    assert client.get(reverse("requests.request_figures")).status_code == 200
    assert client.get(reverse("requests.limits")).status_code == 200


def test_a_call_back_is_read_as_it_was_ticked(client):
    request = make.make_answered()
    client.force_login(make.make_operator().account)
    address = reverse("requests.act", args=[request.case.number, "call"])

    def said(**data):
        return client.post(address, {f"call__{name}": value for name, value in data.items()})

    assert "请选择解决了没有" in said(reached="yes", satisfied="5").content.decode()
    assert "请选择接通了没有" in said(solved="yes", satisfied="5").content.decode()
    assert (request.verdicts.count(), request.attempts.count()) == (0, 0)
    assert said(reached="no").status_code == 302
    assert said(reached="yes", solved="yes", satisfied="5").status_code == 302
    assert (request.verdicts.get().solved, request.attempts.count()) == (True, 1)


def test_claiming_talking_helping(client):
    request, other = make.make_dispatched(), make.make_office("yumen-water", "玉门市水务局")
    handler, helper = make.make_handler(request.case.department), make.make_handler(other)
    client.force_login(handler.account)
    number = request.case.number
    client.post(reverse("requests.order_do", args=[number, "claim"]))
    assert request.case.open_task().claimed_by == handler.account
    client.post(reverse("requests.order_do", args=[number, "release"]))
    client.post(reverse("requests.order_do", args=[number, "say"]), {"text": "明天来修"})
    operations.ask_help(make.fresh(request), office=other, opinion="请一起看", by=handler)
    client.force_login(helper.account)
    assert "请您单位协办" in client.get(reverse("requests.order", args=[number])).content.decode()
    client.post(reverse("requests.order_do", args=[number, "help"]), {"office": other.pk, "opinion": "看过"})
    assert make.actions(request)[-1] == "beside"


def test_limits_and_classes_are_data(client):
    dispatcher = make.make_dispatcher()
    client.force_login(dispatcher.account)
    assert client.get(reverse("requests.new_limit")).status_code == 403
    head = make.people.make_official("hotline_head", department=make.make_hotline().department)
    client.force_login(head)
    facts = {"subject": "", "type": "ask", "first": 2, "first_unit": "hours", "handle": 3, "handle_unit": "working_days",
             "valid_from": f"{clock.today() + timedelta(days=1):%Y-%m-%d}"}  # fmt: skip
    assert client.post(reverse("requests.new_limit"), facts).status_code == 302
    again = client.post(reverse("requests.new_limit"), facts)
    assert (again.status_code, "请改那一条" in again.content.decode()) == (422, True)
    assert make.make_request(type="ask").case.clocks.get(kind="first").amount == 1
    with clock.told_at(clock.now() + timedelta(days=1)):
        assert make.make_request(type="ask").case.clocks.get(kind="first").amount == 2
    tree = SimpleUploadedFile("t.csv", "一级,二级,三级\n城建,道路,路灯\n城建,道路,井盖\n".encode(), "text/csv")
    assert client.post(reverse("requests.classes"), {"file": tree}).status_code == 302
    assert "井盖" in client.get(reverse("requests.classes")).content.decode()


def test_a_class_is_described_and_its_chinese_stands_where_there_is_no_english(client):
    head = make.people.make_official("hotline_head", department=make.make_hotline().department)
    client.force_login(head)
    tree = "一级,二级,三级,英文名称,关键词\n城建,道路,路灯,Street lamps,灯不亮、黑灯\n城建,道路,井盖,,\n"
    file = SimpleUploadedFile("t.csv", tree.encode(), "text/csv")
    assert client.post(reverse("requests.classes"), {"file": file}).status_code == 302
    lamp, lid = Subject.objects.get(title="路灯", active=True), Subject.objects.get(title="井盖", active=True)
    assert (lamp.title_en, lamp.words, lid.title_en, lid.words) == ("Street lamps", ["灯不亮", "黑灯"], "", [])
    english = {"headers": {"accept-language": "en"}}
    page = client.get(reverse("requests.classes"), **english).content.decode()
    where = reverse("requests.describe_class", args=[lid.code])
    assert ("Street lamps" in page, f'href="{where}">井盖</a>' in page) == (True, True)
    long = client.post(where, {"title_en": "Lids", "words": "盖" * 41})
    assert (long.status_code, "每个最多 40 字" in long.content.decode()) == (422, True)
    assert client.post(where, {"title_en": "Manhole lids", "words": "窨井盖\n下水道盖、窨井盖"}).status_code == 302
    lid.refresh_from_db()
    assert (lid.name, lid.title_en, lid.words) == ("井盖", "Manhole lids", ["窨井盖", "下水道盖"])
    assert "Manhole lids" in client.get(reverse("requests.classes"), **english).content.decode()
    assert queries.subjects_like("窨井盖丢了")[0] == lid
    client.force_login(make.make_dispatcher().account)
    assert client.post(where, {"title_en": "x"}).status_code == 403


def test_what_the_hotline_calls_a_class_survives_the_next_setup(client):
    lamp = Subject.objects.get(code=make.LAMP)
    definitions.describe(lamp, title_en="Lamps", words=["灯"], by=make.BY)
    for path, file in make.shipped("request_classes"):
        definitions.load_classes(path, file)
    lamp.refresh_from_db()
    assert (lamp.title_en, lamp.words, lamp.active) == ("Lamps", ["灯"], True)


@pytest.mark.parametrize("name", ["orders", "desk", "open_orders"])
def test_lists_cost_the_same_whatever_their_length(client, name):
    client.force_login(make.make_dispatcher().account)

    def queries():
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert client.get(reverse(f"requests.{name}")).status_code == 200
        return len(found)

    make.make_request()
    queries()
    one = queries()
    for _ in range(3):
        make.make_request()
    assert queries() == one


def test_a_picture_keeps_its_place_to_itself():
    content = with_place()
    assert (picture.read(content).lat, picture.read(content).lon) == (40.35, 97.1)
    plain = picture.stripped(content)
    assert picture.read(plain) == picture.Found()
    assert b"SecretCamera" not in plain
    assert picture.read(b"nothing") == picture.Found()
    assert picture.read(make_image()) == picture.Found()
