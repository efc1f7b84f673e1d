"""Annotated copies: what stands on them, who may make them, what a stranger is told, and what the holder sees of it."""

import io
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from shutil import which
from threading import Barrier

import pytest
import zxingcpp
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject

from hexi.blocks.audit import queries as log
from hexi.blocks.documents import copying, operations, queries, shelf
from hexi.blocks.documents.models import Blob, Copy, Document
from hexi.blocks.documents.tests import make
from hexi.blocks.notices.operations import SITE_URL
from hexi.blocks.people.tests.make import acting, make_account, make_citizen
from hexi.kernel import clock
from hexi.kernel.actors import Denied

pytestmark = pytest.mark.django_db


@pytest.fixture
def holder(client):
    account = make_citizen()
    account.actor = acting(account)
    client.force_login(account)
    return account


def make_copy(holder, document=None, *, token="t1", **facts) -> Copy:
    document = document or make.make_document(holder.person, content=make.make_pdf(2), name="a.pdf", title="房产证")
    given = {"purpose": "申请助学贷款", "recipient": "演示银行", "expires": clock.today() + timedelta(days=30)} | facts
    return copying.make(document, token=token, by=holder.actor, **given)


def pages(copy) -> list[str]:
    return [page.extract_text() for page in PdfReader(shelf.path(copy.file.blob_id)).pages]


def test_every_page_of_the_copy_says_what_it_is_for_and_the_original_is_untouched(holder):
    document = make.make_document(holder.person, content=make.make_pdf(2), name="a.pdf", title="房产证")
    before = shelf.path(document.blob_id).read_bytes()
    made = make_copy(holder, document)
    day, last = clock.today(), made.expires
    for number, text in enumerate(pages(made), 1):
        for said in (
            f"sample {number}", "用途：申请助学贷款", f"日期：{day.year}年{day.month}月{day.day}日", made.code,
            f"失效日：{last.year}年{last.month}月{last.day}日", "演示银行", f"{number} / 2",
        ):  # fmt: skip
            assert said in text
    assert shelf.path(document.blob_id).read_bytes() == before
    assert (made.file.level, made.file.blob.pages) == (document.level, 2)
    document.refresh_from_db()
    assert (document.purpose, document.removed_at) == ("", None)


@pytest.mark.skipif(not which("pdftoppm"), reason="no pdftoppm on this machine (Debian: apt install poppler-utils)")
@pytest.mark.parametrize("kind", ["pdf", "picture"])
@pytest.mark.parametrize("dots", [100, 200])
def test_the_code_on_the_copy_is_read_through_the_watermark(holder, client, tmp_path, kind, dots):
    """As a phone reads it from the screen or from paper: it leads a stranger to what the copy is for."""
    content, name = (make.make_pdf(1), "a.pdf") if kind == "pdf" else (make.make_image(width=1200, height=900), "a.jpg")
    made = make_copy(holder, make.make_document(holder.person, content=content, name=name, title="房产证"))
    file = shelf.path(made.file.blob_id)
    subprocess.run(["pdftoppm", "-r", str(dots), "-png", "-singlefile", str(file), str(tmp_path / "page")], check=True)
    (code,) = zxingcpp.read_barcodes(Image.open(tmp_path / "page.png"))
    site, path = code.text[: len(SITE_URL.value)], code.text[len(SITE_URL.value) :]
    assert (site, made.code in path) == (SITE_URL.value, True)
    client.logout()
    page = client.get(path)
    assert (page.status_code, "申请助学贷款" in page.content.decode()) == (200, True)


