"""Bad input on the way in: each fault said at its field with the remedy, and nothing entered is lost."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from hexi.blocks.documents.tests.make import make_image
from hexi.blocks.notices.models import Notice
from hexi.domains.livelihood.requests import operations, options, queries
from hexi.domains.livelihood.requests.models import Allowance, Request
from hexi.domains.livelihood.requests.tests import make
from hexi.domains.livelihood.requests.tests.test_open311 import REQUESTS, make_key
from hexi.domains.livelihood.requests.tests.test_pages import TEXT, begin, step, with_place
from hexi.kernel import clock
from hexi.kernel.options import override

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def hotline():
    return make.make_hotline()


class Large(io.BytesIO):
    """A photo of forty megabytes as a browser sends it: it begins like one, and says nothing of a place."""

    name = "很大.jpg"

    def __init__(self):
        super().__init__(make_image() + b"\0" * 40_000_000)


def test_a_photo_of_forty_megabytes_with_no_place(client):
    report = begin(client)
    good = [SimpleUploadedFile(f"{n}.jpg", make_image(seed=n), "image/jpeg") for n in (1, 2)]
    refused = step(client, report, "photo", {"photo": [good[0], Large(), good[1]]})
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "第 2 张没有存上：文件太大：最多 20" in page
    assert "压缩" in page
    assert 'href="#id_photo"' in page
    assert 'id="id_photo"' in page
    # the two others are there, and one goes on without a place, by village and address
    assert queries.pictures(queries.REPORT, report.key).count() == 2
    assert step(client, report, "what", {"type": "help", "text": TEXT}).status_code == 302
    report.refresh_from_db()
    assert "lat" not in report.said
    where = {"place": make.VILLAGE, "address": "小卖部门口", "lat": "", "lon": ""}
    assert step(client, report, "where", where).status_code == 302
    assert step(client, report, "send", {"phone": "10000000011"}).status_code == 302
    request = Request.objects.get()
    assert (request.lat, request.address) == (None, "小卖部门口")
    assert queries.pictures(queries.ORDER, request.pk).count() == 2


def test_markup_and_ten_thousand_characters_come_back_as_typed(client):
    report = begin(client)
    text = "<script>alert(1)</script><img src=x onerror=alert(2)>" + "字" * 10_000
    refused = step(client, report, "what", {"type": "help", "text": text})
    page = refused.content.decode()
    assert refused.status_code == 422
    assert f"您写了 {len(text)} 字" in page
    assert "字" * 10_000 in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    report.refresh_from_db()
    assert report.said["text"] == text
    # shortened, it is taken as the text it is
    step(client, report, "what", {"type": "help", "text": text[:200]})
    step(client, report, "where", {"place": make.VILLAGE})
    step(client, report, "send", {"phone": "10000000011"})
    assert Request.objects.get().text == text[:200]


def test_the_operators_entry_is_kept_whole(client):
    client.force_login(make.make_operator().account)
    said = {"phone": "10000000011", "name": "王<b>秀英</b>", "text": "字" * 10_000, "type": "help",
            "place": make.VILLAGE, "address": "渠边", "key": "b" * 24}  # fmt: skip
    refused = client.post(reverse("requests.intake"), said)
    page = refused.content.decode()
    assert refused.status_code == 422
    for kept in ("10000000011", "王&lt;b&gt;秀英&lt;/b&gt;", "字" * 10_000, "渠边", f'value="{make.VILLAGE}" selected'):
        assert kept in page
    assert "最多 5000 字" in page


def test_a_point_outside_the_region_is_said_where_it_was_entered(client):
    report = begin(client)
    step(client, report, "what", {"type": "help", "text": TEXT})
    where = {"place": make.VILLAGE, "address": "小卖部门口", "lat": "39.9", "lon": "116.4"}
    refused = step(client, report, "where", where)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "这个位置不在玉门市范围内" in page
    assert 'href="#id_point"' in page
    for kept in ("39.9", "116.4", "小卖部门口"):
        assert f'value="{kept}"' in page
    turned = step(client, report, "where", where | {"lat": "97.1", "lon": "40.35"}).content.decode()
    assert "纬度在 -90 到 90 之间" in turned
    # cleared by its button, the rest stays
    step(client, report, "where", where | {"clear": "1"})
    report.refresh_from_db()
    assert (report.said["lat"], report.said["address"]) == ("", "小卖部门口")
    assert step(client, report, "where", where | {"lat": "", "lon": ""}).status_code == 302


def test_a_picture_taken_elsewhere_is_said_and_can_be_cleared(client):
    report = begin(client)
    photo = SimpleUploadedFile("b.jpg", with_place(lat=(39, 54, 0.0), lon=(116, 24, 0.0)), "image/jpeg")
    step(client, report, "photo", {"photo": photo})
    step(client, report, "what", {"type": "help", "text": TEXT})
    page = client.get(reverse("requests.step", args=[report.key, "where"])).content.decode()
    assert "下面的位置是从照片里读的" in page
    report.refresh_from_db()
    where = {"place": make.VILLAGE, "lat": report.said["lat"], "lon": report.said["lon"]}
    assert "不在玉门市范围内" in step(client, report, "where", where).content.decode()


# --- floods by programs -----------------------------------------------------------------------------------------------
def test_wrong_keys_are_looked_at_so_often_in_a_minute(client):
    key = make_key()
    post = {"service_code": make.LAMP, "description": TEXT, "address_id": make.VILLAGE}

    def sent(api_key, **where):
        return client.post(f"{REQUESTS}.json", post | {"api_key": api_key}, **where).status_code

    with override(options.WRONG_KEYS, 3):
        assert [sent(f"guess{n}") for n in range(5)] == [403, 403, 403, 429, 429]
        # nothing is looked at from there until the minute is over; elsewhere a key works as ever
        assert sent(key) == 429
        assert sent(key, REMOTE_ADDR="10.9.9.9") == 201
        with clock.told_at(clock.now() + timedelta(minutes=1)):
            assert sent(key) == 201
    assert not any("127.0.0.1" in row.key for row in Allowance.objects.all())


# --- what else was promised -------------------------------------------------------------------------------------------
def test_a_two_step_answer_says_who_and_by_when(client):
    citizen = make.make_citizen()
    request = make.make_dispatched(make.make_own(citizen))
    day = clock.today()
    handler = make.make_handler(request.case.department)
    operations.note(make.fresh(request), opinion="已派队。", passed_to="市政维修队", promised=day, by=handler)
    notice = Notice.objects.get(key="requests.noted")
    assert "已转市政维修队办理" in notice.body_zh
    assert "前答复结果" in notice.body_zh
    client.force_login(citizen.account)
    page = client.get(reverse("requests.mine", args=[request.case.number])).content.decode()
    assert "市政维修队正在办理" in page


def test_a_refusal_without_a_next_owner_is_sent_back_with_what_was_typed(client):
    request = make.make_request()
    client.force_login(make.make_dispatcher().account)
    act = reverse("requests.act", args=[request.case.number, "refuse"])
    given = {"revision": request.case.revision, "refuse__refusal": "court", "refuse__opinion": "已起诉，由法院审理。"}
    refused = client.post(act, given | {"refuse__next_owner": " "})
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "只说“不归我们管”不行" in page
    assert "已起诉，由法院审理。" in page
    assert client.post(act, given | {"refuse__next_owner": "市法院立案庭 12368"}).status_code == 302
    assert make.fresh(request).next_owner == "市法院立案庭 12368"


def test_praise_is_read_by_everybody_as_every_order_is():
    praise, refused = make.make_request(type="praise"), make.make_request(type="praise")
    operations.refuse(refused, refusal="elsewhere", next_owner="邻市热线", opinion="外地。", by=make.BY)
    assert list(queries.open_to_all(make.YUMEN)) == [praise]
