"""Moments of an emergency event that others may listen to."""

from hexi.kernel.hooks import Hook

event_opened = Hook("emergency.opened", ("event", "by"), "An event is opened; its first tasks run.")
task_given = Hook("emergency.task", ("task", "by"), "A unit is given a task with minutes.")
level_changed = Hook("emergency.level", ("event", "by"), "The level is raised or lowered.")
event_closed = Hook("emergency.closed", ("event", "by"), "Closed by the head, with its report.")
alert_followed = Hook(
    "emergency.alert", ("event", "said", "proposal", "by"), "The warning that opened the event has changed or ended."
)
