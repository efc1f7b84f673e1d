"""Pages of certificates: the holder's, the public verify page with its brake, and the officials'."""

import subprocess
from shutil import which

import pytest
import zxingcpp
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from hexi.blocks.audit.models import Entry
from hexi.blocks.certificates import gate, operations, proof
from hexi.blocks.certificates.models import Certificate, Key
from hexi.blocks.certificates.tests.make import BY, make_certificate, make_key
from hexi.blocks.documents import shelf
from hexi.blocks.documents.tests.make import make_pdf
from hexi.blocks.notices.operations import SITE_URL
from hexi.blocks.people.tests.make import (
    make_citizen,
    make_department,
    make_enterprise,
    make_official,
    make_person,
    resident_number,
)  # fmt: skip
from hexi.kernel.options import override

pytestmark = pytest.mark.django_db


def get(client, name, *args, **query):
    return client.get(reverse(f"certificates.{name}", args=args), query)


def text(response) -> str:
    return response.content.decode()


def file_of(made) -> bytes:
    return shelf.path(made.document.blob_id).read_bytes()


def verify_file(client, body: bytes):
    return client.post(reverse("certificates.verify"), {"file": SimpleUploadedFile("a.pdf", body)})


# --- public -----------------------------------------------------------------------------------------------------


def test_anybody_sees_what_a_certificate_counts_for_but_not_who_holds_it(client):
    number = resident_number()
    made = make_certificate(make_person("李玉兰", number=number))
    page = text(get(client, "verified", made.identifier))
    assert ("有效" in page, "不作数" in page, "李**" in page) == (True, False, True)
    for hidden in ("李玉兰", number, made.metadata["extend_info"]["place"]):
        assert hidden not in page
    for shown in (made.number, made.issuer_name, made.identifier, made.holder_code):
        assert shown in page


def test_a_bodys_name_is_public(client):
    made = make_certificate(make_enterprise("玉门市石河子种植专业合作社"))
    assert "玉门市石河子种植专业合作社" in text(get(client, "verified", made.identifier))


@pytest.mark.skipif(not which("pdftoppm"), reason="no pdftoppm on this machine (Debian: apt install poppler-utils)")
@pytest.mark.parametrize("dots", [72, 150])
def test_the_qr_on_the_printed_page_is_read_and_leads_to_the_public_page(client, tmp_path, dots):
    """Read from the paper as a phone does; 72 dots an inch is a poor screen."""
    made = make_certificate()
    file = shelf.path(made.document.blob_id)
    subprocess.run(["pdftoppm", "-r", str(dots), "-png", "-singlefile", str(file), str(tmp_path / "page")], check=True)
    (code,) = zxingcpp.read_barcodes(Image.open(tmp_path / "page.png"))
    site, path = code.text[: len(SITE_URL.value)], code.text[len(SITE_URL.value) :]
    assert (site, path.startswith(f"/verify/{made.identifier}/?c=")) == (SITE_URL.value, True)
    page = text(client.get(path))
    assert ("二维码与登记的内容相符" in page, made.number in page, "不作数" in page) == (True, True, False)


@pytest.mark.parametrize(
    ("code", "words"),
    [(None, ()), ("right", ("二维码与登记的内容相符",)), ("0123456789", ("二维码与登记的内容不符", "可能是伪造的"))],
)
def test_the_code_of_the_qr_is_compared(client, code, words):
    made = make_certificate()
    query = {} if code is None else {"c": proof.short(made.metadata) if code == "right" else code}
    page = text(get(client, "verified", made.identifier, **query))
    assert [one in page for one in ("二维码与登记的内容相符", "二维码与登记的内容不符", "可能是伪造的")] == [
        one in words for one in ("二维码与登记的内容相符", "二维码与登记的内容不符", "可能是伪造的")
    ]


@pytest.mark.parametrize(
    ("verb", "word"), [("suspend", "暂扣"), ("revoke", "已撤销"), ("cancel", "已注销"), ("forfeit", "已吊销")]
)
def test_what_no_longer_counts_is_said_first(client, verb, word):
    made = make_certificate()
    operations.VERBS[verb](made, reason="内部理由", by=BY)
    page = text(get(client, "verified", made.identifier))
    assert (f"现在不作数：{word}" in page, "内部理由" in page) == (True, False)


