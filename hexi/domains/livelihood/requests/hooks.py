"""Moments in an order's life that others may listen to."""

from hexi.kernel.hooks import Hook

request_received = Hook("requests.received", ("request", "by"), "An order came in and has its number.")
request_dispatched = Hook("requests.dispatched", ("request", "by"), "An order went to an office.")
request_returned = Hook("requests.returned", ("request", "by"), "An office gave an order back: not its business.")
request_noted = Hook("requests.noted", ("request", "by"), "The first word of a two-step answer.")
request_answered = Hook("requests.answered", ("request", "by"), "An office answered; the caller is asked.")
request_redone = Hook("requests.redone", ("request", "by"), "Unsolved or unsatisfied, or taken up again.")
request_refused = Hook("requests.refused", ("request", "by"), "Not accepted; the next owner is named.")
request_closed = Hook("requests.closed", ("request", "by"), "Over.")
request_merged = Hook("requests.merged", ("request", "by"), "The same matter as another order, which it follows.")
request_extended = Hook("requests.extended", ("request", "by"), "The head of the office added working days.")
request_again = Hook("requests.again", ("request", "by"), "The order it follows is to be done again: it follows anew.")
request_led = Hook("requests.led", ("request", "by"), "An order that followed another went where that one went.")
merge_asked = Hook(
    "requests.merge_asked", ("lead", "orders", "account", "by"), "Many reports of one matter are to follow one of them."
)
mail_follow_asked = Hook(
    "requests.mail_follow_asked", ("follow", "by"), "Somebody wants to hear of an order by e-mail."
)
request_published = Hook("requests.published", ("request", "by"), "Question and answer can be read by everybody.")
request_pictured = Hook("requests.pictured", ("request", "by"), "An office took a photo of what it did.")
request_urged = Hook("requests.urged", ("request", "by"), "Somebody asks where the answer is.")
seat_changed = Hook("requests.seat_changed", ("seat", "by"), "An operator sat down, paused or is ready for calls.")
#: steps that whoever follows an order hears of
STEPS = (request_dispatched, request_noted, request_answered, request_redone, request_refused, request_merged,
         request_extended, request_again, request_closed, request_published)  # fmt: skip
