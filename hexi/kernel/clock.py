"""The time everything is done at: the real clock, or in a demo the real clock moved by a set number of seconds."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.utils import timezone

CHINA = ZoneInfo("Asia/Shanghai")
_moved: dict[str, object] = {"file": None, "stamp": None, "seconds": 0.0}
_told: ContextVar[datetime | None] = ContextVar("told", default=None)


def now() -> datetime:
    """This moment, aware; use it for every stored time (the demo moves it)."""
    return _told.get() or timezone.now() + timedelta(seconds=offset())


@contextmanager
def told_at(moment: datetime) -> Iterator[None]:
    """Inside, it is `moment`: the demo's story is told from the past on. For this thread and task alone."""
    token = _told.set(moment)
    try:
        yield
    finally:
        _told.reset(token)


def today() -> date:
    """This day in China."""
    return now().astimezone(CHINA).date()


def local_day(moment: datetime) -> date:
    """The day in China on which a moment falls."""
    return moment.astimezone(CHINA).date()


def use_file(path: Path | None) -> None:
    """Let the demo clock be kept in this file, shared by all processes; None: the real clock."""
    _moved.update(file=path, stamp=None, seconds=0.0)


def offset() -> float:
    """Seconds the demo clock runs ahead; 0 outside a demo."""
    path = _moved["file"]
    if path is None:
        return 0.0
    try:
        stamp = path.stat().st_mtime_ns  # type: ignore[attr-defined]
    except FileNotFoundError:
        return 0.0
    if stamp != _moved["stamp"]:
        _moved.update(stamp=stamp, seconds=float(path.read_text() or 0))  # type: ignore[attr-defined]
    return _moved["seconds"]  # type: ignore[return-value]


def move(seconds: float) -> None:
    """Move the demo clock forward by seconds (0: back to the real time). Written whole, then renamed."""
    path = _moved["file"]
    if path is None:
        raise RuntimeError("the clock can be moved only in a demo")
    total = offset() + seconds if seconds else 0.0
    part = path.with_suffix(".part")  # type: ignore[attr-defined]
    part.write_text(str(total))
    part.replace(path)
