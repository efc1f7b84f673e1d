"""Options of the market; stands beside models."""

from hexi.kernel.options import Option

MISSES = Option("market.misses", int, 3, "Appointments missed within market.miss_days that make booking pause.")
MISS_DAYS = Option("market.miss_days", int, 90, "Within how many days missed appointments are counted.")
PAUSE_DAYS = Option("market.pause_days", int, 30, "For how many days booking then pauses (walking in stays open).")
GRACE = Option("market.grace_minutes", int, 15, "Minutes after the end of a booked time that one may still arrive.")
MOST_OPEN = Option("market.most_open", int, 3, "Appointments one person may have ahead of him at once.")
