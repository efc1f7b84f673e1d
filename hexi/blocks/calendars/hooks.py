"""What calendars announce."""

from hexi.kernel.hooks import Hook

calendar_changed = Hook(
    "calendars.changed",
    ("calendar", "first", "last", "by"),
    "Days from `first` through `last` (dates) may be other days now in the calendar's region and all regions below it "
    "(code prefix: `queries.prefix(calendar)`): recompute every clock that reaches them. Rung before the commit.",
)
