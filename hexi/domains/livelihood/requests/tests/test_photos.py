"""Photos for everybody: nothing but what an official let go, covered for good; the original behind no public address."""

import io

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image, ImageDraw

from hexi.blocks.audit.models import Entry
from hexi.blocks.documents import shelf
from hexi.blocks.documents.models import Document
from hexi.blocks.people.tests import make as people
from hexi.domains.livelihood.requests import blurring, jobs, operations, photos, picture
from hexi.domains.livelihood.requests.blurring import Box
from hexi.domains.livelihood.requests.models import PublicPhoto, Request
from hexi.domains.livelihood.requests.tests import make
from hexi.domains.livelihood.requests.tests.faces import FACE, HALF, drawn_street
from hexi.domains.livelihood.requests.tests.test_pages import with_place
from hexi.kernel import jobs as kernel_jobs
from hexi.kernel.actors import Denied

pytestmark = pytest.mark.django_db
State = PublicPhoto.State
INSTALLED = pytest.mark.skipif(not blurring.ready(), reason="hexi[photos] is not installed")


@pytest.fixture(autouse=True)
def hotline():
    return make.make_hotline()


@pytest.fixture
def detector(monkeypatch):
    """What the detectors say, given by the test: what follows from it is what is tried here."""
    said = [Box(10, 10, 40, 40, blurring.FACE)]
    monkeypatch.setattr(blurring, "ready", lambda: True)
    monkeypatch.setattr(blurring, "found", lambda content: list(said))
    monkeypatch.setattr(blurring, "maker", lambda: "test 1")
    return said


