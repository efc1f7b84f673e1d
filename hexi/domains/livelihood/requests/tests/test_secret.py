"""A secret caller: nobody but the hotline learns who, wherever one looks; and the hotline's looks are logged."""

import io

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from hexi.blocks.audit.models import Entry
from hexi.blocks.cases.models import Event
from hexi.blocks.documents.models import Document
from hexi.blocks.documents.tests.make import make_image
from hexi.blocks.notices.models import Line
from hexi.blocks.search.models import Entry as Found
from hexi.domains.livelihood.requests import callers, operations, picture, queries
from hexi.domains.livelihood.requests.models import Request
from hexi.domains.livelihood.requests.operations import begin, receive, take_picture
from hexi.domains.livelihood.requests.states import State
from hexi.domains.livelihood.requests.tests import make
from hexi.domains.livelihood.requests.tests import test_pages as pages
from hexi.domains.livelihood.requests.tests.test_pages import with_place
from hexi.kernel.actors import Denied

pytestmark = pytest.mark.django_db
NAME, PHONE = "石秘密", "10088887777"


@pytest.fixture
def citizen():
    make.make_hotline()
    account = make.people.make_citizen("secretcaller", name=NAME)
    account.phone = PHONE
    account.save()
    return make.people.acting(account)


@pytest.fixture
def request_(citizen):
    """A secret complaint with a picture, handled to its answer, with every kind of step the caller takes."""
    report = begin(by=citizen)
    take_picture(report, io.BytesIO(with_place()), by=citizen)
    said = make.said("某局工作人员态度恶劣。", type="complain", secret=True, name=NAME, phone=PHONE)
    request, _new = receive(said, by=citizen, submission=report.key, applicant=citizen.account.person, report=report)
    make.make_dispatched(request)
    operations.urge(make.fresh(request), by=citizen)
    operations.reply(make.fresh(request), opinion="已批评教育。", by=make.BY)
    operations.rate(make.fresh(request), solved=False, satisfied=1, comment="没有改", by=citizen)
    return make.fresh(request)


def hidden(text: str) -> bool:
    return not any(one in text for one in (NAME, PHONE, "secretcaller", "石*", "*" + PHONE[-4:]))


def test_the_office_sees_it_nowhere(client, citizen, request_):
    handler = make.make_handler(request_.case.department)
    client.force_login(handler.account)
    number = request_.case.number
    pages = [reverse("requests.order", args=[number])]
    pages += [reverse(name) for name in ("requests.orders", "cases.inbox", "requests.request_figures")]
    pages.append(reverse("search.search") + f"?q={number}")
    for page in pages:
        assert hidden(client.get(page).content.decode()), page
    assert "保密" in client.get(pages[0]).content.decode()
    # asking for him by name or phone finds nothing
    for name in ("requests.orders", "cases.inbox", "search.search"):
        for word in (NAME, PHONE):
            assert number not in client.get(reverse(name) + f"?q={word}").content.decode()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_exports_hold_it_not(client, request_, kind):
    client.force_login(make.make_handler(request_.case.department).account)
    for name in ("requests.orders", "cases.inbox"):
        response = client.get(reverse(name) + f"?export={kind}")
        raw = response.getvalue() if response.streaming else response.content
        if kind == "csv":
            text = raw.decode("utf-8")
        else:
            text = str([[cell.value for cell in row] for row in load_workbook(io.BytesIO(raw)).active.rows])
        assert hidden(text)
        assert "保密" in text


def test_the_office_may_not_ask_who_it_is(client, request_):
    handler = make.make_handler(request_.case.department)
    with pytest.raises(Denied):
        operations.reveal(request_, why="想联系", by=handler)
    client.force_login(handler.account)
    ask = reverse("requests.caller", args=[request_.case.number])
    assert client.post(ask, {"why": "想联系"}).status_code == 403


