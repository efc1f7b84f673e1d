"""What alerts announce. Domains open dispatch cases when one is published and close them when it ends."""

from hexi.kernel.hooks import Hook

alert_published = Hook(
    "alerts.alert_published", ("alert", "by"), "Signed and public: a first alert, an update or a cancellation (`kind`)."
)
area_found = Hook(
    "alerts.area_found", ("alert", "divisions", "by"),
    "All in its area have been looked for: the divisions in which ground (cells) was found. May be rung again.",
)  # fmt: skip
alert_ended = Hook("alerts.alert_ended", ("alert", "why"), "No longer in force: expired, updated or cancelled.")
fetch_wanted = Hook("alerts.fetch_wanted", ("source",), "A source of other people's alerts is to be asked soon.")
