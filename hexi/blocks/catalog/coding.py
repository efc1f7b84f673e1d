"""信息资源代码: what a code says and whether it can be right (发改高技〔2017〕1272号). Pure, beside models.

分类码 = 类 (1 digit: 1 base, 2 topic, 3 department) + 项 (2) + 目 (3) + 细目 (as many as needed), then "/" and 顺序码.
"""

import re
import unicodedata
from dataclasses import dataclass

from django.utils.translation import gettext as _

from hexi.blocks.catalog.definitions import group_of

#: digits of a serial as we write it; longer ones of others are read
SERIAL = 5
#: digits of 细目 at most, so that the whole fits its column
DETAIL = 12


class WrongCode(ValueError):
    """A code or classification that cannot be right; says what to mend."""


@dataclass(frozen=True)
class Code:
    """A code and its parts, each as it is written."""

    classification: str
    serial: str

    def __str__(self) -> str:
        return f"{self.classification}/{self.serial}"


def read_classification(text: str) -> str:
    """A 分类码, checked against the list of 类 and 项. Raises `WrongCode`."""
    text = re.sub(r"[\s\-.]", "", unicodedata.normalize("NFKC", text))
    if not re.fullmatch(r"[0-9]+", text):
        raise WrongCode(_("分类码只由数字组成：类 1 位、项 2 位、目 3 位，细目按需，例如 307001。"))
    if not 6 <= len(text) <= 6 + DETAIL:
        raise WrongCode(_("分类码 6 至 %(n)s 位：类 1 位、项 2 位、目 3 位，细目按需。") % {"n": 6 + DETAIL})
    if group_of(text) is None:
        raise WrongCode(
            _("没有类 %(class)s、项 %(group)s 这种分类，请对照分类表。") % {"class": text[0], "group": text[1:3]}
        )
    return text


def read(text: str) -> Code:
    """A whole code, checked. Raises `WrongCode`."""
    classification, slash, serial = unicodedata.normalize("NFKC", text).strip().partition("/")
    if not slash:
        raise WrongCode(_("信息资源代码写作“分类码/顺序码”，例如 307001/00001。"))
    if not re.fullmatch(r"[0-9]{1,12}", serial) or not int(serial):
        raise WrongCode(_("斜杠后面的顺序码是 1 至 12 位数字，从 1 起。"))
    return Code(read_classification(classification), serial)


def write(classification: str, number: int) -> str:
    """The code of a serial number."""
    return str(Code(classification, f"{number:0{SERIAL}d}"))
