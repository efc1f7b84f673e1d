"""What the market announces."""

from hexi.kernel.hooks import Hook

booked = Hook("market.booked", ("booking", "by"), "A place is held for somebody.")
called = Hook("market.called", ("ticket", "by"), "A number is called to a window, once or again.")
