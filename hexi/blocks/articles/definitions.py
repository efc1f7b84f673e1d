"""Packs of articles: their kinds with the usual interval of review, and the articles of a region. Beside models."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from hexi.kernel import packs
from hexi.kernel.packs import Fault, PackModel, Words


class Kind(PackModel):
    """A kind of article: policy, guide, question and answer, news; how often it is usually looked at again."""

    key: str = Field(pattern=r"^[a-z_]{1,20}$")
    title: Words
    icon: str = Field(pattern=r"^[a-z-]+$")
    review_months: int = Field(ge=1, le=36)
    order: int = 50


class Kinds(PackModel):
    """A file `packs/article_kinds/*.yaml`."""

    kinds: list[Kind] = Field(min_length=1)


class Entry(PackModel):
    """One article as a pack says it. `source` names law and article; what is made up says so in `synthetic`."""

    key: str = Field(pattern=r"^[a-z0-9-]{3,60}$")
    kind: str
    department: str
    region: str = Field("", pattern=r"^([0-9]{12})?$", description="empty: that of the department")
    audience: Literal["public", "officials"] = "public"
    title: Words
    body: Words
    reply: str = ""
    source: str = ""
    source_url: str = Field("", pattern=r"^(https?://\S+)?$")
    synthetic: bool = False
    keywords: list[str] = []
    items: list[str] = []
    subjects: list[str] = []
    valid_from: date
    valid_to: date | None = None
    review_on: date | None = None

    @model_validator(mode="after")
    def founded(self) -> "Entry":
        """It names its source, or says that it is made up; it ends after it begins."""
        if not self.source and not self.synthetic:
            raise ValueError(
                "写明 source（哪部法律哪一条），或写 synthetic: true / name the source, or say it is synthetic"
            )
        if self.synthetic and "演示" not in self.title.zh:
            raise ValueError("演示内容的标题要写明“（演示）” / the title of a synthetic article says （演示）")
        if self.valid_to and self.valid_to <= self.valid_from:
            raise ValueError("valid_to 要晚于 valid_from / valid_to should be after valid_from")
        return self


class Articles(PackModel):
    """A file `packs/articles/*.yaml`. `demo`: taken in only where the option `site.demo` is on."""

    demo: bool = False
    articles: list[Entry] = Field(min_length=1)


@cache
def kinds() -> dict[str, Kind]:
    """Every kind by its key, in order; a later file may exchange one."""
    found = {one.key: one for path in packs.files("article_kinds") for one in packs.read(path, Kinds).kinds}
    return dict(sorted(found.items(), key=lambda pair: (pair[1].order, pair[0])))


def load_kinds(path: Path, content: Kinds) -> None:
    """Read from the files, not stored: loading only makes the next reading fresh."""
    kinds.cache_clear()


def check(path: Path, content: Articles) -> list[Fault]:
    """Each key once, each kind known."""
    faults, seen = [], set()
    for one in content.articles:
        if one.key in seen:
            faults.append(Fault(path, 1, f"{one.key}：key 写了两次 / the key stands twice"))
        if one.kind not in kinds():
            faults.append(Fault(path, 1, f"{one.key}：没有「{one.kind}」这种类型 / there is no such kind"))
        seen.add(one.key)
    return faults