def striped(size=(320, 240)) -> bytes:
    """A picture in which every pixel column differs: what is covered is seen to be gone."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for x in range(0, size[0], 2):
        draw.line([(x, 0), (x, size[1])], fill="black")
    made = io.BytesIO()
    image.save(made, "PNG")
    return made.getvalue()


def photographed(citizen=None, content=None, **given):
    """An order with a photo, answered with one."""
    citizen = citizen or make.make_citizen()
    report = operations.begin(by=citizen)
    operations.take_picture(report, io.BytesIO(content or with_place()), by=citizen)
    request = make.make_request(
        by=citizen, channel="portal", applicant=citizen.account.person, report=report, submission=report.key, **given
    )
    request = make.fresh(make.make_dispatched(request))
    handler = make.make_handler(request.case.department)
    operations.take_after(make.fresh(request), io.BytesIO(striped()), by=handler)
    operations.reply(make.fresh(request), opinion="修好了。", by=handler)
    return make.fresh(request)


def published(**given):
    request = photographed(**given)
    operations.publish(request, text="路灯不亮。", answer="修好了。", by=make.BY)
    kernel_jobs.drain()
    return make.fresh(request)


def released(request, by=None):
    by = by or make.make_dispatcher()
    for one in request.public_photos.order_by("pk"):
        operations.release(one, alt="路灯杆", revision=one.revision, by=by)
    return list(request.public_photos.order_by("pk"))


# --- covering ---------------------------------------------------------------------------------------------------------
def test_what_is_covered_is_gone_and_the_rest_is_there():
    content = striped()
    box = Box(100, 60, 80, 80)
    before, after = (
        Image.open(io.BytesIO(one)).convert("L")
        for one in (picture.stripped(content), blurring.covered(content, [box]))
    )
    part = (box.x + 4, box.y + 4, box.x + box.w - 4, box.y + box.h - 4)

    def spread(image, where):
        low, high = image.crop(where).getextrema()
        return high - low

    assert spread(before, part) > 200
    assert spread(after, part) < 30
    assert spread(after, (0, 0, 60, 60)) > 200


def test_few_squares_are_left_of_a_face():
    # two pictures that differ only inside the box give the same copy: nothing of it can be found again
    one, other = Image.new("RGB", (200, 200), "white"), Image.new("RGB", (200, 200), "white")
    ImageDraw.Draw(one).rectangle((52, 52, 58, 148), fill="black")
    ImageDraw.Draw(other).rectangle((60, 52, 66, 148), fill="black")

    def kept(image):
        made = io.BytesIO()
        image.save(made, "PNG")
        return Image.open(io.BytesIO(blurring.covered(made.getvalue(), [Box(50, 50, 100, 100)]))).convert("L")

    a, b = kept(one).tobytes(), kept(other).tobytes()
    assert max(abs(x - y) for x, y in zip(a, b, strict=True)) < 12


def test_a_copy_says_nothing_of_place_time_or_camera():
    copy = blurring.covered(with_place(), [])
    assert picture.read(copy) == picture.Found()
    assert b"SecretCamera" not in copy


def test_a_box_outside_is_cut_to_the_picture():
    assert Box(-10, 5, 30, 30).within((100, 20)) == Box(0, 5, 20, 15)
    assert Box(200, 5, 30, 30).within((100, 20)) is None
    assert Image.open(io.BytesIO(blurring.covered(striped(), [Box(-5, -5, 9000, 9000)]))).size == (320, 240)


@INSTALLED
def test_a_plate_in_each_colour_is_seen():
    for paint, ink in (((20, 60, 170), "white"), ((240, 200, 30), "black"), ((90, 190, 110), "black")):
        image = Image.new("RGB", (800, 600), (120, 120, 118))
        draw = ImageDraw.Draw(image)
        draw.rectangle((300, 380, 476, 436), fill=paint)
        for place in range(7):
            x = 306 + 24 * place
            draw.rectangle((x, 390, x + 16, 426), outline=ink, width=4)
        made = io.BytesIO()
        image.save(made, "PNG")
        assert any(
            one.why == blurring.PLATE
            and one.x <= 300
            and one.x + one.w >= 476
            and one.y <= 380
            and one.y + one.h >= 436
            for one in blurring.found(made.getvalue())
        ), paint


@INSTALLED
def test_a_drawn_face_is_seen_and_covered():
    boxes = blurring.found(drawn_street())
    (x, y), r = FACE, HALF
    assert any(
        one.why == blurring.FACE and one.x <= x - r and one.x + one.w >= x + r and one.y < y < one.y + one.h
        for one in boxes
    )
    assert [one.why for one in blurring.found(drawn_street(face=False)) if one.why == blurring.FACE] == []


@INSTALLED
@pytest.mark.parametrize("quarter", [1, 2, 3])
def test_a_head_that_lies_is_seen(quarter):
    street = Image.open(io.BytesIO(drawn_street()))
    # the middle of the face, as the picture is turned to the left so many times
    x, y = FACE
    for _turn in range(quarter):
        wide = street.width
        street, (x, y) = street.transpose(Image.Transpose.ROTATE_90), (y, wide - x)
    made = io.BytesIO()
    street.save(made, "PNG")
    r = HALF * 0.7
    assert any(
        one.why == blurring.FACE
        and one.x <= x - r and one.x + one.w >= x + r and one.y <= y - r and one.y + one.h >= y + r
        for one in blurring.found(made.getvalue())
    )  # fmt: skip


@INSTALLED
def test_nothing_is_seen_where_nothing_is():
    assert blurring.found(striped()) == []


# --- deny first -------------------------------------------------------------------------------------------------------
def test_without_the_detectors_no_photo_is_public_and_the_official_reads_so(client, monkeypatch):
    monkeypatch.setattr(blurring, "ready", lambda: False)
    request = published()
    assert PublicPhoto.objects.count() == 0
    with pytest.raises(ValidationError, match=r"hexi\[photos\]"):
        operations.propose(request, photos.sources(request)[0], by=make.BY)
    client.force_login(make.make_dispatcher().account)
    page = client.get(reverse("requests.order", args=[request.case.number])).content.decode()
    assert "照片一律不公开" in page
    assert "照片一律不公开" in client.get(reverse("requests.photo_list")).content.decode()


def test_what_was_let_go_is_hidden_when_the_detectors_go(client, detector, monkeypatch):
    (one, _other) = released(published())
    address = reverse("requests.public_photo", args=[one.key])
    assert client.get(address).status_code == 200
    monkeypatch.setattr(blurring, "ready", lambda: False)
    assert client.get(address).status_code == 404


def test_proposed_is_not_public(client, detector):
    request = published()
    rows = list(request.public_photos.order_by("pk"))
    assert [(one.side, one.state, one.key) for one in rows] == [
        ("before", "proposed", None),
        ("after", "proposed", None),
    ]
    assert [one.boxes for one in rows] == [[detector[0].kept()]] * 2
    page = client.get(reverse("requests.public", args=[request.case.number])).content.decode()
    assert "<figure>" not in page
    assert "requests/photo/" not in page


def test_the_second_look_lets_it_go_and_is_logged(client, detector):
    request, dispatcher = published(), make.make_dispatcher()
    before, after = released(request, dispatcher)
    entry = Entry.objects.filter(verb="requests.release_photo").latest("pk")
    assert (entry.actor_key, entry.facts["boxes"], entry.facts["copy"]) == (dispatcher.key, 1, after.copy.blob_id)
    page = client.get(reverse("requests.public", args=[request.case.number])).content.decode()
    assert page.index(before.key) < page.index(after.key)
    assert page.count('alt="路灯杆"') == 2
    got = client.get(reverse("requests.public_photo", args=[before.key]))
    assert got.headers["Content-Type"] == "image/jpeg"
    assert got.content == shelf.path(before.copy.blob_id).read_bytes()
    assert picture.read(got.content) == picture.Found()


def test_made_once_however_often(detector):
    request = published()
    jobs.make_copies(request.pk, "x")
    jobs.make_missing_copies()
    assert PublicPhoto.objects.count() == 2


def test_published_before_the_detectors_came(detector, monkeypatch):
    monkeypatch.setattr(blurring, "ready", lambda: False)
    published()
    monkeypatch.setattr(blurring, "ready", lambda: True)
    assert len(photos.without_copies()) == 1
    jobs.make_missing_copies()
    assert PublicPhoto.objects.count() == 2
    assert photos.without_copies() == []


def test_a_photo_added_after_publication_waits_too(detector):
    request = published()
    handler = make.make_handler(request.case.department)
    operations.take_after(request, io.BytesIO(striped((300, 200))), by=handler)
    kernel_jobs.drain()
    assert list(request.public_photos.values_list("side", flat=True).order_by("pk")) == ["before", "after", "after"]


def test_boxes_are_added_dropped_and_take_back_what_was_let_go(client, detector):
    request = published()
    one = released(request)[0]
    old = one.key
    dispatcher = make.make_dispatcher()
    row = operations.cover(one, [Box(20, 20, 30, 30)], revision=one.revision, by=dispatcher)
    assert (row.state, row.key, row.boxes) == (State.PROPOSED, None, [Box(20, 20, 30, 30).kept()])
    assert Entry.objects.filter(verb="requests.cover_photo").latest("pk").facts["dropped"] == 1
    assert client.get(reverse("requests.public_photo", args=[old])).status_code == 404
    row = operations.release(row, alt="路灯杆", revision=row.revision, by=dispatcher)
    assert row.key not in (None, old)
    row = operations.withhold(row, why="看得出是谁家。", revision=row.revision, by=dispatcher)
    assert client.get(reverse("requests.public_photo", args=["0" * 32])).status_code == 404
    assert (row.state, row.key) == (State.WITHHELD, None)


def test_what_changed_meanwhile_is_looked_at_again(detector):
    one = published().public_photos.order_by("pk")[0]
    dispatcher = make.make_dispatcher()
    operations.cover(one, [], revision=0, by=dispatcher)
    with pytest.raises(ValidationError, match="再看一遍"):
        operations.release(one, alt="路灯", revision=0, by=dispatcher)
    assert make.fresh(one.request).public_photos.filter(state=State.RELEASED).count() == 0


def test_who_may_not(detector):
    one = published().public_photos.order_by("pk")[0]
    handler = make.make_handler(one.request.case.department)
    for act in (
        lambda: operations.release(one, alt="路灯", revision=0, by=handler),
        lambda: operations.cover(one, [], revision=0, by=handler),
        lambda: operations.withhold(one, why="不行", revision=0, by=make.make_operator()),
        lambda: operations.take_after(one.request, io.BytesIO(striped()), by=make.make_citizen()),
        lambda: operations.take_after(
            one.request, io.BytesIO(striped()), by=make.make_handler(make.make_office("yumen-water", "玉门市水务局"))
        ),
    ):
        with pytest.raises(Denied):
            act()
    assert list(photos.reviewed(handler)) == []


def test_names_in_the_description_and_too_many_boxes_are_refused(detector):
    one = published().public_photos.order_by("pk")[0]
    dispatcher = make.make_dispatcher()
    for alt in (" ", "甘F12345 停在路口", "字" * 201):
        with pytest.raises(ValidationError):
            operations.release(one, alt=alt, revision=0, by=dispatcher)
    for boxes in ([Box(0, 0, 2, 2)], [Box(0, 0, 20, 20)] * 61):
        with pytest.raises(ValidationError):
            operations.cover(one, boxes, revision=0, by=dispatcher)


def test_a_secret_callers_photo_never(detector):
    request = photographed(secret=True)
    assert photos.sources(request) != []
    Request.objects.filter(pk=request.pk).update(public=True)  # even if somebody forced it
    jobs.make_copies(request.pk, "x")
    assert PublicPhoto.objects.count() == 0


def test_taken_down_with_the_order_and_with_the_original(client, detector):
    request, dispatcher = published(), make.make_dispatcher()
    before, after = released(request)
    Document.objects.filter(pk=before.source_id).update(removed_at=request.published_at)
    assert [one.pk for one in photos.shown(request)] == [after.pk]
    operations.unpublish(request, by=dispatcher)
    for one in (before, after):
        assert client.get(reverse("requests.public_photo", args=[one.key])).status_code == 404


# --- nobody gets behind it --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["nobody", "citizen", "handler elsewhere"])
def test_the_original_is_behind_no_address_one_can_guess(client, detector, who):
    request = published()
    rows = released(request)
    if who == "citizen":
        client.force_login(make.make_citizen().account)
    if who == "handler elsewhere":
        client.force_login(make.make_handler(make.make_office("yumen-water", "玉门市水务局")).account)
    every = list(Document.objects.all())
    assert {one.of_kind for one in every} >= {"requests.request", photos.AFTER, photos.COPIES}
    for document in every:
        for name in ("show", "preview", "thumb", "download", "document"):
            got = client.get(reverse(f"documents.{name}", args=[document.pk]))
            assert got.status_code in (302, 403, 404), (name, document.of_kind)
        for guess in (document.pk, document.blob_id, document.blob_id[:32], f"{document.pk:032x}"):
            assert client.get(f"/requests/photo/{guess}.jpg").status_code == 404
    for one in rows:
        for guess in (one.pk, one.source_id, one.copy_id, one.key[:-1], one.key[:-1] + "~", one.key.upper() + "A"):
            assert client.get(f"/requests/photo/{guess}.jpg").status_code == 404
        copy = reverse("requests.photo_copy", args=[request.case.number, one.pk])
        assert client.get(copy).status_code in (302, 403)
    page = client.get(reverse("requests.public", args=[request.case.number])).content.decode()
    assert "/documents/" not in page
    assert not any(f"/{one.pk}/" in page for one in every)


def test_keys_tell_nothing_of_each_other(detector):
    keys = [one.key for one in released(published()) + released(published())]
    assert len(set(keys)) == 4
    assert all(len(key) == 32 for key in keys)
    with pytest.raises(Exception, match="requests_photo_key_when_released"):
        PublicPhoto.objects.filter(key=keys[0]).update(state=State.PROPOSED)


# --- pages ------------------------------------------------------------------------------------------------------------
def test_the_page_of_the_second_look(client, detector):
    request = published()
    one = request.public_photos.order_by("pk")[0]
    client.force_login(make.make_dispatcher().account)
    address = reverse("requests.photo", args=[request.case.number, one.pk])
    assert one.request.case.number in client.get(reverse("requests.photo_list")).content.decode()
    page = client.get(address).content.decode()
    assert '<rect x="10" y="10" width="40" height="40">' in page
    copy = client.get(reverse("requests.photo_copy", args=[request.case.number, one.pk]))
    assert copy.content == shelf.path(one.copy.blob_id).read_bytes()
    rows = {"x": ["10", "70", "", "5"], "y": ["10", "60", "", "x"], "w": ["40", "20", "", "9"], "h": ["40", "20", "", "9"],
            "why": ["face", "hand", "hand", "hand"], "revision": "0", "do": "cover"}  # fmt: skip
    wrong = client.post(address, rows)
    assert wrong.status_code == 422
    assert 'value="70"' in wrong.content.decode()
    rows = {name: value[:3] if isinstance(value, list) else value for name, value in rows.items()}
    assert client.post(address, rows | {"drop": "0"}).url == address
    one.refresh_from_db()
    assert one.boxes == [Box(70, 60, 20, 20).kept()]
    for old in ("0", "9" * 6000):
        assert client.post(address, {"do": "release", "alt": "路灯", "revision": old}).status_code == 409
    assert client.post(address, {"do": "release", "alt": "", "revision": "1"}).status_code == 422
    assert client.post(address, {"do": "release", "alt": "路灯", "revision": "1"}).status_code == 302
    one.refresh_from_db()
    assert (one.state, one.alt, one.released_by != "") == (State.RELEASED, "路灯", True)
    assert client.post(address, {"do": "withhold", "why": "重复", "revision": "2"}).status_code == 302
    client.force_login(make.make_operator().account)
    assert client.get(address).status_code == 403


def test_the_office_adds_photos_to_its_answer(client):
    request = make.make_dispatched()
    client.force_login(make.make_handler(request.case.department).account)
    number = request.case.number
    files = [SimpleUploadedFile(f"{n}.png", striped((200 + n, 150)), "image/png") for n in range(2)]
    revision = make.fresh(request).case.revision
    act = reverse("requests.act", args=[number, "reply"])
    given = {
        "revision": revision,
        "reply__opinion": "换了灯。",
        "reply__photo": [SimpleUploadedFile("a.png", b"no", "image/png")],
    }
    refused = client.post(act, given)
    assert refused.status_code == 422
    assert "换了灯。" in refused.content.decode()
    assert client.post(act, given | {"reply__photo": files}).status_code == 302
    assert photos.afterwards(request).count() == 2
    more = SimpleUploadedFile("c.png", striped((210, 150)), "image/png")
    client.post(reverse("requests.add_after", args=[number]), {"after": [more]})
    assert photos.afterwards(request).count() == 3
    page = client.get(reverse("requests.order", args=[number])).content.decode()
    assert page.count("/preview/") == 6


def test_the_caller_sees_what_was_done(client):
    citizen = make.make_citizen()
    request = photographed(citizen)
    client.force_login(citizen.account)
    page = client.get(reverse("requests.mine", args=[request.case.number])).content.decode()
    assert "处理后的照片" in page
    (after,) = photos.afterwards(request)
    assert client.get(reverse("documents.preview", args=[after.pk])).status_code == 200


def test_nobody_pictures_what_his_office_did_with_his_own_order():
    citizen = make.make_citizen()
    request = make.make_request(by=citizen, channel="portal", applicant=citizen.account.person)
    request = make.fresh(make.make_dispatched(request))
    people.make_post(citizen.account, "order_handler", department=request.case.department)
    with pytest.raises(Denied):
        operations.take_after(request, io.BytesIO(striped()), by=people.acting(citizen.account))
    operations.take_after(request, io.BytesIO(striped()), by=make.make_handler(request.case.department))
    assert photos.afterwards(request).count() == 1


def test_a_crowd_too_large_to_cover_face_by_face_is_covered_whole(monkeypatch):
    pytest.importorskip("cv2")
    crowd = [blurring.Box(20 * (n % 20), 20 * (n // 20), 8, 8, blurring.FACE) for n in range(blurring.MOST + 1)]
    monkeypatch.setattr(blurring, "_faces", lambda _pixels: crowd)
    monkeypatch.setattr(blurring, "_plates", lambda _pixels: [])
    (box,) = blurring.found(drawn_street())
    size = picture.upright(drawn_street()).size
    assert (box.x, box.y, box.w, box.h, box.why) == (0, 0, *size, blurring.FACE)
