"""The demo's rows: one data set of the story, loaded twice with rows that were wrong, and a file that waits."""

import io
from collections.abc import Iterator
from datetime import date, timedelta

from hexi.blocks.catalog.models import Entry, State
from hexi.blocks.catalog.operations import loads, placing
from hexi.blocks.catalog.queries.loads import fields_of
from hexi.blocks.catalog.store import files
from hexi.kernel import clock
from hexi.kernel.actors import System

BY = System("demo")
#: the entry of the story whose rows are made up, and its stations
TITLE, STATIONS = "空气质量日报（演示）", ("新市区", "老市区", "赤金镇")
MAIN = ("", "PM10", "O3", "PM2.5")
#: days ago on which it was loaded; the last is before the story says it was brought up to date
LOADED = (40, 10)


def tell() -> int:
    """Once, where the story's entry and the libraries are there; how many loads were told."""
    entry = Entry.objects.filter(title=TITLE, state=State.PUBLISHED, source=None).first()
    if entry is None or not files.available():
        return 0
    source = placing.set_source(entry, way="file", most_bad=20, by=BY)
    for ago in LOADED:
        with clock.told_at(clock.now() - timedelta(days=ago)):
            content = _csv(clock.today(), 90)
            load = loads.hand_in(source, io.BytesIO(content.encode("gb18030")), f"air-{clock.today()}.csv", by=BY)
            loads.confirm(load, fields_of(load.seen["fields"]), by=BY)
            loads.run(load, by=BY)
        source.refresh_from_db()
    changed = _csv(clock.today(), 5).replace("main", "primary", 1)
    loads.hand_in(source, io.BytesIO(changed.encode()), "air-new-format.csv", by=BY)
    return len(LOADED) + 1


def _csv(last: date, days: int) -> str:
    """Three stations a day; two lines as somebody mistyped them."""
    lines = ["station,day,aqi,main", *_lines(last, days)]
    if days > 10:
        lines[7] = lines[7].replace("-", "月", 1)
        lines[20] = lines[20].rpartition(",")[0].rpartition(",")[0] + ",缺测,"
    return "\n".join(lines) + "\n"


def _lines(last: date, days: int) -> Iterator[str]:
    for ago in range(days, 0, -1):
        day = last - timedelta(days=ago)
        for place, station in enumerate(STATIONS):
            aqi = 30 + (day.toordinal() * 17 + place * 29) % 90
            yield f"{station},{day},{aqi},{MAIN[aqi % 4] if aqi > 50 else ''}"