def test_timeline_log_and_talk_keep_it(client, citizen, request_):
    client.force_login(citizen.account)
    client.post(reverse("requests.mine", args=[request_.case.number]) + "say/", {"text": "请快些"})
    for event in Event.objects.filter(case=request_.case):
        assert hidden(f"{event.actor_name} {event.opinion}")
        assert event.actor_key != citizen.key
    assert [line.author for line in Line.objects.all()] == ["诉求人"]
    verbs = set()
    for entry in Entry.objects.exclude(verb__startswith="people."):  # his account was opened before
        assert hidden(f"{entry.actor_name} {entry.facts}")
        assert entry.actor_key != citizen.key
        verbs.add(entry.verb)
    assert verbs >= {"request.open", "documents.store", "documents.keep", "documents.remove"}


def test_the_log_leads_from_no_picture_to_who_took_it(client, citizen):
    """He tries two pictures, takes one out again, and asks for secrecy at the end; an open report came before."""
    client.force_login(citizen.account)
    signs = []
    for secret in ("", "1"):
        report = pages.begin(client)
        for second in range(2):
            photo = SimpleUploadedFile("a.jpg", with_place(lat=(40, 21, float(second))), "image/jpeg")
            pages.step(client, report, "photo", {"photo": photo, "more": "1"})
        kept, dropped = queries.pictures(queries.REPORT, report.key).order_by("pk")
        assert client.get(reverse("documents.preview", args=[kept.pk])).status_code == 200
        pages.step(client, report, "photo", {"remove": dropped.pk})
        pages.step(client, report, "what", {"type": "complain", "text": "某局工作人员态度恶劣。"})
        pages.step(client, report, "where", {"place": make.VILLAGE, "lat": "40.35", "lon": "97.1"})
        assert pages.step(client, report, "send", {"secret": secret, "phone": PHONE, "name": NAME}).status_code == 302
        of_pictures = Entry.objects.filter(kind="documents.document", ref__in=(str(kept.pk), str(dropped.pk)))
        signs.append(set(of_pictures.exclude(actor_key="system:requests").values_list("actor_key", flat=True)))
    assert [queries.pictures(queries.ORDER, one.pk).count() for one in Request.objects.order_by("pk")] == [1, 1]
    # whoever stands in the log beside the pictures of the secret one stands nowhere else, so nowhere beside a name
    (sign,) = signs[1]
    others = Entry.objects.filter(actor_key=sign).exclude(kind="documents.document")
    assert (sign in signs[0], sign == citizen.key, others.exists()) == (False, False, False)


def test_the_end_of_a_suspected_phone_confirms_nothing(client, request_):
    address, number = reverse("requests.progress"), request_.case.number
    right, wrong = (client.post(address, {"number": number, "last": last}) for last in (PHONE[-4:], "0000"))
    assert (right.status_code, wrong.status_code) == (422, 422)
    assert ["没有对得上的诉求" in one.content.decode() for one in (right, wrong)] == [True, True]


def test_search_keeps_it(request_):
    row = Found.objects.get(kind="request", ref=str(request_.pk))
    assert hidden(f"{row.title} {row.body} {row.names} {row.aliases}")


def test_pictures_say_nothing(citizen, request_):
    (kept,) = Document.objects.present().filter(of_kind="requests.request")
    assert kept.owner is None
    assert kept.made_by != citizen.key
    from hexi.blocks.documents import shelf

    assert picture.read(shelf.path(kept.blob_id).read_bytes()) == picture.Found()
    # the one with the camera's words is gone for good
    assert Document.objects.filter(of_kind="requests.report").count() == 0


def test_what_rests_is_sealed(request_):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT contact FROM requests_request")
        assert hidden(cursor.fetchone()[0])
    assert (request_.case.applicant_name, request_.case.phone) == ("保密", "")


def test_the_hotline_may_with_a_reason_that_is_logged(citizen, request_):
    operator = make.make_operator()
    with pytest.raises(ValidationError):
        operations.reveal(request_, why="", by=operator)
    assert operations.reveal(request_, why="回访", by=operator) == {"name": NAME, "phone": PHONE}
    entry = Entry.objects.get(verb="requests.reveal")
    assert entry.about_person == citizen.account.person_id


def test_the_caller_reads_his_own(client, citizen, request_):
    client.force_login(citizen.account)
    page = client.get(reverse("requests.mine", args=[request_.case.number]))
    assert page.status_code == 200
    (kept,) = queries.pictures(queries.ORDER, request_.pk)
    assert client.get(reverse("documents.preview", args=[kept.pk])).status_code == 200


