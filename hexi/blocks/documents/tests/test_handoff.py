"""Handing an upload over to a phone: what a code allows, for how long, and that it allows nothing else."""

from datetime import timedelta

import pytest
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from hexi.blocks.audit.models import Entry
from hexi.blocks.documents import handoff, queries
from hexi.blocks.documents.models import Document
from hexi.blocks.documents.reading import Wanted
from hexi.blocks.documents.tests import make
from hexi.blocks.people.tests.make import acting, make_account, make_citizen
from hexi.kernel import clock

pytestmark = pytest.mark.django_db
THING = {"kind": "tests.thing", "ref": "7", "slot": "id"}


@pytest.fixture
def citizen():
    account = make_citizen()
    account.actor = acting(account)
    return account


def token_of(citizen, **facts):
    return handoff.handoff_token(citizen.actor, **{"owner": citizen.person, "title": "身份证", **THING, **facts})


def upload(client, token, body=None, name="IMG_0001.jpg", field="photo"):
    file = SimpleUploadedFile(name, make.make_image() if body is None else body, "image/jpeg")
    return client.post(reverse("documents.handoff", args=[token]), {field: file})


def later(monkeypatch, **span):
    moment = clock.now() + timedelta(**span)
    monkeypatch.setattr(clock, "now", lambda: moment)


def test_a_phone_that_has_not_signed_in_adds_to_the_one_slot(client, citizen):
    token = token_of(citizen)
    page = client.get(reverse("documents.handoff", args=[token]))
    assert (page.status_code, "身份证" in page.content.decode()) == (200, True)
    assert 'capture="environment"' in page.content.decode()
    assert citizen.person.name not in page.content.decode()
    answer = upload(client, token)
    assert (answer.status_code, "已收到 IMG_0001.jpg" in answer.content.decode()) == (200, True)
    document = Document.objects.get()
    assert (document.owner, document.made_by, document.title) == (citizen.person, citizen.actor.key, "身份证")
    assert (document.of_kind, document.of_ref, document.slot, document.level) == ("tests.thing", "7", "id", "C")
    entry = Entry.objects.get(verb="documents.store")
    assert (entry.actor_key, entry.actor_name) == (citizen.actor.key, "手机扫码上传")


def test_the_phone_is_told_of_the_wrong_paper_and_of_one_that_expired(client, citizen):
    token = token_of(citizen, wanted=Wanted(("房产证", "不动产权证")))
    page = upload(client, token, make.make_text_pdf("营业执照 有效期至 2020年1月1日"), "a.pdf", "file")
    text = page.content.decode()
    assert ("文字里没有找到“房产证”" in text, "有效期到 2020-01-01" in text) == (True, True)
    assert [one["key"] for one in Document.objects.get().doubts] == ["expired", "wrong"]
    good = upload(client, token, make.make_text_pdf("房产证"), "b.pdf", "file")
    assert ("没有找到" in good.content.decode(), Document.objects.get(name="b.pdf").doubts) == (False, [])


def test_files_can_be_chosen_instead_of_photographed(client, citizen):
    assert upload(client, token_of(citizen), make.make_pdf(), "a.pdf", "file").status_code == 200
    assert Document.objects.get().name == "a.pdf"


def test_a_code_works_before_real_name_binding(client):
    account = make_account()
    token = handoff.handoff_token(acting(account), owner=None, title="身份证", **THING)
    assert upload(client, token).status_code == 200
    assert queries.own(acting(account)).count() == 1


def test_a_code_ends_after_fifteen_minutes(client, citizen, monkeypatch):
    token = token_of(citizen)
    later(monkeypatch, minutes=14, seconds=58)
    assert upload(client, token).status_code == 200
    later(monkeypatch, seconds=3)
    answer = upload(client, token, make.make_image(seed=2))
    assert (answer.status_code, "二维码已过期" in answer.content.decode()) == (410, True)
    assert Document.objects.count() == 1
    with pytest.raises(ValidationError) as error:
        handoff.open_handoff(token)
    assert error.value.code == "expired"


@pytest.mark.parametrize(
    "change",
    [lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"), lambda token: "x" + token, lambda token: "x"],
)
def test_a_changed_code_is_refused(client, citizen, change):
    token = change(token_of(citizen))
    answer = upload(client, token)
    assert (answer.status_code, "二维码无效" in answer.content.decode()) == (410, True)
    with pytest.raises(ValidationError) as error:
        handoff.open_handoff(token)
    assert error.value.code == "invalid"


def test_something_else_we_signed_is_no_code(citizen):
    with pytest.raises(ValidationError):
        handoff.open_handoff(signing.Signer(salt="other").sign_object([1]))


def test_a_code_opens_nothing_else(client, citizen):
    document = make.make_document(citizen.person)
    upload(client, token_of(citizen))
    for name in ("documents.show", "documents.download", "documents.preview", "documents.thumb", "documents.document"):
        assert client.get(reverse(name, args=[document.pk])).status_code == 302
    assert client.get(reverse("documents.mine")).status_code == 302
    phone = handoff.open_handoff(token_of(citizen)).phone
    assert (phone.scopes("documents.check"), phone.may("documents.add")) == ((), False)


def test_limits_of_the_slot_hold_for_the_phone(client, citizen):
    token = token_of(citizen, accept=("image/jpeg",), most=1)
    answer = upload(client, token, make.make_pdf())
    assert (answer.status_code, "不收这种文件" in answer.content.decode()) == (422, True)
    upload(client, token)
    answer = upload(client, token, make.make_image(seed=2))
    assert (answer.status_code, "最多 1 份" in answer.content.decode()) == (422, True)
    assert Document.objects.count() == 1


def test_a_slot_that_was_submitted_meanwhile_takes_nothing_more(client, citizen):
    with make.reader("tests.thing", changeable=lambda ref, slot: False):
        answer = upload(client, token_of(citizen))
    assert (answer.status_code, "材料已经提交" in answer.content.decode()) == (422, True)


def test_sending_nothing_is_told(client, citizen):
    answer = client.post(reverse("documents.handoff", args=[token_of(citizen)]))
    assert (answer.status_code, "请先选择文件" in answer.content.decode()) == (422, True)


def test_the_computer_sees_what_arrived_and_stops_asking_when_it_is_over(client, citizen, monkeypatch):
    token = token_of(citizen)
    address = reverse("documents.handed", args=[token])
    assert client.get(address).status_code == 302
    client.force_login(citizen)
    asked = {"HTTP_HX_REQUEST": "true"}
    answer = client.get(address, **asked)
    assert (answer.status_code, "还没有收到" in answer.content.decode(), "<html" in answer.content.decode()) == (
        200,
        True,
        False,
    )
    upload(client, token)
    document = Document.objects.get()
    assert reverse("documents.thumb", args=[document.pk]) in client.get(address, **asked).content.decode()
    assert "<html" in client.get(address).content.decode()
    later(monkeypatch, minutes=15)
    assert client.get(address, **asked).status_code == 286
    assert client.get(address).status_code == 200


def test_another_account_does_not_see_what_arrived(client, citizen):
    client.force_login(make_citizen())
    assert client.get(reverse("documents.handed", args=[token_of(citizen)])).status_code == 404
    assert client.get(reverse("documents.handed", args=["x"])).status_code == 404


def test_the_address_in_the_code_is_whole_and_fits_a_small_code(rf, citizen):
    request = rf.get("/")
    address = handoff.address(request, token_of(citizen))
    assert address.startswith("http://testserver/documents/handoff/")
    assert len(address) < 330
