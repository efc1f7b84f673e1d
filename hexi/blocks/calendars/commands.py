"""`hexi calendars seed` and `hexi calendars compare`."""

import argparse

from hexi.blocks.calendars import operations, published
from hexi.kernel import clock
from hexi.kernel.actors import System


def seed(arguments: argparse.Namespace) -> None:
    """Fill the nation's calendar and say what was added and which years are not announced."""
    stored = operations.seed(by=System("calendars.seed"))
    years = published.years(clock.today().year + 1)
    print(f"✓ {years[0]}–{years[-1]}：新增 {stored.added} 天 / {stored.added} days added")
    for year in years:
        if not published.announced(year):
            print(f"  {year} 年放假安排尚未公布 / holidays of {year} are not announced yet")


def prepare() -> None:
    """What `hexi setup` does each time."""
    operations.seed(by=System("calendars.seed"))


def compare(arguments: argparse.Namespace) -> None:
    """Print, per year, the days on which the two packages differ and what is taken."""
    for year in published.years(clock.today().year + 1):
        differences = published.differences(year)
        said = "" if published.announced(year) else " · 尚未公布 / not announced"
        print(f"{year}  {published.source(year)}{said}  {len(differences)} 处不同 / differ")
        for day in differences:
            print(
                f"  {day.date} {day.date:%a}  chinesecalendar {day.chinesecalendar or '—':<5} "
                f"holidays {day.holidays:<5} → {day.taken:<5} {day.source}"
            )
