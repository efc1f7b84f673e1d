"""Moments of a petition that others may listen to."""

from hexi.kernel.hooks import Hook

petition_received = Hook("petitions.received", ("petition", "by"), "A petition is registered and has its number.")
petition_told = Hook("petitions.told", ("petition", "by"), "The petitioner gets a numbered notice.")
petition_concluded = Hook("petitions.concluded", ("petition", "by"), "An opinion is written (level 1, 2 or 3).")
handler_named = Hook("petitions.named", ("petition", "account", "by"), "Somebody is named to handle it.")
