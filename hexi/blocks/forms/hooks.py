"""Moments of a draft that blocks and domains may listen to."""

from hexi.kernel.hooks import Hook

draft_started = Hook("forms.started", ("draft", "by"), "Somebody begins to fill in a form; what is known may be added.")
