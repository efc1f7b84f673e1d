"""What a file is, by its content; what is refused and with which words; names made harmless."""

import zipfile

import pytest

from hexi.blocks.documents import content, kinds
from hexi.blocks.documents.kinds import DOCX, JPEG, OFD, PDF, PNG, WEBP, XLSX, Kind, Limits, Refused, safe_name
from hexi.blocks.documents.tests import make

LIMITS = Limits(pixels=60_000_000)


def kind_of(body: bytes, tmp_path, name: str = "x.bin", limits: Limits = LIMITS) -> Kind:
    path = tmp_path / "upload"
    path.write_bytes(body)
    return content.kind_of(path, name, limits)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (make.make_image("JPEG", 300, 200), Kind(JPEG, None, 300, 200, "small")),
        (make.make_image("PNG", 20, 10), Kind(PNG, None, 20, 10, "small")),
        (make.make_image("WEBP", 64, 48), Kind(WEBP, None, 64, 48, "small")),
        (make.make_pdf(3), Kind(PDF, pages=3)),
        (make.make_docx(), Kind(DOCX)),
        (make.make_xlsx(), Kind(XLSX)),
        (make.make_ofd(), Kind(OFD)),
    ],
    ids=["jpeg", "png", "webp", "pdf", "docx", "xlsx", "ofd"],
)
def test_each_kind_is_known_by_its_content_under_any_name(body, kind, tmp_path):
    assert [kind_of(body, tmp_path, name) for name in ("a.exe", "无后缀", "a.pdf")] == [kind] * 3


@pytest.mark.parametrize(
    ("body", "name", "code", "words"),
    [
        (b"", "a.pdf", "empty", "0 字节"),
        (b"MZ\x90\0" + b"\0" * 200, "身份证.jpg", "disguised", "内容其实是可执行程序"),
        (b"\x7fELF\x02", "a.pdf", "disguised", "文件名写的是 .pdf"),
        (b"#!/bin/sh\nrm -rf /", "a.png", "disguised", "可执行程序"),
        (b"\xef\xbb\xbf <!DOCTYPE html><script>", "a.pdf", "disguised", "网页"),
        (b"<svg xmlns='x'><script/></svg>", "a.png", "disguised", "网页"),
        (b"Rar!\x1a\x07", "a.docx", "disguised", "解压后"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "a.doc", "unknown", "另存为 docx"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "IMG_1.HEIC", "unknown", "兼容性最佳"),
        (b"\0\0\0\x18ftypmp42", "a.mp4", "unknown", "视频"),
        (b"GIF89a\x01", "a.gif", "unknown", "JPG 或 PNG"),
        ("只是文字".encode(), "a.txt", "unknown", "纯文本"),
        (b"\x00\x01\x02\x03", "a", "unknown", "认不出"),
        (make.make_zip({"a.txt": "x"}), "a.docx", "unknown", "压缩包"),
        (make.make_zip({"ppt/presentation.xml": "x"}), "a.pptx", "unknown", "PowerPoint"),
        (make.make_zip({"META-INF/MANIFEST.MF": "x"}), "a.docx", "unknown", "安装包或程序"),
        (make.make_docx(word__vbaProject="x"), "a.docx", "macros", "宏"),
        (make.make_zip({"[Content_Types].xml": "macroEnabled", "word/document.xml": ""}), "a.docx", "macros", "不带宏"),
        (make.make_zip({"word/document.xml": "", "xl/workbook.xml": ""}), "a.docx", "unknown", "压缩包"),
        (make.make_docx()[:-30], "a.docx", "broken", "重新导出"),
        (make.make_pdf()[:200], "a.pdf", "broken", "重新导出"),
        (b"%PDF-1.7\nrubbish", "a.pdf", "broken", "损坏"),
        (make.make_image("JPEG")[:-800], "a.jpg", "broken", "重新拍照"),
        (make.make_image("PNG")[:200], "a.png", "broken", "损坏"),
        (b"\xff\xd8\xff" + b"x" * 50, "a.jpg", "broken", "损坏"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "a.webp", "broken", "损坏"),
        (make.make_bad_pdf("encrypted"), "a.pdf", "encrypted", "去掉密码"),
        (make.make_bad_pdf("script"), "a.pdf", "script", "脚本"),
        (make.make_bad_pdf("script_on_page"), "a.pdf", "script", "脚本"),
        (make.make_bad_pdf("launch"), "a.pdf", "launch", "启动其他程序"),
        (make.make_bad_pdf("embedded"), "a.pdf", "embedded", "夹带"),
    ],
)
def test_what_is_refused_says_what_it_is_and_what_to_do(body, name, code, words, tmp_path):
    with pytest.raises(Refused) as refused:
        kind_of(body, tmp_path, name)
    assert refused.value.code == code
    assert words in refused.value.sentence