def test_a_demo_certificate_says_so(client):
    make_key(demo=True)
    assert "演示密钥签发，没有法律效力" in text(get(client, "verified", make_certificate().identifier))


@pytest.mark.parametrize("asked", ["{identifier}", " {identifier} ", "{number}"])
def test_a_number_typed_in_leads_to_the_result(client, asked):
    made = make_certificate()
    answer = get(client, "verify", number=asked.format(identifier=made.identifier, number=made.number))
    assert (answer.status_code, answer["Location"]) == (302, reverse("certificates.verified", args=[made.identifier]))


def test_an_unknown_number_is_told_and_kept_in_the_field(client):
    answer = get(client, "verify", number="〔2026〕9号")
    assert (answer.status_code, "没有查到“〔2026〕9号”" in text(answer), 'value="〔2026〕9号"' in text(answer)) == (
        422,
        True,
        True,
    )
    answer = get(client, "verified", "1.2.156.3005.2.X")
    assert (answer.status_code, "没有这张证照" in text(answer)) == (404, True)


def test_a_file_as_issued_is_good(client):
    made = make_certificate()
    page = text(verify_file(client, file_of(made)))
    assert ("签名有效，文件自签发以来没有改动，与登记一致" in page, made.number in page) == (True, True)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda body: body.replace(b"ReportLab", b"ReportLaB", 1), "文件被改动过"),
        (lambda body: body[:-40], "文件被改动过"),
        (lambda body: make_pdf(), "没有证照签名"),
        (lambda body: b"", "没有证照签名"),
    ],
)
def test_a_file_that_was_changed_or_is_no_certificate_is_told(client, change, words):
    body = change(file_of(make_certificate()))
    assert body != file_of(make_certificate())
    assert words in text(verify_file(client, body or b" "))


def test_a_file_signed_by_us_but_not_registered_here_is_told(client):
    signer = make_key()
    page, metadata = make_pdf(), {"certificate_identifier": "1.2.156.3005.2.X"}
    body = proof.seal(page, proof.sign(page, metadata, signer.private))
    assert "没有登记这张证照" in text(verify_file(client, body))


def test_a_file_of_another_platform_is_told(client, tmp_path, settings):
    body = file_of(make_certificate())
    Certificate.objects.all().delete()
    Key.objects.all().delete()
    settings.DATA = tmp_path / "elsewhere"
    assert "不是本平台的密钥签发的" in text(verify_file(client, body))


def test_no_file_is_told(client):
    answer = client.post(reverse("certificates.verify"))
    assert (answer.status_code, "请选择证照的 PDF 文件" in text(answer)) == (422, True)


def test_who_asks_too_often_has_to_wait_and_others_have_not(client):
    made = make_certificate()
    with override(gate.PER_MINUTE, 3):
        answers = [get(client, "verified", made.identifier).status_code for _ in range(4)]
        assert answers == [200, 200, 200, 429]
        assert get(client, "verify", number="x").status_code == 429
        assert verify_file(client, b"x")["Retry-After"] == "60"
        assert get(client, "verify").status_code == 200
        other = client.get(reverse("certificates.verified", args=[made.identifier]), REMOTE_ADDR="192.0.2.7")
        assert other.status_code == 200


# --- the holder -------------------------------------------------------------------------------------------------


def test_the_holder_sees_his_certificates_and_nobody_elses(client):
    citizen = make_citizen()
    mine, body = make_certificate(citizen.person), make_certificate(make_enterprise(representative=citizen.person))
    other = make_certificate()
    assert get(client, "mine").status_code == 302
    client.force_login(citizen)
    page = text(get(client, "mine"))
    assert [one.number in page for one in (mine, body, other)] == [True, True, False]
    assert [get(client, "own", one.identifier).status_code for one in (mine, body, other)] == [200, 200, 404]
    page = text(get(client, "own", mine.identifier))
    assert ("46.5 立方米" in page, reverse("documents.show", args=[mine.document_id]) in page) == (True, True)


def test_somebody_without_certificates_is_told_when_there_will_be_one(client):
    client.force_login(make_citizen())
    assert "还没有电子证照" in text(get(client, "mine"))


