"""Options: declared where they are used, read from `hexi.toml` and `HEXI_*`, unknown keys refused."""

import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from hexi.kernel.manifest import added

Value = TypeVar("Value")
_MISSING = object()
_overridden: dict[str, Any] = {}
#: names in the environment that are not options: where the file is, the name of the test database
RESERVED = {"HEXI_CONFIG", "HEXI_TEST_DB"}
TRUTH = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}


class OptionError(Exception):
    """A setting cannot be used; the sentence says which and what would be right."""


@dataclass(frozen=True)
class Option(Generic[Value]):
    """One setting: `key` "block.name", its type, its default, one sentence "中文 / English".

    The environment (`HEXI_BLOCK_NAME`) wins over the file (`[block] name = …`). List it in the manifest's `adds`.
    """

    key: str
    type: type[Value]
    default: Value
    about: str
    secret: bool = False
    #: raises ValueError for a value of the right type that cannot be used all the same
    sound: Callable[[Value], Any] | None = None

    @cached_property
    def variable(self) -> str:
        """The name in the environment."""
        return "HEXI_" + self.key.replace(".", "_").upper()

    def told(self, language: str) -> str:
        """The sentence in "zh" or "en" alone; as it stands for another language, or if it is in one only."""
        chinese, between, english = self.about.partition(" / ")
        return {"zh": chinese, "en": english}.get(language, self.about) if between else self.about

    @property
    def value(self) -> Value:
        """The value in force."""
        if self.key in _overridden:
            return cast(Value, _overridden[self.key])
        raw = os.environ.get(self.variable, _MISSING)
        if raw is _MISSING:
            raw = given().get(self.key, _MISSING)
        return self.default if raw is _MISSING else self._read(raw)

    def _read(self, raw: Any) -> Value:
        shown = "***" if self.secret else repr(raw)
        try:
            value = cast(Value, self._from_text(raw) if isinstance(raw, str) else self._from_file(raw))
        except (KeyError, ValueError):
            wanted = self.type.__name__
            raise OptionError(f"{self.key}: {shown} 不是 {wanted} / must be {wanted}. {self.about}") from None
        try:
            if self.sound is not None:
                self.sound(value)
        except ValueError as error:
            raise OptionError(f"{self.key}: {shown} 不能用 / cannot be used: {error}. {self.about}") from None
        return value

    def _from_text(self, raw: str) -> Any:
        if self.type is bool:
            return TRUTH[raw.lower()]
        if self.type is list:
            return [part.strip() for part in raw.split(",") if part.strip()]
        return self.type(raw)  # type: ignore[call-arg]

    def _from_file(self, raw: Any) -> Any:
        """A value TOML has typed itself: no number for a word, no yes for a number."""
        right = isinstance(raw, self.type) and not (self.type is int and isinstance(raw, bool))
        if self.type is list and right:
            right = all(isinstance(one, str) for one in raw)
        if not right and not (self.type is float and type(raw) is int):
            raise ValueError(raw)
        return self.type(raw)  # type: ignore[call-arg]


def file() -> Path:
    """Where the settings file is looked for."""
    return Path(os.environ.get("HEXI_CONFIG", "hexi.toml"))


@cache
def given() -> Mapping[str, Any]:
    """What the file says, as {"block.name": value}."""
    if not file().exists() and "HEXI_CONFIG" not in os.environ:
        return {}
    try:
        content = tomllib.loads(file().read_text("utf-8"))
    except (OSError, ValueError) as error:  # not there, not UTF-8, not TOML
        raise OptionError(f"{file()}: {error}") from error
    flat: dict[str, Any] = {}
    for section, values in content.items():
        if not isinstance(values, dict):
            raise OptionError(f"{file()}: {section}: 应写在一个 [段] 里 / belongs into a [section]")
        flat.update({f"{section}.{name}": value for name, value in values.items()})
    return flat


def check() -> None:
    """Refuse what nobody declared, and every value of the wrong type."""
    declared = {option.key: option for option in added(Option)}
    unknown = [f"{file()}: {key}" for key in given() if key not in declared]
    variables = {option.variable for option in declared.values()} | RESERVED
    unknown += [name for name in os.environ if name.startswith("HEXI_") and name not in variables]
    if unknown:
        raise OptionError("没有这些选项 / no such options: " + ", ".join(sorted(unknown)) + "（hexi options）")
    for option in declared.values():
        _ = option.value


@contextmanager
def override(option: Option[Any], value: Any) -> Iterator[None]:
    """Another value for the length of a `with`: for tests."""
    before = _overridden.get(option.key, _MISSING)
    _overridden[option.key] = value
    try:
        yield
    finally:
        if before is _MISSING:
            del _overridden[option.key]
        else:
            _overridden[option.key] = before


def reference(language: str = "") -> str:
    """All options as a table for `hexi options`; in "zh" or "en" alone, else in both."""
    lines = []
    for option in sorted(added(Option), key=lambda one: one.key):
        shown = "***" if option.secret else repr(option.default)
        about = option.told(language)
        lines.append(f"{option.key}  ({option.type.__name__}, {shown})\n    {about}\n    {option.variable}")
    return "\n".join(lines)
