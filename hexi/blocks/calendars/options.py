"""Options of the clocks; stands beside models."""

from hexi.kernel.options import Option

DAY_ENDS = Option(
    "calendars.day_ends", str, "day",
    "期限的最后一天到几点：“day”（24 时）或 “office”（下班）。 / "
    'When a last day ends: "day" (24:00) or "office" (end of office hours).',
)  # fmt: skip
NEAR_PERCENT = Option(
    "calendars.near_percent", int, 20,
    "期限剩下不超过百分之几算临近。 / A clock is near when no more than this part of its limit is left.",
)  # fmt: skip
NEAR_DAYS = Option(
    "calendars.near_days", int, 1,
    "按日计的期限，剩下不超过几天算临近。 / A clock in days is near when no more than so many days are left.",
)  # fmt: skip
IMPORT_BYTES = Option(
    "calendars.import_bytes", int, 1_000_000,
    "导入放假安排的文件最大字节数。 / Largest list of days that may be imported, in bytes.",
)  # fmt: skip
IMPORT_ROWS = Option("calendars.import_rows", int, 2_000, "导入放假安排最多几行。 / Most rows a list of days may have.")