def test_a_picture_becomes_one_page_that_holds_no_secret_of_the_camera(holder):
    made = make_copy(holder, make.make_document(holder.person, content=make.make_image("JPEG", turned=True)))
    reader = PdfReader(shelf.path(made.file.blob_id))
    assert [len(reader.pages), len(reader.pages[0].images)] == [1, 1]
    assert b"SecretCamera" not in shelf.path(made.file.blob_id).read_bytes()
    image = reader.pages[0].images[0].image
    assert (image.width, image.height) == (400, 640)  # held upright


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_pages_lying_on_their_side_are_copied_as_they_are_shown(holder, turn):
    writer, body = PdfWriter(io.BytesIO(make.make_pdf())), io.BytesIO()
    writer.pages[0].rotate(turn)
    writer.write(body)
    made = make_copy(holder, make.make_document(holder.person, content=body.getvalue(), name="a.pdf"))
    box = PdfReader(shelf.path(made.file.blob_id)).pages[0].mediabox
    assert (box.width > box.height) is (turn in (90, 270))
    assert "sample 1" in pages(made)[0].replace("\n", " ")


def test_what_a_copy_would_lose_is_refused_in_words(holder):
    writer, body = PdfWriter(io.BytesIO(make.make_pdf())), io.BytesIO()
    stamp = DictionaryObject({NameObject("/Subtype"): NameObject("/Stamp"), NameObject("/AP"): DictionaryObject()})
    writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(stamp)])
    writer.write(body)
    for content, name, code in ((body.getvalue(), "a.pdf", "fields"), (make.make_docx(), "a.docx", "not_copyable")):
        with pytest.raises(ValidationError) as refused:
            make_copy(holder, make.make_document(holder.person, content=content, name=name))
        assert refused.value.code == code
    assert Copy.objects.count() == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("purpose", " "), ("purpose", "长" * 61), ("purpose", "给 13800000000 看"), ("recipient", ""),
        ("expires", -1), ("expires", 400),
    ],
)  # fmt: skip
def test_a_purpose_without_numbers_and_a_day_within_the_year_are_needed(holder, field, value):
    value = clock.today() + timedelta(days=value) if field == "expires" else value
    with pytest.raises(ValidationError) as refused:
        make_copy(holder, **{field: value})
    assert list(refused.value.error_dict) == [field]


def test_a_copy_counts_no_longer_than_its_original(holder):
    last = clock.today() + timedelta(days=5)
    document = make.make_document(holder.person, expires=last)
    with pytest.raises(ValidationError):
        make_copy(holder, document, expires=last + timedelta(days=1))
    assert make_copy(holder, document, expires=last).expires == last


def test_only_the_holder_makes_reads_and_withdraws(holder, client):
    made = make_copy(holder)
    other = make_account()
    other.actor = acting(other)
    for do in (
        lambda: make_copy(other, made.source, token="t2"),
        lambda: copying.withdraw(made, by=other.actor),
    ):
        with pytest.raises(Denied):
            do()
    client.force_login(other)
    for url in (
        reverse("documents.copy", args=[made.code]), reverse("documents.download", args=[made.file_id]),
        reverse("documents.make_copy", args=[made.source_id]),
    ):  # fmt: skip
        assert client.get(url).status_code == 404
    assert client.post(reverse("documents.withdraw_copy", args=[made.code])).status_code == 404


def test_a_copy_is_no_material_and_is_not_copied_again(holder):
    made = make_copy(holder)
    assert [list(queries.own(holder.actor)), queries.reusable(holder.actor, holder.person.pk)] == [[made.source]] * 2
    with pytest.raises(ValidationError) as refused:
        operations.attach(made.file, thing=("tests.thing", "1"), slot="s", by=holder.actor)
    assert refused.value.error_dict["file"][0].code == "copy"
    with pytest.raises(ValidationError):
        make_copy(holder, made.file, token="t2")
    with pytest.raises(ValidationError):
        operations.remove(made.file, by=holder.actor)


def test_a_stranger_learns_what_it_is_for_and_nobodys_name(holder, client):
    made = make_copy(holder)
    client.logout()
    answer = client.get(reverse("documents.copy_check", args=[made.code]))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert all(said in text for said in (made.code, "申请助学贷款", "编号真实"))
    assert not any(said in text for said in (holder.person.name, "演示银行", "房产证", "None"))
    gone = client.get(reverse("documents.copy_check", args=["AAAAAAAAAAAA"]))
    assert (gone.status_code, "伪造" in gone.content.decode()) == (404, True)


