"""Options of the clocks; stands beside models."""

from hexi.kernel.options import Option

DAY_ENDS = Option(
    "calendars.day_ends", str, "day", 'When a last day ends: "day" (24:00) or "office" (end of office hours).'
)
NEAR_PERCENT = Option(
    "calendars.near_percent", int, 20, "A clock is near when no more than this part of its limit is left."
)
NEAR_DAYS = Option("calendars.near_days", int, 1, "A clock in days is near when no more than so many days are left.")
IMPORT_BYTES = Option("calendars.import_bytes", int, 1_000_000, "Largest list of days that may be imported, in bytes.")
IMPORT_ROWS = Option("calendars.import_rows", int, 2_000, "Most rows a list of days may have.")
