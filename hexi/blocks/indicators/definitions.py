"""What an indicator is: the schema of packs `indicators/*.yaml`, its lint, and all that are in force. Pure."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field as Given
from pydantic import StringConstraints

from hexi.blocks.indicators.counted import sources
from hexi.kernel import packs
from hexi.kernel.packs import Fault, PackModel, Words

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$", max_length=60)]
BoardKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$", max_length=60)]


class Indicator(PackModel):
    """A figure: its name, unit and meaning, and how it is made of facts.

    It is the sum of `sum`; with `over`, that sum divided by the sum of `over`, times `times` (100: percent).
    `better` says in which direction things improve. `public` figures are shown to everybody.
    """

    key: Key
    title: Words
    unit: Words
    meaning: Words
    sum: tuple[Key, ...] = Given(min_length=1)
    over: tuple[Key, ...] = ()
    times: int = Given(default=1, ge=1)
    better: Literal["more", "less", "neither"] = "neither"
    decimals: int = Given(default=0, ge=0, le=4)
    public: bool = True
    source: Words | None = None

    @property
    def facts(self) -> tuple[str, ...]:
        """Everything it is made of."""
        return (*self.sum, *self.over)

    def value(self, amounts: Mapping[str, int]) -> Decimal | None:
        """The figure from the amounts of its facts, rounded half up; None if there is nothing to divide by."""
        above = Decimal(sum(amounts.get(key, 0) for key in self.sum))
        if self.over:
            below = sum(amounts.get(key, 0) for key in self.over)
            if not below:
                return None
            above = above * self.times / below
        return above.quantize(Decimal(1).scaleb(-self.decimals), ROUND_HALF_UP)


class Board(PackModel):
    """Several figures side by side on one page."""

    key: BoardKey
    title: Words
    lead: Words
    indicators: tuple[Key, ...] = Given(min_length=1)


class IndicatorsFile(PackModel):
    """A file `packs/indicators/*.yaml`."""

    indicators: tuple[Indicator, ...] = ()
    boards: tuple[Board, ...] = ()


def load(path: Path, file: IndicatorsFile) -> None:
    """Definitions are read from the files; there is nothing to store."""


def check(path: Path, file: IndicatorsFile) -> list[Fault]:
    """Facts that nobody counts, boards of unknown figures."""
    known = {one.key for other in packs.files("indicators") for one in packs.read(other, IndicatorsFile).indicators}
    known |= {one.key for one in file.indicators}
    faults = [
        Fault(path, 1, f"「{one.key}」：没有人统计 {key} / nobody counts this fact")
        for one in file.indicators
        for key in one.facts
        if key not in sources()
    ]
    return faults + [
        Fault(path, 1, f"「{board.key}」：没有指标 {key} / there is no such indicator")
        for board in file.boards
        for key in board.indicators
        if key not in known
    ]


def indicators() -> dict[str, Indicator]:
    """Every indicator by key; a later file (a region's) replaces the house's own."""
    return _read(_stamps())[0]


def boards() -> dict[str, Board]:
    """Every board by key."""
    return _read(_stamps())[1]


def _stamps() -> tuple[tuple[Path, int], ...]:
    return tuple((path, path.stat().st_mtime_ns) for path in packs.files("indicators"))


@lru_cache(maxsize=1)
def _read(files: tuple[tuple[Path, int], ...]) -> tuple[dict[str, Indicator], dict[str, Board]]:
    found = [packs.read(path, IndicatorsFile) for path, _stamp in files]
    return (
        {one.key: one for file in found for one in file.indicators},
        {one.key: one for file in found for one in file.boards},
    )