def test_the_file_itself_is_compared(holder, client):
    made = make_copy(holder)
    whole = shelf.path(made.file.blob_id).read_bytes()
    url = reverse("documents.copy_check", args=[made.code])
    for content, said in ((whole, "完全一致"), (whole + b" ", "不一致")):
        assert said in client.post(url, {"file": SimpleUploadedFile("a.pdf", content)}).content.decode()
    assert client.post(url).status_code == 422


def test_withdrawn_and_over_are_said_and_the_page_of_the_original_that_ended_too(holder, client):
    made, url = make_copy(holder), ""
    url = reverse("documents.copy_check", args=[made.code])
    client.post(reverse("documents.withdraw_copy", args=[made.code]))
    copying.withdraw(made, by=holder.actor)  # twice is once
    made.refresh_from_db()
    assert made.tag == ("refused", "已收回")
    assert "已收回这份复制件" in client.get(url).content.decode()
    second = make_copy(holder, made.source, token="t2", expires=clock.today())
    with clock.told_at(clock.now() + timedelta(days=1)):
        assert second.tag[0] == "off"
        assert "已过期" in client.get(reverse("documents.copy_check", args=[second.code])).content.decode()
    third = make_copy(holder, make.make_document(holder.person, thing=("tests.thing", "3"), slot="s"), token="t3")
    with make.reader("tests.thing", fault=lambda document: "现在不作数"):
        assert "现在不作数" in client.get(reverse("documents.copy_check", args=[third.code])).content.decode()
        with pytest.raises(ValidationError):
            make_copy(holder, third.source, token="t4")


def test_making_and_every_strangers_check_stand_in_the_holders_log(holder, client):
    made = make_copy(holder)
    url = reverse("documents.copy_check", args=[made.code])
    client.get(url)  # his own look is none
    client.logout()
    for _n in range(2):
        client.get(url)
    with clock.told_at(clock.now() + timedelta(minutes=11)):
        client.get(url)
    copying.withdraw(made, by=holder.actor)
    told = [one.verb for one in log.looks_at(holder.person.pk).order_by("id")]
    assert told == ["documents.copy", "look", "look", "documents.withdraw_copy"]
    assert "演示银行" in log.looks_at(holder.person.pk).order_by("id")[0].facts["purpose"]


def test_the_form_leads_to_the_copy_and_keeps_what_was_entered(holder, client):
    document = make.make_document(holder.person, title="身份证")
    url = reverse("documents.make_copy", args=[document.pk])
    assert (
        reverse("documents.make_copy", args=[document.pk])
        in client.get(reverse("documents.document", args=[document.pk])).content.decode()
    )
    token = re.search(r'name="token" value="(\w+)"', client.get(url).content.decode())[1]
    given = {"purpose": "租房", "recipient": "", "expires": clock.today(), "token": token}
    wrong = client.post(url, given)
    assert (wrong.status_code, "租房" in wrong.content.decode()) == (422, True)
    for _n in range(2):  # the button pressed twice
        done = client.post(url, given | {"recipient": "房东"})
    made = Copy.objects.get()
    assert done.url == reverse("documents.copy", args=[made.code])
    assert client.get(done.url).status_code == 200
    assert made.code in client.get(reverse("documents.copies")).content.decode()


def test_the_list_asks_the_same_few_questions_for_one_and_three(holder, client):
    document, asked = make.make_document(holder.person), []
    for n in (1, 2, 3):
        make_copy(holder, document, token=f"t{n}")
        client.get(reverse("documents.copies"))
        with CaptureQueriesContext(connection) as found:
            client.get(reverse("documents.copies"))
        asked.append(len(found))
    assert asked == asked[:1] * 3


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_one_form_sent_many_times_at_once_is_one_copy():
    account = make_citizen()
    account.actor = acting(account)
    document, gate = make.make_document(account.person, content=make.make_pdf(), name="a.pdf"), Barrier(6)

    def one(_n):
        try:
            gate.wait()
            return make_copy(account, document).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        made = set(pool.map(one, range(6)))
    assert (len(made), Copy.objects.count(), Document.objects.count(), Blob.objects.count()) == (1, 1, 2, 2)
