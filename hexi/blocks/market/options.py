"""Options of the market; stands beside models."""

from hexi.kernel.options import Option

MISSES = Option(
    "market.misses", int, 3,
    "在 market.miss_days 天内爽约几次暂停预约。 / Appointments missed within market.miss_days that make booking pause.",
)  # fmt: skip
MISS_DAYS = Option(
    "market.miss_days", int, 90, "在多少天内累计爽约次数。 / Within how many days missed appointments are counted."
)
PAUSE_DAYS = Option(
    "market.pause_days", int, 30,
    "暂停预约几天（现场取号不受影响）。 / For how many days booking then pauses (walking in stays open).",
)  # fmt: skip
GRACE = Option(
    "market.grace_minutes", int, 15,
    "预约时段结束后几分钟内还可以到场。 / Minutes after the end of a booked time that one may still arrive.",
)  # fmt: skip
MOST_OPEN = Option(
    "market.most_open", int, 3,
    "一个人同时最多有几个未到的预约。 / Appointments one person may have ahead of him at once.",
)  # fmt: skip
