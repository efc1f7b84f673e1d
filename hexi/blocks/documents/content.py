"""What a file is, by its content alone: never by its name or by what the browser says. Stands on `kinds`."""

from collections.abc import Callable
from pathlib import Path

from django.utils.translation import gettext as _

from hexi.blocks.documents import packages, pictures, portable
from hexi.blocks.documents.kinds import ENDINGS, Kind, Limits, Refused

#: how each kind begins, and what checks the rest
READERS: tuple[tuple[Callable[[bytes], bool], Callable[[Path, Limits], Kind]], ...] = (
    (lambda head: head.startswith(b"%PDF-"), portable.read),
    (lambda head: head.startswith(b"\xff\xd8\xff"), pictures.read),
    (lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"), pictures.read),
    (lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP", pictures.read),
    (lambda head: head.startswith(b"PK\x03\x04"), packages.read),
)
_HEAD = 4096
_HEIC = (b"heic", b"heix", b"heif", b"hevc", b"mif1", b"msf1", b"avif")
_PROGRAM = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe")
_MARKUP = (b"<!doctype html", b"<html", b"<script", b"<svg", b"<?xml", b"<head", b"<body")


def kind_of(path: Path, name: str, limits: Limits) -> Kind:
    """The kind of a file. Raises `Refused` if it is empty, broken, dangerous, too much work, or of no kind taken.

    `name` is only used to tell a person whose file is not what its name says.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise Refused("empty", _("文件是空的（0 字节）。请重新选择文件。"))
    for matches, read in READERS:
        if matches(head):
            return read(path, limits)
    what = _what(head)
    claimed = Path(name).suffix.lower()
    if claimed in {ending for endings in ENDINGS.values() for ending in endings}:
        sentence = _("文件名写的是 %(claimed)s，内容其实是%(what)s。%(remedy)s")
        raise Refused("disguised", sentence % {"claimed": claimed, "what": what[0], "remedy": what[1]})
    sentence = _("不能接收%(what)s。%(remedy)s")
    raise Refused("unknown", sentence % {"what": what[0], "remedy": what[1]})


def _what(head: bytes) -> tuple[str, str]:
    """What a file of no kind taken really is, and what its owner can do."""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    found = (
        (head.startswith(_PROGRAM), _("可执行程序"), _usual()),
        (head[4:8] == b"ftyp" and head[8:12] in _HEIC, _("HEIC 照片"), _photo()),
        (head[4:8] == b"ftyp", _("视频"), _usual()),
        (head.startswith(b"\xd0\xcf\x11\xe0"), _("老格式的 Office 文件（doc、xls 或 wps）"), _office()),
        (head.startswith(b"{\\rtf"), _("RTF 文件"), _office()),
        (head.startswith((b"GIF8", b"BM", b"II*\0", b"MM\0*")), _("GIF、BMP 或 TIFF 图片"), _picture()),
        (head.startswith((b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"PK\x05\x06")), _("压缩包"), _unpack()),
        (text.startswith(_MARKUP), _("网页"), _usual()),
        (_is_text(head), _("纯文本"), _("请放进 Word 文档或打印成 PDF 后上传。")),
    )
    return next(((what, remedy) for matches, what, remedy in found if matches), (_("认不出的文件"), _usual()))


def _usual() -> str:
    return _("请上传 PDF、JPG、PNG、WebP、Word（docx）、Excel（xlsx）或 OFD 文件。")


def _photo() -> str:
    return _("请在手机相机设置里选“兼容性最佳”（JPEG），或截图后上传。")


def _picture() -> str:
    return _("请另存为 JPG 或 PNG 后上传。")


def _office() -> str:
    return _("请用 Word 或 WPS 另存为 docx、xlsx 或 PDF 后上传。")


def _unpack() -> str:
    return _("请解压后把里面的文件逐个上传。")


def _is_text(head: bytes) -> bool:
    return not any(byte < 9 or 13 < byte < 32 for byte in head)
