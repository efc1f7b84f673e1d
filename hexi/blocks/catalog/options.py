"""Settings of the catalogue."""

from hexi.kernel.options import Option

AGAIN_DAYS = Option(
    "catalog.overdue_again_days", int, 7,
    "数据更新逾期，隔几天再提醒提供方一次。 / Days after which the provider of an overdue data set is told again.",
)  # fmt: skip
SAMPLE = Option(
    "catalog.quality_sample", int, 20_000,
    "夜间测数据质量最多看多少行。 / Rows of a data set that are looked at when its quality is measured at night.",
)  # fmt: skip
FAILURES = Option(
    "catalog.source_failures", int, 3,
    "连续几次取不到数，告诉提供方。 / Failures in a row after which the provider of a source is told.",
)  # fmt: skip
