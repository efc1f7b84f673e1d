"""Packs: YAML files checked against a schema; an error names the file, the line and the sentence to mend."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from django.conf import settings
from pydantic import BaseModel, ConfigDict, ValidationError

from hexi.kernel.manifest import manifests

Schema = TypeVar("Schema", bound=BaseModel)

#: what pydantic found, said in Chinese first; the rest falls back to pydantic's own English
SENTENCES = {
    "missing": "缺少必填项「{field}」，请补上 / is required",
    "extra_forbidden": "没有「{field}」这一项，请删去或改名 / is not a known field",
    "string_type": "「{field}」应为文字，带引号书写 / should be text; put it in quotes",
    "int_parsing": "「{field}」应为整数 / should be a whole number",
    "int_type": "「{field}」应为整数 / should be a whole number",
    "bool_parsing": "「{field}」应为 true 或 false / should be true or false",
    "date_from_datetime_parsing": "「{field}」应为日期，如 2026-11-24 / should be a date",
    "literal_error": "「{field}」只能是 {expected} / should be one of {expected}",
    "enum": "「{field}」只能是 {expected} / should be one of {expected}",
    "list_type": "「{field}」应为列表（每行以 - 开头）/ should be a list",
    "dict_type": "「{field}」应为键值对 / should be key: value pairs",
    "model_type": "「{field}」应为键值对 / should be key: value pairs",
    "string_too_short": "「{field}」不能为空 / must not be empty",
    "too_short": "「{field}」至少要有 {min_length} 项 / needs at least {min_length}",
}


class PackModel(BaseModel):
    """Base of every pack's schema: unknown keys are errors, the result cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(PackModel):
    """A text in both languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        from django.utils.translation import get_language

        return self.en if (get_language() or "").startswith("en") and self.en else self.zh


@dataclass(frozen=True)
class Fault:
    """One thing to mend: the file, its line (from 1) and the sentence."""

    path: Path
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.sentence}"


class Absent(Fault):
    """A file names what no manifest here brings: the domain is switched off or deleted. It is left out, not wrong."""


class PackError(Exception):
    """A pack cannot be used; `faults` lists everything found at once."""

    def __init__(self, faults: list[Fault]):
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


@dataclass(frozen=True)
class Pack:
    """A kind of pack: the files `packs/<folder>/*.yaml` of every domain and of the chosen region packs.

    `load(path, thing)` puts one checked file into the database; idempotent. `rank` orders kinds (lower first).
    `check(path, thing)` returns further faults (lint) for `hexi check`.
    """

    folder: str
    schema: type[BaseModel]
    load: Callable[[Path, Any], Any]
    rank: int = 50
    check: Callable[[Path, Any], list[Fault]] | None = None


def read(path: Path, schema: type[Schema]) -> Schema:
    """One file, checked. Raises `PackError` with every fault and its line."""
    raw = path.read_bytes()
    try:
        return parse(raw.decode("utf-8"), schema, path)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise PackError([Fault(path, line, "应存为 UTF-8 / should be saved as UTF-8")]) from error


def parse(text: str, schema: type[Schema], path: Path) -> Schema:
    """As `read`, from text that came from elsewhere (an upload, an editor)."""
    node, content = _loaded(text, path)
    try:
        return schema.model_validate(content)
    except ValidationError as error:
        faults = [Fault(path, line_of(node, one["loc"]), _sentence(one)) for one in error.errors()]
        raise PackError(sorted(faults, key=lambda fault: fault.line)) from error


def _loaded(text: str, path: Path) -> tuple[yaml.Node | None, Any]:
    """The YAML as nodes with their lines and as plain values. A key that stands twice would hide the first: refused."""
    try:
        try:
            node, twice, content = _composed(_Quick(text), path)  # type: ignore[call-arg]
        except (yaml.YAMLError, RecursionError):  # once more, for the place and the words of the slow one
            node, twice, content = _composed(_Loader(text), path)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PackError([Fault(path, line, f"YAML 写法有误 / not valid YAML: {error.problem}")]) from error
    except RecursionError as error:
        raise PackError([Fault(path, 1, "层次太深 / nested too deep")]) from error
    except yaml.reader.ReaderError as error:
        line, sign = text.count("\n", 0, error.position) + 1, f"U+{ord(text[error.position]):04X}"
        raise PackError([Fault(path, line, f"有不可见的控制字符 / holds a control character: {sign}")]) from error
    if twice:
        raise PackError(twice)
    return node, content


def _composed(loader: Any, path: Path) -> tuple[yaml.Node | None, list[Fault], Any]:
    node = loader.get_single_node()
    _size(node, {})
    twice = [Fault(path, line, f"「{key}」写了两次 / stands twice") for key, line in _doubled(node, set())]
    return node, twice, None if node is None else loader.construct_document(node)


class _Days(yaml.constructor.SafeConstructor):
    """A date that does not exist is a fault of its line."""

    def construct_yaml_timestamp(self, node: yaml.ScalarNode) -> Any:
        try:
            return super().construct_yaml_timestamp(node)
        except ValueError as error:
            problem = f"没有「{node.value}」这一天 / there is no such day ({error})"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark) from error


_Days.add_constructor("tag:yaml.org,2002:timestamp", _Days.construct_yaml_timestamp)  # type: ignore[type-var]


class _Loader(_Days, yaml.SafeLoader):
    """The loader that names the place of every fault."""


class _Quick(_Days, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Ten times as fast where PyYAML came with libyaml, as its wheels do."""


