"""Moments of an application for data that others may listen to."""

from hexi.kernel.hooks import Hook

asked = Hook("sharing.asked", ("application", "by"), "An office asks for data; the provider is to decide.")
decided = Hook("sharing.decided", ("application", "by"), "Granted, refused or given back: see the state of its case.")
