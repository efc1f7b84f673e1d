"""Dates, spans, money, sizes and masks as people read them, in the language of the request. Pure functions."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from hexi.kernel.clock import CHINA, today

WEEK = "一二三四五六日"


def english() -> bool:
    """True if the visitor reads English."""
    return (get_language() or "").startswith("en")


def _local(value: date) -> date:
    return value.astimezone(CHINA) if isinstance(value, datetime) and value.tzinfo else value


_paper: ContextVar[bool] = ContextVar("paper", default=False)


@contextmanager
def on_paper() -> Iterator[None]:
    """Days in full, with the year and without the weekday, as papers that outlive the year need them."""
    token = _paper.set(True)
    try:
        yield
    finally:
        _paper.reset(token)


def day(value: date | None) -> str:
    """11月26日（周四）/ Thu 26 Nov; with the year when it is not this one. Nothing for None."""
    if value is None:
        return ""
    value = _local(value)
    if _paper.get():
        return f"{value.day} {value:%B} {value.year}" if english() else f"{value.year}年{value.month}月{value.day}日"
    other_year = value.year != today().year
    if english():
        return f"{value:%a} {value.day} {value:%b}" + (f" {value.year}" if other_year else "")
    return (f"{value.year}年" if other_year else "") + f"{value.month}月{value.day}日（周{WEEK[value.weekday()]}）"


def moment(value: datetime | None) -> str:
    """The day and the time, 11月26日（周四）09:30 / Thu 26 Nov, 09:30, in China's time."""
    if value is None:
        return ""
    return f"{day(value)}{', ' if english() else ' '}{_local(value):%H:%M}"


def span(value: timedelta | float | None) -> str:
    """A length of time (timedelta or seconds) in its two largest units: 3天4小时 / 3 days 4 hours."""
    if value is None:
        return ""
    seconds = int(value.total_seconds() if isinstance(value, timedelta) else value)
    minutes = max(abs(seconds) // 60, 0)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [
        ngettext("%(n)s天", "%(n)s天", days) % {"n": days} if days else "",
        ngettext("%(n)s小时", "%(n)s小时", hours) % {"n": hours} if hours else "",
        ngettext("%(n)s分钟", "%(n)s分钟", rest) % {"n": rest} if rest or minutes == 0 else "",
    ]
    return (" " if english() else "").join([part for part in parts if part][:2])


def money(fen: int | None) -> str:
    """Fen as yuan: 1250 → ¥12.50, 123456789 → ¥1,234,567.89."""
    if fen is None:
        return ""
    return f"{'-' if fen < 0 else ''}¥{Decimal(abs(fen)) / 100:,.2f}"


def number(value: float | None) -> str:
    """With thousands separators: 17718 → 17,718."""
    return "" if value is None else f"{value:,}"


def size(octets: int | None) -> str:
    """Bytes as B, kB, MB or GB (1 kB = 1,000 B): 1534000 → 1.5 MB."""
    if octets is None:
        return ""
    amount, unit = float(octets), "B"
    for larger in ("kB", "MB", "GB"):
        if amount < 999.5:
            break
        amount, unit = amount / 1000, larger
    return f"{amount:.0f} {unit}" if unit == "B" or amount >= 99.95 else f"{amount:.1f} {unit}"


def mask_id(value: str | None) -> str:
    """An identity number or credit code with only its ends: 6209**********1234."""
    if not value:
        return ""
    return "*" * len(value) if len(value) < 9 else value[:4] + "*" * (len(value) - 8) + value[-4:]


def mask_name(value: str | None) -> str:
    """A person's name with only the surname: 张三 → 张*, 欧阳娜娜 → 欧***."""
    return value[:1] + "*" * (len(value) - 1) if value else ""


def mask_phone(value: str | None) -> str:
    """A phone number with only its ends: 100****0001."""
    return value[:3] + "*" * (len(value) - 7) + value[-4:] if value and len(value) > 7 else "*" * len(value or "")


def yes_no(value: bool) -> str:
    """是 / 否."""
    return _("是") if value else _("否")