def test_a_small_picture_that_unfolds_to_billions_of_pixels_is_refused_before_it_is_decoded(tmp_path):
    with pytest.raises(Refused) as refused:
        kind_of(make.make_bomb(), tmp_path)
    assert refused.value.code == "pixels"
    assert "6000 万像素" in refused.value.sentence


def test_the_limit_of_pixels_is_the_installations(tmp_path):
    picture = make.make_image("PNG", 100, 50)
    assert kind_of(picture, tmp_path, limits=Limits(pixels=5000)) == Kind(PNG, None, 100, 50, "small")
    with pytest.raises(Refused) as refused:
        kind_of(picture, tmp_path, limits=Limits(pixels=4999))
    assert "100×50" in refused.value.sentence


def test_a_zip_that_unfolds_too_far_or_into_too_many_parts_is_refused(tmp_path):
    big = make.make_docx(word__media=b"\0" * 2_000_000)
    assert len(big) < 10_000
    assert kind_of(big, tmp_path) == Kind(DOCX)
    for limits in (Limits(1, unpacked=1_000_000), Limits(1, members=2)):
        with pytest.raises(Refused) as refused:
            kind_of(big, tmp_path, limits=limits)
        assert refused.value.code == "bomb"


def test_a_zip_with_a_password_or_a_damaged_part_is_refused(tmp_path):
    locked = bytearray(make.make_docx())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = locked.find(mark)
        while place >= 0:
            locked[place + offset] |= 1
            place = locked.find(mark, place + 1)
    with pytest.raises(Refused) as refused:
        kind_of(bytes(locked), tmp_path)
    assert refused.value.code == "encrypted"

    stored = tmp_path / "stored.docx"
    with zipfile.ZipFile(stored, "w", zipfile.ZIP_STORED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("word/document.xml", "<document>ABCDEF</document>")
    with pytest.raises(Refused) as refused:
        kind_of(stored.read_bytes().replace(b"ABCDEF", b"ABCDEG"), tmp_path)
    assert refused.value.code == "broken"


def test_a_pdf_of_too_many_objects_is_refused(tmp_path):
    assert kind_of(make.make_pdf(), tmp_path, limits=Limits(1, objects=100)) == Kind(PDF, pages=1)
    with pytest.raises(Refused) as refused:
        kind_of(make.make_pdf(), tmp_path, limits=Limits(1, objects=3))
    assert refused.value.code == "complex"


@pytest.mark.parametrize(
    ("given", "media_type", "kept"),
    [
        ("身份证.jpg", JPEG, "身份证.jpg"),
        ("身份证.JPEG", JPEG, "身份证.jpeg"),
        ("photo.png", JPEG, "photo.jpg"),
        ("C:\\Users\\张三\\合同.pdf", PDF, "合同.pdf"),
        ("../../etc/passwd", PDF, "passwd.pdf"),
        ("invoice.pdf.exe", PDF, "invoice.pdf.exe.pdf"),
        ("扫描\u202efdp.exe.jpg", JPEG, "扫描fdp.exe.jpg"),
        ("a\0b\nc.pdf", PDF, "abc.pdf"),
        ('<"x">|?*:.pdf', PDF, "x.pdf"),
        ("...", PDF, "文件.pdf"),
        ("", PDF, "文件.pdf"),
        (".pdf", PDF, "pdf.pdf"),
        ("长" * 300 + ".pdf", PDF, "长" * 120 + ".pdf"),
        ("2.合同v1.2", PDF, "2.合同v1.2.pdf"),
    ],
)
def test_names_are_made_harmless(given, media_type, kept):
    assert safe_name(given, media_type) == kept


def test_every_kind_has_an_ending_and_stands_in_accept():
    assert all(
        endings[0] in kinds.ACCEPT or media_type in kinds.ACCEPT for media_type, endings in kinds.ENDINGS.items()
    )