def test_the_holder_downloads_the_file_and_strangers_do_not(client):
    citizen = make_citizen()
    made = make_certificate(citizen.person)
    address = reverse("documents.download", args=[made.document_id])
    client.force_login(make_citizen())
    assert client.get(address).status_code == 404
    client.force_login(citizen)
    assert b"".join(client.get(address).streaming_content) == file_of(made)
    assert reverse("documents.remove", args=[made.document_id]) not in text(
        client.get(reverse("documents.document", args=[made.document_id]))
    )


def test_the_holder_reads_what_happened_and_why(client):
    citizen = make_citizen()
    made = make_certificate(citizen.person)
    operations.suspend(made, reason="正在核查采伐地点", by=BY)
    client.force_login(citizen)
    page = text(get(client, "own", made.identifier))
    assert ("签发" in page, "正在核查采伐地点" in page, "暂扣" in page) == (True, True, True)


# --- officials --------------------------------------------------------------------------------------------------


@pytest.fixture
def head(client):
    account = make_official("head", department=make_department(demo=False))
    client.force_login(account)
    return account


def test_officials_see_what_their_office_issued(client, head):
    ours, theirs = make_certificate(), make_certificate(issuer=make_department("elsewhere", demo=False))
    page = text(get(client, "certificates"))
    assert [
        one.identifier in page or reverse("certificates.certificate", args=[one.pk]) in page for one in (ours, theirs)
    ] == [True, False]
    assert [get(client, "certificate", one.pk).status_code for one in (ours, theirs)] == [200, 404]
    assert get(client, "change", theirs.pk).status_code == 404


def test_an_official_looking_at_the_file_is_logged(client, head):
    made = make_certificate()
    assert client.get(reverse("documents.show", args=[made.document_id])).status_code == 200
    assert Entry.objects.filter(verb="look", about_person=made.holder_id).count() == 1


def test_citizens_have_no_list_of_certificates(client):
    client.force_login(make_citizen())
    assert [
        get(client, name, *args).status_code
        for name, args in (("certificates", ()), ("certificate", (1,)), ("change", (1,)))
    ] == [403] * 3


def test_who_may_issue_but_not_revoke_has_no_button(client):
    clerk = make_official("clerk", department=make_department(demo=False))
    client.force_login(clerk)
    made = make_certificate()
    assert reverse("certificates.change", args=[made.pk]) not in text(get(client, "certificate", made.pk))
    assert get(client, "change", made.pk).status_code == 403


def test_the_form_changes_the_state_with_a_reason(client, head):
    made = make_certificate()
    address = reverse("certificates.change", args=[made.pk])
    assert address in text(get(client, "certificate", made.pk))
    answer = client.post(address, {"verb": "revoke", "reason": "申请材料虚假（玉林草撤〔2026〕1号）"}, follow=True)
    assert (answer.status_code, "现在是“已撤销”" in text(answer)) == (200, True)
    made.refresh_from_db()
    assert (made.state, made.changes.last().actor_name) == ("03", f"玉门市林业和草原局 {head}")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"verb": "revoke", "reason": "  "}, "理由和依据"),
        ({"verb": "resume", "reason": "核查完毕"}, "不能改为“有效”"),
        ({"verb": "delete", "reason": "核查完毕"}, "delete"),
    ],
)
def test_a_refused_change_says_why_and_keeps_what_was_entered(client, head, given, words):
    made = make_certificate()
    answer = client.post(reverse("certificates.change", args=[made.pk]), given)
    assert answer.status_code == 422
    assert ('id="error-summary"' in text(answer), words in text(answer)) == (True, True)
    assert given["reason"].strip() in text(answer)
    made.refresh_from_db()
    assert made.state == "01"


def test_the_list_asks_the_same_number_of_questions_for_one_and_three_rows(client, head, django_assert_max_num_queries):
    counts = []
    for rows in (1, 2):
        for _ in range(rows):
            make_certificate()
        with django_assert_max_num_queries(100) as asked:
            get(client, "certificates")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_saving_the_list_is_logged(client, head):
    make_certificate()
    assert get(client, "certificates", export="csv").status_code == 200
    assert Entry.objects.get(verb="certificates.export").facts == {"count": 1}


def test_searching_the_list(client, head):
    first, second = make_certificate(make_person("李玉兰")), make_certificate(make_person("马得才"))
    page = text(get(client, "certificates", q="马得"))
    assert (second.number in page, first.number in page) == (True, False)