def test_everybody_else_does_not_even_see_the_order(client, request_):
    assert client.get(reverse("requests.public", args=[request_.case.number])).status_code == 404
    for view in ("open", "closed"):
        assert (
            request_.case.number not in client.get(reverse("requests.open_orders") + f"?view={view}").content.decode()
        )
    with pytest.raises(Denied):
        operations.follow(request_, by=make.make_citizen())


def test_it_is_never_published(request_):
    operations.reply(request_, opinion="已处理。", by=make.BY)
    with pytest.raises(ValidationError):
        operations.publish(make.fresh(request_), text="某局态度问题", answer="已处理。", by=make.make_dispatcher())
    assert make.fresh(request_).case.state == State.ANSWERED


def test_a_call_taken_by_the_operator_is_as_secret():
    request = make.make_request(secret=True, name=NAME, phone=PHONE, by=make.make_operator())
    assert (request.case.applicant_name, request.case.phone) == ("保密", "")
    assert queries.by_phone(PHONE, make.make_operator()).get() == request
    assert list(queries.by_phone(PHONE, make.make_handler())) == []


def test_an_official_who_reports_in_secret_is_hidden_from_his_colleagues():
    request = make.make_request()
    office = make.make_office()
    handler = make.make_handler(office)
    person = make.people.make_person("钱举报")
    handler.account.person = person
    handler.account.save()
    said = make.said("本局采购有问题。", type="report", secret=True, name="钱举报")
    request, _new = receive(said, by=make.people.acting(handler.account), submission="s", applicant=person)
    make.make_dispatched(request, office)
    assert "钱举报" not in str(list(Event.objects.filter(case=request.case).values_list("actor_name", flat=True)))
    with pytest.raises(Denied):
        queries.order_for(request.case.number, make.people.acting(handler.account))


def test_a_public_answer_names_nobody_either():
    request = make.make_answered(name="石建国", phone="0937-3331234", text="阳光小区3号楼2单元501室门口路灯不亮。")
    dispatcher, asked = make.make_dispatcher(), "路灯不亮。"
    for told in ("已回复石建国。", "已联系石女士。", "已拨打09373331234。", "已拨打0937 3331234。", "车牌甘F12345。",
                 "已到3号楼2单元501室。", "已拨打13900000000。", "身份证629999196805120117已核。"):  # fmt: skip
        with pytest.raises(ValidationError) as refused:
            operations.publish(make.fresh(request), text=asked, answer=told, by=dispatcher)
        assert list(refused.value.message_dict) == ["answer"]
    # what an office says of itself is what people need
    told = "请到政务大厅3号楼办理，电话 0937-3330001，邮箱 fuwu@yumen.example。"
    assert operations.publish(make.fresh(request), text=asked, answer=told, by=dispatcher).public
    with pytest.raises(ValidationError, match="某某家门口"):
        operations.publish(make.fresh(request), text="石建国家门口路灯不亮。", answer=told, by=dispatcher)


def test_a_name_that_the_place_bears_may_stand():
    request = make.make_answered(name="下西号")
    asked = "下西号镇路灯不亮。"
    assert operations.publish(request, text=asked, answer="修好了。", by=make.make_dispatcher()).public


def test_texts_lose_names_and_numbers():
    text = (
        "我叫石建国，身份证629999196805120117，电话139 0000 0000，邮箱a@b.cn，甘F12345乱停，"
        "3号楼2单元501室，微信号shi_jianguo1，张师傅态度差。"
    )
    shown = callers.without_names(text)
    for gone in ("石建国", "629999196805120117", "0000", "a@b.cn", "甘F12345", "501", "shi_jianguo1", "张师傅"):
        assert gone not in shown
    assert "张某师傅" in shown
    assert (
        callers.without_names("路灯坏了 3 天，2026年11月开始，第12345号") == "路灯坏了 3 天，2026年11月开始，第12345号"
    )
    assert Request.objects.count() == 0
    assert make_image()
