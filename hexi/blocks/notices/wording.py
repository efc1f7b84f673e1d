"""Templates of notices: their pack, and filling one with facts. Stands to the right of the models.

A template names its facts as `{number}`; nothing else in braces is allowed, so that a fact can never reach into an
object, and a fact's own braces are plain text.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from string import Formatter
from urllib.parse import quote

from django.utils import translation
from pydantic import Field, model_validator

from hexi.blocks.notices.channels import channels
from hexi.kernel import packs
from hexi.kernel.packs import Fault, PackModel, Words
from hexi.ui.words import day, moment

Fact = str | int | date | datetime | Words


class Template(PackModel):
    """One thing people are told. `link` is a path of this site; `channels` are tried besides the inbox."""

    key: str = Field(pattern=r"^[a-z_]+(\.[a-z_]+)+$")
    title: Words
    body: Words
    facts: list[str] = []
    channels: list[str] = ["mail", "sms"]
    link: str = Field(default="", pattern=r"^(/([^/].*)?)?$")

    @model_validator(mode="after")
    def only_declared_facts(self) -> "Template":
        """Every `{name}` is a declared fact, plainly written, and every declared fact is used."""
        texts = (self.title.zh, self.title.en, self.body.zh, self.body.en, self.link)
        used = {name for text in texts for name in names_in(text)}
        if unknown := used - set(self.facts):
            raise ValueError(f"「{self.key}」的 facts 里没有：{'、'.join(sorted(unknown))} / not among its facts")
        if idle := set(self.facts) - used:
            raise ValueError(f"「{self.key}」没有用到：{'、'.join(sorted(idle))} / facts never used")
        return self


class Templates(PackModel):
    """A file `packs/notices/*.yaml`: the templates of one block or domain."""

    templates: list[Template] = Field(min_length=1)


@dataclass(frozen=True)
class Filled:
    """A template with its facts, in both languages."""

    title: str
    body: str
    title_en: str
    body_en: str
    link: str


def names_in(text: str) -> Iterator[str]:
    """The names in braces. Raises ValueError for anything else that `str.format` would understand."""
    for _, name, spec, conversion in Formatter().parse(text):
        if name is None:
            continue
        if not name.isidentifier() or spec or conversion:
            raise ValueError(f"花括号里只能写事实的名字，如 {{number}}；写的是「{name}」/ only a fact's name in braces")
        yield name


def fill(key: str, facts: Mapping[str, Fact]) -> Filled:
    """The notice `key` with these facts; dates and bilingual names follow the language.

    Raises LookupError for an unknown template and TypeError for missing or unknown facts.
    """
    template = templates()[key]
    if set(facts) != set(template.facts):
        raise TypeError(f"{key}: facts {sorted(template.facts)} expected, got {sorted(facts)}")
    with translation.override("zh-hans"):
        chinese = {name: _said(fact) for name, fact in facts.items()}
    with translation.override("en"):
        english = {name: _said(fact) for name, fact in facts.items()}
    return Filled(
        title=template.title.zh.format_map(chinese),
        body=template.body.zh.format_map(chinese),
        title_en=template.title.en.format_map(english),
        body_en=template.body.en.format_map(english),
        link=template.link.format_map({name: quote(str(fact), safe="") for name, fact in facts.items()}),
    )


def _said(fact: Fact) -> str:
    if isinstance(fact, datetime):
        return moment(fact)
    return day(fact) if isinstance(fact, date) else str(fact)


@cache
def templates() -> Mapping[str, Template]:
    """Every template by its key. Raises PackError for a broken file and for a key used twice."""
    found: dict[str, Template] = {}
    for path in packs.files("notices"):
        for template in packs.read(path, Templates).templates:
            if template.key in found:
                raise packs.PackError([Fault(path, 1, f"「{template.key}」已在别处定义 / is defined twice")])
            found[template.key] = template
    return found


def load(path: Path, content: Templates) -> None:
    """Templates are read from the files, not stored: loading only makes the next reading fresh."""
    templates.cache_clear()


def check(path: Path, content: Templates) -> list[Fault]:
    """Channels nobody declares: a misspelt one would never be used."""
    unknown = {(one.key, channel) for one in content.templates for channel in one.channels if channel not in channels()}
    return [
        Fault(path, 1, f"「{key}」：没有「{channel}」这个渠道 / no such channel") for key, channel in sorted(unknown)
    ]
