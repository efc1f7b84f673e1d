"""Checks PDF files: can be read, not locked, and carry nothing that runs or hides other files. Beside `kinds`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from hexi.blocks.documents.kinds import PDF, Kind, Limits, Refused

#: keys and values of dictionaries that start something, or carry other files
_SCRIPT = {"/JS", "/JavaScript", "/XFA"}
_ACTIONS = {"/JavaScript": "script", "/Launch": "launch", "/ImportData": "script", "/RichMedia": "script"}
_FILES = {"/EmbeddedFiles", "/EF"}


def read(path: Path, limits: Limits) -> Kind:
    """Number of pages of a harmless PDF. Raises `Refused`."""
    try:
        with path.open("rb") as file:
            reader = PdfReader(file, strict=False)
            if reader.is_encrypted:
                raise Refused("encrypted", _("PDF 加了密码，工作人员打不开。请去掉密码（另存或打印成 PDF）后上传。"))
            for number, thing in enumerate(_objects(reader, limits.objects)):
                if number > limits.objects:
                    raise _complex()
                _harmless(thing)
            return Kind(PDF, pages=_pages(reader))
    except Refused:
        raise
    except Exception as error:  # pypdf raises nearly anything on a file made to hurt it
        raise _broken() from error


def _pages(reader: PdfReader) -> int:
    pages = len(reader.pages)
    if not pages:
        raise _broken()
    return pages


def _complex() -> Refused:
    return Refused("complex", _("PDF 内容过于复杂。请打印成 PDF 后上传。"))


def _broken() -> Refused:
    return Refused("broken", _("PDF 不完整或已损坏，打不开。请重新导出后上传。"))


def _objects(reader: PdfReader, most: int) -> Iterator[DictionaryObject]:
    """Every dictionary of the file, unreachable ones too. Raises `Refused` for more than `most` objects."""
    numbers = {number for numbers in reader.xref.values() for number in numbers} | set(reader.xref_objStm)
    if len(numbers) > most:
        raise _complex()
    for number in sorted(numbers):
        yield from _dictionaries(reader.get_object(number))


def _dictionaries(thing: Any) -> Iterator[DictionaryObject]:
    waiting = [thing]
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, IndirectObject):
            continue
        if isinstance(thing, DictionaryObject):
            yield thing
            waiting += [value for key, value in _raw(thing)]
        elif isinstance(thing, ArrayObject):
            waiting += list.__iter__(thing)


def _raw(thing: DictionaryObject) -> list[tuple[Any, Any]]:
    return [(key, thing.raw_get(key)) for key in thing]


def _harmless(thing: DictionaryObject) -> None:
    action = thing.get("/S")
    if _SCRIPT & thing.keys() or _ACTIONS.get(str(action)) == "script" or thing.get("/Type") == "/RichMedia":
        raise Refused("script", _("PDF 里带有会自动运行的脚本，不能接收。请打印成 PDF 后上传。"))
    if action == "/Launch":
        raise Refused("launch", _("PDF 里带有启动其他程序的动作，不能接收。请打印成 PDF 后上传。"))
    if _FILES & thing.keys() or thing.get("/Type") == "/EmbeddedFile":
        raise Refused("embedded", _("PDF 里夹带了其他文件，不能接收。请把夹带的文件取出，分别上传。"))
