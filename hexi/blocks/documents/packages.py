"""Checks zipped office documents (DOCX, XLSX, OFD) by what is inside, within a limit of work. Beside `kinds`."""

import zipfile
from pathlib import Path

from django.utils.translation import gettext as _

from hexi.blocks.documents.kinds import DOCX, OFD, XLSX, Kind, Limits, Refused

#: the part without which it is no such document
PARTS = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX, "OFD.xml": OFD}
TYPES = "[Content_Types].xml"


def read(path: Path, limits: Limits) -> Kind:
    """The kind of a zipped document without macros, unpacked within the limits. Raises `Refused`."""
    try:
        with zipfile.ZipFile(path) as package:
            _bounded(package, limits)
            kind = _kind(package)
            if broken := package.testzip():
                raise Refused("broken", _("文件已损坏（%(part)s）。请重新导出后上传。") % {"part": broken[:80]})
            return kind
    except Refused:
        raise
    except Exception as error:  # zipfile and zlib raise many kinds on a file made to hurt them
        raise Refused("broken", _("文件不完整或已损坏，打不开。请重新导出后上传。")) from error


def _bounded(package: zipfile.ZipFile, limits: Limits) -> None:
    members = package.infolist()
    if len(members) > limits.members or sum(member.file_size for member in members) > limits.unpacked:
        raise Refused("bomb", _("文件解开后过大，不能接收。请打印成 PDF 后上传。"))
    if any(member.flag_bits & 1 for member in members):
        raise Refused("encrypted", _("文件加了密码，工作人员打不开。请去掉密码后上传。"))


def _kind(package: zipfile.ZipFile) -> Kind:
    names = package.namelist()
    found = [media_type for part, media_type in PARTS.items() if part in names]
    if len(found) != 1 or (found[0] != OFD and TYPES not in names):
        raise Refused("unknown", _what(names))
    if found[0] != OFD and _has_macros(package, names):
        raise Refused("macros", _("文件里带有宏，不能接收。请另存为不带宏的 docx、xlsx 或 PDF 后上传。"))
    return Kind(found[0])


def _has_macros(package: zipfile.ZipFile, names: list[str]) -> bool:
    types = package.read(TYPES).replace(b"\0", b"").lower()  # UTF-16 is XML too
    return any("vbaproject" in name.lower() for name in names) or b"macroenabled" in types or b"vbaproject" in types


def _what(names: list[str]) -> str:
    if "ppt/presentation.xml" in names:
        return _("不能接收 PowerPoint 文件。请导出成 PDF 后上传。")
    if "AndroidManifest.xml" in names or "META-INF/MANIFEST.MF" in names:
        return _("内容其实是安装包或程序，不能接收。请上传 PDF、JPG、PNG、WebP、docx、xlsx 或 OFD 文件。")
    return _("内容其实是压缩包。请解压后把里面的文件逐个上传。")