def plain(text: str, path: Path) -> Any:
    """The YAML of a text as plain values. Raises `PackError` with the line of what cannot be read."""
    return _loaded(text, path)[1]


def nodes(path: Path) -> yaml.Node | None:
    """A file that was read already as nodes, for the lines of what is found wrong in it later."""
    return yaml.compose(path.read_text("utf-8"), Loader=_Quick)


#: nodes a file may have when each alias is written out; the longest shipped has some thousand
MOST_NODES = 200_000


def _size(node: yaml.Node | None, known: dict[int, int]) -> int:
    """Nodes with every alias written out. Raises for more than `MOST_NODES`: ten short lines can stand for millions."""
    if not isinstance(node, yaml.CollectionNode):
        return 1
    if id(node) not in known:
        known[id(node)] = MOST_NODES + 1  # what holds itself has no end
        parts = (one for pair in node.value for one in pair) if isinstance(node, yaml.MappingNode) else node.value
        known[id(node)] = 1 + sum(_size(one, known) for one in parts)
    if known[id(node)] > MOST_NODES:
        problem = "引用（* 和 &）展开后太大，请直接写出来 / aliases (* and &) stand for too much: write it out"
        raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
    return known[id(node)]


def _doubled(node: yaml.Node | None, seen: set[int]) -> Iterator[tuple[str, int]]:
    """Keys that stand twice in one mapping, each with the line of the second."""
    if node is None or id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        keys: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in keys:
                yield name, key.start_mark.line + 1
            keys.add(name)
            yield from _doubled(value, seen)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _doubled(item, seen)


def line_of(node: yaml.Node | None, where: tuple[Any, ...]) -> int:
    """The line (from 1) in the composed YAML of the thing a path of keys and indices leads to, or of its parent."""
    line = node.start_mark.line + 1 if node else 1
    for step in where:
        if isinstance(node, yaml.MappingNode):
            # what was taken over from an anchor stands first, what replaces it later
            pair = next(((key, value) for key, value in reversed(node.value) if key.value == str(step)), None)
            if pair is None:
                continue  # a union's tag, or the missing key itself
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
    return line


def _sentence(error: Any) -> str:
    where = ".".join(str(step) for step in error["loc"]) or "/"
    pattern = SENTENCES.get(error["type"])
    if pattern is None:
        return f"「{where}」{error['msg'].removeprefix('Value error, ')}"
    return pattern.format(field=where, **error.get("ctx", {}))


def homes() -> Iterator[Path]:
    """Folders that may hold packs: each manifest's `packs/`, then the chosen regions' folders."""
    for manifest in manifests():
        yield manifest.home / "packs"
    for name in settings.HEXI_REGION_PACKS:
        yield settings.HEXI_PACKS / name


def files(folder: str) -> list[Path]:
    """All YAML files of one kind, in the order they are loaded."""
    return [path for home in homes() for path in sorted((home / folder).glob("*.yaml"))]


def digest(content: Any) -> str:
    """SHA-256 of a JSON-like value in one canonical form: the version of a definition.

    What a pack does not say is left out, so that a schema that learns a new word makes no new version of anything.
    """
    if isinstance(content, BaseModel):
        content = content.model_dump(mode="json", exclude_defaults=True)
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
