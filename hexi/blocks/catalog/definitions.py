"""Packs of the catalogue's classification: classes, formats, ways of sharing, licences. Stands beside models."""

from functools import cache
from pathlib import Path

from pydantic import Field

from hexi.kernel import packs
from hexi.kernel.packs import PackModel, Words


class Group(PackModel):
    """项: the second step of a classification, two digits."""

    code: str = Field(pattern=r"^[0-9]{2}$")
    title: Words
    theme: str = Field("", pattern=r"^(http\S+)?$", description="the EU's data theme, which DCAT readers know")


class Class(PackModel):
    """类: the first step, one digit: base, topic, department."""

    code: str = Field(pattern=r"^[1-9]$")
    title: Words
    groups: list[Group] = Field(min_length=1)


class Format(PackModel):
    """信息资源格式: a kind of format and the types usual in it."""

    key: str = Field(pattern=r"^[a-z_]{1,20}$")
    title: Words
    types: list[str] = []


class Way(PackModel):
    """共享方式: by the platform or by hand."""

    key: str = Field(pattern=r"^[a-z_]{1,20}$")
    title: Words


class Licence(PackModel):
    """Under what an open data set may be used."""

    key: str = Field(pattern=r"^[a-z0-9.-]{1,40}$")
    title: Words
    url: str = Field(pattern=r"^https?://\S+$")


class ClassesFile(PackModel):
    """A file `packs/dataset_classes/*.yaml`."""

    standard: str
    classes: list[Class] = []
    formats: list[Format] = []
    ways: list[Way] = []
    licences: list[Licence] = []


@cache
def _files() -> tuple[ClassesFile, ...]:
    return tuple(packs.read(path, ClassesFile) for path in packs.files("dataset_classes"))


def load_classes(path: Path, content: ClassesFile) -> None:
    """Read from the files, not stored: loading only makes the next reading fresh."""
    for known in (_files, classes, formats, ways, licences):
        known.cache_clear()


@cache
def classes() -> dict[str, Class]:
    """类 by its digit; a later file may exchange one."""
    return {one.code: one for file in _files() for one in file.classes}


@cache
def formats() -> dict[str, Format]:
    """Formats by key."""
    return {one.key: one for file in _files() for one in file.formats}


@cache
def ways() -> dict[str, Way]:
    """Ways of sharing by key."""
    return {one.key: one for file in _files() for one in file.ways}


@cache
def licences() -> dict[str, Licence]:
    """Licences by key."""
    return {one.key: one for file in _files() for one in file.licences}


def group_of(classification: str) -> tuple[Class, Group] | None:
    """类 and 项 of a 分类码; None if there are no such."""
    found = classes().get(classification[:1])
    group = next((one for one in found.groups if one.code == classification[1:3]), None) if found else None
    return (found, group) if found and group else None


def group_words(classification: str) -> str:
    """主题信息资源 · 公共服务, in the language of the page; the code itself where nothing is known of it."""
    found = group_of(classification)
    return f"{found[0].title} · {found[1].title}" if found else classification
